#!/usr/bin/env python3
"""story.py USHER - the whole way against counterparts that nobody here wrote: people of SimpleSAMLphp and of a pysaml2 identity provider sign
in through nginx, Caddy and Traefik to an echo application. Started by tests/run; needs tests/peers/setup.sh. Loopback only; ends what it started."""
import base64
import html
import json
import re
import subprocess
import sys
import urllib.parse
import zlib

import httpx

from driver import Browser, Page
from headers import HEADERS, plain, spellings
from running import HERE, Gateway, Proxies, Running, answers, port

running = Running("story")
WORK, check, peer = running.work, running.check, running.peer
gateway = Gateway(running, sys.argv[1])
usher, BASE = gateway.usher, gateway.base
running.ends_with_it("start-simplesaml.sh", "start-pysaml2-idp.sh")
users = json.loads((HERE / "users.json").read_text())
# People who change: the counterparts read a copy.
running.users = WORK / "users.json"
running.users.write_text(json.dumps(users))
ECHO, PHP, PY = port(), port(), port()
PROXIES = Proxies(running, gateway.port, ECHO)
application = PROXIES.url


# ---- the gateway, told by files as an operator would -----------------------------------------------------------------------------

gateway.configure('trusted_proxies = ["127.0.0.1"]', "allow_private_idp = true")


def organizations(idp, metadata, extra="", seats=(10, 50), mappings=True):
    applications = "".join(f"""
[[parent.organization.application]]
slug = "{kind}"
name = "Behind {kind}"
url = "{application(kind)}"
""" for kind in Proxies.KINDS)
    gateway.organizations.write_text(f"""
[[parent]]
slug = "acme"
name = "Acme"
plan = "enterprise"
[[parent.domain]]
name = "acme.test"
vouched = true
[[parent.connection]]
slug = "{idp}"
label = "{idp}"
protocol = "saml"
metadata_file = "{metadata}"
active = true
{extra}
[[parent.organization]]
slug = "acme-work"
name = "Acme Work"
product = "enterprise-seats"
provisioning = "jit"
group_mappings = {str(mappings).lower()}
contact = "it@acme.test"
[parent.organization.seats]
premium = {seats[0]}
standard = {seats[1]}
[parent.organization.role_mappings]
owner = ["gw-owners"]
admin = ["gw-admins"]
user = ["gw-users"]
[parent.organization.seat_mappings]
premium = ["seat-premium"]
standard = ["seat-standard"]
{applications}
""")


