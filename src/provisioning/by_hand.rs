use crate::product::{Permission, Product, RoleKey};

/// How much somebody may do to members by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Holds a role with *identity*, or stands above roles: a file, the shell, an operator.
    Identity,
    /// Holds a role with *members* only.
    Members,
}

/// What is done to a member by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    /// Somebody becomes a member with this role.
    Add(&'a RoleKey),
    /// A member's role becomes another, or is left to the mappings again.
    ChangeRole,
    /// A member's seat becomes another, or is left to the mappings again.
    ChangeSeat,
    /// A membership with this role ends.
    Remove(&'a RoleKey),
    /// A person with this role is switched off, or on again.
    Suspend(&'a RoleKey),
}

/// Whether somebody may do this: only who has *identity* may grant or take a role that has *identity*, or change a role.
pub fn may_by_hand(product: &Product, authority: Authority, act: Act<'_>) -> bool {
    match (authority, act) {
        (Authority::Identity, _) | (Authority::Members, Act::ChangeSeat) => true,
        (Authority::Members, Act::ChangeRole) => false,
        (Authority::Members, Act::Add(role) | Act::Remove(role) | Act::Suspend(role)) => {
            !product.allows(role, Permission::Identity)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Catalog, ProductKey};

    #[test]
    fn only_who_has_identity_grants_or_takes_a_role_that_has_it_or_changes_one() {
        let catalog = Catalog::built_in();
        let team = catalog.product(&ProductKey::new("team")).expect("built in");
        let console = catalog.product(&ProductKey::new("console")).expect("built in");
        let role = RoleKey::new;
        for (product, act, members_suffice) in [
            (team, Act::Add(&role("user")), true),
            (team, Act::Add(&role("admin")), true),
            (team, Act::Add(&role("owner")), false),
            (team, Act::Remove(&role("admin")), true),
            (team, Act::Remove(&role("owner")), false),
            (team, Act::Suspend(&role("admin")), true),
            (team, Act::Suspend(&role("owner")), false),
            (team, Act::ChangeRole, false),
            (team, Act::ChangeSeat, true),
            (console, Act::Add(&role("billing")), true),
            (console, Act::Add(&role("admin")), false),
            (console, Act::Remove(&role("admin")), false),
        ] {
            assert!(may_by_hand(product, Authority::Identity, act));
            assert_eq!(may_by_hand(product, Authority::Members, act), members_suffice, "{act:?}");
        }
    }
}
