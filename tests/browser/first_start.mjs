// first_start.mjs USHER SCREENSHOTS - from an empty database to a person's first sign-in, in a real browser, with identity providers that nobody here
// wrote. First with SimpleSAMLphp: `usher serve` prints a link, the link opens the setup, the domain is proven by DNS (dnslib), the connection is made of
// the metadata's address, tested, switched on; then the administrator signs in and lets people in. Then the same without script and in German with
// oidc-provider, where the shell vouches for the domain. On every page: axe finds nothing, light and dark, at 1280 and 360 px. Ends with "N passed, N failed".
import { execFileSync } from "node:child_process";
import { browse, freePort, refusal, send, text, worked } from "./pages.mjs";
import { Installation, peers, python } from "./serving.mjs";

const [usher, shots] = process.argv.slice(2);
const { check, person, judge, judgeAll, picture, run } = await browse({ shots, harmless: [401, 403, 404, 409, 410, 422] });
const seen = new Set();
const installations = [];

/** Looks at the page in light and dark, wide and narrow, once per name; `drawn` is the name of its picture in the guides. */
async function look(page, name, drawn) {
  if (seen.has(name)) return;
  seen.add(name);
  await judgeAll(page, `first-${name}`, [1280, 360]);
  if (drawn) await drawn();
}

/** The same for a page of somebody without script, which axe needs: in a second window with the same cookies. */
async function lookBeside(page, name) {
  const twin = await person({ locale: "de", storageState: await page.context().storageState() });
  await twin.goto(page.url());
  await look(twin, name);
  await twin.context().close();
}

const h1 = (page) => page.textContent("h1");

/** What a page shows under a label, to be copied. */
const shown = (page, label) => page.locator(`dt:text-is(${JSON.stringify(label)}) + dd code`).first().textContent();

function install(name) {
  const one = new Installation(usher, name);
  installations.push(one);
  return one;
}

/** Where scripts do not run, a page that leads on has a button: presses it until the browser is there. */
async function onward(page, there) {
  for (let n = 0; n < 3; n++) {
    if (await page.waitForURL((url) => there(url.href), { timeout: 4000 }).then(() => true, () => false)) return;
    await page.locator("main a.button, main form button").first().click({ timeout: 5000 });
  }
}

/** At SimpleSAMLphp or oidc-provider. */
async function password(page, idp, name) {
  await page.waitForURL((url) => url.href.startsWith(idp));
  const saml = await page.locator("#username").count();
  await page.fill(saml ? "#username" : "input[name=login]", name);
  await page.fill("input[name=password]", `${name}-pw-1`);
  await page.locator(saml ? "#submit_button, #regularsubmit button, form[name=f] button" : "form button").first().click();
  await page.waitForURL((url) => !url.href.startsWith(idp));
}

async function signIn(page, gateway, idp, email) {
  await page.goto(`${gateway.url}/sign-in`);
  await page.fill("#email", email);
  await page.press("#email", "Enter");
  await password(page, idp, email.split("@")[0]);
}

