//! X104 to X108: messages that are expensive to read are refused before they cost anything. `cargo test -- --nocapture`
//! prints what each took; nothing here fails for being slow.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use usher::demo::issuer::{Sign, sign_element};
use usher::saml::{XmlError, inflate};

use crate::saml_support::*;

fn refused(name: &str, text: &str, code: &str) {
    let form = STANDARD.encode(text);
    #[expect(clippy::disallowed_methods, reason = "a measurement that is printed, not asserted")]
    let started = Instant::now();
    let outcome = verify_form(&form);
    println!("{name}: {} KB, {:?}", form.len() / 1024, started.elapsed());
    match outcome {
        Ok(_) => panic!("{name}: accepted"),
        Err(error) => assert_eq!(error.code(), code, "{name}: {error}"),
    }
}

#[test]
fn a_message_beyond_the_limits_is_refused() {
    let good = spec().xml(&RSA);
    verify(&good).expect("the control is accepted");
    let with_extensions = |inside: &str| {
        let extensions = format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>");
        good.replacen("<samlp:Status>", &extensions, 1)
    };

    let mut list = String::new();
    for n in 0..50_000 {
        let _ = write!(list, " a{n}=''");
    }
    refused("X106 50k_attributes", &good.replacen(" Version=", &format!("{list} Version="), 1), "too_complex");
    let mut list = String::new();
    for n in 0..20_000 {
        let _ = write!(list, " xmlns:n{n}='urn:{n}'");
    }
    refused("X107 20k_namespaces", &good.replacen(" Version=", &format!("{list} Version="), 1), "too_complex");
    let mut siblings = String::new();
    for n in 0..15_000 {
        let _ = write!(siblings, "<a xmlns:n{n}='urn:{n}'/>");
    }
    refused("X107 15k_namespaces_on_siblings", &with_extensions(&siblings), "too_complex");
    refused("X108 200k_nodes", &with_extensions(&"<b/>".repeat(100_000)), "too_complex");
    let nested = format!("{}{}", "<b>".repeat(70_000), "</b>".repeat(70_000));
    refused("X108 deep", &with_extensions(&nested), "too_complex");
    refused("X108 comments", &with_extensions(&"<!---->".repeat(70_000)), "too_complex");
    refused("X108 unclosed tags", &"<a ".repeat(150_000), "malformed");
    refused("X108 only opening", &"<".repeat(500_000), "malformed");
    refused("X108 quotes", &format!("<a b=\"{}", "'".repeat(500_000)), "malformed");
}

#[test]
fn a_message_just_within_the_limits_costs_little_too() {
    // All of these are well-formed and unsigned or badly signed: what an anonymous sender can make us do.
    let good = spec().xml(&RSA);
    let with_extensions = |inside: &str| {
        let extensions = format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>");
        usher::demo::issuer::break_signature(&good.replacen("<samlp:Status>", &extensions, 1))
    };
    refused("11,900 elements", &with_extensions(&"<b></b>".repeat(11_900)), "bad_signature");
    let mut full = String::new();
    for _ in 0..900 {
        full.push_str("<b");
        for n in 0..64 {
            let _ = write!(full, " a{n}=''");
        }
        full.push_str("/>");
    }
    refused("900 elements of 64 attributes", &with_extensions(&full), "bad_signature");
    let mut scope = String::from("<b");
    for n in 0..28 {
        let _ = write!(scope, " xmlns:p{n}='urn:{n}'");
    }
    scope.push('>');
    for n in 0..5_900 {
        let _ = write!(scope, "<c xmlns:x='urn:{n}'/>");
    }
    scope.push_str("</b>");
    refused("5,900 namespaces below 28 others", &with_extensions(&scope), "bad_signature");
    let uri = format!("urn:{}", "x".repeat(1_000));
    let many = format!("<b xmlns:p='{uri}'>{}</b>", "<p:c/>".repeat(11_000));
    refused("a long namespace used 11,000 times", &with_extensions(&many), "bad_signature");
    refused("80,000 character references", &with_extensions(&"&#x41;".repeat(80_000)), "bad_signature");
    refused("480 KB of text", &with_extensions(&"x".repeat(480_000)), "bad_signature");

    // The same, signed by the identity provider: it may be slower, but has to end.
    let response = spec().response_xml(&spec().assertion_xml());
    let extensions = format!("<samlp:Extensions>{many}</samlp:Extensions><samlp:Status>");
    let signed = sign_element(&response.replacen("<samlp:Status>", &extensions, 1), &RSA);
    refused("signed, multiplying when canonical", &signed, "canonical_form_too_long");
}

#[test]
fn a_person_in_very_many_groups_signs_in() {
    let groups: Vec<String> = (0..2_000).map(|n| format!("CN=Group {n},OU=Groups,DC=acme,DC=example")).collect();
    let mut spec = spec();
    spec.sign = Sign::Both;
    spec.attributes[2].1 = groups;
    let text = spec.xml(&RSA);
    #[expect(clippy::disallowed_methods, reason = "a measurement that is printed, not asserted")]
    let started = Instant::now();
    let verified = verify(&text).expect("accepted");
    println!("2,000 groups, {} KB, signed twice: {:?}", text.len() / 1024, started.elapsed());
    let usher::identity::AssertedGroups::Listed(listed) = verified.identity.groups else { panic!("listed") };
    assert_eq!(listed.len(), 2_000);
}

#[test]
fn a_form_value_that_is_too_long_is_not_even_decoded() {
    let form = "A".repeat(700 * 1024 + 4);
    assert_eq!(verify_form(&form), Err(XmlError::TooLarge { limit: 700 * 1024 }.into()));
}

#[test]
fn x104_a_deflate_bomb_stops_at_64_kb() {
    let packed = |plain: &[u8]| {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(plain).expect("memory");
        STANDARD.encode(encoder.finish().expect("memory"))
    };
    let fits = vec![b'x'; 64 * 1024];
    assert_eq!(inflate(&packed(&fits)).as_deref(), Ok(fits.as_slice()));
    let bomb = packed(&vec![0; 40 * 1024 * 1024]);
    println!("a bomb of {} bytes", bomb.len());
    assert_eq!(inflate(&bomb), Err(XmlError::TooLarge { limit: 64 * 1024 }));
    assert_eq!(inflate(&STANDARD.encode("no deflate")), Err(XmlError::NotDeflated));
    assert_eq!(inflate("%%%"), Err(XmlError::NotBase64));
}
