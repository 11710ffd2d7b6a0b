// admin.mjs USHER SCREENSHOTS - every settings page of `usher demo`, as its operator sees it once people have signed in and a directory was pushed:
// in light and dark, 1280, 360 and 320 px wide, in English and German. On every page: axe finds nothing, the console has no error (so no CSP
// violation), nothing scrolls sideways, and everything that can be used is reached by Tab. Ends with "N passed, N failed".
import { open } from "./demo.mjs";

const [usher, shots] = process.argv.slice(2);
const { at, size, check, person, signIn, operator, shoot, judge, judgeAll, run } = await open({
  usher, shots, first: 22000, harmless: [401, 403, 404, 422], size: { width: 1280, height: 900 },
});
const [gateway, idp] = [at(0), at(1)];

/** Everything in the page's main part that can be used is reached by Tab alone. */
async function byKeyboard(page, name) {
  await page.evaluate(() => document.getElementById("main").focus());
  const wanted = await page.evaluate(() => {
    const usable = "main a[href], main button:not([disabled]), main input:not([type=hidden]):not([disabled]), main select, main textarea, main summary";
    const groups = new Set();
    const all = [...document.querySelectorAll(usable)].filter((one) => one.checkVisibility() && one.tabIndex >= 0 && (one.type !== "radio" || !groups.has(one.name) && groups.add(one.name)));
    // Of radio buttons with one name, Tab reaches the chosen one, or the first.
    all.forEach((one, n) => (one.dataset.reach = one.type === "radio" ? `radio-${one.name}` : String(n)));
    document.querySelectorAll("main input[type=radio]").forEach((one) => (one.dataset.reach = `radio-${one.name}`));
    return all.map((one) => one.dataset.reach);
  });
  const reached = new Set();
  for (let n = 0; n < wanted.length + 60 && !wanted.every((one) => reached.has(one)); n++) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => document.activeElement?.dataset?.reach ?? "");
    if (now) reached.add(now);
  }
  const missed = wanted.filter((one) => !reached.has(one));
  const shown = await page.evaluate((missed) => missed.map((one) => document.querySelector(`[data-reach="${one}"]`)?.outerHTML.slice(0, 150)), missed);
  check(`${name}: everything is reached by Tab`, missed.length === 0, shown.join(" "));
}

async function look(page, name, address, status = 200) {
  const answer = await page.goto(`${gateway}${address}`);
  check(`${name}: is there`, answer.status() === status, `${answer.status()} at ${page.url()}`);
  if (answer.status() !== status) return;
  await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
  await judgeAll(page, `admin-${name}`, [1280, 360, 320]);
  await byKeyboard(page, name);
  const joint = address.includes("?") ? "&" : "?";
  await page.goto(`${gateway}${address}${joint}lang=de`);
  check(`${name}: German`, (await page.getAttribute("html", "lang")) === "de");
  await page.setViewportSize({ ...size, width: 320 });
  await judge(page, `${name}, German, 320 px`);
  await page.setViewportSize(size);
  await shoot(page, `admin-${name}.de.1280`);
}

async function pushed() {
  const page = await person();
  await page.goto(`${idp}/push`);
  await page.click('button:has-text("Push everything")');
  await page.waitForLoadState();
  await page.context().close();
}

async function pages() {
  for (const [email, name] of [["owner@acme.test", "Olivia"], ["user@acme.test", "Anna"], ["admin@acme.test", "Amir"], ["nogroup@acme.test", "Noah"], ["late@acme.test", "Lena"]]) await (await signIn(email, name)).context().close();
  await pushed();
  const page = await operator();
  const [work, studio, research] = ["/admin/acme-work", "/admin/acme-studio", "/admin/acme-research"];
  for (const [name, address] of [
    ["choose", "/admin"],
    ["overview", work],
    ["overview-waiting", research],
    ["identity", `${work}/identity`],
    ["members", `${work}/members`],
    ["members-none", `${work}/members?q=nobody-like-this`],
    ["member-add", `${work}/members/add`],
    ["sessions-all", `${work}/members/sessions/end`],
    ["billing", `${work}/billing`],
    ["billing-waiting", `${research}/billing`],
    ["events", `${work}/events`],
    ["explain", `${work}/explain?email=user%40acme.test`],
    ["certificates", `${work}/certificates`],
    ["parent", `${work}/parent`],
    ["parent-other", `${studio}/parent`],
    ["applications", `${work}/applications`],
    ["applications-none", `${studio.replace("studio", "research")}/applications`],
    ["application", `${work}/applications/wiki`],
    ["application-tried", `${work}/applications/wiki?email=owner%40acme.test`],
    ["application-add", `${work}/applications/add`],
    ["application-edit", `${work}/applications/wiki/edit`],
    ["application-remove", `${work}/applications/wiki/remove`],
    ["directory", `${studio}/directory`],
    ["directory-not-followed", `${work}/directory`],
    ["directory-users", `${studio}/directory/users`],
    ["directory-groups", `${studio}/directory/groups`],
    ["directory-requests", `${studio}/directory/requests`],
    ["directory-mismatches", `${studio}/directory/mismatches`],
    ["token", `${studio}/directory/tokens`],
    ["runs-none", `${work}/runs`],
  ]) await look(page, name, address);
  await page.goto(`${gateway}${work}/members`);
  const anna = await page.getAttribute("main tbody a >> nth=0", "href");
  for (const part of ["", "/role", "/seat", "/remove"]) await look(page, `member${part.replace("/", "-")}`, `${anna}${part}`);
  await page.goto(`${gateway}${studio}/runs`);
  await page.click('main form button:has-text("Sync now")');
  await page.waitForURL(/\/runs\/\d+$/);
  check("Sync now leads to its report", (await page.textContent("main")).includes("added"), await page.textContent("main"));
  await look(page, "run", new URL(page.url()).pathname);
  await look(page, "runs", `${studio}/runs`);
  await look(page, "directory-not-offered", "/admin/small-team/directory");
  await page.goto(`${gateway}${studio}/directory/tokens`);
  await page.fill("#name", "Okta");
  await page.click("main form button");
  check("a token is shown", (await page.textContent("#made")).length >= 32);
  await judge(page, "token-made");
  await shoot(page, "admin-token-made.light.1280");
  await page.goto(`${gateway}${work}/applications/add`);
  await page.fill("#name", "Wiki");
  await page.fill("#slug", "wiki");
  await page.fill("#url", "https://a;b.example");
  await page.click("main form button");
  check("what is wrong is said beside its field", (await page.textContent("#url-problem"))?.length > 10);
  check("and what was typed is kept", (await page.inputValue("#name")) === "Wiki");
  await judge(page, "application-add-wrong");
  await shoot(page, "admin-application-add-wrong.light.1280");
}

await run([pages]);
