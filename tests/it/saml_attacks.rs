//! The named attacks on SAML responses: each is refused for its own reason, and the same recipe without the attack is accepted.
//!
//! Cases of the catalogue that are tried where they can happen:
//!
//! | case | where |
//! |---|---|
//! | X79 irt_other_browser, X82 replay_same, X100 relaystate_redirect | `login_saml` |
//! | X83 replay_new_wrapper, X99 mail_of_other_domain, X101 relaystate_64k_xss, X102 get_binding | `login_attacks` |
//! | X103 two_samlresponse_params, X114 replay_across_restart, X116 request_id_entropy | `login_attacks` |
//! | X109 metadata_ssrf | outbound |
//! | X115 logout_unsigned | `saml_logout`, `login_sign_out` |
//! | X07 X11 X12 X110-X113 | `saml_trust`; X61-X63 `saml_encryption`; X104-X108 `saml_limits`; X93 `saml::time` |

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use usher::connection::SamlSettings;
use usher::demo::issuer::{IssuerKey, ResponseSpec, Sign, Status, signature_element, signed_info};
use usher::saml::SamlError;

use crate::saml_support::*;

/// One attack: a recipe with one step changed, and the code of the refusal it has to meet.
struct Attack {
    name: &'static str,
    refused: &'static str,
    sign: Sign,
    /// Before anything is built.
    spec: fn(&mut ResponseSpec),
    /// The canonical assertion, before it is signed.
    assertion: fn(String) -> String,
    /// Its SignedInfo (or the response's, if only that is signed), before it is signed.
    signed_info: fn(String) -> String,
    /// The canonical response, before it is signed.
    response: fn(String) -> String,
    /// The finished text.
    finished: fn(String) -> String,
    settings: fn(&mut SamlSettings),
    key: fn() -> &'static IssuerKey,
}

const fn attack(name: &'static str, refused: &'static str) -> Attack {
    Attack {
        name,
        refused,
        sign: Sign::Assertion,
        spec: |_| {},
        assertion: |text| text,
        signed_info: |text| text,
        response: |text| text,
        finished: |text| text,
        settings: |_| {},
        key: || &RSA,
    }
}

fn sign(canonical: &str, key: &IssuerKey, edit: fn(String) -> String) -> String {
    let (_, rest) = canonical.split_once(" ID=\"").expect("an ID");
    let (id, _) = rest.split_once('"').expect("an ID");
    let signature = signature_element(&edit(signed_info(canonical, id, key)), key);
    canonical.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
}

impl Attack {
    fn text(&self) -> String {
        let mut spec = spec();
        spec.sign = self.sign;
        (self.spec)(&mut spec);
        let key = (self.key)();
        let mut content = String::new();
        if spec.status == Status::Success {
            content = (self.assertion)(spec.assertion_xml());
            if matches!(spec.sign, Sign::Assertion | Sign::Both) {
                content = sign(&content, key, self.signed_info);
            }
        }
        let mut response = (self.response)(spec.response_xml(&content));
        if matches!(spec.sign, Sign::Response | Sign::Both) {
            let edit = if spec.sign == Sign::Response { self.signed_info } else { |text| text };
            response = sign(&response, key, edit);
        }
        (self.finished)(response)
    }

    /// The attack is refused for its reason; the same recipe without it is accepted.
    fn check(&self) {
        let control =
            Attack { sign: if self.sign == Sign::Nothing { Sign::Both } else { self.sign }, ..attack("", "") };
        verify(&control.text()).unwrap_or_else(|error| panic!("{}: the control was refused: {error}", self.name));
        let mut settings = settings();
        (self.settings)(&mut settings);
        let text = self.text();
        match verify_with(&settings, &text) {
            Ok(verified) => panic!("{}: accepted as {:?}\n{text}", self.name, verified.identity),
            Err(error) => {
                assert_eq!(error.code(), self.refused, "{}: refused, but: {error}\n{text}", self.name);
                assert!(!error.next_step().is_empty() && !error.to_string().ends_with('.'), "{}", self.name);
            }
        }
    }
}

fn all(attacks: &[Attack]) {
    for attack in attacks {
        attack.check();
    }
}

/// Takes the first element that starts with `start` out of a text: (text without it, the element).
fn take_out(text: &str, start: &str, end: &str) -> (String, String) {
    let from = text.find(start).unwrap_or_else(|| panic!("{start} in {text}"));
    let to = from + text[from..].rfind(end).unwrap_or_else(|| panic!("{end} in {text}")) + end.len();
    (format!("{}{}", &text[..from], &text[to..]), text[from..to].to_owned())
}

fn take_signature(text: &str) -> (String, String) {
    let from = text.find("<ds:Signature ").expect("a signature");
    let to = from + text[from..].find("</ds:Signature>").expect("its end") + "</ds:Signature>".len();
    (format!("{}{}", &text[..from], &text[to..]), text[from..to].to_owned())
}

fn take_assertion(text: &str) -> (String, String) {
    take_out(text, "<saml:Assertion ", "</saml:Assertion>")
}

/// What the attacker would like to say.
fn evil_assertion() -> String {
    let mut spec = spec();
    spec.assertion_id = "_evil".to_owned();
    spec.name_id = "admin".to_owned();
    spec.attributes[0].1 = vec!["admin@acme.example".to_owned()];
    spec.assertion_xml()
}

fn evil_response(content: &str) -> String {
    let mut spec = spec();
    spec.response_id = "_evilresponse".to_owned();
    spec.response_xml(content)
}

fn before_end(text: &str, end: &str, insert: &str) -> String {
    let at = text.rfind(end).unwrap_or_else(|| panic!("{end} in {text}"));
    format!("{}{insert}{}", &text[..at], &text[at..])
}

