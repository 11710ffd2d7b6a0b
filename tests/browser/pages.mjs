// pages.mjs - what the browser tests share: a Chromium, how a page is judged, and the pictures of the guides. Not a test of its own.
import { createRequire } from "node:module";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { reduced } from "./reduced.mjs";

const require = createRequire(path.join(process.env.NODE_PATH ?? "", "x.js"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Until the preview of a change is worked out; a page that says how far it is looks again by itself. */
export const worked = (page) => page.waitForSelector("main input[name=seen]", { state: "attached", timeout: 60000 });

/** What a page says. */
export const text = (page) => page.textContent("main");

/** The code of a refusal; null on any other page. */
export const refusal = (page) => page.getAttribute("meta[name=usher-refusal]", "content", { timeout: 5000 }).catch(() => null);

/** Sends the first form of a page. */
export const send = (page) => page.click("main form[method=post] button[type=submit]");

/** The first of `count` free ports in a row. */
export async function freePort(first, count = 1) {
  for (let port = first; port < 30000; port += 20) {
    const free = await Promise.all([...Array(count).keys()].map((n) => new Promise((done) => {
      const probe = net.createServer().once("error", () => done(false)).once("listening", () => probe.close(() => done(true)));
      probe.listen(port + n, "127.0.0.1");
    })));
    if (free.every(Boolean)) return port;
  }
  throw new Error("no free ports");
}

/**
 * Starts a browser. `harmless` are the statuses that pages answer on purpose and Chromium logs as errors; scripts and
 * policies are what counts. `size` is the window that pages are walked in.
 */
export async function browse({ shots, harmless = [401, 403, 404], size = { width: 1280, height: 800 } }) {
  let passed = 0, failed = 0;
  const check = (what, truth, seen = "") => {
    if (truth) passed++;
    else { failed++; console.log(`  FAILED ${what}  ${String(seen).slice(0, 700)}`); }
  };
  fs.mkdirSync(shots, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const expected = new RegExp(`the server responded with a status of (${harmless.join("|")})`);

  /** Somebody with a browser of their own. What the pages of `elsewhere` log, programs of others, is not ours. */
  async function person({ elsewhere, ...options } = {}) {
    const context = await browser.newContext({ viewport: size, locale: "en", reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    const theirs = () => elsewhere && page.url().startsWith(elsewhere);
    page.on("console", (message) => {
      if (message.type() === "error" && !expected.test(message.text()) && !theirs()) check(`console of ${page.url()}`, false, message.text());
    });
    page.on("pageerror", (error) => { if (!theirs()) check(`script of ${page.url()}`, false, error); });
    return page;
  }

  const shoot = (page, name) => page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });

  /** Nothing scrolls sideways, and axe finds nothing. */
  async function judge(page, name) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    check(`${name}: nothing scrolls sideways`, wide <= 0, `${wide} px too wide`);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const result = await globalThis.axe.run(document, { runOnly: tags });
      return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
    });
    check(`${name}: axe`, found.length === 0, found.join("; "));
  }

  /** Judges and shoots a page in light and dark, at each width. */
  async function judgeAll(page, name, widths) {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of widths) {
        await page.setViewportSize({ ...size, width });
        await judge(page, `${name}, ${colorScheme}, ${width} px`);
        await shoot(page, `${name}.${colorScheme}.${width}`);
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(size);
  }

  /**
   * The picture NAME.png of the guides (docs/guides/pictures), taken anew where PICTURES names the folder: the page, or what
   * `part` selects of it, from the top on at most `height` pixels. tests/it/docs.rs holds these names, the files and the guides together.
   */
  async function picture(page, name, { part = "body", height = 900 } = {}) {
    const folder = process.env.PICTURES;
    if (!folder) return;
    await page.setViewportSize({ width: 960, height: 800 });
    const box = await page.locator(part).first().boundingBox();
    const clip = { x: box.x, y: box.y, width: box.width, height: Math.min(box.height, height) };
    const shot = await page.screenshot({ fullPage: true, clip });
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, `${name}.png`), reduced(shot));
    await page.setViewportSize(size);
  }

  /** Runs the parts, each whatever became of those before; then ends everything by `end`, and the process. */
  async function run(parts, end = async () => {}) {
    for (const part of parts) {
      try {
        await part();
      } catch (error) {
        check(`${part.name} ran through`, false, error.stack);
        const pages = browser.contexts().flatMap((context) => context.pages());
        for (const [n, page] of pages.entries()) await shoot(page, `stuck-${part.name}-${n}`);
      }
    }
    await browser.close();
    await end();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
  }

  return { size, check, person, shoot, judge, judgeAll, picture, run };
}
