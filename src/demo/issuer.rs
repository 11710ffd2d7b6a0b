//! What an identity provider does: builds SAML responses, signs and encrypts them, and describes itself in metadata.
//! Owns no pages and no people. Writes XML that is in exclusive canonical form already, so it shares no canonicalizer
//! with the room that verifies; random values (ids, content keys) come in as arguments.

use std::fmt::Write as _;
use std::time::Duration;

use aws_lc_rs::cipher::{self, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use aws_lc_rs::{aead, digest, iv, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::der::{Decode, Encode};

use crate::clock::Timestamp;

/// What an identity provider signs with.
pub struct IssuerKey {
    pair: Pair,
    certificate: Vec<u8>,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

/// The kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA-2048.
    Rsa,
    /// ECDSA on P-256.
    Ecdsa,
}

impl IssuerKey {
    /// Makes a key with a self-signed certificate. `None` if the generator fails.
    pub fn generate(kind: KeyKind, name: &str, not_before: Timestamp, not_after: Timestamp) -> Option<Self> {
        let pair = match kind {
            KeyKind::Rsa => rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048),
            KeyKind::Ecdsa => rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        };
        let pair = pair.ok()?;
        let certificate = crate::saml::self_signed(&pair, name, not_before, not_after)?;
        Self::from_der(&pair.serialize_der(), certificate)
    }

    /// Reads a key (PKCS#8 DER) with its certificate (DER).
    pub fn from_der(private_key: &[u8], certificate: Vec<u8>) -> Option<Self> {
        let rsa = RsaKeyPair::from_pkcs8(private_key).ok().map(Pair::Rsa);
        let ecdsa = || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private_key).ok().map(Pair::Ecdsa);
        Some(Self { pair: rsa.or_else(ecdsa)?, certificate })
    }

    /// Its certificate, DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// The XML-DSig name of the algorithm it signs with.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Pair::Ecdsa(_) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        }
    }

    /// Signs bytes, with SHA-256.
    #[expect(clippy::disallowed_methods, reason = "ECDSA draws a nonce inside the library")]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = rand::SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a parsed RSA key signs");
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&random, message).expect("a parsed ECDSA key signs").as_ref().to_vec(),
        }
    }
}

/// Which elements are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// None: a fault.
    Nothing,
    /// The outer message.
    Response,
    /// The assertion.
    Assertion,
    /// Both.
    Both,
}

/// What the identity provider answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The person signed in.
    Success,
    /// It will not sign the person in.
    Denied {
        /// The outer code, after `urn:oasis:names:tc:SAML:2.0:status:`.
        code: &'static str,
        /// The inner code, likewise.
        detail: &'static str,
        /// Words for the admin.
        message: &'static str,
    },
}

/// How an assertion is encrypted.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// AES-GCM, else AES-CBC; both with 256 bits.
    pub gcm: bool,
    /// The certificate of the service provider, DER.
    pub recipient: Vec<u8>,
    /// A fresh content key.
    pub content_key: [u8; 32],
    /// A fresh initialization vector; GCM takes the first 12 bytes.
    pub iv: [u8; 16],
    /// Put the EncryptedKey beside the EncryptedData, as Shibboleth can.
    pub key_beside: bool,
}

/// One response, as data. [`ResponseSpec::new`] is a good one; every field can be made wrong.
#[derive(Clone, Debug)]
pub struct ResponseSpec {
    /// Entity id of the identity provider.
    pub issuer: String,
    /// Where the response is sent.
    pub destination: String,
    /// Where the assertion may be delivered.
    pub recipient: String,
    /// For whom the assertion is; `None` leaves the restriction out.
    pub audience: Option<String>,
    /// The request that is answered.
    pub in_response_to: Option<String>,
    /// ID of the response.
    pub response_id: String,
    /// ID of the assertion.
    pub assertion_id: String,
    /// When it is issued.
    pub issued: Timestamp,
    /// How long it may be delivered.
    pub lifetime: Duration,
    /// The person's name.
    pub name_id: String,
    /// The format of the name, whole.
    pub name_id_format: String,
    /// Attributes in order, each with its values.
    pub attributes: Vec<(String, Vec<String>)>,
    /// What is signed.
    pub sign: Sign,
    /// Whether the assertion is encrypted.
    pub encrypt: Option<Encryption>,
    /// Yes or no.
    pub status: Status,
}

