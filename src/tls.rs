//! TLS from files: certificate and key, read again when they change. Knows nothing of what is served.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

pub use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs as crypto;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use x509_cert::der::Decode as _;

use crate::clock::Timestamp;

/// Why certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be used for TLS: {what}")]
pub struct TlsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub what: String,
}

/// A server configuration that follows the two files.
pub fn server_config(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
    let current = Arc::new(RwLock::new(Arc::new(files.load()?)));
    let watched = Arc::downgrade(&current);
    let spawned = std::thread::Builder::new().name("tls-files".to_owned()).spawn(move || {
        let mut seen = files.modified();
        loop {
            std::thread::sleep(Duration::from_secs(10));
            let Some(current) = watched.upgrade() else { return };
            let now = files.modified();
            if now != seen {
                seen = now;
                match files.load() {
                    Ok(fresh) => {
                        *current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                        tracing::info!("the TLS certificate was read again");
                    }
                    // A half-written pair is no reason to stop; the old one stays until a whole one is there.
                    Err(error) => tracing::error!(error = %error, "the TLS certificate changed, but cannot be used"),
                }
            }
        }
    });
    spawned.map_err(|error| TlsError { path: certificate.to_owned(), what: error.to_string() })?;
    let provider = Arc::new(crypto::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError { path: certificate.to_owned(), what: error.to_string() })?;
    Ok(builder.with_no_client_auth().with_cert_resolver(Arc::new(Follows(current))))
}

/// When the first certificate of a file ends: the one that browsers see.
pub fn ends(certificate: &Path) -> Result<Timestamp, TlsError> {
    let wrong = |what: String| TlsError { path: certificate.to_owned(), what };
    let first = CertificateDer::from_pem_file(certificate).map_err(|error| wrong(error.to_string()))?;
    let read = x509_cert::Certificate::from_der(&first).map_err(|error| wrong(error.to_string()))?;
    let ends = read.tbs_certificate.validity.not_after.to_unix_duration();
    Ok(Timestamp::from_millis(i64::try_from(ends.as_millis()).unwrap_or(i64::MAX)))
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn modified(&self) -> [Option<std::time::SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).and_then(|known| known.modified()).ok())
    }

    fn load(&self) -> Result<CertifiedKey, TlsError> {
        let wrong = |path: &Path, what: String| TlsError { path: path.to_owned(), what };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| wrong(&self.certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(wrong(&self.certificate, "it holds no certificate in PEM".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, error.to_string()))?;
        let key = crypto::sign::any_supported_type(&key).map_err(|error| wrong(&self.key, error.to_string()))?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match().map_err(|_| wrong(&self.key, "it does not belong to the certificate".to_owned()))?;
        Ok(certified)
    }
}

#[derive(Debug)]
struct Follows(Arc<RwLock<Arc<CertifiedKey>>>);

impl ResolvesServerCert for Follows {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
