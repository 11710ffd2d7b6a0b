// walk.mjs USHER SCREENSHOTS - a real browser walks `usher demo` as a newcomer would: first sign-in, promotion, refusal, no free seat, faults,
// an answer nobody asked for, German, sign-out; the same in OpenID Connect with new keys and sign-outs from both sides; a directory that is pushed,
// a suspension, a renamed group; a move to another identity provider. On every page: axe finds nothing, the console has no error (so no CSP violation), nothing
// overflows; screenshots in light and dark, 1280 and 360 px wide. Ends with "N passed, N failed".
import { open } from "./demo.mjs";
import { refusal } from "./pages.mjs";

const [usher, shots] = process.argv.slice(2);
const { at, check, person, operator: asOperator, judgeAll, run } = await open({ usher, shots, first: 21000 });
const [gateway, idp, wiki, , , board, studio, playground] = [0, 1, 2, 3, 4, 5, 6, 7].map(at);
const seen = new Set();

/** Looks at the page in light and dark, wide and narrow, once per name. */
async function look(page, name) {
  if (seen.has(name)) return;
  seen.add(name);
  await judgeAll(page, name, [1280, 360]);
}

const h1 = (page) => page.textContent("h1");

/** At the demo identity provider: continue as somebody, perhaps with a fault. */
async function continueAs(page, name, fault) {
  await page.waitForURL((url) => url.href.startsWith(idp));
  await look(page, "idp-picker");
  if (fault) await page.selectOption("#fault", fault);
  await page.click(`button:has-text("Continue as ${name}")`);
  await page.waitForURL((url) => !url.href.startsWith(idp));
}

async function groups(page, subject, group, on) {
  await page.goto(`${idp}/people`);
  await look(page, "idp-people");
  const card = page.locator("details.person", { hasText: subject }).first();
  if ((await card.getAttribute("open")) === null) await card.locator("summary").click();
  await card.locator(`input[name=group][value="${group}"]`).setChecked(on);
  await card.locator("button:has-text('Save')").click();
}

async function story() {
  const anna = await person();
  await anna.goto(idp);
  await look(anna, "idp-tour");
  await anna.goto(`${wiki}/?x=1&y=2`);
  check("nobody is sent to sign in", anna.url().startsWith(`${gateway}/sign-in?return_to=`), anna.url());
  await look(anna, "sign-in");
  await anna.fill("#email", "somebody@unknown.example");
  await anna.click("main form button");
  check("an unknown domain is said beside the field", (await anna.textContent("[role=alert]"))?.length > 10);
  await look(anna, "sign-in-unknown");
  await anna.fill("#email", "user@acme.test");
  await anna.press("#email", "Enter");
  await continueAs(anna, "Anna");
  await anna.waitForURL(`${wiki}/?x=1&y=2`);
  check("a first sign-in makes a member", (await anna.textContent("dl.facts")).includes("user"), await anna.textContent("dl.facts"));
  check("the application verifies the signed header", (await anna.textContent("main")).includes("Verified."));
  await look(anna, "application");
  const cookie = (await anna.context().cookies()).find((one) => one.name === "usher");
  check("the session cookie", cookie?.httpOnly && cookie?.sameSite === "Lax", JSON.stringify(cookie));

  await groups(anna, "user@acme.test", "acme-admins", true);
  await anna.goto(wiki);
  check("nothing changes between sign-ins", !(await anna.textContent("dl.facts")).includes("admin"));
  await anna.goto(`${gateway}/sign-in/acme?return_to=${encodeURIComponent(wiki)}`);
  await continueAs(anna, "Anna");
  await anna.waitForURL((url) => url.href.startsWith(wiki));
  check("promoted by a group", (await anna.textContent("dl.facts")).includes("admin"), await anna.textContent("dl.facts"));
  await anna.goto(gateway);
  await look(anna, "launcher");
  check("the launcher shows organization and role", (await anna.textContent("main")).includes("Acme Work"));
  await anna.goto(`${gateway}/account`);
  check("the account says why", (await anna.textContent("main")).includes("acme-admins"));
  await look(anna, "account");

  await groups(anna, "user@acme.test", "acme-admins", false);
  await groups(anna, "user@acme.test", "acme-everyone", false);
  await anna.goto(`${gateway}/sign-in/acme?return_to=${encodeURIComponent(wiki)}`);
  await continueAs(anna, "Anna");
  check("without a group: refused", (await refusal(anna)) === "no_group_access", await h1(anna));
  check("with a reference", /[0-9A-Z]{4}-[0-9A-Z]{4}/.test(await anna.textContent("dl.facts")));
  await look(anna, "refused");
  await anna.goto(wiki);
  check("and out of the application", anna.url().startsWith(`${gateway}/sign-in`), anna.url());
}

