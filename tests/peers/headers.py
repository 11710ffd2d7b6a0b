"""The identity headers, what the stub authoriser says in them, and every spelling in which an application might take a client's word for them."""
import itertools

TOLD = {
    "Remote-User": "anna@acme.test",
    "Remote-Name": "Anna Example",
    "Remote-Email": "anna@acme.test",
    "Remote-Groups": "acme-everyone,acme-research",
    "X-Usher-User-Id": "p-1",
    "X-Usher-Organization": "acme-work",
    "X-Usher-Role": "user",
    "X-Usher-Seat": "-",
    "X-Usher-Assertion": "a.b.c",
}
HEADERS = list(TOLD)

# Every character that a header name may contain and that CGI, WSGI or PHP turn into an underscore.
ALIASES = "_.!#$%&'*+^`|~"


def plain(name):
    """As an application may read it: letters and digits, everything else as an underscore."""
    return "".join(letter.lower() if letter.isalnum() else "_" for letter in name)


def spellings(name):
    """The name itself, in other cases, and with each hyphen as hyphen or underscore in all mixtures, or as one of the other characters."""
    parts = name.split("-")
    mixtures = {"".join(part + mark for part, mark in zip(parts, (*marks, ""))) for marks in itertools.product("-_", repeat=len(parts) - 1)}
    mixtures |= {mark.join(parts) for mark in ALIASES}
    mixtures |= {parts[0] + mark + "-".join(parts[1:]) for mark in ALIASES}
    cased = {"".join(letter.upper() if at % 2 else letter.lower() for at, letter in enumerate(name)), name.lower(), name.upper()}
    return sorted(mixtures | {mixture.lower() for mixture in mixtures} | cased)
