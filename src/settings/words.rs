//! What is kept as codes, in the reader's words.

use super::frame::When;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, PersonId};
use crate::organization::{Pin, Source};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::store;
use crate::web::language::Texts;

/// Why something is so: a refusal code, or why the log says something happened. A code that we have no words for stays a code.
pub(super) fn why(texts: Texts, code: &str) -> String {
    let key = format!("why-{}", code.replace('_', "-"));
    if texts.has(&key) { texts.t(&key).into_owned() } else { code.to_owned() }
}

/// What a product calls a role.
pub(super) fn role(product: &Product, key: &RoleKey) -> String {
    product.role(key).map_or_else(|| key.to_string(), |role| role.label.clone())
}

/// What a product calls a seat type.
pub(super) fn seat(product: &Product, key: &SeatTypeKey) -> String {
    product.seat_type(key).map_or_else(|| key.to_string(), |seat| seat.label.clone())
}

/// A seat held, or that there is none.
pub(super) fn seat_or_none(product: &Product, key: Option<&SeatTypeKey>, texts: Texts) -> String {
    key.map_or_else(|| texts.t("no-seat-value").into_owned(), |key| seat(product, key))
}

/// Something said, and the moment it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub text: String,
    /// When.
    pub at: Option<When>,
}

/// Where a role or seat comes from, and by which pin it is kept (rule B26).
pub(super) fn origin(
    tx: &mut dyn Tx,
    parent: ParentId,
    source: &Source,
    pin: Option<&Pin>,
    texts: Texts,
    now: Timestamp,
) -> Result<Vec<Told>, DbError> {
    let mut told = vec![match source {
        Source::Default => Told { text: texts.t("source-default").into_owned(), at: None },
        Source::Group { group, learnt_at } => Told {
            text: texts.with("source-group-learnt", "group", group.as_str()).into_owned(),
            at: Some(When(*learnt_at)),
        },
        Source::ByHand { by, at } => Told {
            text: texts.with("source-by-hand-of", "who", &who(tx, parent, by, texts)?).into_owned(),
            at: Some(When(*at)),
        },
    }];
    if let Some(pin) = pin.filter(|pin| pin.holds(now)) {
        let key = if pin.until.is_some() { "pinned-until" } else { "pinned-without-end" };
        told.push(Told { text: texts.t(key).into_owned(), at: pin.until.map(When) });
    }
    Ok(told)
}

/// In a few words, for lists.
pub(super) fn origin_in_short(source: &Source, pin: Option<&Pin>, texts: Texts, now: Timestamp) -> String {
    match (pin.filter(|pin| pin.holds(now)), source) {
        (Some(Pin { until: Some(until), .. }), _) => {
            texts.with("source-pinned-until", "date", &until.date()).into_owned()
        }
        (Some(Pin { until: None, .. }), _) => texts.t("source-pinned").into_owned(),
        (None, Source::Default) => texts.t("source-default").into_owned(),
        (None, Source::Group { group, .. }) => texts.with("source-group", "group", group.as_str()).into_owned(),
        (None, Source::ByHand { .. }) => texts.t("source-by-hand").into_owned(),
    }
}

/// Whoever the log names as `person:12`, `shell:ops` or `operator`. A person of another parent stays a number.
pub(super) fn who(tx: &mut dyn Tx, parent: ParentId, named: &str, texts: Texts) -> Result<String, DbError> {
    let (kind, name) = named.split_once(':').unwrap_or((named, ""));
    if kind == "person" {
        let id = name.parse().ok().map(PersonId);
        let person = match id {
            Some(id) => store::people::by_id(tx, id)?.filter(|person| person.parent == parent),
            None => None,
        };
        return Ok(person.map_or_else(|| named.to_owned(), |person| person.email.to_string()));
    }
    if kind == "setup_link" {
        // `setup_link:person:12` or `setup_link:operator`: who made the link.
        let maker = who(tx, parent, name, texts)?;
        return Ok(texts.with("actor-setup-link-of", "who", &maker).into_owned());
    }
    let key = format!("actor-{kind}");
    Ok(match (texts.has(&key), name) {
        (false, _) => named.to_owned(),
        (true, "") => texts.t(&key).into_owned(),
        (true, name) => format!("{} ({name})", texts.t(&key)),
    })
}

/// A step of a decision (`because`) or its `outcome` in words; keys of roles and seat types become the product's names.
pub(super) fn step(kind: &str, word: &str, values: &[(&str, String)], product: &Product, texts: Texts) -> String {
    let all = |list: &str, label: &dyn Fn(&str) -> String| list.split(", ").map(label).collect::<Vec<_>>().join(", ");
    let role = |key: &str| role(product, &RoleKey::new(key));
    let seat = |key: &str| seat(product, &SeatTypeKey::new(key));
    let shown: Vec<(&str, String)> = values
        .iter()
        .map(|(name, value)| {
            let value = match *name {
                "role" => role(value),
                "roles" => all(value, &role),
                "seat" | "wanted" => seat(value),
                "seats" => all(value, &seat),
                "refusal" => why(texts, value),
                _ => value.clone(),
            };
            (*name, value)
        })
        .collect();
    let with_seat = kind == "outcome" && shown.iter().any(|(name, _)| *name == "seat");
    let key = format!("{kind}-{}{}", word.replace('_', "-"), if with_seat { "-seat" } else { "" });
    let values: Vec<(&str, &str)> = shown.iter().map(|(name, value)| (*name, value.as_str())).collect();
    texts.fill(&key, &values).into_owned()
}
