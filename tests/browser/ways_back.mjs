// ways_back.mjs USHER SCREENSHOTS - a new organization of `usher demo` goes through the five provisioning modes, each with the five steps of its settings
// page: mode, group mappings, a group beside each role, a group beside each seat type, save; and what then becomes of people is what the preview said.
// Then its owner locks herself out, with just-in-time and with directory sync, and comes back in all three ways: by another owner, by the group at the
// identity provider, by the link that `usher recover` prints. The runs that end too much wait, and are approved, dismissed and undone. Takes pictures of the guides.
// On every page: axe finds nothing, light and dark, at 1280 and 360 px; German once. Ends with "N passed, N failed".
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { open } from "./demo.mjs";
import { refusal, send, text, worked } from "./pages.mjs";

const [usher, shots] = process.argv.slice(2);
const data = fs.mkdtempSync(path.join(os.tmpdir(), "usher-ways-"));
const { at, size, check, person, continueAs, judge, judgeAll, shoot, picture, run } = await open({ usher, shots, first: 27000, data: path.join(data, "demo"), harmless: [401, 403, 404, 409, 410, 422] });
const [gateway, idp] = [at(0), at(1)];
const lab = `${gateway}/admin/acme-lab`;
const seen = new Set();

/** Looks at the page in light and dark, wide and narrow, and once in German where an address leads to it; once per name. */
async function look(page, name, german = true) {
  if (seen.has(name)) return;
  seen.add(name);
  await judgeAll(page, `ways-${name}`, [1280, 360]);
  if (!german) return;
  const here = page.url();
  await page.goto(`${here}${here.includes("?") ? "&" : "?"}lang=de`);
  await page.setViewportSize({ ...size, width: 360 });
  await judge(page, `${name}, German, 360 px`);
  await shoot(page, `ways-${name}.de.360`);
  await page.setViewportSize(size);
  await page.goto(`${here}${here.includes("?") ? "&" : "?"}lang=en`);
  await page.goto(here);
}

/** Signs in at the demo identity provider, in a browser of one's own, and shows the start page. */
async function signedIn(name) {
  const page = await person();
  await again(page, name);
  return page;
}

async function again(page, name) {
  await page.goto(`${gateway}/sign-in/acme`);
  await continueAs(page, name);
}

/** What the start page says about Acme Lab: role and seat; null for who is no member there. */
async function held(page) {
  await page.goto(gateway);
  const card = page.locator("section.card", { has: page.locator("h2", { hasText: "Acme Lab" }) });
  if ((await card.count()) === 0) return null;
  return (await card.locator(".badge").allTextContents()).join(", ");
}

async function groups(email, changes) {
  const page = await person();
  await page.goto(`${idp}/people`);
  const card = page.locator("details.person", { hasText: email }).first();
  if ((await card.getAttribute("open")) === null) await card.locator("summary").click();
  for (const [group, on] of Object.entries(changes)) await card.locator(`input[name=group][value="${group}"]`).setChecked(on);
  await card.locator("button:has-text('Save')").click();
  await page.context().close();
}

async function push() {
  const page = await person();
  await page.goto(`${idp}/push`);
  await page.click('button:has-text("Push everything")');
  check("the push is taken", ((await page.textContent("[role=status]")) ?? "").startsWith("Pushed") || (await page.textContent("main")).includes("The directory knows everything already"), await page.textContent("main"));
  await page.context().close();
}

/** The link that a shell on the gateway prints. The demo's gateway keeps its files like any other. */
function recover() {
  const config = path.join(data, "usher.toml");
  fs.writeFileSync(config, `[server]\npublic_url = "${gateway}"\nlisten = "${gateway.slice(7)}"\ndata_dir = "${data}/demo/gateway"\n`);
  return execFileSync(usher, ["recover", "--config", config], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).match(/http\S+\/recover\?token=\S+/)?.[0];
}

async function operator() {
  const page = await person();
  await page.goto(recover());
  await page.click("main form button");
  await page.waitForURL(`${gateway}/operator`);
  return page;
}

