use serde::Deserialize;
use zeroize::Zeroizing;

use super::{OidcError, json};

/// The largest answer of a token endpoint that is read, in bytes.
pub const MAX_TOKEN_ANSWER: usize = 512 * 1024;

/// What the token endpoint gave.
#[derive(Clone)]
pub struct Tokens {
    id_token: Zeroizing<String>,
    access_token: Zeroizing<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl Tokens {
    /// The ID token, not verified yet.
    pub fn id_token(&self) -> &str {
        &self.id_token
    }

    /// The access token.
    pub fn access_token(&self) -> &str {
        &self.access_token
    }
}

#[derive(Deserialize)]
struct Answer {
    id_token: Option<String>,
    access_token: Option<String>,
    token_type: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: Option<String>,
}

/// Reads the answer of the token endpoint (OpenID Connect Core 3.1.3.3; errors RFC 6749 §5.2).
pub fn read_token_answer(status: u16, content_type: Option<&str>, body: &[u8]) -> Result<Tokens, OidcError> {
    if status != 200 {
        let code = json::read::<Refused>(body).and_then(|refused| refused.error).unwrap_or_default();
        return Err(match (status, code.as_str()) {
            (400 | 401, "invalid_client" | "unauthorized_client") => OidcError::ClientRefused { code },
            (400, "invalid_grant") => OidcError::CodeRefused { code },
            (401, _) => OidcError::ClientRefused { code: "401".to_owned() },
            _ => OidcError::TokenStatus { status },
        });
    }
    if !json::is_json(content_type) {
        return Err(OidcError::TokenAnswer("content type; application/json is expected"));
    }
    let answer: Answer = json::read(body).ok_or(OidcError::TokenAnswer("JSON object"))?;
    if !answer.token_type.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(OidcError::TokenAnswer("token_type"));
    }
    let given = |token: Option<String>, what| match token.filter(|token| !token.is_empty()) {
        Some(token) => Ok(Zeroizing::new(token)),
        None => Err(OidcError::TokenAnswer(what)),
    };
    let access_token = given(answer.access_token, "access_token")?;
    // It becomes a header: what does not fit into one is none (RFC 6750 §2.1).
    if !access_token.bytes().all(|byte| byte.is_ascii_graphic()) || access_token.len() > 64 * 1024 {
        return Err(OidcError::TokenAnswer("access_token"));
    }
    Ok(Tokens { id_token: given(answer.id_token, "id_token")?, access_token })
}
