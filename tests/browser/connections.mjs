// connections.mjs USHER SCREENSHOTS - an owner of the demo proves a domain, brings a connection from a file over its test to the switch, and sends a
// colleague without an account a setup link; every page of it as in admin.mjs. Ends with "N passed, N failed".
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { open } from "./demo.mjs";
import { text } from "./pages.mjs";

const [usher, shots] = process.argv.slice(2);
const { at, size, check, person, signIn, shoot, judge, judgeAll, run } = await open({
  usher, shots, first: 23200, harmless: [401, 403, 404, 409, 410, 422], size: { width: 1280, height: 900 },
});
const [gateway, idp] = [at(0), at(1)];
const work = `${gateway}/admin/acme-work`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "usher-connections-"));

/** Judges a page as it is now, in light and dark, at three widths, and in German where it can be asked for again. */
async function look(page, name) {
  await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
  await judgeAll(page, `connections-${name}`, [1280, 360, 320]);
  const here = page.url();
  await page.goto(`${here.split("#")[0]}${here.includes("?") ? "&" : "?"}lang=de`);
  await page.setViewportSize({ ...size, width: 320 });
  await judge(page, `${name}, German, 320 px`);
  await page.setViewportSize(size);
  await shoot(page, `connections-${name}.de.1280`);
  await page.goto(here);
}

let olivia, link;

async function domains() {
  olivia = await signIn("owner@acme.test", "Olivia", { permissions: ["clipboard-read", "clipboard-write"] });
  await olivia.goto(`${work}/domains`);
  await olivia.fill("#domain", "gmail.com");
  await olivia.click('main form:has(#domain) button');
  check("a public mail provider is refused beside the field", (await olivia.textContent("#domain-problem")).includes("gmail.com"));
  await judge(olivia, "domain-refused");
  await olivia.fill("#domain", "new.acme.test");
  await olivia.click('main form:has(#domain) button');
  const value = await olivia.textContent('[id="value-new.acme.test"]');
  check("the record is shown", value.startsWith("usher-domain-verification="), value);
  await olivia.click('button[data-copy="value-new.acme.test"]');
  check("and copied by a button", (await olivia.evaluate(() => navigator.clipboard.readText())) === value);
  await olivia.goto(`${work}/domains`);
  await look(olivia, "domains");
  await olivia.goto(`${work}/domains/acme.test/remove`);
  check("what removing would do is said first", (await text(olivia)).includes("Type acme.test to confirm"), await text(olivia));
  await look(olivia, "domain-remove");
}

async function wizard() {
  await olivia.goto(`${work}/connections`);
  await look(olivia, "list");
  await olivia.click('a:has-text("Add a connection")');
  await look(olivia, "choose");
  await olivia.click('a[href$="?idp=entra-oidc"]');
  await look(olivia, "form-oidc");
  await olivia.goto(`${work}/connections/add?idp=okta`);
  await look(olivia, "form-saml");
  const wrong = path.join(folder, "wrong.xml");
  fs.writeFileSync(wrong, "<html></html>");
  await olivia.setInputFiles("#metadata_file", wrong);
  await olivia.click('main form[enctype] button[type=submit] >> nth=0');
  check("a file that is no metadata is said beside its field", (await olivia.textContent("#metadata_file-problem")).includes("EntityDescriptor"));
  await judge(olivia, "form-wrong");
  await shoot(olivia, "connections-form-wrong.light.1280");
  const good = path.join(folder, "metadata.xml");
  fs.writeFileSync(good, await (await fetch(`${idp}/metadata`)).text());
  await olivia.setInputFiles("#metadata_file", good);
  await olivia.click('main form[enctype] button[type=submit] >> nth=0');
  check("the connection is a draft", /\/connections\/acme-okta$/.test(olivia.url()) && /Draft/.test(await olivia.textContent(".badges")), await text(olivia));
  await look(olivia, "draft");
  await olivia.goto(`${olivia.url()}/edit`);
  await look(olivia, "edit");
  await olivia.goto(`${work}/connections/acme/change`);
  check("what holds at once is said", (await text(olivia)).includes("holds at once"), await text(olivia));
  await look(olivia, "change-active");
  await olivia.goto(`${work}/connections/acme/deactivate`);
  await look(olivia, "deactivate");
}