async function founded() {
  const page = await operator();
  await page.goto(`${gateway}/operator/parents/acme/organizations`);
  await page.fill("#name", "Acme Lab");
  await page.fill("#slug", "acme-lab");
  await page.check("input[value=enterprise-seats]");
  await page.fill("#seats-enterprise-seats-premium", "2");
  await page.fill("#seats-enterprise-seats-standard", "20");
  await page.fill("#contact", "it@acme.test");
  await send(page);
  await page.goto(`${gateway}/operator/parents/acme/administrators`);
  await page.fill("#email", "owner@acme.test");
  await page.check("input[value=acme-lab]");
  await send(page);
  check("Acme Lab is founded", page.url() === `${gateway}/operator/parents/acme` && (await text(page)).includes("owner@acme.test (Acme Lab)"), `${page.url()} ${await text(page)}`);
}

const ROLES = { owner: "acme-owners", admin: "acme-admins", user: "acme-everyone" };
const SEATS = { premium: "acme-premium", standard: "acme-everyone" };

/** The five steps, as the page puts them. */
async function fiveSteps(page, mode, mappings, rows = {}) {
  await page.goto(`${lab}/identity`);
  await page.check(`#mode-${mode}`);
  await page.locator("input[name=mappings]").setChecked(mappings);
  for (const [kind, all] of Object.entries(rows)) for (const [to, group] of Object.entries(all)) {
    await page.fill(`#${kind}-${to}`, group);
    await page.click(`button[value="add:${kind}:${to}"]`);
  }
  await page.click('button[value="save"]');
  await page.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  await worked(page);
}

async function save(page) {
  if (await page.locator("#confirm").count()) await page.fill("#confirm", "Acme Lab");
  await send(page);
  await page.waitForURL((url) => !url.pathname.endsWith("/identity/preview"));
}

async function modes() {
  await founded();
  const olivia = await signedIn("Olivia");
  check("manual: the first administrator is there", (await held(olivia)) === "Owner, Premium", await held(olivia));
  const anna = await signedIn("Anna");
  check("manual: nobody comes in by themselves", (await held(anna)) === null, await held(anna));
  await olivia.goto(`${lab}/members/add`);
  await olivia.fill("#email", "admin@acme.test");
  await olivia.check("#role input[value=admin]");
  await send(olivia);
  const amir = await signedIn("Amir");
  check("manual: who is added by hand is a member, whatever the groups", (await held(amir))?.startsWith("Admin"), await held(amir));
  await look(olivia, "member-added", false);

  // Just in time: everybody who gets through, with the lowest role and the highest free seat; no group counts.
  await fiveSteps(olivia, "jit", false);
  await save(olivia);
  const noah = await signedIn("Noah");
  check("jit: in no group, and a member all the same", (await held(noah))?.startsWith("User"), await held(noah));
  await again(anna, "Anna");
  check("jit: the default role", (await held(anna))?.startsWith("User"), await held(anna));
  await again(amir, "Amir");
  check("jit: a later sign-in changes nothing", (await held(amir))?.startsWith("Admin"), await held(amir));

  // With group mappings: at the next sign-in, and not before.
  await fiveSteps(olivia, "jit", true, { role: ROLES, seat: SEATS });
  check("jit with mappings: the preview names who goes", /nogroup@acme.test[\s\S]*No longer a member/.test(await text(olivia)), await text(olivia));
  await look(olivia, "preview-jit-mapped");
  await save(olivia);
  check("jit with mappings: nothing yet", (await held(noah)) !== null);
  await again(noah, "Noah");
  check("jit with mappings: and out at the next sign-in", (await held(noah)) === null, await held(noah));
  await again(anna, "Anna");
  check("jit with mappings: role and seat of her groups", (await held(anna)) === "User, Standard", await held(anna));
  await groups("user@acme.test", { "acme-admins": true, "acme-premium": true });
  check("jit with mappings: nothing between sign-ins", (await held(anna)) === "User, Standard", await held(anna));
  await again(anna, "Anna");
  check("jit with mappings: promoted; the Premium seat that is free is hers", /^Admin, (Premium|Standard)$/.test(await held(anna)), await held(anna));
  await groups("user@acme.test", { "acme-admins": false, "acme-premium": false });
  await again(anna, "Anna");
  check("jit with mappings: and demoted again", (await held(anna)) === "User, Standard", await held(anna));

  // Directory sync: whoever is assigned, without a sign-in.
  await push();
  await fiveSteps(olivia, "scim", false);
  check("scim: at once", (await text(olivia)).includes("This comes at once when you save."), await text(olivia));
  await look(olivia, "preview-scim");
  await save(olivia);
  await olivia.goto(`${lab}/members?q=mira`);
  check("scim: whoever is in the directory is a member, never having signed in", /mira@acme\.test[\s\S]*User/.test(await text(olivia)), await text(olivia));
  check("scim: the directory overwrites no role", (await held(amir))?.startsWith("Admin"), await held(amir));
  await olivia.goto(`${lab}/directory`);
  await olivia.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
  await look(olivia, "directory", false);
  await olivia.goto(`${lab}/directory`);
  await olivia.locator("main details summary").first().click();
  await picture(olivia, "scim-set-up", { height: 1300 });
  await olivia.goto(`${lab}/directory/tokens`);
  await olivia.fill("#name", "Okta");
  await send(olivia);
  await picture(olivia, "scim-token");
  await olivia.goto(`${lab}/directory`);

  // With group mappings: the groups of the directory decide, at once, both ways.
  await fiveSteps(olivia, "scim", true);
  await save(olivia);
  await settled(olivia);
  await olivia.goto(`${lab}/members?q=mira`);
  check("scim with mappings: in no mapped group, no member", !/mira@acme\.test[\s\S]*Active/.test(await text(olivia)), await text(olivia));
  await groups("user@acme.test", { "acme-admins": true });
  await push();
  check("scim with mappings: promoted by the push, without a sign-in", (await held(anna))?.startsWith("Admin"), await held(anna));
  await groups("user@acme.test", { "acme-admins": false, "acme-everyone": false });
  await push();
  check("scim with mappings: out with the last mapped group, at once", (await held(anna)) === null, await held(anna));
  await groups("user@acme.test", { "acme-everyone": true });
  await push();
  // Her sessions ended with the membership.
  await again(anna, "Anna");
  check("scim with mappings: and in again", (await held(anna)) === "User, Standard", await held(anna));
  for (const [name, drawn] of [["users", "directory-users"], ["groups", "directory-groups"], ["requests", "directory-requests"]]) {
    await olivia.goto(`${lab}/directory/${name}`);
    await look(olivia, `directory-${name}`);
    if (name === "users") await picture(olivia, "directory-users", { height: 1000 });
    if (name === "groups") await picture(olivia, "directory-groups", { height: 1000 });
    if (name === "requests") await picture(olivia, "directory-requests", { height: 1000 });
    check(`${drawn} has something to show`, (await olivia.locator("main tbody tr").count()) > 0);
  }
}

