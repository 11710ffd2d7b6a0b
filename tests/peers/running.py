"""What the tests here share: programs are started, each in its own process group with its own log, and exactly those are ended when the test ends; what
is found is counted; and the gateway under test, with its file, its commands and its server, in a folder of its own."""
import atexit
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import httpx

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = pathlib.Path(os.environ.get("USHER_PEERS", pathlib.Path.home() / ".cache/usher-peers"))


def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url, seconds=20, log="its log"):
    """The first answer of something that was just started."""
    for _ in range(seconds * 10):
        try:
            return httpx.get(url, timeout=3, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer; see {log}")


class Running:
    def __init__(self, name):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix=f"usher-{name}-"))
        self.processes, self.at_end, self.keep = [], [], False
        self.passed = self.failed = 0
        self.users = HERE / "users.json"
        atexit.register(self.stop)
        # A stopped test run ends what it started, too.
        signal.signal(signal.SIGTERM, lambda *_: exit(143))

    def start(self, name, *command, **environment):
        with open(self.work / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, env={**os.environ, **environment}, start_new_session=True)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        for step in self.at_end:
            step()
        self.processes, self.at_end = [], []
        if self.keep:
            print(f"  logs are in {self.work}")
        else:
            shutil.rmtree(self.work, ignore_errors=True)

    def check(self, what, truth, seen=""):
        if truth:
            self.passed += 1
        else:
            self.failed += 1
            self.keep = True
            print(f"  FAILED {what}  {str(seen)[:900]}")

    def part(self, part, *arguments):
        """One part of the test; a broken one must not hide the others."""
        try:
            part(*arguments)
        except Exception as error:
            self.check(f"{part.__name__} ran through", False, f"{type(error).__name__}: {error}")

    def end(self):
        """Ends what was started, and the test with its closing line; one that has looked at nothing has not passed."""
        atexit.unregister(self.stop)
        self.stop()
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.passed and not self.failed else 1)

    def _peer(self, script, *arguments):
        environment = {"PEERS_WORK": self.work / "peers", "PEERS_VENV": PEERS / "venv", "PEERS_NODE": PEERS / "node", "PEERS_USERS": self.users}
        return subprocess.run([HERE / "idp" / script, *map(str, arguments)], env={**os.environ, **{name: str(value) for name, value in environment.items()}}, capture_output=True, text=True)

    def peer(self, script, *arguments):
        """Does something with a counterpart of the folder idp."""
        done = self._peer(script, *arguments)
        assert done.returncode == 0, f"{script} {arguments}: {done.stdout} {done.stderr}"

    def ends_with_it(self, *scripts):
        """These counterparts are stopped when the test ends."""
        self.at_end += [lambda script=script: self._peer(script, "stop") for script in scripts]


class Gateway:
    """The gateway under test."""

    def __init__(self, running, program):
        self.running, self.program, self.port = running, program, port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log, self.organizations = running.work / "gateway.log", running.work / "organizations.toml"

    def configure(self, *more):
        lines = ("[server]", f'public_url = "{self.base}"', f'listen = "127.0.0.1:{self.port}"', f'data_dir = "{self.running.work}/data"', *more)
        (self.running.work / "usher.toml").write_text("\n".join(lines) + "\n")

    def usher(self, *arguments, expect=0):
        """What a command prints; where it is to fail, with its errors."""
        done = subprocess.run([self.program, *arguments, "--config", str(self.running.work / "usher.toml")], capture_output=True, text=True, timeout=60)
        self.running.check(f"usher {' '.join(arguments[:3])} exits {expect}", done.returncode == expect, done.stdout + done.stderr)
        return done.stdout + done.stderr if expect else done.stdout

    def apply(self):
        """Brings it to what the file of organizations says."""
        return self.usher("apply", str(self.organizations), "--yes")

    def serve(self):
        process = self.running.start("gateway", self.program, "serve", "--config", self.running.work / "usher.toml")
        self.running.check("ready", answers(f"{self.base}/readyz", log=self.log).status_code == 200)
        return process


class Proxies:
    """nginx, Caddy and Traefik with exactly the example files; only addresses, ports and the application's name differ."""

    KINDS = ("nginx", "caddy", "traefik")

    def __init__(self, running, gateway, application):
        self.running, self.gateway, self.application = running, gateway, application
        self.ports = {kind: port() for kind in self.KINDS}

    def url(self, kind):
        return f"http://127.0.0.1:{self.ports[kind]}"

    def _example(self, name, *replacements):
        text = (ROOT / "examples/proxies" / name).read_text()
        for old, new in (("127.0.0.1:8080", f"127.0.0.1:{self.gateway}"), ("127.0.0.1:3000", f"127.0.0.1:{self.application}"), *replacements):
            assert old in text or old.startswith("127.0.0.1:"), f"{name} no longer says {old}"
            text = text.replace(old, new)
        return text

    def start(self):
        work, start = self.running.work, self.running.start
        server = self._example("nginx.conf", ("listen 80;", f"listen 127.0.0.1:{self.ports['nginx']};"), ("wiki.example.com", "127.0.0.1"))
        temporary = " ".join(f"{kind}_temp_path {work}/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (work / "nginx.conf").write_text(f"daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx-error.log;\nevents {{}}\nhttp {{ access_log off; {temporary}\n{server}\n}}\n")
        start("nginx", shutil.which("nginx") or "/usr/sbin/nginx", "-e", work / "nginx-error.log", "-c", work / "nginx.conf")

        site = self._example("Caddyfile", ("wiki.example.com {", f"http://127.0.0.1:{self.ports['caddy']} {{\n\tbind 127.0.0.1"))
        (work / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + site)
        start("caddy", "caddy", "run", "--config", work / "Caddyfile", "--adapter", "caddyfile", HOME=str(work), XDG_DATA_HOME=str(work), XDG_CONFIG_HOME=str(work))

        (work / "traefik.yml").write_text(self._example("traefik.yml", ("wiki.example.com", "127.0.0.1")))
        static = self._example("traefik-static.yml", ('":80"', f'"127.0.0.1:{self.ports["traefik"]}"'), ("/etc/traefik/traefik.yml", str(work / "traefik.yml")))
        (work / "traefik-static.yml").write_text(static + "global:\n  checkNewVersion: false\n  sendAnonymousUsage: false\nlog:\n  level: ERROR\n")
        start("traefik", PEERS / "venv/bin/traefik", "--configFile", work / "traefik-static.yml", HOME=str(work))
        for kind in self.KINDS:
            answers(self.url(kind), log=work / f"{kind}.log")
