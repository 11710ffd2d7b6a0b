// long_work.mjs USHER SCREENSHOTS [PEOPLE] - work that takes long, in an organization of `usher demo` with thousands of people in its directory: Save
// and its preview that is being worked out, left and come back to, filtered, downloaded and applied; the run that then is under way, and Sync now
// once it is over; and that run taken back. On the pages that say how far it is: axe finds nothing, light and dark, at 1280 and 360 px. Ends with "N passed, N failed".
import fs from "node:fs";
import { open } from "./demo.mjs";
import { send, text, worked } from "./pages.mjs";

const [usher, shots, count] = process.argv.slice(2);
const PEOPLE = Number(count ?? 20000);
const BULK = 500;
const { at, check, person, continueAs, judgeAll, run } = await open({ usher, shots, first: 28000, harmless: [401, 403, 404, 409, 422] });
const [gateway, idp] = [at(0), at(1)];
const work = `${gateway}/admin/acme-work`;
/** What a machine that is fast enough does not show. */
const tooFast = (what) => console.log(`  ${what} of ${PEOPLE} people was over at once: give more as the third argument`);

async function signedIn(name) {
  const page = await person({ acceptDownloads: true });
  await page.goto(`${gateway}/sign-in/acme`);
  await continueAs(page, name);
  return page;
}

/** Pages that look again by themselves stand still, so that they can be judged; until `moving`. */
const SCRIPT = /\/static\/[^/]+\/usher\.js$/;
const still = (page) => page.route(SCRIPT, (route) => route.fulfill({ body: "", contentType: "text/javascript" }));
const moving = (page) => page.unroute(SCRIPT);

/** What the page says when `ready` finds something in it; it is looked at again until then, for five minutes at most. */
async function until(page, address, ready) {
  for (const end = Date.now() + 300000; Date.now() < end;) {
    await page.goto(address);
    const said = await text(page);
    if (ready(said)) return said;
    await new Promise((done) => setTimeout(done, 50));
  }
  return text(page);
}

let olivia;

async function filled() {
  olivia = await signedIn("Olivia");
  const admin = await person();
  await admin.goto(`${idp}/push`);
  await admin.click('button:has-text("Push everything")');
  await admin.waitForSelector("[role=status]");
  await olivia.goto(`${work}/billing`);
  await olivia.fill("#bought-standard", String(2 * PEOPLE));
  await olivia.locator("form", { has: olivia.locator("#bought-standard") }).locator("button").click();
  await olivia.goto(`${work}/directory/tokens`);
  await olivia.fill("#name", "many people");
  await send(olivia);
  const [token, base] = [await olivia.textContent("#made"), await olivia.textContent("#base-url")];
  for (let first = 0; first < PEOPLE; first += BULK) {
    const Operations = [];
    for (let n = first; n < Math.min(first + BULK, PEOPLE); n++) {
      const email = `p${String(n).padStart(6, "0")}@acme.test`;
      Operations.push({ method: "POST", path: "/Users", bulkId: `b${n}`, data: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: email, emails: [{ value: email, primary: true }], active: true } });
    }
    const body = JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations });
    const push = () => fetch(`${base}/Bulk`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" }, body });
    let answer = await push();
    while (answer.status === 429) {
      await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("retry-after"))));
      answer = await push();
    }
    const done = await answer.json();
    if (!done.Operations?.every((one) => String(one.status) === "201")) return check("the directory is filled", false, JSON.stringify(done).slice(0, 500));
  }
  check("the directory is filled", true);
}

