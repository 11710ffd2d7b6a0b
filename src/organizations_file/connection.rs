use std::time::Duration;

use url::Url;

use super::read::{Names, some_text, unique_slug, word};
use super::{DeclaredConnection, DeclaredOidc, DeclaredProtocol, DeclaredSaml, MetadataSource, SecretSource};
use crate::clock::Timestamp;
use crate::connection::{AttributeNames, ClientAuth, NewCertificates, SamlSettings};
use crate::toml_file::Section;

#[derive(Clone, Copy)]
enum Speaks {
    Saml,
    Oidc,
}

pub(super) fn connection(mut section: Section, names: &mut Names) -> Option<DeclaredConnection> {
    let slug = unique_slug(&mut section, &mut names.connections, "connection");
    // /sign-in/finish is where every sign-in ends; a connection of that name could not be started.
    if slug.as_ref().is_some_and(|slug| slug.as_str() == "finish") {
        section.wrong("slug", "\"finish\" is a page of the gateway; choose another slug");
    }
    let label = section.parsed("label", some_text);
    let speaks = section.required("protocol", word([("saml", Speaks::Saml), ("oidc", Speaks::Oidc)]));
    let active = section.flag("active");
    let omits_empty_groups = section.flag("omits_empty_groups");
    let attributes = section.has("attributes").then(|| attributes(section.section("attributes")));
    let protocol = match speaks {
        Some(Speaks::Saml) => saml(&mut section).map(DeclaredProtocol::Saml),
        Some(Speaks::Oidc) => oidc(&mut section).map(DeclaredProtocol::Oidc),
        // Which keys belong here is not known, so none is called unknown.
        None => return None,
    };
    section.end();
    let slug = slug?;
    let label = label.unwrap_or_else(|| slug.to_string());
    Some(DeclaredConnection { slug, label, protocol: protocol?, active, omits_empty_groups, attributes })
}

fn attributes(mut section: Section) -> AttributeNames {
    let names = AttributeNames {
        email: section.parsed("email", some_text),
        name: section.parsed("name", some_text),
        groups: section.parsed("groups", some_text),
        subject: section.parsed("subject", some_text),
    };
    section.end();
    names
}