async function withSimpleSaml() {
  const gateway = install("first-saml");
  const [dns, php] = [await freePort(23100), await freePort(23120)];
  const base = `http://127.0.0.1:${php}`;
  const zone = (records) => gateway.file("zone.json", JSON.stringify(records));
  gateway.start(python, [`${peers}/dns/fakedns.py`, "--port", String(dns), "--zone", zone({ "acme.test": { TXT: ["v=spf1 -all"] } })]);
  const link = await gateway.serve(23000, `dns_servers = ["127.0.0.1:${dns}"]\n`);
  check("an empty database prints a link", link?.startsWith(`${gateway.url}/recover?token=`), gateway.running.at(-1).said);

  const operator = await person({ elsewhere: base });
  await operator.goto(link);
  await look(operator, "link", () => picture(operator, "setup-link"));
  await send(operator);
  check("the link opens the setup", operator.url() === `${gateway.url}/operator/setup`, operator.url());
  const late = await person();
  await late.goto(link);
  await send(late);
  check("and opens it once", !late.url().includes("/operator") && /usher recover/.test(await text(late)), `${late.url()} ${await text(late)}`);
  await look(late, "link-used");
  await late.goto(`${gateway.url}/operator/setup`);
  check("nobody else sees the setup", (await late.locator("#slug").count()) === 0, late.url());

  // The parent organization, first with something wrong.
  await look(operator, "parent", () => picture(operator, "setup-parent"));
  await operator.fill("#name", "Acme & Töchter");
  await operator.locator("main form").first().evaluate((form) => (form.noValidate = true));
  await operator.fill("#slug", "Acme!");
  await send(operator);
  check("what is wrong is said beside its field", (await operator.textContent("#slug-problem"))?.length > 10, await text(operator));
  check("and what was typed is kept", (await operator.inputValue("#name")) === "Acme & Töchter");
  await look(operator, "parent-wrong");
  await operator.fill("#slug", "acme");
  await operator.check("input[value=enterprise]");
  await send(operator);
  const setup = `${gateway.url}/operator/parents/acme`;
  check("the checklist comes next", operator.url() === setup && /0 of 6/.test(await text(operator)), `${operator.url()} ${await text(operator)}`);
  await look(operator, "checklist", () => picture(operator, "setup-checklist", { height: 1000 }));

  // An organization, sent twice as an impatient finger does.
  await operator.click('a:has-text("Add an organization")');
  await look(operator, "organization", () => picture(operator, "setup-organization", { height: 1000 }));
  await operator.fill("#name", "Acme Work");
  await operator.fill("#slug", "acme-work");
  await operator.check("input[value=enterprise-seats]");
  await operator.fill("#seats-enterprise-seats-premium", "2");
  await operator.fill("#seats-enterprise-seats-standard", "3");
  await operator.fill("#contact", "it@acme.test");
  await operator.locator("main form button[type=submit]").dblclick();
  await operator.waitForURL(setup);
  check("sent twice, it is there once", operator.url() === setup && (await operator.locator('a[href="/admin/acme-work"]').count()) === 1 && /1 of 6/.test(await text(operator)), `${operator.url()} ${await text(operator)}`);

  // The domain: a record that is not there yet, another one, the right one.
  await operator.click('a:has-text("Domains and their records")');
  await operator.fill("#domain", "acme.test");
  await send(operator);
  const challenge = await shown(operator, "Expected");
  check("the record is shown", challenge?.startsWith("usher-domain-verification="), challenge);
  await operator.click('button:has-text("Check now")');
  check("another record is shown beside what is expected", (await text(operator)).includes("v=spf1 -all"), await text(operator));
  await look(operator, "domain-failed", () => picture(operator, "domain-record"));
  zone({ "acme.test": { TXT: ["v=spf1 -all", challenge] } });
  await operator.click('button:has-text("Check now")');
  check("the domain is verified", /Verified/.test(await operator.textContent(".badges")), await text(operator));
  await look(operator, "domain-verified");

  // Who may configure.
  await operator.goto(setup);
  await operator.click('a:has-text("Name an administrator")');
  await operator.fill("#email", "olivia@elsewhere.test");
  await send(operator);
  check("an address elsewhere is no administrator's", (await operator.textContent("#email-problem")).includes("elsewhere.test"), await text(operator));
  await look(operator, "administrator", () => picture(operator, "setup-administrator"));
  await operator.fill("#email", "olivia@acme.test");
  await send(operator);
  check("3 of 6 steps", /3 of 6/.test(await text(operator)), await text(operator));

  // The connection: every identity provider's form, then the one that is there.
  await operator.click('a:has-text("Add a connection")');
  await look(operator, "connection-choose", () => picture(operator, "connection-choose"));
  // The upper half of the form stands in the guide of each.
  const there = { part: "section[aria-labelledby=there]", height: 700 };
  const drawn = {
    google: () => picture(operator, "connection-google", there),
    onelogin: () => picture(operator, "connection-onelogin", there),
    jumpcloud: () => picture(operator, "connection-jumpcloud", there),
    pingone: () => picture(operator, "connection-pingone", there),
    "keycloak-oidc": () => picture(operator, "connection-keycloak-oidc", there),
    adfs: () => picture(operator, "connection-adfs", there),
    saml: () => picture(operator, "connection-saml", there),
    oidc: () => picture(operator, "connection-oidc", there),
  };
  const vendors = await operator.locator("main .lines a").evaluateAll((all) => all.map((one) => new URL(one.href).searchParams.get("idp")));
  check("fourteen ways to connect", vendors.length === 14, vendors);
  for (const vendor of vendors) {
    await operator.goto(`${setup}/connections?idp=${vendor}`);
    for (const width of [1280, 360]) {
      await operator.setViewportSize({ width, height: 900 });
      await judge(operator, `the form of ${vendor}, ${width} px`);
    }
    await operator.setViewportSize({ width: 1280, height: 800 });
    await drawn[vendor]?.();
  }
  await operator.goto(`${setup}/connections?idp=okta`);
  await look(operator, "connection-okta", () => picture(operator, "connection-okta", { height: 1300 }));
  await operator.goto(`${setup}/connections?idp=entra-oidc`);
  await look(operator, "connection-entra-oidc", () => picture(operator, "connection-entra-oidc", { height: 1500 }));
  await operator.goto(`${setup}/connections?idp=saml`);
  const [acs, entity] = [await shown(operator, "Assertion Consumer Service (ACS) URL, HTTP-POST"), await shown(operator, "Entity ID")];
  // As its administrator would type them in.
  const ours = gateway.file("sp.xml", `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity}"><md:SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat><md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acs}" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>`);
  gateway.peer("start-simplesaml.sh", "simplesaml", ["--sp-metadata", ours, "--port", String(php)]);
  await operator.fill("#metadata_url", `${base}/nothing-here`);
  await send(operator);
  check("metadata that cannot be read is said beside the field", (await operator.textContent("#metadata_url-problem"))?.length > 10, await text(operator));
  await look(operator, "connection-wrong");
  await operator.fill("#label", "Acme sign-in");
  await operator.fill("#metadata_url", `${base}/saml2/idp/metadata.php`);
  await send(operator);
  const connection = operator.url();
  check("the connection is a draft", /\/operator\/connections\/acme-saml$/.test(connection) && /Draft/.test(await operator.textContent(".badges")), `${connection} ${await text(operator)}`);
  check("and cannot be switched on untested", (await operator.locator('button:has-text("Switch on")').count()) === 0);
  await look(operator, "connection-draft", () => picture(operator, "connection-draft"));
  const stranger = await person();
  await stranger.goto(`${gateway.url}/sign-in`);
  check("a draft signs nobody in", (await stranger.locator('a:has-text("Acme sign-in"), button:has-text("Acme sign-in")').count()) === 0);
  await stranger.goto(`${gateway.url}/sign-in/acme-saml`);
  check("not by its address either", stranger.url().startsWith(gateway.url), stranger.url());

  // The test.
  await operator.click('button:has-text("Test now")');
  await password(operator, base, "olivia");
  await operator.waitForURL((url) => url.href.startsWith(`${gateway.url}/operator/tests/`));
  check("the test passed and shows who it was", /Passed/.test(await operator.textContent(".badges")) && (await text(operator)).includes("olivia@acme.test") && (await text(operator)).includes("gw-owners"), await text(operator));
  await look(operator, "test", () => picture(operator, "test-report", { height: 1100 }));
  await operator.goto(connection);
  await look(operator, "connection-tested", () => picture(operator, "connection-tested"));
  await operator.click('button:has-text("Switch on")');
  check("it is switched on", /Active/.test(await operator.textContent(".badges")), await text(operator));
  await look(operator, "connection-active");
  await operator.goto(setup);
  check("everything is done", /Everything is done/.test(await text(operator)), await text(operator));
  await look(operator, "done", () => picture(operator, "setup-done", { height: 1000 }));
  await operator.goto(`${gateway.url}/operator`);
  await look(operator, "operator", () => picture(operator, "operator"));

  // The first sign-in, from the address on.
  const olivia = await person({ elsewhere: base });
  await olivia.goto(gateway.url);
  await look(olivia, "sign-in", () => picture(olivia, "sign-in"));
  await signIn(olivia, gateway, base, "olivia@acme.test");
  check("the administrator's first sign-in", olivia.url() === `${gateway.url}/` && /Acme Work[\s\S]*Owner[\s\S]*Premium/.test(await text(olivia)), `${olivia.url()} ${await text(olivia)} ${await refusal(olivia)}`);
  await look(olivia, "launcher");
  const uma = await person({ elsewhere: base });
  await signIn(uma, gateway, base, "uma@acme.test");
  check("manual: nobody else is a member by themselves", (await refusal(uma)) === "not_a_member", `${uma.url()} ${await text(uma)}`);
  check("and is told whom to ask", (await text(uma)).includes("it@acme.test"), await text(uma));
  await look(uma, "refused", () => picture(uma, "refused"));

  // Letting people in: the groups that the identity provider has told of are there to choose.
  const identity = `${gateway.url}/admin/acme-work/identity`;
  await olivia.goto(identity);
  await look(olivia, "identity", () => picture(olivia, "identity", { height: 1400 }));
  await olivia.check("#mode-jit");
  await olivia.check("input[name=mappings]");
  for (const [field, group] of [["role-owner", "gw-owners"], ["role-user", "gw-users"], ["seat-premium", "seat-premium"], ["seat-standard", "seat-standard"]]) {
    await olivia.fill(`#${field}`, group);
    await olivia.press(`#${field}`, "Enter");
  }
  check("nothing changes before it is saved", (await text(olivia)).includes("draft that is not saved"), await text(olivia));
  await picture(olivia, "identity-draft", { height: 1800 });
  await olivia.click('button[value="save"]');
  await olivia.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  await worked(olivia);
  await look(olivia, "preview", () => picture(olivia, "identity-preview", { height: 1200 }));
  await send(olivia);
  await olivia.waitForURL(identity);
  check("it is saved", (await text(olivia)).includes("Saved."), await text(olivia));
  const member = await person({ elsewhere: base });
  await signIn(member, gateway, base, "uma@acme.test");
  check("Uma's first sign-in makes her a member", member.url() === `${gateway.url}/` && /Acme Work[\s\S]*User[\s\S]*Standard/.test(await text(member)), `${uma.url()} ${await text(member)}`);
  await look(member, "launcher-member");
  await olivia.goto(`${gateway.url}/admin/acme-work/members`);
  await look(olivia, "members", () => picture(olivia, "members"));

  await expired(gateway);
}

