//! Why an answer is refused, in words for the admin. The visitor sees none of them.
//! Never carries a token, a code or a secret; expected and found values only where they are names of parties, times or types.

/// Who has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The answer is not one we accept.
    Invalid,
    /// The sign-in took too long.
    Expired,
    /// The provider answered that it will not sign the person in.
    IdpDenied,
    /// The provider does not do its part; nothing is wrong with this person.
    Unavailable,
    /// A key that is not known; the provider may have changed its keys, so the caller reads them again, once.
    UnknownKey,
}

/// Why an answer was refused: one variant, one reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    // discovery
    /// No JSON object, or one that names something twice.
    #[error("the discovery document is no JSON object that can be read one way only")]
    DiscoveryUnreadable,
    /// Something is missing or of another type.
    #[error("the discovery document has no usable {0}")]
    DiscoveryLacks(&'static str),
    /// Another issuer (OpenID Connect Discovery 4.3).
    #[error("the discovery document is of issuer {found}, expected {expected}")]
    DiscoveryIssuer {
        /// Ours.
        expected: String,
        /// Theirs.
        found: String,
    },
    /// `{tenantid}`: an issuer that stands for many.
    #[error("the issuer is a template for every tenant ({found})")]
    IssuerTemplate {
        /// As found.
        found: String,
    },
    /// An endpoint without TLS, or no address at all.
    #[error("{what} in the discovery document is no https address")]
    EndpointNotHttps {
        /// Which.
        what: &'static str,
    },
    /// The provider cannot do what we need.
    #[error("the provider does not offer {0}")]
    NotOffered(&'static str),
    /// Not a key set.
    #[error("the key set is no JSON object with a list of keys")]
    KeysUnreadable,
    /// No key in it can verify a signature.
    #[error("no key of the provider can be used: {0}")]
    NoUsableKey(&'static str),

    // callback
    /// A parameter twice, missing, or too long.
    #[error("the answer's parameter {0} is missing, too long, or there twice")]
    Parameter(&'static str),
    /// The provider said no (RFC 6749 §4.1.2.1).
    #[error("the provider answered {code}")]
    Denied {
        /// The standard's code, if it is one.
        code: String,
    },
    /// The provider could not.
    #[error("the provider answered {code}")]
    ProviderFailed {
        /// The standard's code.
        code: String,
    },
    /// RFC 9207: the answer comes from another issuer.
    #[error("the answer says it comes from {found}, expected {expected}")]
    CallbackIssuer {
        /// Ours.
        expected: String,
        /// Theirs.
        found: String,
    },
    /// RFC 9207: announced, and missing.
    #[error("the answer does not say from which issuer it comes, though the provider announces that it does")]
    CallbackIssuerMissing,

    // token endpoint
    /// Our client id or secret.
    #[error("the token endpoint does not accept our client ({code})")]
    ClientRefused {
        /// The standard's code.
        code: String,
    },
    /// The code.
    #[error("the token endpoint does not accept the code ({code})")]
    CodeRefused {
        /// The standard's code.
        code: String,
    },
    /// Another status.
    #[error("the token endpoint answered {status}")]
    TokenStatus {
        /// The HTTP status.
        status: u16,
    },
    /// Not what RFC 6749 §5.1 and OpenID Connect Core 3.1.3.3 say.
    #[error("the token endpoint's answer has no usable {0}")]
    TokenAnswer(&'static str),

    // tokens
    /// Not three parts of base64url, or too long.
    #[error("the {0} is no compact JWS")]
    NotAJws(&'static str),
    /// A header that cannot be read, or wants something understood that we do not.
    #[error("the header of the {token} is not one we accept: {what}")]
    Header {
        /// Which token.
        token: &'static str,
        /// Why not.
        what: &'static str,
    },
    /// Not one of the algorithms we accept: never `none`, never a shared secret.
    #[error("the {token} is signed with {found:?}, which is not accepted")]
    Algorithm {
        /// Which token.
        token: &'static str,
        /// As found, cut short.
        found: String,
    },
    /// No key of this id.
    #[error("the {token} is signed with a key that the provider does not publish")]
    UnknownKey {
        /// Which token.
        token: &'static str,
    },
    /// Several keys could be meant, and the token does not say which.
    #[error("the {token} does not say with which of several keys it is signed")]
    AmbiguousKey {
        /// Which token.
        token: &'static str,
    },
    /// The signature does not verify.
    #[error("the signature of the {token} is wrong")]
    Signature {
        /// Which token.
        token: &'static str,
    },
    /// The payload is no JSON object that can be read one way only.
    #[error("the payload of the {0} is no JSON object that can be read one way only")]
    Payload(&'static str),
    /// A claim is missing or of another type.
    #[error("the {token} has no usable {claim}")]
    Claim {
        /// Which token.
        token: &'static str,
        /// Which claim.
        claim: &'static str,
    },
    /// Another issuer.
    #[error("the {token} is of issuer {found}, expected {expected}")]
    Issuer {
        /// Which token.
        token: &'static str,
        /// Ours.
        expected: String,
        /// Theirs.
        found: String,
    },
    /// Not for us.
    #[error("the {token} is not for this client: expected audience {expected}, found {found}")]
    Audience {
        /// Which token.
        token: &'static str,
        /// Our client id.
        expected: String,
        /// Theirs.
        found: String,
    },
    /// For us among others, but given to another.
    #[error("the ID token was given to another client (azp {found}), expected {expected}")]
    AuthorizedParty {
        /// Our client id.
        expected: String,
        /// Theirs.
        found: String,
    },
    /// Its time is over.
    #[error("the {token} ended at {at}")]
    Ended {
        /// Which token.
        token: &'static str,
        /// When.
        at: String,
    },
    /// It was issued in the future, or is not valid yet.
    #[error("the {token} is from the future ({at})")]
    FromTheFuture {
        /// Which token.
        token: &'static str,
        /// When.
        at: String,
    },
    /// It was issued long ago.
    #[error("the {token} was issued at {at}, too long ago")]
    TooOld {
        /// Which token.
        token: &'static str,
        /// When.
        at: String,
    },
    /// The nonce is another: an answer to another question.
    #[error("the ID token answers another sign-in: its nonce is not ours")]
    Nonce,
    /// The access token is not the one that was issued with it.
    #[error("the access token does not belong to the ID token (at_hash)")]
    AccessTokenHash,
    /// Asked to authenticate again, and the provider did not.
    #[error("the person was to sign in anew (force_authn), but last did so at {at}")]
    AuthenticatedBefore {
        /// When.
        at: String,
    },
    /// Another authentication context than asked for.
    #[error("the person signed in with acr {found:?}, expected {expected:?}")]
    Context {
        /// Asked for.
        expected: String,
        /// As found.
        found: String,
    },

    // userinfo and groups
    /// Another status.
    #[error("the {what} endpoint answered {status}")]
    EndpointStatus {
        /// Which endpoint.
        what: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// Not a JSON object.
    #[error("the userinfo answer is no JSON object; signed userinfo (a JWT) is not read")]
    UserinfoUnreadable,
    /// Somebody else (OpenID Connect Core 5.3.4).
    #[error("the userinfo answer is about another person: its sub is not that of the ID token")]
    UserinfoSubject,
    /// Not a list of ids.
    #[error("the groups endpoint's answer has no list of groups under \"value\"")]
    GroupsUnreadable,

    // facts
    /// No address.
    #[error("no e-mail address was sent: claim {claim:?} is missing")]
    NoEmail {
        /// Which claim was looked for.
        claim: String,
    },
    /// Something that is no address.
    #[error("claim {claim:?} is no e-mail address that can be used")]
    BadEmail {
        /// Which claim.
        claim: String,
    },
    /// The provider itself does not vouch for it.
    #[error("the provider says that the e-mail address is not verified ({claim})")]
    EmailNotVerified {
        /// Which claim says so.
        claim: &'static str,
    },
    /// Groups of a type that is no list of names.
    #[error("claim {claim:?} holds {found}, expected a list of texts")]
    BadGroups {
        /// Which claim.
        claim: String,
        /// What it holds.
        found: &'static str,
    },
    /// A private key of ours.
    #[error("our client key cannot be used")]
    ClientKey,

    // logout
    /// Not what OpenID Connect Back-Channel Logout 2.4 says.
    #[error("the logout token {0}")]
    Logout(&'static str),
}

impl OidcError {
    /// The userinfo endpoint answered something else than 200.
    pub fn userinfo_status(status: u16) -> Self {
        Self::EndpointStatus { what: "userinfo", status }
    }

    /// The groups endpoint answered something else than 200.
    pub fn groups_status(status: u16) -> Self {
        Self::EndpointStatus { what: "groups", status }
    }

    /// Who has to do something about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Denied { .. } => Kind::IdpDenied,
            // A key may have changed under the same id, too.
            Self::UnknownKey { .. } | Self::Signature { .. } => Kind::UnknownKey,
            Self::DiscoveryUnreadable
            | Self::DiscoveryLacks(_)
            | Self::DiscoveryIssuer { .. }
            | Self::IssuerTemplate { .. }
            | Self::EndpointNotHttps { .. }
            | Self::NotOffered(_)
            | Self::KeysUnreadable
            | Self::NoUsableKey(_)
            | Self::ProviderFailed { .. }
            | Self::ClientRefused { .. }
            | Self::TokenStatus { .. }
            | Self::EndpointStatus { .. }
            | Self::ClientKey => Kind::Unavailable,
            Self::CodeRefused { .. } => Kind::Expired,
            _ => Kind::Invalid,
        }
    }

    /// A stable short name of the check that failed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DiscoveryUnreadable => "discovery_unreadable",
            Self::DiscoveryLacks(_) => "discovery_lacks",
            Self::DiscoveryIssuer { .. } => "discovery_issuer",
            Self::IssuerTemplate { .. } => "issuer_template",
            Self::EndpointNotHttps { .. } => "endpoint_not_https",
            Self::NotOffered(_) => "not_offered",
            Self::KeysUnreadable => "keys_unreadable",
            Self::NoUsableKey(_) => "no_usable_key",
            Self::Parameter(_) => "callback_parameter",
            Self::Denied { .. } => "idp_denied",
            Self::ProviderFailed { .. } => "provider_failed",
            Self::CallbackIssuer { .. } => "callback_issuer",
            Self::CallbackIssuerMissing => "callback_issuer_missing",
            Self::ClientRefused { .. } => "client_refused",
            Self::CodeRefused { .. } => "code_refused",
            Self::TokenStatus { .. } => "token_status",
            Self::TokenAnswer(_) => "token_answer",
            Self::NotAJws(_) => "not_a_jws",
            Self::Header { .. } => "header",
            Self::Algorithm { .. } => "algorithm",
            Self::UnknownKey { .. } => "unknown_key",
            Self::AmbiguousKey { .. } => "ambiguous_key",
            Self::Signature { .. } => "signature",
            Self::Payload(_) => "payload",
            Self::Claim { .. } => "claim",
            Self::Issuer { .. } => "issuer",
            Self::Audience { .. } => "audience",
            Self::AuthorizedParty { .. } => "authorized_party",
            Self::Ended { .. } => "ended",
            Self::FromTheFuture { .. } => "from_the_future",
            Self::TooOld { .. } => "too_old",
            Self::Nonce => "nonce",
            Self::AccessTokenHash => "access_token_hash",
            Self::AuthenticatedBefore { .. } => "authenticated_before",
            Self::Context { .. } => "context",
            Self::EndpointStatus { .. } => "endpoint_status",
            Self::UserinfoUnreadable => "userinfo_unreadable",
            Self::UserinfoSubject => "userinfo_subject",
            Self::GroupsUnreadable => "groups_unreadable",
            Self::NoEmail { .. } => "no_email",
            Self::BadEmail { .. } => "bad_email",
            Self::EmailNotVerified { .. } => "email_not_verified",
            Self::BadGroups { .. } => "bad_groups",
            Self::ClientKey => "client_key",
            Self::Logout(_) => "logout",
        }
    }

    /// What the admin does next.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::DiscoveryUnreadable | Self::DiscoveryLacks(_) | Self::KeysUnreadable => {
                "Open the issuer's address with /.well-known/openid-configuration after it; it must be the provider's JSON document."
            }
            Self::DiscoveryIssuer { .. } => "Copy the issuer from the provider's own document, to the letter.",
            Self::IssuerTemplate { .. } => {
                "Use the issuer of your own tenant: https://login.microsoftonline.com/TENANT-ID/v2.0."
            }
            Self::EndpointNotHttps { .. } => "The provider has to offer its endpoints over https.",
            Self::NotOffered(_) => "Switch the authorization code flow with S256 on at the provider.",
            Self::NoUsableKey(_) => "The provider has to sign with RSA of 2048 bits or more, P-256, P-384 or Ed25519.",
            Self::Denied { .. } => "Look at the provider why; often the person is not assigned to this application.",
            Self::ProviderFailed { .. } | Self::TokenStatus { .. } | Self::EndpointStatus { .. } => {
                "Look into the provider's log at this time, and try again."
            }
            Self::ClientRefused { .. } => {
                "Check client_id, client_secret and client_auth of this connection against the provider; a secret may have ended."
            }
            Self::CodeRefused { .. } => {
                "Try again. If it happens always, check the redirect URI at the provider, to the letter."
            }
            Self::Parameter(_) | Self::NotAJws(_) | Self::Payload(_) | Self::Claim { .. } | Self::TokenAnswer(_) => {
                "The provider sends what the standard does not allow; ask who runs it."
            }
            Self::CallbackIssuer { .. } | Self::CallbackIssuerMissing => {
                "Somebody may have tried to mix up two providers. Try again; if it happens always, check the issuer."
            }
            Self::Header { .. } | Self::Algorithm { .. } => {
                "Let the provider sign ID tokens with RS256, PS256, ES256 or EdDSA."
            }
            Self::UnknownKey { .. } | Self::AmbiguousKey { .. } | Self::Signature { .. } => {
                "Try again in a minute: the provider may be changing its keys. If it happens always, treat it as an attack."
            }
            Self::Issuer { .. } | Self::Audience { .. } | Self::AuthorizedParty { .. } => {
                "Check issuer and client_id of this connection against the provider, to the letter."
            }
            Self::Ended { .. } | Self::FromTheFuture { .. } | Self::TooOld { .. } => {
                "Compare the clocks of this gateway and the provider; clock_skew allows for a difference."
            }
            Self::Nonce | Self::AccessTokenHash | Self::UserinfoSubject => {
                "Try again. If it happens again, treat it as an attack: somebody may have exchanged one answer for another."
            }
            Self::AuthenticatedBefore { .. } | Self::Context { .. } => {
                "Let the provider do what this connection asks for, or do not ask for it (force_authn, acr)."
            }
            Self::UserinfoUnreadable => "Let the provider answer the userinfo endpoint with plain JSON.",
            Self::GroupsUnreadable => "Check groups_endpoint, and that our client may read the person's groups there.",
            Self::NoEmail { .. } | Self::BadEmail { .. } => {
                "Let the provider send the address (scope email), or name the claim under attributes.email."
            }
            Self::EmailNotVerified { .. } => {
                "Verify the address at the provider; an unverified one could be anybody's."
            }
            Self::BadGroups { .. } => {
                "Let the provider send groups as a list of texts, or name the claim under attributes.groups."
            }
            Self::ClientKey => "Restore the key file that belongs to this database.",
            Self::Logout(_) => "Only OpenID Connect back-channel logout tokens end sessions here.",
        }
    }
}

/// A value as found, cut short for a message.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