def our_metadata(connection, entity_id, sso):
    """Our metadata, read from the gateway: first with a stand-in for the identity provider, which needs ours before it starts."""
    key = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", "-keyout", "/dev/null", "-outform", "DER"], capture_output=True, check=True)
    (WORK / "stand-in.xml").write_text(f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{base64.b64encode(key.stdout).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/></md:IDPSSODescriptor></md:EntityDescriptor>')
    organizations(connection, "stand-in.xml")
    gateway.apply()
    document = answers(f"{BASE}/saml/{connection}/metadata")
    check("our metadata is served", document.status_code == 200 and "EntityDescriptor" in document.text, document.text)
    path = WORK / f"sp-{connection}.xml"
    path.write_text(document.text)
    return path


def set_groups(username, groups):
    people = json.loads((WORK / "users.json").read_text())
    next(user for user in people["users"] if user["username"] == username)["groups"] = groups
    (WORK / "users.json").write_text(json.dumps(people))
    (WORK / "peers/simplesaml/users.json").write_text(json.dumps(people))


def told(response):
    """What the application behind was told, or why it was not asked."""
    if response.status_code != 200:
        return {"status": response.status_code, "refusal": response.headers.get("x-usher-refusal"), "page": Page(response.text).metas.get("usher-refusal")}
    return {name: ", ".join(value for seen, value in response.json()["headers"] if plain(seen) == plain(name)) or None for name in HEADERS}


def smuggling(kind, browser, expected):
    """Whatever a client sends under our names, in any spelling: the application sees the gateway's word alone. proxy_check.py tries more."""
    attempts = 0
    for name in HEADERS:
        for spelling in spellings(name):
            response = browser.http.get(application(kind) + "/x", headers={spelling: "forged-by-client"})
            attempts += 1
            check(f"{kind}: {spelling} is the client's own word", "forged-by-client" not in response.text and told(response).get("Remote-User") == expected, response.text)
    for forged in ({"X-Forwarded-Host": "evil.example", "X-Forwarded-Uri": "/open", "X-Forwarded-Proto": "https"}, {"X-Original-URL": "https://evil.example/"}):
        response = browser.http.get(application(kind) + "/x", headers=forged)
        attempts += 1
        check(f"{kind}: {list(forged)} change nothing", told(response).get("Remote-User") == expected, response.text)
        stranger = httpx.get(application(kind) + "/x", headers=forged, trust_env=False)
        back = httpx.URL(stranger.headers.get("location", "")).params.get("return_to")
        check(f"{kind}: {list(forged)} send nobody elsewhere", stranger.status_code == 302 and back == application(kind) + "/x", stranger.headers)
    print(f"  {kind}: {attempts} attempts to smuggle")


# ---- the story -------------------------------------------------------------------------------------------------------------------

def simplesaml():
    print("SimpleSAMLphp")
    sso = f"http://127.0.0.1:{PHP}/saml2/idp/SSOService.php"
    metadata = our_metadata("ssp", f"http://127.0.0.1:{PHP}/saml2/idp/metadata.php", sso)
    peer("start-simplesaml.sh", "start", "--sp-metadata", metadata, "--port", PHP)
    organizations("ssp", f"{WORK}/peers/simplesaml/idp-metadata.xml")
    check("the plan shows the new certificate", "ssp" in usher("plan", str(gateway.organizations)))
    gateway.apply()
    check("applied twice changes nothing", "nothing to change" in gateway.apply().lower())

    for kind in Proxies.KINDS:
        uma = Browser("uma")
        response = uma.visit(application(kind) + "/page?x=1&y=2")
        seen = told(response)
        check(f"{kind}: uma arrives as user with a standard seat", (seen.get("X-Usher-Role"), seen.get("X-Usher-Seat")) == ("user", "standard"), seen)
        check(f"{kind}: where she wanted to go", response.status_code == 200 and response.json()["path"] == "/page?x=1&y=2", response.text)
        check(f"{kind}: all headers", all(seen.get(name) for name in HEADERS), seen)
        check(f"{kind}: who she is", seen.get("Remote-User") == "uma@acme.test" and seen.get("Remote-Groups") == "gw-users,seat-standard", seen)

    print("groups change at the identity provider")
    set_groups("uma", ["gw-admins", "seat-premium"])
    seen = told(Browser("uma").visit(application("nginx")))
    check("promoted at the next sign-in", (seen.get("X-Usher-Role"), seen.get("X-Usher-Seat")) == ("admin", "premium"), seen)
    explained = usher("explain", "--organization", "acme-work", "--email", "uma@acme.test")
    check("explained", "gw-admins" in explained and "admin" in explained, explained)
    elsewhere = Browser("uma")
    elsewhere.visit(application("caddy"))
    set_groups("uma", ["nothing-here"])
    for kind in Proxies.KINDS:
        refused = Browser("uma").visit(application(kind))
        check(f"{kind}: without a mapped group she is refused", told(refused)["refusal"] == "no_group_access" == told(refused)["page"], told(refused))
        check(f"{kind}: and told whom to ask", "it@acme.test" in refused.text, refused.text)
        decision = usher("incident", refused.headers["x-usher-incident"])
        check(f"{kind}: the admin finds why", "nothing-here" in decision and "none of the groups gives a role" in decision, decision)
    check("her other browser is out too", elsewhere.http.get(application("caddy")).status_code == 302)

    print("special people")
    zoe = told(Browser("zoe").visit(application("nginx")))
    check("groups with commas, umlauts and markup", zoe.get("X-Usher-Role") == "user" and zoe.get("Remote-Groups") == "%C3%89quipe Donn%C3%A9es,gw-users", zoe)
    many = told(Browser("many").visit(application("nginx")))
    check("251 groups fit", many.get("X-Usher-Role") == "user" and len(many.get("Remote-Groups") or "") <= 2048, many)
    eve = Browser("eve").visit(application("nginx"))
    check("a foreign domain", told(eve).get("refusal") == "domain_not_verified", told(eve))
    nora = Browser("nora").visit(application("nginx"))
    check("no groups attribute at all", told(nora).get("refusal") == "groups_missing", told(nora))

    print("header smuggling")
    olivia = Browser("olivia")
    for kind in Proxies.KINDS:
        seen = told(olivia.visit(application(kind)))
        check(f"{kind}: olivia is owner", seen.get("X-Usher-Role") == "owner", seen)
        smuggling(kind, olivia, "olivia@acme.test")
    out = olivia.http.post(f"{BASE}/sign-out", headers={"Origin": BASE})
    check("signed out", out.status_code == 303, out)
    for kind, status in (("nginx", 302), ("caddy", 302), ("traefik", 302)):
        check(f"{kind}: nobody any more", olivia.http.get(application(kind)).status_code == status)

    print("encrypted assertions")
    organizations("ssp", f"{WORK}/peers/simplesaml/idp-metadata.xml", extra="offer_encryption = true")
    gateway.apply()
    peer("start-simplesaml.sh", "stop")
    document = answers(f"{BASE}/saml/ssp/metadata").text
    check("an encryption key is offered", 'use="encryption"' in document, document)
    (WORK / "sp-encrypted.xml").write_text(document)
    peer("start-simplesaml.sh", "start", "--sp-metadata", WORK / "sp-encrypted.xml", "--port", PHP, "--encrypt", 1)
    adam = told(Browser("adam").visit(application("nginx")))
    check("encrypted and signed", (adam.get("X-Usher-Role"), adam.get("X-Usher-Seat")) == ("admin", "standard"), adam)
    peer("start-simplesaml.sh", "stop")

    print("other ways to say it")
    persistent = 'name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"'
    for settings, options, username, expected in (
        ("sign_requests = true", ("--attrs", "oid", "--nameid", "unspecified", "--validate-authnrequest", 1), "multi", ("multi@acme.test", "owner", "premium")),
        (persistent, ("--attrs", "ms", "--nameid", "persistent", "--alg", "rsa-sha512"), "noseat", ("noseat@acme.test", "user", "premium")),
        ("idp_initiated = true", ("--attrs", "basic", "--nameid", "email", "--sign-response", 0), "caps", ("caps.user@acme.test", "user", "premium")),
        ("", ("--alg", "rsa-sha1"), "single", None),
    ):
        organizations("ssp", f"{WORK}/peers/simplesaml/idp-metadata.xml", extra=settings)
        gateway.apply()
        metadata.write_text(answers(f"{BASE}/saml/ssp/metadata").text)
        peer("start-simplesaml.sh", "start", "--sp-metadata", metadata, "--port", PHP, *options)
        if settings.startswith("idp_initiated"):
            address = f"http://127.0.0.1:{PHP}/saml2/idp/SSOService.php?spentityid={BASE}/saml/ssp/metadata&RelayState={application('caddy')}/deep"
            response = Browser(username).visit(address, confirm=True)
            check("started at SimpleSAMLphp, where it leads", response.status_code == 200 and response.json()["path"] == "/deep", response.text)
        else:
            response = Browser(username).visit(application("caddy"))
        seen = told(response)
        if expected:
            check(f"{settings} {options}: {username}", ((seen.get("Remote-User") or "").lower(), seen.get("X-Usher-Role"), seen.get("X-Usher-Seat")) == expected, seen)
        else:
            check(f"{options}: refused", seen.get("refusal") == "assertion_invalid", seen)
        peer("start-simplesaml.sh", "stop")


def pysaml2():
    print("pysaml2")
    base = f"http://127.0.0.1:{PY}"
    metadata = our_metadata("py", f"{base}/metadata", f"{base}/sso/redirect")
    organizations("py", "stand-in.xml", extra="offer_encryption = true\nomits_empty_groups = false", mappings=False)
    gateway.apply()
    metadata.write_text(answers(f"{BASE}/saml/py/metadata").text)
    peer("start-pysaml2-idp.sh", "start", "--sp-metadata", metadata, "--port", PY)
    (WORK / "py-idp.xml").write_text(answers(f"{base}/metadata").text)
    organizations("py", "py-idp.xml", extra="offer_encryption = true", mappings=False)
    gateway.apply()
    modes = httpx.get(f"{base}/_test/modes", trust_env=False).json()
    for wanted in ("accept", "refuse"):
        for mode in modes[wanted]:
            if mode == "replay":
                # A replay needs something to repeat.
                httpx.get(f"{base}/_test/mode?mode=normal", trust_env=False)
                Browser("uma", "py").visit(f"{BASE}/sign-in/py")
            httpx.get(f"{base}/_test/mode?mode={mode}", trust_env=False)
            uma = Browser("uma", "py")
            response = uma.visit(f"{BASE}/sign-in/py")
            refusal = response.headers.get("x-usher-refusal")
            inside = uma.http.get(application("nginx"))
            if wanted == "accept":
                check(f"{mode} is accepted", response.status_code == 200 and refusal is None, f"{response.status_code} {refusal}")
                check(f"{mode}: the application sees uma", told(inside).get("Remote-User") == "uma@acme.test", inside.text)
            else:
                check(f"{mode}: nobody enters the application", inside.status_code == 302, inside.status_code)
                check(f"{mode} is refused", response.status_code == 403 and refusal in ("assertion_invalid", "idp_denied", "assertion_replayed"), f"{response.status_code} {refusal}")
    httpx.get(f"{base}/_test/mode?mode=comment-nameid", trust_env=False)
    response = Browser("uma", "py").visit(f"{BASE}/sign-in/py")
    check("comment-nameid is refused", response.headers.get("x-usher-refusal") == "assertion_invalid", response.status_code)
    httpx.get(f"{base}/_test/mode?mode=normal", trust_env=False)

    print("started at the identity provider")
    entity = f"{BASE}/saml/py/metadata"
    response = Browser("uma").visit(f"{base}/idp-initiated?sp={entity}&RelayState={application('nginx')}/deep", confirm=True)
    check("not unless allowed", response.headers.get("x-usher-refusal") == "sign_in_expired", response.status_code)
    organizations("py", "py-idp.xml", extra="offer_encryption = true\nidp_initiated = true", mappings=False)
    gateway.apply()
    response = Browser("uma").visit(f"{base}/idp-initiated?sp={entity}&RelayState={application('nginx')}/deep", confirm=False)
    check("the person is asked first", response.status_code == 200 and "uma@acme.test" in response.text and "/sign-in/finish" in response.text, response.text)
    response = Browser("uma").visit(f"{base}/idp-initiated?sp={entity}&RelayState={application('nginx')}/deep", confirm=True)
    check("and then arrives", response.status_code == 200 and response.json()["path"] == "/deep", response.text)
    peer("start-pysaml2-idp.sh", "stop")


# ---- single logout -----------------------------------------------------------------------------------------------------------------

def query_of(url):
    return dict(httpx.URL(url).params)


def stranger_signed(url):
    """The same message, signed over again by a key that nobody knows."""
    head, query = url.split("?", 1)
    query = query.split("&Signature=")[0]
    key = WORK / "stranger.pem"
    if not key.exists():
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=query.encode(), check=True, capture_output=True).stdout
    return f"{head}?{query}&Signature={urllib.parse.quote(base64.b64encode(signature).decode(), safe='')}"


def renamed(url, name):
    """The same message about somebody else, with the signature that it had."""
    message = zlib.decompress(base64.b64decode(query_of(url)["SAMLRequest"]), -15).decode()
    assert "uma@acme.test" in message, message
    packed = zlib.compressobj(wbits=-15)
    packed = packed.compress(message.replace("uma@acme.test", name).encode()) + packed.flush()
    return re.sub(r"SAMLRequest=[^&]*", "SAMLRequest=" + urllib.parse.quote(base64.b64encode(packed).decode(), safe=""), url)


def forged(url):
    """Nobody is signed out by what is not signed by the identity provider, whatever it says. Name, method, address, form."""
    bare = re.sub(r"&(Signature|SigAlg)=[^&]*", "", url)
    cut = re.sub(r"&Signature=[^&]*", "", url)
    post = {"SAMLRequest": base64.b64encode(zlib.decompress(base64.b64decode(query_of(url)["SAMLRequest"]), -15)).decode()}
    slo = url.split("?")[0]
    yield "not signed", "GET", bare, None
    yield "its signature cut off", "GET", cut, None
    yield "signed by a stranger", "GET", stranger_signed(url), None
    yield "about another person", "GET", renamed(url, "olivia@acme.test"), None
    yield "with another RelayState", "GET", re.sub(r"&SigAlg", "&RelayState=x&SigAlg", re.sub(r"&RelayState=[^&]*", "", url)), None
    yield "posted, not signed", "POST", slo, post
    yield "asked for as an answer", "GET", bare.replace("SAMLRequest=", "SAMLResponse="), None


def single_logout(slug, leave_at_idp, is_login, at_idp):
    """Signed out there, signed out here. `leave_at_idp` begins there; `is_login` tells its form of a password; `at_idp` what it refuses."""
    wiki, slo = application("nginx"), f"{BASE}/saml/{slug}/slo"
    inside = lambda browser: browser.http.get(wiki).status_code == 200
    asked = lambda browser: isinstance(Browser.visit(browser, f"{BASE}/sign-in/{slug}", stop=is_login), dict)

    print(f"{slug}: signed out there, while strangers try the same")
    uma, phone, olivia = Browser("uma", slug), Browser("uma", slug), Browser("olivia", slug)
    for browser in (phone, olivia, uma):
        browser.visit(f"{BASE}/sign-in/{slug}")
    check(f"{slug}: three browsers are in", inside(uma) and inside(phone) and inside(olivia))
    request = uma.visit(leave_at_idp, stop=lambda _, url: url.startswith(slo))
    check(f"{slug}: the identity provider asks us", isinstance(request, dict) and "Signature" in query_of(request["url"]), request)
    for what, method, address, form in forged(request["url"]):
        refused = httpx.request(method, address, data=form, trust_env=False)
        check(f"{slug}: {what} is refused", refused.status_code in (400, 403) and refused.headers.get("x-usher-error") == "logout_invalid", f"{refused.status_code} {refused.headers}")
        check(f"{slug}: {what} ends nothing", inside(uma) and inside(phone) and inside(olivia))
    answer = uma.http.get(request["url"])
    check(f"{slug}: ours has ended before the identity provider hears of it", not inside(uma) and answer.status_code == 303 and "SAMLResponse=" in answer.headers["location"], answer.headers)
    check(f"{slug}: our answer is signed", "Signature=" in answer.headers["location"], answer.headers)
    check(f"{slug}: other sessions and people stay", inside(phone) and inside(olivia))
    done = uma.visit(answer.headers["location"], stop=lambda _, url: url.startswith("http://127.0.0.1:1/"))
    check(f"{slug}: it takes our answer", isinstance(done, dict) or done.status_code == 200, getattr(done, "text", ""))
    check(f"{slug}: and asks for the password again", asked(uma))
    again = httpx.get(request["url"], trust_env=False)
    check(f"{slug}: the same request twice is refused", again.status_code in (400, 403) and again.headers.get("x-usher-error") == "logout_invalid", f"{again.status_code} {again.headers}")

    print(f"{slug}: signed out here, then there")
    out = phone.http.post(f"{BASE}/sign-out", headers={"Origin": BASE})
    check(f"{slug}: ours has ended first", out.status_code == 303 and not inside(phone), out.headers)
    leaving = phone.http.get(urllib.parse.urljoin(BASE, out.headers["location"]))
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', leaving.text)
    check(f"{slug}: the page goes on to the identity provider", onward is not None, leaving.text)
    address = html.unescape(onward[1])
    sent = query_of(address)
    check(f"{slug}: with a signed request", "SAMLRequest" in sent and "Signature" in sent, sent)
    for what, spoilt in (("not signed", re.sub(r"&(Signature|SigAlg)=[^&]*", "", address)), ("signed by a stranger", stranger_signed(address))):
        refused = httpx.get(spoilt, trust_env=False, follow_redirects=False)
        check(f"{slug}: the identity provider refuses ours {what}", at_idp(refused), f"{refused.status_code} {refused.text}")
    said = phone.visit(address)
    check(f"{slug}: it signs her out and sends her back", str(said.url).startswith(f"{BASE}/signed-out?state="), said.url)
    check(f"{slug}: it says where she is signed out", said.status_code == 200 and f"You are signed out at {slug} too." in said.text, said.text)
    check(f"{slug}: the identity provider asks for the password again", asked(phone))
    late = phone.http.get(str(said.history[-1].url) if said.history else str(said.url))
    check(f"{slug}: olivia has stayed all the time", late.status_code < 500 and inside(olivia))


def sign_outs():
    (WORK / "users.json").write_text(json.dumps(users))
    php = f"http://127.0.0.1:{PHP}/saml2/idp"
    metadata = our_metadata("ssp", f"{php}/metadata.php", f"{php}/SSOService.php")
    # A name that can be foretold is the one to forge: the address, and nothing that an earlier part asked for.
    organizations("ssp", "stand-in.xml", extra='name_id_format = ""')
    gateway.apply()
    metadata.write_text(answers(f"{BASE}/saml/ssp/metadata").text)
    peer("start-simplesaml.sh", "start", "--sp-metadata", metadata, "--port", PHP)
    organizations("ssp", f"{WORK}/peers/simplesaml/idp-metadata.xml")
    gateway.apply()
    back = urllib.parse.quote("http://127.0.0.1:1/", safe="")
    single_logout("ssp", f"{php}/SingleLogoutService.php?ReturnTo={back}",
                  lambda method, url: method == "POST" and f":{PHP}/" in url and "userpass" in url.lower(),
                  lambda refused: "no signature found on message" in refused.text or "Unable to validate signature" in refused.text)
    peer("start-simplesaml.sh", "stop")

    base = f"http://127.0.0.1:{PY}"
    peer("start-pysaml2-idp.sh", "start", "--sp-metadata", our_metadata("py", f"{base}/metadata", f"{base}/sso/redirect"), "--port", PY)
    (WORK / "py-idp.xml").write_text(answers(f"{base}/metadata").text)
    organizations("py", "py-idp.xml", mappings=False)
    gateway.apply()
    single_logout("py", f"{base}/_test/idp-logout?user=uma", lambda method, url: method == "POST" and url == f"{base}/login", lambda refused: refused.status_code == 403)
    heard = httpx.get(f"{base}/_test/logout-answer", trust_env=False).json()
    check("py: it verified our answer", heard == {"status": "urn:oasis:names:tc:SAML:2.0:status:Success", "signed": True}, heard)
    peer("start-pysaml2-idp.sh", "stop")
    check("who ended the sessions is in the log", "signed_out_at_idp" in usher("events", "--json"))


def seats():
    print("seats")
    exported = usher("export")
    check("the state is exported", "acme-work" in exported and "PRIVATE" not in exported, exported)
    events = usher("events", "--json")
    kinds = set(re.findall(r'"event": ?"([a-z_]+)"', events))
    check("the audit log tells the story", {"member_joined", "member_changed", "member_removed", "sign_in_refused", "signed_in"} <= kinds, kinds)
    check("no secret in any log", not any(secret in gateway.log.read_text() for secret in ("SAMLResponse", "uma@acme.test", "pw-1", "usher=")))


running.start("echo", sys.executable, HERE / "echo_backend.py", "--port", ECHO)
usher("check")
gateway.serve()
usher("health")
PROXIES.start()
for part in (simplesaml, pysaml2, sign_outs, seats):
    running.part(part)
running.end()
