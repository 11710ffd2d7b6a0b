//! What is reached over the network, all at once and within one deadline: identity providers, their clocks, and the DNS.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::{Finding, Findings, Verdict};
use crate::clock::Timestamp;
use crate::commands::domain::found_words;
use crate::commands::output::{Failure, chain};
use crate::commands::setting;
use crate::config::Config;
use crate::connection::{Connection, OidcSettings, Protocol, SamlSettings};
use crate::db::{Db, DbError};
use crate::dns::Dns;
use crate::ids::Slug;
use crate::organization::{Domain, DomainState};
use crate::outbound::{Dated, Outbound, Purpose};
use crate::providers::{self, Trouble};
use crate::rollover::metadata::judge;
use crate::saml::{MAX_XML, read_idp_metadata};
use crate::store;

/// How long everything here may take together.
const DEADLINE: Duration = Duration::from_secs(12);
/// How many are asked at once.
const AT_ONCE: usize = 32;
/// From which difference on a clock is spoken of, and from which sign-ins are refused for it.
const NOTABLE: u64 = 30;
const TOO_MUCH: u64 = 120;

/// Somebody to ask.
enum Question {
    Provider(Connection, OidcSettings),
    Metadata(Connection, SamlSettings, String),
    /// Metadata came as a file; what is known is where browsers are sent.
    SignInPage(Connection, String),
    Dns(Slug, Domain),
}

impl Question {
    fn what(&self) -> &'static str {
        match self {
            Self::Provider(..) | Self::Metadata(..) => "connection",
            Self::SignInPage(..) => "clock",
            Self::Dns(..) => "dns",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Provider(connection, _) | Self::Metadata(connection, ..) | Self::SignInPage(connection, _) => {
                connection.slug.as_str()
            }
            Self::Dns(_, domain) => domain.name.as_str(),
        }
    }
}

pub(super) fn look(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let questions = db.read(|tx| -> Result<_, DbError> {
        let mut questions: Vec<Question> =
            store::connections::active(tx)?.into_iter().filter_map(of_connection).collect();
        for parent in store::organizations::parents(tx)? {
            let domains = store::domains::of_parent(tx, parent.id)?;
            questions.extend(domains.into_iter().map(|domain| Question::Dns(parent.slug.clone(), domain)));
        }
        Ok(questions)
    })?;
    let outbound = setting::outbound(config, config.server.allow_private_idp)?;
    let dns = Dns::new(&config.server.dns_servers);
    findings.0.extend(setting::runtime()?.block_on(ask_all(questions, &outbound, &dns)));
    if !findings.0.iter().any(|finding| finding.what == "clock") {
        let found = "no identity provider answers from here, so there is no other clock to compare with";
        findings.add(Verdict::Unseen, "clock", found);
    }
    Ok(())
}

fn of_connection(connection: Connection) -> Option<Question> {
    match connection.protocol.clone() {
        Protocol::Oidc(settings) => Some(Question::Provider(connection, settings)),
        Protocol::Saml(settings) => match settings.metadata_url.clone() {
            Some(address) => Some(Question::Metadata(connection, settings, address)),
            None => {
                let page = settings.idp.sso_redirect.or(settings.idp.sso_post)?;
                Some(Question::SignInPage(connection, page))
            }
        },
    }
}

/// Asks all of them side by side; what has not come by the deadline is said to be missing. In the order of the questions.
async fn ask_all(questions: Vec<Question>, outbound: &Outbound, dns: &Dns) -> Vec<Finding> {
    let (until, turns) = (Instant::now() + DEADLINE, Arc::new(Semaphore::new(AT_ONCE)));
    let mut asked = Vec::new();
    for question in questions {
        let (outbound, dns, turns) = (outbound.clone(), dns.clone(), turns.clone());
        let late = Finding::new(
            Verdict::Warn,
            question.what(),
            format!("{}: no answer within {} s; try again", question.name(), DEADLINE.as_secs()),
        );
        let answer = async move {
            let _turn = turns.acquire_owned().await;
            ask(question, &outbound, &dns).await
        };
        asked.push((late, tokio::spawn(timeout_at(until, answer))));
    }
    let mut findings = Vec::new();
    for (late, task) in asked {
        match task.await {
            Ok(Ok(found)) => findings.extend(found),
            Ok(Err(_)) | Err(_) => findings.push(late),
        }
    }
    findings
}

async fn ask(question: Question, outbound: &Outbound, dns: &Dns) -> Vec<Finding> {
    match question {
        Question::Provider(connection, settings) => provider(&connection, &settings, outbound).await,
        Question::Metadata(connection, settings, address) => metadata(&connection, &settings, &address, outbound).await,
        Question::SignInPage(connection, address) => sign_in_page(&connection, &address, outbound).await,
        Question::Dns(parent, domain) => vec![record(&parent, &domain, dns).await],
    }
}

/// Whether an OpenID provider that people sign in through can be read from here, now.
async fn provider(connection: &Connection, settings: &OidcSettings, outbound: &Outbound) -> Vec<Finding> {
    let slug = &connection.slug;
    match providers::read_dated(outbound, &settings.issuer).await {
        Ok((_, _, dated)) => {
            let well = Finding::new(Verdict::Well, "connection", format!("{slug}: the provider answers, with keys"));
            [well].into_iter().chain(clock(slug, &dated, setting::now())).collect()
        }
        Err(trouble) => vec![troubled(Verdict::Bad, slug, &trouble)],
    }
}

