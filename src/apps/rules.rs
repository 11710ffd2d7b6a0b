use crate::organization::Organization;
use crate::product::Product;
use crate::provisioning::Refusal;
use crate::store::sessions::VisitedApplication;

/// What counts about the visitor, whatever they want to enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Switched off by an admin.
    pub suspended: bool,
    /// The connection that the session came through is switched on.
    pub through_active: bool,
}

/// Whether a person may enter an application, from the membership as it is this moment (rules B7, B23, B41). `None` lets in.
pub fn refusal(visitor: Standing, application: &VisitedApplication, product: Option<&Product>) -> Option<Refusal> {
    if visitor.suspended {
        return Some(Refusal::Suspended);
    }
    let Some(member) = application.member.as_ref().filter(|member| member.active) else {
        if application.waits {
            return Some(Refusal::NoFreeSeat);
        }
        // An ended membership says why it ended, where that is a refusal; removed by hand is "not a member".
        let ended = application.member.as_ref().and_then(|member| member.ended_reason.as_deref());
        return Some(ended.and_then(Refusal::parse).unwrap_or(Refusal::NotAMember));
    };
    if !Organization::counts_session(application.require_sso, visitor.through_active) {
        return Some(Refusal::SsoRequired);
    }
    // A product that the configuration no longer declares opens nothing.
    let Some(product) = product else { return Some(Refusal::AppNotAllowed) };
    if product.has_seats() && member.seat.is_none() {
        return Some(Refusal::NoSeat);
    }
    let allowed = lists(&application.roles, &member.role)
        && member.seat.as_deref().map_or(application.seats == "[]", |seat| lists(&application.seats, seat));
    (!allowed).then_some(Refusal::AppNotAllowed)
}

/// Whether a JSON list names a key; an empty list names everything. What does not read as a list names nothing.
fn lists(list: &str, key: &str) -> bool {
    list == "[]" || serde_json::from_str::<Vec<String>>(list).is_ok_and(|keys| keys.iter().any(|known| known == key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ApplicationId, OrganizationId};
    use crate::product::{Catalog, ProductKey};
    use crate::store::sessions::VisitingMember;

    fn application(roles: &str, seats: &str, member: Option<(&str, Option<&str>)>) -> VisitedApplication {
        VisitedApplication {
            id: ApplicationId(1),
            url: "https://wiki.acme.example".to_owned(),
            organization: OrganizationId(1),
            organization_slug: "acme".to_owned(),
            product: "team".to_owned(),
            roles: roles.to_owned(),
            seats: seats.to_owned(),
            require_sso: false,
            directory: None,
            headers: "usher".to_owned(),
            member: member.map(|(role, seat)| VisitingMember {
                active: true,
                role: role.to_owned(),
                seat: seat.map(str::to_owned),
                ended_reason: None,
                version: 1,
            }),
            waits: false,
        }
    }

    const HERE: Standing = Standing { suspended: false, through_active: true };

    #[test]
    fn b7_where_sso_is_required_only_a_session_of_an_active_connection_counts() {
        let catalog = Catalog::built_in();
        let team = catalog.product(&ProductKey::new("team"));
        let elsewhere = Standing { through_active: false, ..HERE };
        let mut visited = application("[]", "[]", Some(("user", Some("standard"))));
        assert_eq!(refusal(elsewhere, &visited, team), None, "nothing is required");
        visited.require_sso = true;
        assert_eq!(refusal(HERE, &visited, team), None);
        assert_eq!(refusal(elsewhere, &visited, team), Some(Refusal::SsoRequired));
        visited.member = None;
        assert_eq!(refusal(elsewhere, &visited, team), Some(Refusal::NotAMember), "signing in again would not help");
    }

    #[test]
    fn who_may_enter_follows_from_the_current_membership() {
        let catalog = Catalog::built_in();
        let team = catalog.product(&ProductKey::new("team"));
        let console = catalog.product(&ProductKey::new("console"));
        let user = Some(("user", Some("standard")));
        for (what, application, product, expected) in [
            ("open to all", application("[]", "[]", user), team, None),
            ("listed role", application(r#"["owner","user"]"#, "[]", user), team, None),
            ("another role", application(r#"["owner"]"#, "[]", user), team, Some(Refusal::AppNotAllowed)),
            (
                "a role whose name contains it",
                application(r#"["superuser"]"#, "[]", user),
                team,
                Some(Refusal::AppNotAllowed),
            ),
            ("listed seat", application("[]", r#"["standard"]"#, user), team, None),
            ("another seat", application("[]", r#"["premium"]"#, user), team, Some(Refusal::AppNotAllowed)),
            ("a broken list", application("[", "[]", user), team, Some(Refusal::AppNotAllowed)),
            ("b23 without a seat", application("[]", "[]", Some(("user", None))), team, Some(Refusal::NoSeat)),
            ("b2 no seats in the product", application("[]", "[]", Some(("user", None))), console, None),
            (
                "no seats, but one asked for",
                application("[]", r#"["premium"]"#, Some(("user", None))),
                console,
                Some(Refusal::AppNotAllowed),
            ),
            ("no member", application("[]", "[]", None), team, Some(Refusal::NotAMember)),
            ("an undeclared product", application("[]", "[]", user), None, Some(Refusal::AppNotAllowed)),
        ] {
            assert_eq!(refusal(HERE, &application, product), expected, "{what}");
            assert_eq!(
                refusal(Standing { suspended: true, ..HERE }, &application, product),
                Some(Refusal::Suspended),
                "{what}, suspended"
            );
        }
        let mut ended = application("[]", "[]", user);
        for (reason, expected) in
            [("no_group_access", Refusal::NoGroupAccess), ("removed_by_hand", Refusal::NotAMember)]
        {
            let member = ended.member.as_mut().expect("a member");
            (member.active, member.ended_reason) = (false, Some(reason.to_owned()));
            assert_eq!(refusal(HERE, &ended, team), Some(expected), "{reason}");
        }
        ended.waits = true;
        assert_eq!(refusal(HERE, &ended, team), Some(Refusal::NoFreeSeat));
    }
}
