// identity.mjs USHER SCREENSHOTS - a real browser takes Acme Work of `usher demo` through the five provisioning modes on the page "Identity and
// access": draft, preview, save, and what then happens to people; the guard, the change that is confirmed and the one that is taken back;
// without script; in German. On every page: axe finds nothing, the console has no error, nothing overflows at 1280, 360 and 320 px; screenshots
// in light and dark. Ends with "N passed, N failed".
import { open } from "./demo.mjs";
import { refusal, text, worked } from "./pages.mjs";

const [usher, shots] = process.argv.slice(2);
const { at, check, person, continueAs, judgeAll, run } = await open({ usher, shots, first: 26000, harmless: [401, 403, 404, 409, 422] });
const [gateway, idp, wiki] = [0, 1, 2].map(at);
const seen = new Set();

/** Looks at the page in light and dark, wide and narrow, once per name. */
async function look(page, name) {
  if (seen.has(name)) return;
  seen.add(name);
  await judgeAll(page, name, [1280, 360, 320]);
}

const here = `${gateway}/admin/acme-work/identity`;

async function signIn(page, name, to = wiki) {
  await page.goto(`${gateway}/sign-in/acme?return_to=${encodeURIComponent(to)}`);
  await continueAs(page, name);
}

/** Chooses a mode, with or without mappings, and goes on to the preview. */
async function draft(page, mode, mappings) {
  await page.goto(here);
  await page.check(`#mode-${mode}`);
  await page.locator("input[name=mappings]").setChecked(mappings);
  await page.click('button[value="save"]');
  await page.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
  await worked(page);
}

/** Saves what the preview shows, with the organization's name where it is asked for. */
async function save(page) {
  if (await page.locator("#confirm").count()) await page.fill("#confirm", "Acme Work");
  await page.click("main form[method=post] button[type=submit]");
  await page.waitForURL((url) => !url.pathname.endsWith("/identity/preview"));
}

async function modes() {
  const olivia = await person();
  await signIn(olivia, "Olivia");
  const anna = await person();
  await signIn(anna, "Anna");
  await olivia.goto(here);
  check("mode and mappings are those of the file", await olivia.isChecked("#mode-jit") && await olivia.isChecked("input[name=mappings]"), await text(olivia));
  check("a row tells how many people it gives something", /acme-everyone[\s\S]*2 people, last seen/.test(await text(olivia)), await text(olivia));
  check("scim waits for a directory", await olivia.isDisabled("#mode-scim"), await text(olivia));
  await look(olivia, "identity");

  // A draft survives navigation.
  await olivia.fill("#role-admin", "acme-<b>\"friends\"");
  await olivia.press("#role-admin", "Enter");
  await olivia.goto(`${gateway}/admin/acme-work/members`);
  await olivia.goto(here);
  check("the draft is there", (await text(olivia)).includes('acme-<b>"friends"') && (await text(olivia)).includes("draft that is not saved"), await text(olivia));
  await look(olivia, "identity-draft");
  await olivia.click('button[value="discard"]');
  check("and goes when it is discarded", !(await text(olivia)).includes("friends"));

  // 1: manual.
  await draft(olivia, "manual", false);
  await look(olivia, "preview-manual");
  await save(olivia);
  check("manual is saved", olivia.url() === here && await olivia.isChecked("#mode-manual"), `${olivia.url()} ${await text(olivia)}`);
  const noah = await person();
  await signIn(noah, "Noah");
  check("manual: somebody unknown is refused", (await refusal(noah)) !== null, noah.url());

  // 2: just in time. Noah is in no group, and comes in.
  await draft(olivia, "jit", false);
  await save(olivia);
  check("jit is saved", await olivia.isChecked("#mode-jit") && !(await olivia.isChecked("input[name=mappings]")), await text(olivia));
  await signIn(noah, "Noah");
  check("jit: whoever is let through is a member", noah.url().startsWith(wiki), `${noah.url()} ${await refusal(noah)}`);

  // 3: with group mappings. The preview says that Noah goes.
  await draft(olivia, "jit", true);
  check("the preview names Noah", /nogroup@acme.test[\s\S]*No longer a member/.test(await text(olivia)), await text(olivia));
  check("and how old the evidence is", (await text(olivia)).includes("groups seen today"), await text(olivia));
  check("and when", (await text(olivia)).includes("next sign-in"), await text(olivia));
  check("and the button how many", /Shut one person out/.test(await olivia.textContent("main form[method=post] button")), await text(olivia));
  await look(olivia, "preview-mappings");
  await save(olivia);
  await noah.goto(wiki);
  check("jit with mappings: nothing changes between sign-ins", noah.url().startsWith(wiki), noah.url());
  await signIn(noah, "Noah");
  check("and at the next sign-in it does", (await refusal(noah)) === "no_group_access", noah.url());

  // 4, 5: directory sync.
  const admin = await person();
  await admin.goto(`${idp}/push`);
  await admin.click('button:has-text("Push everything")');
  check("the directory is pushed", ((await admin.textContent("[role=status]")) ?? "").startsWith("Pushed"), await text(admin));
  await olivia.goto(here);
  check("scim can be chosen now", await olivia.isEnabled("#mode-scim"), await text(olivia));
  await draft(olivia, "scim", true);
  check("scim comes at once", (await text(olivia)).includes("This comes at once when you save."), await text(olivia));
  await look(olivia, "preview-scim");
  await save(olivia);
  check("scim with mappings is saved", (await text(olivia)).includes("Saved."), `${olivia.url()} ${await text(olivia)}`);
  if (olivia.url() !== here) await olivia.goto(here);
  check("groups are those of the directory", (await text(olivia)).includes("Groups in the directory"), await text(olivia));
  await look(olivia, "identity-scim");
  await draft(olivia, "scim", false);
  await look(olivia, "preview-scim-plain");
  await save(olivia);
  await olivia.goto(here);
  check("scim without mappings is saved", await olivia.isChecked("#mode-scim") && !(await olivia.isChecked("input[name=mappings]")), await text(olivia));
  await draft(olivia, "jit", true);
  await save(olivia);
  await olivia.goto(here);
  check("and back again", await olivia.isChecked("#mode-jit"), await text(olivia));
}

