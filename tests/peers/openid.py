#!/usr/bin/env python3
"""openid.py USHER - sign-ins and sign-outs with OpenID providers that nobody here wrote: oidc-provider (npm, certified) in many dialects, and Canaille.
Started by tests/run; needs tests/peers/setup.sh. Loopback only; ends what it started."""
import json
import re
import sys
import urllib.parse

import httpx

from driver import Browser, Page
from running import Gateway, Running, port

running = Running("openid")
WORK, check, peer = running.work, running.check, running.peer
gateway = Gateway(running, sys.argv[1])
usher, BASE = gateway.usher, gateway.base
OP, CANAILLE = port(), port()
ISSUER, OTHER = (f"http://127.0.0.1:{number}" for number in (OP, CANAILLE))
WIKI = "https://wiki.acme.test"
SECRET = "a-secret-of-32-characters-and-more"

# One client per dialect; each is a connection of its own. What is expected: role and seat, or a refusal.
DIALECTS = [
    ({"id": "rs256"}, ("user", "standard")),
    ({"id": "ps256", "alg": "PS256"}, ("user", "standard")),
    ({"id": "es256", "alg": "ES256"}, ("user", "standard")),
    ({"id": "eddsa", "alg": "EdDSA"}, ("user", "standard")),
    ({"id": "post", "auth": "client_secret_post"}, ("user", "standard")),
    ({"id": "our-key", "auth": "private_key_jwt"}, ("user", "standard")),
    ({"id": "userinfo", "groups_in": "userinfo"}, ("user", "standard")),
    ({"id": "both", "groups_in": "both", "email_verified": "absent"}, ("user", "standard")),
    ({"id": "text", "groups_as": "string", "email_verified": "string"}, ("user", "standard")),
    ({"id": "objects", "groups_as": "objects"}, ("user", "standard")),
    ({"id": "none", "groups_in": "none"}, "groups_missing"),
    ({"id": "unverified", "email_verified": "false"}, "assertion_invalid"),
]


def connection(slug, issuer, more):
    secret = "" if "private_key_jwt" in more else f'client_secret = "{SECRET}"'
    return f'[[parent.connection]]\nslug = "{slug}"\nlabel = "{slug}"\nprotocol = "oidc"\nissuer = "{issuer}"\nclient_id = "{slug}"\n{secret}\nactive = true\n{more}\n'


def organizations():
    connections = [connection(client["id"], ISSUER, f'client_auth = "{client["auth"]}"' if "auth" in client else "") for client, _ in DIALECTS]
    connections.append(connection("canaille", OTHER, 'scopes = ["openid", "email", "profile", "groups"]'))
    gateway.organizations.write_text('[[parent]]\nslug = "acme"\nname = "Acme"\nplan = "enterprise"\n[[parent.domain]]\nname = "acme.test"\nvouched = true\n' + "".join(connections) + f"""
[[parent.organization]]
slug = "acme-work"
name = "Acme Work"
product = "enterprise-seats"
provisioning = "jit"
group_mappings = true
[parent.organization.seats]
premium = 10
standard = 50
[parent.organization.role_mappings]
owner = ["gw-owners"]
admin = ["gw-admins"]
user = ["gw-users"]
[parent.organization.seat_mappings]
premium = ["seat-premium"]
standard = ["seat-standard"]
[[parent.organization.application]]
slug = "wiki"
name = "Wiki"
url = "{WIKI}"
""")


class Person(Browser):
    """Also fills in Canaille's form that asks for the name first, agrees to what is asked, and asks the gateway as a reverse proxy would."""

    def sign_in(self, slug):
        response = self.visit(f"{BASE}/sign-in/{slug}")
        for _ in range(4):
            page = Page(response.text)
            form = next((form for form in page.forms if {"login", "answer"} & set(form["fields"])), None)
            if response.status_code != 200 or form is None or str(response.url).startswith(BASE):
                break
            data = {**form["fields"], **({"login": self.user} if "login" in form["fields"] else {"answer": "accept"})}
            response = self.visit(urllib.parse.urljoin(str(response.url), form["action"] or str(response.url)), "POST", data)
        return response

    def told(self):
        response = self.http.get(f"{BASE}/auth/nginx", headers={"X-Original-URL": f"{WIKI}/"})
        return (response.headers["x-usher-role"], response.headers["x-usher-seat"]) if response.status_code == 200 else response.status_code


