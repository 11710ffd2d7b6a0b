use serde::{Deserialize, Serialize};

use super::hex::{hex, unhex};
use crate::clock::Timestamp;
use crate::identity::{AssertedGroups, AssertedIdentity, EmailAddress, Subject};
use crate::ids::ConnectionId;

/// A verified answer on its way from the identity provider's POST to the same browser's next request, as it is kept in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAnswer {
    /// The facts.
    pub identity: AssertedIdentity,
    /// The identity provider's own session.
    pub idp_session: Option<String>,
    /// SHA-256 of the name that the identity provider used (SAML NameID), for sign-outs that name it.
    pub idp_name: Option<[u8; 32]>,
    /// What the identity provider wants to hear when the session ends, sealed by `gateway::seal_logout`.
    pub logout_seal: Option<Vec<u8>>,
    /// When the identity provider says its session ends; ours ends no later.
    pub session_ends: Option<Timestamp>,
    /// What the admin should know although it passed.
    pub warnings: Vec<String>,
    /// What an operator wants to see of a test; `None` for everybody else.
    pub notes: Option<TestNotes>,
}

/// What a test shows of a verified answer. Without signatures, keys and tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestNotes {
    /// SHA-256 of [`crate::connection::Connection::trust`] under which it was verified, hex.
    pub trust: String,
    /// What was checked, in order.
    pub checks: Vec<String>,
    /// The message, with secrets left out.
    pub received: String,
    /// What was sent about the person, before any of it is a field of ours.
    pub attributes: Vec<(String, Vec<String>)>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    subject: String,
    email: String,
    display_name: Option<String>,
    groups: KeptGroups,
    idp_session: Option<String>,
    #[serde(default)]
    idp_name: Option<String>,
    #[serde(default)]
    logout_seal: Option<String>,
    session_ends: Option<i64>,
    warnings: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<TestNotes>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptGroups {
    Listed(Vec<String>),
    NotSent,
    TooMany,
}

impl VerifiedAnswer {
    /// Writes it down.
    pub fn to_json(&self) -> String {
        let groups = match &self.identity.groups {
            AssertedGroups::Listed(groups) => {
                KeptGroups::Listed(groups.iter().map(|group| group.as_str().to_owned()).collect())
            }
            AssertedGroups::NotSent => KeptGroups::NotSent,
            AssertedGroups::TooMany => KeptGroups::TooMany,
        };
        let kept = Kept {
            subject: self.identity.subject.as_str().to_owned(),
            email: self.identity.email.to_string(),
            display_name: self.identity.display_name.clone(),
            groups,
            idp_session: self.idp_session.clone(),
            idp_name: self.idp_name.as_ref().map(|name| hex(name)),
            logout_seal: self.logout_seal.as_deref().map(hex),
            session_ends: self.session_ends.map(Timestamp::as_millis),
            warnings: self.warnings.clone(),
            notes: self.notes.clone(),
        };
        serde_json::to_string(&kept).expect("strings and numbers become JSON")
    }

    /// Reads it back; `None` if it is not what [`VerifiedAnswer::to_json`] wrote.
    pub fn from_json(text: &str, connection: ConnectionId) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let groups = match &kept.groups {
            KeptGroups::Listed(groups) => AssertedGroups::listed(groups.iter().map(String::as_str)),
            KeptGroups::NotSent => AssertedGroups::NotSent,
            KeptGroups::TooMany => AssertedGroups::TooMany,
        };
        let bytes = |text: Option<String>| text.as_deref().map(|text| unhex(text).ok_or(())).transpose().ok();
        Some(Self {
            idp_name: bytes(kept.idp_name)?.map(TryInto::try_into).transpose().ok()?,
            logout_seal: bytes(kept.logout_seal)?,
            identity: AssertedIdentity {
                connection,
                subject: Subject::new(&kept.subject)?,
                email: EmailAddress::parse(&kept.email).ok()?,
                display_name: kept.display_name,
                groups,
            },
            idp_session: kept.idp_session,
            session_ends: kept.session_ends.map(Timestamp::from_millis),
            warnings: kept.warnings,
            notes: kept.notes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_the_way_between_two_requests() {
        for groups in [
            AssertedGroups::listed(["a", "CN=Ä, & <b>,DC=x"]),
            AssertedGroups::listed([]),
            AssertedGroups::NotSent,
            AssertedGroups::TooMany,
        ] {
            let answer = VerifiedAnswer {
                identity: AssertedIdentity {
                    connection: ConnectionId(7),
                    subject: Subject::new("00u1 ä").expect("a subject"),
                    email: EmailAddress::parse("anna@acme.example").expect("an address"),
                    display_name: Some("Anna \"the\" Ä".to_owned()),
                    groups,
                },
                idp_session: Some("_s1".to_owned()),
                idp_name: Some([7; 32]),
                logout_seal: Some(vec![1, 2, 255]),
                session_ends: Some(Timestamp::from_millis(5)),
                warnings: vec!["a certificate has expired".to_owned()],
                notes: Some(TestNotes {
                    trust: "00".to_owned(),
                    checks: vec!["form".to_owned()],
                    received: "<a/>".to_owned(),
                    attributes: vec![("groups".to_owned(), vec!["a".to_owned()])],
                }),
            };
            assert_eq!(VerifiedAnswer::from_json(&answer.to_json(), ConnectionId(7)), Some(answer));
        }
        assert_eq!(VerifiedAnswer::from_json("{}", ConnectionId(7)), None);
    }
}