async function guards() {
  const olivia = await person();
  await signIn(olivia, "Olivia");
  const takeFromOwners = async () => {
    await olivia.goto(here);
    await olivia.click('button[value="drop:role:owner:acme-owners"]');
    await olivia.click('button[value="save"]');
    await olivia.waitForURL((url) => url.pathname.endsWith("/identity/preview"));
    await worked(olivia);
  };
  await takeFromOwners();
  check("the guard asks for the name", await olivia.locator("#confirm").count() === 1, await text(olivia));
  await look(olivia, "preview-lockout");
  await olivia.click("main form[method=post] button[type=submit]");
  check("and saves nothing without it", (await olivia.locator("#confirm-problem").count()) === 1, await text(olivia));
  await look(olivia, "preview-lockout-untyped");
  await save(olivia);
  check("a change that takes identity waits", olivia.url() === `${here}/confirm`, olivia.url());
  check("for ten minutes", /10 minutes/.test(await text(olivia)), await text(olivia));
  await look(olivia, "confirm-again");
  await olivia.goto(`${gateway}/admin/acme-work`);
  check("the overview tells", (await text(olivia)).includes("is taken back in"), await text(olivia));
  await look(olivia, "overview-probation");
  await olivia.goto(`${here}/confirm`);
  await olivia.click('button:has-text("Take back now")');
  await olivia.waitForURL(here);
  check("and is taken back", (await text(olivia)).includes("the old settings hold again") && (await text(olivia)).includes("acme-owners"), await text(olivia));
}

async function german() {
  const olivia = await person({ locale: "de-AT", javaScriptEnabled: true });
  await signIn(olivia, "Olivia");
  await olivia.goto(here);
  check("German", (await olivia.textContent("h1")) === "Identit\u00e4t und Zugriff", await olivia.textContent("h1"));
  await look(olivia, "identity-german");
  await olivia.fill("#seat-premium", "neue-gruppe");
  await olivia.click('button[value="add:seat:premium"]');
  await olivia.click('button[value="save"]');
  await look(olivia, "preview-german");
  check("the preview is German", (await olivia.textContent("h1")) === "Was das Speichern \u00e4ndern w\u00fcrde", await olivia.textContent("h1"));
  await olivia.goto(here);
  await olivia.click('button[value="discard"]');
}

async function withoutScript() {
  const plain = await person({ javaScriptEnabled: false });
  await plain.goto(`${gateway}/sign-in/acme?return_to=${encodeURIComponent(wiki)}`);
  await plain.click('button:has-text("Continue as Olivia")');
  // The answer of the identity provider is sent by a button where scripts do not run.
  for (let n = 0; n < 3 && !plain.url().startsWith(wiki); n++) await plain.locator("main form button").first().click();
  await plain.goto(here);
  await plain.fill("#role-user", "by-keyboard");
  await plain.press("#role-user", "Enter");
  check("without script a group is added by Enter", (await text(plain)).includes("by-keyboard"), await text(plain));
  await plain.click('button[value="drop:role:user:by-keyboard"]');
  check("and removed by its button", !(await text(plain)).includes("by-keyboard"), await text(plain));
}

await run([modes, guards, german, withoutScript]);
