use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::vendors::{self, Ours, VENDORS, Vendor};
use super::{Problems, base};
use crate::admin::{asked, context, domains};
use crate::clock::Timestamp;
use crate::connection::{AttributeNames, Connection, ConnectionStatus, OidcSettings, Protocol, SamlIdp, SamlSettings};
use crate::founding::{self, FoundingError};
use crate::gateway::{Gateway, OurNames, seal_client_secret};
use crate::ids::{ConnectionId, Slug};
use crate::organization::ParentOrganization;
use crate::organizations_file::check_issuer;
use crate::outbound::Purpose;
use crate::providers::{self, Trouble};
use crate::saml::{MAX_XML, read_idp_metadata};
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// A connection is made: first which identity provider, then what each side has to know of the other.
#[derive(Template)]
#[template(path = "admin/setup_connection.html")]
pub struct NewConnectionPage {
    /// What all pages share.
    pub frame: Frame,
    /// The parent organization's name.
    pub parent: String,
    /// The path of the checklist.
    pub base: String,
    /// What there is to choose; empty once chosen.
    pub vendors: Vec<VendorLine>,
    /// What was chosen.
    pub chosen: Option<VendorLine>,
    /// Where in its console.
    pub path: String,
    /// Our values under its labels.
    pub ours: Vec<(String, String)>,
    /// What else has to be set there.
    pub also: Vec<String>,
    /// Where it shows what we need.
    pub gives: String,
    /// The slug that our values are made with.
    pub slug: String,
    /// What was typed: label, metadata address, metadata, issuer, client id, end of the secret. The secret is never shown again.
    pub typed: Typed,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// An identity provider to choose.
pub struct VendorLine {
    /// The word in addresses.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// It speaks OpenID Connect; else SAML.
    pub oidc: bool,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// What people see.
    pub label: String,
    /// Where metadata is read.
    pub metadata_url: String,
    /// Metadata itself.
    pub metadata: String,
    /// The issuer.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// The day the secret ends.
    pub expires: String,
}

/// `?idp=&slug=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    idp: String,
    slug: String,
}

/// `GET /operator/parents/{parent}/connections?idp=&slug=`
pub async fn show(request: HttpRequest, slug: Path<String>, chosen: Query<Chosen>) -> Result<HttpResponse, Failure> {
    let parent = domains::parent(&request, &slug)?;
    let Some(vendor) = vendors::find(&chosen.idp) else { return choose(&request, &parent) };
    let texts = page::language(&request).texts();
    let mut problems = Problems::default();
    let slug = if chosen.slug.is_empty() { None } else { problems.slug(&chosen.slug, texts) };
    let slug = match slug {
        Some(slug) => slug,
        None => free_slug(session::gateway(&request), &parent, vendor)?,
    };
    let typed = Typed { label: vendor.label.to_owned(), ..Typed::default() };
    form(&request, &parent, vendor, &slug, typed, problems)
}

/// `POST /operator/parents/{parent}/connections`: looks at the other side, then adds a draft, which signs nobody in.
pub async fn add(request: HttpRequest, path: Path<String>, posted: Posted) -> Result<HttpResponse, Failure> {
    let parent = domains::parent(&request, &path)?;
    let gateway = session::gateway(&request);
    let texts = page::language(&request).texts();
    let Some(vendor) = vendors::find(posted.field("idp")) else { return choose(&request, &parent) };
    let mut problems = Problems::default();
    let Some(slug) = problems.slug(posted.field("slug"), texts) else {
        let slug = free_slug(gateway, &parent, vendor)?;
        return form(&request, &parent, vendor, &slug, typed(&posted), problems);
    };
    let typed = typed(&posted);
    let label = problems.name("label", &typed.label, texts);
    let protocol = if vendor.oidc {
        oidc(gateway, &slug, &typed, posted.field("client_secret"), texts).await
    } else {
        saml(gateway, &typed, texts).await
    };
    let (label, protocol) = match (label, protocol) {
        (Some(label), Ok(protocol)) => (label, protocol),
        (_, protocol) => {
            problems.0.extend(protocol.err().map(|problems| problems.0).unwrap_or_default());
            return form(&request, &parent, vendor, &slug, typed, problems);
        }
    };
    let new = Connection {
        id: ConnectionId(0),
        parent: parent.id,
        slug: slug.clone(),
        label,
        status: ConnectionStatus::Draft,
        tested: None,
        protocol,
        attributes: AttributeNames::default(),
        omits_empty_groups: false,
    };
    let (asked, catalog) = (asked(&request), gateway.config.catalog.clone());
    let write = gateway.db.try_write(move |tx| founding::connection(tx, &context(&asked, &catalog), &new));
    match write.await {
        Ok(()) => Ok(page::see_other(&format!("/operator/connections/{slug}"), &[])),
        Err(FoundingError::Db(error)) => Err(error.into()),
        Err(FoundingError::Taken(_)) => {
            form(&request, &parent, vendor, &slug, typed, Problems::one("slug", texts.t("setup-slug-taken")))
        }
        Err(FoundingError::Gone | FoundingError::ByHand(_)) => Err(Failure::NotFound),
    }
}

fn typed(posted: &Posted) -> Typed {
    let cut = |name: &str, most: usize| posted.field(name).chars().take(most).collect::<String>();
    Typed {
        label: cut("label", 300),
        metadata_url: cut("metadata_url", 2000),
        metadata: posted.field("metadata").to_owned(),
        issuer: cut("issuer", 2000),
        client_id: cut("client_id", 500),
        expires: cut("expires", 20),
    }
}

