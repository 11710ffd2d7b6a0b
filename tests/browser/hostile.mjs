// hostile.mjs USHER SCREENSHOTS - what must not happen to the pages of `usher demo`: somebody whose name, address and groups are markup and script signs
// in and is pushed, and is text on every page that shows them; a colleague who was removed or demoted sends forms that were open before; forms are sent
// twice; two admins save at once; far too much is pasted. Each ends in a clear page, with nothing lost and nothing applied twice. Ends with "N passed, N failed".
import { open } from "./demo.mjs";
import { send, text, worked } from "./pages.mjs";

const [usher, shots] = process.argv.slice(2);
const { at, size, check, person, operator, judge, shoot, run } = await open({ usher, shots, first: 25000, harmless: [400, 401, 403, 404, 409, 413, 422] });
const [gateway, idp, wiki] = [0, 1, 2].map(at);
const work = `${gateway}/admin/acme-work`;

const NAME = `"><img src=x onerror="pwned=1"><script>pwned=2</script>`;
const EMAIL = "x'onfocus='pwned=3'autofocus&{{7*7}}@acme.test";
const GROUPS = ["<script>pwned=4</script>", `"><svg onload=pwned=5>`, "javascript:pwned=6", "${7*7}{{7*7}}", "acme-everyone", "studio-team"];

/** At the demo identity provider, whoever has this address. */
async function continueAs(page, email) {
  await page.waitForURL((url) => url.href.startsWith(idp));
  await page.locator("ul.people > li", { hasText: email }).first().locator("button[name=person]").click();
  await page.waitForURL((url) => !url.href.startsWith(idp));
}

async function signedIn(email, to = "") {
  const page = await person();
  await page.goto(`${gateway}/sign-in/acme${to && `?return_to=${encodeURIComponent(to)}`}`);
  await continueAs(page, email);
  return page;
}

/** Nothing of it is more than text; where `shows` is given, it is there as text. */
async function inert(page, name, shows = []) {
  await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
  const found = await page.evaluate(() => ({
    pwned: globalThis.pwned,
    elements: [...document.querySelectorAll("img, svg, script, iframe, [autofocus]:not(#email)")].map((one) => one.outerHTML.slice(0, 120)).filter((html) => !/<img src="[^"]*\/static\/[^"]*icon|<script src="\/static\//.test(html)),
    handlers: [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes].filter((attribute) => /^on/i.test(attribute.name) || /^\s*javascript:/i.test(attribute.value) && /^(href|src|action|formaction)$/i.test(attribute.name)).map((attribute) => `${one.tagName} ${attribute.name}`)),
  }));
  check(`${name}: nothing runs`, found.pwned === undefined && found.handlers.length === 0 && found.elements.length === 0, JSON.stringify(found));
  const all = `${await text(page)} ${await page.evaluate(() => [...document.querySelectorAll("main input, main textarea, main option")].map((one) => `${one.value} ${one.label ?? ""}`).join(" "))}`;
  for (const one of shows) check(`${name}: ${one} is shown as text`, all.includes(one), all);
}