async function test() {
  await olivia.goto(`${work}/connections/acme-next`);
  await olivia.click('form[action$="/test"] button');
  await olivia.waitForURL((url) => !url.href.startsWith(gateway));
  await olivia.click('button:has-text("Continue as")');
  await olivia.waitForURL((url) => url.href.startsWith(`${work}/connections/acme-next/tests/`));
  check("the test passed, and tells this organization's decision", /Passed/.test(await olivia.textContent(".badges")) && (await text(olivia)).includes("Acme Work"), await text(olivia));
  await look(olivia, "report");
  await olivia.goto(`${work}/connections/acme-next`);
  await olivia.click('a:has-text("Switch on")');
  check("whom it concerns is said", (await text(olivia)).includes("Acme Work ("), await text(olivia));
  await look(olivia, "activate");
  await olivia.click('main form button:has-text("Switch on")');
  check("it is on", /Active/.test(await olivia.textContent(".badges")), await text(olivia));
  await look(olivia, "active");
}

/** A chat, on another site, in which somebody has posted the link, and somebody else the address that it led to. */
async function fromAnotherSite(irene) {
  const chat = http.createServer((request, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(`<!doctype html><title>Chat</title><a id="link" href="${link}">the link</a> <a id="page" href="${gateway}/setup/connection">the page</a>`);
  });
  await new Promise((done) => chat.listen(0, "localhost", done));
  const there = `http://localhost:${chat.address().port}/`;
  await irene.goto(there);
  await irene.click("#page");
  await irene.waitForSelector('form[action$="/test"]', { timeout: 5000 }).catch(() => {});
  check("the setup's own address, clicked elsewhere, leads there", irene.url() === `${gateway}/setup/connection`, await text(irene));
  const ingo = await person();
  await ingo.goto(there);
  await ingo.click("#link");
  await ingo.click("main form button");
  check("a link clicked elsewhere opens the setup", ingo.url() === `${gateway}/setup/connection`, await text(ingo));
  await ingo.close();
  chat.close();
}

async function setupLink() {
  await olivia.goto(`${work}/connections/add?idp=google`);
  await olivia.click('button:has-text("Keep it for later")');
  check("what was begun is kept", /\/acme-google\/edit$/.test(olivia.url()), olivia.url());
  await olivia.click('a:has-text("Setup by a colleague")');
  await olivia.click('main form button:has-text("Make a setup link")');
  link = await olivia.textContent("#made");
  check("the link is shown", link.startsWith(`${gateway}/setup?token=`), link);
  await judgeAll(olivia, "connections-link-made", [1280, 360]);
  const irene = await person();
  await irene.goto(link);
  await look(irene, "setup-open");
  await irene.click("main form button");
  check("the token is in no address", irene.url() === `${gateway}/setup/connection`, irene.url());
  await look(irene, "setup");
  await irene.setInputFiles("#metadata_file", path.join(folder, "metadata.xml"));
  await irene.click('main form[enctype] button[type=submit]');
  check("a colleague saves", (await text(irene)).includes("was saved") && (await text(irene)).includes("Test now"), await text(irene));
  await look(irene, "setup-saved");
  await fromAnotherSite(irene);
  await olivia.goto(`${work}/connections/acme-google/links`);
  await look(olivia, "links");
  await olivia.click('button:has-text("Revoke")');
  await irene.goto(`${gateway}/setup/connection`);
  check("a revoked link says so, and whom to ask", (await text(irene)).includes("It was revoked.") && (await text(irene)).includes("owner@acme.test"), await text(irene));
  await look(irene, "setup-ended");
  const bare = await person({ javaScriptEnabled: false });
  await bare.goto(link);
  await bare.click("main form button");
  check("without script, too", (await text(bare)).includes("It was revoked."), await text(bare));
}

await run([domains, wizard, test, setupLink], () => fs.rmSync(folder, { recursive: true }));
