//! The demo's organizations as a file for `apply`: the same format and the same code as any installation's.

use super::sites::{APPLICATIONS, Sites};

const TEXT: &str = include_str!("organizations.toml");

/// The organizations file of a demo at these addresses, whose identity provider describes itself so.
pub fn organizations(sites: &Sites, metadata: &str) -> String {
    let mut text = TEXT.replace("@metadata@", metadata);
    for (application, (_, origin)) in APPLICATIONS.iter().zip(&sites.applications) {
        text = text.replace(&format!("@{}@", application.slug), origin);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::people::{GROUPS, People};
    use crate::product::Catalog;

    fn file() -> toml::Table {
        organizations(&Sites::at(8080), "<md:EntityDescriptor entityID=\"it's\"/>").parse().expect("TOML")
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
        let (file, sites) = (file(), Sites::at(8080));
        let parents = tables(&file, "parent");
        let connections: Vec<_> = parents.iter().flat_map(|parent| tables(parent, "connection")).collect();
        assert_eq!(connections.len(), sites.service_providers.len());
        for (parent, provider) in parents.iter().zip(&sites.service_providers) {
            let connection = tables(parent, "connection")[0];
            assert_eq!(text(connection, "slug"), provider.slug);
            let allowed = connection.get("idp_initiated").and_then(toml::Value::as_bool).unwrap_or(false);
            assert_eq!(allowed, provider.idp_initiated, "{}", provider.slug);
            assert_eq!(text(tables(parent, "domain")[0], "name"), provider.domain);
        }
        let organizations: Vec<_> = parents.iter().flat_map(|parent| tables(parent, "organization")).collect();
        let applications: Vec<(&str, &str, &str)> = organizations
            .iter()
            .flat_map(|organization| {
                tables(organization, "application").into_iter().map(|application| {
                    (text(organization, "slug"), text(application, "slug"), text(application, "url"))
                })
            })
            .collect();
        let expected: Vec<(&str, &str, &str)> = APPLICATIONS
            .iter()
            .zip(&sites.applications)
            .map(|(application, (_, origin))| (application.organization, application.slug, origin.as_str()))
            .collect();
        assert_eq!(applications, expected);
    }

    #[test]
    fn every_product_is_there_once_and_every_group_of_the_story_is_mapped() {
        let file = file();
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
        let story: BTreeSet<_> = GROUPS.iter().map(|(group, _)| (*group).to_owned()).collect();
        assert_eq!(mapped, story);
        let nobody = People::default();
        let in_none = nobody.find("demo-nogroup-at-acme.test").expect("Noah");
        assert!(in_none.groups.is_empty());
    }
}
