// demo.mjs - what the browser tests of the demo share: `usher demo` on free ports, and the browser of pages.mjs. Not a test of its own.
import { spawn } from "node:child_process";
import { browse, freePort } from "./pages.mjs";

/** Starts the demo and a browser; `more` is for the browser. With `data`, the demo keeps what it knows in that folder. */
export async function open({ usher, first, data, ...more }) {
  const eyes = await browse(more);
  const { check } = eyes;
  let said = "";
  const port = await freePort(first, 8);
  const demo = spawn(usher, ["demo", "--port", String(port), ...(data ? ["--data", data] : [])], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => demo.on("exit", (code) => done(code)));
  demo.stdout.on("data", (text) => (said += text));
  demo.stderr.on("data", (text) => (said += text));
  for (let n = 0; n < 200 && !said.includes("Try:"); n++) await new Promise((done) => setTimeout(done, 100));
  check("the demo says where to click", said.includes("Try:"), said);

  /** Runs the parts, and ends the demo; `after` comes last. */
  const run = (parts, after = () => {}) => eyes.run(parts, async () => {
    demo.kill("SIGINT");
    check("Ctrl-C ends the demo", (await ended) === 0, said);
    after();
  });

  const at = (offset) => `http://127.0.0.1:${port + offset}`;
  const [gateway, idp] = [at(0), at(1)];

  /** At the demo identity provider, as whom it offers. */
  async function continueAs(page, name) {
    await page.waitForURL((url) => url.href.startsWith(idp));
    await page.click(`button:has-text("Continue as ${name}")`);
    await page.waitForURL((url) => !url.href.startsWith(idp));
  }

  /** Somebody who has signed in with their address, as the demo identity provider knows them; `options` are of the browser. */
  async function signIn(email, name, options = {}) {
    const page = await eyes.person(options);
    await page.goto(`${gateway}/sign-in`);
    await page.fill("#email", email);
    await page.press("#email", "Enter");
    await continueAs(page, name);
    return page;
  }

  /** An operator, by the link of the demo's start page. */
  async function operator() {
    const page = await eyes.person();
    await page.goto(idp);
    await page.click('button:has-text("Open the operator\'s pages")');
    await page.waitForURL((url) => url.href.startsWith(`${gateway}/recover`));
    await page.click("main form button");
    await page.waitForURL(`${gateway}/operator`);
    return page;
  }

  return { ...eyes, at, continueAs, signIn, operator, run };
}
