//! Everything that ends one day, line by line: the table of the operator's page.

use serde_json::json;

use super::{Finding, Findings, Verdict};
use crate::calendar::{self, Ending, Kind, Nearness};
use crate::clock::Timestamp;
use crate::commands::output::Failure;
use crate::commands::setting;
use crate::config::Config;
use crate::db::Db;

pub(super) fn look(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let now = setting::now();
    let endings = db.read(|tx| calendar::collect(tx, config, now))?;
    findings.0.extend(endings.iter().map(|ending| line(ending, now)));
    Ok(())
}

fn line(ending: &Ending, now: Timestamp) -> Finding {
    let days = ending.ends.since(now).as_secs() / 86_400;
    let when = match ending.nearness {
        Nearness::Over => format!("ended {}", ending.ends.date()),
        Nearness::Days7 | Nearness::Days30 | Nearness::Days90 | Nearness::Far => {
            format!("ends {}, in {days} days", ending.ends.date())
        }
    };
    let whose = ending.whose.as_ref().map_or(String::new(), |(_, parent)| format!(" of {parent}"));
    let next_step = match verdict(ending) {
        Verdict::Well | Verdict::Unseen if ending.replaced => "; another one lasts longer",
        Verdict::Well | Verdict::Unseen => "",
        Verdict::Warn | Verdict::Bad => next_step(ending.kind),
    };
    let (state, kind) = (ending.nearness.as_str(), ending.kind.as_str());
    let found = format!("{state:7}  {kind}  {}{whose} {when}{next_step}", ending.name);
    Finding::new(verdict(ending), "calendar", found).with(json!({
        "kind": kind, "name": ending.name, "parent": ending.whose.as_ref().map(|(_, name)| name),
        "ends_at": ending.ends.to_string(), "state": state, "replaced": ending.replaced,
    }))
}

fn verdict(ending: &Ending) -> Verdict {
    if !ending.is_pressing() {
        return Verdict::Well;
    }
    match (ending.nearness, ending.kind) {
        (Nearness::Over, Kind::ClientSecret | Kind::ScimToken | Kind::TlsCertificate) => Verdict::Bad,
        // Still a trust anchor: nobody is locked out, but somebody forgot something.
        (_, Kind::IdpCertificate | Kind::IdpMetadata | Kind::OwnCertificate) => Verdict::Warn,
        (_, Kind::ClientSecret | Kind::ScimToken | Kind::TlsCertificate) => Verdict::Warn,
    }
}

fn next_step(kind: Kind) -> &'static str {
    match kind {
        Kind::IdpCertificate => "; ask the identity provider's administrator for the next one",
        Kind::IdpMetadata => "; read it again",
        Kind::OwnCertificate => "; usher keys add makes the next one",
        Kind::ClientSecret => "; make another at the identity provider, and put it in with its day",
        Kind::ScimToken => "; usher scim-token new makes another",
        Kind::TlsCertificate => "; put the next one in its place, the server reads it by itself",
    }
}
