use std::fmt;

use crate::identity::GroupKey;
use crate::product::{RoleKey, SeatTypeKey};

/// One step of the reasoning behind a decision: what the admin reads under an incident code, and `explain` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// The person is switched off.
    PersonSuspended,
    /// Members are added by hand here.
    ModeIsManual,
    /// The person is a member already; this mode leaves role and seat alone.
    AlreadyAMember,
    /// Not a member yet, and this mode lets whoever signs in become one.
    JoinsAtFirstSignIn,
    /// In the directory, and this mode makes whoever is in it a member.
    InTheDirectory,
    /// Not in the directory.
    NotInTheDirectory,
    /// In the directory, switched off there.
    InactiveInTheDirectory,
    /// What the directory says touches nobody in this mode (rule B21).
    DirectoryDoesNotCount,
    /// A run would have ended the membership, and that waits for an approval (rule B34).
    RemovalHeld,
    /// So many groups were sent.
    GroupsReceived(usize),
    /// The groups attribute was missing.
    GroupsNotSent,
    /// The identity provider says there are too many groups to send.
    TooManyGroups,
    /// A mapping row matched.
    RoleGroupMatched {
        /// The group.
        group: GroupKey,
        /// The role it gives.
        role: RoleKey,
    },
    /// None of the groups is role-mapped.
    NoRoleGroupMatched,
    /// The highest of the matched roles counts (rule B14).
    HighestRole {
        /// It.
        role: RoleKey,
        /// What it stands above.
        above: Vec<RoleKey>,
    },
    /// The product's default role.
    DefaultRole(RoleKey),
    /// Set by hand; mappings do not touch it (rule B26).
    RolePinned(RoleKey),
    /// The product has no seats (rule B2).
    ProductHasNoSeats,
    /// A mapping row matched.
    SeatGroupMatched {
        /// The group.
        group: GroupKey,
        /// The seat type it gives.
        seat: SeatTypeKey,
    },
    /// The highest of the matched seat types counts.
    HighestSeatType {
        /// It.
        seat: SeatTypeKey,
        /// What it stands above.
        above: Vec<SeatTypeKey>,
    },
    /// Set by hand; mappings do not touch it (rule B26).
    SeatPinned(Option<SeatTypeKey>),
    /// No group chose a seat type, so the seat held stays.
    SeatKept(SeatTypeKey),
    /// No group chose a seat type, so the highest free one is given.
    HighestFreeSeat(SeatTypeKey),
    /// Every seat of this type is taken.
    SeatTypeFull(SeatTypeKey),
    /// Every seat of every type is taken.
    AllSeatsTaken,
    /// A free seat of the mapped type is given.
    MappedSeatFree(SeatTypeKey),
    /// The mapped type is full, so the member keeps what they have until one is free (rule B22).
    SeatDeferred {
        /// The mapped type.
        wanted: SeatTypeKey,
        /// What is kept.
        kept: Option<SeatTypeKey>,
    },
}