/// The one of several keys that is there. More than one, or none, is a mistake.
fn exactly_one(section: &mut Section, keys: &[&'static str]) -> Option<(&'static str, String)> {
    let given: Vec<(&'static str, bool)> = keys.iter().map(|key| (*key, section.has(key))).collect();
    let named: Vec<&str> = given.iter().filter(|(_, has)| *has).map(|(key, _)| *key).collect();
    let list = keys.join(", ");
    if named.len() > 1 {
        section.wrong("", format!("only one of {list} is expected, found {}", named.join(" and ")));
    } else if named.is_empty() {
        section.wrong("", format!("one of {list} is missing"));
    }
    let mut values: Vec<(&'static str, String)> =
        keys.iter().filter_map(|key| Some((*key, section.parsed(key, some_text)?))).collect();
    (values.len() == 1 && named.len() == 1).then(|| values.remove(0))
}

fn saml(section: &mut Section) -> Option<DeclaredSaml> {
    let metadata = exactly_one(section, &["metadata_file", "metadata_url", "metadata"]);
    let metadata = metadata.map(|(key, value)| match key {
        "metadata_file" => MetadataSource::File(value),
        "metadata_url" => {
            if !is_web(&value) {
                section.wrong("metadata_url", "an address as https://idp.example.com/metadata is expected");
            }
            MetadataSource::Url(value)
        }
        _ => MetadataSource::Inline(value),
    });
    let new_certificates =
        section.parsed("new_certificates", word(NewCertificates::ALL.map(|(way, text)| (text, way))));
    if new_certificates.is_some() && metadata.is_some() && !matches!(metadata, Some(MetadataSource::Url(_))) {
        section.wrong("new_certificates", "only with metadata_url: other metadata is not read again");
    }
    let any = |text: &str| Ok::<_, String>(text.to_owned());
    Some(DeclaredSaml {
        new_certificates,
        idp_initiated: section.flag("idp_initiated"),
        sign_requests: section.flag("sign_requests"),
        force_authn: section.flag("force_authn"),
        offer_encryption: section.flag("offer_encryption"),
        authn_context: section.parsed("authn_context", any),
        name_id_format: section.parsed("name_id_format", any),
        clock_skew: section.parsed("clock_skew", skew),
        metadata: metadata?,
    })
}

/// `0s` to `300s`.
fn skew(text: &str) -> Result<Duration, String> {
    let seconds = text.strip_suffix('s').and_then(|number| number.parse().ok()).map(Duration::from_secs);
    let max = SamlSettings::MAX_SKEW;
    seconds.filter(|skew| *skew <= max).ok_or_else(|| format!("seconds from 0s to {}s are expected", max.as_secs()))
}

fn oidc(section: &mut Section) -> Option<DeclaredOidc> {
    let issuer = section.required("issuer", |text| check_issuer(text).map(|()| text.to_owned()));
    let client_id = section.required("client_id", some_text);
    let client_auth = section.parsed("client_auth", word(ClientAuth::ALL.map(|(auth, text)| (text, auth))));
    let secret_keys = ["client_secret_file", "client_secret_env", "client_secret"];
    let has_secret = secret_keys.iter().any(|key| section.has(key));
    let client_secret = if has_secret {
        secret(section, secret_keys[2], secret_keys[0], secret_keys[1])
    } else {
        // Known keys all the same, for whoever mistypes one.
        secret_keys.iter().for_each(|key| drop(section.text(key)));
        None
    };
    if has_secret && client_auth == Some(ClientAuth::PrivateKeyJwt) {
        section.wrong("client_auth", "\"private_key_jwt\" needs no client_secret: our own key proves who we are");
    }
    let scopes = section.list("scopes", some_text);
    if scopes.as_ref().is_some_and(|scopes| !scopes.iter().any(|scope| scope == "openid")) {
        section.wrong("scopes", "\"openid\" must be among them");
    }
    let any = |text: &str| Ok::<_, String>(text.to_owned());
    Some(DeclaredOidc {
        client_auth,
        client_secret_expires: section.parsed("client_secret_expires", date),
        force_authn: section.flag("force_authn"),
        acr: section.parsed("acr", any),
        groups_endpoint: section.parsed("groups_endpoint", |text| {
            let fits = text.is_empty() || is_web(text);
            if fits { Ok(text.to_owned()) } else { Err("an address, or nothing, is expected") }
        }),
        clock_skew: section.parsed("clock_skew", skew),
        issuer: issuer?,
        client_id: client_id?,
        client_secret,
        scopes,
    })
}

/// A day, or a moment in UTC.
fn date(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "a day as 2027-05-31 is expected".to_owned())
}

/// Whether an issuer can be believed: an address, and of one tenant.
pub fn check_issuer(text: &str) -> Result<(), &'static str> {
    if !is_web(text) || text.contains(['?', '#']) {
        return Err("an address as https://id.example.com is expected");
    }
    // Entra's names for every tenant there is: whoever has an account anywhere would be believed.
    let everybody = ["/common/", "/organizations/", "/consumers/", "{", "%7B"];
    if everybody.iter().any(|mark| format!("{text}/").contains(mark)) {
        return Err("the issuer of one tenant is expected: https://login.microsoftonline.com/TENANT-ID/v2.0");
    }
    Ok(())
}

fn is_web(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

pub(super) fn secret(
    section: &mut Section,
    inline: &'static str,
    file: &'static str,
    environment: &'static str,
) -> Option<SecretSource> {
    let (key, value) = exactly_one(section, &[file, environment, inline])?;
    Some(match key {
        key if key == file => SecretSource::File(value),
        key if key == environment => SecretSource::Environment(value),
        _ => SecretSource::Inline(value),
    })
}