async function attributes() {
  const admin = await person();
  await admin.goto(`${idp}/people`);
  await admin.locator("details#new summary").click();
  await admin.fill("#name-new", NAME);
  await admin.fill("#email-new", EMAIL);
  await admin.fill("#more-new", GROUPS.join("\n"));
  await admin.locator("details#new button").click();
  check("the identity provider knows the person", (await text(admin)).includes(EMAIL), await text(admin));

  // The person's own pages.
  const mallory = await signedIn(EMAIL);
  await inert(mallory, "launcher", [NAME]);
  await mallory.goto(`${gateway}/account`);
  await inert(mallory, "account");
  await mallory.goto(`${wiki}/`);
  check("an application gets the name as it is", mallory.url().startsWith(wiki), mallory.url());
  await mallory.goto(`${at(4)}/`);
  await inert(mallory, "refused at an application");
  const refused = await signedIn(EMAIL, at(5));
  await inert(refused, "refused");

  await admin.goto(`${idp}/push`);
  await admin.click('button:has-text("Push everything")');
  const page = await operator();
  await page.goto(`${gateway}/operator/connections/acme`);
  await page.click('form[action$="/test"] button');
  await continueAs(page, EMAIL);
  await page.waitForURL((url) => url.href.startsWith(`${gateway}/operator/tests/`));
  await inert(page, "report of a test", [NAME, EMAIL, ...GROUPS]);
  await judge(page, "report of a test, with markup in it");
  await shoot(page, "hostile-report");

  await page.goto(`${work}/members`);
  const address = await page.locator("main tbody tr", { hasText: EMAIL }).locator("a").first().getAttribute("href");
  const who = encodeURIComponent(EMAIL);
  for (const [name, path, shows] of [
    ["members", "/admin/acme-work/members", [NAME, EMAIL]],
    ["search", `/admin/acme-work/members?q=${encodeURIComponent(NAME)}`, [NAME]],
    ["member", address, [NAME, EMAIL, GROUPS[0], GROUPS[1]]],
    ["role", `${address}/role`, [EMAIL]],
    ["seat", `${address}/seat`, [EMAIL]],
    ["removal", `${address}/remove`, [EMAIL]],
    ["events", "/admin/acme-work/events", [EMAIL]],
    ["explain", `/admin/acme-work/explain?email=${who}`, [EMAIL]],
    ["explain other groups", `/admin/acme-work/explain?email=${who}&groups=${encodeURIComponent(GROUPS.join("\n"))}`, [GROUPS[0]]],
    ["identity", "/admin/acme-work/identity", [GROUPS[0], GROUPS[1]]],
    ["application", `/admin/acme-work/applications/wiki?email=${who}`, []],
    ["users", "/admin/acme-studio/directory/users", [EMAIL]],
    ["groups", "/admin/acme-studio/directory/groups", [GROUPS[0], GROUPS[1]]],
    ["requests", "/admin/acme-studio/directory/requests", []],
    ["mismatches", "/admin/acme-studio/directory/mismatches", []],
    ["queue", "/admin/acme-studio/billing", []],
    ["runs", "/admin/acme-studio/runs", []],
    ["overview", "/admin/acme-work", []],
    ["domains", "/operator/parents/acme/domains", []],
    ["switch", "/operator/connections/acme/switch?to=acme-next", [EMAIL]],
  ]) {
    await page.goto(`${gateway}${path}`);
    await inert(page, name, shows);
  }
  // The sign-in itself: the decision, and the message as it came.
  await page.goto(`${gateway}/admin/acme-work/events?person=${who}`);
  await page.goto(`${gateway}${address}`);
  const decided = await page.locator('a[href*="/events/"]').evaluateAll((all) => all.map((one) => one.getAttribute("href")).find((href) => /\/events\/[0-9A-Z-]+$/.test(href)));
  if (decided) {
    await page.goto(`${gateway}${decided}`);
    await inert(page, "decision", [EMAIL, GROUPS[0]]);
    const message = page.locator('main a[href$="/message"]').first();
    if (await message.count()) {
      await message.click();
      await inert(page, "message");
    }
  }
  check("there is a decision to look at", Boolean(decided), decided);

  // Mapped, a group of that name is text in the draft, the preview and the problem.
  await page.goto(`${work}/identity`);
  await page.fill("#role-admin", GROUPS[1]);
  await page.click('button[value="add:role:admin"]');
  await inert(page, "draft", [GROUPS[1]]);
  await page.click('button[value="save"]');
  await page.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  await worked(page);
  await inert(page, "preview", [EMAIL, GROUPS[1]]);
  await page.goto(`${work}/identity`);
  await page.fill("#role-admin", "x".repeat(1024));
  await page.locator("#role-admin").evaluate((field) => { field.removeAttribute("maxlength"); field.value = "<b>".repeat(2000); });
  await page.click('button[value="add:role:admin"]');
  check("a group that is too long is said beside its field", (await page.locator("#role-admin-problem").count()) === 1, await text(page));
  await inert(page, "too long");
  await page.click('button[value="discard"]');

  // The addresses of pages are what people are sent.
  for (const path of [`/admin/acme-work/members?q=${encodeURIComponent(NAME)}&show=${encodeURIComponent(NAME)}`, `/sign-in?return_to=${encodeURIComponent("javascript:pwned=1")}`, `/admin/acme-work/events?kind=${encodeURIComponent(NAME)}&person=${encodeURIComponent(NAME)}`, `/${encodeURIComponent(NAME)}`, `/signed-out?idp=${encodeURIComponent(NAME)}`, `/operator/parents/acme/connections?idp=saml&slug=${encodeURIComponent(NAME)}`]) {
    await page.goto(`${gateway}${path}`);
    await inert(page, path.slice(0, 40));
  }
}

