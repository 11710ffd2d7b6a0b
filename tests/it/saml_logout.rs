//! Logout messages: what is believed and what is not. X104, X115, and the attacks on responses that a logout can suffer too.

use std::time::Duration;

use usher::connection::SamlSettings;
use usher::demo::issuer::{IssuerKey, break_signature, encrypted_assertion, sign_element};
use usher::saml::{
    Arrived, LogoutMessage, LogoutOutcome, NameId, SamlError, ServiceProvider, XmlError, logout_request,
    logout_response, verify_logout,
};

use crate::saml_logout_support::*;
use crate::saml_support::*;

const SLO: &str = "https://usher.example/saml/acme/slo";

fn us() -> ServiceProvider<'static> {
    ServiceProvider { slo_url: Some(SLO), ..sp() }
}

fn request() -> Logout {
    Logout::request(IDP, SLO, "_l1", now(), format!("{}{}", name_id(NAME_ID), session_index("_s1")))
}

fn response(status: String) -> Logout {
    Logout::response(IDP, SLO, "_l2", now(), REQUEST, status)
}

fn verify_as(settings: &SamlSettings, arrived: Arrived) -> Result<LogoutMessage, SamlError> {
    verify_logout(settings, us(), std::slice::from_ref(&*OURS), arrived, now())
}

fn redirected(query: &str) -> Result<LogoutMessage, SamlError> {
    verify_as(&settings(), Arrived::Redirect(query))
}

fn posted(message: &str) -> Result<LogoutMessage, SamlError> {
    verify_as(&settings(), Arrived::PostedRequest { message, relay_state: None })
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, SamlError>, code: &str, what: &str) {
    match outcome {
        Err(error) => assert_eq!(error.code(), code, "{what}: {error}"),
        Ok(read) => panic!("{what} was believed: {read:?}"),
    }
}

#[test]
fn a_signed_request_says_whose_sessions_end() {
    for key in [&*RSA, &*ECDSA] {
        for query in [request().query(key, Some("état/+=&")), request().query(key, None)] {
            let LogoutMessage::Request(read) = redirected(&query).expect("verified") else { panic!("a request") };
            assert_eq!((read.id.as_str(), read.name_id.value.as_str()), ("_l1", NAME_ID));
            assert_eq!(read.session_indexes, ["_s1"]);
            assert_eq!(read.relay_state.as_deref(), query.contains("RelayState").then_some("état/+=&"));
            assert!(read.replay_until > now().plus(Duration::from_secs(600)));
        }
        let LogoutMessage::Request(read) = posted(&request().form(key)).expect("verified") else { panic!("a request") };
        assert_eq!((read.name_id.value.as_str(), read.session_indexes.as_slice()), (NAME_ID, &["_s1".to_owned()][..]));
    }
}

#[test]
fn the_signature_covers_the_query_as_it_was_written() {
    // AD FS writes lower-case escapes, others leave more or less unescaped; none of that may be written anew before it is checked.
    let value = packed(request().xml().as_bytes());
    let written = escaped(&value).replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d");
    let covered =
        format!("SAMLRequest={written}&RelayState=a~b*c&SigAlg={}", escaped(RSA.algorithm()).replace("%3A", ":"));
    let query = format!("{covered}&Signature={}", escaped(&base64(&RSA.sign(covered.as_bytes()))));
    assert!(redirected(&query).is_ok());
    // What stands beside and is none of the binding's is not covered and not read.
    assert!(redirected(&format!("lang=de&{query}&x")).is_ok());
    // The order of what arrives does not matter, that of what is signed does.
    let (message, rest) = query.split_once('&').expect("parameters");
    assert!(redirected(&format!("{rest}&{message}")).is_ok());
    let covered = format!("RelayState=a&SAMLRequest={written}&SigAlg={}", escaped(RSA.algorithm()));
    let query = format!("{covered}&Signature={}", escaped(&base64(&RSA.sign(covered.as_bytes()))));
    refused(redirected(&query), "bad_signature", "signed in another order");
}