fn after_issuer(text: &str, insert: &str) -> String {
    text.replacen("</saml:Issuer>", &format!("</saml:Issuer>{insert}"), 1)
}

#[test]
fn a_response_that_the_identity_provider_did_not_sign_is_refused() {
    all(&[
        Attack { sign: Sign::Nothing, ..attack("X01 unsigned", "unsigned") },
        Attack {
            sign: Sign::Nothing,
            settings: |settings| settings.idp.certificates.clear(),
            ..attack("X02 unsigned_no_cert_metadata", "no_signing_certificate")
        },
        Attack { finished: |text| take_signature(&text).0, ..attack("X03 signature_stripped", "unsigned") },
        Attack { key: || &STRANGER, ..attack("X04 attacker_key_keyinfo", "bad_signature") },
        Attack {
            key: || &STRANGER,
            finished: |text| {
                let theirs = STANDARD.encode(STRANGER.certificate_der());
                text.replace(&theirs, &STANDARD.encode(RSA.certificate_der()))
            },
            ..attack("X05 victim_cert_attacker_sig", "bad_signature")
        },
        Attack {
            settings: |settings| {
                settings.idp.certificates.remove(0);
            },
            ..attack("X06 other_connection_cert", "bad_signature")
        },
        Attack {
            signed_info: |text| text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
            finished: |text| {
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, RSA.certificate_der());
                let (_, info) = take_out(&text, "<ds:SignedInfo>", "</ds:SignedInfo>");
                let canonical = info.replacen(">", " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 1);
                let tag = STANDARD.encode(aws_lc_rs::hmac::sign(&key, canonical.as_bytes()));
                let (_, old) = take_out(&text, "<ds:SignatureValue>", "</ds:SignatureValue>");
                text.replace(&old, &format!("<ds:SignatureValue>{tag}</ds:SignatureValue>"))
            },
            ..attack("X08 hmac_public_cert", "signature_algorithm")
        },
        Attack {
            signed_info: |text| text.replace("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"),
            ..attack("X08b rsa_key_as_ecdsa", "bad_signature")
        },
    ]);
}

