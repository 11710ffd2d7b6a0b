//! Thousands of damaged messages: none changes who somebody is, none makes us panic. The damage is drawn from a fixed seed,
//! so a failure repeats.

use usher::saml::{VerifiedResponse, read_idp_metadata};

use crate::random_xml::Numbers;
use crate::saml_honest::{honest, read, stored_settings, verify_stored};
use crate::saml_support::*;

/// What may be put into a message; each has been an attack once.
const PIECES: [&str; 26] = [
    "<!---->",
    "<!-- x -->",
    "<?x y?>",
    "<![CDATA[x]]>",
    "<!DOCTYPE a>",
    "&#0;",
    "&#x41;",
    "&amp;",
    "&x;",
    "<",
    ">",
    "\"",
    "'",
    "/",
    "</saml:Assertion>",
    "<saml:Assertion ID=\"_evil\">",
    "</samlp:Response>",
    "<ds:Signature>",
    " ID=\"_evil\"",
    " xmlns=\"urn:x\"",
    " xmlns:saml=\"urn:x\"",
    "\u{feff}",
    "\0",
    "\r",
    "Admins",
    "ä",
];

fn mutant(numbers: &mut Numbers, message: &[u8]) -> Vec<u8> {
    let mut out = message.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(out.len());
        match numbers.below(7) {
            0 => out[at] ^= 1 << numbers.below(8),
            1 => out[at] = u8::try_from(numbers.below(256)).expect("a byte"),
            2 => {
                out.remove(at);
            }
            3 => {
                let piece = PIECES[numbers.below(PIECES.len())].bytes();
                out.splice(at..at, piece);
            }
            4 => {
                // A stretch is taken out, as if two messages were cut together.
                let end = (at + numbers.below(200)).min(out.len());
                out.drain(at..end);
            }
            5 => {
                // A stretch is repeated somewhere.
                let end = (at + numbers.below(400)).min(out.len());
                let stretch = out[at..end].to_vec();
                let to = numbers.below(out.len());
                out.splice(to..to, stretch);
            }
            _ => {
                // Two tags change places.
                let tags: Vec<usize> = out.iter().enumerate().filter(|(_, b)| **b == b'<').map(|(at, _)| at).collect();
                let (a, b) = (tags[numbers.below(tags.len().max(1))], tags[numbers.below(tags.len().max(1))]);
                out.swap(a, b);
                if a + 1 < out.len() && b + 1 < out.len() {
                    out.swap(a + 1, b + 1);
                }
            }
        }
        if out.is_empty() {
            out.push(b'<');
        }
    }
    out
}

/// What must be the same in every accepted variant of a message.
fn facts(verified: &VerifiedResponse) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        verified.identity.clone(),
        verified.assertion_id.clone(),
        verified.replay_until,
        verified.session_index.clone(),
        verified.name_id.clone(),
    )
}

#[test]
fn no_damaged_message_changes_an_identity_or_makes_us_panic() {
    let settings = stored_settings();
    let mut accepted = 0;
    let mut tried = 0;
    let mut codes = std::collections::BTreeMap::<&str, usize>::new();
    for name in honest() {
        let message = read(&format!("honest/{name}"));
        let original = facts(&verify_stored(&settings, &message).expect("the control"));
        let mut numbers = Numbers(0x5eed);
        for round in 0..700 {
            let mutant = mutant(&mut numbers, &message);
            tried += 1;
            match verify_stored(&settings, &mutant) {
                Ok(verified) => {
                    accepted += 1;
                    let text = String::from_utf8_lossy(&mutant);
                    assert_eq!(facts(&verified), original, "{name}, round {round}: another identity\n{text}");
                }
                Err(error) => *codes.entry(error.code()).or_default() += 1,
            }
        }
    }
    println!("{tried} mutants, {accepted} accepted unchanged in meaning; refused: {codes:?}");
    assert!(codes.len() > 12, "the damage reaches few checks: {codes:?}");
}

#[test]
fn no_damaged_plaintext_changes_an_identity_or_makes_us_panic() {
    // Damage inside the encryption, where a key of ours opens it.
    let signed = usher::demo::issuer::sign_element(&spec().assertion_xml(), &RSA);
    let seal = |text: &str, gcm| spec().response_xml(&usher::demo::issuer::encrypted_assertion(text, &encryption(gcm)));
    let original = facts(&verify_encrypted(&seal(&signed, true)).expect("the control"));
    let mut numbers = Numbers(77);
    for round in 0..600 {
        let mutant = mutant(&mut numbers, signed.as_bytes());
        let Ok(text) = String::from_utf8(mutant) else { continue };
        if let Ok(verified) = verify_encrypted(&seal(&text, round % 2 == 0)) {
            assert_eq!(facts(&verified), original, "round {round}: another identity\n{text}");
        }
    }
}

#[test]
fn no_damaged_metadata_makes_us_panic_or_leaves_a_connection_without_a_key() {
    let text = usher::demo::issuer::idp_metadata(IDP, "https://idp.acme.example/sso", &[RSA.certificate_der()]);
    let original = read_idp_metadata(text.as_bytes(), now()).expect("the control");
    let mut numbers = Numbers(4);
    let mut read = 0;
    for _ in 0..4_000 {
        if let Ok(idp) = read_idp_metadata(&mutant(&mut numbers, text.as_bytes()), now()) {
            read += 1;
            // Damage may change a certificate as a whole; what is read has at least a usable key.
            assert!(!idp.certificates.is_empty() && !idp.entity_id.is_empty());
        }
    }
    println!("{read} of 4000 damaged documents are metadata still");
    assert_eq!(read_idp_metadata(text.as_bytes(), now()), Ok(original));
}