/// What the metadata says, read from its address or from what was pasted: one of both.
async fn saml(gateway: &Gateway, typed: &Typed, texts: Texts) -> Result<Protocol, Problems> {
    let read = |bytes: &[u8], field: &'static str| -> Result<SamlIdp, Problems> {
        read_idp_metadata(bytes, gateway.now()).map_err(|error| {
            let what = error.to_string();
            Problems::one(field, texts.with("setup-metadata-unusable", "what", &what))
        })
    };
    match (typed.metadata_url.as_str(), typed.metadata.as_str()) {
        ("", "") => Err(Problems::one("metadata_url", texts.t("setup-metadata-missing"))),
        ("", text) => Ok(Protocol::Saml(SamlSettings::new(read(text.as_bytes(), "metadata")?))),
        (address, "") => {
            let fetched = gateway.outbound.get(Purpose::SamlMetadata, address, MAX_XML).await;
            let bytes = fetched.map_err(|error| troubled("metadata_url", &Trouble::from(error), texts))?;
            let idp = read(&bytes, "metadata_url")?;
            Ok(Protocol::Saml(SamlSettings { metadata_url: Some(address.to_owned()), ..SamlSettings::new(idp) }))
        }
        (_, _) => Err(Problems::one("metadata_url", texts.t("setup-metadata-both"))),
    }
}

/// What the provider says of itself, read now.
async fn oidc(gateway: &Gateway, slug: &Slug, typed: &Typed, secret: &str, texts: Texts) -> Result<Protocol, Problems> {
    let mut problems = Problems::default();
    if check_issuer(&typed.issuer).is_err() {
        problems.add("issuer", texts.t("setup-issuer-invalid"));
    }
    if typed.client_id.is_empty() {
        problems.add("client_id", texts.t("setup-client-id-missing"));
    }
    if secret.is_empty() {
        problems.add("client_secret", texts.t("setup-client-secret-missing"));
    }
    let expires = if typed.expires.is_empty() { None } else { Timestamp::parse(&typed.expires) };
    if !typed.expires.is_empty() && expires.is_none_or(|expires| expires <= gateway.now()) {
        problems.add("expires", texts.t("setup-expires-invalid"));
    }
    if !problems.0.is_empty() {
        return Err(problems);
    }
    let read = providers::read(&gateway.outbound, &typed.issuer).await;
    read.map_err(|trouble| troubled("issuer", &trouble, texts))?;
    let mut settings = OidcSettings::new(&typed.issuer, &typed.client_id);
    settings.client_secret = Some(seal_client_secret(&gateway.sealer, slug, secret));
    settings.client_secret_expires = expires;
    Ok(Protocol::Oidc(settings))
}

fn troubled(field: &'static str, trouble: &Trouble, texts: Texts) -> Problems {
    let what = format!("{}. {}", trouble.what, trouble.next_step);
    Problems::one(field, texts.with("setup-unreachable", "what", &what))
}

/// A slug that nobody has: the parent's and the identity provider's, with a number if need be.
fn free_slug(gateway: &Gateway, parent: &ParentOrganization, vendor: &Vendor) -> Result<Slug, Failure> {
    let begin: String = parent.slug.as_str().chars().take(40).collect();
    for number in 1..100 {
        let tail = if number == 1 { String::new() } else { format!("-{number}") };
        let Ok(slug) = Slug::parse(&format!("{begin}-{}{tail}", vendor.key)) else { break };
        if gateway.db.read_one(|tx| store::connections::by_slug(tx, &slug))?.is_none() {
            return Ok(slug);
        }
    }
    Err(Failure::Internal("no slug is free".to_owned()))
}

fn line(vendor: &Vendor) -> VendorLine {
    VendorLine { key: vendor.key.to_owned(), label: vendor.label.to_owned(), oidc: vendor.oidc }
}

fn choose(request: &HttpRequest, parent: &ParentOrganization) -> Result<HttpResponse, Failure> {
    let page = NewConnectionPage {
        frame: Frame::of(request),
        parent: parent.name.clone(),
        base: base(parent),
        vendors: VENDORS.iter().map(line).collect(),
        chosen: None,
        path: String::new(),
        ours: Vec::new(),
        also: Vec::new(),
        gives: String::new(),
        slug: String::new(),
        typed: Typed::default(),
        problems: Problems::default(),
    };
    page::html(StatusCode::OK, &page, &[])
}

fn form(
    request: &HttpRequest,
    parent: &ParentOrganization,
    vendor: &Vendor,
    slug: &Slug,
    typed: Typed,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let base_url = session::gateway(request).config.server.base();
    let status = if problems.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NewConnectionPage {
        frame: Frame::of(request),
        parent: parent.name.clone(),
        base: base(parent),
        vendors: Vec::new(),
        chosen: Some(line(vendor)),
        path: vendor.path.to_owned(),
        ours: vendor.ours.iter().map(|(label, ours)| ((*label).to_owned(), value(*ours, base_url, slug))).collect(),
        also: vendor.also.iter().map(|text| (*text).to_owned()).collect(),
        gives: vendor.gives.to_owned(),
        slug: slug.to_string(),
        typed,
        problems,
    };
    page::html(status, &page, &[])
}

fn value(ours: Ours, base: &str, slug: &Slug) -> String {
    let names = OurNames::new(base, slug.as_str());
    let us = names.service_provider();
    match ours {
        Ours::AcsUrl => us.acs_url.to_owned(),
        Ours::AcsPattern => format!("^{}$", us.acs_url.replace('/', "\\/").replace('.', "\\.")),
        Ours::EntityId => us.entity_id.to_owned(),
        Ours::RedirectUri => format!("{base}/oidc/{slug}/callback"),
        Ours::BackchannelUri => format!("{base}/oidc/{slug}/backchannel-logout"),
        Ours::PostLogoutUri => format!("{base}/signed-out"),
        Ours::InitiateUri => format!("{base}/sign-in/{slug}"),
    }
}
