//! Pages: the frame that all share, and how one becomes an answer.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, ContentType, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use askama::Template;
use ipnet::IpNet;

use super::cookies::{self, CookieRules};
use super::failure::Failure;
use super::headers;
use super::language::{Language, Texts};
use super::static_files;
use crate::secrets::{self, Token};

/// What pages need to know of this installation.
#[derive(Clone, Debug)]
pub struct Site {
    /// The public URL without a trailing slash.
    pub base: String,
    /// Names and scope of cookies.
    pub cookies: CookieRules,
    /// Proves that a form came from a page of ours.
    pub csrf_key: [u8; 32],
    /// The language where nobody says.
    pub language: Language,
    /// Peers whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Site {
    /// The site a request was made to.
    pub fn of(request: &HttpRequest) -> &Site {
        request.app_data::<Data<Site>>().expect("server puts it there for every request")
    }
}

/// Put into the extensions of a request by whoever mounts routes that a reverse proxy asks: it hands a refusal on to the browser, which
/// then shows our page under the application's origin.
#[derive(Clone, Copy)]
pub struct ForProxies;

/// What every page shares.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What stands before every path of ours: nothing, or on a page that is shown under another origin, the public URL.
    pub base: String,
    /// The words.
    pub texts: Texts,
    /// The hidden field of every form.
    pub csrf: String,
    /// Path and query of this page, where a change of language comes back to.
    pub here: String,
    /// Who is signed in.
    pub signed_in: Option<String>,
    /// The stylesheet's path.
    pub css: &'static str,
    /// The script's path.
    pub js: &'static str,
    /// The icon's path.
    pub icon: &'static str,
}

impl Frame {
    /// The frame for a request.
    pub fn of(request: &HttpRequest) -> Self {
        let site = Site::of(request);
        let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
        let elsewhere = request.extensions().contains::<ForProxies>();
        Self {
            base: if elsewhere { site.base.clone() } else { String::new() },
            texts: language(request).texts(),
            // There are no forms elsewhere, and no cookie of ours for another host.
            csrf: if elsewhere { String::new() } else { csrf_token(site, &browser(request)) },
            here: if comes_again(request) { here.to_owned() } else { "/".to_owned() },
            signed_in: request.extensions().get::<SignedInAs>().map(|person| person.0.clone()),
            css: static_files::path("usher.css"),
            js: static_files::path("usher.js"),
            icon: static_files::path("icon.svg"),
        }
    }

    /// A frame for trying templates out.
    pub fn sample(language: Language) -> Self {
        Self {
            base: String::new(),
            texts: language.texts(),
            csrf: "csrf-token".to_owned(),
            here: "/here?a=1&b=2".to_owned(),
            signed_in: None,
            css: static_files::path("usher.css"),
            js: static_files::path("usher.js"),
            icon: static_files::path("icon.svg"),
        }
    }

    /// Every language with its own name and whether it is this one's, for the switch.
    pub fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let now = self.texts.language();
        Language::ALL.map(|language| (language.tag(), language.own_name(), language == now)).to_vec()
    }
}

/// Put into a request's extensions where asking for the same address once more would lead nowhere: its parameters count once.
#[derive(Clone, Copy, Debug)]
pub struct CountsOnce;

fn comes_again(request: &HttpRequest) -> bool {
    request.method() == actix_web::http::Method::GET && request.extensions().get::<CountsOnce>().is_none()
}

/// Put into a request's extensions by whoever knows who is asking; shown in the frame.
#[derive(Clone, Debug)]
pub struct SignedInAs(pub String);

/// `?lang`, then the cookie, then the browser's wish, then the installation's default.
pub fn language(request: &HttpRequest) -> Language {
    let site = Site::of(request);
    let asked = || {
        let pair = request.query_string().split('&').find_map(|pair| pair.strip_prefix("lang="))?;
        Language::parse(pair)
    };
    let chosen = || cookies::read(request, site.cookies.language_name()).and_then(|tag| Language::parse(&tag));
    let wished = || Language::accepted(request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?);
    asked().or_else(chosen).or_else(wished).unwrap_or(site.language)
}

/// A browser without a cookie of ours got this token; the answer sets it.
#[derive(Clone, Debug)]
pub struct NewBrowser(pub Token);

/// The token that recognises this browser; made if there is none yet.
pub fn browser(request: &HttpRequest) -> Token {
    if let Some(known) = known_browser(request) {
        return known;
    }
    if let Some(NewBrowser(made)) = request.extensions().get::<NewBrowser>() {
        return made.clone();
    }
    let token = Token::new();
    request.extensions_mut().insert(NewBrowser(token.clone()));
    token
}

/// The token of a browser that we have met.
pub fn known_browser(request: &HttpRequest) -> Option<Token> {
    cookies::read(request, Site::of(request).cookies.browser_name()).and_then(|text| Token::parse(&text))
}

/// The hidden field that proves a form came from a page we gave to this browser.
pub fn csrf_token(site: &Site, browser: &Token) -> String {
    secrets::mac(&site.csrf_key, browser.text().as_bytes())
}

/// A page as an answer. `forms_to`: origins beyond ours that its forms may lead to.
pub fn html(status: StatusCode, page: &impl Template, forms_to: &[String]) -> Result<HttpResponse, Failure> {
    let body = page.render().map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(HttpResponse::build(status)
        .content_type(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, headers::content_security_policy(forms_to)))
        .body(body))
}

/// After a form: to another page, by GET.
pub fn see_other(location: &str, cookies: &[Cookie<'static>]) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, location));
    for cookie in cookies {
        response.cookie(cookie.clone());
    }
    response.finish()
}
