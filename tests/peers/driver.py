"""A browser without a browser: follows redirects, fills in login forms, posts SAML forms, keeps cookies. One Browser is one person's."""
import html.parser
import urllib.parse

import httpx


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self.metas, self._form = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = {"action": given.get("action", ""), "method": given.get("method", "get").lower(), "fields": {}, "types": set()}
            self.forms.append(self._form)
        elif tag in ("input", "button") and self._form is not None and given.get("name"):
            kind = given.get("type", "submit" if tag == "button" else "text").lower()
            self._form["types"].add(kind)
            if kind not in ("submit", "button") or given["name"] not in self._form["fields"]:
                self._form["fields"][given["name"]] = given.get("value", "")
        elif tag == "meta" and given.get("name"):
            self.metas[given["name"]] = given.get("content", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None


class Browser:
    def __init__(self, user=None, connection="ssp"):
        self.user, self.connection = user, connection
        self.http = httpx.Client(follow_redirects=False, timeout=20, trust_env=False, headers={"Accept": "text/html,*/*", "User-Agent": "usher-tests"})

    def visit(self, url, method="GET", data=None, headers=None, confirm=False, stop=None):
        """Goes on until a page without a login or SAML form; returns the last response. `stop` ends before a request whose URL it accepts."""
        for _ in range(25):
            if stop and stop(method, url):
                return {"method": method, "url": url, "data": data}
            response = self.http.request(method, url, data=data, headers=headers)
            headers = None
            if response.status_code in (301, 302, 303, 307, 308):
                url = urllib.parse.urljoin(str(response.url), response.headers["location"])
                method, data = ("GET", None) if response.status_code not in (307, 308) else (method, data)
                continue
            here = urllib.parse.urlsplit(str(response.url))
            if here.path == "/sign-in" and method == "GET":
                # The button "Continue with SSO", or the domain of the address, leads here.
                url = f"{here.scheme}://{here.netloc}/sign-in/{self.connection}?{here.query}"
                continue
            page = Page(response.text) if "html" in response.headers.get("content-type", "") else Page("")
            form = next((form for form in page.forms if {"SAMLResponse", "SAMLRequest"} & set(form["fields"])), None)
            form = form or next((form for form in page.forms if "password" in form["types"]), None)
            if form is None and confirm:
                form = next((form for form in page.forms if form["action"].endswith("/sign-in/finish")), None)
            if form is None:
                return response
            data = dict(form["fields"])
            if "password" in form["types"]:
                name = next(name for name in data if name.lower() in ("username", "user", "login"))
                data[name], data["password"] = self.user, f"{self.user}-pw-1"
            url, method = urllib.parse.urljoin(str(response.url), form["action"] or str(response.url)), "POST"
        raise AssertionError("25 steps and no end in sight")
