#!/usr/bin/env python3
"""dns_check.py USHER - domains are proven through DNS servers that nobody here wrote: dnsmasq is the resolver that the running gateway asks, with a zone of
its own, and forwards the rest to an authoritative server on dnslib, which also fails on demand. Started by tests/run; needs tests/peers/setup.sh.
Loopback only; ends what it started. Takes up to three minutes: the gateway looks every minute, and here nobody moves its clock."""
import json
import shutil
import sys
import time

import httpx

from running import HERE, Gateway, Running, port

running = Running("dns")
WORK, check = running.work, running.check
gateway = Gateway(running, sys.argv[1])
usher, BASE = gateway.usher, gateway.base
RESOLVER, AUTHORITY = port(), port()
PAGE = f"{BASE}/operator/parents/acme/domains"


def claim(domain, parent="acme"):
    return json.loads(usher("domain", "add", domain, "--parent", parent, "--json"))["expected"]


def known(parent="acme"):
    lines = usher("domain", "list", "--parent", parent, "--json").splitlines()
    return {line["domain"]: line for line in map(json.loads, lines)}


def zone(**changes):
    for name, entry in changes.items():
        ZONE[name.replace("_", ".")] = entry
    (WORK / "zone.new").write_text(json.dumps({name: entry for name, entry in ZONE.items() if entry is not None}))
    (WORK / "zone.new").rename(WORK / "zone.json")


