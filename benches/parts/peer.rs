//! The same sign-in at what people use today, where it is installed: Apache with mod_auth_openidc (Debian: `apache2` and
//! `libapache2-mod-auth-openidc`), asked by the same client, with the same provider.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::served::cpu_of_process;
use super::{Client, Served};

const APACHE: &str = "/usr/sbin/apache2";
const MODULES: &str = "/usr/lib/apache2/modules";

struct Apache {
    child: Child,
    address: std::net::SocketAddr,
    _directory: tempfile::TempDir,
}

impl Apache {
    /// `None` where it is not installed.
    fn start(issuer: &str) -> Option<Self> {
        if !Path::new(APACHE).exists() || !Path::new(MODULES).join("mod_auth_openidc.so").exists() {
            return None;
        }
        let directory = tempfile::tempdir().expect("a directory");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let load = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc"]
            .map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n"))
            .concat();
        let here = directory.path().display();
        let text = format!(
            "ServerRoot {here}\nPidFile {here}/pid\nListen {free}\nServerName {free}\nErrorLog {here}/error.log\nLogLevel error\n\
             User www-data\nGroup www-data\nMaxKeepAliveRequests 0\nKeepAliveTimeout 60\n{load}\
             OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\nOIDCClientID usher\nOIDCClientSecret secret\n\
             OIDCRedirectURI http://{free}/callback\nOIDCCryptoPassphrase bench\nOIDCPKCEMethod S256\n\
             OIDCCacheShmMax 20000\nOIDCScope \"openid email profile\"\n\
             <Location />\nAuthType openid-connect\nRequire valid-user\n</Location>\n"
        );
        let file = directory.path().join("apache.conf");
        std::fs::write(&file, text).expect("written");
        // Its children run as somebody else.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(directory.path(), open).expect("opened");
        let child = Command::new(APACHE)
            .args(["-X", "-f"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(free).is_err() {
            assert!(Instant::now() < until, "Apache does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { child, address: free, _directory: directory })
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From the callback to the session, as [`super::openid::sign_in`]: it decides nothing and writes nothing to a disk.
pub fn sign_in(rsa_per_second: f64) {
    for clients in [1, 8] {
        let provider = Served::start("provider", &[]);
        let Some(apache) = Apache::start(&format!("http://{}", provider.address)) else {
            println!("OIDC sign-in at mod_auth_openidc                 not installed");
            return;
        };
        let total: u64 = 600;
        let host = apache.address.to_string();
        let mut client = Client::new(apache.address);
        let callbacks: Vec<String> = (0..total).map(|n| begun(&mut client, &host, n / 10)).collect();
        let next = AtomicU64::new(0);
        let (begin, cpu) = (Instant::now(), cpu_of_process(apache.child.id()));
        std::thread::scope(|scope| {
            for _ in 0..clients {
                scope.spawn(|| {
                    let mut client = Client::new(apache.address);
                    while let Some(callback) = callbacks.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                        let (status, head) = client.ask(callback.as_bytes());
                        assert!(status == 302 && head.contains("mod_auth_openidc_session="), "{head}");
                    }
                });
            }
        });
        let (spent, cpu) = (begin.elapsed().as_secs_f64(), cpu_of_process(apache.child.id()).saturating_sub(cpu));
        let each = cpu.as_secs_f64() * 1e6 / total as f64;
        let label = format!("mod_auth_openidc, {clients} clients");
        println!("{label:34}{:12.0} {each:14.0} {:22.1}", total as f64 / spent, each * 1e-6 * rsa_per_second);
    }
}

fn begun(client: &mut Client, host: &str, person: u64) -> String {
    let request = format!("GET /page HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n");
    let (status, head) = client.ask(request.as_bytes());
    assert_eq!(status, 302, "{head}");
    super::openid::came_back(&head, person, "/callback", host)
}
