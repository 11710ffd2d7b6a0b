//! Reads authorization requests as an OpenID provider does: for registered clients and addresses only, with PKCE always. Pure.

use url::Url;

use super::super::sign_in::field;
use super::super::sites::{Client, Sites};

/// What a client asks (OpenID Connect Core 3.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest<'a> {
    /// Who asks.
    pub client: &'a Client,
    /// Comes back as it is.
    pub state: Option<String>,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
    /// S256 of what the client will say at the token endpoint.
    pub challenge: String,
    /// Who is expected to sign in.
    pub login_hint: Option<String>,
}

/// Why a request is not answered with a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// Nobody we know; the browser is not sent anywhere (RFC 6749 §4.1.2.1).
    #[error("This identity provider answers the demo's own gateway only, and somebody else asks.")]
    Stranger,
    /// Nor to an address that is not registered, to the letter (RFC 9700 §2.1).
    #[error("The request wants the answer sent to an address that is not registered for this client.")]
    OtherPlace,
    /// The client is told.
    #[error("{code}: {description}")]
    Error {
        /// The standard's code.
        code: &'static str,
        /// For the client's log.
        description: &'static str,
        /// Where the browser goes with it.
        location: String,
    },
}

/// The fields that travel through the page of people.
pub const FIELDS: [&str; 11] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
];

/// Reads a request. A parameter that is there twice makes it invalid (RFC 6749 §3.1).
pub fn read<'a>(sites: &'a Sites, fields: &[(String, String)]) -> Result<AuthorizationRequest<'a>, NotAnswered> {
    let text = |name| field(fields, name).filter(|value| !value.is_empty());
    let client = text("client_id").and_then(|id| sites.client(id)).ok_or(NotAnswered::Stranger)?;
    if text("redirect_uri") != Some(client.redirect_uri.as_str()) {
        return Err(NotAnswered::OtherPlace);
    }
    let state = text("state").map(str::to_owned);
    let error = |code, description| NotAnswered::Error {
        code,
        description,
        location: back(
            sites.issuer(),
            client,
            state.as_deref(),
            &[("error", code), ("error_description", description)],
        ),
    };
    let twice = |name: &&str| fields.iter().filter(|(known, _)| known == name).count() > 1;
    if FIELDS.iter().any(twice) {
        return Err(error("invalid_request", "a parameter is there twice"));
    }
    if text("response_type") != Some("code") {
        return Err(error("unsupported_response_type", "only response_type=code is offered"));
    }
    if text("response_mode").is_some_and(|mode| mode != "query") {
        return Err(error("invalid_request", "only response_mode=query is offered"));
    }
    if !text("scope").is_some_and(|scopes| scopes.split(' ').any(|scope| scope == "openid")) {
        return Err(error("invalid_scope", "the scope openid is expected"));
    }
    // 43 characters: base64url of a SHA-256 (RFC 7636 §4.2).
    let challenge = text("code_challenge").filter(|challenge| challenge.len() == 43);
    let (Some(challenge), Some("S256")) = (challenge, text("code_challenge_method")) else {
        return Err(error("invalid_request", "PKCE with code_challenge_method=S256 is expected"));
    };
    // Nobody is ever signed in here already.
    if text("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
        return Err(error("login_required", "this identity provider always asks who you are"));
    }
    Ok(AuthorizationRequest {
        client,
        nonce: text("nonce").map(str::to_owned),
        challenge: challenge.to_owned(),
        login_hint: text("login_hint").map(str::to_owned),
        state: state.clone(),
    })
}

/// Where the browser goes back to: the registered address with an answer, the client's state and our name (RFC 9207).
pub fn back(issuer: &str, client: &Client, state: Option<&str>, answer: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(&client.redirect_uri) else { return client.redirect_uri.clone() };
    {
        let mut query = url.query_pairs_mut();
        query.extend_pairs(answer);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer);
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn asked(change: &[(&str, &str)]) -> Vec<(String, String)> {
        let good = [
            ("client_id", "usher-globex"),
            ("redirect_uri", "http://127.0.0.1:8080/oidc/globex/callback"),
            ("response_type", "code"),
            ("scope", "openid email"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let left = good.iter().filter(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        left.chain(change).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_good_request_is_read() {
        let sites = Sites::at(8080);
        let fields = asked(&[("login_hint", "gus@globex.test")]);
        let read = read(&sites, &fields).expect("good");
        assert_eq!((read.client.slug, read.state.as_deref(), read.nonce.as_deref()), ("globex", Some("s"), Some("n")));
        assert_eq!((read.challenge.as_str(), read.login_hint.as_deref()), (CHALLENGE, Some("gus@globex.test")));
    }

    #[test]
    fn nobody_is_sent_to_an_address_that_is_not_registered() {
        let sites = Sites::at(8080);
        let read = |change: &[(&str, &str)]| read(&sites, &asked(change)).err();
        assert_eq!(read(&[("client_id", "somebody")]), Some(NotAnswered::Stranger));
        for place in [
            "",
            "http://127.0.0.1:8080/oidc/globex/callback/",
            "http://127.0.0.1:8080/oidc/globex/callback?x",
            "http://127.0.0.1:8080/oidc/acme-next/callback",
            "http://127.0.0.1:8080/oidc/globex/../globex/callback",
            "https://evil.test/",
        ] {
            assert_eq!(read(&[("redirect_uri", place)]), Some(NotAnswered::OtherPlace), "{place}");
        }
    }

    #[test]
    fn what_the_provider_does_not_do_is_said_to_the_client_by_its_code() {
        let sites = Sites::at(8080);
        let told = |change: &[(&str, &str)]| match read(&sites, &asked(change)) {
            Err(NotAnswered::Error { code, location, .. }) => (code, location),
            other => panic!("{change:?}: {other:?}"),
        };
        let (code, location) = told(&[("response_type", "token")]);
        assert_eq!(code, "unsupported_response_type");
        assert!(location.starts_with("http://127.0.0.1:8080/oidc/globex/callback?error=unsupported_response_type&"));
        assert!(location.ends_with("&state=s&iss=http%3A%2F%2F127.0.0.1%3A8081"), "{location}");
        assert_eq!(told(&[("scope", "email")]).0, "invalid_scope");
        assert_eq!(told(&[("code_challenge", "")]).0, "invalid_request", "PKCE is never optional");
        assert_eq!(told(&[("code_challenge_method", "plain")]).0, "invalid_request");
        assert_eq!(told(&[("code_challenge_method", "")]).0, "invalid_request", "no method means plain");
        assert_eq!(told(&[("response_mode", "fragment")]).0, "invalid_request");
        assert_eq!(told(&[("prompt", "none")]).0, "login_required");
        assert_eq!(told(&[("state", "a"), ("state", "b")]).0, "invalid_request");
    }
}