async function previewed() {
  await olivia.goto(`${work}/identity`);
  await olivia.check("#mode-scim");
  await olivia.locator("input[name=mappings]").setChecked(false);
  await still(olivia);
  await olivia.click('button[value="save"]');
  await olivia.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  // A machine that works it out within the second and a half that a page waits has nothing to say about it.
  if (await olivia.locator("progress").count()) {
    check("Save says how far it is", (await text(olivia)).includes("Being worked out"), await text(olivia));
    check("and that it can be left", (await text(olivia)).includes("You can leave this page and come back"), await text(olivia));
    await judgeAll(olivia, "long-preview-working", [1280, 360]);
  } else tooFast("the preview");
  await moving(olivia);
  await olivia.goto(`${work}/members`);
  await olivia.goto(work);
  await olivia.locator("main a", { hasText: "See what it would change" }).first().click().catch((error) => check("the overview leads back", false, error));
  check("the overview leads back to it", olivia.url().startsWith(`${work}/identity/preview`), olivia.url());
  await worked(olivia);
  const said = await text(olivia);
  check("everybody is in the preview", Number(said.match(/(\d+) people in all/)?.[1]) >= PEOPLE, said);
  await judgeAll(olivia, "long-preview", [1280, 360]);
  const filter = olivia.locator("#people ~ ul a").last();
  const promised = (await filter.textContent()).match(/\d+/)?.[0];
  await filter.click();
  await olivia.waitForURL((url) => url.searchParams.get("effect"));
  check("a filter leaves as many as it says", (await olivia.textContent("#people ~ p.hint")).match(/\d+/)?.[0] === promised, `${promised}: ${await text(olivia)}`);
  const kinds = await olivia.locator("#people ~ table tbody .badge").evaluateAll((all) => all.map((one) => one.className));
  check("and only those of one kind", kinds.length > 0 && new Set(kinds).size === 1, kinds);
  await olivia.goto(`${work}/identity/preview`);
  const [file] = await Promise.all([olivia.waitForEvent("download"), olivia.locator('a[href*="export.csv"]').click()]);
  const rows = fs.readFileSync(await file.path(), "utf8").trim().split("\r\n");
  check("the file has everybody", rows.length > PEOPLE, rows.length);
}

let ran;

async function applied() {
  await olivia.goto(`${work}/identity/preview`);
  if (await olivia.locator("#confirm").count()) await olivia.fill("#confirm", "Acme Work");
  const other = await olivia.context().newPage();
  await still(other);
  await other.goto(`${work}/runs`);
  const saving = send(olivia);
  // Meanwhile somebody looks at the runs, and at the one that is under way.
  await until(other, `${work}/runs`, (said) => /Under way|Done/.test(said));
  await other.locator("tbody a").first().click();
  await other.waitForURL((url) => /\/runs\/\d+$/.test(url.pathname));
  ran = other.url();
  const said = await text(other);
  if (said.includes("Under way")) {
    check("the run says how far it is", said.includes("You can leave this page and come back"), said);
    await judgeAll(other, "long-run", [1280, 360]);
  } else tooFast("the run");
  await saving;
  await olivia.waitForURL((url) => !url.pathname.endsWith("/identity/preview"), { timeout: 60000 });
  await until(other, ran, (said) => !said.includes("Under way"));
  await judgeAll(other, "long-run-done", [1280, 360]);
  const added = Number((await text(other)).match(/(\d+) added/)?.[1]);
  check("everybody is a member", added >= PEOPLE, await text(other));
  await olivia.goto(`${work}/members`);
  check("and listed", (await text(olivia)).includes("p000000@acme.test"), await text(olivia));
  await olivia.goto(`${work}/runs`);
  await olivia.click('main form[method=post] button:has-text("Sync now")');
  await olivia.waitForURL((url) => /\/runs\/\d+$/.test(url.pathname));
  check("Sync now begins a run of its own afterwards", olivia.url() !== ran, olivia.url());
  await until(olivia, olivia.url(), (said) => !said.includes("Under way"));
  check("which finds nothing to do", (await text(olivia)).includes("0 added, 0 updated, 0 removed"), await text(olivia));
  await other.close();
}

async function undone() {
  const other = await olivia.context().newPage();
  await still(other);
  await olivia.goto(`${work}/members?q=p000000`);
  check("one of them is a member", (await text(olivia)).includes("Active"), await text(olivia));
  await olivia.goto(`${ran}/undo`);
  await judgeAll(olivia, "long-undo-asked", [1280, 360]);
  const undoing = send(olivia);
  const said = await until(other, ran, (said) => said.includes("Being undone") || said.includes("stand as before"));
  if (said.includes("Being undone")) {
    check("taking it back says how far it is", /\d+ of \d+ people looked at/.test(said), said);
    await judgeAll(other, "long-undoing", [1280, 360]);
  } else tooFast("taking it back");
  await undoing;
  const done = await until(other, ran, (said) => said.includes("stand as before"));
  check("and what it came to", /\d+ stand as before, \d+ left as they are/.test(done), done);
  await judgeAll(other, "long-undone", [1280, 360]);
  await olivia.goto(`${work}/members?q=p000000`);
  check("nobody of them is a member any more", /Nobody (fits|so far)\./.test(await text(olivia)), await text(olivia));
}

await run([filled, previewed, applied, undone]);