/** A run that would end too much waits for an approval; here it is given. */
async function settled(page) {
  await page.goto(`${lab}/runs`);
  const waiting = page.locator('main a[href*="/runs/"]:has-text("See who")').first();
  if (!(await waiting.count())) return;
  await waiting.click();
  await look(page, "run-halted");
  await page.click('a:has-text("Approve")');
  await look(page, "run-approve");
  await send(page);
  await page.waitForURL((url) => !url.pathname.endsWith("/approve"));
  check("the approved run is done", /Approved/.test(await text(page)), await text(page));
  await look(page, "run-approved");
}

/** A change that takes the right to configure from somebody waits until one who signed in under the new rules confirms it. */
async function confirmed(page) {
  await page.goto(`${lab}/identity/confirm`);
  const button = page.locator('form[action$="/identity/confirm"] button');
  if (!(await page.locator('form[action$="/identity/take-back"]').count())) return;
  await look(page, "probation");
  if (!(await button.count())) {
    await page.click('a:has-text("Sign in once more")');
    await page.waitForURL((url) => url.pathname === "/account/again");
    await look(page, "again");
    await page.click('a:has-text("Sign in once more")');
    await page.waitForURL((url) => url.href.startsWith(idp));
    await page.click('button:has-text("Continue as Amir")');
    await page.waitForURL((url) => !url.href.startsWith(idp));
    await page.goto(`${lab}/identity/confirm`);
  }
  await button.click();
  check("the change is confirmed", !(await text(page)).includes("taken back"), `${page.url()} ${await text(page)}`);
}

