use std::collections::BTreeSet;

use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{DbError, Tx};
use crate::ids::ParentId;
use crate::organization::DomainState;
use crate::organization::{Application, Member, Organization, ParentOrganization, Pin, ProvisioningMode, Source};
use crate::organizations_file::{
    Declared, DeclaredApplication, DeclaredConnection, DeclaredDomain, DeclaredMember, DeclaredOidc,
    DeclaredOrganization, DeclaredParent, DeclaredProtocol, DeclaredSaml, DeclaredScimToken, DeclaredSeat,
    MetadataSource, ModeWord, SecretSource,
};
use crate::product::Catalog;
use crate::saml::write_idp_metadata;
use crate::store;

/// The present state of these parent organizations as a file that changes nothing when it is applied. Members whom mappings or
/// sign-ins made are not in it, nor is any secret.
pub fn export(tx: &mut dyn Tx, parents: &[ParentOrganization], catalog: &Catalog) -> Result<Declared, DbError> {
    let mut declared = Declared::default();
    for parent in parents {
        let mut organizations = Vec::new();
        for organization in store::organizations::of_parent(tx, parent.id)? {
            organizations.push(of_organization(tx, &organization, catalog)?);
        }
        let domains = store::domains::of_parent(tx, parent.id)?.into_iter().map(|domain| {
            let vouched = matches!(domain.state, DomainState::Verified { vouched: true, .. });
            DeclaredDomain { name: domain.name, vouched }
        });
        declared.parents.push(DeclaredParent {
            slug: parent.slug.clone(),
            name: parent.name.clone(),
            plan: parent.plan,
            restrict_creation: Some(parent.restrict_creation),
            domains: domains.collect(),
            connections: store::connections::of_parent(tx, parent.id)?.iter().map(of_connection).collect(),
            scim_tokens: scim_tokens(tx, parent.id)?,
            organizations,
        });
    }
    Ok(declared)
}

/// By name only: a token is kept as its hash, and whoever applies the file keeps the ones of that name.
fn scim_tokens(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<DeclaredScimToken>, DbError> {
    let names: BTreeSet<String> =
        store::scim_tokens::of_parent(tx, parent)?.into_iter().map(|token| token.name).collect();
    Ok(names.into_iter().map(|name| DeclaredScimToken { name, token: None }).collect())
}

fn of_connection(connection: &Connection) -> DeclaredConnection {
    let protocol = match &connection.protocol {
        Protocol::Saml(saml) => DeclaredProtocol::Saml(DeclaredSaml {
            metadata: match &saml.metadata_url {
                Some(address) => MetadataSource::Url(address.clone()),
                None => MetadataSource::Inline(write_idp_metadata(&saml.idp)),
            },
            new_certificates: saml.metadata_url.is_some().then_some(saml.new_certificates),
            idp_initiated: Some(saml.idp_initiated),
            sign_requests: Some(saml.sign_requests),
            force_authn: Some(saml.force_authn),
            offer_encryption: Some(saml.offer_encryption),
            authn_context: saml.authn_context.clone(),
            name_id_format: saml.name_id_format.clone(),
            clock_skew: Some(saml.clock_skew),
        }),
        Protocol::Oidc(oidc) => DeclaredProtocol::Oidc(DeclaredOidc {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            client_auth: Some(oidc.client_auth),
            // Written as a remark: who applies the file keeps the secret that is known.
            client_secret: oidc.client_secret.as_ref().map(|_| SecretSource::Inline(String::new())),
            client_secret_expires: oidc.client_secret_expires,
            scopes: Some(oidc.scopes.clone()),
            force_authn: Some(oidc.force_authn),
            acr: oidc.acr.clone(),
            groups_endpoint: oidc.groups_endpoint.clone(),
            clock_skew: Some(oidc.clock_skew),
        }),
    };
    DeclaredConnection {
        slug: connection.slug.clone(),
        label: connection.label.clone(),
        protocol,
        active: Some(connection.status == ConnectionStatus::Active),
        omits_empty_groups: Some(connection.omits_empty_groups),
        attributes: Some(connection.attributes.clone()),
    }
}

fn of_organization(
    tx: &mut dyn Tx,
    organization: &Organization,
    catalog: &Catalog,
) -> Result<DeclaredOrganization, DbError> {
    // In the product's order, highest first, as people read them.
    let product = catalog.product(&organization.product);
    let counts = store::seats::counts(tx, organization.id)?;
    let seats = product.into_iter().flat_map(|product| product.seat_types()).filter_map(|seat| {
        let count = counts.iter().find(|count| count.seat_type == seat.key)?;
        Some((seat.key.clone(), count.bought))
    });
    let roles = product.into_iter().flat_map(|product| product.roles()).map(|role| {
        let rows = organization.mappings.roles.iter().filter(|row| row.gives == role.key);
        (role.key.clone(), rows.map(|row| row.group.clone()).collect::<Vec<_>>())
    });
    let seat_groups = product.into_iter().flat_map(|product| product.seat_types()).map(|seat| {
        let rows = organization.mappings.seats.iter().filter(|row| row.gives == seat.key);
        (seat.key.clone(), rows.map(|row| row.group.clone()).collect::<Vec<_>>())
    });
    let mut members = Vec::new();
    for member in store::members::of_organization(tx, organization.id)? {
        if is_by_hand(&member, organization.mode)
            && let Some(person) = store::people::by_id(tx, member.person)?
        {
            let has_seats = product.is_some_and(|product| product.has_seats());
            let seat = match member.seat {
                Some(seat) => DeclaredSeat::Type(seat),
                None if has_seats => DeclaredSeat::Unassigned,
                None => DeclaredSeat::NotNamed,
            };
            members.push(DeclaredMember { email: person.email, role: member.role, seat });
        }
    }
    members.sort_by(|a, b| a.email.cmp(&b.email));
    let applications = store::applications::of_organization(tx, organization.id)?;
    Ok(DeclaredOrganization {
        slug: organization.slug.clone(),
        name: organization.name.clone(),
        product: organization.product.clone(),
        provisioning: ModeWord::ALL.into_iter().find(|word| word.as_str() == organization.mode.as_str()),
        group_mappings: Some(organization.mode.has_group_mappings()),
        require_sso: Some(organization.require_sso),
        contact: organization.contact.clone(),
        seats: seats.collect(),
        role_mappings: roles.filter(|(_, groups)| !groups.is_empty()).collect(),
        seat_mappings: seat_groups.filter(|(_, groups)| !groups.is_empty()).collect(),
        members,
        applications: applications.into_iter().map(of_application).collect(),
    })
}

/// Whether a member is exactly what placing them by hand would make: else the file would change them.
fn is_by_hand(member: &Member, mode: ProvisioningMode) -> bool {
    let by_hand = |source: &Source| matches!(source, Source::ByHand { .. });
    let fits = |pin: &Option<Pin>| match pin {
        Some(pin) => mode.has_group_mappings() && pin.until.is_none(),
        None => !mode.has_group_mappings(),
    };
    member.is_active()
        && by_hand(&member.role_source)
        && by_hand(&member.seat_source)
        && fits(&member.role_pin)
        && fits(&member.seat_pin)
}

fn of_application(application: Application) -> DeclaredApplication {
    DeclaredApplication {
        slug: application.slug,
        name: application.name,
        origin: String::new(),
        url: application.url,
        roles: Some(application.roles),
        seats: Some(application.seats),
        headers: Some(application.headers),
    }
}
