use crate::ids::PersonId;
use crate::joining::{Blocker, Effects, Moving};
use crate::organization::{ProvisioningMode, SyncNotOffered};
use crate::product::{ParentPlan, Product};
use crate::settings::words;
use crate::trust::SsoWay;
use crate::web::language::Texts;

/// How many people a page lists; who cannot get in any more comes first.
const PAGE: usize = 100;

/// What changing the parent would mean, in words. Both sides see the same.
pub struct Shown {
    /// What is true for all.
    pub facts: Vec<String>,
    /// The kinds of effects on people, and for how many.
    pub counts: Vec<String>,
    /// The people of this page.
    pub people: Vec<PersonLine>,
    /// How many more there are.
    pub more: u64,
    /// Why it cannot be done as things are.
    pub blockers: Vec<String>,
    /// What was shown, to be sent back.
    pub seen: String,
    /// The text key of why the organization's name has to be typed (rule B33).
    pub guard: Option<&'static str>,
    /// The organization's name.
    pub name: String,
}

/// What it means for one person.
pub struct PersonLine {
    /// The address.
    pub email: String,
    /// The role.
    pub role: String,
    /// The text key of how they get in then.
    pub way: &'static str,
    /// The kind, for those who see colours.
    pub state: &'static str,
    /// Text keys of what else changes.
    pub notes: Vec<&'static str>,
}

/// The text key of a way in.
pub fn way_key(way: SsoWay) -> &'static str {
    match way {
        SsoWay::SignsIn => "way-signs-in",
        SsoWay::NotYet => "way-not-yet",
        SsoWay::OutsideDomains => "way-outside-domains",
        SsoWay::NoConnection => "way-no-connection",
    }
}

/// The text key of how many people go a way.
pub fn way_count_key(way: SsoWay) -> &'static str {
    match way {
        SsoWay::SignsIn => "way-count-signs-in",
        SsoWay::NotYet => "way-count-not-yet",
        SsoWay::OutsideDomains => "way-count-outside-domains",
        SsoWay::NoConnection => "way-count-no-connection",
    }
}

/// The name of a plan.
pub fn plan_key(plan: ParentPlan) -> &'static str {
    match plan {
        ParentPlan::Team => "plan-team",
        ParentPlan::Enterprise => "plan-enterprise",
        ParentPlan::Console => "plan-console",
    }
}

/// Effects in the words of a reader; `proposer` is who reads it as somebody who may be shut out.
pub fn shown(effects: &Effects, product: &Product, proposer: Option<PersonId>, texts: Texts) -> Shown {
    let count = |way: SsoWay| effects.people.iter().filter(|one| one.way == way).count() as u64;
    let mut counts: Vec<String> = SsoWay::ALL
        .into_iter()
        .filter(|way| count(*way) > 0)
        .map(|way| texts.count(way_count_key(way), count(way)).into_owned())
        .collect();
    let many = |pick: fn(&Moving) -> bool| effects.people.iter().filter(|one| pick(one)).count() as u64;
    for (key, number) in [
        ("moving-count-linked", many(|one| one.linked)),
        ("moving-count-new-id", many(|one| one.new_id && !one.linked)),
        ("moving-count-suspended", many(|one| one.suspended)),
        ("moving-count-former", effects.former),
    ] {
        counts.extend((number > 0).then(|| texts.count(key, number).into_owned()));
    }
    Shown {
        facts: facts(effects, product, texts),
        counts,
        people: effects.people.iter().take(PAGE).map(|one| line(one, product)).collect(),
        more: effects.people.len().saturating_sub(PAGE) as u64,
        blockers: effects.blockers.iter().map(|blocker| blocked(blocker, texts)).collect(),
        seen: effects.mark(),
        guard: match (effects.locks_out(), proposer.is_some_and(|person| effects.shuts_out(person))) {
            (true, _) => Some("moving-guard-nobody"),
            (false, true) => Some("moving-guard-you"),
            (false, false) if effects.other_groups_decide() => Some("moving-guard-groups"),
            (false, false) => None,
        },
        name: effects.organization.name.clone(),
    }
}

