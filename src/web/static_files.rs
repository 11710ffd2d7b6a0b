//! The few files that pages need, inside the binary. Their paths carry a checksum, so browsers keep them for good.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, CROSS_ORIGIN_RESOURCE_POLICY, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};

use super::failure::Failure;
use crate::secrets;

/// name, content type, content
const FILES: [(&str, &str, &[u8]); 3] = [
    ("usher.css", "text/css; charset=utf-8", include_bytes!("../../static/usher.css")),
    ("usher.js", "text/javascript; charset=utf-8", include_bytes!("../../static/usher.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../static/icon.svg")),
];

static PATHS: LazyLock<[String; 3]> = LazyLock::new(|| {
    FILES.map(|(name, _, content)| {
        let sum: String = secrets::sha256(content)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("/static/{sum}/{name}")
    })
});

/// The path of a file, with its checksum.
pub fn path(name: &str) -> &'static str {
    let at = FILES.iter().position(|(known, ..)| *known == name);
    at.map_or("", |at| PATHS[at].as_str())
}

/// `GET /static/{checksum}/{name}`
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let at = PATHS.iter().position(|path| path == request.path()).ok_or(Failure::NotFound)?;
    let (_, content_type, content) = FILES[at];
    let etag = format!("\"{}\"", &PATHS[at][8..20]);
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, etag))
        // A refusal is shown under an application's origin, and styled from here.
        .insert_header((CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
        .body(content))
}
