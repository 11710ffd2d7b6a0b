//! A DNS server on loopback that answers as it is told: honestly, late, cut short, forged, or not at all (RFC 1035 §4).

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is answered about a name.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// TXT records, each of one or more strings of at most 255 bytes.
    pub txt: Vec<Vec<Vec<u8>>>,
    /// The name is another name.
    pub cname: Option<&'static str>,
    /// The response code.
    pub rcode: u8,
    /// How late.
    pub delay: Duration,
    /// Nothing is ever answered.
    pub silent: bool,
    /// Over UDP, only that the answer did not fit.
    pub truncate: bool,
    /// Before the answer, this one from somebody who guesses.
    pub forged: Option<Forged>,
    /// Beside the answer, a TXT record of another name.
    pub smuggled: Option<(&'static str, &'static str)>,
}

/// How an answer is forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forged {
    /// Under another id, with this TXT record.
    OtherId(&'static str),
    /// To another question, with this TXT record.
    OtherQuestion(&'static str),
}

impl Entry {
    /// Records of one string each.
    pub fn txt(records: &[&str]) -> Self {
        let txt = records.iter().map(|record| record.as_bytes().chunks(255).map(<[u8]>::to_vec).collect());
        Self { txt: txt.collect(), ..Self::default() }
    }

    /// Only a response code.
    pub fn code(rcode: u8) -> Self {
        Self { rcode, ..Self::default() }
    }
}

/// A running server; names that it does not know do not exist.
pub struct DnsServer {
    /// Where it answers, over UDP and TCP.
    pub address: SocketAddr,
    zone: Arc<Mutex<BTreeMap<String, Entry>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl DnsServer {
    pub fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("an address")) {
                break (udp, tcp);
            }
        };
        let address = udp.local_addr().expect("an address");
        let server = Self { address, zone: Arc::default(), asked: Arc::default() };
        let (zone, asked) = (server.zone.clone(), server.asked.clone());
        std::thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, from)) = udp.recv_from(&mut question) {
                let (question, socket) = (question[..length].to_vec(), udp.try_clone().expect("a handle"));
                let (zone, asked) = (zone.clone(), asked.clone());
                std::thread::spawn(move || {
                    for answer in answers(&zone, &asked, &question, "udp") {
                        socket.send_to(&answer, from).expect("sent");
                    }
                });
            }
        });
        let (zone, asked) = (server.zone.clone(), server.asked.clone());
        std::thread::spawn(move || {
            for stream in tcp.incoming() {
                let (mut stream, zone, asked) = (stream.expect("a connection"), zone.clone(), asked.clone());
                std::thread::spawn(move || {
                    let mut length = [0; 2];
                    if stream.read_exact(&mut length).is_err() {
                        return;
                    }
                    let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
                    stream.read_exact(&mut question).expect("a question");
                    for answer in answers(&zone, &asked, &question, "tcp") {
                        let length = u16::try_from(answer.len()).expect("short").to_be_bytes();
                        stream.write_all(&[&length, answer.as_slice()].concat()).expect("sent");
                    }
                });
            }
        });
        server
    }

    pub fn set(&self, name: &str, entry: Entry) {
        self.zone.lock().expect("unpoisoned").insert(name.to_owned(), entry);
    }

    /// Questions so far, as `udp acme.example`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

/// The name in the question, and where the question ends.
fn name(question: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    (labels.join("."), at + 5)
}

fn written(name: &str) -> Vec<u8> {
    let label = |label: &str| [&[u8::try_from(label.len()).expect("short")], label.as_bytes()].concat();
    let mut bytes: Vec<u8> = name.split('.').flat_map(label).collect();
    bytes.push(0);
    bytes
}

/// name, type, class IN, a TTL of five seconds, data
fn record(name: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short").to_be_bytes();
    [&written(name), &kind.to_be_bytes()[..], &[0, 1], &5u32.to_be_bytes(), &length, data].concat()
}

fn txt(name: &str, strings: &[Vec<u8>]) -> Vec<u8> {
    let string = |text: &Vec<u8>| [&[u8::try_from(text.len()).expect("short")], text.as_slice()].concat();
    record(name, 16, &strings.iter().flat_map(string).collect::<Vec<u8>>())
}

fn message(question: &[u8], rcode: u8, truncated: bool, records: &[Vec<u8>]) -> Vec<u8> {
    let (_, end) = name(question);
    let count = u16::try_from(records.len()).expect("few").to_be_bytes();
    let flags = [0x81 | if truncated { 2 } else { 0 }, 0x80 | rcode];
    [&question[..2], &flags, &[0, 1], &count, &[0, 0, 0, 0], &question[12..end], &records.concat()].concat()
}

fn answers(
    zone: &Mutex<BTreeMap<String, Entry>>,
    asked: &Mutex<Vec<String>>,
    question: &[u8],
    over: &str,
) -> Vec<Vec<u8>> {
    let (wanted, _) = name(question);
    asked.lock().expect("unpoisoned").push(format!("{over} {wanted}"));
    let zone = zone.lock().expect("unpoisoned").clone();
    let Some(entry) = zone.get(&wanted) else { return vec![message(question, 3, false, &[])] };
    std::thread::sleep(entry.delay);
    if entry.silent {
        return Vec::new();
    }
    let mut all = Vec::new();
    match entry.forged {
        Some(Forged::OtherId(text)) => {
            let mut forged = message(question, 0, false, &[txt(&wanted, &[text.as_bytes().to_vec()])]);
            forged[0] ^= 0xff;
            all.push(forged);
        }
        Some(Forged::OtherQuestion(text)) => {
            let mut other = question.to_vec();
            other[13] = b'x';
            all.push(message(&other, 0, false, &[txt(&wanted, &[text.as_bytes().to_vec()])]));
        }
        None => {}
    }
    if entry.truncate && over == "udp" {
        all.push(message(question, 0, true, &[]));
        return all;
    }
    let mut records: Vec<Vec<u8>> = entry.txt.iter().map(|strings| txt(&wanted, strings)).collect();
    if let Some(target) = entry.cname {
        records.push(record(&wanted, 5, &written(target)));
        let behind = zone.get(target).cloned().unwrap_or_default();
        records.extend(behind.txt.iter().map(|strings| txt(target, strings)));
    }
    records.extend(entry.smuggled.map(|(name, text)| txt(name, &[text.as_bytes().to_vec()])));
    all.push(message(question, entry.rcode, false, &records));
    all
}