/** Whether somebody is listed as a member. */
async function listed(page, email) {
  await page.goto(`${work}/members?q=${encodeURIComponent(email)}`);
  return (await page.locator("main tbody tr", { hasText: email }).count()) > 0;
}

async function memberPage(page, email, part = "") {
  await page.goto(`${work}/members?q=${encodeURIComponent(email)}`);
  const address = await page.locator("main tbody tr", { hasText: email }).locator("a").first().getAttribute("href");
  await page.goto(`${gateway}${address}${part}`);
  return address;
}

async function openTabs() {
  const olivia = await signedIn("owner@acme.test");
  const amir = await signedIn("admin@acme.test");
  await signedIn("user@acme.test");
  check("Anna is a member", await listed(olivia, "user@acme.test"));

  // Amir has the removal of Anna open, and is removed himself.
  await memberPage(amir, "user@acme.test", "/remove");
  await memberPage(olivia, "admin@acme.test", "/remove");
  await send(olivia);
  check("Amir is removed", !(await listed(olivia, "admin@acme.test")));
  await send(amir);
  check("the tab of a removed colleague removes nobody", await listed(olivia, "user@acme.test"), amir.url());
  check("and says that he is to sign in", amir.url().startsWith(`${gateway}/sign-in`) || /sign in/i.test(await text(amir)), `${amir.url()} ${await text(amir)}`);
  await judge(amir, "the tab of a removed colleague");
  await shoot(amir, "hostile-removed-tab");

  // Back by his group, he has a page of roles open, which an Admin may not send.
  const back = await signedIn("admin@acme.test");
  await memberPage(back, "user@acme.test", "/remove");
  await memberPage(olivia, "admin@acme.test", "/role");
  await olivia.check("#role input[value=user]");
  await send(olivia);
  await send(back);
  check("the tab of a demoted colleague removes nobody", await listed(olivia, "user@acme.test"), back.url());
  check("and says that it is not open to him", /not open to you/.test(await text(back)), await text(back));
  await judge(back, "the tab of a demoted colleague");
}

async function twice() {
  const olivia = await signedIn("owner@acme.test");
  await olivia.goto(`${work}/members/add`);
  await olivia.fill("#email", "twice@acme.test");
  await olivia.locator("main form[method=post] button[type=submit]").dblclick();
  await olivia.waitForLoadState("networkidle");
  await olivia.goto(`${work}/members?q=twice%40acme.test`);
  check("added twice, there once", (await olivia.locator("main tbody tr").count()) === 1, await text(olivia));
  await memberPage(olivia, "twice@acme.test");
  check("and recorded once", ((await text(olivia)).match(/became a member/g) ?? []).length === 1, await text(olivia));
  const address = await memberPage(olivia, "twice@acme.test", "/remove");
  const other = await olivia.context().newPage();
  await other.goto(`${gateway}${address}/remove`);
  await send(olivia);
  await send(other);
  check("removed in two windows: the second says what is the case", !/500|Something went wrong/.test(await text(other)), await text(other));
  await judge(other, "removed in a second window");
  await olivia.goto(`${gateway}/admin/acme-studio/directory/tokens`);
  const studio = await operator();
  await studio.goto(`${gateway}/admin/acme-studio/directory/tokens`);
  await studio.fill("#name", "once");
  const second = await studio.context().newPage();
  await second.goto(`${gateway}/admin/acme-studio/directory/tokens`);
  await second.fill("#name", "once");
  await send(studio);
  await send(second);
  check("a token asked for in two windows is made once", (await second.locator("#made").count()) === 0 && (await second.locator("#name-problem").count()) === 1, await text(second));
  await second.goto(`${gateway}/admin/acme-studio/directory`);
  check("and listed once", (await second.locator("main tbody tr", { hasText: "once" }).count()) === 1, await text(second));
}

