use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::write_attribute;
use crate::clock::Timestamp;
use crate::connection::SamlIdp;

/// Writes what is known of an identity provider as metadata that [`super::read_idp_metadata`] reads as the same.
pub fn write_idp_metadata(idp: &SamlIdp) -> String {
    let mut xml = String::from("<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"");
    write_attribute(&mut xml, "entityID", &idp.entity_id);
    if let Some(until) = idp.valid_until {
        write_attribute(&mut xml, "validUntil", &to_the_millisecond(until));
    }
    xml.push_str(">\n<md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"");
    if idp.wants_signed_requests {
        xml.push_str(" WantAuthnRequestsSigned=\"true\"");
    }
    xml.push_str(">\n");
    for certificate in &idp.certificates {
        xml.push_str("<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">");
        xml.push_str("<ds:X509Data><ds:X509Certificate>\n");
        let base64 = STANDARD.encode(&certificate.der);
        for line in base64.as_bytes().chunks(76) {
            xml.push_str(&String::from_utf8_lossy(line));
            xml.push('\n');
        }
        xml.push_str("</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\n");
    }
    let endpoints = [
        ("SingleLogoutService", "HTTP-Redirect", &idp.slo_redirect),
        ("SingleSignOnService", "HTTP-Redirect", &idp.sso_redirect),
        ("SingleSignOnService", "HTTP-POST", &idp.sso_post),
    ];
    for (service, binding, location) in endpoints {
        if let Some(location) = location {
            xml.push_str(&format!("<md:{service}"));
            write_attribute(&mut xml, "Binding", &format!("urn:oasis:names:tc:SAML:2.0:bindings:{binding}"));
            write_attribute(&mut xml, "Location", location);
            if let Some(response) = idp.slo_response.as_ref().filter(|_| service == "SingleLogoutService") {
                write_attribute(&mut xml, "ResponseLocation", response);
            }
            xml.push_str("/>\n");
        }
    }
    xml.push_str("</md:IDPSSODescriptor>\n</md:EntityDescriptor>\n");
    xml
}

/// RFC 3339 with a fraction where there is one: times are compared to the millisecond.
fn to_the_millisecond(moment: Timestamp) -> String {
    let seconds = moment.to_string();
    match moment.as_millis().rem_euclid(1000) {
        0 => seconds,
        millis => format!("{}.{millis:03}Z", seconds.trim_end_matches('Z')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::{read_idp_metadata, self_signed};

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let now = Timestamp::parse("2026-11-24").expect("a date");
        let pair = rcgen::KeyPair::generate().expect("a key");
        let later = Timestamp::parse("2028-01-01").expect("a date");
        let der = self_signed(&pair, "idp", now, later).expect("a certificate");
        let idp = SamlIdp {
            entity_id: "https://idp.example/?a=1&b=\"<2>\"".to_owned(),
            sso_redirect: Some("https://idp.example/sso?x=1&y='2'".to_owned()),
            sso_post: Some("https://idp.example/post".to_owned()),
            slo_redirect: Some("https://idp.example/slo".to_owned()),
            slo_response: Some("https://idp.example/slo/response".to_owned()),
            wants_signed_requests: true,
            certificates: vec![crate::saml::read_certificate(&der).expect("a certificate")],
            valid_until: Some(Timestamp::from_millis(later.as_millis() + 7)),
        };
        assert_eq!(read_idp_metadata(write_idp_metadata(&idp).as_bytes(), now), Ok(idp.clone()));
        let least = SamlIdp {
            sso_redirect: None,
            slo_redirect: None,
            slo_response: None,
            wants_signed_requests: false,
            valid_until: None,
            ..idp
        };
        assert_eq!(read_idp_metadata(write_idp_metadata(&least).as_bytes(), now), Ok(least.clone()));
    }
}
