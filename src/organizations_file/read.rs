use std::collections::BTreeSet;

use super::connection::{connection, secret};
use super::organization::organization;
use super::{Declared, DeclaredDomain, DeclaredParent, DeclaredScimToken};
use crate::identity::DomainName;
use crate::ids::Slug;
use crate::product::{Catalog, ParentPlan};
use crate::toml_file::{self, Mistake, Section};

/// Reads a file and tells everything that is wrong with it at once.
pub fn read(text: &str, catalog: &Catalog) -> Result<Declared, Vec<Mistake>> {
    let (mut file, mistakes) = toml_file::read(text)?;
    let mut names = Names::default();
    let sections = file.sections("parent");
    let declared =
        Declared { parents: sections.into_iter().filter_map(|section| parent(section, catalog, &mut names)).collect() };
    file.end();
    let mistakes = mistakes.into_vec();
    if mistakes.is_empty() { Ok(declared) } else { Err(mistakes) }
}

/// What is unique in the whole installation, as far as seen in this file.
#[derive(Default)]
pub(super) struct Names {
    parents: BTreeSet<String>,
    domains: BTreeSet<String>,
    pub(super) connections: BTreeSet<String>,
    pub(super) organizations: BTreeSet<String>,
    pub(super) origins: BTreeSet<String>,
}

/// Reads a slug that must not have been used before.
pub(super) fn unique_slug(section: &mut Section, seen: &mut BTreeSet<String>, what: &str) -> Option<Slug> {
    let slug = section.required("slug", Slug::parse)?;
    if seen.insert(slug.to_string()) {
        return Some(slug);
    }
    section.wrong("slug", format!("there is another {what} with the slug \"{slug}\" above; give each its own"));
    None
}

/// A text that is there and says something.
pub(super) fn some_text(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("must not be empty") } else { Ok(text.to_owned()) }
}

/// One of a few words.
pub(super) fn word<T: Copy, const N: usize>(words: [(&'static str, T); N]) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
            let list: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            format!("{text:?} is none of {}", list.join(", "))
        })
    }
}

fn parent(mut section: Section, catalog: &Catalog, names: &mut Names) -> Option<DeclaredParent> {
    let slug = unique_slug(&mut section, &mut names.parents, "parent");
    let name = section.required("name", some_text);
    let plan = section.required("plan", word(ParentPlan::ALL.map(|plan| (plan.as_str(), plan))));
    let restrict_creation = section.flag("restrict_organization_creation");
    let domains =
        section.sections("domain").into_iter().filter_map(|section| domain(section, &mut names.domains)).collect();
    let connections = section.sections("connection");
    let connections = connections.into_iter().filter_map(|section| connection(section, names)).collect();
    let mut token_names = BTreeSet::new();
    let scim_tokens = section
        .sections("scim_token")
        .into_iter()
        .filter_map(|section| scim_token(section, &mut token_names))
        .collect();
    let organizations = section
        .sections("organization")
        .into_iter()
        .filter_map(|section| organization(section, catalog, plan, names))
        .collect();
    section.end();
    Some(DeclaredParent {
        slug: slug?,
        name: name?,
        plan: plan?,
        restrict_creation,
        domains,
        connections,
        scim_tokens,
        organizations,
    })
}

fn domain(mut section: Section, seen: &mut BTreeSet<String>) -> Option<DeclaredDomain> {
    let name = section.required("name", DomainName::parse);
    let vouched = section.flag("vouched").unwrap_or(false);
    if let Some(name) = &name {
        if name.is_public_mail() {
            let what = format!("{name} is a public mail provider: an address there says nothing about an organization");
            section.wrong("name", what);
        }
        if !seen.insert(name.to_string()) {
            section.wrong("name", format!("{name} stands in this file twice; one domain belongs to one parent"));
        }
    }
    section.end();
    Some(DeclaredDomain { name: name?, vouched })
}

fn scim_token(mut section: Section, seen: &mut BTreeSet<String>) -> Option<DeclaredScimToken> {
    let name = section.required("name", some_text);
    if let Some(name) = name.as_ref().filter(|name| !seen.insert((*name).clone())) {
        section.wrong("name", format!("there is another scim_token with the name {name:?} above"));
    }
    let given = ["token", "token_file", "token_env"].iter().any(|key| section.has(key));
    let token = if given { Some(secret(&mut section, "token", "token_file", "token_env")?) } else { None };
    section.end();
    Some(DeclaredScimToken { name: name?, token })
}
