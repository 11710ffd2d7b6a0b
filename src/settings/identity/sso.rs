use crate::settings::parent::effects::{way_count_key, way_key};
use crate::trust::{SsoEffects, SsoMember, SsoWay};
use crate::web::language::Texts;

/// How many people a page lists; whoever is affected comes first.
const PAGE: usize = 100;

/// What requiring SSO would mean for those who are members now (rule B7).
pub struct SsoShown {
    /// The kinds of members, and how many there are.
    pub counts: Vec<String>,
    /// How many sessions count no longer.
    pub sessions: u64,
    /// Whose sessions count no longer, and who cannot get in.
    pub people: Vec<SsoLine>,
    /// How many more there are.
    pub more: u64,
}

/// One of them.
pub struct SsoLine {
    /// The address.
    pub email: String,
    /// The text key of how they get in then.
    pub way: &'static str,
    /// The kind, for those who see colours.
    pub state: &'static str,
    /// How many of their sessions count no longer.
    pub sessions: u64,
}

pub(super) fn shown(effects: &SsoEffects, texts: Texts) -> SsoShown {
    let count = |way: SsoWay| effects.count(way) as u64;
    let mut affected: Vec<&SsoMember> =
        effects.members.iter().filter(|one| one.sessions_end > 0 || !one.way.is_open()).collect();
    affected.sort_by_key(|one| (one.sessions_end == 0, one.email.as_str()));
    SsoShown {
        counts: SsoWay::ALL
            .into_iter()
            .filter(|way| count(*way) > 0)
            .map(|way| texts.count(way_count_key(way), count(way)).into_owned())
            .collect(),
        sessions: effects.sessions_end() as u64,
        people: affected.iter().take(PAGE).map(|one| line(one)).collect(),
        more: affected.len().saturating_sub(PAGE) as u64,
    }
}

fn line(one: &SsoMember) -> SsoLine {
    SsoLine {
        email: one.email.clone(),
        way: way_key(one.way),
        state: if one.way.is_open() { "good" } else { "bad" },
        sessions: one.sessions_end as u64,
    }
}
