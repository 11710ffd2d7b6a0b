//! A sign-in as it should be, from metadata to facts, and what the demonstration's faults lead to.

use usher::demo::issuer::{Fault, Sign, break_signature, encode, idp_metadata};
use usher::identity::AssertedGroups;
use usher::saml::{
    Expected, Kind, Part, SamlError, SignInRequest, SpKey, our_metadata, read_idp_metadata, sign_in_request,
    verify_response,
};

use crate::saml_support::*;

#[test]
fn a_signed_assertion_becomes_facts() {
    let verified = verify(&spec().xml(&RSA)).expect("accepted");
    assert_eq!(verified.identity.subject.as_str(), NAME_ID);
    assert_eq!(verified.identity.email.as_str(), EMAIL);
    assert_eq!(verified.identity.display_name.as_deref(), Some("Anna Müller"));
    assert_eq!(verified.identity.groups, AssertedGroups::listed(["Engineering", "Chat, & <Code>"]));
    assert_eq!(verified.assertion_id, "_a1c9e4b7a5d2f8e60");
    assert_eq!(verified.warnings, []);
    assert!(verified.replay_until > now());
}

#[test]
fn every_way_of_signing_and_encrypting_is_accepted() {
    for key in [&*RSA, &*ECDSA] {
        for sign in [Sign::Response, Sign::Assertion, Sign::Both] {
            for encrypt in [None, Some(encryption(true)), Some(encryption(false))] {
                let mut spec = spec();
                let what = format!("{sign:?}, encrypted {:?}", encrypt.as_ref().map(|e| e.gcm));
                (spec.sign, spec.encrypt) = (sign, encrypt);
                let verified = verify_encrypted(&spec.xml(key)).unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_eq!(verified.identity.subject.as_str(), NAME_ID, "{what}");
            }
        }
    }
}

#[test]
fn each_fault_of_the_demonstration_is_refused_for_its_reason() {
    for (fault, name) in Fault::ALL {
        let mut text = spec().with_fault(fault).xml(&RSA);
        if fault == Fault::BadSignature {
            text = break_signature(&text);
        }
        let outcome = verify(&text);
        match fault {
            Fault::WrongAudience => assert!(matches!(outcome, Err(SamlError::Audience { .. })), "{name}: {outcome:?}"),
            Fault::Expired => assert!(matches!(outcome, Err(SamlError::TooOld { .. })), "{name}: {outcome:?}"),
            Fault::BadSignature => {
                let refused = SamlError::BadSignature { part: Part::Assertion, certificates: 2 };
                assert_eq!(outcome, Err(refused), "{name}");
            }
            // Seen by whoever remembers assertion ids.
            Fault::Replay => assert!(outcome.is_ok(), "{name}: {outcome:?}"),
            Fault::NoGroups => assert_eq!(outcome.expect(name).identity.groups, AssertedGroups::NotSent),
            Fault::TooManyGroups => assert_eq!(outcome.expect(name).identity.groups, AssertedGroups::TooMany),
            Fault::Refused => {
                let error = outcome.expect_err(name);
                assert_eq!(error.kind(), Kind::IdpDenied);
                assert!(error.to_string().contains("RequestDenied"), "{error}");
            }
        }
    }
}

#[test]
fn b17_a_connection_whose_idp_omits_empty_groups_reads_absent_as_empty() {
    let settings = settings();
    let mut connection = connection(&settings);
    connection.omits_empty_groups = true;
    let text = encode(&spec().with_fault(Fault::NoGroups).xml(&RSA));
    let expected = Expected::Answering { request_id: REQUEST, asked_at: asked_at() };
    let verified = verify_response(&connection, &settings, sp(), &[], expected, &text, now()).expect("accepted");
    assert_eq!(verified.identity.groups, AssertedGroups::listed([]));
}

#[test]
fn metadata_of_the_issuer_is_read_back() {
    let text = idp_metadata(IDP, "https://idp.acme.example/sso", &[RSA.certificate_der(), ECDSA.certificate_der()]);
    let idp = read_idp_metadata(text.as_bytes(), now()).expect("metadata");
    assert_eq!(idp.entity_id, IDP);
    assert_eq!(idp.sso_redirect.as_deref(), Some("https://idp.acme.example/sso"));
    assert_eq!(idp.certificates, settings().idp.certificates);
}

