//! The demo's organizations as a file for `apply`: the same format and the same code as any installation's.

use super::keys::Shared;
use super::sites::{APPLICATIONS, Sites};

const TEXT: &str = include_str!("organizations.toml");

/// The organizations file of a demo at these addresses, whose identity provider describes itself so. In a folder that is there
/// already (`again`), which connections are switched on is what people made of it.
pub fn organizations(sites: &Sites, metadata: &str, shared: &Shared, again: bool) -> String {
    let lines = TEXT.lines().filter(|line| !again || *line != "active = true");
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut text = text
        .replace("@metadata@", metadata)
        .replace("@issuer@", sites.issuer())
        .replace("@client-secret@", &shared.client_secret)
        .replace("@scim-token@", &shared.scim_token);
    for (application, (_, origin)) in APPLICATIONS.iter().zip(&sites.applications) {
        text = text.replace(&format!("@{}@", application.slug), origin);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::cast::GROUPS;
    use crate::demo::people::People;
    use crate::product::Catalog;

    fn file(again: bool) -> toml::Table {
        let metadata = "<md:EntityDescriptor entityID=\"it's\"/>";
        organizations(&Sites::at(8080), metadata, &Shared::draw(), again).parse().expect("TOML")
    }

    fn tables<'a>(within: &'a toml::Table, name: &str) -> Vec<&'a toml::Table> {
        let list = within.get(name).and_then(toml::Value::as_array);
        list.map(|list| list.iter().filter_map(toml::Value::as_table).collect()).unwrap_or_default()
    }

    fn text<'a>(table: &'a toml::Table, name: &str) -> &'a str {
        table.get(name).and_then(toml::Value::as_str).unwrap_or_default()
    }

    #[test]
    fn the_file_and_the_addresses_tell_one_story() {
        let (file, sites) = (file(false), Sites::at(8080));
        let parents = tables(&file, "parent");
        let mut seen = 0;
        for parent in &parents {
            for connection in tables(parent, "connection") {
                seen += 1;
                let (slug, domain) = (text(connection, "slug"), text(tables(parent, "domain")[0], "name"));
                if let Some(provider) = sites.connection(slug) {
                    let allowed = connection.get("idp_initiated").and_then(toml::Value::as_bool).unwrap_or(false);
                    assert_eq!((allowed, domain), (provider.idp_initiated, provider.domain), "{slug}");
                } else {
                    let client = sites.client(text(connection, "client_id")).expect("a client");
                    assert_eq!((slug, domain), (client.slug, client.domain));
                    assert_eq!(text(connection, "issuer"), sites.issuer());
                }
            }
        }
        assert_eq!(seen, sites.service_providers.len() + sites.clients.len());
        let organizations: Vec<_> = parents.iter().flat_map(|parent| tables(parent, "organization")).collect();
        let applications: BTreeSet<(&str, &str, &str)> = organizations
            .iter()
            .flat_map(|organization| {
                tables(organization, "application").into_iter().map(|application| {
                    (text(organization, "slug"), text(application, "slug"), text(application, "url"))
                })
            })
            .collect();
        let expected: BTreeSet<(&str, &str, &str)> = APPLICATIONS
            .iter()
            .zip(&sites.applications)
            .map(|(application, (_, origin))| (application.organization, application.slug, origin.as_str()))
            .collect();
        assert_eq!(applications, expected);
    }

    #[test]
    fn a_second_start_leaves_connections_as_people_switched_them() {
        let states = |again: bool| -> Vec<Option<bool>> {
            let file = file(again);
            let parents = tables(&file, "parent");
            let connections = parents.iter().flat_map(|parent| tables(parent, "connection"));
            connections.map(|connection| connection.get("active").and_then(toml::Value::as_bool)).collect()
        };
        assert_eq!(states(false), [Some(true), None, Some(true), Some(true)], "the one to switch to is a draft");
        assert_eq!(states(true), [None; 4]);
    }

    #[test]
    fn every_product_is_there_and_every_group_of_the_story_is_mapped() {
        let file = file(false);
        let parents = tables(&file, "parent");
        let organizations: Vec<_> = parents.iter().flat_map(|parent| tables(parent, "organization")).collect();
        let products: BTreeSet<_> = organizations.iter().map(|organization| text(organization, "product")).collect();
        let catalog = Catalog::built_in();
        let built_in: BTreeSet<_> = catalog.products().iter().map(|product| product.key().as_str()).collect();
        assert_eq!(products, built_in);
        let mut mapped = BTreeSet::new();
        for organization in organizations {
            for kind in ["role_mappings", "seat_mappings"] {
                let rows = organization.get(kind).and_then(toml::Value::as_table).cloned().unwrap_or_default();
                for groups in rows.values().filter_map(toml::Value::as_array) {
                    mapped.extend(groups.iter().filter_map(toml::Value::as_str).map(str::to_owned));
                }
            }
        }
        let story: BTreeSet<_> = GROUPS.iter().map(|(_, group, _)| (*group).to_owned()).collect();
        assert_eq!(mapped, story);
        let nobody = People::default();
        let in_none = nobody.find("demo-nogroup-at-acme.test").expect("Noah");
        assert!(in_none.groups.is_empty());
    }
}