#[test]
fn an_answer_says_what_was_ended() {
    let answer = |status: String| {
        let read = redirected(&response(status).query(&RSA, None)).expect("verified");
        let LogoutMessage::Response(read) = read else { panic!("a response") };
        assert_eq!(read.in_response_to, REQUEST);
        read.outcome
    };
    assert_eq!(answer(status("Success", None)), LogoutOutcome::Ended);
    assert_eq!(answer(status("Responder", Some("PartialLogout"))), LogoutOutcome::Partly);
    assert_eq!(answer(status("Success", Some("PartialLogout"))), LogoutOutcome::Partly);
    let refused = |status: &str| LogoutOutcome::Refused { status: status.to_owned() };
    assert_eq!(answer(status("Requester", None)), refused("Requester"));
    assert_eq!(answer(status("Responder", Some("RequestDenied"))), refused("Responder / RequestDenied"));
    // A success by another name is none.
    assert_eq!(answer(status("Success", None).replace("urn:oasis:names:tc:SAML:2.0:status:", "")), refused("Success"));
    assert_eq!(answer(status("Success", Some("RequestDenied"))), refused("Success / RequestDenied"));
    let text = response(status("Success", None)).form(&RSA);
    assert!(verify_as(&settings(), Arrived::PostedResponse(&text)).is_ok());
}

#[test]
fn x115_a_logout_message_that_is_not_signed_is_refused() {
    let good = request().query(&RSA, Some("s"));
    let without = |name: &str| {
        let kept: Vec<&str> = good.split('&').filter(|pair| !pair.starts_with(name)).collect();
        kept.join("&")
    };
    assert!(redirected(&good).is_ok(), "the control");
    for (what, query) in [
        ("no signature", without("Signature=")),
        ("no algorithm", without("SigAlg=")),
        ("neither", good.split("&SigAlg=").next().expect("a start").to_owned()),
    ] {
        refused(redirected(&query), "logout_unsigned", what);
    }
    // SAML bindings 3.4.4.1: by redirect the signature is that of the query; one inside proves nothing here.
    let inside = packed(sign_element(&request().xml(), &RSA).as_bytes());
    refused(redirected(&format!("SAMLRequest={}", escaped(&inside))), "logout_unsigned", "signed inside only");
    refused(posted(&base64(request().xml().as_bytes())), "logout_unsigned", "a form without a signature");
    let answer = response(status("Success", None)).xml();
    let outcome = verify_as(&settings(), Arrived::PostedResponse(&base64(answer.as_bytes())));
    refused(outcome, "logout_unsigned", "an answer without a signature");
    refused(
        redirected(&format!("SAMLResponse={}", escaped(&packed(answer.as_bytes())))),
        "logout_unsigned",
        "an answer by redirect without a signature",
    );
    let mut none = settings();
    none.idp.certificates.clear();
    refused(verify_as(&none, Arrived::Redirect(&good)), "no_signing_certificate", "x02: nothing to verify with");
}

