#!/usr/bin/env python3
"""scim_check.py USHER - directory sync against what nobody here wrote: scim2-tester tries all that our schemas announce, Canaille pushes its people and
groups as a SCIM client, and the documented requests of Entra, Okta and others are replayed. Started by tests/run; needs tests/peers/setup.sh.
Loopback only; ends what it started."""
import json
import os
import re
import subprocess
import sys

import httpx

from running import HERE, PEERS, ROOT, Gateway, Running
from scim_memory import memory
from scim_replay import replay

running = Running("scim")
WORK, check = running.work, running.check
gateway = Gateway(running, sys.argv[1])
usher, SCIM = gateway.usher, gateway.base + "/scim/v2"


def organizations(provisioning):
    certificate = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", "-keyout", "/dev/null"], capture_output=True, check=True, text=True).stdout
    inner = "".join(line for line in certificate.splitlines() if "-----" not in line)
    (WORK / "idp.xml").write_text(f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.acme.test"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{inner}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.acme.test/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>')
    gateway.organizations.write_text(f"""
[[parent]]
slug = "acme"
name = "Acme"
plan = "enterprise"
[[parent.domain]]
name = "acme.test"
vouched = true
[[parent.connection]]
slug = "idp"
label = "IdP"
protocol = "saml"
metadata_file = "idp.xml"
active = true
[[parent.organization]]
slug = "acme-work"
name = "Acme Work"
product = "enterprise-seats"
{provisioning}
[parent.organization.seats]
premium = 10
standard = 50
[parent.organization.role_mappings]
owner = ["gw-owners"]
admin = ["gw-admins"]
user = ["gw-users"]
""")


def tester(token):
    print("scim2-tester")
    environment = {**os.environ, "SCIM_CLI_HEADERS": f"Authorization: Bearer {token}"}
    done = subprocess.run([PEERS / "venv/bin/scim2", "--url", SCIM, "--no-verify", "test"], capture_output=True, text=True, env=environment, timeout=300)
    outcomes = re.findall(r"^(SUCCESS|COMPLIANT|ACCEPTABLE|SKIPPED|DEVIATION|ERROR|CRITICAL) (.*\n(?:  .*\n)?)", done.stdout, re.M)
    check("it ran", done.returncode == 0 and len(outcomes) > 100, done.stdout[-600:] + done.stderr[-600:])
    for outcome, what in outcomes:
        check(what.replace("\n", " "), outcome in ("SUCCESS", "COMPLIANT", "ACCEPTABLE"), outcome)
    print(f"  {len(outcomes)} checks")


def canaille(token):
    print("Canaille")
    log = open(WORK / "canaille.log", "w")
    client = subprocess.Popen([PEERS / "venv-canaille/bin/python", HERE / "idp/canaille_client.py", WORK / "canaille", SCIM, token], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
    running.processes.append(client)

    def push(people):
        client.stdin.write(json.dumps({"users": people}) + "\n")
        client.stdin.flush()
        return json.loads(client.stdout.readline())

    def person(name, *groups, email=None):
        return {"username": name, "email": email or f"{name}@acme.test", "given": name.title(), "family": "Test", "groups": list(groups)}

    def directory():
        http = httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {token}"})
        users = {user["userName"]: user for user in http.get(SCIM + "/Users?count=1000").json()["Resources"]}
        groups = {group["displayName"]: group for group in http.get(SCIM + "/Groups?count=1000").json()["Resources"]}
        names = {user["id"]: name for name, user in users.items()}
        return users, {name: sorted(names[member["value"]] for member in group.get("members", [])) for name, group in groups.items()}

    check("it starts", json.loads(client.stdout.readline()) == "ready")
    done = push([person("olivia", "gw-owners"), person("uma", "gw-users"), person("adam", "gw-admins", "gw-users")])
    check("everybody and every group was new", len(done) == 6, done)
    users, groups = directory()
    check("people", sorted(users) == ["adam", "olivia", "uma"], users)
    check("groups", groups == {"gw-owners": ["olivia"], "gw-users": ["adam", "uma"], "gw-admins": ["adam"]}, groups)
    check("the address counts", users["uma"]["emails"][0]["value"] == "uma@acme.test", users["uma"])
    events = usher("events", "--json")
    check("members without anybody having signed in", events.count('"member_joined"') >= 3, events[-2000:])
    push([person("olivia", "gw-owners"), person("uma", "gw-admins", email="uma2@acme.test"), person("adam", "gw-users")])
    users, groups = directory()
    check("a new address", users["uma"]["emails"][0]["value"] == "uma2@acme.test", users["uma"])
    check("new groups", groups == {"gw-owners": ["olivia"], "gw-users": ["adam"], "gw-admins": ["uma"]}, groups)
    changed = usher("events", "--json").count('"member_changed"')
    check("roles followed", changed >= 2, changed)
    push([person("olivia", "gw-owners"), person("uma", "gw-admins")])
    users, groups = directory()
    # Canaille tells nobody of a group that has no members any more.
    check("adam left", sorted(users) == ["olivia", "uma"] and groups == {"gw-owners": ["olivia"], "gw-users": [], "gw-admins": ["uma"]}, (sorted(users), groups))
    check("his membership ended", usher("events", "--json").count('"member_removed"') == 1)
    push([person("olivia", "gw-owners"), person("uma", "gw-users")])
    users, groups = directory()
    check("a group with members goes", groups == {"gw-owners": ["olivia"], "gw-users": ["uma"]}, groups)
    client.stdin.close()
    check("it ends well", client.wait(30) == 0)
    requests = [json.loads(line) for line in usher("directory", "requests", "--parent", "acme", "--limit", "10000", "--json").splitlines()]
    pushed = [request for request in requests if request["token"] == "canaille"]
    check("the log shows what it sent", {"POST", "PUT", "DELETE", "GET"} <= {request["method"] for request in pushed}, pushed[:3])
    wrong = [request for request in pushed if request["status"] >= 400]
    check("nothing it sent was refused", not wrong, wrong[:3])
    check("the log tells nothing about people", "acme.test" not in json.dumps(pushed), pushed[:3])
    print(f"  {len(pushed)} requests")


def transcripts(token):
    http = httpx.Client(trust_env=False, timeout=30)
    for path in sorted((ROOT / "tests/data/scim").rglob("*.jsonl")):
        before = running.passed + running.failed
        replay(http, SCIM, token, "acme.test", path, check)
        print(f"{path.parent.name}/{path.stem}: {running.passed + running.failed - before} checks")


def hostile(token):
    print("memory")
    memory(SCIM, token, server.pid, check)


def new_token(name):
    return usher("scim-token", "new", "--parent", "acme", "--name", name).strip()


gateway.configure()
server = gateway.serve()
organizations('provisioning = "jit"\ngroup_mappings = true')
gateway.apply()
tokens = {name: new_token(name) for name in ("tester", "canaille", "replay", "memory")}
# A directory has to have been heard of before it can rule (rule B29).
httpx.get(SCIM + "/Users", headers={"Authorization": f"Bearer {tokens['tester']}"}, trust_env=False)
organizations('provisioning = "scim"\ngroup_mappings = true')
gateway.apply()
for part, name in ((tester, "tester"), (canaille, "canaille"), (transcripts, "replay"), (hostile, "memory")):
    running.part(part, tokens[name])
check("no secret in any log", not any(token in gateway.log.read_text() for token in tokens.values()))
check("nobody's address in any log", "acme.test" not in gateway.log.read_text().replace("idp.acme.test", ""))
check("no failure of ours", "ERROR" not in gateway.log.read_text())
running.end()
