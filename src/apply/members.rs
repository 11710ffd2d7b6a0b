use super::{Action, Work};
use crate::audit::Event;
use crate::db::DbError;
use crate::ids::PersonId;
use crate::membership::{ByHandError, Place, place_by_hand};
use crate::organization::{FreeSeats, Member, Organization};
use crate::organizations_file::{DeclaredMember, DeclaredOrganization, DeclaredSeat};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::store;

impl Work<'_> {
    pub(super) fn members(
        &mut self,
        organization: &Organization,
        declared: &DeclaredOrganization,
    ) -> Result<(), DbError> {
        let domains = store::domains::of_parent(self.tx, organization.parent)?;
        for member in &declared.members {
            let domain = member.email.domain();
            // Rule B8: nobody from elsewhere could ever sign in.
            if !domains.iter().any(|known| known.name == domain) {
                let names: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
                let names = if names.is_empty() { "which has none".to_owned() } else { names.join(", ") };
                self.refuse(format!(
                    "organization {}: member {}: {domain} is no domain of the parent ({names}), so nobody from there could sign in",
                    organization.slug, member.email
                ));
                continue;
            }
            self.member(organization, member)?;
        }
        Ok(())
    }

    fn member(&mut self, organization: &Organization, declared: &DeclaredMember) -> Result<(), DbError> {
        let person = self.person(organization, declared)?;
        let before = store::members::find(self.tx, organization.id, person)?.filter(Member::is_active);
        let product = self.context.product(organization)?;
        let seat = match (&declared.seat, &before) {
            (DeclaredSeat::Type(seat), _) => Some(seat.clone()),
            (DeclaredSeat::Unassigned, _) => None,
            (DeclaredSeat::NotNamed, Some(before)) => before.seat.clone(),
            (DeclaredSeat::NotNamed, None) => {
                let counts = store::seats::counts(self.tx, organization.id)?;
                FreeSeats::of(product, &counts).highest().cloned()
            }
        };
        let demotes = before.as_ref().is_some_and(|before| lowers(product, before, &declared.role, seat.as_ref()));
        let place = Place { role: declared.role.clone(), seat, until: None };
        match place_by_hand(self.tx, &self.context, organization, person, &place) {
            Ok(false) => {}
            Ok(true) => {
                let (email, slug, after) =
                    (&declared.email, &organization.slug, held(&place.role, place.seat.as_ref()));
                match before {
                    None => drop(self.plan.line(Action::Add, format!("member {email} in {slug} ({after})"))),
                    Some(before) => {
                        let before = held(&before.role, before.seat.as_ref());
                        let what = if before == after {
                            format!("member {email} in {slug}: {after}, from now on by hand")
                        } else {
                            format!("member {email} in {slug}: {before} -> {after}")
                        };
                        self.plan.line(Action::Change, what).takes_access = demotes;
                    }
                }
            }
            Err(ByHandError::Db(error)) => return Err(error),
            Err(refused) => self.refuse(format!("member {}: {refused}", declared.email)),
        }
        Ok(())
    }

    /// The person with this address; made without a subject if there is none: the first sign-in links them (rule B9).
    fn person(&mut self, organization: &Organization, declared: &DeclaredMember) -> Result<PersonId, DbError> {
        let (parent, email) = (organization.parent, &declared.email);
        if let Some(known) = store::people::by_email(self.tx, parent, email)? {
            return Ok(known.id);
        }
        let public_id = self.apply.request.derived(&format!("person {parent} {email}"));
        let public_id = format!("p-{public_id}");
        let id = store::people::add(self.tx, parent, &public_id, email, email.local_part(), self.context.now)?;
        self.record(parent, None, Event::PersonCreated { person: id, email: email.to_string() })?;
        Ok(id)
    }
}

pub(super) fn held(role: &RoleKey, seat: Option<&SeatTypeKey>) -> String {
    match seat {
        Some(seat) => format!("{role}, {seat}"),
        None => role.to_string(),
    }
}

/// Whether a role or seat after is lower than before, or a seat is gone.
fn lowers(product: &Product, before: &Member, role: &RoleKey, seat: Option<&SeatTypeKey>) -> bool {
    let rank = |seat: Option<&SeatTypeKey>| seat.and_then(|seat| product.seat_rank(seat)).unwrap_or(usize::MAX);
    product.role_rank(role) > product.role_rank(&before.role) || rank(seat) > rank(before.seat.as_ref())
}