fn troubled(verdict: Verdict, slug: &Slug, trouble: &Trouble) -> Finding {
    let found = format!("{slug}: {}. {}", trouble.what, trouble.next_step);
    Finding::new(verdict, "connection", found).with(json!({ "connection": slug.as_str(), "check": trouble.check }))
}

/// What SAML metadata says by now. People go on signing in while it cannot be read, so that is a warning.
async fn metadata(
    connection: &Connection,
    settings: &SamlSettings,
    address: &str,
    outbound: &Outbound,
) -> Vec<Finding> {
    let slug = &connection.slug;
    let dated = match outbound.get_dated(Purpose::SamlMetadata, address, MAX_XML).await {
        Ok(dated) => dated,
        Err(error) => return vec![troubled(Verdict::Warn, slug, &Trouble::from(error))],
    };
    let now = setting::now();
    let (verdict, said) = match read_idp_metadata(&dated.body, now) {
        Err(error) => (Verdict::Warn, format!("the metadata cannot be used: {}", chain(&error))),
        Ok(read) => match judge(settings, read, address.starts_with("https://")) {
            Err(other) => (Verdict::Warn, other.to_string()),
            Ok(judged) => {
                let waits = judged.settings.pending.is_some();
                news(&judged.seen, waits, judged.settings == *settings)
            }
        },
    };
    let found =
        Finding::new(verdict, "connection", format!("{slug}: {said}")).with(json!({ "connection": slug.as_str() }));
    [found].into_iter().chain(clock(slug, &dated, now)).collect()
}

fn news(seen: &[(String, bool)], waits: bool, same: bool) -> (Verdict, String) {
    let short = |(fingerprint, _): &(String, bool)| fingerprint.chars().take(16).collect::<String>();
    let names: Vec<String> = seen.iter().map(short).collect();
    match (waits, same) {
        (true, _) if names.is_empty() => {
            (Verdict::Warn, "the metadata says something that waits to be accepted".to_owned())
        }
        (true, _) => (
            Verdict::Warn,
            format!(
                "the metadata names new certificates ({}); they wait to be accepted once it is read",
                names.join(", ")
            ),
        ),
        (false, true) => (Verdict::Well, "the metadata says what is known".to_owned()),
        (false, false) if names.is_empty() => {
            (Verdict::Well, "the metadata has changed; it is taken over at the next look".to_owned())
        }
        (false, false) => (
            Verdict::Well,
            format!("the metadata names new certificates ({}); they count from the next look on", names.join(", ")),
        ),
    }
}

/// Only its clock is of interest: browsers have to reach this page, we do not.
async fn sign_in_page(connection: &Connection, address: &str, outbound: &Outbound) -> Vec<Finding> {
    const PAGE: usize = 2 * 1024 * 1024;
    let slug = &connection.slug;
    match outbound.ask(Purpose::Clock, address, &[], PAGE).await {
        Ok(answer) => clock(slug, &Dated::of(Vec::new(), &answer.headers), setting::now()).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

/// Our clock beside the identity provider's, as its answer tells it (RFC 9110 §6.6.1; `Age` is the time it lay in a cache).
fn clock(slug: &Slug, dated: &Dated, now: Timestamp) -> Option<Finding> {
    let sent = dated.date.as_deref().and_then(Timestamp::parse_http_date)?;
    let theirs = sent.plus(Duration::from_secs(dated.age));
    let apart = i128::from(now.as_seconds()) - i128::from(theirs.as_seconds());
    let apart = i64::try_from(apart).unwrap_or(i64::MAX);
    let seconds = apart.unsigned_abs();
    let way = if apart > 0 { "ahead of" } else { "behind" };
    let (verdict, found) = match seconds {
        0..NOTABLE => (Verdict::Well, format!("as the identity provider's of {slug}, to {seconds} s")),
        NOTABLE..TOO_MUCH => (
            Verdict::Warn,
            format!("{seconds} s {way} the identity provider's of {slug}; let both follow a time server"),
        ),
        TOO_MUCH.. => (
            Verdict::Bad,
            format!(
                "{seconds} s {way} the identity provider's of {slug}: sign-ins are refused as too old or from the future; let both follow a time server"
            ),
        ),
    };
    Some(Finding::new(verdict, "clock", found).with(json!({ "connection": slug.as_str(), "seconds": apart })))
}

/// What the DNS says now, beside what is expected. Changes no state; that is the server's, and `usher domain check`'s.
async fn record(parent: &Slug, domain: &Domain, dns: &Dns) -> Finding {
    let name = &domain.name;
    if let DomainState::Verified { vouched: true, .. } = domain.state {
        return Finding::new(Verdict::Well, "dns", format!("{name}: not asked, an operator vouches for it"));
    }
    let found = dns.txt(name).await;
    let proven = found.proves(&domain.challenge);
    let words = if proven { "the expected record".to_owned() } else { found_words(&found) };
    let facts = json!({
        "domain": name.as_str(), "parent": parent.as_str(), "expected": domain.challenge, "answer": words, "proven": proven,
    });
    let (verdict, text) = if proven {
        (Verdict::Well, format!("{name}: the record is there"))
    } else {
        (Verdict::Warn, format!("{name}: expected TXT \"{}\"; found: {words}", domain.challenge))
    };
    Finding::new(verdict, "dns", text).with(facts)
}