def dialects():
    print("oidc-provider, a client for each dialect")
    for client, expected in DIALECTS:
        uma = Person("uma")
        response = uma.sign_in(client["id"])
        if isinstance(expected, tuple):
            check(f"{client}: uma is in", uma.told() == expected, f"{uma.told()} {response.status_code} {response.headers.get('x-usher-refusal')}")
        else:
            check(f"{client}: {expected}", response.headers.get("x-usher-refusal") == expected and uma.told() == 401, f"{response.status_code} {response.headers}")
            decision = usher("incident", response.headers.get("x-usher-incident", ""))
            check(f"{client}: the admin finds what to do", "next_step: " in decision, decision)
    check("the logs of the provider are quiet", "error" not in (WORK / "peers/oidc-provider/log").read_text(), (WORK / "peers/oidc-provider/log").read_text())
    eve = Person("eve")
    check("a foreign domain", eve.sign_in("rs256").headers.get("x-usher-refusal") == "domain_not_verified")
    many = Person("many")
    many.sign_in("userinfo")
    check("251 groups", many.told() == ("user", "premium"), many.told())
    response = httpx.Client(follow_redirects=True, trust_env=False)
    page = response.get(f"{BASE}/sign-in/rs256")
    cancel = Page(page.text).forms[1]
    back = response.post(urllib.parse.urljoin(str(page.url), cancel["action"]), data=cancel["fields"])
    check("cancelled at the provider", back.headers.get("x-usher-refusal") == "idp_denied", back.headers)


def rotation():
    print("new signing keys")
    assert httpx.post(f"{ISSUER}/_test/rotate", trust_env=False).status_code == 200
    for slug in ("rs256", "ps256", "es256", "eddsa"):
        uma = Person("uma")
        uma.sign_in(slug)
        check(f"{slug}: in with the new key", uma.told() == ("user", "standard"), uma.told())


def sign_outs():
    print("signed out at the provider: the back channel")
    adam = Person("adam")
    adam.sign_in("rs256")
    at_work, ours = adam.told(), dict(adam.http.cookies)
    phone = Person("adam")
    phone.sign_in("rs256")
    check("adam is in, twice", at_work == phone.told() == ("admin", "standard"), at_work)
    page = adam.http.get(f"{ISSUER}/session/end", params={"client_id": "rs256"})
    form = Page(page.text).forms[0]
    adam.http.post(urllib.parse.urljoin(str(page.url), form["action"]), data={**form["fields"], "logout": "yes"})
    check("the provider told us", "backchannel.success rs256" in (WORK / "peers/oidc-provider/log").read_text(), (WORK / "peers/oidc-provider/log").read_text())
    check("his session has ended", adam.told() == 401 and any("usher" in name for name in ours), adam.told())
    check("the one on the phone has not", phone.told() == ("admin", "standard"), phone.told())

    print("signed out here: on to the provider, and back")
    out = phone.http.post(f"{BASE}/sign-out", headers={"Origin": BASE})
    check("ours has ended", out.status_code == 303 and phone.told() == 401, out)
    leaving = phone.http.get(urllib.parse.urljoin(BASE, out.headers["location"]))
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', leaving.text)
    check("the page goes on to the provider", onward is not None, leaving.text)
    address = onward[1].replace("&#38;", "&").replace("&amp;", "&")
    check("with an ID token", "id_token_hint=ey" in address, address)
    page = phone.http.get(address)
    form = Page(page.text).forms[0]
    done = phone.http.post(urllib.parse.urljoin(str(page.url), form["action"]), data={**form["fields"], "logout": "yes"})
    back = done.headers.get("location", "")
    check("the provider sends him back", done.status_code in (302, 303) and back.startswith(f"{BASE}/signed-out?state="), back)
    said = phone.http.get(back)
    check("it says where he is signed out", said.status_code == 200 and "rs256" in said.text, said.text)
    start = phone.http.get(phone.http.get(f"{BASE}/sign-in/rs256").headers["location"])
    check("signing in again asks for the password", start.status_code in (302, 303) and "/interaction/" in start.headers["location"], start.headers)


def canaille():
    print("Canaille")
    peer("start-canaille.sh", "start", "--gateway", BASE, "--port", CANAILLE, "--client-id", "canaille", "--client-secret", SECRET)
    uma = Person("uma")
    response = uma.sign_in("canaille")
    check("uma is in", uma.told() == ("user", "standard"), f"{uma.told()} {response.url} {response.status_code} {response.headers.get('x-usher-refusal')} {response.text}")
    olivia = Person("olivia")
    olivia.sign_in("canaille")
    check("olivia is owner", olivia.told() == ("owner", "premium"), olivia.told())


def log():
    examined = usher("doctor")
    check("doctor has asked every provider", examined.count("the provider answers, with keys") == len(DIALECTS) + 1, examined)
    events = usher("events", "--json")
    check("sessions ended at the provider's word", "signed_out_at_idp" in events and "identity_provider" in events, events[-2000:])
    text = gateway.log.read_text()
    check("no secret in the log", not any(secret in text for secret in ("eyJ", "code=", "uma@acme.test", SECRET, "pw-1")))


running.ends_with_it("start-oidc-provider.sh", "start-canaille.sh")
gateway.configure('trusted_proxies = ["127.0.0.1"]', "allow_private_idp = true")
(WORK / "clients.json").write_text(json.dumps([{"secret": SECRET, **client} for client, _ in DIALECTS]))
organizations()
gateway.serve()
gateway.apply()
check("applied twice changes nothing", "nothing to change" in gateway.apply().lower())
peer("start-oidc-provider.sh", "start", "--gateway", BASE, "--clients", WORK / "clients.json", "--port", OP)
for part in (dialects, rotation, sign_outs, canaille, log):
    running.part(part)
running.end()