/// What can be made to go wrong in the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The assertion is for another service provider.
    WrongAudience,
    /// The assertion is an hour old.
    Expired,
    /// A byte of the signature is changed.
    BadSignature,
    /// The previous response is sent again; whoever sends it keeps it.
    Replay,
    /// The groups attribute is missing.
    NoGroups,
    /// 151 groups: Entra's marker instead of the groups.
    TooManyGroups,
    /// The identity provider refuses.
    Refused,
}

impl Fault {
    /// Every fault with a stable name.
    pub const ALL: [(Self, &str); 7] = [
        (Self::WrongAudience, "wrong-audience"),
        (Self::Expired, "expired"),
        (Self::BadSignature, "bad-signature"),
        (Self::Replay, "replay"),
        (Self::NoGroups, "no-groups"),
        (Self::TooManyGroups, "too-many-groups"),
        (Self::Refused, "refused"),
    ];
}

/// The name of the groups attribute in [`ResponseSpec::new`].
pub const GROUPS: &str = "groups";
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

impl ResponseSpec {
    /// A good response about a person: signed assertion, five minutes, persistent name, `email`, `displayName`, `groups`.
    /// `unique` makes the ids; it has at least 128 random bits outside of tests.
    pub fn new(issuer: &str, sp_entity_id: &str, acs_url: &str, unique: &str, now: Timestamp, person: Person) -> Self {
        Self {
            issuer: issuer.to_owned(),
            destination: acs_url.to_owned(),
            recipient: acs_url.to_owned(),
            audience: Some(sp_entity_id.to_owned()),
            in_response_to: None,
            response_id: format!("_r{unique}"),
            assertion_id: format!("_a{unique}"),
            issued: now,
            lifetime: Duration::from_secs(300),
            name_id: person.name_id.to_owned(),
            name_id_format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
            attributes: vec![
                ("email".to_owned(), vec![person.email.to_owned()]),
                ("displayName".to_owned(), vec![person.name.to_owned()]),
                (GROUPS.to_owned(), person.groups.iter().map(|group| (*group).to_owned()).collect()),
            ],
            sign: Sign::Assertion,
            encrypt: None,
            status: Status::Success,
        }
    }

    /// The same response with something wrong. `BadSignature` and `Replay` are done to the finished text:
    /// by [`break_signature`], and by sending an old one.
    pub fn with_fault(mut self, fault: Fault) -> Self {
        match fault {
            Fault::WrongAudience => self.audience = Some("https://another.example/metadata".to_owned()),
            Fault::Expired => self.issued = self.issued.minus(Duration::from_secs(3600)),
            Fault::BadSignature | Fault::Replay => {}
            Fault::NoGroups => self.attributes.retain(|(name, _)| name != GROUPS),
            Fault::TooManyGroups => {
                self.attributes.retain(|(name, _)| name != GROUPS);
                let link = "https://graph.example/users/42/getMemberObjects".to_owned();
                self.attributes.push(("http://schemas.microsoft.com/claims/groups.link".to_owned(), vec![link]));
            }
            Fault::Refused => {
                self.status = Status::Denied {
                    code: "Responder",
                    detail: "RequestDenied",
                    message: "The person is not assigned to this application.",
                }
            }
        }
        self
    }

    /// The response as text, signed and encrypted as it says.
    pub fn xml(&self, key: &IssuerKey) -> String {
        let content = match self.status {
            Status::Denied { .. } => String::new(),
            Status::Success => {
                let mut assertion = self.assertion_xml();
                if matches!(self.sign, Sign::Assertion | Sign::Both) {
                    assertion = sign_element(&assertion, key);
                }
                self.encrypt.as_ref().map_or(assertion.clone(), |how| encrypted_assertion(&assertion, how))
            }
        };
        let response = self.response_xml(&content);
        if matches!(self.sign, Sign::Response | Sign::Both) { sign_element(&response, key) } else { response }
    }

    /// The outer message around `content`, unsigned, in canonical form.
    pub fn response_xml(&self, content: &str) -> String {
        let mut out = format!("<samlp:Response xmlns:samlp=\"{SAMLP}\"");
        attribute(&mut out, "Destination", &self.destination);
        attribute(&mut out, "ID", &self.response_id);
        if let Some(request) = &self.in_response_to {
            attribute(&mut out, "InResponseTo", request);
        }
        attribute(&mut out, "IssueInstant", &self.issued.to_string());
        attribute(&mut out, "Version", "2.0");
        let _ = write!(out, "><saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer>", text(&self.issuer));
        match &self.status {
            Status::Success => {
                let _ = write!(out, "<samlp:Status><samlp:StatusCode Value=\"{STATUS}Success\"></samlp:StatusCode>");
            }
            Status::Denied { code, detail, message } => {
                let _ = write!(
                    out,
                    "<samlp:Status><samlp:StatusCode Value=\"{STATUS}{code}\">\
                     <samlp:StatusCode Value=\"{STATUS}{detail}\"></samlp:StatusCode></samlp:StatusCode>\
                     <samlp:StatusMessage>{}</samlp:StatusMessage>",
                    text(message)
                );
            }
        }
        let _ = write!(out, "</samlp:Status>{content}</samlp:Response>");
        out
    }

