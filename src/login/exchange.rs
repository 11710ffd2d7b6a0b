//! From a code to verified facts: the calls to an OpenID provider, in their order. What the answers must be, `oidc` says.

use std::sync::Arc;
use std::time::Duration;

use super::answer::{TestNotes, VerifiedAnswer};
use super::oidc::client_key;
use super::oidc_sign_out;
use super::trial::trust_mark;
use super::turned::Cause;
use crate::connection::{ClientAuth, Connection, OidcSettings};
use crate::gateway::{Gateway, open_client_secret};
use crate::identity::AssertedGroups;
use crate::oidc::{
    self, Ask, Awaited, Call, ClientProof, IdToken, Kind, MAX_TOKEN_ANSWER, MAX_USERINFO, OidcError, Tokens, Userinfo,
};
use crate::outbound::{Answer, Outbound, Purpose};
use crate::providers::{Described, Trouble};
use crate::provisioning::Refusal;
use crate::secrets;
use crate::store::pending::{self, Known};

/// A sign-in whose code has arrived.
pub(super) struct Exchange<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) connection: &'a Connection,
    pub(super) settings: &'a OidcSettings,
    /// As it was begun.
    pub(super) known: &'a Known,
    pub(super) state: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) verifier: &'a str,
}

/// How long all calls for one sign-in may take together: a person waits, and so does whoever is behind them.
const ALTOGETHER: Duration = Outbound::DEADLINE;

/// The refusal for a failed check, with what the admin reads.
pub(super) fn cause_of(error: &OidcError) -> Cause {
    let refusal = match error.kind() {
        Kind::Invalid | Kind::UnknownKey => Refusal::AssertionInvalid,
        Kind::Expired => Refusal::SignInExpired,
        Kind::IdpDenied => Refusal::IdpDenied,
        Kind::Unavailable => Refusal::IdpUnavailable,
    };
    Cause::new(refusal, error.code(), error.to_string(), error.next_step())
}

