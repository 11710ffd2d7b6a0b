// parent.mjs USHER SCREENSHOTS - an organization of `usher demo` joins another parent organization and leaves it again, on its pages: code, what
// both sides are shown, proposal, approval. Then somebody is suspended, resumed and linked anew, and SSO is about to be required. Every page in
// light and dark, 1280 and 360 px wide, once in German: axe finds nothing, nothing scrolls sideways. Ends with "N passed, N failed".
import { open } from "./demo.mjs";

const [usher, shots] = process.argv.slice(2);
const { at, size, check, signIn, operator, shoot, judge, judgeAll, run } = await open({
  usher, shots, first: 23000, harmless: [401, 403, 404, 409, 422], size: { width: 1280, height: 900 },
});
const gateway = at(0);
const [acme, chat, team] = ["/admin/acme-work", "/admin/acme-chat", "/admin/small-team"];

const look = (page, name) => judgeAll(page, name, [1280, 360]);
const says = async (page, name, text) => check(name, (await page.textContent("body")).includes(text), await page.textContent("main"));

async function german(page, name, address) {
  await page.goto(`${gateway}${address}?lang=de`);
  await judge(page, `${name}, German`);
  await shoot(page, `${name}.de.1280`);
  await page.goto(`${gateway}${address}?lang=en`);
}

async function joins() {
  const page = await operator();
  await page.goto(`${gateway}${acme}/parent`);
  await look(page, "parent-founding");
  await page.goto(`${gateway}${acme}/parent/codes`);
  await look(page, "parent-codes-none");
  await page.click('main button:has-text("Make a code")');
  const code = await page.textContent("#made");
  check("a code is shown", code.length === 43, code);
  await look(page, "parent-codes-made");
  await page.goto(`${gateway}${team}/parent/join`);
  await look(page, "parent-join");
  await page.fill("#code", "acme");
  await page.click("main form button");
  await says(page, "a slug is no code", "This code leads nowhere");
  await page.fill("#code", code);
  await page.click("main form button");
  await says(page, "what it means is shown", "belongs to Acme");
  await look(page, "parent-join-shown");
  await page.goto(`${gateway}${team}/parent/join?lang=de`);
  await page.fill("#code", code);
  await page.click("main form button");
  await judge(page, "parent-join-shown, German");
  await shoot(page, "parent-join-shown.de.1280");
  await page.goto(`${gateway}${team}/parent/join?lang=en`);
  await page.fill("#code", code);
  await page.click("main form button");
  const typed = await page.$("#confirm");
  if (typed) await typed.fill(await page.textContent("aside .place, aside summary").then((text) => text.replace("Switch organization", "").trim()));
  await page.click('main button:has-text("Propose to join")');
  await page.waitForURL(`${gateway}${team}/parent`);
  await says(page, "it waits", "Proposed: join Acme");
  await look(page, "parent-proposed");
  await page.goto(`${gateway}${acme}/parent`);
  await look(page, "parent-inbox");
  await page.click('#inbox ~ ul a, section[aria-labelledby="inbox"] a.button');
  const here = new URL(page.url()).pathname;
  await look(page, "parent-decide");
  await german(page, "parent-decide", here);
  if (await page.$("#confirm")) await page.fill("#confirm", (await page.textContent("label[for=confirm]")).replace("Type ", "").replace(" to confirm", ""));
  await page.click('main button:has-text("Approve")');
  await says(page, "it is done", "Approved and done.");
  await page.goto(`${gateway}${team}/parent`);
  await says(page, "it belongs to Acme", "Acme");
  await page.goto(`${gateway}${team}/parent/leave`);
  await look(page, "parent-leave");
}

async function switches() {
  const anna = await signIn("user@acme.test", "Anna");
  await signIn("owner@acme.test", "Olivia");
  const page = await operator();
  await page.goto(`${gateway}${acme}/members?q=user%40acme.test`);
  const here = await page.getAttribute("main tbody a >> nth=0", "href");
  await page.goto(`${gateway}${here}`);
  await look(page, "person");
  await page.goto(`${gateway}${here}/suspend`);
  await look(page, "person-suspend");
  await german(page, "person-suspend", `${here}/suspend`);
  await page.click('main button:has-text("Suspend")');
  await says(page, "suspended", "was suspended");
  await anna.goto(`${gateway}/`);
  check("out at the next request", anna.url().includes("/sign-in"), anna.url());
  await page.goto(`${gateway}${here}/resume`);
  await look(page, "person-resume");
  await page.click('main button:has-text("Resume")');
  await says(page, "resumed", "was resumed");
  await page.goto(`${gateway}${here}`);
  await page.click('main a:has-text("Link anew") >> nth=0');
  await look(page, "person-relink");
  await page.click('main button:has-text("Link anew")');
  await says(page, "linked anew", "The link was forgotten");
  await page.goto(`${gateway}${acme}/identity`);
  await look(page, "identity-modes");
  await page.goto(`${gateway}${chat}/identity`);
  // The demo requires it everywhere: off first.
  await page.uncheck("input[name=sso]");
  await page.click('main button[value="save"]');
  await page.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  await page.click('section[aria-labelledby="save"] button[type="submit"]');
  await page.waitForURL((url) => url.pathname === `${chat}/identity`);
  await page.check("input[name=sso]");
  await page.click('main button[value="save"]');
  await page.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  await says(page, "what requiring SSO means", "No session stops counting.");
  await look(page, "identity-sso");
  await page.goto(`${gateway}/operator/calendar`);
  await look(page, "calendar");
}

await run([joins, switches]);
