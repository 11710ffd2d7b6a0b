//! Other implementations judge ours: bergshamra always, the `xmlsec1` command where it is installed.
//! What we accept they accept; what we sign and encrypt they verify and decrypt; what they sign we verify.
//!
//! `USHER_TEST_ORACLES=1` makes a missing command a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

use bergshamra::keys::loader::{load_pem_auto, load_x509_cert_der};
use bergshamra::{DsigContext, EncContext, KeysManager, verify_all};
use usher::demo::issuer::{Sign, encrypted_assertion, sign_element};
use usher::saml::{SignInRequest, sign_in_request};

use crate::random_xml::{Numbers, element};
use crate::saml_honest::{honest, read_text, stored_settings, verify_stored};
use crate::saml_support::*;

/// Whether bergshamra verifies every signature of a text with these certificates, and how many there are.
fn bergshamra_verifies(text: &str, certificates: &[Vec<u8>]) -> Result<usize, String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut worst = String::new();
    for certificate in certificates {
        let mut keys = KeysManager::new();
        keys.add_key(load_x509_cert_der(certificate).map_err(|error| error.to_string())?);
        match verify_all(&DsigContext::new(keys), &text) {
            Ok(results) if !results.is_empty() && results.iter().all(|result| result.is_valid()) => {
                return Ok(results.len());
            }
            Ok(results) => worst = format!("{results:?}"),
            Err(error) => worst = error.to_string(),
        }
    }
    Err(worst)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.collect::<Vec<_>>().join("\n"))
}

struct Xmlsec {
    folder: tempfile::TempDir,
}

/// The command, if it is installed.
fn xmlsec1() -> Option<Xmlsec> {
    if Command::new("xmlsec1").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Some(Xmlsec { folder: tempfile::tempdir().expect("a folder") });
    }
    assert!(
        std::env::var_os("USHER_TEST_ORACLES").is_none(),
        "USHER_TEST_ORACLES is set, but xmlsec1 is not installed"
    );
    println!("skipped: xmlsec1 is not installed");
    None
}

