//! Our metadata: what an identity provider has to know about us.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::connection::SamlSettings;

use super::authn_request::write_attribute;
use super::keys::SpKey;
use super::response::ServiceProvider;
use super::xml::{DS, MD, SAMLP};

/// Our metadata for one connection. `keys` are ours, the current one first.
pub fn our_metadata(sp: ServiceProvider, settings: &SamlSettings, keys: &[SpKey]) -> String {
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"{MD}\"");
    write_attribute(&mut out, "entityID", sp.entity_id);
    // SimpleSAMLphp stops signing assertions for WantAssertionsSigned="false".
    let _ = write!(
        out,
        ">\n  <md:SPSSODescriptor AuthnRequestsSigned=\"{}\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"{SAMLP}\">\n",
        settings.signs_requests()
    );
    for key in keys {
        key_descriptor(&mut out, "signing", key, "");
    }
    if let Some(current) = keys.first().filter(|_| settings.offer_encryption) {
        let methods: String = [
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
        ]
        .iter()
        .map(|algorithm| format!("      <md:EncryptionMethod Algorithm=\"{algorithm}\"/>\n"))
        .collect();
        key_descriptor(&mut out, "encryption", current, &methods);
    }
    if let Some(url) = sp.slo_url {
        for binding in ["HTTP-Redirect", "HTTP-POST"] {
            let binding = format!("urn:oasis:names:tc:SAML:2.0:bindings:{binding}");
            endpoint(&mut out, "SingleLogoutService", &binding, url, "");
        }
    }
    if let Some(format) = &settings.name_id_format {
        out.push_str("    <md:NameIDFormat>");
        super::c14n::escape_text(format, &mut out);
        out.push_str("</md:NameIDFormat>\n");
    }
    let post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
    endpoint(&mut out, "AssertionConsumerService", post, sp.acs_url, " index=\"0\" isDefault=\"true\"");
    out.push_str("  </md:SPSSODescriptor>\n</md:EntityDescriptor>\n");
    out
}

fn key_descriptor(out: &mut String, purpose: &str, key: &SpKey, methods: &str) {
    let certificate = STANDARD.encode(key.certificate_der());
    let _ = write!(
        out,
        "    <md:KeyDescriptor use=\"{purpose}\">\n      <ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data>\
         <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n{methods}    </md:KeyDescriptor>\n"
    );
}

fn endpoint(out: &mut String, name: &str, binding: &str, location: &str, more: &str) {
    let _ = write!(out, "    <md:{name} Binding=\"{binding}\"");
    write_attribute(out, "Location", location);
    let _ = writeln!(out, "{more}/>");
}
