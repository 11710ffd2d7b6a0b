"""Replays the request sequences of tests/data/scim: what identity providers send, as their documentation shows it, and what must be answered.

A file is JSON lines: {"about": ...}, then steps {"step", "send": "METHOD /path?query", "headers"?, "body"?, "status": [..], "has"?: {pointer: value},
"lacks"?: [pointer], "count"?: {pointer: length}, "keep"?: {name: pointer}}. {name} stands for what was kept, {run}, {domain} and {uuid}; an empty
answer passes where 204 would have."""
import json
import re
import secrets
import urllib.parse
import uuid


def at(document, pointer):
    for part in pointer.split("/")[1:]:
        if isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            return None
    return document


def filled(value, known):
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda name: str(known.get(name[1], name[0])), value)
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, known) for name, item in value.items()}
    return value


def replay(http, base, token, domain, path, check):
    known = {"run": secrets.token_hex(4), "domain": domain, "uuid": str(uuid.uuid4())}
    for line in path.read_text(encoding="utf-8").splitlines():
        step = json.loads(line)
        if "about" in step:
            continue
        step = filled(step, known)
        method, target = step["send"].split(" ", 1)
        target, _, query = target.partition("?")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/scim+json", "Content-Type": "application/scim+json", **step.get("headers", {})}
        body = json.dumps(step["body"]).encode() if "body" in step else None
        answer = http.request(method, base + target + ("?" + urllib.parse.quote(query, safe="=&") if query else ""), headers=headers, content=body)
        name = f"{path.parent.name}/{path.stem}: {step['step']}"
        check(f"{name}: status", answer.status_code in step["status"], f"{answer.status_code} {answer.text}")
        if not answer.content:
            continue
        check(f"{name}: content type", answer.headers["content-type"] == "application/scim+json", answer.headers)
        document = answer.json()
        for pointer, value in step.get("has", {}).items():
            check(f"{name}: {pointer}", at(document, pointer) == value, answer.text)
        for pointer in step.get("lacks", []):
            check(f"{name}: no {pointer}", at(document, pointer) is None, answer.text)
        for pointer, length in step.get("count", {}).items():
            check(f"{name}: length of {pointer}", len(at(document, pointer) or []) == length, answer.text)
        known.update({kept: at(document, pointer) for kept, pointer in step.get("keep", {}).items()})
