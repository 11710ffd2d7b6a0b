#!/usr/bin/env python3
"""snippets.py USHER - what the settings page of an application shows to be pasted into nginx, Caddy and Traefik, read from that page and run by the real
proxies, for every set of headers: they take the configuration as it is (only the application's own address is filled in), send strangers to sign in,
hand on the headers of the set for somebody who is signed in, and none that a client sends under their names, in any spelling. People are oidc-provider's.
Started by tests/run; needs tests/peers/setup.sh. Loopback only; ends what it started. Last line: N passed, N failed."""
import html
import json
import os
import re
import shutil
import subprocess
import sys

import httpx

from driver import Browser
from headers import HEADERS, plain, spellings
from running import HERE, PEERS, Gateway, Running, answers, port

running = Running("snippets")
WORK, check = running.work, running.check
gateway = Gateway(running, sys.argv[1])
usher, BASE = gateway.usher, gateway.base
OP, APPLICATION = port(), port()
ISSUER = f"http://127.0.0.1:{OP}"
SECRET = "a-secret-of-32-characters-and-more"
FORGED = "forged-by-client"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

# Each set of headers with those that it adds, and what they say of Uma; ID stands for what X-Usher-User-Id says.
ID = "the id"
PRESETS = {
    "usher": {},
    "oauth2-proxy": {
        **{f"{family}-{name}": value for family in ("X-Auth-Request", "X-Forwarded") for name, value in {"User": ID, "Email": "uma@acme.test", "Groups": "gw-users,seat-standard"}.items()},
        "X-Auth-Request-Preferred-Username": "uma@acme.test",
        "X-Forwarded-Preferred-Username": "uma@acme.test",
    },
    "authentik": {"X-authentik-username": "uma@acme.test", "X-authentik-email": "uma@acme.test", "X-authentik-name": "Uma User", "X-authentik-uid": ID, "X-authentik-groups": "gw-users|seat-standard"},
}
KINDS = ("nginx", "caddy", "traefik")
PORTS = {(kind, preset): port() for kind in KINDS for preset in PRESETS}


def url(kind, preset):
    return f"http://127.0.0.1:{PORTS[kind, preset]}"


def organizations():
    applications = "".join(f"""
[[parent.organization.application]]
slug = "{kind}-{preset}"
name = "Behind {kind} with {preset}"
url = "{url(kind, preset)}"
headers = "{preset}"
""" for kind, preset in PORTS) + "".join(f"""
[[parent.organization.application]]
slug = "secure-{preset}"
name = "Over https with {preset}"
url = "https://{preset}.acme.test"
headers = "{preset}"
""" for preset in PRESETS)
    gateway.organizations.write_text(f"""
[[parent]]
slug = "acme"
name = "Acme"
plan = "enterprise"
[[parent.domain]]
name = "acme.test"
vouched = true
[[parent.connection]]
slug = "acme"
label = "Acme"
protocol = "oidc"
issuer = "{ISSUER}"
client_id = "acme"
client_secret = "{SECRET}"
active = true
[[parent.organization]]
slug = "acme-work"
name = "Acme Work"
product = "enterprise-seats"
provisioning = "jit"
[parent.organization.seats]
premium = 10
standard = 50
{applications}
""")


class Operator:
    """Comes in by the link that the shell prints."""

    def __init__(self):
        link = re.search(r"http\S+/recover\?token=(\S+)", usher("recover"))
        self.http = httpx.Client(trust_env=False, timeout=20)
        came = self.http.post(f"{BASE}/recover", data={"token": link[1]}, headers={"Origin": BASE})
        check("the link opens the operator's session", came.status_code == 303, came.text)

    def snippets(self, slug):
        page = self.http.get(f"{BASE}/admin/acme-work/applications/{slug}").text
        return {name: html.unescape(text) for name, text in re.findall(r'<pre id="snippet-([a-z-]+)"[^>]*>(.*?)</pre>', page, re.S)}


def ours(text):
    """The application's own address, which the page asks to adapt."""
    assert "127.0.0.1:3000" in text, text
    return text.replace("127.0.0.1:3000", f"127.0.0.1:{APPLICATION}")


