use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::frame::{Nav, When};
use crate::calendar::{self, Ending, Kind, Nearness};
use crate::session::{self, Admin};
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// What ends one day, of the parent organization's: certificates, secrets, tokens; and our certificate, which its identity providers
/// were given.
#[derive(Template)]
#[template(path = "settings/certificates.html")]
pub struct CertificatesPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What ends first, first.
    pub lines: Vec<EndLine>,
}

/// One thing that ends.
pub struct EndLine {
    /// The text key of what it is.
    pub kind: &'static str,
    /// Which.
    pub name: String,
    /// When.
    pub ends: When,
    /// The text key of how near that is.
    pub state: &'static str,
    /// Somebody has to do something about it.
    pub presses: bool,
    /// The text key of what to do.
    pub todo: &'static str,
    /// Where, and the text key of that link.
    pub link: Option<(String, &'static str)>,
}

impl EndLine {
    fn of(slug: &str, ending: Ending) -> Self {
        let identity = || Some((format!("/admin/{slug}/identity"), "nav-identity"));
        let (kind, todo, link) = match ending.kind {
            Kind::IdpCertificate => ("ends-idp-certificate", "todo-idp-certificate", identity()),
            Kind::IdpMetadata => ("ends-idp-metadata", "todo-idp-metadata", identity()),
            Kind::OwnCertificate => ("ends-own-certificate", "todo-own-certificate", None),
            Kind::ClientSecret => ("ends-client-secret", "todo-client-secret", identity()),
            Kind::ScimToken => {
                ("ends-scim-token", "todo-scim-token", Some((format!("/admin/{slug}/directory"), "nav-directory")))
            }
            Kind::TlsCertificate => ("ends-tls-certificate", "todo-own-certificate", None),
        };
        let state = match ending.nearness {
            _ if ending.replaced => "ends-replaced",
            Nearness::Over => "ends-over",
            Nearness::Days7 => "ends-7-days",
            Nearness::Days30 => "ends-30-days",
            Nearness::Days90 => "ends-90-days",
            Nearness::Far => "ends-far",
        };
        let presses = ending.is_pressing();
        Self { kind, name: ending.name, ends: When(ending.ends), state, presses, todo, link }
    }
}

/// `GET /admin/{organization}/certificates`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let endings = gateway.db.read(|tx| calendar::of_parent(tx, admin.organization.parent, gateway.now()))?;
    let slug = admin.organization.slug.as_str();
    let page = CertificatesPage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-certificates")?,
        lines: endings.into_iter().map(|ending| EndLine::of(slug, ending)).collect(),
    };
    page::html(StatusCode::OK, &page, &[])
}
