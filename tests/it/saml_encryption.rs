//! Encrypted assertions: X60 to X63. Decrypting proves nothing; the signature still has to.

use usher::demo::issuer::{Sign, encrypted_assertion, sign_element};
use usher::saml::SamlError;

use crate::saml_support::*;

fn in_response(content: &str) -> String {
    spec().response_xml(content)
}

#[test]
fn x60_encrypting_replaces_no_signature() {
    for gcm in [true, false] {
        let signed = sign_element(&spec().assertion_xml(), &RSA);
        verify_encrypted(&in_response(&encrypted_assertion(&signed, &encryption(gcm)))).expect("the control");

        // Anybody can encrypt for us.
        let unsigned = encrypted_assertion(&spec().assertion_xml(), &encryption(gcm));
        let expected = if gcm { SamlError::Unsigned } else { SamlError::Undecryptable };
        assert_eq!(verify_encrypted(&in_response(&unsigned)), Err(expected), "unsigned inside");
        let foreign = encrypted_assertion(&sign_element(&spec().assertion_xml(), &STRANGER), &encryption(gcm));
        let expected = if gcm { "bad_signature" } else { "undecryptable" };
        assert_eq!(
            verify_encrypted(&in_response(&foreign)).map_err(|e| e.code()),
            Err(expected),
            "a stranger's inside"
        );

        for (name, content) in [
            ("encrypted first", format!("{unsigned}{signed}")),
            ("encrypted last", format!("{signed}{unsigned}")),
            ("two encrypted", format!("{unsigned}{unsigned}")),
        ] {
            assert_eq!(verify_encrypted(&in_response(&content)), Err(SamlError::SeveralAssertions), "{name}");
        }
    }
}

#[test]
fn what_is_inside_goes_through_the_same_checks() {
    let open = |inside: &str| {
        let content = encrypted_assertion(inside, &encryption(true));
        verify_encrypted(&in_response(&content)).map_err(|error| error.code())
    };
    let signed = sign_element(&spec().assertion_xml(), &RSA);
    assert!(open(&signed).is_ok());
    assert!(open(&format!("<?xml version=\"1.0\"?>\n<!-- c -->{signed}\n")).is_ok());
    assert_eq!(open(&format!("<!DOCTYPE x>{signed}")), Err("doctype"));
    assert_eq!(open(&format!("{signed}</opened><opened>{signed}")), Err("malformed"));
    assert_eq!(open(&format!("{signed}{signed}")), Err("several_assertions"));
    assert_eq!(open(&signed.replace(NAME_ID, &format!("<!-- -->{NAME_ID}"))), Err("markup_in_value"));
    let nested = encrypted_assertion(&signed, &encryption(true));
    assert_eq!(open(&nested), Err("no_assertion"), "encrypted twice");
    let wrapped = signed.replacen("</saml:Issuer>", &format!("</saml:Issuer><saml:Advice>{signed}</saml:Advice>"), 1);
    assert_eq!(open(&wrapped), Err("misplaced"));
    assert_eq!(open("text"), Err("no_assertion"));
    assert_eq!(open(&spec().xml(&RSA)), Err("no_assertion"), "a whole response inside");
}

#[test]
fn a_ciphertext_changed_inside_a_signed_response_is_seen_before_it_is_decrypted() {
    let mut spec = spec();
    spec.sign = Sign::Response;
    spec.encrypt = Some(encryption(false));
    let text = spec.xml(&RSA);
    verify_encrypted(&text).expect("the control");
    let at = text.rfind("</xenc:CipherValue>").expect("a cipher value") - 40;
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
    assert_eq!(verify_encrypted(&changed).map_err(|error| error.code()), Err("bad_digest"));
}

#[test]
fn x62_cbc_in_an_unsigned_response_has_one_answer_for_everything() {
    let signed = sign_element(&spec().assertion_xml(), &RSA);
    let text = in_response(&encrypted_assertion(&signed, &encryption(false)));
    verify_encrypted(&text).expect("the control");
    let start = text.rfind("<xenc:CipherValue>").expect("a cipher value") + "<xenc:CipherValue>".len();
    let end = text.rfind("</xenc:CipherValue>").expect("its end");
    let cipher = unbase64(&text[start..end]);
    let with = |cipher: &[u8]| format!("{}{}{}", &text[..start], base64(cipher), &text[end..]);
    let mut answers = std::collections::BTreeSet::new();
    // Every last byte of the block before the last: all paddings, right and wrong.
    for value in 0..=255u8 {
        let mut changed = cipher.clone();
        let at = changed.len() - 17;
        if changed[at] == value {
            continue;
        }
        changed[at] = value;
        let error = verify_encrypted(&with(&changed)).expect_err("refused");
        answers.insert((error.code(), error.to_string(), error.next_step()));
    }
    // Other content: no XML, another signature value, blocks cut off, the key changed.
    for at in [0, 16, 40, cipher.len() / 2, cipher.len() - 40, cipher.len() - 1] {
        let mut changed = cipher.clone();
        changed[at] ^= 0x55;
        let error = verify_encrypted(&with(&changed)).expect_err("refused");
        answers.insert((error.code(), error.to_string(), error.next_step()));
    }
    for length in [16, 32, cipher.len() - 16, cipher.len() - 1] {
        let error = verify_encrypted(&with(&cipher[..length])).expect_err("refused");
        answers.insert((error.code(), error.to_string(), error.next_step()));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().map(|answer| answer.0), Some("undecryptable"));
}

