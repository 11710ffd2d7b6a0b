//! The server as a process: what it survives.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use crate::commands::Shell;

/// Stopped with the test.
struct Server<'a> {
    shell: &'a Shell,
    process: Child,
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl<'a> Server<'a> {
    fn start(shell: &'a Shell, command: &mut Command) -> Self {
        let server = Self { shell, process: command.spawn().expect("started") };
        for _ in 0..600 {
            if server.get("/healthz").starts_with("HTTP/1.1 200") {
                return server;
            }
            std::thread::yield_now();
            let _ = shell.run(&["health"]);
        }
        panic!("the server does not answer");
    }

    /// The whole answer; empty if there is none.
    fn get(&self, path: &str) -> String {
        let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.shell.port)) else {
            return String::new();
        };
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut answer = Vec::new();
        let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[test]
fn nobody_reading_the_log_ends_no_request() {
    let shell = Shell::new();
    let mut server = Server::start(&shell, shell.command().arg("serve").stderr(Stdio::piped()));
    drop(server.process.stderr.take());
    for _ in 0..3 {
        // Refused with a line in the log.
        let refused = server.get("/auth/nginx");
        assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    }
    assert!(server.process.try_wait().expect("known").is_none(), "it lives");
}

#[test]
fn a_limit_on_file_sizes_is_a_full_disk_and_no_end() {
    let shell = Shell::new();
    shell.organizations(|file| file);
    shell.says(0, &["apply", "organizations.toml"]);
    let mut command = Command::new("sh");
    let usher = env!("CARGO_BIN_EXE_usher");
    // In blocks of 512 bytes: room for the database, and for some of its log.
    command.arg("-c").arg(format!("ulimit -f 3000; exec {usher} serve --config {:?}", shell.path("usher.toml")));
    let mut server = Server::start(&shell, command.stderr(Stdio::null()));
    let refused = (0..500).map(|_| server.get("/sign-in/okta")).find(|answer| !answer.starts_with("HTTP/1.1 303"));
    let refused = refused.expect("the log has reached its limit");
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("x-usher-error: unavailable"), "{refused}");
    assert!(server.process.try_wait().expect("known").is_none(), "it lives");
    assert!(server.get("/sign-in").starts_with("HTTP/1.1 200"), "and reads");
}