#[test]
fn a_signature_of_another_form_is_refused() {
    all(&[
        Attack {
            signed_info: |text| {
                text.replace(
                    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
                )
            },
            ..attack("X09 rsa_sha1", "signature_algorithm")
        },
        Attack {
            signed_info: |text| {
                let canonical = spec().assertion_xml();
                let algorithm = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
                let sha1 = STANDARD.encode(aws_lc_rs::digest::digest(algorithm, canonical.as_bytes()));
                let (_, old) = take_out(&text, "<ds:DigestValue>", "</ds:DigestValue>");
                text.replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")
                    .replace(&old, &format!("<ds:DigestValue>{sha1}</ds:DigestValue>"))
            },
            ..attack("X10 sha1_digest_only", "signature_algorithm")
        },
        Attack {
            finished: |text| {
                let (_, old) = take_out(&text, "<ds:SignatureValue>", "</ds:SignatureValue>");
                text.replace(&old, "<ds:SignatureValue></ds:SignatureValue>")
            },
            ..attack("X13 empty_sigvalue", "empty")
        },
        Attack {
            signed_info: |text| {
                let (_, old) = take_out(&text, "<ds:DigestValue>", "</ds:DigestValue>");
                text.replace(&old, "<ds:DigestValue></ds:DigestValue>")
            },
            ..attack("X14 empty_digest", "empty")
        },
        Attack {
            finished: |text| text.replace("<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->"),
            ..attack("X15 comment_in_digest", "markup_in_value")
        },
        Attack {
            finished: |text| text.replace("</ds:DigestValue>", "<!--AAAA--></ds:DigestValue>"),
            ..attack("X15 comment_behind_digest", "markup_in_value")
        },
        Attack {
            finished: |text| text.replace("<ds:Reference ", "<!-- --><ds:Reference "),
            ..attack("X15 comment_in_signedinfo", "signature_form")
        },
        Attack {
            finished: |text| {
                let (_, info) = take_out(&text, "<ds:SignedInfo>", "</ds:SignedInfo>");
                text.replace("<ds:SignedInfo>", &format!("{}<ds:SignedInfo>", info.replace("_a1c9", "_evil")))
            },
            ..attack("X16 two_signedinfo", "signature_form")
        },
        Attack {
            signed_info: |text| {
                let (_, reference) = take_out(&text, "<ds:Reference ", "</ds:Reference>");
                text.replace(&reference, &format!("{reference}{reference}"))
            },
            ..attack("X17 two_references", "signature_form")
        },
        Attack {
            signed_info: |text| take_out(&text, "<ds:Reference ", "</ds:Reference>").0,
            ..attack("X18 zero_references", "signature_form")
        },
        Attack {
            signed_info: |text| text.replace("URI=\"#_a1c9e4b7a5d2f8e60\"", "URI=\"\""),
            ..attack("X19 empty_uri_nested", "reference_elsewhere")
        },
        Attack {
            signed_info: |text| text.replace(" URI=\"#_a1c9e4b7a5d2f8e60\"", ""),
            ..attack("X19 no_uri", "reference_elsewhere")
        },
        Attack {
            signed_info: |text| text.replace("URI=\"#_a1c9e4b7a5d2f8e60\"", "URI=\"http://127.0.0.1:9/x\""),
            ..attack("X20 reference_http_uri", "reference_elsewhere")
        },
        Attack {
            signed_info: |text| text.replace("URI=\"#_a1c9e4b7a5d2f8e60\"", "URI=\"file:///dev/zero\""),
            ..attack("X20 reference_file_uri", "reference_elsewhere")
        },
        Attack {
            signed_info: |text| text.replace("URI=\"#_a1c9e4b7a5d2f8e60\"", "URI=\"#xpointer(/)\""),
            ..attack("X20 reference_xpointer", "reference_elsewhere")
        },
        Attack {
            signed_info: |text| text.replace("2000/09/xmldsig#enveloped-signature", "TR/1999/REC-xslt-19991116"),
            ..attack("X21 xslt_transform", "signature_algorithm")
        },
        Attack {
            signed_info: |text| text.replace("2000/09/xmldsig#enveloped-signature", "TR/1999/REC-xpath-19991116"),
            ..attack("X21 xpath_transform", "signature_algorithm")
        },
        Attack {
            signed_info: |text| {
                text.replace(
                    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#",
                    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
                )
            },
            finished: |text| text.replace("<saml:Subject>", "<!-- c --><saml:Subject>"),
            ..attack("X22 c14n_with_comments", "signature_form")
        },
        Attack {
            signed_info: |text| {
                text.replacen(
                    "http://www.w3.org/2001/10/xml-exc-c14n#",
                    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
                    1,
                )
            },
            ..attack("X23 inclusive_c14n", "signature_algorithm")
        },
        Attack {
            signed_info: |text| text.replace("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "urn:unknown"),
            ..attack("X23 unknown_transform", "signature_algorithm")
        },
        Attack {
            signed_info: |text| {
                let (_, transforms) = take_out(&text, "<ds:Transforms>", "</ds:Transforms>");
                let swapped = transforms
                    .replace("xml-exc-c14n#", "swap")
                    .replace(
                        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                        "http://www.w3.org/2001/10/xml-exc-c14n#",
                    )
                    .replace("http://www.w3.org/2001/10/swap", "http://www.w3.org/2000/09/xmldsig#enveloped-signature");
                text.replace(&transforms, &swapped)
            },
            ..attack("X23 transforms_swapped", "signature_form")
        },
        Attack {
            signed_info: |text| {
                text.replace("<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>", "")
            },
            ..attack("X23 no_canonicalization", "signature_form")
        },
        Attack {
            finished: |text| {
                // A signature over our metadata, made with the right key, in the place of the assertion's.
                let metadata = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_m\"></md:EntityDescriptor>";
                let signature = signature_element(&signed_info(metadata, "_m", &RSA), &RSA);
                let (text, _) = take_signature(&text);
                let at = text.find("<saml:Subject>").expect("a subject");
                format!("{}{signature}{}", &text[..at], &text[at..])
            },
            ..attack("X24 metadata_signature_reuse", "reference_elsewhere")
        },
        Attack {
            finished: |_| {
                let metadata = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_m\"></md:EntityDescriptor>";
                metadata.to_owned()
            },
            ..attack("X24 metadata_as_response", "not_a_response")
        },
        Attack {
            finished: |text| {
                let status = "<samlp:Extensions xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_s\"></samlp:Extensions>";
                let signature = signature_element(&signed_info(status, "_s", &RSA), &RSA);
                let (text, _) = take_signature(&text);
                let text = text.replacen("<samlp:Status>", &format!("{status}<samlp:Status>"), 1);
                let at = text.find("<saml:Subject>").expect("a subject");
                format!("{}{signature}{}", &text[..at], &text[at..])
            },
            ..attack("X25 signed_other_element", "reference_elsewhere")
        },
        Attack {
            finished: |text| {
                let (text, signature) = take_signature(&text);
                text.replacen(
                    "<samlp:Status>",
                    &format!("<samlp:Extensions>{signature}</samlp:Extensions><samlp:Status>"),
                    1,
                )
            },
            ..attack("X26 detached_signature", "misplaced")
        },
        Attack {
            finished: |text| {
                let (text, signature) = take_signature(&text);
                let (text, assertion) = take_assertion(&text);
                let signature =
                    before_end(&signature, "</ds:Signature>", &format!("<ds:Object>{assertion}</ds:Object>"));
                before_end(&text, "</samlp:Response>", &signature)
            },
            ..attack("X27 enveloping_object", "misplaced")
        },
        Attack {
            finished: |text| text.replace("</ds:KeyInfo>", "</ds:KeyInfo><ds:Object></ds:Object>"),
            ..attack("X27 empty_object", "signature_form")
        },
        Attack {
            finished: |text| {
                let (_, signature) = take_signature(&text);
                text.replace(&signature, &format!("{signature}{signature}"))
            },
            ..attack("X27 signature_twice", "several")
        },
    ]);
}

#[test]
fn x16_a_signed_info_hidden_in_key_info_is_never_read() {
    // KeyInfo is not looked at; what verifies is the one SignedInfo in its place.
    let text = spec().xml(&RSA);
    let (_, info) = take_out(&text, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let other = info.replace("_a1c9e4b7a5d2f8e60", "_evil");
    let verified = verify(&before_end(&text, "</ds:KeyInfo>", &other)).expect("accepted");
    assert_eq!(verified.identity.subject.as_str(), NAME_ID);
}

#[test]
fn x28_to_x37_signature_wrapping_is_refused_wherever_the_signed_part_is_hidden() {
    all(&[
        Attack {
            sign: Sign::Response,
            finished: |text| {
                let (original, signature) = take_signature(&text);
                let signature = before_end(&signature, "</ds:Signature>", &original);
                after_issuer(&evil_response(&evil_assertion()), &signature)
            },
            ..attack("X28 xsw1", "misplaced")
        },
        Attack {
            sign: Sign::Response,
            finished: |text| {
                let (original, signature) = take_signature(&text);
                after_issuer(&evil_response(&evil_assertion()), &format!("{original}{signature}"))
            },
            ..attack("X29 xsw2", "misplaced")
        },
        Attack {
            finished: |text| text.replacen("<saml:Assertion ", &format!("{}<saml:Assertion ", evil_assertion()), 1),
            ..attack("X30 xsw3", "several_assertions")
        },
        Attack {
            finished: |text| {
                let (text, original) = take_assertion(&text);
                let evil = before_end(&evil_assertion(), "</saml:Assertion>", &original);
                before_end(&text, "</samlp:Response>", &evil)
            },
            ..attack("X31 xsw4", "misplaced")
        },
        Attack {
            finished: |text| {
                let (text, original) = take_assertion(&text);
                let (original, signature) = take_signature(&original);
                let evil = after_issuer(&evil_assertion(), &signature);
                before_end(&text, "</samlp:Response>", &format!("{evil}{original}"))
            },
            ..attack("X32 xsw5", "several_assertions")
        },
        Attack {
            finished: |text| {
                let (text, original) = take_assertion(&text);
                let (original, signature) = take_signature(&original);
                let signature = before_end(&signature, "</ds:Signature>", &original);
                before_end(&text, "</samlp:Response>", &after_issuer(&evil_assertion(), &signature))
            },
            ..attack("X33 xsw6", "misplaced")
        },
        Attack {
            finished: |text| {
                let extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", evil_assertion());
                text.replacen("<samlp:Status>", &format!("{extensions}<samlp:Status>"), 1)
            },
            ..attack("X34 xsw7", "misplaced")
        },
        Attack {
            finished: |text| {
                let (text, original) = take_assertion(&text);
                let (original, signature) = take_signature(&original);
                let object = format!("<ds:Object>{original}</ds:Object>");
                let signature = before_end(&signature, "</ds:Signature>", &object);
                before_end(&text, "</samlp:Response>", &after_issuer(&evil_assertion(), &signature))
            },
            ..attack("X35 xsw8", "misplaced")
        },
        Attack {
            sign: Sign::Both,
            finished: |text| text.replacen("<saml:Assertion ", &format!("{}<saml:Assertion ", evil_assertion()), 1),
            ..attack("X36 evil_first", "several_assertions")
        },
        Attack {
            sign: Sign::Both,
            finished: |text| before_end(&text, "</samlp:Response>", &evil_assertion()),
            ..attack("X37 evil_last", "several_assertions")
        },
        Attack {
            sign: Sign::Both,
            finished: |text| {
                // The right signature, around another assertion.
                let (text, original) = take_assertion(&text);
                let (_, signature) = take_signature(&original);
                before_end(&text, "</samlp:Response>", &after_issuer(&evil_assertion(), &signature))
            },
            ..attack("X37 evil_instead_response_signed", "bad_digest")
        },
        Attack {
            finished: |text| {
                let (text, original) = take_assertion(&text);
                let (_, signature) = take_signature(&original);
                before_end(&text, "</samlp:Response>", &after_issuer(&evil_assertion(), &signature))
            },
            ..attack("X37 evil_instead", "reference_elsewhere")
        },
        Attack {
            finished: |text| {
                let (text, original) = take_assertion(&text);
                let (_, signature) = take_signature(&original);
                let evil = evil_assertion().replace("\"_evil\"", "\"_a1c9e4b7a5d2f8e60\"");
                before_end(&text, "</samlp:Response>", &after_issuer(&evil, &signature))
            },
            ..attack("X37 evil_with_the_same_id", "bad_digest")
        },
        Attack {
            finished: |text| text.replace(EMAIL, "admin@acme.example"),
            ..attack("X37 value_changed", "bad_digest")
        },
        Attack {
            sign: Sign::Response,
            finished: |text| text.replace(EMAIL, "admin@acme.example"),
            ..attack("X37 value_changed_response_signed", "bad_digest")
        },
    ]);
}

#[test]
fn ids_and_namespaces_that_readers_disagree_about_are_refused() {
    all(&[
        Attack {
            finished: |text| {
                let copy = "<samlp:Extensions ID=\"_a1c9e4b7a5d2f8e60\"></samlp:Extensions>";
                text.replacen("<samlp:Status>", &format!("{copy}<samlp:Status>"), 1)
            },
            ..attack("X38 duplicate_id", "duplicate_id")
        },
        Attack {
            finished: |text| {
                let copy = "<samlp:Extensions xml:id=\"_a1c9e4b7a5d2f8e60\"></samlp:Extensions>";
                text.replacen("<samlp:Status>", &format!("{copy}<samlp:Status>"), 1)
            },
            ..attack("X39 xml_id_pollution", "duplicate_id")
        },
        Attack {
            assertion: |text| text.replacen(" ID=", " AssertionID=\"_x\" ID=", 1),
            ..attack("X39 id_attribute_pollution", "several_ids")
        },
        Attack {
            assertion: |text| text.replacen(" ID=", " ID=\"_x\" ID=", 1),
            ..attack("X39 id_twice", "repeated_attribute")
        },
        Attack {
            finished: |text| {
                let fake = "<x:Assertion xmlns:x=\"urn:other\"></x:Assertion>";
                text.replacen(
                    "<samlp:Status>",
                    &format!("<samlp:Extensions>{fake}</samlp:Extensions><samlp:Status>"),
                    1,
                )
            },
            ..attack("X40 namespace_confusion", "look_alike")
        },
        Attack {
            finished: |text| {
                text.replacen(
                    "<ds:SignatureValue>",
                    "<ds:SignedInfo xmlns:ds=\"urn:x\"></ds:SignedInfo><ds:SignatureValue>",
                    1,
                )
            },
            ..attack("X40 signedinfo_in_foreign_namespace", "look_alike")
        },
        Attack {
            finished: |text| {
                text.replace(
                    "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"",
                    "xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\"",
                )
            },
            ..attack("X40 saml_1_response", "not_a_response")
        },
        Attack {
            finished: |text| text.replacen("<samlp:Response ", "<samlp:Response xmlns:a=\"../relative\" ", 1),
            ..attack("X41 void_c14n", "relative_namespace")
        },
        Attack {
            finished: |text| text.replacen("<samlp:Response ", "<samlp:Response xmlns:a=\"\" ", 1),
            ..attack("X41 empty_prefixed_namespace", "relative_namespace")
        },
        Attack {
            finished: |text| text.replacen("<samlp:Response ", "<samlp:Response xmlns=\"urn:a\" xmlns=\"urn:b\" ", 1),
            ..attack("X41 default_namespace_twice", "repeated_attribute")
        },
        Attack {
            finished: |text| text.replacen("<samlp:Response ", "<samlp:Response xmlns:a=\"urn:x&#58;y\" ", 1),
            ..attack("X41 namespace_with_reference", "relative_namespace")
        },
    ]);
}

#[test]
fn what_is_not_plain_xml_is_refused_before_it_is_parsed() {
    all(&[
        Attack {
            finished: |text| format!("<!DOCTYPE x [<!ATTLIST Response ID CDATA \"_e\">]>{text}"),
            ..attack("X42 doctype_attlist_default", "doctype")
        },
        Attack {
            finished: |text| format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{text}"),
            ..attack("X43 dtd_internal", "doctype")
        },
        Attack {
            finished: |text| {
                format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{}", text.replace(EMAIL, "&a;"))
            },
            ..attack("X44 xxe_file", "doctype")
        },
        Attack {
            finished: |text| {
                let mut entities = String::from("<!ENTITY l0 \"lol\">");
                for n in 1..10 {
                    entities += &format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
                }
                format!("<!DOCTYPE x [{entities}]>{}", text.replace(EMAIL, "&l9;"))
            },
            ..attack("X45 billion_laughs", "doctype")
        },
        Attack { finished: |text| text.replace(EMAIL, "&undefined;"), ..attack("X45 undefined_entity", "malformed") },
        Attack { finished: |text| format!("{text}garbage"), ..attack("X52 trailing_garbage", "malformed") },
        Attack { finished: |text| format!("{text}<x/>"), ..attack("X52 second_root", "malformed") },
        Attack { finished: |text| text.replace("</samlp:Response>", ""), ..attack("X52 unclosed_root", "malformed") },
        Attack {
            finished: |text| text.replacen("Version=\"2.0\"", "Version=\"2.0\" a=\"&\"", 1),
            ..attack("X52 raw_ampersand", "malformed")
        },
        Attack {
            finished: |text| text.replacen("Version=\"2.0\"", "Version=2.0", 1),
            ..attack("X52 no_quotes", "malformed")
        },
        Attack { finished: |text| text.replace(EMAIL, "a\u{1}b"), ..attack("X52 control_character", "malformed") },
        Attack { finished: |text| text.replace(EMAIL, "a&#0;b"), ..attack("X52 reference_to_nul", "malformed") },
        Attack {
            finished: |text| format!("<?xml version=\"1.0\" encoding=\"UTF-7\"?>{text}"),
            ..attack("X53 utf7_decl", "not_utf8")
        },
        Attack {
            finished: |text| format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{text}"),
            ..attack("X53 latin1_decl", "not_utf8")
        },
        Attack {
            finished: |text| format!("\u{feff}<?xml version=\"1.0\" encoding='UTF-16'?>{text}"),
            ..attack("X54 bom_mismatch", "not_utf8")
        },
        Attack { finished: |text| format!("<?xml version=\"1.1\"?>{text}"), ..attack("X54 xml_1_1", "not_xml_1_0") },
    ]);
}

#[test]
fn x53_utf_16_is_refused() {
    let text = spec().xml(&RSA);
    let bytes: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let outcome = verify_bytes(&settings(), &bytes);
    assert_eq!(outcome.map_err(|error| error.code()), Err("not_utf8"));
}

#[test]
fn x105_base64_is_strict() {
    let good = STANDARD.encode(spec().xml(&RSA));
    assert!(verify_form(&good).is_ok());
    let wrapped: Vec<String> =
        good.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    assert!(verify_form(&wrapped.join("\r\n")).is_ok(), "lines of 76 characters are usual");
    for (name, bad) in [
        ("empty", String::new()),
        ("a space", good.replacen('A', " A", 1)),
        ("a percent sign", good.replacen('A', "%41", 1)),
        ("the URL alphabet", format!("{}-_{}", &good[..40], &good[42..])),
        ("garbage at the end", format!("{good}!!!!")),
        ("two values", format!("{good}=={good}")),
        ("not text", "\u{fffd}".to_owned()),
    ] {
        assert_eq!(verify_form(&bad).map_err(|error| error.code()), Err("not_base64"), "{name}");
    }
}

#[test]
fn a_value_is_plain_text_and_there_is_one_of_it() {
    all(&[
        Attack {
            finished: |text| text.replace(NAME_ID, &format!("admin<!-- -->{NAME_ID}")),
            ..attack("X46 comment_nameid", "markup_in_value")
        },
        Attack {
            assertion: |text| text.replace(NAME_ID, &format!("<!-- -->{NAME_ID}")),
            ..attack("X46 comment_before_nameid_signed", "markup_in_value")
        },
        Attack {
            finished: |text| text.replace(EMAIL, &format!("{EMAIL}<!---->.evil.example")),
            ..attack("X47 comment_attribute", "markup_in_value")
        },
        Attack {
            assertion: |text| text.replace(NAME_ID, &format!("{NAME_ID}<?x y?>")),
            ..attack("X48 pi_nameid", "markup_in_value")
        },
        Attack {
            finished: |text| text.replace(NAME_ID, &format!("<![CDATA[{NAME_ID}]]>")),
            ..attack("X49 cdata", "markup_in_value")
        },
        Attack {
            finished: |text| text.replace(NAME_ID, &format!("{NAME_ID}<![CDATA[]]>")),
            ..attack("X49 empty_cdata", "markup_in_value")
        },
        Attack {
            assertion: |text| text.replace(NAME_ID, &format!("admin<x>{NAME_ID}</x>")),
            ..attack("X50 child_element_in_nameid", "structured")
        },
        Attack {
            assertion: |text| text.replace(EMAIL, &format!("<x>{EMAIL}</x>")),
            ..attack("X50 child_element_in_email", "structured")
        },
        Attack {
            assertion: |text| {
                text.replace("<saml:AttributeValue>Engineering<", "<saml:AttributeValue><x>Engineering</x><")
            },
            ..attack("X50 child_element_in_group", "structured")
        },
        Attack {
            assertion: |text| text.replace(NAME_ID, " "),
            finished: |text| text.replace(" </saml:NameID>", "&#32;</saml:NameID>"),
            ..attack("X51 whitespace_entities_nameid", "empty")
        },
        Attack {
            assertion: |text| {
                let (_, name) = take_out(&text, "<saml:NameID ", "</saml:NameID>");
                text.replace(&name, &format!("{}{name}", name.replace(NAME_ID, "admin")))
            },
            ..attack("X55 two_nameid", "several")
        },
        Attack {
            assertion: |text| {
                let (_, name) = take_out(&text, "<saml:NameID ", "</saml:NameID>");
                text.replace("<saml:SubjectConfirmationData ", &format!("{name}<saml:SubjectConfirmationData "))
            },
            ..attack("X55 nameid_in_confirmation", "several")
        },
        Attack {
            assertion: |text| {
                let (_, subject) = take_out(&text, "<saml:Subject>", "</saml:Subject>");
                text.replace(&subject, &format!("{subject}{}", subject.replace(NAME_ID, "admin")))
            },
            ..attack("X56 two_subject", "several")
        },
        Attack {
            assertion: |text| take_out(&text, "<saml:NameID ", "</saml:NameID>").0,
            ..attack("X56 no_nameid", "missing")
        },
        Attack {
            finished: |text| text.replacen("Version=\"2.0\"", "Version=\"2.0\" Version=\"2.0\"", 1),
            ..attack("X57 duplicate_attributes", "repeated_attribute")
        },
        Attack {
            finished: |text| before_end(&text, "</samlp:Response>", &evil_response("")),
            ..attack("X58 nested_response", "misplaced")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    "<saml:AuthnStatement ",
                    &format!("<saml:Advice>{}</saml:Advice><saml:AuthnStatement ", evil_assertion()),
                )
            },
            ..attack("X59 assertion_in_advice", "misplaced")
        },
        Attack {
            assertion: |text| {
                let (_, name) = take_out(&text, "<saml:NameID ", "</saml:NameID>");
                text.replace(&name, "<saml:EncryptedID></saml:EncryptedID>")
            },
            ..attack("X64 encryptedid", "encrypted_id")
        },
    ]);
}

