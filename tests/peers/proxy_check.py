#!/usr/bin/env python3
"""proxy_check.py - the example configurations of nginx, Caddy and Traefik, with a stub for the gateway: they send people to sign in, show refusals, hand
on what the gateway says, and never hand on what a client says about who it is. Raw sockets send what no client library would.
Needs tests/peers/setup.sh. Loopback only; ends what it started. Last line: N passed, N failed."""
import json
import socket
import sys
from urllib.parse import parse_qs, urlsplit

from headers import HEADERS, TOLD, plain, spellings
from running import HERE, Proxies, Running, answers, port

FORGED = "forged-by-client"
running = Running("proxies")
check = running.check
authorizer, application = port(), port()
record = running.work / "asked.jsonl"
running.start("authorizer", sys.executable, HERE / "stub_authorizer.py", "--port", authorizer, "--record", record)
running.start("application", sys.executable, HERE / "echo_backend.py", "--port", application)
answers(f"http://127.0.0.1:{authorizer}/")
answers(f"http://127.0.0.1:{application}/")
proxies = Proxies(running, authorizer, application)
proxies.start()


def ask(kind, *lines, target="/page", method="GET", session="good", host=None, body=b""):
    """One request, byte by byte as given; status, headers and body of the answer."""
    cookie = [f"Cookie: usher={session}"] if session else []
    head = [f"{method} {target} HTTP/1.1", f"Host: {host or urlsplit(proxies.url(kind)).netloc}", *cookie, *lines]
    if not any(line.lower().startswith("connection:") for line in lines):
        head.append("Connection: close")
    if body:
        head.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", proxies.ports[kind]), timeout=10) as connection:
        connection.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        reader = connection.makefile("rb")
        status = int(reader.readline().split()[1])
        headers = {}
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            text = b""
            while size := int(reader.readline() or b"0", 16):
                text += reader.read(size)
                reader.readline()
        else:
            text = reader.read(int(headers.get("content-length", 0)))
        return status, headers, text.decode("utf-8", "replace")


def told(text):
    """The identity headers as an application reads them, whatever their spelling: each name with all its values."""
    names = {plain(name): name for name in HEADERS}
    seen = {name: [] for name in HEADERS}
    for name, value in json.loads(text)["headers"]:
        if plain(name) in names:
            seen[names[plain(name)]].append(value)
    return seen


def only_ours(what, answer, may_refuse=False):
    """Either the application got exactly what the gateway says, once, or (where that is allowed) it was not asked at all."""
    status, _, text = answer
    check(f"{what}: nothing of the client's", FORGED not in text, text)
    if status != 200:
        check(f"{what}: enters", may_refuse and status in (400, 404), f"{status} {text}")
        return
    wrong = {name: values for name, values in told(text).items() if values != [TOLD[name]]}
    check(f"{what}: exactly the gateway's words", not wrong, wrong)


def asked():
    return json.loads(record.read_text().splitlines()[-1])


def everyday(kind):
    origin = proxies.url(kind)
    status, headers, _ = ask(kind, target="/a/b?x=1&y=2", session=None)
    back = parse_qs(urlsplit(headers.get("location", "")).query).get("return_to")
    check(f"{kind}: nobody is sent to sign in and back to the whole address", status == 302 and back == [f"{origin}/a/b?x=1&y=2"], f"{status} {headers}")
    status, headers, text = ask(kind, session="refused")
    check(f"{kind}: a refusal is shown, with its page and code", status == 403 and "no_group_access" in text and headers.get("x-usher-refusal") == "no_group_access", f"{status} {headers} {text}")
    only_ours(f"{kind}: somebody", ask(kind))
    status, _, text = ask(kind, method="POST", body=b"hello", target="/form?q=%20")
    seen = json.loads(text) if status == 200 else {}
    check(f"{kind}: body, method and address arrive", (seen.get("method"), seen.get("path"), seen.get("body_bytes")) == ("POST", "/form?q=%20", 5), text)
    methods = [value for name, value in asked()["headers"] if name.lower() == "x-forwarded-method"]
    check(f"{kind}: the gateway is told the method and gets no body", methods == ["POST"] and asked()["method"] == "GET", asked())
    status, _, _ = ask(kind, "Sec-Fetch-Mode: cors", session=None)
    check(f"{kind}: a script is not let in", status in (401, 302), status)


