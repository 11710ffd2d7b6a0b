//! Why a response is refused, in words for the admin. The visitor sees none of them.
//! Never carries contents of an assertion; expected and found values only where they are names of parties or times.

use crate::clock::Timestamp;

use super::c14n::C14nError;
use super::limits::XmlError;

/// Where in the message something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The outer message.
    Response,
    /// The assertion in it.
    Assertion,
    /// The identity provider's wish to sign somebody out.
    LogoutRequest,
    /// Its answer to such a wish of ours.
    LogoutResponse,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Response => "response",
            Self::Assertion => "assertion",
            Self::LogoutRequest => "logout request",
            Self::LogoutResponse => "logout response",
        })
    }
}

/// Who has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The response is not one we accept.
    AssertionInvalid,
    /// The identity provider answered that it will not sign the person in.
    IdpDenied,
    /// Our settings of the connection cannot be used.
    ConnectionUnusable,
}

/// Why a response was refused: one variant, one reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// The connection has no certificate that could verify anything.
    #[error("the connection has no usable signing certificate of the identity provider")]
    NoSigningCertificate,
    /// The bytes are not an XML document we read.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Something signed has no canonical form.
    #[error(transparent)]
    Canonical(#[from] C14nError),

    // shape
    /// The root is something else.
    #[error("the message is no SAML 2.0 Response but {found}")]
    NotAResponse {
        /// What the root element is.
        found: String,
    },
    /// The root is no logout message.
    #[error("the message is no SAML 2.0 {expected} but {found}")]
    NotALogoutMessage {
        /// What was announced.
        expected: &'static str,
        /// What the root element is.
        found: String,
    },
    /// The query string is not that of one message.
    #[error("the query is not in the form of HTTP-Redirect: {reason}")]
    RedirectForm {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two elements carry the same id.
    #[error("two elements of the message carry the same id")]
    DuplicateId,
    /// One element carries several id attributes.
    #[error("one element of the message carries several ids")]
    SeveralIds,
    /// The root or the assertion has no id.
    #[error("the {part} has no ID")]
    NoId {
        /// Which of them.
        part: Part,
    },
    /// An element that means something to us stands in a foreign namespace.
    #[error("the message has an element {name} in a foreign namespace")]
    LookAlike {
        /// Its local name.
        name: &'static str,
    },
    /// No assertion, although the status says success.
    #[error("the response holds no assertion")]
    NoAssertion,
    /// More than one assertion.
    #[error("the response holds several assertions")]
    SeveralAssertions,
    /// A message, an assertion or a signature where none belongs.
    #[error("the message has an element {name} where none belongs")]
    Misplaced {
        /// Its local name.
        name: &'static str,
    },
    /// An element that may stand once stands more often.
    #[error("the message has several elements {what}")]
    Several {
        /// Its local name.
        what: &'static str,
    },
    /// An element that has to be there is not.
    #[error("the message has no element {what}")]
    Missing {
        /// Its local name.
        what: &'static str,
    },
    /// A value is empty.
    #[error("{what} is empty")]
    Empty {
        /// Whose value.
        what: &'static str,
    },
    /// A value that should be text holds other elements or markup.
    #[error("{what} holds markup where only text is read")]
    Structured {
        /// Whose value.
        what: String,
    },
    /// Encrypted names cannot be read.
    #[error("the subject's name is encrypted")]
    EncryptedId,

    // signature
    /// Nothing is signed.
    #[error("neither the response nor the assertion is signed")]
    Unsigned,
    /// A logout message that anybody could have sent.
    #[error("the logout message is not signed")]
    LogoutUnsigned,
    /// The signature is not of the one form that is accepted.
    #[error("the signature of the {part} is not in the accepted form: {reason}")]
    SignatureForm {
        /// Whose signature.
        part: Part,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A signature, digest or canonicalization algorithm that is not accepted.
    #[error("the signature of the {part} uses {found}, which is not accepted")]
    SignatureAlgorithm {
        /// Whose signature.
        part: Part,
        /// The algorithm.
        found: String,
    },
    /// The signature points at something else than the element it stands in.
    #[error("the signature of the {part} refers to another element than the one it stands in")]
    ReferenceElsewhere {
        /// Whose signature.
        part: Part,
    },
    /// No certificate of the connection verifies the signature.
    #[error(
        "the signature of the {part} does not verify with any of the connection's {certificates} signing certificates"
    )]
    BadSignature {
        /// Whose signature.
        part: Part,
        /// How many were tried.
        certificates: usize,
    },
    /// The signature is good, but what it covers was changed.
    #[error("the {part} was changed after it was signed")]
    BadDigest {
        /// What was changed.
        part: Part,
    },

    // encryption
    /// The assertion is encrypted, and the connection does not ask for that.
    #[error("the assertion is encrypted, but the connection does not offer encryption")]
    EncryptionNotOffered,
    /// We have no key to decrypt with.
    #[error("the assertion is encrypted, but there is no decryption key")]
    NoDecryptionKey,
    /// An encryption algorithm that is not accepted.
    #[error("the assertion is encrypted with {found}, which is not accepted")]
    EncryptionAlgorithm {
        /// The algorithm.
        found: String,
    },
    /// The one answer for everything that goes wrong between decrypting and having checked the signature.
    #[error("the assertion cannot be decrypted to a signed assertion with our keys")]
    Undecryptable,

    // conditions
    /// Another version of SAML.
    #[error("the {part} is SAML version {found}, not 2.0")]
    Version {
        /// Where.
        part: Part,
        /// The version.
        found: String,
    },
    /// Another identity provider speaks.
    #[error("the {part} was issued by {found}, not by {expected}")]
    Issuer {
        /// Where.
        part: Part,
        /// The entity id of the connection.
        expected: String,
        /// The issuer.
        found: String,
    },
    /// Sent to somebody else.
    #[error("the message was sent to {found}, not to {expected}")]
    Destination {
        /// Our endpoint.
        expected: String,
        /// Its destination.
        found: String,
    },
    /// The identity provider says no.
    #[error("the identity provider answered {status}{}", .message.as_ref().map(|m| format!(": {m}")).unwrap_or_default())]
    IdpDenied {
        /// The status codes, outermost first.
        status: String,
        /// What it adds in words.
        message: Option<String>,
    },
    /// A time that cannot be read.
    #[error("{what} is no time: {found}")]
    NotATime {
        /// Which attribute.
        what: &'static str,
        /// Its value.
        found: String,
    },
    /// Issued too long ago.
    #[error("the {part} was issued at {issued}, too long before now ({now})")]
    TooOld {
        /// Where.
        part: Part,
        /// IssueInstant.
        issued: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// Issued in the future.
    #[error("the {part} was issued at {issued}, after now ({now})")]
    FromTheFuture {
        /// Where.
        part: Part,
        /// IssueInstant.
        issued: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// A time limit has not begun.
    #[error("{what} begins at {begins}, after now ({now})")]
    NotYetValid {
        /// Which limit.
        what: &'static str,
        /// When it begins.
        begins: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// A time limit is over.
    #[error("{what} ended at {ended}, before now ({now})")]
    Expired {
        /// Which limit.
        what: &'static str,
        /// When it ended.
        ended: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The assertion is for anybody.
    #[error("the assertion does not say for which audience it is")]
    NoAudience,
    /// The assertion is for somebody else.
    #[error("the assertion is for {found}, not for {expected}")]
    Audience {
        /// Our entity id.
        expected: String,
        /// The audiences of the restriction that leaves us out.
        found: String,
    },
    /// A condition that we do not know, and so cannot say is met.
    #[error("the assertion has a condition {name} that is not known here")]
    UnknownCondition {
        /// Its local name.
        name: String,
    },
    /// No bearer confirmation.
    #[error("the assertion has no bearer SubjectConfirmation")]
    NoBearer,
    /// The confirmation leaves out what it has to say.
    #[error("the SubjectConfirmationData has no {what}")]
    ConfirmationWithout {
        /// The attribute.
        what: &'static str,
    },
    /// The confirmation says what a bearer confirmation must not.
    #[error("the SubjectConfirmationData of a bearer has a NotBefore")]
    ConfirmationNotBefore,
    /// The assertion may be delivered elsewhere only.
    #[error("the assertion is to be delivered to {found}, not to {expected}")]
    Recipient {
        /// Our assertion consumer service.
        expected: String,
        /// Its recipient.
        found: String,
    },
    /// Answers another request than the pending one.
    #[error("the {part} answers another request than the one that is pending")]
    InResponseTo {
        /// Where.
        part: Part,
    },
    /// Answers nothing, although a request is pending.
    #[error("the assertion does not say which request it answers")]
    InResponseToMissing,
    /// Answers a request, although none is pending.
    #[error("the {part} answers a request, but none of ours is pending")]
    InResponseToUnexpected {
        /// Where.
        part: Part,
    },
    /// Nobody asked, and the connection does not allow that.
    #[error(
        "nobody asked for this response, and the connection does not allow sign-in to begin at the identity provider"
    )]
    UnsolicitedNotAllowed,
    /// The assertion does not say that anybody authenticated.
    #[error("the assertion has no AuthnStatement")]
    NoAuthnStatement,
    /// Authenticated in another way than asked for.
    #[error("the person authenticated by {found}, not by {expected}")]
    AuthnContext {
        /// What the connection asks for.
        expected: String,
        /// What the assertion says.
        found: String,
    },
    /// Asked to authenticate again, the identity provider did not.
    #[error("the person authenticated at {authenticated}, before that was asked for ({asked}, ForceAuthn)")]
    NotReauthenticated {
        /// AuthnInstant.
        authenticated: Timestamp,
        /// When our request was sent; now, where nobody had asked.
        asked: Timestamp,
    },
    /// The name belongs to another service provider.
    #[error("the NameID is qualified for {found}, not for {expected}")]
    NameQualifier {
        /// Our entity id.
        expected: String,
        /// The SPNameQualifier.
        found: String,
    },

    // facts
    /// No address.
    #[error("the assertion has no e-mail address (looked for {tried})")]
    NoEmail {
        /// The attribute names tried.
        tried: String,
    },
    /// An address that is none.
    #[error("the value of {attribute} is not an e-mail address")]
    NotAnAddress {
        /// The attribute.
        attribute: String,
    },
    /// The attribute that names the person is missing, empty, repeated or too long.
    #[error("{attribute} does not name the person with exactly one value")]
    NoSubject {
        /// The attribute, or NameID.
        attribute: String,
    },
    /// The second implementation read something else.
    #[error("the second opinion read another {what} from the same message")]
    SecondOpinionDisagrees {
        /// What differs.
        what: &'static str,
    },
}

impl SamlError {
    /// Whose turn it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::IdpDenied { .. } => Kind::IdpDenied,
            Self::NoSigningCertificate | Self::NoDecryptionKey => Kind::ConnectionUnusable,
            _ => Kind::AssertionInvalid,
        }
    }

    /// A stable short name for logs and for searching.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSigningCertificate => "no_signing_certificate",
            Self::Xml(error) => error.code(),
            Self::Canonical(C14nError::TooLong) => "canonical_form_too_long",
            Self::Canonical(C14nError::Unwritable) => "no_canonical_form",
            Self::NotAResponse { .. } => "not_a_response",
            Self::NotALogoutMessage { .. } => "not_a_logout_message",
            Self::RedirectForm { .. } => "redirect_form",
            Self::DuplicateId => "duplicate_id",
            Self::SeveralIds => "several_ids",
            Self::NoId { .. } => "no_id",
            Self::LookAlike { .. } => "look_alike",
            Self::NoAssertion => "no_assertion",
            Self::SeveralAssertions => "several_assertions",
            Self::Misplaced { .. } => "misplaced",
            Self::Several { .. } => "several",
            Self::Missing { .. } => "missing",
            Self::Empty { .. } => "empty",
            Self::Structured { .. } => "structured",
            Self::EncryptedId => "encrypted_id",
            Self::Unsigned => "unsigned",
            Self::LogoutUnsigned => "logout_unsigned",
            Self::SignatureForm { .. } => "signature_form",
            Self::SignatureAlgorithm { .. } => "signature_algorithm",
            Self::ReferenceElsewhere { .. } => "reference_elsewhere",
            Self::BadSignature { .. } => "bad_signature",
            Self::BadDigest { .. } => "bad_digest",
            Self::EncryptionNotOffered => "encryption_not_offered",
            Self::NoDecryptionKey => "no_decryption_key",
            Self::EncryptionAlgorithm { .. } => "encryption_algorithm",
            Self::Undecryptable => "undecryptable",
            Self::Version { .. } => "version",
            Self::Issuer { .. } => "issuer",
            Self::Destination { .. } => "destination",
            Self::IdpDenied { .. } => "idp_denied",
            Self::NotATime { .. } => "not_a_time",
            Self::TooOld { .. } => "too_old",
            Self::FromTheFuture { .. } => "from_the_future",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::NoAudience => "no_audience",
            Self::Audience { .. } => "audience",
            Self::UnknownCondition { .. } => "unknown_condition",
            Self::NoBearer => "no_bearer",
            Self::ConfirmationWithout { .. } => "confirmation_incomplete",
            Self::ConfirmationNotBefore => "confirmation_not_before",
            Self::Recipient { .. } => "recipient",
            Self::InResponseTo { .. } => "in_response_to",
            Self::InResponseToMissing => "in_response_to_missing",
            Self::InResponseToUnexpected { .. } => "in_response_to_unexpected",
            Self::UnsolicitedNotAllowed => "unsolicited_not_allowed",
            Self::NoAuthnStatement => "no_authn_statement",
            Self::AuthnContext { .. } => "authn_context",
            Self::NotReauthenticated { .. } => "not_reauthenticated",
            Self::NameQualifier { .. } => "name_qualifier",
            Self::NoEmail { .. } => "no_email",
            Self::NotAnAddress { .. } => "not_an_address",
            Self::NoSubject { .. } => "no_subject",
            Self::SecondOpinionDisagrees { .. } => "second_opinion_disagrees",
        }
    }

    /// What the admin does next.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NoSigningCertificate => {
                "Import the identity provider's metadata again; it has to hold a signing certificate."
            }
            Self::IdpDenied { .. } => {
                "Look up this sign-in in the identity provider's log; often the person is not assigned to the application."
            }
            Self::BadSignature { .. } => {
                "If the identity provider changed its signing certificate, import its metadata again. If it did not, somebody else sent this."
            }
            Self::BadDigest { .. } => {
                "Nothing on the way may change the message. If it repeats, treat it as an attack."
            }
            Self::Unsigned => "Let the identity provider sign the assertion, the response or both.",
            Self::LogoutUnsigned => "Let the identity provider sign its logout messages.",
            Self::SignatureAlgorithm { .. } => {
                "Let the identity provider sign with RSA or ECDSA and SHA-256 (exclusive canonicalization)."
            }
            Self::EncryptionNotOffered => {
                "Switch assertion encryption off at the identity provider, or switch \"offer encryption\" on for this connection."
            }
            Self::NoDecryptionKey => {
                "Create a key for this gateway, and give the identity provider our metadata again."
            }
            Self::EncryptionAlgorithm { .. } => {
                "Let the identity provider encrypt with AES-GCM or AES-CBC, and the key with RSA-OAEP (digest and mask alike)."
            }
            Self::Undecryptable => {
                "Give the identity provider our metadata again: it may encrypt for an old key, or not sign the assertion."
            }
            Self::Issuer { .. } => {
                "Compare the identity provider's entity id with the connection's; import its metadata again if it changed."
            }
            Self::Destination { .. } | Self::Recipient { .. } => {
                "Enter our addresses (assertion consumer service, single logout service) at the identity provider exactly as our metadata writes them."
            }
            Self::Audience { .. } | Self::NoAudience | Self::NameQualifier { .. } => {
                "Enter our entity id (the metadata URL) at the identity provider as audience, exactly as our metadata writes it."
            }
            Self::TooOld { .. } | Self::FromTheFuture { .. } | Self::NotYetValid { .. } | Self::Expired { .. } => {
                "Compare both clocks; if they agree, the person only has to sign in again."
            }
            Self::InResponseTo { .. } | Self::InResponseToMissing => {
                "Sign in again from our sign-in page, in one browser window."
            }
            Self::InResponseToUnexpected { .. } => {
                "Sign in from our sign-in page; an answer counts once and for one browser only."
            }
            Self::UnsolicitedNotAllowed => {
                "Sign in from our sign-in page, or allow sign-in from the identity provider for this connection."
            }
            Self::AuthnContext { .. } | Self::NotReauthenticated { .. } => {
                "Let the identity provider authenticate as asked, or change what this connection asks for."
            }
            Self::NoEmail { .. } | Self::NotAnAddress { .. } => {
                "Let the identity provider send the e-mail address as attribute \"email\", or name its attribute in the connection."
            }
            Self::NoSubject { .. } => {
                "Let the identity provider send a stable, unique name (persistent NameID), or name its attribute in the connection."
            }
            Self::Structured { .. } | Self::Empty { .. } => "Let the identity provider send plain text in this place.",
            Self::EncryptedId => {
                "Switch NameID encryption off at the identity provider; encrypt the assertion instead."
            }
            Self::SecondOpinionDisagrees { .. } => "Treat this as an attack: keep the message and report it to us.",
            _ => {
                "If this comes from your identity provider, report it to us with this code; if not, somebody sent a forged message."
            }
        }
    }
}