impl Exchange<'_> {
    /// Exchanges the code and verifies everything that comes of it.
    pub(super) async fn run(&self, described: Arc<Described>, code: &str) -> Result<VerifiedAnswer, Cause> {
        let asked = actix_web::rt::time::timeout(ALTOGETHER, self.ask(described, code)).await;
        asked.unwrap_or_else(|_| Err(Cause::unavailable(Trouble::too_slow())))
    }

    async fn ask(&self, described: Arc<Described>, code: &str) -> Result<VerifiedAnswer, Cause> {
        let tokens = self.tokens(&described, code).await?;
        let seen = |mut cause: Cause| {
            if self.known.purpose == pending::Purpose::Test {
                cause.received = oidc::shown_unverified(tokens.id_token());
            }
            cause
        };
        let id_token = self.verified(&described, &tokens).await.map_err(seen)?;
        let userinfo = self.userinfo(&described, &tokens, &id_token).await.map_err(seen)?;
        let mut answer = self.answer(&tokens, &id_token, userinfo.as_ref()).await.map_err(seen)?;
        answer.logout_seal = oidc_sign_out::seal_hint(self.gateway, self.connection, &described, &tokens);
        Ok(answer)
    }

    async fn tokens(&self, described: &Described, code: &str) -> Result<Tokens, Cause> {
        let now = self.gateway.now();
        let ask = Ask {
            settings: self.settings,
            provider: &described.provider,
            redirect_uri: self.redirect_uri,
            state: self.state,
            nonce: &self.known.request_id,
            verifier: self.verifier,
            login_hint: None,
        };
        let jti = secrets::public_id("");
        let call = match self.settings.client_auth {
            ClientAuth::PrivateKeyJwt => client_key(self.gateway)
                .and_then(|key| oidc::token_call(&ask, code, &ClientProof::Key(&key), &jti, now)),
            ClientAuth::Basic | ClientAuth::Post => {
                let secret = self.secret()?;
                oidc::token_call(&ask, code, &ClientProof::Secret(&secret), &jti, now)
            }
        };
        let call = call.map_err(|error| cause_of(&error))?;
        let answer = self.call(Purpose::OidcToken, &call, MAX_TOKEN_ANSWER).await?;
        let read = oidc::read_token_answer(answer.status, content_type(&answer), &answer.body);
        read.map_err(|error| cause_of(&error))
    }

    fn secret(&self) -> Result<impl std::ops::Deref<Target = String>, Cause> {
        let secret = self.settings.client_secret.as_ref();
        let opened = secret.map(|secret| open_client_secret(&self.gateway.sealer, &self.connection.slug, secret));
        match opened {
            Some(Ok(secret)) => Ok(secret),
            Some(Err(error)) => {
                let next = "Give the client secret of this connection once more.";
                Err(Cause::new(Refusal::IdpUnavailable, "client_secret", error.to_string(), next))
            }
            None => {
                let (what, next) =
                    ("the connection has no client secret", "Give the client secret of this connection.");
                Err(Cause::new(Refusal::IdpUnavailable, "client_secret", what, next))
            }
        }
    }

    /// The ID token verified; by the provider's newest keys, if those that are known do not fit.
    async fn verified(&self, described: &Arc<Described>, tokens: &Tokens) -> Result<IdToken, Cause> {
        let awaited = Awaited { nonce: &self.known.request_id, asked_at: self.known.created_at };
        let verify = |described: &Described| {
            oidc::verify_id_token(self.settings, &described.keys, tokens, &awaited, self.gateway.now())
        };
        let verified = match verify(described) {
            Err(error) if error.kind() == Kind::UnknownKey => {
                match self.gateway.providers.newer_than(described, self.connection, self.settings).await {
                    Some(newer) => verify(&newer),
                    None => Err(error),
                }
            }
            verified => verified,
        };
        verified.map_err(|error| cause_of(&error))
    }

    async fn userinfo(
        &self,
        described: &Described,
        tokens: &Tokens,
        id_token: &IdToken,
    ) -> Result<Option<Userinfo>, Cause> {
        let call = oidc::userinfo_call(&described.provider, tokens).filter(|_| id_token.lacks(self.connection));
        let Some(call) = call else { return Ok(None) };
        let answer = self.call(Purpose::OidcUserinfo, &call, MAX_USERINFO).await?;
        if answer.status != 200 {
            return Err(cause_of(&OidcError::userinfo_status(answer.status)));
        }
        let read = oidc::read_userinfo(content_type(&answer), &answer.body, id_token);
        read.map(Some).map_err(|error| cause_of(&error))
    }

    async fn answer(
        &self,
        tokens: &Tokens,
        id_token: &IdToken,
        userinfo: Option<&Userinfo>,
    ) -> Result<VerifiedAnswer, Cause> {
        let facts =
            |resolved| oidc::facts(self.connection, id_token, userinfo, resolved).map_err(|error| cause_of(&error));
        let mut found = facts(None)?;
        let mut warnings = Vec::new();
        if found.identity.groups == AssertedGroups::TooMany {
            match self.groups(tokens).await {
                Some(Ok(groups)) => found = facts(Some(groups))?,
                // Nobody knows the groups then, which is what the decision is told (rule B17).
                Some(Err(what)) => warnings.push(format!("the groups endpoint did not tell the groups: {what}")),
                None => {}
            }
        }
        warnings.splice(0..0, found.warnings.iter().map(ToString::to_string));
        let shown = (self.known.purpose == pending::Purpose::Test).then(|| oidc::shown(id_token, userinfo));
        Ok(VerifiedAnswer {
            identity: found.identity,
            idp_session: id_token.sid().map(str::to_owned),
            idp_name: Some(oidc_sign_out::subject_mark(id_token.subject())),
            logout_seal: None,
            session_ends: None,
            warnings,
            notes: shown.map(|shown| TestNotes {
                trust: trust_mark(self.connection),
                checks: oidc::CHECKS.iter().map(|&check| check.to_owned()).collect(),
                received: shown.text,
                attributes: shown.attributes,
            }),
        })
    }

    /// The groups that were too many for the token, if the connection says whom to ask.
    async fn groups(&self, tokens: &Tokens) -> Option<Result<Vec<String>, String>> {
        let call = oidc::groups_call(self.settings, tokens)?;
        Some(match self.call(Purpose::OidcGroups, &call, MAX_USERINFO).await {
            Ok(answer) if answer.status == 200 => oidc::read_groups(&answer.body).map_err(|error| error.to_string()),
            Ok(answer) => Err(OidcError::groups_status(answer.status).to_string()),
            Err(cause) => Err(cause.what),
        })
    }

    async fn call(&self, purpose: Purpose, call: &Call, limit: usize) -> Result<Answer, Cause> {
        let headers: Vec<(&str, &[u8])> =
            call.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let outbound = &self.gateway.outbound;
        let answered = match call.body.clone() {
            Some(body) => outbound.post(purpose, &call.url, &headers, body, limit).await,
            None => outbound.ask(purpose, &call.url, &headers, limit).await,
        };
        answered.map_err(|error| Cause::unavailable(error.into()))
    }
}

fn content_type(answer: &Answer) -> Option<&str> {
    let mut found = answer.headers.iter().filter(|(name, _)| name == "content-type");
    found.next().and_then(|(_, value)| std::str::from_utf8(value).ok())
}