#[test]
fn x57_the_same_attribute_twice_is_one_attribute() {
    let mut spec = spec();
    spec.attributes.push(("groups".to_owned(), vec!["Finance".to_owned()]));
    let groups = verify(&spec.xml(&RSA)).expect("accepted").identity.groups;
    assert_eq!(groups, usher::identity::AssertedGroups::listed(["Engineering", "Chat, & <Code>", "Finance"]));
}

#[test]
fn an_assertion_for_somebody_or_something_else_is_refused() {
    all(&[
        Attack {
            spec: |spec| spec.audience = Some("https://other.example".to_owned()),
            ..attack("X65 audience_wrong", "audience")
        },
        Attack {
            spec: |spec| spec.audience = Some(format!("{SP}/")),
            ..attack("X65 audience_with_a_slash", "audience")
        },
        Attack { spec: |spec| spec.audience = None, ..attack("X66 audience_missing", "no_audience") },
        Attack {
            assertion: |text| {
                let (_, restriction) = take_out(&text, "<saml:AudienceRestriction>", "</saml:AudienceRestriction>");
                text.replace(&restriction, "<saml:AudienceRestriction></saml:AudienceRestriction>")
            },
            ..attack("X66 audience_restriction_empty", "no_audience")
        },
        Attack {
            assertion: |text| {
                let other = "<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>";
                text.replace("</saml:Conditions>", &format!("{other}</saml:Conditions>"))
            },
            ..attack("X67 audience_and", "audience")
        },
        Attack {
            assertion: |text| take_out(&text, "<saml:Conditions ", "</saml:Conditions>").0,
            ..attack("X68 no_conditions", "missing")
        },
        Attack {
            assertion: |text| text.replace("</saml:Conditions>", "<saml:Condition></saml:Condition></saml:Conditions>"),
            ..attack("X68 unknown_condition", "unknown_condition")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    "Conditions NotBefore=\"2026-11-24T09:00:00Z\"",
                    "Conditions NotBefore=\"2026-11-24T09:01:31Z\"",
                )
            },
            ..attack("X69 notbefore_future", "not_yet_valid")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    "NotBefore=\"2026-11-24T09:00:00Z\" NotOnOrAfter=\"2026-11-24T09:05:00Z\"",
                    "NotBefore=\"2026-11-24T08:50:00Z\" NotOnOrAfter=\"2026-11-24T08:58:30Z\"",
                )
            },
            ..attack("X70 notonorafter_past", "expired")
        },
        Attack {
            assertion: |text| take_out(&text, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>").0,
            ..attack("X71 scd_missing", "no_bearer")
        },
        Attack {
            assertion: |text| take_out(&text, "<saml:SubjectConfirmationData ", "</saml:SubjectConfirmationData>").0,
            ..attack("X71 scd_data_missing", "missing")
        },
        Attack {
            assertion: |text| text.replace(" NotOnOrAfter=\"2026-11-24T09:05:00Z\" Recipient", " Recipient"),
            ..attack("X72 scd_expiry_missing", "confirmation_incomplete")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    "NotOnOrAfter=\"2026-11-24T09:05:00Z\" Recipient",
                    "NotOnOrAfter=\"2026-11-24T08:58:30Z\" Recipient",
                )
            },
            ..attack("X72 scd_expiry_past", "expired")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    "NotOnOrAfter=\"2026-11-24T09:05:00Z\" Recipient",
                    "NotBefore=\"2026-11-24T08:00:00Z\" NotOnOrAfter=\"2026-11-24T09:05:00Z\" Recipient",
                )
            },
            ..attack("X73 scd_notbefore", "confirmation_not_before")
        },
        Attack {
            spec: |spec| spec.recipient = "https://other.example/acs".to_owned(),
            ..attack("X74 recipient_wrong", "recipient")
        },
        Attack { spec: |spec| spec.recipient = ACS.to_uppercase(), ..attack("X74 recipient_in_capitals", "recipient") },
        Attack {
            assertion: |text| text.replace(&format!(" Recipient=\"{ACS}\""), ""),
            ..attack("X75 recipient_missing", "confirmation_incomplete")
        },
        Attack {
            spec: |spec| spec.destination = "https://other.example/acs".to_owned(),
            ..attack("X76 destination_wrong", "destination")
        },
        Attack { spec: |spec| spec.destination = String::new(), ..attack("X76 destination_empty", "destination") },
        Attack {
            sign: Sign::Response,
            response: |text| text.replace(&format!(" Destination=\"{ACS}\""), ""),
            ..attack("X76 destination_missing_in_signed_response", "missing")
        },
        Attack {
            spec: |spec| spec.in_response_to = Some("_other".to_owned()),
            ..attack("X77 irt_wrong", "in_response_to")
        },
        Attack {
            assertion: |text| text.replace(REQUEST, "_other"),
            ..attack("X77 irt_wrong_in_assertion_only", "in_response_to")
        },
        Attack {
            finished: |text| text.replacen(REQUEST, "_other", 1),
            ..attack("X77 irt_wrong_in_unsigned_response_only", "in_response_to")
        },
        Attack {
            spec: |spec| spec.in_response_to = None,
            ..attack("X78 irt_missing_sp_initiated", "in_response_to_missing")
        },
        Attack {
            assertion: |text| text.replace(&format!(" InResponseTo=\"{REQUEST}\""), ""),
            ..attack("X78 irt_missing_in_assertion_only", "in_response_to_missing")
        },
        Attack {
            assertion: |text| text.replace(&format!("InResponseTo=\"{REQUEST}\""), "InResponseTo=\"\""),
            ..attack("X78 irt_empty", "in_response_to")
        },
        Attack {
            assertion: |text| text.replace(&format!("<saml:Issuer>{IDP}"), "<saml:Issuer>https://evil.example"),
            ..attack("X84 issuer_assertion", "issuer")
        },
        Attack {
            finished: |text| text.replacen(IDP, "https://evil.example", 1),
            ..attack("X85 issuer_response", "issuer")
        },
        Attack {
            spec: |spec| spec.issuer = "https://idp.globex.example".to_owned(),
            ..attack("X86 issuer_other_tenant", "issuer")
        },
        Attack {
            assertion: |text| text.replace(&format!("<saml:Issuer>{IDP}</saml:Issuer>"), "<saml:Issuer></saml:Issuer>"),
            ..attack("X86 issuer_empty", "empty")
        },
        Attack {
            finished: |text| text.replace("status:Success", "status:Responder"),
            ..attack("X87 status_failed", "idp_denied")
        },
        Attack {
            finished: |text| {
                text.replace("status:Success\">", "status:Success\"><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"></samlp:StatusCode>")
            },
            ..attack("X88 nested_status", "idp_denied")
        },
        Attack {
            finished: |text| text.replace("urn:oasis:names:tc:SAML:2.0:status:Success", "Success"),
            ..attack("X88 status_without_namespace", "idp_denied")
        },
        Attack {
            finished: |text| text.replacen("Version=\"2.0\"", "Version=\"1.1\"", 1),
            ..attack("X89 version_1_1_response", "version")
        },
        Attack {
            assertion: |text| text.replace("Version=\"2.0\"", "Version=\"1.1\""),
            ..attack("X89 version_1_1_assertion", "version")
        },
        Attack {
            assertion: |text| text.replace("cm:bearer", "cm:sender-vouches"),
            ..attack("X90 sender_vouches", "no_bearer")
        },
        Attack {
            assertion: |text| text.replace("cm:bearer", "cm:holder-of-key"),
            ..attack("X90 holder_of_key", "no_bearer")
        },
        Attack {
            assertion: |text| {
                let (_, confirmation) = take_out(&text, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>");
                text.replace(&confirmation, &format!("{confirmation}{confirmation}"))
            },
            ..attack("X90 two_bearers", "several")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    " SessionIndex=\"_a1c9e4b7a5d2f8e60-session\"",
                    " SessionIndex=\"s\" SessionNotOnOrAfter=\"2026-11-24T08:58:30Z\"",
                )
            },
            ..attack("X91 sessionnotonorafter_past", "expired")
        },
        Attack {
            assertion: |text| {
                text.replace(
                    " SessionIndex=\"_a1c9e4b7a5d2f8e60-session\"",
                    " SessionIndex=\"s\" SessionNotOnOrAfter=\"2026-11-24T09:00:00Z\"",
                )
            },
            ..attack("X91 sessionnotonorafter_just_now", "expired")
        },
        Attack {
            spec: |spec| spec.issued = now().plus(std::time::Duration::from_secs(360)),
            settings: |settings| settings.clock_skew = std::time::Duration::from_secs(3600),
            ..attack("X92 skew_6min", "from_the_future")
        },
        Attack {
            spec: |spec| spec.issued = now().minus(std::time::Duration::from_secs(600 + 91)),
            assertion: |text| {
                text.replace("NotOnOrAfter=\"2026-11-24T08:53:29Z\"", "NotOnOrAfter=\"2026-11-24T09:30:00Z\"")
            },
            ..attack("X92 issued_too_long_ago", "too_old")
        },
        Attack {
            assertion: |text| {
                text.replace("NotOnOrAfter=\"2026-11-24T09:05:00Z\" Recipient", "NotOnOrAfter=\"tomorrow\" Recipient")
            },
            ..attack("X93 odd_datetimes", "not_a_time")
        },
        Attack {
            assertion: |text| {
                text.replace("NotOnOrAfter=\"2026-11-24T09:05:00Z\">", "NotOnOrAfter=\"99999-11-24T09:05:00Z\">")
            },
            ..attack("X93 year_99999", "not_a_time")
        },
        Attack {
            settings: |settings| {
                settings.authn_context = Some("urn:oasis:names:tc:SAML:2.0:ac:classes:X509".to_owned())
            },
            ..attack("X96 authncontext_weaker", "authn_context")
        },
        Attack {
            assertion: |text| take_out(&text, "<saml:AuthnStatement ", "</saml:AuthnStatement>").0,
            ..attack("X96 no_authnstatement", "no_authn_statement")
        },
        Attack {
            assertion: |text| {
                text.replace("<saml:NameID ", "<saml:NameID SPNameQualifier=\"https://other.example\" ").replace(" SPNameQualifier=\"https://other.example\" Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"", " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" SPNameQualifier=\"https://other.example\"")
            },
            ..attack("X97 spnamequalifier_foreign", "name_qualifier")
        },
        Attack { finished: |text| take_assertion(&text).0, ..attack("X97 success_without_assertion", "no_assertion") },
    ]);
}