def nginx_file(name, server):
    temporary = " ".join(f"{kind}_temp_path {WORK}/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (WORK / name).write_text(f"daemon off; worker_processes 1; pid {WORK}/{name}.pid; error_log {WORK}/nginx-error.log;\nevents {{}}\nhttp {{ access_log off; {temporary}\n{server}\n}}\n")
    return WORK / name


def accepted(what, *command, **environment):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": str(WORK), **environment})
    check(what, done.returncode == 0, done.stdout + done.stderr)


def proxies():
    operator = Operator()
    shown = {key: operator.snippets("-".join(key)) for key in PORTS}
    check("the page of every application has four configurations", all(set(one) == {"nginx", "caddy", "traefik", "traefik-static"} for one in shown.values()), shown)
    print("nginx")
    servers = nginx_file("nginx.conf", "\n".join(ours(shown["nginx", preset]["nginx"]) for preset in PRESETS))
    accepted("nginx takes what the pages show", NGINX, "-t", "-e", WORK / "nginx-error.log", "-c", servers)
    print("Caddy")
    sites = WORK / "Caddyfile"
    sites.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + "\n".join(ours(shown["caddy", preset]["caddy"]) for preset in PRESETS))
    accepted("Caddy takes what the pages show", "caddy", "validate", "--config", sites, "--adapter", "caddyfile", XDG_DATA_HOME=str(WORK), XDG_CONFIG_HOME=str(WORK))
    print("the same over https")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=acme.test", "-keyout", WORK / "key.pem", "-out", WORK / "certificate.pem"], capture_output=True, check=True)
    for preset in PRESETS:
        secure = operator.snippets(f"secure-{preset}")
        server = ours(secure["nginx"]).replace("/etc/nginx/", f"{WORK}/").replace("listen 443 ssl", f"listen 127.0.0.1:{port()} ssl")
        accepted(f"nginx takes {preset} over https", NGINX, "-t", "-e", WORK / "nginx-error.log", "-c", nginx_file(f"secure-{preset}.conf", server))
        (WORK / f"secure-{preset}").write_text("{\n\tadmin off\n}\n" + ours(secure["caddy"]))
        accepted(f"Caddy takes {preset} over https", "caddy", "validate", "--config", WORK / f"secure-{preset}", "--adapter", "caddyfile", XDG_DATA_HOME=str(WORK), XDG_CONFIG_HOME=str(WORK))

    running.start("nginx", NGINX, "-e", WORK / "nginx-error.log", "-c", servers)
    running.start("caddy", "caddy", "run", "--config", sites, "--adapter", "caddyfile", HOME=str(WORK), XDG_DATA_HOME=str(WORK), XDG_CONFIG_HOME=str(WORK))
    for preset in PRESETS:
        one = shown["traefik", preset]
        dynamic, static = WORK / f"traefik-{preset}.yml", WORK / f"traefik-static-{preset}.yml"
        dynamic.write_text(ours(one["traefik"]))
        check("the static part names a file", "/etc/traefik/traefik.yml" in one["traefik-static"], one["traefik-static"])
        static.write_text(one["traefik-static"].replace("/etc/traefik/traefik.yml", str(dynamic)) + "global:\n  checkNewVersion: false\n  sendAnonymousUsage: false\nlog:\n  level: ERROR\n")
        running.start(f"traefik-{preset}", PEERS / "venv/bin/traefik", "--configFile", static, HOME=str(WORK))
    for kind, preset in PORTS:
        log = WORK / (f"traefik-{preset}.log" if kind == "traefik" else f"{kind}.log")
        answers(url(kind, preset), log=log)


def headers(response):
    seen = {}
    for name, value in response.json()["headers"]:
        seen.setdefault(plain(name), []).append(value)
    return seen


def requests():
    uma = Browser("uma", "acme")
    signed = uma.visit(f"{BASE}/sign-in/acme")
    check("uma is signed in", any("usher" in name for name in uma.http.cookies), f"{signed.status_code} {signed.headers}")
    for kind, preset in PORTS:
        here, name = url(kind, preset), f"{kind}, {preset}"
        stranger = httpx.get(f"{here}/a/b?x=1", headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}, trust_env=False)
        back = httpx.URL(stranger.headers.get("location", "")).params.get("return_to")
        check(f"{name}: a stranger is sent to sign in, and back", stranger.status_code == 302 and back == f"{here}/a/b?x=1", f"{stranger.status_code} {stranger.headers}")
        answer = uma.http.get(f"{here}/a/b?x=1")
        check(f"{name}: who is signed in enters", answer.status_code == 200, f"{answer.status_code} {answer.text}")
        if answer.status_code != 200:
            continue
        told = headers(answer)
        expected = {"Remote-User": "uma@acme.test", "X-Usher-Organization": "acme-work", "X-Usher-Role": "user", **PRESETS[preset]}
        expected = {header: told.get(plain("X-Usher-User-Id"), [""])[0] if value is ID else value for header, value in expected.items()}
        wrong = {header: told.get(plain(header)) for header, value in expected.items() if told.get(plain(header)) != [value]}
        check(f"{name}: the application is told who it is, each once", not wrong, wrong)
        check(f"{name}: with the signed header", len(told.get(plain("X-Usher-Assertion"), [""])[0].split(".")) == 3, told)
        attempts = 0
        for header in {*HEADERS, *PRESETS[preset]}:
            for spelling in spellings(header):
                attempts += 1
                forged = uma.http.get(f"{here}/x", headers={spelling: FORGED})
                check(f"{name}: {spelling} is the client's own word", FORGED not in forged.text and forged.status_code in (200, 400), f"{forged.status_code} {forged.text}")
        print(f"  {name}: {attempts} forged headers")


running.ends_with_it("start-oidc-provider.sh")
gateway.configure('trusted_proxies = ["127.0.0.1"]', "allow_private_idp = true")
(WORK / "clients.json").write_text(json.dumps([{"id": "acme", "secret": SECRET}]))
organizations()
running.start("application", sys.executable, HERE / "echo_backend.py", "--port", APPLICATION)
gateway.serve()
gateway.apply()
running.peer("start-oidc-provider.sh", "start", "--gateway", BASE, "--clients", WORK / "clients.json", "--port", OP)
for part in (proxies, requests):
    running.part(part)
running.end()
