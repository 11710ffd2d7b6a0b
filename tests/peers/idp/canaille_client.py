#!/usr/bin/env python3
"""canaille_client.py WORK SCIM_BASE TOKEN - Canaille (PyPI) as a SCIM 2.0 client: whatever changes among its people and groups it pushes with
scim2-client, by itself. Reads one JSON object per line, {"users": [{username, email, given, family, groups}]}, makes its own database match,
and answers with one line: what it changed. Its requests are in its log (stderr)."""
import datetime
import json
import logging
import os
import sys

WORK, BASE, TOKEN = sys.argv[1:4]
os.makedirs(WORK, exist_ok=True)
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http on loopback
logging.basicConfig(stream=sys.stderr, level=logging.INFO)

from canaille import create_app  # noqa: E402
from canaille.app import models  # noqa: E402
from canaille.backends import Backend  # noqa: E402
from joserfc.jwk import RSAKey  # noqa: E402

app = create_app(config={
    "SECRET_KEY": "of-a-test-alone", "SERVER_NAME": "127.0.0.1:1", "TRUSTED_HOSTS": None,
    "CANAILLE": {"DATABASE": "sql", "SMTP": None},
    "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{WORK}/canaille.sqlite", "PASSWORD_SCHEMES": "plaintext"},
    "CANAILLE_OIDC": {"ACTIVE_JWKS": [RSAKey.generate_key(2048, parameters={"use": "sig", "kid": "1"}).as_dict(private=True)]},
    "CANAILLE_SCIM": {"ENABLE_SERVER": True, "ENABLE_CLIENT": True},
})


def trust(backend):
    """Canaille pushes to the address of a client, with a token it gave to that client."""
    now = datetime.datetime.now(datetime.timezone.utc)
    client = models.Client(client_id="usher", client_name="usher", client_uri=BASE, grant_types=["authorization_code"], response_types=["code"], scope=["openid"], client_id_issued_at=now)
    backend.save(client)
    client.audience = [client]
    backend.save(client)
    backend.save(models.Token(token_id="scim", access_token=TOKEN, subject=None, audience=[client], client=client, refresh_token="unused", scope=["openid"], issue_date=now, lifetime=10**8))


def match(backend, wanted):
    done = []
    people = {person["username"]: person for person in wanted["users"]}
    for name, person in people.items():
        user = backend.get(models.User, user_name=name)
        facts = {"given_name": person["given"], "family_name": person["family"], "formatted_name": f"{person['given']} {person['family']}", "display_name": person["given"], "emails": [person["email"]]}
        if user is None:
            user = models.User(user_name=name)
            done.append(f"new {name}")
        elif all(getattr(user, fact) == value for fact, value in facts.items()):
            continue
        else:
            done.append(f"changed {name}")
        for fact, value in facts.items():
            setattr(user, fact, value)
        backend.save(user)
    for user in list(backend.query(models.User)):
        if user.user_name not in people:
            done.append(f"gone {user.user_name}")
            backend.delete(user)
    names = sorted({group for person in people.values() for group in person["groups"]})
    for name in names:
        members = [backend.get(models.User, user_name=person) for person, facts in people.items() if name in facts["groups"]]
        group = backend.get(models.Group, display_name=name)
        if group is None:
            done.append(f"new group {name}")
            backend.save(models.Group(display_name=name, members=members))
        elif {user.id for user in group.members} != {user.id for user in members}:
            done.append(f"changed group {name}")
            group.members = members
            backend.save(group)
    for group in list(backend.query(models.Group)):
        if group.display_name not in names:
            done.append(f"gone group {group.display_name}")
            backend.delete(group)
    return done


with app.app_context():
    backend = Backend.instance
    with backend.session():
        trust(backend)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        with backend.session():
            print(json.dumps(match(backend, json.loads(line))), flush=True)