async function seats() {
  const lena = await person();
  await lena.goto(`${gateway}/sign-in/acme`);
  await continueAs(lena, "Lena");
  check("no free seat", (await refusal(lena)) === "no_free_seat", await h1(lena));
  await look(lena, "refused-no-free-seat");
}

/** Every fault of a connection's protocol, each in a browser of its own, against what the page says will come of it. */
async function faultsOf(connection, name) {
  const page = await person();
  await page.goto(`${gateway}/sign-in/${connection}`);
  const known = await page.locator("#fault option").evaluateAll((all) => all.map((one) => [one.value, one.textContent]));
  check(`${connection} has faults`, known.length > 10, known.length);
  for (const [key, words] of known.filter(([key]) => key)) {
    const visitor = await person();
    if (key === "replay") {
      // A replay needs something to repeat.
      await visitor.goto(`${gateway}/sign-in/${connection}`);
      await continueAs(visitor, name);
    }
    await visitor.goto(`${gateway}/sign-in/${connection}`);
    await continueAs(visitor, name, key);
    const code = await refusal(visitor);
    const says = [...words.matchAll(/[a-z]+_[a-z_]+/g)].map((match) => match[0]);
    const fits = says.length ? says.includes(code) : code === null && visitor.url().startsWith(gateway);
    check(`${connection}: fault ${key} does what the page says (${words})`, fits, code);
    if (key === "down") await look(visitor, "refused-idp-unavailable");
    await visitor.context().close();
  }
}

async function faults() {
  const page = await person();
  await page.goto(`${idp}/faults`);
  await look(page, "idp-faults");
  await faultsOf("acme", "Olivia");
}

async function unasked() {
  const jo = await person();
  await jo.goto(`${idp}/start`);
  await look(jo, "idp-start");
  await jo.goto(`${idp}/start/smallteam`);
  await jo.click('button:has-text("Continue as Ida")');
  await jo.waitForURL((url) => url.href.startsWith(`${gateway}/sign-in/finish`));
  check("the gateway asks first", (await h1(jo)) === "Continue as this person?", await h1(jo));
  await look(jo, "confirm");
  await jo.click("main form button");
  await jo.waitForURL((url) => !url.href.includes("/sign-in/finish"));
  check("and then signs in", (await refusal(jo)) === null && !jo.url().includes("/sign-in"), jo.url());
  await jo.goto(board);
  check("Ida is owner of Small Team", (await jo.textContent("dl.facts")).includes("owner"));
  await jo.goto(gateway);
  await jo.click("header form button");
  await jo.waitForURL(`${gateway}/signed-out`);
  await look(jo, "signed-out");
  await jo.goto(board);
  check("signed out everywhere", jo.url().startsWith(`${gateway}/sign-in`), jo.url());
}

async function german() {
  const page = await person({ locale: "de-AT" });
  await page.goto(`${gateway}/sign-in`);
  check("German for a German browser", (await h1(page)) === "Anmelden" && (await page.getAttribute("html", "lang")) === "de");
  await look(page, "sign-in-german");
  await page.click('footer button:has-text("English")');
  check("and English when asked", (await h1(page)) === "Sign in", await h1(page));
  await page.goto(`${gateway}/nothing-here`);
  check("an error page", (await page.getAttribute("meta[name=usher-error]", "content")) === "not_found");
  await look(page, "error");
  const plain = await person({ javaScriptEnabled: false });
  await plain.goto(`${gateway}/sign-in/acme`);
  check("sign-in starts without script", plain.url().startsWith(idp), plain.url());
}