#[test]
fn a_query_signed_by_somebody_else_or_for_something_else_is_refused() {
    let good = request().query(&RSA, Some("s"));
    let signature = good.rsplit_once("&Signature=").expect("a signature").1.to_owned();
    let other = Logout { id: "_other".to_owned(), ..request() }.query(&RSA, Some("s"));
    let with = |query: &str, signature: &str| {
        format!("{}&Signature={signature}", query.rsplit_once("&Signature=").expect("a signature").0)
    };
    for (what, query) in [
        ("X04 attacker's key", request().query(&STRANGER, Some("s"))),
        ("another message under this signature", with(&other, &signature)),
        ("another state under this signature", good.replace("RelayState=s", "RelayState=t")),
        ("without the state that was signed", good.replace("&RelayState=s", "")),
        ("with a state that was not", request().query(&RSA, None).replace("&SigAlg", "&RelayState=t&SigAlg")),
        ("a request as an answer", good.replace("SAMLRequest=", "SAMLResponse=")),
        ("another signature of the same length", with(&good, &escaped(&base64(&[7; 256])))),
        ("X13 an empty signature", with(&good, "")),
    ] {
        let code = if what.starts_with("X13") { "redirect_form" } else { "bad_signature" };
        refused(redirected(&query), code, what);
    }
    let algorithm = |uri: &str| {
        let covered = format!("SAMLRequest={}&SigAlg={}", escaped(&packed(request().xml().as_bytes())), escaped(uri));
        format!("{covered}&Signature={}", escaped(&base64(&RSA.sign(covered.as_bytes()))))
    };
    for (what, uri) in [
        ("X09", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("X08", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        ("X08", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("none", "none"),
        ("none", ""),
    ] {
        refused(redirected(&algorithm(uri)), "signature_algorithm", what);
    }
    let other_kind = algorithm("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256");
    refused(redirected(&other_kind), "bad_signature", "an algorithm of another kind of key");
}

#[test]
fn x103_a_query_that_two_readers_could_read_in_two_ways_is_refused() {
    let good = request().query(&RSA, Some("s"));
    let evil = Logout { content: name_id("victim"), ..request() }.query(&STRANGER, None);
    let evil = evil.split('&').next().expect("a message");
    for (what, query) in [
        ("two messages", format!("{evil}&{good}")),
        ("two messages, evil last", format!("{good}&{evil}")),
        ("a request and an answer", format!("{good}&{}", evil.replace("SAMLRequest", "SAMLResponse"))),
        ("two states", format!("{good}&RelayState=t")),
        ("two algorithms", format!("{good}&SigAlg=x")),
        ("two signatures", format!("{good}&Signature=x")),
        ("no message", good.replace("SAMLRequest=", "x=")),
        ("nothing", String::new()),
        ("another encoding", format!("{good}&SAMLEncoding=urn:none")),
        ("a signature that is not base64", good.replace("&Signature=", "&Signature=%21")),
    ] {
        refused(redirected(&query), "redirect_form", what);
    }
    let deflate = escaped("urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE");
    assert!(redirected(&format!("{good}&SAMLEncoding={deflate}")).is_ok(), "the one encoding, named");
}

#[test]
fn x104_a_deflate_bomb_is_neither_inflated_for_strangers_nor_beyond_the_limit_for_anybody() {
    let bomb = packed(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000, "{} characters", bomb.len());
    let signed = |value: &str, key: &IssuerKey| signed_query("SAMLRequest", value, None, key);
    refused(redirected(&signed(&bomb, &STRANGER)), "bad_signature", "a stranger's");
    let small = packed(&vec![b' '; 2 * 1024 * 1024]);
    let outcome = redirected(&signed(&small, &RSA));
    assert_eq!(
        outcome,
        Err(SamlError::Xml(XmlError::TooLarge { limit: 64 * 1024 })),
        "signed by the identity provider"
    );
    refused(redirected(&signed("AAAA", &RSA)), "not_deflated", "no deflate stream");
    refused(redirected(&signed("%%%", &RSA)), "not_base64", "no base64");
    refused(redirected(&"x".repeat(800_000)), "too_large", "a query without end");
}

#[test]
fn a_message_for_somebody_else_from_somebody_else_or_from_another_time_is_refused() {
    let minutes = |n: u64| Duration::from_secs(n * 60);
    let cases: [(&str, &str, Logout); 15] = [
        ("X84 wrong issuer", "issuer", Logout { issuer: "https://evil.example".to_owned(), ..request() }),
        ("wrong destination", "destination", Logout { destination: Some(ACS.to_owned()), ..request() }),
        ("another service", "destination", Logout { destination: Some(SLO.replace("usher", "other")), ..request() }),
        ("no destination", "missing", Logout { destination: None, ..request() }),
        ("X89 version 1.1", "version", Logout { version: "1.1", ..request() }),
        ("stale", "too_old", Logout { issued: now().minus(minutes(12)), ..request() }),
        ("future", "from_the_future", Logout { issued: now().plus(minutes(2)), ..request() }),
        ("expired", "expired", Logout { not_on_or_after: Some(now().minus(minutes(2))), ..request() }),
        ("no ID", "no_id", Logout { id: String::new(), ..request() }),
        ("nobody", "missing", Logout { content: session_index("_s1"), ..request() }),
        ("X55 two names", "several", Logout { content: name_id("a") + &name_id("b"), ..request() }),
        ("X46 comment in the name", "markup_in_value", Logout { content: name_id("a<!-- -->b"), ..request() }),
        ("X49 CDATA in the name", "markup_in_value", Logout { content: name_id("<![CDATA[a]]>"), ..request() }),
        ("empty name", "empty", Logout { content: name_id(" "), ..request() }),
        (
            "X97 a name for another service",
            "name_qualifier",
            Logout {
                content: name_id("a").replace("persistent\"", "persistent\" SPNameQualifier=\"https://other.example\""),
                ..request()
            },
        ),
    ];
    for (what, code, message) in cases {
        refused(redirected(&message.query(&RSA, None)), code, what);
        // A form without an ID has nothing to sign.
        if what != "no ID" {
            refused(posted(&message.form(&RSA)), code, what);
        }
    }
    let soon = Logout { not_on_or_after: Some(now().minus(minutes(1))), ..request() };
    assert!(redirected(&soon.query(&RSA, None)).is_ok(), "within the skew");
    let stale = Logout { issued: now().minus(minutes(12)), ..response(status("Success", None)) };
    refused(redirected(&stale.query(&RSA, None)), "too_old", "a stale answer");
    let mut answer = response(status("Success", None));
    answer.in_response_to = None;
    refused(redirected(&answer.query(&RSA, None)), "missing", "an answer to nothing");
    let silent = response(String::new());
    refused(redirected(&silent.query(&RSA, None)), "missing", "an answer that says nothing");
}

#[test]
fn another_document_is_no_logout_message() {
    let signed = |text: &str| redirected(&signed_query("SAMLRequest", &packed(text.as_bytes()), None, &RSA));
    let good = request().xml();
    for (what, code, text) in [
        ("another message", "not_a_logout_message", good.replace("LogoutRequest", "AuthnRequest")),
        ("an answer", "not_a_logout_message", response(status("Success", None)).xml()),
        ("a sign-in", "not_a_logout_message", spec().xml(&RSA)),
        ("another namespace", "not_a_logout_message", good.replace("SAML:2.0:protocol", "SAML:1.0:protocol")),
        ("X43 dtd", "doctype", format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{good}")),
        (
            "an assertion inside",
            "misplaced",
            good.replace("<samlp:SessionIndex>", &format!("{}<samlp:SessionIndex>", spec().assertion_xml())),
        ),
        (
            "X40 a name in disguise",
            "look_alike",
            good.replace("</samlp:LogoutRequest>", "<NameID xmlns=\"urn:x\">v</NameID></samlp:LogoutRequest>"),
        ),
        ("X38 duplicate id", "duplicate_id", good.replace("<samlp:SessionIndex>", "<samlp:SessionIndex ID=\"_l1\">")),
        ("X52 garbage", "malformed", good.replace("</samlp:LogoutRequest>", "")),
    ] {
        refused(signed(&text), code, what);
    }
    assert!(signed(&good).is_ok(), "the control");
    // Some sign inside as well; the query's signature covers all of it.
    assert!(signed(&sign_element(&good, &STRANGER)).is_ok(), "what is signed inside by redirect is not looked at");
}

#[test]
fn a_posted_message_is_read_from_what_its_signature_covers() {
    let good = sign_element(&request().xml(), &RSA);
    let post = |text: &str| posted(&base64(text.as_bytes()));
    assert!(post(&good).is_ok(), "the control");
    let evil = Logout { id: "_evil".to_owned(), content: name_id("victim"), ..request() };
    let signature = {
        let start = good.find("<ds:Signature ").expect("a signature");
        let end = good.find("</ds:Signature>").expect("its end") + "</ds:Signature>".len();
        good[start..end].to_owned()
    };
    let around = |inner: &str, more: &str| {
        evil.xml().replace(
            "</saml:Issuer><saml:NameID",
            &format!("</saml:Issuer>{more}<samlp:Extensions>{inner}</samlp:Extensions><saml:NameID"),
        )
    };
    for (what, code, text) in [
        ("tampered", "bad_digest", good.replace(NAME_ID, "victim")),
        ("signature broken", "bad_signature", break_signature(&good)),
        ("X04 attacker's key with its certificate", "bad_signature", sign_element(&request().xml(), &STRANGER)),
        ("X28 the signed one inside", "misplaced", around(&good, "")),
        ("X29 its signature outside", "reference_elsewhere", around(&good.replace(&signature, ""), &signature)),
        ("two signatures", "several", good.replace(&signature, &format!("{signature}{signature}"))),
        (
            "the same id twice",
            "duplicate_id",
            around(&good.replace(&signature, ""), &signature).replace("_evil", "_l1"),
        ),
    ] {
        refused(post(&text), code, what);
    }
    let text = request().form(&RSA);
    refused(verify_as(&settings(), Arrived::PostedResponse(&text)), "not_a_logout_message", "a request as an answer");
    refused(posted("%%%"), "not_base64", "rubbish");
}

#[test]
fn an_encrypted_name_is_read_where_encryption_is_offered() {
    let mut offering = settings();
    offering.offer_encryption = true;
    for gcm in [true, false] {
        let sealed =
            encrypted_assertion(&name_id(NAME_ID), &encryption(gcm)).replace("EncryptedAssertion", "EncryptedID");
        let message = Logout { content: sealed, ..request() }.query(&RSA, None);
        let read = verify_as(&offering, Arrived::Redirect(&message)).expect("decrypted");
        let LogoutMessage::Request(read) = read else { panic!("a request") };
        assert_eq!(read.name_id.value, NAME_ID);
        refused(redirected(&message), "encryption_not_offered", "unasked");
        let ours = [other_key()];
        let outcome = verify_logout(&offering, us(), &ours, Arrived::Redirect(&message), now());
        refused(outcome, "undecryptable", "for another key");
        let both = [other_key(), OURS.clone()];
        assert!(verify_logout(&offering, us(), &both, Arrived::Redirect(&message), now()).is_ok(), "the previous key");
    }
}

#[test]
fn our_messages_are_signed_and_name_the_person_as_they_were_named() {
    let mut settings = settings();
    let name = NameId {
        value: "a & b".to_owned(),
        format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
        qualifier: Some(IDP.to_owned()),
        sp_qualifier: Some(SP.to_owned()),
    };
    let ask = |settings: &SamlSettings| logout_request(settings, us(), &OURS, "_r", &name, Some("_s<1>"), now());
    assert_eq!(ask(&settings), None, "no place to ask at");
    settings.idp.slo_redirect = Some("https://idp.acme.example/slo?a=1".to_owned());
    let url = ask(&settings).expect("a place");
    assert!(url.starts_with("https://idp.acme.example/slo?a=1&SAMLRequest="), "{url}");
    let text = verified_message(&url, OURS.certificate_der());
    for part in [
        "<samlp:LogoutRequest ",
        "Destination=\"https://idp.acme.example/slo?a=1\"",
        "ID=\"_r\"",
        "NotOnOrAfter=\"2026-11-24T09:05:00Z\"",
        &format!(">{SP}</saml:Issuer>"),
        &format!("NameQualifier=\"{IDP}\" SPNameQualifier=\"{SP}\">a &amp; b</saml:NameID>"),
        "<samlp:SessionIndex>_s&lt;1></samlp:SessionIndex>",
    ] {
        assert!(text.contains(part) || text.contains(&part.replace("1>", "1&gt;")), "{part} in {text}");
    }
    let LogoutMessage::Request(wish) = redirected(&request().query(&RSA, Some("their state"))).expect("verified")
    else {
        panic!("a request")
    };
    settings.idp.slo_response = Some("https://idp.acme.example/answer".to_owned());
    let url = logout_response(&settings, us(), &OURS, "_a", &wish, now()).expect("a place");
    assert!(url.starts_with("https://idp.acme.example/answer?SAMLResponse="), "{url}");
    assert!(url.contains("&RelayState=their%20state&"), "{url}");
    let text = verified_message(&url, OURS.certificate_der());
    assert!(text.contains("InResponseTo=\"_l1\"") && text.contains("status:Success"), "{text}");
}