    /// The assertion, unsigned, in canonical form, declaring its own namespaces.
    pub fn assertion_xml(&self) -> String {
        let issued = self.issued.to_string();
        let ends = self.issued.plus(self.lifetime).to_string();
        let mut out = format!("<saml:Assertion xmlns:saml=\"{SAML}\"");
        attribute(&mut out, "ID", &self.assertion_id);
        attribute(&mut out, "IssueInstant", &issued);
        attribute(&mut out, "Version", "2.0");
        let _ = write!(out, "><saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID", text(&self.issuer));
        attribute(&mut out, "Format", &self.name_id_format);
        let _ = write!(out, ">{}</saml:NameID>", text(&self.name_id));
        out.push_str(
            "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData",
        );
        if let Some(request) = &self.in_response_to {
            attribute(&mut out, "InResponseTo", request);
        }
        attribute(&mut out, "NotOnOrAfter", &ends);
        attribute(&mut out, "Recipient", &self.recipient);
        out.push_str("></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions");
        attribute(&mut out, "NotBefore", &issued);
        attribute(&mut out, "NotOnOrAfter", &ends);
        out.push('>');
        if let Some(audience) = &self.audience {
            let _ = write!(
                out,
                "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>",
                text(audience)
            );
        }
        out.push_str("</saml:Conditions><saml:AuthnStatement");
        attribute(&mut out, "AuthnInstant", &issued);
        attribute(&mut out, "SessionIndex", &format!("{}-session", self.assertion_id));
        out.push_str("><saml:AuthnContext><saml:AuthnContextClassRef>");
        out.push_str("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport");
        out.push_str("</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>");
        for (name, values) in &self.attributes {
            out.push_str("<saml:Attribute");
            attribute(&mut out, "Name", name);
            out.push('>');
            for value in values {
                let _ = write!(out, "<saml:AttributeValue>{}</saml:AttributeValue>", text(value));
            }
            out.push_str("</saml:Attribute>");
        }
        out.push_str("</saml:AttributeStatement></saml:Assertion>");
        out
    }
}

/// Who a response is about.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The stable name.
    pub name_id: &'a str,
    /// The address.
    pub email: &'a str,
    /// What to call them.
    pub name: &'a str,
    /// Their groups.
    pub groups: &'a [&'a str],
}

/// The form field `SAMLResponse` of a text.
pub fn encode(xml: &str) -> String {
    STANDARD.encode(xml)
}

/// Changes the last signature of a text so that it verifies no more.
pub fn break_signature(xml: &str) -> String {
    match xml.rfind("</ds:SignatureValue>") {
        Some(end) => {
            let other = if xml.as_bytes().get(end.saturating_sub(8)) == Some(&b'A') { "B" } else { "A" };
            format!("{}{other}{}", &xml[..end - 8], &xml[end - 7..])
        }
        None => xml.to_owned(),
    }
}