impl Because {
    /// The stable word of the step, and its values by name: what pages put into words of their language.
    pub fn told(&self) -> (&'static str, Vec<(&'static str, String)>) {
        fn list<K: fmt::Display>(keys: &[K]) -> String {
            keys.iter().map(K::to_string).collect::<Vec<_>>().join(", ")
        }
        let role = |role: &RoleKey| ("role", role.to_string());
        let seat = |seat: &SeatTypeKey| ("seat", seat.to_string());
        let group = |group: &GroupKey| ("group", group.as_str().to_owned());
        match self {
            Self::PersonSuspended => ("person_suspended", vec![]),
            Self::ModeIsManual => ("mode_is_manual", vec![]),
            Self::AlreadyAMember => ("already_a_member", vec![]),
            Self::JoinsAtFirstSignIn => ("joins_at_first_sign_in", vec![]),
            Self::InTheDirectory => ("in_the_directory", vec![]),
            Self::NotInTheDirectory => ("not_in_the_directory", vec![]),
            Self::InactiveInTheDirectory => ("inactive_in_the_directory", vec![]),
            Self::DirectoryDoesNotCount => ("directory_does_not_count", vec![]),
            Self::RemovalHeld => ("removal_held", vec![]),
            Self::GroupsReceived(count) => ("groups_received", vec![("count", count.to_string())]),
            Self::GroupsNotSent => ("groups_not_sent", vec![]),
            Self::TooManyGroups => ("too_many_groups", vec![]),
            Self::RoleGroupMatched { group: from, role: gives } => {
                ("role_group_matched", vec![group(from), role(gives)])
            }
            Self::NoRoleGroupMatched => ("no_role_group_matched", vec![]),
            Self::HighestRole { role: highest, above } if above.is_empty() => ("only_role", vec![role(highest)]),
            Self::HighestRole { role: highest, above } => ("highest_role", vec![role(highest), ("roles", list(above))]),
            Self::DefaultRole(default) => ("default_role", vec![role(default)]),
            Self::RolePinned(pinned) => ("role_pinned", vec![role(pinned)]),
            Self::ProductHasNoSeats => ("product_has_no_seats", vec![]),
            Self::SeatGroupMatched { group: from, seat: gives } => {
                ("seat_group_matched", vec![group(from), seat(gives)])
            }
            Self::HighestSeatType { seat: highest, above } if above.is_empty() => {
                ("only_seat_type", vec![seat(highest)])
            }
            Self::HighestSeatType { seat: highest, above } => {
                ("highest_seat_type", vec![seat(highest), ("seats", list(above))])
            }
            Self::SeatPinned(Some(pinned)) => ("seat_pinned", vec![seat(pinned)]),
            Self::SeatPinned(None) => ("no_seat_pinned", vec![]),
            Self::SeatKept(kept) => ("seat_kept", vec![seat(kept)]),
            Self::HighestFreeSeat(free) => ("highest_free_seat", vec![seat(free)]),
            Self::SeatTypeFull(full) => ("seat_type_full", vec![seat(full)]),
            Self::AllSeatsTaken => ("all_seats_taken", vec![]),
            Self::MappedSeatFree(free) => ("mapped_seat_free", vec![seat(free)]),
            Self::SeatDeferred { wanted, kept: Some(kept) } => {
                ("seat_deferred", vec![("wanted", wanted.to_string()), seat(kept)])
            }
            Self::SeatDeferred { wanted, kept: None } => ("no_seat_deferred", vec![("wanted", wanted.to_string())]),
        }
    }

    /// Every word of [`Because::told`], so that a test can ask for its words in every language.
    pub const WORDS: [&'static str; 31] = [
        "person_suspended",
        "mode_is_manual",
        "already_a_member",
        "joins_at_first_sign_in",
        "in_the_directory",
        "not_in_the_directory",
        "inactive_in_the_directory",
        "directory_does_not_count",
        "removal_held",
        "groups_received",
        "groups_not_sent",
        "too_many_groups",
        "role_group_matched",
        "no_role_group_matched",
        "only_role",
        "highest_role",
        "default_role",
        "role_pinned",
        "product_has_no_seats",
        "seat_group_matched",
        "only_seat_type",
        "highest_seat_type",
        "seat_pinned",
        "no_seat_pinned",
        "seat_kept",
        "highest_free_seat",
        "seat_type_full",
        "all_seats_taken",
        "mapped_seat_free",
        "seat_deferred",
        "no_seat_deferred",
    ];
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<K: fmt::Display>(keys: &[K]) -> String {
            keys.iter().map(K::to_string).collect::<Vec<_>>().join(", ")
        }
        match self {
            Self::PersonSuspended => write!(f, "the person is suspended"),
            Self::ModeIsManual => write!(f, "members are added by hand; groups are ignored"),
            Self::AlreadyAMember => write!(f, "already a member; this mode leaves role and seat as they are"),
            Self::JoinsAtFirstSignIn => write!(f, "not a member yet; the first sign-in makes one"),
            Self::InTheDirectory => write!(f, "active in the directory"),
            Self::NotInTheDirectory => write!(f, "not in the directory"),
            Self::InactiveInTheDirectory => write!(f, "inactive in the directory"),
            Self::DirectoryDoesNotCount => write!(f, "the directory does not count in this mode"),
            Self::RemovalHeld => {
                write!(
                    f,
                    "a run of directory sync would end the membership, and that waits for an approval; until then it stands"
                )
            }
            Self::GroupsReceived(0) => write!(f, "the person is in no group"),
            Self::GroupsReceived(1) => write!(f, "1 group received"),
            Self::GroupsReceived(n) => write!(f, "{n} groups received"),
            Self::GroupsNotSent => write!(f, "the identity provider sent no groups attribute"),
            Self::TooManyGroups => write!(f, "the identity provider says there are too many groups to send"),
            Self::RoleGroupMatched { group, role } => {
                write!(f, "group {group:?} gives role {role}", group = group.as_str())
            }
            Self::NoRoleGroupMatched => write!(f, "none of the groups gives a role"),
            Self::HighestRole { role, above } if above.is_empty() => write!(f, "role {role} is the only one given"),
            Self::HighestRole { role, above } => write!(f, "role {role} is the highest given, above {}", list(above)),
            Self::DefaultRole(role) => write!(f, "role {role} is the default"),
            Self::RolePinned(role) => write!(f, "role {role} was set by hand and is pinned"),
            Self::ProductHasNoSeats => write!(f, "this product has no seats"),
            Self::SeatGroupMatched { group, seat } => {
                write!(f, "group {group:?} gives seat type {seat}", group = group.as_str())
            }
            Self::HighestSeatType { seat, above } if above.is_empty() => {
                write!(f, "seat type {seat} is the only one given")
            }
            Self::HighestSeatType { seat, above } => {
                write!(f, "seat type {seat} is the highest given, above {}", list(above))
            }
            Self::SeatPinned(Some(seat)) => write!(f, "seat {seat} was set by hand and is pinned"),
            Self::SeatPinned(None) => write!(f, "the seat was taken away by hand, and that is pinned"),
            Self::SeatKept(seat) => write!(f, "no group gives a seat type; seat {seat} stays"),
            Self::HighestFreeSeat(seat) => write!(f, "seat type {seat} is the highest with a free seat"),
            Self::SeatTypeFull(seat) => write!(f, "every {seat} seat is taken"),
            Self::AllSeatsTaken => write!(f, "every seat is taken"),
            Self::MappedSeatFree(seat) => write!(f, "a {seat} seat is free"),
            Self::SeatDeferred { wanted, kept: Some(kept) } => {
                write!(f, "every {wanted} seat is taken; seat {kept} stays until one is free")
            }
            Self::SeatDeferred { wanted, kept: None } => {
                write!(f, "every {wanted} seat is taken; the member stays without a seat until one is free")
            }
        }
    }
}