/** A link that nobody used in time. Its fifteen minutes are over at once in the database. */
async function expired(gateway) {
  const link = gateway.shell("recover").match(/http\S+\/recover\?token=\S+/)?.[0];
  const age = "import sqlite3, sys; base = sqlite3.connect(sys.argv[1], timeout=20); base.execute('UPDATE operator_link SET expires_at = created_at - 1'); base.commit()";
  execFileSync("python3", ["-c", age, `${gateway.work}/data/usher.db`]);
  const late = await person();
  await late.goto(link);
  await send(late);
  check("an expired link opens nothing", !late.url().includes("/operator") && /usher recover/.test(await text(late)), `${late.url()} ${await text(late)}`);
  await look(late, "link-expired");
}

async function withOidcProvider() {
  const gateway = install("first-oidc");
  const port = await freePort(23140);
  const issuer = `http://127.0.0.1:${port}`;
  const link = await gateway.serve(23020);
  const operator = await person({ javaScriptEnabled: false, locale: "de", elsewhere: issuer });
  await operator.goto(link);
  check("German without script", (await operator.getAttribute("html", "lang")) === "de", await h1(operator));
  await send(operator);
  await operator.fill("#name", "Beispiel AG");
  await operator.fill("#slug", "beispiel");
  await operator.check("input[value=console]");
  await send(operator);
  const setup = `${gateway.url}/operator/parents/beispiel`;
  check("the checklist, in German", operator.url() === setup && /0 von 6/.test(await text(operator)), `${operator.url()} ${await text(operator)}`);
  await lookBeside(operator, "checklist-german");
  await operator.goto(`${setup}/organizations`);
  await lookBeside(operator, "organization-german");
  await operator.fill("#name", "Werkbank");
  await operator.fill("#slug", "werkbank");
  await operator.check("input[value=console]");
  await send(operator);
  await operator.goto(`${setup}/domains`);
  await operator.fill("#domain", "acme.test");
  await send(operator);
  await lookBeside(operator, "domain-german");
  gateway.shell("domain", "vouch", "acme.test", "--parent", "beispiel");
  await operator.goto(`${setup}/administrators`);
  await lookBeside(operator, "administrator-german");
  await operator.fill("#email", "olivia@acme.test");
  await send(operator);
  await operator.goto(`${setup}/connections`);
  await lookBeside(operator, "connection-choose-german");
  await operator.goto(`${setup}/connections?idp=oidc`);
  await lookBeside(operator, "connection-oidc-german");
  const redirect = await shown(operator, "Redirect URI");
  const id = redirect.match(/\/oidc\/([^/]+)\/callback$/)?.[1];
  const secret = "a-secret-of-32-characters-and-more";
  const clients = gateway.file("clients.json", JSON.stringify([{ id, secret }]));
  gateway.peer("start-oidc-provider.sh", "oidc-provider", ["--gateway", gateway.url, "--clients", clients, "--port", String(port)]);
  await operator.fill("#issuer", issuer);
  await operator.fill("#client_id", id);
  await operator.fill("#client_secret", secret);
  await operator.fill("#label", "Beispiel-Anmeldung");
  await send(operator);
  const connection = operator.url();
  check("without script the connection is a draft", connection === `${gateway.url}/operator/connections/${id}`, `${connection} ${await text(operator)}`);
  await lookBeside(operator, "connection-draft-german");
  await operator.locator('form[action$="/test"] button').click();
  // The form may lead to our own origin only; where scripts do not run, a button leads on.
  await onward(operator, (url) => url.startsWith(issuer));
  await password(operator, issuer, "olivia");
  await onward(operator, (url) => url.includes("/operator/tests/"));
  check("without script the test passes", operator.url().includes("/operator/tests/") && (await text(operator)).includes("olivia@acme.test"), `${operator.url()} ${await text(operator)}`);
  await lookBeside(operator, "test-german");
  await operator.goto(connection);
  await operator.locator('form[action$="/activate"] button').click();
  await operator.goto(setup);
  check("without script everything is done", /Alles ist erledigt/.test(await text(operator)), await text(operator));
  await lookBeside(operator, "done-german");

  const olivia = await person({ javaScriptEnabled: false, locale: "de", elsewhere: issuer });
  await signIn(olivia, gateway, issuer, "olivia@acme.test");
  check("without script the first sign-in", olivia.url() === `${gateway.url}/` && /Werkbank/.test(await text(olivia)), `${olivia.url()} ${await text(olivia)}`);
  await lookBeside(olivia, "launcher-german");
}

await run([withSimpleSaml, withOidcProvider], async () => {
  for (const one of installations) await one.stop();
});
