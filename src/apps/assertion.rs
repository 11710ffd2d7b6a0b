use std::cell::RefCell;
use std::collections::HashMap;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::clock::Timestamp;
use crate::gateway::Es256Key;
use crate::secrets;
use crate::session;
use crate::store::sessions::VisitingUser;
use crate::web::failure::Failure;

/// How long a signed header is valid, in seconds.
const LIFE: i64 = 60;
/// How long one may be used again, in seconds; the rest of its life is for clocks and queues.
const REUSED: i64 = 20;
/// How many signed headers a worker keeps at most.
const KEPT: usize = 4096;

/// The most bytes of group names that a signed header carries; proxies and applications refuse headers that grow without end.
const GROUPS_LIMIT: usize = 8 * 1024;

/// The groups for the signed header, if they fit.
pub fn fitting(groups: &[String]) -> Option<&[String]> {
    let bytes: usize = groups.iter().map(|group| group.len() + 3).sum();
    (bytes <= GROUPS_LIMIT).then_some(groups)
}

/// What the signed header says (interface: `X-Usher-Assertion`).
#[derive(Debug, Serialize)]
pub struct Claims<'a> {
    /// The gateway.
    pub iss: &'a str,
    /// The application's URL.
    pub aud: &'a str,
    /// The person's public id.
    pub sub: &'a str,
    /// The address.
    pub email: &'a str,
    /// What to call the person.
    pub name: &'a str,
    /// All groups; absent where they would not fit into a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<&'a [String]>,
    /// The groups are left out, because they would not fit into a header.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub groups_overage: bool,
    /// The organization's slug.
    pub org: &'a str,
    /// The role's key.
    pub role: &'a str,
    /// The seat type's key.
    pub seat: Option<&'a str>,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Not before.
    pub nbf: i64,
    /// Expires.
    pub exp: i64,
    /// Unique.
    pub jti: String,
}

/// Signs identity headers.
pub struct HeaderSigner {
    header: Header,
    key: EncodingKey,
}

impl HeaderSigner {
    /// Signs with the installation's key.
    pub fn new(key: &Es256Key) -> Self {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key.kid.clone());
        Self { header, key: EncodingKey::from_ec_der(&key.private) }
    }

    /// The signed header.
    pub fn sign(&self, claims: &Claims<'_>) -> Result<String, Failure> {
        jsonwebtoken::encode(&self.header, claims, &self.key)
            .map_err(|error| Failure::Internal(format!("the identity header cannot be signed: {error}")))
    }
}

/// Everything that, if it changed, would change what an application is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The membership's version.
    pub member: i64,
    /// The person's version.
    pub person: i64,
    /// When the groups were asserted.
    pub groups_at: Timestamp,
    /// Who it is in the directory, and which state of its groups, where those count.
    pub directory: Option<VisitingUser>,
    /// The audience.
    pub url: String,
    /// The header preset.
    pub preset: String,
}

/// Ready headers: cloning one copies a pointer.
pub type Pairs = Vec<(HeaderName, HeaderValue)>;

struct Kept {
    fingerprint: Fingerprint,
    at: i64,
    pairs: Pairs,
}

thread_local! {
    /// (session, application) -> what this worker told last.
    static KEPT_HEADERS: RefCell<HashMap<([u8; 32], i64), Kept>> = RefCell::new(HashMap::new());
}

/// Puts the headers for a visit into `answer`: made by `make` unless this worker has fresh ones of the same fingerprint. Signing
/// costs more than everything else about a request together, so what was signed is told again for a while, as long as session,
/// application, membership and person are the very same.
pub fn tell(
    answer: &mut HeaderMap,
    session: [u8; 32],
    application: i64,
    fingerprint: Fingerprint,
    now: Timestamp,
    make: impl FnOnce(i64) -> Result<Pairs, Failure>,
) -> Result<(), Failure> {
    let second = now.as_seconds();
    let put = |answer: &mut HeaderMap, pairs: &Pairs| {
        for (name, value) in pairs {
            answer.insert(name.clone(), value.clone());
        }
    };
    let known = KEPT_HEADERS.with_borrow(|headers| {
        let kept = headers.get(&(session, application));
        let fresh = kept.filter(|kept| (0..REUSED).contains(&(second - kept.at)) && kept.fingerprint == fingerprint);
        fresh.map(|kept| put(answer, &kept.pairs)).is_some()
    });
    if known {
        return Ok(());
    }
    let pairs = make(second)?;
    put(answer, &pairs);
    KEPT_HEADERS.with_borrow_mut(|headers| {
        if headers.len() >= KEPT {
            headers.retain(|_, kept| (0..REUSED).contains(&(second - kept.at)));
            if headers.len() >= KEPT {
                headers.clear();
            }
        }
        headers.insert((session, application), Kept { fingerprint, at: second, pairs });
    });
    Ok(())
}

impl<'a> Claims<'a> {
    /// Fills in times and id.
    pub fn issued(self, second: i64) -> Self {
        Self { iat: second, nbf: second, exp: second + LIFE, jti: secrets::public_id(""), ..self }
    }
}

/// `GET /.well-known/jwks.json`: the public half (RFC 7517), for applications that want proof.
pub async fn jwks(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let key = &session::gateway(&request).header_key;
    // An uncompressed point (SEC 1 §2.3.3): 0x04, x, y.
    let (x, y) = match key.public.as_slice() {
        [4, rest @ ..] if rest.len() == 64 => rest.split_at(32),
        _ => return Err(Failure::Internal("the identity header's key is no P-256 point".to_owned())),
    };
    let document = serde_json::json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": key.kid,
        "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
    }] });
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", "public, max-age=300"))
        .insert_header(("access-control-allow-origin", "*"))
        .body(document.to_string()))
}
