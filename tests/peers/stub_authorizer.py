#!/usr/bin/env python3
"""stub_authorizer.py --port 4601 --record FILE - stands in for the gateway where only the proxies are judged, so that they can be judged without it.
The cookie usher=good enters (200 with all identity headers), usher=refused does not (403 page), anything else is sent to sign in: 401 + Location at
/auth/nginx; at /auth/forward 302 for pages and 401 for scripts. What it was asked is written to FILE, one JSON object a line."""
import argparse
import json
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from headers import TOLD

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, default=4601)
parser.add_argument("--record", required=True)
OPTIONS = parser.parse_args()
lock = threading.Lock()


class Authorizer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer

    def log_message(self, *arguments):
        pass

    def answer(self):
        with lock, open(OPTIONS.record, "a") as record:
            record.write(json.dumps({"path": self.path, "method": self.command, "headers": self.headers.items()}) + "\n")
        header = lambda name, default="": self.headers.get(name, default)
        cookies = SimpleCookie(header("cookie"))
        session = cookies["usher"].value if "usher" in cookies else ""
        wanted = f"{header('x-forwarded-proto')}://{header('x-forwarded-host')}{header('x-forwarded-uri')}"
        sign_in = f"http://127.0.0.1:{OPTIONS.port}/sign-in?return_to={quote(wanted, safe='')}"
        page = header("sec-fetch-mode", "navigate") == "navigate"
        if session == "good":
            self.say(200, list(TOLD.items()))
        elif session == "refused":
            self.say(403, [("X-Usher-Refusal", "no_group_access"), ("Content-Type", "text/html")], b"<title>refused</title>no_group_access")
        elif self.path == "/auth/nginx" or not page:
            self.say(401, [("Location", sign_in)])
        else:
            self.say(302, [("Location", sign_in)])

    def say(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = answer


ThreadingHTTPServer(("127.0.0.1", OPTIONS.port), Authorizer).serve_forever()
