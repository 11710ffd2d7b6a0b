//! What an admin should know about a response that was accepted.

use std::fmt;

/// Something an admin should look at although the sign-in is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The certificate that verified is over; trust anchors do not expire, but somebody forgot something.
    CertificateExpired {
        /// Which.
        fingerprint: String,
    },
    /// The certificate that verified is not valid yet.
    CertificateNotYetValid {
        /// Which.
        fingerprint: String,
    },
    /// A certificate of the connection has no key we verify with.
    CertificateUnusable {
        /// Which.
        fingerprint: String,
        /// Why.
        reason: String,
    },
    /// The NameID is a new one at each sign-in; the e-mail address stood in for it.
    TransientNameId,
    /// Several addresses were sent; the first counts.
    SeveralEmails,
    /// An encrypted attribute was sent, and ignored.
    EncryptedAttribute,
    /// The second opinion could not be had.
    NoSecondOpinion {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CertificateExpired { fingerprint } => {
                write!(f, "the signing certificate {fingerprint} has expired; import the identity provider's metadata again")
            }
            Self::CertificateNotYetValid { fingerprint } => {
                write!(f, "the signing certificate {fingerprint} is not valid yet")
            }
            Self::CertificateUnusable { fingerprint, reason } => {
                write!(f, "the certificate {fingerprint} of the connection is unusable: {reason}")
            }
            Self::TransientNameId => f.write_str(
                "the NameID is transient, so the e-mail address names the person; let the identity provider send a persistent NameID",
            ),
            Self::SeveralEmails => f.write_str("several e-mail addresses were sent; the first one counts"),
            Self::EncryptedAttribute => f.write_str("an encrypted attribute was ignored; encrypt the assertion instead"),
            Self::NoSecondOpinion { reason } => write!(f, "no second opinion on this response: {reason}"),
        }
    }
}