async function openid() {
  const gus = await person();
  await gus.goto(playground);
  await gus.fill("#email", "gus@globex.test");
  await gus.press("#email", "Enter");
  await gus.waitForURL((url) => url.href.startsWith(`${idp}/oidc/authorize?`));
  const asked = new URL(gus.url()).searchParams;
  check("the gateway asks with PKCE, state, nonce and a hint", asked.get("code_challenge_method") === "S256" && asked.get("state") && asked.get("nonce") && asked.get("login_hint") === "gus@globex.test", gus.url());
  await continueAs(gus, "Gus");
  await gus.waitForURL(`${playground}/`);
  check("a first sign-in over OpenID Connect makes a member", (await gus.textContent("dl.facts")).includes("user"), await gus.textContent("dl.facts"));
  await groups(gus, "gus@globex.test", "globex-admins", true);
  for (const algorithm of ["ES256", "EdDSA", "PS256", "RS256"]) {
    await gus.goto(`${idp}/openid`);
    await gus.selectOption("#algorithm", algorithm);
    await gus.click('button:has-text("Use it")');
    await gus.goto(`${gateway}/sign-in/globex?return_to=${encodeURIComponent(playground)}`);
    await continueAs(gus, "Gus");
    await gus.waitForURL((url) => url.href.startsWith(playground));
    check(`signed with ${algorithm}, and promoted by a group`, (await gus.textContent("dl.facts")).includes("admin"), await gus.textContent("dl.facts"));
  }
  await gus.goto(`${idp}/openid`);
  await look(gus, "idp-openid");
  await gus.click('button:has-text("Make new keys")');
  await gus.goto(`${gateway}/sign-in/globex?return_to=${encodeURIComponent(playground)}`);
  await continueAs(gus, "Gus");
  check("the gateway reads new keys when it meets one", gus.url().startsWith(playground), `${gus.url()} ${await refusal(gus)}`);
  await gus.goto(`${idp}/openid`);
  await gus.locator('button[aria-label^="Sign out everywhere: Gus Meyer"]').first().click();
  check("the gateway takes the logout token", (await gus.textContent("[role=status]")).includes("took it"), await gus.textContent("main"));
  await gus.goto(playground);
  check("signed out at the provider, signed out here", gus.url().startsWith(`${gateway}/sign-in`), gus.url());
  await gus.goto(`${idp}/answers`);
  await gus.locator("details.person summary").first().click();
  check("the answers show the logout token", (await gus.textContent("main")).includes("backchannel-logout"));
  await look(gus, "idp-answers");

  const gia = await person();
  await gia.goto(`${gateway}/sign-in/globex`);
  await continueAs(gia, "Gia");
  await gia.goto(gateway);
  await gia.click("header form button");
  await gia.waitForURL((url) => url.href.startsWith(`${gateway}/signed-out`));
  const left = await person();
  await left.goto(`${idp}/openid`);
  check("signed out here, signed out at the provider", !(await left.textContent("main")).includes("Gia Rossi"), await left.textContent("main"));
}

async function openidFaults() {
  await faultsOf("globex", "Gia");
}

/** At an application of Acme, from the e-mail address on. */
async function enter(page, application, email, name) {
  await page.goto(application);
  await page.fill("#email", email);
  await page.press("#email", "Enter");
  await continueAs(page, name);
}

