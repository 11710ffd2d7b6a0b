#!/usr/bin/env python3
"""fakedns.py --port N --zone FILE - an authoritative DNS server on loopback (dnslib): TXT, CNAME and A records of a JSON file, and failures on demand.

FILE: {"acme.test": {"TXT": ["v=spf1 -all", "usher-domain-verification=abc"], "A": ["127.0.0.1"]}, "www.acme.test": {"CNAME": "acme.test."},
       "broken.test": {"rcode": "SERVFAIL"}, "silent.test": {"drop": true}, "big.test": {"TXT": [...], "truncate": true}}
rcode NXDOMAIN|SERVFAIL|REFUSED, drop (never answer), truncate (TC over UDP, the full answer over TCP). A TXT entry of more than 255 bytes becomes several
strings, as real servers do it. Names that are not in the file do not exist. The file is read for every question. Prints each question: udp|tcp TYPE NAME."""
import argparse
import json
import pathlib
import socketserver
import struct
import sys
import threading

from dnslib import A, CNAME, QTYPE, RCODE, RR, TXT, DNSRecord

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--zone", type=pathlib.Path, required=True)
GIVEN = arguments.parse_args()


def records(zone, name, kind):
    """The records of a name, with those that its CNAME leads to."""
    entry = zone.get(name, {})
    if "CNAME" in entry and kind != "CNAME":
        target = entry["CNAME"]
        yield RR(name, QTYPE.CNAME, rdata=CNAME(target), ttl=1)
        yield from records(zone, target.rstrip(".").lower(), kind)
    for value in entry.get(kind, []):
        if kind == "TXT":
            encoded = value.encode()
            yield RR(name, QTYPE.TXT, rdata=TXT([encoded[at:at + 255] for at in range(0, len(encoded), 255)]), ttl=1)
        elif kind == "A":
            yield RR(name, QTYPE.A, rdata=A(value), ttl=1)


def answer(packet, tcp):
    question = DNSRecord.parse(packet)
    name, kind = str(question.q.qname).rstrip(".").lower(), QTYPE[question.q.qtype]
    # In one piece: questions are answered side by side, and a line is read back as a whole.
    sys.stdout.write(f"{'tcp' if tcp else 'udp'} {kind} {name}\n")
    sys.stdout.flush()
    zone = json.loads(GIVEN.zone.read_text())
    reply, entry = question.reply(), zone.get(name)
    if entry is None:
        reply.header.rcode = RCODE.NXDOMAIN
    elif entry.get("drop"):
        return None
    elif "rcode" in entry:
        reply.header.rcode = getattr(RCODE, entry["rcode"])
    elif entry.get("truncate") and not tcp:
        reply.header.tc = 1
    else:
        reply.add_answer(*records(zone, name, kind))
    return reply.pack()


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        packet, socket = self.request
        if reply := answer(packet, False):
            socket.sendto(reply, self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        while len(head := self.rfile.read(2)) == 2:
            if reply := answer(self.rfile.read(struct.unpack("!H", head)[0]), True):
                self.wfile.write(struct.pack("!H", len(reply)) + reply)


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True


threading.Thread(target=UdpServer(("127.0.0.1", GIVEN.port), Udp).serve_forever, daemon=True).start()
TcpServer(("127.0.0.1", GIVEN.port), Tcp).serve_forever()
