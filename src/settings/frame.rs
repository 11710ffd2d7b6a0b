use actix_web::HttpRequest;
use askama::Template;

use crate::db::DbError;
use crate::product::Permission;
use crate::session::{self, Admin, Who};
use crate::web::flash::Flash;
use crate::web::language::Texts;
use crate::web::page::Frame;
pub use crate::web::when::When;

/// What the settings pages of an organization share, beside the frame of all pages.
pub struct Nav {
    /// The organization's name.
    pub organization: String,
    /// Its slug.
    pub slug: String,
    /// Other organizations that this admin can go to: slug and name.
    pub others: Vec<(String, String)>,
    /// The pages that this admin's role may use.
    pub sections: Vec<Section>,
    /// What the form before has done.
    pub flash: Option<String>,
    /// An operator is here, until then.
    pub operator_until: Option<When>,
}

/// The navigation alone, for pages that another room makes.
#[derive(Template)]
#[template(path = "settings/aside.html")]
pub struct Aside<'a> {
    /// What all pages share.
    pub frame: &'a Frame,
    /// What the settings pages share.
    pub nav: &'a Nav,
}

/// A page in the navigation.
pub struct Section {
    /// Where it is.
    pub href: String,
    /// The text key of its name.
    pub key: &'static str,
    /// This is the page, or above it.
    pub current: bool,
}

/// Text key, path below the organization, what a role needs to see it; the order is that of the navigation.
const SECTIONS: [(&str, &str, Option<Permission>); 13] = [
    ("nav-overview", "", None),
    ("nav-identity", "/identity", Some(Permission::Identity)),
    ("nav-domains", "/domains", Some(Permission::Identity)),
    ("nav-connections", "/connections", Some(Permission::Identity)),
    ("nav-members", "/members", Some(Permission::Members)),
    ("nav-billing", "/billing", Some(Permission::Billing)),
    ("nav-directory", "/directory", Some(Permission::Identity)),
    ("nav-runs", "/runs", Some(Permission::Identity)),
    ("nav-applications", "/applications", Some(Permission::Identity)),
    ("nav-events", "/events", Some(Permission::Members)),
    ("nav-explain", "/explain", Some(Permission::Members)),
    ("nav-certificates", "/certificates", Some(Permission::Identity)),
    ("nav-parent", "/parent", Some(Permission::Identity)),
];

impl Nav {
    /// For a page of the section with this text key. Takes the message that waits for this browser.
    pub fn of(request: &HttpRequest, admin: &Admin, section: &str) -> Result<Self, DbError> {
        let operator = match &admin.who {
            Who::Operator(operator) => Some(*operator),
            Who::Person(_) => None,
        };
        let all = session::administered(request, admin.visitor(), operator.is_some())?;
        let slug = admin.organization.slug.as_str();
        let others = all.into_iter().filter(|other| other.id != admin.organization.id);
        let open = SECTIONS.into_iter().filter(|(_, _, needs)| needs.is_none_or(|needs| admin.may(needs)));
        let texts = crate::web::page::language(request).texts();
        Ok(Self {
            organization: admin.organization.name.clone(),
            slug: slug.to_owned(),
            others: others.map(|other| (other.slug.to_string(), other.name)).collect(),
            sections: open
                .map(|(key, path, _)| Section { href: format!("/admin/{slug}{path}"), key, current: key == section })
                .collect(),
            flash: Flash::take(request).map(|flash| flash.text(texts)),
            operator_until: operator.map(|operator| When(operator.until)),
        })
    }

    /// For trying templates out.
    pub fn sample(section: &str, name: &str, texts: Texts) -> Self {
        Self {
            organization: name.to_owned(),
            slug: "acme-work".to_owned(),
            others: vec![("acme-console".to_owned(), name.to_owned())],
            sections: SECTIONS
                .map(|(key, path, _)| Section { href: format!("/admin/acme-work{path}"), key, current: key == section })
                .into(),
            flash: Some(Flash::new("sign-in-for", &[("application", name)]).text(texts)),
            operator_until: None,
        }
    }
}