async function directory() {
  const idpAdmin = await person();
  const done = async () => (await idpAdmin.textContent("[role=status]")) ?? "";
  await idpAdmin.goto(`${idp}/push`);
  await look(idpAdmin, "idp-push");
  await idpAdmin.click('button:has-text("Test connection")');
  check("the directory answers", (await done()).startsWith("Pushed"), await idpAdmin.textContent("main"));
  await idpAdmin.click('button:has-text("Push everything")');
  check("everything is taken", (await done()).startsWith("Pushed"), await idpAdmin.locator(".run").first().textContent());
  check("and nothing is left to tell", (await idpAdmin.textContent("main")).includes("The directory knows everything."));
  await idpAdmin.locator("details.exchange summary").first().click();
  await look(idpAdmin, "idp-push-done");

  const [tom, mira, una] = [await person(), await person(), await person()];
  await enter(tom, studio, "tom@acme.test", "Tom");
  check("Tom was a member before he signed in", tom.url().startsWith(studio) && /User|user/.test(await tom.textContent("dl.facts")), tom.url());
  await enter(mira, studio, "mira@acme.test", "Mira");
  check("Mira is Owner with the Premium seat", /owner[\s\S]*premium/.test(await mira.textContent("dl.facts")), await mira.textContent("dl.facts"));
  await enter(una, studio, "una@acme.test", "Una");
  check("Una waits for a seat", (await refusal(una)) === "no_free_seat", await h1(una));
  await idpAdmin.click('button[aria-label="Suspend Tom Berger"]');
  check("a suspension is taken", (await done()).startsWith("Pushed"), await idpAdmin.textContent("main"));
  await tom.goto(studio);
  check("and Tom is out at the next request", tom.url().startsWith(`${gateway}/sign-in`), tom.url());
  await enter(una, studio, "una@acme.test", "Una");
  check("and Una has his seat", una.url().startsWith(studio) && (await una.textContent("dl.facts")).includes("standard"), `${una.url()} ${await refusal(una)}`);

  await idpAdmin.fill('input[aria-label="New name of studio-team"]', "studio-crew");
  await idpAdmin.click('button[aria-label="Rename studio-team"]');
  check("a new name is taken", (await done()).startsWith("Pushed"), await idpAdmin.textContent("main"));
  await una.goto(studio);
  check("a renamed group keeps its mapping", una.url().startsWith(studio) && (await una.textContent("dl.facts")).includes("standard"), una.url());
  await idpAdmin.goto(`${idp}/people`);
  const noah = idpAdmin.locator("details.person", { hasText: "nogroup@acme.test" }).first();
  await noah.locator("summary").click();
  await noah.locator("textarea").fill("studio-team");
  await noah.locator("button:has-text('Save')").click();
  await idpAdmin.goto(`${idp}/push`);
  await idpAdmin.click('button:has-text("Push everything")');
  check("a new group of the old name is taken", (await done()).startsWith("Pushed"), await idpAdmin.textContent("main"));
  const stranger = await person();
  await enter(stranger, studio, "nogroup@acme.test", "Noah");
  check("and gives nothing", (await refusal(stranger)) === "no_group_access", await h1(stranger));

  await idpAdmin.goto(`${idp}/push`);
  await idpAdmin.selectOption("#dialect", "okta");
  await idpAdmin.check("input[name=automatic]");
  await idpAdmin.click('button:has-text("Save")');
  await idpAdmin.click('button[aria-label="Resume Tom Berger"]');
  check("Okta's words are taken too", (await done()).startsWith("Pushed") && (await idpAdmin.textContent("main")).includes("as Okta"), await idpAdmin.textContent("main"));
  await enter(tom, studio, "tom@acme.test", "Tom");
  check("Tom is back, and waits", (await refusal(tom)) === "no_free_seat", `${tom.url()} ${await h1(tom)}`);
  await groups(idpAdmin, "sana@acme.test", "studio-crew", false);
  check("an edit is pushed by itself", (await done()).startsWith("Saved, and pushed"), await done());
  await tom.goto(`${gateway}/sign-in/acme?return_to=${encodeURIComponent(studio)}`);
  await continueAs(tom, "Tom");
  check("and the seat is Tom's", tom.url().startsWith(studio), `${tom.url()} ${await refusal(tom)}`);
  await idpAdmin.goto(`${idp}/push`);
  await idpAdmin.click('button[aria-label="Remove Tom Berger from the directory"]');
  await tom.goto(studio);
  check("whoever is removed is out", tom.url().startsWith(`${gateway}/sign-in`), tom.url());
  await look(idpAdmin, "idp-push-okta");
}

async function move() {
  const operator = await asOperator();
  await operator.goto(`${gateway}/operator/connections/acme-next`);
  await operator.click('form[action$="/test"] button');
  await continueAs(operator, "Amir");
  await operator.waitForURL((url) => url.href.startsWith(`${gateway}/operator/tests/`));
  check("the new identity provider passes its test", (await operator.textContent("main")).includes("admin@acme.test"), await operator.textContent("main"));
  await operator.goto(`${gateway}/operator/connections/acme/switch?to=acme-next`);
  check("who is recognised there is shown first", (await operator.textContent("main")).includes("owner@acme.test"), await operator.textContent("main"));
  await operator.click('form[action$="/switch"] button');
  await operator.waitForURL(`${gateway}/operator/connections/acme-next`);
  const olivia = await person();
  await olivia.goto(wiki);
  await olivia.fill("#email", "owner@acme.test");
  await olivia.press("#email", "Enter");
  await olivia.waitForURL((url) => url.href.startsWith(`${idp}/oidc/authorize?`));
  await continueAs(olivia, "Olivia");
  await olivia.waitForURL((url) => url.href.startsWith(wiki));
  check("and Olivia is who she was", /owner[\s\S]*premium/.test(await olivia.textContent("dl.facts")), await olivia.textContent("dl.facts"));
}

await run([story, seats, faults, unasked, german, openid, openidFaults, directory, move]);
