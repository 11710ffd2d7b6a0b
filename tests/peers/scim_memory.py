"""How much memory hostile requests take: the peak of the gateway's process (VmHWM) against what it holds when nothing happens. Imported by scim_check.py.
The bound is generous: it catches what grows with what is sent, not what a page more costs."""
import json
import pathlib

import httpx

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

# A body of 1 MiB is read at most, a bulk request of 2 MiB by default; as JSON values that may be many times as much.
MOST_MIB = 250


def status(pid, field):
    line = next(line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def peak(pid, work):
    """The peak in MiB while `work` is done, and what came of it."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    done = work()
    return status(pid, "VmHWM"), done


def memory(base, token, pid, check):
    http = httpx.Client(trust_env=False, timeout=60, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"})

    def send(method, path, body):
        """Sends in pieces; whoever is refused early may be cut off while still sending, and has an answer or not."""
        pieces = (body[at:at + 65536] for at in range(0, len(body), 65536))
        try:
            return http.request(method, base + path, content=pieces).status_code
        except httpx.HTTPError:
            return 413

    user = http.post(base + "/Users", content=json.dumps({"schemas": [USER], "userName": "memory@acme.test", "emails": [{"value": "memory@acme.test", "primary": True}]})).json()["id"]
    group = http.post(base + "/Groups", content=json.dumps({"schemas": [GROUP], "displayName": "memory"})).json()["id"]
    million = (b"[" + f'{{"value":"{user}"}},'.encode() * 1_000_000)[:-1] + b"]"
    large = (b"[" + b",".join(b'{"value":"%032x"}' % n for n in range(20_000)) + b"]")
    operation = json.dumps({"method": "POST", "path": "/Users", "bulkId": "x", "data": {"schemas": [USER], "userName": "x"}})
    bulk = f'{{"schemas":["{BULK}"],"Operations":[{",".join([operation] * 100_000)}]}}'.encode()
    filters = ["(" * 2000 + 'userName eq "a"' + ")" * 2000, " or ".join(['userName eq "a"'] * 500), "emails[" * 1000, 'userName co "' + "x" * 7000 + '"']
    replace = f'{{"schemas":["{PATCH}"],"Operations":[{{"op":"replace","path":"members","value":'.encode()
    cases = {
        "deep and long filters": lambda: {send("POST", "/Users/.search", json.dumps({"schemas": [SEARCH], "filter": text}).encode()) for text in filters * 20},
        "nested arrays, 1 MiB": lambda: {send("POST", "/Users", b'{"schemas":' + b"[" * 1_000_000)},
        "a giant body, 100 MiB": lambda: {send("POST", "/Users", b'{"userName":"' + b"x" * 100_000_000 + b'"}')},
        "a text of many escapes": lambda: {send("POST", "/Users", b'{"schemas":["' + USER.encode() + b'"],"userName":"' + b"\\u00e4" * 150_000 + b'"}')},
        "a million members by PUT": lambda: {send("PUT", f"/Groups/{group}", f'{{"schemas":["{GROUP}"],"displayName":"memory","members":'.encode() + million + b"}")},
        "a million members by PATCH": lambda: {send("PATCH", f"/Groups/{group}", replace + million + b"}]}")},
        "20,000 members that nobody has": lambda: {send("PATCH", f"/Groups/{group}", replace + large + b"}]}")},
        "a bulk request of 100,000": lambda: {send("POST", "/Bulk", bulk)},
        "eight of those at once": lambda: at_once(lambda: send("POST", "/Bulk", bulk), 8),
    }
    # What a few ordinary requests need belongs to what is held.
    for _ in range(50):
        http.get(base + "/Users?count=1")
    idle = status(pid, "VmRSS")
    print(f"  {'idle':34}{idle:8.0f} MiB")
    for name, work in cases.items():
        most, answers = peak(pid, work)
        print(f"  {name:34}{most:8.0f} MiB  {most / idle:5.1f} x  {sorted(answers)}")
        check(f"{name}: refused, not failed", all(400 <= answer < 500 for answer in answers) or name == "deep and long filters" and max(answers) < 500, answers)
        check(f"{name}: bounded memory", most < MOST_MIB, f"{most:.0f} MiB, {idle:.0f} idle")
    check("the group has no members", "members" not in http.get(f"{base}/Groups/{group}").json())
    check("it answers as before", http.get(f"{base}/Users/{user}").status_code == 200)
    for path in (f"/Groups/{group}", f"/Users/{user}"):
        http.delete(base + path)


def at_once(work, times):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(times) as pool:
        return set(pool.map(lambda _: work(), range(times)))