fn line(one: &Moving, product: &Product) -> PersonLine {
    let mut notes = Vec::new();
    notes.extend(one.suspended.then_some("moving-suspended"));
    notes.extend(one.linked.then_some("moving-linked"));
    notes.extend((one.new_id && !one.linked).then_some("moving-new-id"));
    PersonLine {
        email: one.email.clone(),
        role: words::role(product, &one.role),
        way: way_key(one.way),
        state: if one.gets_in() { "good" } else { "bad" },
        notes,
    }
}

fn facts(effects: &Effects, product: &Product, texts: Texts) -> Vec<String> {
    let mut facts = Vec::new();
    match &effects.to {
        None => {
            facts.push(texts.t("moving-to-own").into_owned());
            facts.push(texts.with("moving-back", "parent", &effects.from.name).into_owned());
        }
        Some(to) => {
            let plan = texts.t(plan_key(to.plan));
            facts.push(texts.fill("moving-to", &[("parent", to.name.as_str()), ("plan", &plan)]).into_owned());
            facts.push(if effects.connections.is_empty() {
                texts.t("moving-no-connections").into_owned()
            } else {
                texts.with("moving-connections", "connections", &effects.connections.join(", ")).into_owned()
            });
            facts.push(texts.with("moving-trust", "parent", &to.name).into_owned());
            facts.push(newcomers(effects.organization.mode, &to.name, texts));
            if product.offers_directory_sync(effects.from.plan) && !product.offers_directory_sync(to.plan) {
                facts.push(texts.t("moving-no-scim").into_owned());
            }
        }
    }
    facts.push(texts.count("moving-sessions", effects.sessions()).into_owned());
    if effects.organization.require_sso {
        facts.push(texts.t("moving-requires-sso").into_owned());
    }
    facts.push(texts.t("moving-stays").into_owned());
    facts.push(texts.t("moving-undo").into_owned());
    if effects.domains.is_empty() {
        facts.push(texts.with("moving-domains-stay", "parent", &effects.from.name).into_owned());
    } else {
        let names: Vec<&str> = effects.domains.iter().map(|name| name.as_str()).collect();
        facts.push(texts.with("moving-domains", "domains", &names.join(", ")).into_owned());
    }
    if !effects.switched_off.is_empty() {
        facts.push(texts.with("moving-switched-off", "connections", &effects.switched_off.join(", ")).into_owned());
    }
    if effects.tokens > 0 {
        facts.push(texts.count("moving-tokens", effects.tokens).into_owned());
    }
    facts
}

/// Who of the other parent may become a member.
fn newcomers(mode: ProvisioningMode, parent: &str, texts: Texts) -> String {
    let key = match mode {
        ProvisioningMode::Jit { group_mappings: false } => "moving-newcomers-jit",
        ProvisioningMode::Jit { group_mappings: true } => "moving-newcomers-mapped",
        ProvisioningMode::Manual | ProvisioningMode::Scim { .. } => "moving-newcomers-none",
    };
    texts.with(key, "parent", parent).into_owned()
}

fn blocked(blocker: &Blocker, texts: Texts) -> String {
    let key = match blocker {
        Blocker::SameParent => "moving-blocked-same",
        Blocker::FoundedForOthers => "moving-blocked-founder",
        Blocker::Alone => "moving-blocked-alone",
        Blocker::SyncNotOffered(SyncNotOffered::ByTheProduct | SyncNotOffered::ByTheParent) => "moving-blocked-scim",
        Blocker::FollowsDirectory => "moving-blocked-directory",
        Blocker::OnProbation => "moving-blocked-probation",
        Blocker::SuspendedHereOnly(people) => {
            return texts.with("moving-blocked-suspended", "people", &people.join(", ")).into_owned();
        }
        Blocker::NoProduct => "moving-blocked-product",
    };
    texts.t(key).into_owned()
}
