//! Forms: read with limits, and only from pages of ours.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, ORIGIN};
use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpRequest};
use futures_core::Stream as _;
use url::Url;

use super::client;
use super::failure::Failure;
use super::multipart;
use super::page::{self, Site};
use crate::secrets;

/// The largest form of a page of ours, in bytes.
pub const LIMIT: usize = 64 * 1024;

/// How long a form may take to arrive whole; somebody who sends a byte now and then holds a connection no longer than this.
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// A posted form of a page of ours: each field once, and the page proven to be ours.
#[derive(Debug)]
pub struct Posted(BTreeMap<String, String>);

impl Posted {
    /// A field's value, white space around it taken off; empty if it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }
}

impl FromRequest for Posted {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read(request, payload, LIMIT);
        let request = request.clone();
        Box::pin(async move {
            let fields = body.await?;
            check_proof(&request, fields.get("csrf").map(String::as_str))?;
            Ok(Self(fields))
        })
    }
}

/// A posted form of a page of ours that may carry files: each field and each file once, and the page proven to be ours.
#[derive(Debug)]
pub struct Uploaded {
    fields: Posted,
    files: BTreeMap<String, Vec<u8>>,
}

/// The largest form with files, in bytes: the largest metadata that is read, twice (a file, and what was pasted), and the fields.
pub const UPLOAD_LIMIT: usize = 1024 * 1024 + LIMIT;

impl Uploaded {
    /// The fields.
    pub fn fields(&self) -> &Posted {
        &self.fields
    }

    /// A field's value, white space around it taken off; empty if it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.field(name)
    }

    /// A file's bytes, if one was chosen.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice).filter(|bytes| !bytes.is_empty())
    }
}

impl FromRequest for Uploaded {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = content_type(request);
        let Some(boundary) = multipart::boundary(content_type).map(str::to_owned) else {
            let fields = Posted::from_request(request, payload);
            return Box::pin(async move { Ok(Self { fields: fields.await?, files: BTreeMap::new() }) });
        };
        let announced = announced(request);
        let (mut payload, request) = (payload.take(), request.clone());
        Box::pin(async move {
            if announced.is_some_and(|length| length > UPLOAD_LIMIT) {
                return Err(Failure::TooLarge);
            }
            let body = whole(&mut payload, UPLOAD_LIMIT, ARRIVES_WITHIN).await?;
            let (mut fields, mut files) = (BTreeMap::new(), BTreeMap::new());
            let parts = multipart::parts(&body, &boundary).ok_or(Failure::BadRequest("a form is expected"))?;
            for part in parts {
                let known = if part.is_file {
                    files.insert(part.name, part.content.to_vec()).is_some()
                } else {
                    let text = String::from_utf8(part.content.to_vec());
                    let text = text.map_err(|_| Failure::BadRequest("a field is not text"))?;
                    fields.insert(part.name, text).is_some()
                };
                if known {
                    return Err(Failure::BadRequest("a field came twice"));
                }
            }
            check_proof(&request, fields.get("csrf").map(String::as_str))?;
            Ok(Self { fields: Posted(fields), files })
        })
    }
}

fn content_type(request: &HttpRequest) -> &str {
    request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// How long the body says it is.
fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
}

/// Reads an urlencoded form of at most `limit` bytes. A field that comes twice is refused: two readers could pick two values.
pub fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<BTreeMap<String, String>, Failure>> + use<> {
    let content_type = content_type(request);
    let is_form = content_type
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let announced = announced(request);
    let mut payload = payload.take();
    // A button without fields may come with neither type nor body.
    let may_be_empty = content_type.is_empty();
    async move {
        if !is_form && !may_be_empty {
            return Err(Failure::BadRequest("a form is expected"));
        }
        if announced.is_some_and(|length| length > limit) {
            return Err(Failure::TooLarge);
        }
        let body = whole(&mut payload, limit, ARRIVES_WITHIN).await?;
        if !is_form && !body.is_empty() {
            return Err(Failure::BadRequest("a form is expected"));
        }
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(&body) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Failure::BadRequest("a field came twice"));
            }
        }
        Ok(fields)
    }
}

/// The whole body, of at most `limit` bytes.
async fn whole(payload: &mut Payload, limit: usize, within: Duration) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = async {
        while let Some(chunk) = poll_fn(|context| Pin::new(&mut *payload).poll_next(context)).await {
            let chunk = chunk.map_err(|_| Failure::BadRequest("the form did not arrive whole"))?;
            if body.len() + chunk.len() > limit {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(())
    };
    timeout(within, read).await.unwrap_or(Err(Failure::BadRequest("the form did not arrive in time")))?;
    Ok(body)
}

/// Whether a POST comes from a page of ours. What a browser says about its origin must fit; where it says nothing, or sends a token
/// at all, the token must be the one given to this browser. A request without any cookie of ours carries nobody's authority.
pub fn check_origin(request: &HttpRequest) -> Result<(), Failure> {
    let site = Site::of(request);
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if request.headers().get_all(ORIGIN).count() > 1 || request.headers().get_all("sec-fetch-site").count() > 1 {
        return Err(Failure::ForeignForm);
    }
    if let Some(fetch_site) = header("sec-fetch-site")
        && fetch_site != "same-origin"
    {
        return Err(Failure::ForeignForm);
    }
    // "null" is nobody's: no page of ours asks its browser to keep quiet about where a form is from.
    if let Some(origin) = header("origin") {
        let own = Url::parse(&site.base).ok().and_then(|base| client::origin(&base));
        let theirs = Url::parse(origin).ok().and_then(|origin| client::origin(&origin));
        if own.is_none() || own != theirs {
            return Err(Failure::ForeignForm);
        }
    }
    Ok(())
}

fn check_proof(request: &HttpRequest, token: Option<&str>) -> Result<(), Failure> {
    let site = Site::of(request);
    let vouched = request.headers().contains_key("sec-fetch-site") || request.headers().contains_key(ORIGIN);
    let has_cookie = request.headers().contains_key("cookie");
    match (token.filter(|token| !token.is_empty()), page::known_browser(request)) {
        (Some(token), Some(browser)) => {
            let expected = page::csrf_token(site, &browser);
            if secrets::equal(token.as_bytes(), expected.as_bytes()) { Ok(()) } else { Err(Failure::ForeignForm) }
        }
        (Some(_), None) => Err(Failure::ForeignForm),
        (None, _) if vouched || !has_cookie => Ok(()),
        (None, _) => Err(Failure::ForeignForm),
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll};

    use actix_web::error::PayloadError;
    use actix_web::web::Bytes;

    use super::*;

    /// A few bytes, and then nothing more.
    struct Stalled(Option<Bytes>);

    impl futures_core::Stream for Stalled {
        type Item = Result<Bytes, PayloadError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(bytes))))
        }
    }

    #[actix_web::test]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let stalled = Stalled(Some(Bytes::from_static(b"email=")));
        let stalled: Pin<Box<dyn futures_core::Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stalled);
        let mut payload = Payload::Stream { payload: stalled };
        let late = whole(&mut payload, 64, Duration::from_millis(20)).await;
        assert_eq!(late, Err(Failure::BadRequest("the form did not arrive in time")));
    }
}