/// Signs an element in canonical form: the signature goes behind its Issuer. Text without an `ID` or `Issuer` stays as it is.
pub fn sign_element(canonical: &str, key: &IssuerKey) -> String {
    let id = canonical.split_once(" ID=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(id, _)| id);
    let issuer_end = canonical.find("</saml:Issuer>").map(|at| at + "</saml:Issuer>".len());
    let (Some(id), Some(at)) = (id, issuer_end) else { return canonical.to_owned() };
    let signature = signature_element(&signed_info(canonical, id, key), key);
    format!("{}{signature}{}", &canonical[..at], &canonical[at..])
}

/// The SignedInfo over an element in canonical form, itself in canonical form.
pub fn signed_info(canonical: &str, id: &str, key: &IssuerKey) -> String {
    let digest = STANDARD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
    format!(
        "<ds:SignedInfo xmlns:ds=\"{DS}\">\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod><ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        key.algorithm()
    )
}

/// A Signature around a SignedInfo in canonical form that declares `ds` itself.
pub fn signature_element(signed_info: &str, key: &IssuerKey) -> String {
    let value = STANDARD.encode(key.sign(signed_info.as_bytes()));
    let certificate = STANDARD.encode(key.certificate_der());
    let inner = signed_info.replacen(&format!(" xmlns:ds=\"{DS}\""), "", 1);
    format!(
        "<ds:Signature xmlns:ds=\"{DS}\">{inner}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>\
         <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
}

/// An EncryptedAssertion around an assertion, in canonical form.
pub fn encrypted_assertion(assertion: &str, how: &Encryption) -> String {
    let algorithm = if how.gcm {
        "http://www.w3.org/2009/xmlenc11#aes256-gcm"
    } else {
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
    };
    let content = STANDARD.encode(encrypted(assertion.as_bytes(), how).expect("AES encrypts"));
    let carried = STANDARD.encode(carried_key(how).expect("the recipient's certificate holds an RSA key"));
    // Inside the data the ancestors have declared both prefixes.
    let declared = |prefix, uri| if how.key_beside { format!(" xmlns:{prefix}=\"{uri}\"") } else { String::new() };
    let key = format!(
        "<xenc:EncryptedKey{}><xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\">\
         <ds:DigestMethod{} Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></ds:DigestMethod>\
         </xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{carried}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedKey>",
        declared("xenc", XENC),
        declared("ds", DS),
    );
    let (inside, beside) = if how.key_beside {
        (String::new(), key)
    } else {
        (format!("<ds:KeyInfo xmlns:ds=\"{DS}\">{key}</ds:KeyInfo>"), String::new())
    };
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{SAML}\"><xenc:EncryptedData xmlns:xenc=\"{XENC}\" \
         Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod Algorithm=\"{algorithm}\">\
         </xenc:EncryptionMethod>{inside}<xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue>\
         </xenc:CipherData></xenc:EncryptedData>{beside}</saml:EncryptedAssertion>"
    )
}

fn encrypted(plaintext: &[u8], how: &Encryption) -> Option<Vec<u8>> {
    let mut content = plaintext.to_vec();
    if how.gcm {
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, &how.content_key).ok()?);
        let nonce = aead::Nonce::try_assume_unique_for_key(&how.iv[..12]).ok()?;
        key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut content).ok()?;
        return Some([&how.iv[..12], &content].concat());
    }
    // XML Encryption 5.2.1: the last byte counts the padding.
    let padding = 16 - content.len() % 16;
    content.resize(content.len() + padding, u8::try_from(padding).ok()?);
    let key = EncryptingKey::cbc(UnboundCipherKey::new(&cipher::AES_256, &how.content_key).ok()?).ok()?;
    let iv = iv::FixedLength::<16>::from(&how.iv);
    key.less_safe_encrypt(&mut content, EncryptionContext::Iv128(iv)).ok()?;
    Some([how.iv.as_slice(), &content].concat())
}

fn carried_key(how: &Encryption) -> Option<Vec<u8>> {
    let certificate = x509_cert::Certificate::from_der(&how.recipient).ok()?;
    let spki = certificate.tbs_certificate.subject_public_key_info.to_der().ok()?;
    let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&spki).ok()?).ok()?;
    let mut out = vec![0; key.ciphertext_size()];
    let written = key.encrypt(&OAEP_SHA1_MGF1SHA1, &how.content_key, &mut out, None).ok()?.len();
    out.truncate(written);
    Some(out)
}

/// Metadata of an identity provider: redirect and POST at one URL, all certificates for signing.
pub fn idp_metadata(entity_id: &str, sso_url: &str, certificates: &[&[u8]]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor");
    attribute(&mut out, "xmlns:md", "urn:oasis:names:tc:SAML:2.0:metadata");
    attribute(&mut out, "entityID", entity_id);
    let _ = writeln!(
        out,
        ">\n  <md:IDPSSODescriptor protocolSupportEnumeration=\"{SAMLP}\" WantAuthnRequestsSigned=\"false\">"
    );
    for certificate in certificates {
        let _ = writeln!(
            out,
            "    <md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data><ds:X509Certificate>{}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
            STANDARD.encode(certificate)
        );
    }
    for binding in ["HTTP-Redirect", "HTTP-POST"] {
        let _ = write!(out, "    <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\"");
        attribute(&mut out, "Location", sso_url);
        out.push_str("/>\n");
    }
    out.push_str("  </md:IDPSSODescriptor>\n</md:EntityDescriptor>\n");
    out
}

fn attribute(out: &mut String, name: &str, value: &str) {
    crate::saml::write_attribute(out, name, value);
}

fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    crate::saml::escape_text(value, &mut out);
    out
}