/** Locked out by her own groups, while just-in-time decides. */
async function lockedOutJit() {
  const olivia = await signedIn("Olivia");
  await fiveSteps(olivia, "jit", true);
  await save(olivia);
  // A second owner, by hand: a pin that no group takes away.
  const amir = await signedIn("Amir");
  await olivia.goto(`${lab}/members?q=admin%40acme.test`);
  await olivia.click("main tbody a");
  await olivia.click('a:has-text("Change role")');
  await look(olivia, "change-role");
  await olivia.check("#role input[value=owner]");
  await send(olivia);
  check("a second owner, pinned", (await held(amir))?.startsWith("Owner"), await held(amir));

  const shut = async () => {
    await groups("owner@acme.test", { "acme-owners": false });
    await again(olivia, "Olivia");
    check("jit: another group matches, so she is demoted to its role", (await held(olivia))?.startsWith("User"), await held(olivia));
    const answer = await olivia.goto(`${lab}/identity`);
    check("and the settings are closed to her", answer.status() === 403, answer.status());
  };
  await shut();
  await look(olivia, "locked-out");
  // An open tab of hers from before saves nothing: nothing of the session says who she was.
  await picture(olivia, "locked-out");

  // First way: another owner, by hand.
  await amir.goto(`${lab}/members?q=owner%40acme.test`);
  await amir.click("main tbody a");
  await amir.click('a:has-text("Change role")');
  await amir.check("#role input[value=owner]");
  await picture(amir, "change-role");
  await send(amir);
  check("first way: by another owner, at her next request", (await olivia.goto(`${lab}/identity`)).status() === 200);
  await again(olivia, "Olivia");
  check("and the pin holds through a sign-in", (await held(olivia))?.startsWith("Owner"), await held(olivia));
  await olivia.goto(`${lab}/members?q=owner%40acme.test`);
  check("and is shown where the role is", /pinned/i.test(await text(olivia)), await text(olivia));
  await amir.goto(`${lab}/members?q=owner%40acme.test`);
  await amir.click("main tbody a");
  await amir.click('a:has-text("Change role")');
  await amir.click('button:has-text("Take the pin off")');
  await again(olivia, "Olivia");
  check("without the pin the groups decide again", (await held(olivia))?.startsWith("User"), await held(olivia));

  // Second way: the group, and a sign-in.
  await groups("owner@acme.test", { "acme-owners": true });
  check("second way: nothing before the sign-in", (await olivia.goto(`${lab}/identity`)).status() === 403);
  await again(olivia, "Olivia");
  check("second way: by the group and a sign-in", (await held(olivia))?.startsWith("Owner") && (await olivia.goto(`${lab}/identity`)).status() === 200, await held(olivia));

  // Out altogether: no mapped group is left.
  await groups("owner@acme.test", { "acme-owners": false, "acme-everyone": false, "acme-premium": false });
  await again(olivia, "Olivia");
  check("in no mapped group: out altogether", (await held(olivia)) === null, `${olivia.url()} ${await refusal(olivia)}`);
  // Third way: the link from the shell.
  const page = await operator();
  await page.goto(`${lab}/members/add`);
  await page.fill("#email", "owner@acme.test");
  await page.check("#role input[value=owner]");
  await send(page);
  await again(olivia, "Olivia");
  check("third way: by the link from the shell", (await held(olivia))?.startsWith("Owner") && (await olivia.goto(`${lab}/identity`)).status() === 200, `${await held(olivia)} ${await refusal(olivia)}`);
  await groups("owner@acme.test", { "acme-owners": true, "acme-everyone": true, "acme-premium": true });
  await olivia.goto(`${lab}/members?q=owner%40acme.test`);
  await olivia.click("main tbody a");
  await olivia.click('a:has-text("Change role")');
  await olivia.click('button:has-text("Take the pin off")');
}

