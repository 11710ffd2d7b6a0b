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