#[test]
fn x80_x81_an_unsolicited_response_counts_only_where_allowed_and_never_answers_a_request() {
    let mut allowed = settings();
    allowed.idp_initiated = true;
    let mut unsolicited = spec();
    unsolicited.in_response_to = None;
    let verified = verify_unsolicited(&allowed, &unsolicited.xml(&RSA)).expect("accepted");
    assert_eq!(verified.identity.subject.as_str(), NAME_ID);
    let refused = verify_unsolicited(&settings(), &unsolicited.xml(&RSA));
    assert_eq!(refused, Err(SamlError::UnsolicitedNotAllowed), "X81 idpinit_disabled");
    let refused = verify_unsolicited(&allowed, &spec().xml(&RSA)).map_err(|error| error.code());
    assert_eq!(refused, Err("in_response_to_unexpected"), "X80 idpinit_with_irt");
    let outer_only = spec().xml(&RSA).replacen(&format!(" InResponseTo=\"{REQUEST}\""), "", 1);
    let refused = verify_unsolicited(&allowed, &outer_only).map_err(|error| error.code());
    assert_eq!(refused, Err("in_response_to_unexpected"), "X80 idpinit_with_irt in the assertion only");
}

#[test]
fn x94_x95_conditions_that_are_always_met_are_met() {
    for condition in
        ["<saml:OneTimeUse></saml:OneTimeUse>", "<saml:ProxyRestriction Count=\"0\"></saml:ProxyRestriction>"]
    {
        let assertion = spec().assertion_xml().replace("</saml:Conditions>", &format!("{condition}</saml:Conditions>"));
        let text = spec().response_xml(&usher::demo::issuer::sign_element(&assertion, &RSA));
        assert!(verify(&text).is_ok(), "{condition}");
    }
}