#[test]
fn a_request_names_us_and_is_signed_over_the_query_string() {
    let mut settings = settings();
    settings.sign_requests = true;
    let key: Option<&SpKey> = Some(&OURS);
    let request = sign_in_request(&settings, sp(), key, REQUEST, "relay/state", now()).expect("a request");
    let SignInRequest::Redirect(url) = request else { panic!("a redirect") };
    let url = url::Url::parse(&url).expect("a URL");
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg", "Signature"]);
    let request = url.query_pairs().next().expect("SAMLRequest").1.into_owned();
    let text = String::from_utf8(usher::saml::inflate(&request).expect("deflated")).expect("UTF-8");
    for part in [REQUEST, ACS, SP, "Destination=\"https://idp.acme.example/sso\"", "2026-11-24T09:00:00Z"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for unasked in ["NameIDPolicy", "RequestedAuthnContext", "ForceAuthn"] {
        assert!(!text.contains(unasked), "SDP-SP04, SP07: {unasked}");
    }
}

#[test]
fn a_request_is_signed_where_the_identity_provider_asks_for_it() {
    let mut settings = settings();
    let signed = |settings: &usher::connection::SamlSettings| {
        let request = sign_in_request(settings, sp(), Some(&OURS), REQUEST, "relay", now()).expect("a request");
        let SignInRequest::Redirect(url) = request else { panic!("a redirect") };
        (url.contains("&Signature="), our_metadata(sp(), settings, &[]).contains("AuthnRequestsSigned=\"true\""))
    };
    assert_eq!(signed(&settings), (false, false));
    settings.idp.wants_signed_requests = true;
    assert_eq!(signed(&settings), (true, true));
    let without = sign_in_request(&settings, sp(), None, REQUEST, "relay", now());
    assert_eq!(without, Err(usher::saml::SignInRequestError::NoSigningKey));
}

#[test]
fn where_force_authn_is_asked_for_an_authentication_before_our_request_is_refused() {
    let mut settings = settings();
    let with = |instant: &str| {
        let assertion = spec().assertion_xml().replace("AuthnInstant=\"2026-11-24T09:00:00Z\"", instant);
        spec().response_xml(&usher::demo::issuer::sign_element(&assertion, &RSA))
    };
    let at = |time: &str| with(&format!("AuthnInstant=\"2026-11-24T{time}Z\""));
    // Asked at 08:56:00, answered at 09:00:00, with 90 s between the two clocks.
    let (yesterday, just_before) = (with("AuthnInstant=\"2026-11-23T09:00:00Z\""), at("08:54:29"));
    let (fresh, other_clock) = (at("08:59:00"), at("08:54:30"));
    let none = with("Nothing=\"\"");
    for xml in [&yesterday, &just_before, &none, &fresh, &other_clock] {
        assert!(crate::saml_support::verify_with(&settings, xml).is_ok(), "not asked for");
    }
    settings.force_authn = true;
    for xml in [&fresh, &other_clock] {
        assert!(crate::saml_support::verify_with(&settings, xml).is_ok(), "the control");
    }
    let code = |xml: &str| crate::saml_support::verify_with(&settings, xml).expect_err("refused").code();
    assert_eq!(code(&yesterday), "not_reauthenticated");
    assert_eq!(code(&just_before), "not_reauthenticated", "six minutes ago is before our request all the same");
    assert_eq!(code(&none), "missing");
}

#[test]
fn our_metadata_wants_signed_assertions_and_offers_encryption_only_if_asked() {
    let mut settings = settings();
    let text = our_metadata(sp(), &settings, std::slice::from_ref(&*OURS));
    assert!(text.contains("WantAssertionsSigned=\"true\"") && text.contains(ACS) && text.contains(SP));
    assert!(!text.contains("use=\"encryption\""));
    settings.offer_encryption = true;
    assert!(our_metadata(sp(), &settings, std::slice::from_ref(&*OURS)).contains("use=\"encryption\""));
}
