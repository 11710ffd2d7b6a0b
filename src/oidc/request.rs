use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{ClientKey, OidcError, Provider};
use crate::clock::Timestamp;
use crate::connection::{ClientAuth, OidcSettings};

/// How long a client assertion is valid, in seconds.
const ASSERTION_LIFE: i64 = 60;

/// One sign-in on its way.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// What we ask for.
    pub settings: &'a OidcSettings,
    /// Whom.
    pub provider: &'a Provider,
    /// Where the answer goes: one address per connection, so that two providers cannot be mixed up (RFC 9700 §4.4).
    pub redirect_uri: &'a str,
    /// At least 128 random bits, known to this browser only.
    pub state: &'a str,
    /// At least 128 random bits, in the ID token again.
    pub nonce: &'a str,
    /// The PKCE verifier: 43 to 128 characters (RFC 7636 §4.1).
    pub verifier: &'a str,
    /// Who wants to sign in, as far as they said.
    pub login_hint: Option<&'a str>,
}

/// Where to send the browser (OpenID Connect Core 3.1.2.1), with PKCE S256 always.
pub fn sign_in_url(ask: &Ask<'_>) -> Result<String, OidcError> {
    let unusable = |_| OidcError::EndpointNotHttps { what: "authorization_endpoint" };
    let mut url = Url::parse(&ask.provider.authorization_endpoint).map_err(unusable)?;
    let challenge =
        URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, ask.verifier.as_bytes()));
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &ask.settings.client_id)
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("scope", &ask.settings.scopes.join(" "))
            .append_pair("state", ask.state)
            .append_pair("nonce", ask.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if ask.settings.force_authn {
            query.append_pair("prompt", "login").append_pair("max_age", "0");
        }
        if let Some(acr) = &ask.settings.acr {
            query.append_pair("acr_values", acr);
        }
        if let Some(hint) = ask.login_hint {
            query.append_pair("login_hint", hint);
        }
    }
    Ok(url.into())
}

/// What proves that we are the client.
#[derive(Clone, Copy)]
pub enum ClientProof<'a> {
    /// The secret.
    Secret(&'a str),
    /// Our key.
    Key(&'a ClientKey),
}

/// A call to make.
#[derive(Clone)]
pub struct Call {
    /// Where to.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body of a POST; a GET has none.
    pub body: Option<String>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({})", self.url)
    }
}

/// A code for tokens (RFC 6749 §4.1.3). `jti` is a fresh id, for `private_key_jwt`.
pub fn token_call(
    ask: &Ask<'_>,
    code: &str,
    proof: &ClientProof<'_>,
    jti: &str,
    now: Timestamp,
) -> Result<Call, OidcError> {
    let (settings, url) = (ask.settings, ask.provider.token_endpoint.clone());
    let mut headers = vec![
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    let mut body = Serializer::new(String::new());
    body.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", ask.redirect_uri)
        .append_pair("code_verifier", ask.verifier);
    match (settings.client_auth, proof) {
        (ClientAuth::Basic, ClientProof::Secret(secret)) => {
            // RFC 6749 §2.3.1: each half is form-encoded first.
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = STANDARD.encode(format!("{}:{}", encoded(&settings.client_id), encoded(secret)));
            headers.push(("authorization".to_owned(), format!("Basic {pair}")));
        }
        (ClientAuth::Post, ClientProof::Secret(secret)) => {
            body.append_pair("client_id", &settings.client_id).append_pair("client_secret", secret);
        }
        (ClientAuth::PrivateKeyJwt, ClientProof::Key(key)) => {
            // OpenID Connect Core 9: iss and sub are the client, aud is the token endpoint.
            let second = now.as_seconds();
            let assertion = key.sign(&json!({
                "iss": settings.client_id, "sub": settings.client_id, "aud": url, "jti": jti,
                "iat": second, "nbf": second - 5, "exp": second + ASSERTION_LIFE,
            }))?;
            body.append_pair("client_id", &settings.client_id)
                .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .append_pair("client_assertion", &assertion);
        }
        _ => return Err(OidcError::ClientKey),
    }
    Ok(Call { url, headers, body: Some(body.finish()) })
}
