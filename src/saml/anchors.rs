//! The certificates of a connection as keys. They are trust anchors: time limits only warn.

use roxmltree::Node;

use crate::clock::Timestamp;
use crate::connection::IdpCertificate;

use super::error::{Part, SamlError};
use super::keys::VerifyingKey;
use super::response::Trail;
use super::signature;
use super::warning::Warning;

pub(crate) struct Anchors<'a> {
    pub(crate) keys: Vec<VerifyingKey>,
    certificates: Vec<&'a IdpCertificate>,
}

impl<'a> Anchors<'a> {
    pub(crate) fn of(certificates: &'a [IdpCertificate], warnings: &mut Vec<Warning>) -> Self {
        let mut anchors = Self { keys: Vec::new(), certificates: Vec::new() };
        for certificate in certificates {
            match VerifyingKey::from_certificate(&certificate.der) {
                Ok(key) => {
                    anchors.keys.push(key);
                    anchors.certificates.push(certificate);
                }
                Err(error) => warnings.push(Warning::CertificateUnusable {
                    fingerprint: certificate.fingerprint.clone(),
                    reason: error.to_string(),
                }),
            }
        }
        anchors
    }

    pub(crate) fn verify(
        &self,
        part: Part,
        target: Node,
        signature: Node,
        now: Timestamp,
        trail: &mut Trail,
    ) -> Result<String, SamlError> {
        let verified = signature::verify(part, target, signature, &self.keys)?;
        let certificate = self.certificates[verified.key];
        let fingerprint = certificate.fingerprint.clone();
        let warning = if certificate.not_after < now {
            Warning::CertificateExpired { fingerprint }
        } else if certificate.not_before > now {
            Warning::CertificateNotYetValid { fingerprint }
        } else {
            return Ok(verified.bytes);
        };
        if !trail.warnings.contains(&warning) {
            trail.warnings.push(warning);
        }
        Ok(verified.bytes)
    }
}