#[test]
fn x98_a_transient_name_is_never_the_key() {
    let mut spec = spec();
    spec.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient".to_owned();
    let verified = verify(&spec.xml(&RSA)).expect("accepted");
    assert_eq!(verified.identity.subject.as_str(), EMAIL);
    assert_eq!(verified.warnings, [usher::saml::Warning::TransientNameId]);
}

#[test]
fn a_denial_is_told_from_an_attack_and_never_becomes_a_person() {
    let mut denied = spec();
    denied.status = Status::Denied { code: "Responder", detail: "AuthnFailed", message: "<no> & never" };
    for sign in [Sign::Nothing, Sign::Response] {
        denied.sign = sign;
        let error = verify(&denied.xml(&RSA)).expect_err("refused");
        assert_eq!(error.kind(), usher::saml::Kind::IdpDenied, "{sign:?}");
        assert_eq!(error.to_string(), "the identity provider answered Responder / AuthnFailed: <no> & never");
    }
    let forged = usher::demo::issuer::break_signature(&denied.xml(&RSA));
    assert_eq!(verify(&forged).map_err(|error| error.code()), Err("bad_signature"));
    denied.in_response_to = Some("_other".to_owned());
    denied.sign = Sign::Nothing;
    assert_eq!(verify(&denied.xml(&RSA)).map_err(|error| error.code()), Err("in_response_to"));
}
