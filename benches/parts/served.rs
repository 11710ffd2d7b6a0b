//! Servers as children of this program, so that their CPU time is theirs alone, and a client for them. Loopback only.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A server in a process of its own.
pub struct Served {
    pub child: Child,
    pub address: SocketAddr,
    pub said: BufReader<ChildStdout>,
}

impl Served {
    /// Starts this program in a role; it says on its first line where it listens.
    pub fn start(role: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env("USHER_BENCH_ROLE", role).stdin(Stdio::piped()).stdout(Stdio::piped());
        for (name, value) in variables {
            command.env(name, value);
        }
        let mut child = command.spawn().expect("started");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        let mut served = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), said };
        let mut line = String::new();
        served.said.read_line(&mut line).expect("an address");
        served.address = line.trim().parse().expect("an address");
        served
    }

    /// CPU time used so far, user and system.
    pub fn cpu(&self) -> Duration {
        cpu_of_process(self.child.id())
    }

    /// The system's part of [`Self::cpu`]: sockets, files, the disk's syncs, waking up.
    pub fn kernel_cpu(&self) -> Duration {
        ticks(self.child.id(), 12, 1)
    }

    /// Resident memory in MiB.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("procfs");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("VmRSS");
        line.split_whitespace().nth(1).expect("kB").parse::<f64>().expect("a number") / 1024.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time that a process has used so far, user and system.
pub fn cpu_of_process(id: u32) -> Duration {
    ticks(id, 11, 2)
}

/// So many fields of a process's `stat` behind its name, added up: clock ticks of 10 ms.
fn ticks(id: u32, first: usize, fields: usize) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("procfs");
    let after = stat.rsplit(')').next().expect("a line");
    let numbers = after.split_whitespace().skip(first).take(fields);
    Duration::from_millis(numbers.map(|ticks| ticks.parse::<u64>().expect("ticks")).sum::<u64>() * 10)
}

/// One kept-alive connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connected");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, buffer: vec![0; 65_536] }
    }

    /// Sends a request and reads the whole answer: status and head.
    pub fn ask(&mut self, request: &[u8]) -> (u16, String) {
        let (status, head, _) = self.exchange(request);
        (status, head)
    }

    /// Status, head and body.
    pub fn exchange(&mut self, request: &[u8]) -> (u16, String, String) {
        self.stream.write_all(request).expect("sent");
        let mut length = 0;
        loop {
            if length == self.buffer.len() {
                self.buffer.resize(length * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[length..]).expect("an answer");
            assert!(read > 0, "the connection ended");
            length += read;
            let text = String::from_utf8_lossy(&self.buffer[..length]);
            if let Some(end) = text.find("\r\n\r\n") {
                let head = &text[..end];
                let body = head
                    .lines()
                    .find_map(|line| {
                        line.to_ascii_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse::<usize>().ok())
                    })
                    .unwrap_or(0);
                if length >= end + 4 + body {
                    let status = head[9..12].parse().expect("a status");
                    return (status, head.to_owned(), text[end + 4..].to_owned());
                }
            }
        }
    }
}

/// Asks the same on `connections` connections for `span`; returns requests per second and CPU per request.
pub fn load(served: &Served, connections: usize, span: Duration, request: &str) -> (f64, f64) {
    let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut measured = (0.0, 0.0);
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut client = Client::new(served.address);
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(client.ask(request.as_bytes()).0, 200);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        let (begin, before, cpu) = (Instant::now(), count.load(Ordering::Relaxed), served.cpu());
        std::thread::sleep(span);
        let (n, spent, cpu) = (count.load(Ordering::Relaxed) - before, begin.elapsed(), served.cpu() - cpu);
        stop.store(true, Ordering::Relaxed);
        measured = (n as f64 / spent.as_secs_f64(), cpu.as_secs_f64() * 1e6 / n as f64);
    });
    measured
}