/** The same while the directory decides. */
async function lockedOutScim() {
  const olivia = await signedIn("Olivia");
  await push();
  await fiveSteps(olivia, "scim", true);
  await save(olivia);
  await settled(olivia);
  await groups("owner@acme.test", { "acme-owners": false });
  await push();
  // The role of who may configure ends by no push alone: a demotion is no removal, and comes at once.
  check("scim: demoted by the push, without a sign-in", (await held(olivia))?.startsWith("User"), await held(olivia));
  check("scim: and the settings are closed at the next request", (await olivia.goto(`${lab}/identity`)).status() === 403);
  const amir = await signedIn("Amir");
  await groups("owner@acme.test", { "acme-owners": true });
  await amir.goto(`${lab}/runs`);
  await amir.click('main form button:has-text("Sync now")');
  await amir.waitForURL(/\/runs\/\d+$/);
  check("scim: Sync now knows only what was pushed", (await held(olivia))?.startsWith("User"), await held(olivia));
  await push();
  check("second way: with directory sync at once, with the push", (await held(olivia))?.startsWith("Owner") && (await olivia.goto(`${lab}/identity`)).status() === 200, await held(olivia));

  // Out of every mapped group: one leaver passes at once, an owner as well. Back in the groups, she is back by the push alone.
  await groups("owner@acme.test", { "acme-owners": false, "acme-everyone": false, "acme-premium": false });
  await push();
  check("scim: out with the last mapped group", (await held(olivia)) === null, await held(olivia));
  await again(olivia, "Olivia");
  check("scim: and a sign-in does not bring her back", (await held(olivia)) === null, await held(olivia));
  await groups("owner@acme.test", { "acme-owners": true, "acme-everyone": true, "acme-premium": true });
  await push();
  await amir.goto(`${lab}/members?q=owner%40acme.test`);
  check("second way: back by the push, before she signs in", /owner@acme\.test[\s\S]*Owner[\s\S]*Active/.test(await text(amir)), await text(amir));
  await again(olivia, "Olivia");
  check("and in with a sign-in", (await held(olivia))?.startsWith("Owner"), `${await held(olivia)} ${await refusal(olivia)}`);

  // A saved setting that would end the membership of who may configure waits for an approval.
  await fiveSteps(amir, "jit", true);
  await save(amir);
  await groups("owner@acme.test", { "acme-owners": false, "acme-everyone": false, "acme-premium": false });
  await push();
  check("jit: what is pushed changes no member", (await held(olivia))?.startsWith("Owner"), await held(olivia));
  await fiveSteps(amir, "scim", true);
  check("the preview says that the run will halt", /halts first and waits for your approval/.test(await text(amir)), await text(amir));
  await look(amir, "preview-halts");
  await save(amir);
  await confirmed(amir);
  await amir.goto(`${lab}/runs`);
  check("scim: a membership that may configure ends by no push alone", /needs? your approval|need approval/i.test(await text(amir)), await text(amir));
  await amir.locator('main a[href*="/runs/"]:has-text("See who")').first().click();
  const halted = amir.url();
  await look(amir, "run-halted-owner");
  await amir.click('a:has-text("Dismiss")');
  await look(amir, "run-dismiss");
  await send(amir);
  check("dismissed, she stays", (await held(olivia)) !== null, await held(olivia));
  await amir.goto(halted);
  await look(amir, "run-dismissed");
  await amir.goto(`${lab}/runs`);
  await amir.click('main form button:has-text("Sync now")');
  await amir.waitForURL(/\/runs\/\d+$/);
  await amir.click('a:has-text("Approve")');
  await send(amir);
  await amir.waitForURL((url) => !url.pathname.endsWith("/approve"));
  check("approved, she is out", (await held(olivia)) === null, await held(olivia));
  const approved = amir.url();
  await amir.click('a:has-text("Undo this run")');
  await look(amir, "run-undo");
  await send(amir);
  await amir.goto(`${lab}/members?q=owner%40acme.test`);
  check("undone, she is an owner again", /owner@acme\.test[\s\S]*Owner[\s\S]*Active/.test(await text(amir)), await text(amir));
  await amir.goto(approved);
  await look(amir, "run-undone");

  // Third way, here by what the operator may press.
  await groups("owner@acme.test", { "acme-owners": true, "acme-everyone": true, "acme-premium": true });
  await push();
  const page = await operator();
  await page.goto(`${lab}/runs`);
  await page.click('main form button:has-text("Sync now")');
  await page.waitForURL(/\/runs\/\d+$/);
  await again(olivia, "Olivia");
  check("third way: Sync now, by the operator", (await held(olivia))?.startsWith("Owner") && (await olivia.goto(`${lab}/identity`)).status() === 200, `${await held(olivia)} ${await text(page)}`);
  await page.goto(`${gateway}/operator/calendar`);
  await look(page, "calendar");
  await page.goto(`${gateway}/operator/keys`);
  await look(page, "keys");
  await page.goto(`${lab}/certificates`);
  await look(page, "certificates");
}

await run([modes, lockedOutJit, lockedOutScim], () => fs.rmSync(data, { recursive: true, force: true }));