def until(what, seconds, state):
    """Waits for the running server to find out by itself."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if state():
            print(f"  {what}: after {time.monotonic() - began:.0f} s")
            return check(what, True)
        time.sleep(1)
    check(what, False, known())


def questions():
    return (WORK / "authority.log").read_text().splitlines()


gateway.configure(f'dns_servers = ["127.0.0.1:{RESOLVER}"]')
gateway.organizations.write_text("".join(f'[[parent]]\nslug = "{slug}"\nname = "{slug}"\nplan = "enterprise"\n' for slug in ("acme", "other")))
gateway.apply()
names = ("plain", "own", "big", "alias", "wrong", "case", "longer", "bare", "nowhere", "broken", "silent", "later", "both")
values = {name: claim(f"{name}.test") for name in names}
theirs = claim("both.test", "other")
check("every value is another", len({*values.values(), theirs}) == len(names) + 1 and all(value.startswith("usher-domain-verification=") for value in values.values()), values)
many = [f"v=some-service-{number} " + "x" * 100 for number in range(30)]
ZONE = {}
zone(
    plain_test={"TXT": ["v=spf1 -all", values["plain"]], "A": ["127.0.0.1"]},
    big_test={"TXT": [*many, values["big"]], "truncate": True},
    alias_test={"CNAME": "records.elsewhere.test."},
    records_elsewhere_test={"TXT": [values["alias"]]},
    wrong_test={"TXT": ["v=spf1 -all", "usher-domain-verification=of-somebody-else"]},
    case_test={"TXT": [values["case"].upper()]},
    longer_test={"TXT": [values["longer"] + "x", "x" + values["longer"], values["longer"] + " "]},
    bare_test={"A": ["127.0.0.1"]},
    broken_test={"rcode": "SERVFAIL"},
    silent_test={"drop": True},
    both_test={"TXT": [theirs]},
)
own = "\n".join(f'txt-record=own.test,"{value}"' for value in [*many, values["own"]])
(WORK / "dnsmasq.conf").write_text(f"port={RESOLVER}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\ncache-size=0\nserver=127.0.0.1#{AUTHORITY}\n{own}\n")
running.start("authority", sys.executable, HERE / "dns/fakedns.py", "--port", AUTHORITY, "--zone", WORK / "zone.json")
running.start("resolver", shutil.which("dnsmasq") or "/usr/sbin/dnsmasq", "--keep-in-foreground", f"--conf-file={WORK}/dnsmasq.conf", f"--pid-file={WORK}/dnsmasq.pid", "--user=", "--group=")
gateway.serve()
check("claimed is pending", all(domain["state"] == "pending" for domain in known().values()), known())


def looked_up():
    print("the running server looks by itself")
    until("plain.test is verified", 90, lambda: known()["plain.test"]["state"] == "verified")
    until("every other claim was looked up", 30, lambda: all(domain["checked_at"] for domain in known().values()))
    seen = known()
    for name in ("plain", "own", "big", "alias"):
        check(f"{name} is verified", seen[f"{name}.test"]["state"] == "verified" and not seen[f"{name}.test"]["vouched"], seen[f"{name}.test"])
    check("what did not fit was asked for over TCP", "tcp TXT big.test" in questions(), questions())
    for name, answer, found in (
        ("wrong", "records", "usher-domain-verification=of-somebody-else"),
        ("case", "records", values["case"].upper()),
        ("longer", "records", values["longer"] + "x"),
        ("bare", "no_records", "has no TXT record"),
        ("nowhere", "no_such_name", "NXDOMAIN"),
        ("broken", "server_failure", "SERVFAIL"),
        ("silent", "no_answer", "no DNS server answered"),
        ("later", "no_such_name", "NXDOMAIN"),
    ):
        domain = seen[f"{name}.test"]
        check(f"{name} is not verified, and says what was found", (domain["state"], domain["answer"]) == ("failed", answer) and found in domain["found"], domain)
        check(f"{name}: what was expected stands beside it", domain["expected"] == values[name], domain)
    check("one domain, one parent", known("other")["both.test"]["state"] == "verified" and seen["both.test"]["state"] == "failed", seen["both.test"])
    told = usher("domain", "add", "plain.test", "--parent", "other", expect=1)
    check("nobody else can claim what is proven", "belongs to parent acme" in told, told)
    for kind in ("domain_verified", "domain_failed"):
        check(f"{kind} is in the log", kind in usher("events", "--json"))


def by_hand():
    print("the operator looks now, through the running server")
    operator = httpx.Client(trust_env=False, timeout=30, headers={"Origin": BASE})
    token = dict(httpx.URL(json.loads(usher("recover", "--json"))["url"]).params)["token"]
    opened = operator.post(f"{BASE}/recover", data={"token": token})
    check("an operator's session", opened.status_code == 303 and opened.headers["location"] == "/operator", opened)

    def look(name):
        done = operator.post(f"{PAGE}/{name}.test/check")
        check(f"{name} is looked up", done.status_code == 303, done)
        return known()[f"{name}.test"]

    zone(both_test={"TXT": [theirs, values["both"]]})
    check("what another parent has proven is not shared", (look("both")["state"], look("both")["answer"]) == ("failed", "other_parent"), known()["both.test"])
    zone(broken_test={"TXT": [values["broken"]]}, silent_test={"TXT": [values["silent"]]}, wrong_test={"TXT": [values["wrong"]]})
    for name in ("broken", "silent", "wrong"):
        check(f"{name} is verified once the record is there", look(name)["state"] == "verified", known())

    for name, entry in (("SERVFAIL", {"rcode": "SERVFAIL"}), ("silence", {"drop": True}), ("REFUSED", {"rcode": "REFUSED"})):
        zone(plain_test=entry)
        plain = look("plain")
        check(f"{name} loses nothing", plain["state"] == "verified" and plain["lost_at"] is None, plain)
    for name, entry in (("NXDOMAIN", None), ("another value", {"TXT": ["usher-domain-verification=x"]}), ("no record", {"A": ["127.0.0.1"]})):
        zone(plain_test=entry)
        plain = look("plain")
        check(f"{name}: lost, and verified all the same for now", plain["state"] == "verified" and plain["lost_at"] is not None, plain)
        zone(plain_test={"TXT": [values["plain"]]})
        check(f"after {name} it is found again", look("plain")["lost_at"] is None, known()["plain.test"])
    page = operator.get(PAGE).text
    check("the value stays visible", values["plain"] in page and values["case"] in page, page)
    log = usher("events", "--json")
    check("lost and found are in the log", log.count("domain_lost") == 3 == log.count("domain_found"), log)


def by_itself():
    print("a record that comes later is found by itself")
    zone(later_test={"TXT": [values["later"]]})
    until("later.test is verified", 150, lambda: known()["later.test"]["state"] == "verified")
    usher("domain", "check", "later.test", "--parent", "acme")
    usher("domain", "remove", "later.test", "--parent", "acme", "--yes")
    again = claim("later.test")
    check("claimed again it has another value, which the old record does not prove", again != values["later"], again)
    usher("domain", "check", "later.test", "--parent", "acme", expect=1)


for part in (looked_up, by_hand, by_itself):
    running.part(part)
running.end()
