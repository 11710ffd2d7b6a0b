use std::fmt;

/// Why somebody is not let in. The codes are a public contract: exhaustive, stable, shown to people and scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Manual mode, and nobody added this person (rule B10).
    NotAMember,
    /// Entitled, but every seat is taken; the person waits (rules B12, B22).
    NoFreeSeat,
    /// A member without a seat (rule B23).
    NoSeat,
    /// Groups were sent, none of them is mapped (rule B16).
    NoGroupAccess,
    /// Nothing is known about groups (rule B17).
    GroupsMissing,
    /// Not in the directory (rule B20).
    NotProvisioned,
    /// Switched off, here or in the directory.
    Suspended,
    /// The address lies in no verified domain (rule B8).
    DomainNotVerified,
    /// The address belongs to somebody else already (rule B9).
    IdentityConflict,
    /// The identity provider said no (rule B13).
    IdpDenied,
    /// The message could not be trusted.
    AssertionInvalid,
    /// The message was used before.
    AssertionReplayed,
    /// Nobody was waiting for this answer: too late, used up, or begun in another browser.
    SignInExpired,
    /// The organization lets people in by single sign-on only.
    SsoRequired,
    /// The application is not for this role or seat, or is none of ours.
    AppNotAllowed,
    /// The identity provider does not answer.
    IdpUnavailable,
}

impl Refusal {
    /// Every refusal, in the order of the specification.
    pub const ALL: [Self; 16] = [
        Self::NotAMember,
        Self::NoFreeSeat,
        Self::NoSeat,
        Self::NoGroupAccess,
        Self::GroupsMissing,
        Self::NotProvisioned,
        Self::Suspended,
        Self::DomainNotVerified,
        Self::IdentityConflict,
        Self::IdpDenied,
        Self::AssertionInvalid,
        Self::AssertionReplayed,
        Self::SignInExpired,
        Self::SsoRequired,
        Self::AppNotAllowed,
        Self::IdpUnavailable,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAMember => "not_a_member",
            Self::NoFreeSeat => "no_free_seat",
            Self::NoSeat => "no_seat",
            Self::NoGroupAccess => "no_group_access",
            Self::GroupsMissing => "groups_missing",
            Self::NotProvisioned => "not_provisioned",
            Self::Suspended => "suspended",
            Self::DomainNotVerified => "domain_not_verified",
            Self::IdentityConflict => "identity_conflict",
            Self::IdpDenied => "idp_denied",
            Self::AssertionInvalid => "assertion_invalid",
            Self::AssertionReplayed => "assertion_replayed",
            Self::SignInExpired => "sign_in_expired",
            Self::SsoRequired => "sso_required",
            Self::AppNotAllowed => "app_not_allowed",
            Self::IdpUnavailable => "idp_unavailable",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::parse(refusal.code()), Some(refusal));
        }
        assert_eq!(Refusal::parse("nope"), None);
    }
}
