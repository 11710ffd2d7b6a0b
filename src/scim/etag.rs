//! Versions (RFC 7644 §3.14): weak ETags, and what `If-Match` and `If-None-Match` ask for.

use super::{Kind, ScimError};
use crate::directory::GroupOfUser;

/// The version of a user: its own count, and a fingerprint of the groups it shows, which change without it.
pub fn of_user(version: i64, groups: &[GroupOfUser]) -> String {
    if groups.is_empty() {
        return format!("W/\"{version}\"");
    }
    // FNV-1a: tells versions apart, protects nothing.
    let mut fingerprint = 0xcbf2_9ce4_8422_2325_u64;
    let ends = |text: &str| text.bytes().chain([0xff]).collect::<Vec<u8>>();
    for byte in groups.iter().flat_map(|group| [ends(&group.public_id), ends(&group.display)].concat()) {
        fingerprint = (fingerprint ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("W/\"{version}.{fingerprint:x}\"")
}

/// The version of a group: it counts its members, too.
pub fn of_group(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// What a request says about versions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// `If-Match`, or `version` in a bulk operation.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
}

impl Conditions<'_> {
    /// For a change: 412 unless the resource is as the client knows it. Compared weakly: a version says the same whether or not it
    /// is marked weak.
    pub fn check(&self, current: &str) -> Result<(), ScimError> {
        let failed = self.if_match.is_some_and(|sent| !names(sent, current))
            || self.if_none_match.is_some_and(|sent| names(sent, current));
        if failed {
            let detail = format!("the resource is at version {current} now; read it again");
            return Err(ScimError::new(Kind::Precondition, detail));
        }
        Ok(())
    }

    /// For a read: whether the client has this version already (304).
    pub fn is_known(&self, current: &str) -> bool {
        self.if_none_match.is_some_and(|sent| names(sent, current))
    }
}

fn names(sent: &str, current: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    let current = plain(current);
    sent.trim() == "*" || sent.split(',').any(|tag| plain(tag) == current)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DirectoryGroupId;

    fn check(if_match: Option<&str>, if_none_match: Option<&str>) -> bool {
        Conditions { if_match, if_none_match }.check("W/\"3\"").is_ok()
    }

    #[test]
    fn a_change_of_something_else_is_refused() {
        assert!(check(None, None));
        for good in ["W/\"3\"", "\"3\"", "*", "W/\"2\", W/\"3\""] {
            assert!(check(Some(good), None), "{good}");
            assert!(!check(None, Some(good)), "{good}");
        }
        for bad in ["W/\"2\"", "W/\"33\"", "", "W/\"\""] {
            assert!(!check(Some(bad), None), "{bad}");
            assert!(check(None, Some(bad)), "{bad}");
        }
    }

    #[test]
    fn the_groups_a_user_shows_are_part_of_its_version() {
        let group = |id: &str, display: &str| GroupOfUser {
            id: DirectoryGroupId(1),
            public_id: id.to_owned(),
            display: display.to_owned(),
        };
        let versions = [
            of_user(3, &[]),
            of_user(3, &[group("a", "Staff")]),
            of_user(3, &[group("a", "Crew")]),
            of_user(3, &[group("aS", "taff")]),
            of_user(4, &[group("a", "Staff")]),
        ];
        for (at, one) in versions.iter().enumerate() {
            assert!(!versions[at + 1..].contains(one), "{one}");
        }
        assert_eq!(of_user(3, &[group("a", "Staff")]), versions[1]);
    }
}