async function atOnce() {
  const olivia = await signedIn("owner@acme.test");
  const mate = await operator();
  // The same settings, previewed by two.
  for (const [page, field, group] of [[olivia, "role-user", "group-of-olivia"], [mate, "role-user", "group-of-the-operator"]]) {
    await page.goto(`${work}/identity`);
    if (await page.locator('button[value="discard"]').count()) await page.click('button[value="discard"]');
    await page.fill(`#${field}`, group);
    await page.press(`#${field}`, "Enter");
    await page.click('button[value="save"]');
    await page.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
    await worked(page);
  }
  await send(olivia);
  await olivia.waitForURL((url) => !url.pathname.endsWith("/preview"));
  await send(mate);
  check("the second is shown again what saving would change", (await text(mate)).includes("Something has changed since you were shown this"), await text(mate));
  await judge(mate, "a preview that is out of date");
  await shoot(mate, "hostile-moved");
  await olivia.goto(`${work}/identity`);
  const now = await text(olivia);
  check("and nothing of the second is saved", now.includes("group-of-olivia") && !now.includes("group-of-the-operator"), now);
  await mate.goto(`${work}/identity`);
  check("whose draft is not lost", (await text(mate)).includes("group-of-the-operator"), await text(mate));
  await mate.click('button[value="discard"]');

  // The same application, changed by two.
  for (const [page, name] of [[olivia, "Wiki of Olivia"], [mate, "Wiki of the operator"]]) {
    await page.goto(`${work}/applications/wiki/edit`);
    await page.fill("#name", name);
  }
  await send(olivia);
  await send(mate);
  check("an application that somebody else has changed is said so", /Somebody else has changed/.test(await text(mate)), await text(mate));
  check("with what was typed kept", (await mate.inputValue("#name")) === "Wiki of the operator");
  await judge(mate, "an application that somebody else has changed");

  // Seats: each says how many there were when the page was made.
  for (const page of [olivia, mate]) await page.goto(`${work}/billing`);
  const field = (page) => page.locator("main form[method=post] input[inputmode=numeric], main form[method=post] input[type=number]").first();
  const before = Number(await field(olivia).inputValue());
  for (const [page, more] of [[olivia, 1], [mate, 5]]) {
    await field(page).fill(String(before + more));
    await send(page);
  }
  await olivia.goto(`${work}/billing`);
  check("seats bought twice at once are bought once", Number(await field(olivia).inputValue()) === before + 1, `${before} ${await field(olivia).inputValue()} ${await text(mate)}`);
}

async function tooMuch() {
  const page = await operator();
  await page.goto(`${gateway}/operator/parents/acme/connections?idp=saml`);
  await page.fill("#label", "Too much");
  await page.locator("#metadata").evaluate((field) => (field.value = "<x>".repeat(3 << 20)));
  await page.click("main form[method=post] button[type=submit]");
  await page.waitForLoadState();
  check("nine megabytes of metadata: a clear page", /That was too much|cannot be used/.test(await text(page)), await text(page));
  await judge(page, "too much was pasted");
  await page.goto(`${gateway}/operator`);
  check("and no connection", !(await text(page)).includes("Too much"));
  await page.setViewportSize(size);
}

await run([attributes, openTabs, twice, atOnce, tooMuch]);
