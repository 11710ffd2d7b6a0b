// serving.mjs - what the browser tests of a real installation share: `usher serve` with a folder of its own, its commands, and other programs
// beside it, each ended with the test by its process id. Not a test of its own.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./pages.mjs";

export const peers = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../peers");
const installed = process.env.USHER_PEERS ?? path.join(os.homedir(), ".cache/usher-peers");
export const python = path.join(installed, "venv/bin/python");

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** A folder and the programs that run in it. */
export class Installation {
  constructor(usher, name) {
    this.usher = usher;
    this.work = fs.mkdtempSync(path.join(os.tmpdir(), `usher-${name}-`));
    this.running = [];
    this.peers = [];
  }

  file(name, text) {
    fs.writeFileSync(path.join(this.work, name), text);
    return path.join(this.work, name);
  }

  start(command, args) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const one = { child, said: "", ended: new Promise((done) => child.on("exit", done)) };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (one.said += text));
    this.running.push(one);
    return one;
  }

  /** `usher serve` on an empty folder; `server` are further lines of its configuration. What it says within ten seconds is known by then. */
  async serve(first, server = "") {
    this.port = await freePort(first);
    this.url = `http://127.0.0.1:${this.port}`;
    this.config = this.file("usher.toml", `[server]\npublic_url = "${this.url}"\nlisten = "127.0.0.1:${this.port}"\ndata_dir = "${this.work}/data"\nallow_private_idp = true\n${server}`);
    const gateway = this.start(this.usher, ["serve", "--config", this.config]);
    for (let n = 0; n < 100; n++) {
      if (gateway.said.includes("/recover?token=") && await fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false)) break;
      await wait(100);
    }
    return gateway.said.match(/http\S+\/recover\?token=\S+/)?.[0];
  }

  /** What a command on the gateway's shell prints. */
  shell(...args) {
    return execFileSync(this.usher, [...args, "--config", this.config], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  }

  /** Starts an identity provider of tests/peers/idp. */
  peer(script, name, args) {
    this.peers.push([script, name]);
    const environment = { ...process.env, PEERS_WORK: path.join(this.work, "peers"), PEERS_VENV: path.join(installed, "venv"), PEERS_NODE: path.join(installed, "node") };
    this.asPeer = (script, verb, more) => execFileSync(path.join(peers, "idp", script), [verb, ...more], { encoding: "utf8", env: environment, stdio: ["ignore", "pipe", "inherit"] });
    return this.asPeer(script, "start", ["--name", name, ...args]);
  }

  async stop() {
    for (const [script, name] of this.peers) this.asPeer(script, "stop", ["--name", name]);
    for (const one of this.running.reverse()) one.child.kill("SIGTERM");
    await Promise.all(this.running.map((one) => one.ended));
    fs.rmSync(this.work, { recursive: true, force: true });
  }
}