#[test]
fn a_wrong_padding_alone_is_refused() {
    // The plaintext is whole and well signed; only the padding says something impossible.
    use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
    let mut plain = sign_element(&spec().assertion_xml(), &RSA).into_bytes();
    while !plain.len().is_multiple_of(16) {
        plain.push(b' ');
    }
    let how = encryption(false);
    let text = in_response(&encrypted_assertion("x", &how));
    let seal = |plain: &[u8]| {
        let mut content = plain.to_vec();
        let key = EncryptingKey::cbc(UnboundCipherKey::new(&AES_256, &how.content_key).expect("a key")).expect("a key");
        key.less_safe_encrypt(&mut content, EncryptionContext::Iv128((&how.iv).into())).expect("encrypted");
        let start = text.rfind("<xenc:CipherValue>").expect("a cipher value") + "<xenc:CipherValue>".len();
        let end = text.rfind("</xenc:CipherValue>").expect("its end");
        format!("{}{}{}", &text[..start], base64(&[how.iv.as_slice(), &content].concat()), &text[end..])
    };
    let mut padded = plain.clone();
    padded.extend([0; 15]);
    padded.push(16);
    verify_encrypted(&seal(&padded)).expect("the control: arbitrary padding bytes and their count");
    // The last byte is a space, 32: more than a block.
    let mut spaces = plain;
    spaces.extend([b' '; 16]);
    assert_eq!(verify_encrypted(&seal(&spaces)), Err(SamlError::Undecryptable));
}

#[test]
fn x63_a_truncated_or_strange_ciphertext_is_refused_without_a_panic() {
    for gcm in [true, false] {
        let signed = sign_element(&spec().assertion_xml(), &RSA);
        let text = in_response(&encrypted_assertion(&signed, &encryption(gcm)));
        for (nth, marker) in ["<xenc:CipherValue>", "</xenc:CipherValue>"].iter().enumerate() {
            assert_eq!(text.matches(marker).count(), 2, "{nth}");
        }
        let parts: Vec<&str> = text.split("<xenc:CipherValue>").collect();
        for which in [1, 2] {
            let (value, rest) = parts[which].split_once("</xenc:CipherValue>").expect("a value");
            let bytes = unbase64(value);
            for length in (0..48).chain([bytes.len() - 1, bytes.len().saturating_sub(16)]) {
                let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                parts[which] = format!("{}</xenc:CipherValue>{rest}", base64(&bytes[..length.min(bytes.len() - 1)]));
                let code = verify_encrypted(&parts.join("<xenc:CipherValue>")).expect_err("refused").code();
                assert!(code == "undecryptable" || code == "empty", "{which}, {length}: {code}");
            }
        }
    }
}

#[test]
fn algorithms_outside_the_list_are_refused_by_name() {
    let signed = sign_element(&spec().assertion_xml(), &RSA);
    let text = in_response(&encrypted_assertion(&signed, &encryption(true)));
    verify_encrypted(&text).expect("the control");
    for (from, to, found) in [
        ("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "http://www.w3.org/2001/04/xmlenc#rsa-1_5", "rsa-1_5"),
        ("http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc", "tripledes"),
        ("http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha256", "mgf1sha1"),
        ("xmlenc#Element", "xmlenc#Content", "Type"),
    ] {
        let error = verify_encrypted(&text.replacen(from, to, 1)).expect_err("refused");
        assert_eq!(error.code(), "encryption_algorithm", "{error}");
        assert!(error.to_string().contains(found), "{error}");
    }
    // A reference instead of a value is never followed.
    let start = text.rfind("<xenc:CipherValue>").expect("a cipher value");
    let end = text.rfind("</xenc:CipherValue>").expect("its end") + "</xenc:CipherValue>".len();
    let reference = "<xenc:CipherReference URI=\"http://127.0.0.1:9/\"></xenc:CipherReference>";
    let referring = format!("{}{reference}{}", &text[..start], &text[end..]);
    assert_eq!(verify_encrypted(&referring).map_err(|error| error.code()), Err("missing"));
}

#[test]
fn encryption_is_only_accepted_where_it_is_offered_and_with_a_key_of_ours() {
    let mut spec = spec();
    spec.encrypt = Some(encryption(true));
    let text = spec.xml(&RSA);
    assert_eq!(verify(&text), Err(SamlError::EncryptionNotOffered));
    let mut offering = settings();
    offering.offer_encryption = true;
    assert_eq!(verify_with_keys(&offering, &[], &text), Err(SamlError::NoDecryptionKey));
    let other = other_key();
    assert_eq!(verify_with_keys(&offering, std::slice::from_ref(&other), &text), Err(SamlError::Undecryptable));
    // SDP-SP38: the previous key still opens what was sealed for it.
    assert!(verify_with_keys(&offering, &[other, OURS.clone()], &text).is_ok());
    spec.encrypt = Some(usher::demo::issuer::Encryption { key_beside: true, ..encryption(false) });
    assert!(
        verify_with_keys(&offering, std::slice::from_ref(&*OURS), &spec.xml(&RSA)).is_ok(),
        "the key beside the data"
    );
}
