#!/usr/bin/env python3
"""canaille_op.py --port N --work DIR --users FILE --gateway URL --client-id ID --client-secret SECRET
Canaille (PyPI, on Authlib) as an OpenID provider with the people of users.json and one client. Started by start-canaille.sh."""
import argparse
import datetime
import json
import os

parser = argparse.ArgumentParser()
for name in ("port", "work", "users", "gateway", "client-id", "client-secret"):
    parser.add_argument(f"--{name}", required=True)
given = parser.parse_args()
os.makedirs(given.work, exist_ok=True)
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, on loopback

from canaille import create_app  # noqa: E402
from canaille.app import models  # noqa: E402
from canaille.backends import Backend  # noqa: E402
from joserfc.jwk import RSAKey  # noqa: E402
from werkzeug.serving import run_simple  # noqa: E402

key = RSAKey.generate_key(2048, parameters={"use": "sig", "kid": "canaille-1"}).as_dict(private=True)
app = create_app(config={
    "SECRET_KEY": "for tests", "SERVER_NAME": f"127.0.0.1:{given.port}", "PREFERRED_URL_SCHEME": "http", "TRUSTED_HOSTS": None,
    "SESSION_COOKIE_NAME": f"canaille{given.port}", "SESSION_COOKIE_SECURE": False,
    "CANAILLE": {"DATABASE": "sql", "JAVASCRIPT": False, "HTMX": False, "CAPTCHA_ENABLED": False, "EMAIL_CONFIRMATION": False, "SMTP": None,
                 "ENABLE_PASSWORD_RECOVERY": False, "LOGIN_ATTRIBUTES": ["user_name", "emails"], "ACL": {"DEFAULT": {"PERMISSIONS": ["edit_self", "use_oidc"]}}},
    "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{given.work}/canaille.sqlite", "PASSWORD_SCHEMES": "plaintext"},
    "CANAILLE_OIDC": {"ACTIVE_JWKS": [key], "TRUSTED_DOMAINS": ["127.0.0.1"], "REQUIRE_NONCE": True},
})

backend = Backend.instance
with app.app_context(), backend.session():
    everybody = {}
    for person in json.load(open(given.users))["users"]:
        name = f"{person['given']} {person['family']}"
        everybody[person["username"]] = models.User(
            user_name=person["username"], given_name=person["given"], family_name=person["family"], formatted_name=name, display_name=name,
            emails=[person["email"]], password=person["password"])
        backend.save(everybody[person["username"]])
    for group in ("gw-users", "gw-admins", "gw-owners", "seat-standard", "seat-premium"):
        members = [everybody[person["username"]] for person in json.load(open(given.users))["users"] if group in person["groups"]]
        backend.save(models.Group(display_name=group, members=members))
    client = models.Client(
        client_id=given.client_id, client_name="Usher", client_secret=given.client_secret, client_uri=given.gateway,
        redirect_uris=[f"{given.gateway}/oidc/{given.client_id}/callback"], post_logout_redirect_uris=[f"{given.gateway}/signed-out"],
        grant_types=["authorization_code"], response_types=["code"], scope=["openid", "email", "profile", "groups"],
        token_endpoint_auth_method="client_secret_basic", id_token_signed_response_alg="RS256",
        client_id_issued_at=datetime.datetime.now(datetime.timezone.utc))
    backend.save(client)
    client.audience = [client]
    backend.save(client)

run_simple("127.0.0.1", int(given.port), app, threaded=True)