def smuggling(kind):
    attempts = 0
    for name in HEADERS:
        for spelling in spellings(name):
            only_ours(f"{kind}: {spelling}", ask(kind, f"{spelling}: {FORGED}"))
            attempts += 1
        for what, lines in {
            "twice": [f"{name}: {FORGED}", f"{name}: {FORGED}"],
            "empty and forged": [f"{name}:", f"{name}: {FORGED}"],
            "with its alias": [f"{name}: {FORGED}", f"{name.replace('-', '_')}: {FORGED}", f"{name.replace('-', '.')}: {FORGED}"],
        }.items():
            only_ours(f"{kind}: {name} {what}", ask(kind, *lines))
            attempts += 1
        for what, lines in {
            "as a header of the connection": [f"Connection: close, {name}"],
            "forged, as a header of the connection": [f"Connection: close, {name}", f"{name}: {FORGED}"],
            "in a second connection header": ["Connection: close", f"Connection: {name.lower()}", f"{name}: {FORGED}"],
            "with a space before the colon": [f"{name} : {FORGED}"],
            "on a folded line": ["X-Other: a", f" {name}: b", f"{name}:", f" {FORGED}"],
            "behind a bare line feed": [f"X-Other: a\n{name}: {FORGED}"],
            "with a tab": [f"{name}\t: {FORGED}"],
        }.items():
            only_ours(f"{kind}: {name} {what}", ask(kind, *lines), may_refuse=True)
            attempts += 1
    return attempts


def whereabouts(kind):
    """What a client says about where it wants to go is not what the gateway is told."""
    host = urlsplit(proxies.url(kind)).netloc
    attempts = 0
    for what, lines in {
        "nothing": [],
        "forwarded host": ["X-Forwarded-Host: evil.example"],
        "forwarded address": ["X-Forwarded-Uri: /open", "X-Forwarded-Proto: https"],
        "twice": ["X-Forwarded-Host: evil.example", "X-Forwarded-Host: other.example", "X-Forwarded-Uri: /open"],
        "as headers of the connection": ["Connection: close, X-Forwarded-Host, X-Forwarded-Uri, X-Forwarded-Proto"],
        "method": ["X-Forwarded-Method: OPTIONS"],
        "original": ["X-Original-URL: https://evil.example/", "X-Original-Method: OPTIONS"],
        "address of the client": ["X-Forwarded-For: 10.9.9.9"],
    }.items():
        for session in ("good", None):
            before = len(record.read_text().splitlines())
            status, _, _ = ask(kind, *lines, session=session, target="/secret?x=1")
            attempts += 1
            lines_after = record.read_text().splitlines()
            if len(lines_after) == before:
                check(f"{kind}: {what}: refused without asking", status in (400, 404), status)
                continue
            seen = {}
            for name, value in json.loads(lines_after[-1])["headers"]:
                seen.setdefault(name.lower(), []).append(value)
            right = (seen.get("x-forwarded-proto"), seen.get("x-forwarded-host"), seen.get("x-forwarded-uri"), seen.get("x-forwarded-method")) == (["http"], [host], ["/secret?x=1"], ["GET"])
            check(f"{kind}: {what}: the gateway is told the truth", right and not any(seen.get("x-original-url", [])), seen)
            check(f"{kind}: {what}: nothing comes from 10.9.9.9", "10.9.9.9" not in ",".join(seen.get("x-forwarded-for", [])).rsplit(",", 1)[-1], seen)
    return attempts


def one(kind):
    everyday(kind)
    attempts = smuggling(kind) + whereabouts(kind)
    print(f"  {kind}: {attempts} attempts to smuggle")


for kind in Proxies.KINDS:
    running.part(one, kind)
running.end()