impl Xmlsec {
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    fn run(&self, arguments: &[&str], path: &Path) -> Result<String, String> {
        let output = Command::new("xmlsec1").args(arguments).arg(path).output().expect("xmlsec1 runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Verifies the signature that stands in `owner`.
    fn verifies(&self, text: &str, owner: &str, certificate: &[u8]) -> Result<(), String> {
        let certificate = self.file("certificate.pem", pem("CERTIFICATE", certificate));
        let message = self.file("message.xml", text);
        let signature = format!("//*[local-name()='{owner}']/*[local-name()='Signature']");
        let certificate = certificate.to_str().expect("a path");
        let mut arguments = vec!["--verify", "--pubkey-cert-pem", certificate, "--node-xpath", &signature];
        let ids = [
            "urn:oasis:names:tc:SAML:2.0:protocol:Response",
            "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
            "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest",
        ];
        arguments.extend(ids.iter().flat_map(|id| ["--id-attr:ID", id]));
        self.run(&arguments, &message).map(|_| ())
    }
}

#[test]
fn the_honest_messages_are_accepted_by_all() {
    let settings = stored_settings();
    let certificates: Vec<Vec<u8>> =
        settings.idp.certificates.iter().map(|certificate| certificate.der.clone()).collect();
    let xmlsec = xmlsec1();
    let mut signatures = 0;
    for name in honest() {
        let text = read_text(&format!("honest/{name}"));
        verify_stored(&settings, text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for owner in ["Response", "Assertion"] {
            let signed = has_signature(&text, owner);
            if signed && let Some(xmlsec) = &xmlsec {
                let verified =
                    certificates.iter().any(|certificate| xmlsec.verifies(&text, owner, certificate).is_ok());
                assert!(verified, "{name}: xmlsec1 refuses the signature of the {owner}");
            }
            signatures += usize::from(signed);
        }
        if text.contains("SignatureValue") {
            let verified = bergshamra_verifies(&text, &certificates);
            verified.unwrap_or_else(|error| panic!("{name}: bergshamra: {error}"));
        }
    }
    assert!(signatures >= 10, "only {signatures} signatures");
}

/// Whether the element of this name has a signature of its own.
fn has_signature(text: &str, owner: &str) -> bool {
    let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).expect("XML");
    document
        .descendants()
        .filter(|node| node.is_element() && node.tag_name().name() == owner)
        .any(|node| node.children().any(|child| child.tag_name().name() == "Signature"))
}

#[test]
fn what_the_issuer_signs_and_we_accept_the_others_accept() {
    let xmlsec = xmlsec1();
    for (name, key) in [("RSA", &*RSA), ("ECDSA", &*ECDSA)] {
        for sign in [Sign::Response, Sign::Assertion, Sign::Both] {
            let mut spec = spec();
            spec.sign = sign;
            let text = spec.xml(key);
            verify(&text).expect("accepted");
            let certificates = [key.certificate_der().to_vec()];
            let count =
                bergshamra_verifies(&text, &certificates).unwrap_or_else(|error| panic!("{name} {sign:?}: {error}"));
            assert_eq!(count, if sign == Sign::Both { 2 } else { 1 });
            assert!(
                bergshamra_verifies(&text.replace(EMAIL, "x@acme.example"), &certificates).is_err(),
                "it can say no"
            );
            let Some(xmlsec) = &xmlsec else { continue };
            let owners: &[&str] = match sign {
                Sign::Nothing => &[],
                Sign::Response => &["Response"],
                Sign::Assertion => &["Assertion"],
                Sign::Both => &["Response", "Assertion"],
            };
            for owner in owners {
                xmlsec
                    .verifies(&text, owner, key.certificate_der())
                    .unwrap_or_else(|error| panic!("{name} {sign:?}: {error}"));
                let changed = text.replace(EMAIL, "x@acme.example");
                assert!(xmlsec.verifies(&changed, owner, key.certificate_der()).is_err(), "it can say no");
            }
        }
    }
}

#[test]
fn what_the_issuer_encrypts_the_others_decrypt() {
    let signed = sign_element(&spec().assertion_xml(), &RSA);
    let xmlsec = xmlsec1();
    for gcm in [true, false] {
        let text = encrypted_assertion(&signed, &encryption(gcm));
        let private = pem("PRIVATE KEY", OURS.private_key_der());
        let mut keys = KeysManager::new();
        keys.add_key(load_pem_auto(private.as_bytes(), None).expect("a key"));
        let plain = bergshamra::decrypt(&EncContext::new(keys), &text).expect("bergshamra decrypts");
        assert!(plain.contains(NAME_ID), "{plain}");
        if let Some(xmlsec) = &xmlsec {
            let key = xmlsec.file("key.pem", &private);
            let message = xmlsec.file("encrypted.xml", &text);
            let plain = xmlsec.run(&["--decrypt", "--privkey-pem", key.to_str().expect("a path")], &message);
            assert!(plain.expect("xmlsec1 decrypts").contains(NAME_ID));
        }
    }
}

#[test]
fn our_signed_request_by_post_is_accepted_by_others() {
    let mut settings = settings();
    settings.sign_requests = true;
    settings.force_authn = true;
    settings.authn_context = Some("urn:a&b".to_owned());
    settings.name_id_format = Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned());
    settings.idp.sso_post = settings.idp.sso_redirect.take().map(|url| format!("{url}?a=1&b=\"2\""));
    let request = sign_in_request(&settings, sp(), Some(&OURS), REQUEST, "relay", now()).expect("a request");
    let SignInRequest::Post { action, saml_request, relay_state } = request else { panic!("a form") };
    assert_eq!((action.as_str(), relay_state.as_str()), ("https://idp.acme.example/sso?a=1&b=\"2\"", "relay"));
    let text = String::from_utf8(unbase64(&saml_request)).expect("UTF-8");
    for part in ["ForceAuthn=\"true\"", "urn:a&amp;b", "nameid-format:persistent"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    bergshamra_verifies(&text, &[OURS.certificate_der().to_vec()]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    if let Some(xmlsec) = xmlsec1() {
        xmlsec
            .verifies(&text, "AuthnRequest", OURS.certificate_der())
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
}

#[test]
fn our_redirect_signature_covers_the_query_string_as_sent() {
    let mut settings = settings();
    settings.sign_requests = true;
    settings.idp.sso_redirect = Some("https://idp.acme.example/sso?tenant=1#top".to_owned());
    let request = sign_in_request(&settings, sp(), Some(&OURS), REQUEST, "relay state/+=&", now()).expect("a request");
    let SignInRequest::Redirect(url) = request else { panic!("a redirect") };
    let (url, fragment) = url.split_once('#').expect("a fragment");
    assert_eq!(fragment, "top");
    let query = url.strip_prefix("https://idp.acme.example/sso?tenant=1&").expect("appended");
    let (covered, signature) = query.rsplit_once("&Signature=").expect("a signature");
    let signature = unbase64(&url::form_urlencoded::parse(format!("s={signature}").as_bytes()).next().expect("one").1);
    let certificate = x509(OURS.certificate_der());
    let key =
        aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, certificate);
    assert!(key.verify(covered.as_bytes(), &signature).is_ok());
    assert!(key.verify(covered.replace("%2F", "%2f").as_bytes(), &signature).is_err(), "it can say no");
}

fn x509(der: &[u8]) -> Vec<u8> {
    use x509_cert::der::{Decode, Encode};
    let certificate = x509_cert::Certificate::from_der(der).expect("a certificate");
    certificate.tbs_certificate.subject_public_key_info.to_der().expect("a key")
}

#[test]
fn messages_with_generated_contents_signed_by_xmlsec1_verify() {
    let Some(xmlsec) = xmlsec1() else { return };
    // xmlsec1 canonicalizes with libxml2; we accept only if our canonical bytes are the same.
    let (key, certificate) = generated_key();
    let key = xmlsec.file("idp.pem", key);
    let issuer = usher::saml::read_certificate(&certificate).expect("a certificate");
    let mut settings = settings();
    settings.idp.certificates = vec![issuer];
    let template = signature_template();
    for seed in 0..60 {
        let mut numbers = Numbers(seed * 7 + 1);
        let contents: String = (0..3).map(|_| element(&mut numbers, 4, &[])).collect();
        let response = spec().response_xml(&spec().assertion_xml());
        let text = response
            .replacen("<samlp:Status>", &format!("<samlp:Extensions>{contents}</samlp:Extensions><samlp:Status>"), 1)
            .replacen("</saml:Issuer>", &format!("</saml:Issuer>{template}"), 1);
        let message = xmlsec.file("unsigned.xml", &text);
        let id = ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response"];
        let arguments = ["--sign", "--privkey-pem", key.to_str().expect("a path"), id[0], id[1]];
        let signed = xmlsec.run(&arguments, &message).unwrap_or_else(|error| panic!("{error}\n{text}"));
        verify_with(&settings, &signed).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{signed}"));
    }
}

fn signature_template() -> String {
    let id = spec().response_id;
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512\"/><ds:Reference URI=\"#{id}\">\
         <ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><ec:InclusiveNamespaces \
         xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"a #default\"/></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#sha384\"/><ds:DigestValue/></ds:Reference>\
         </ds:SignedInfo><ds:SignatureValue/></ds:Signature>"
    )
}

/// A key for xmlsec1 to sign with: (PEM, certificate DER).
fn generated_key() -> (String, Vec<u8>) {
    (pem("PRIVATE KEY", OURS.private_key_der()), OURS.certificate_der().to_vec())
}
