//! Questions to the DNS: the TXT records of a domain, from the configured servers or the system's. Keeps no answer, so that who
//! looks again sees what is there now; what the answer means is the domain's own business.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use crate::identity::DomainName;
use crate::organization::Found;

/// Whom to ask. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dns {
    servers: Vec<SocketAddr>,
    patience: Patience,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For one answer of one server; then it is asked a second time.
    answer: Duration,
    /// For everything.
    total: Duration,
}

impl Dns {
    /// How long one look-up may take, however many servers are asked.
    pub const DEADLINE: Duration = Duration::from_secs(10);

    /// Asks these servers; the system's, if there are none.
    pub fn new(servers: &[SocketAddr]) -> Self {
        Self { servers: servers.to_vec(), patience: Patience { answer: Duration::from_secs(2), total: Self::DEADLINE } }
    }

    /// Waits no longer than this for everything.
    pub fn within(self, total: Duration) -> Self {
        Self { patience: Patience { total, ..self.patience }, ..self }
    }

    /// The TXT records of a domain, each with its strings joined (RFC 7208 §3.3 reads them so too). Over UDP, and over TCP where an
    /// answer was cut short. Never fails: that nobody answers is an answer.
    pub async fn txt(&self, domain: &DomainName) -> Found {
        let resolver = match self.resolver() {
            Ok(resolver) => resolver,
            Err(error) => return Found::ServerFailure(format!("no DNS server is known here: {error}")),
        };
        // The final dot keeps the search list of resolv.conf out.
        let Ok(name) = Name::from_ascii(format!("{domain}.")) else { return Found::NoSuchName };
        match tokio::time::timeout(self.patience.total, resolver.lookup(name.clone(), RecordType::TXT)).await {
            Err(_) => Found::NoAnswer,
            Ok(Err(error)) => failed(&error),
            Ok(Ok(lookup)) => {
                let records = of_name(name, lookup.answers());
                // A chain of CNAMEs that leads to no TXT record, or records of other names only.
                if records.is_empty() { Found::NoRecords } else { Found::Records(records) }
            }
        }
    }

    /// Made for one look-up: no cache, no connection and no task outlives it.
    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = if self.servers.is_empty() {
            TokioResolver::builder(provider)?
        } else {
            let servers = self.servers.iter().map(|address| {
                let at = |mut connection: ConnectionConfig| {
                    connection.port = address.port();
                    connection
                };
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(at).to_vec();
                NameServerConfig::new(address.ip(), true, connections)
            });
            TokioResolver::builder_with_config(ResolverConfig::from_name_servers(servers.collect()), provider)
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = self.patience.answer;
        options.attempts = 2;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        builder.build()
    }
}

/// The TXT records of this very name, and of those that its CNAMEs lead to (RFC 1034 §3.6.2). What a server says of other names
/// beside it was not asked for, and proves nothing.
fn of_name(name: Name, answers: &[Record]) -> Vec<String> {
    let mut names = vec![name];
    // Each round follows one step, in whatever order the records stand.
    for _ in 0..MAX_CNAMES {
        let next = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if names.contains(&record.name) && !names.contains(&target.0) => {
                Some(target.0.clone())
            }
            _ => None,
        });
        let Some(next) = next else { break };
        names.push(next);
    }
    let records =
        answers.iter().filter(|record| names.contains(&record.name)).filter_map(|record| match &record.data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        });
    records.collect()
}

/// How many CNAMEs are followed.
const MAX_CNAMES: usize = 8;

fn failed(error: &NetError) -> Found {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => Found::NoSuchName,
            ResponseCode::NoError => Found::NoRecords,
            code => Found::ServerFailure(word(code)),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => Found::ServerFailure(word(*code)),
        NetError::Timeout | NetError::NoConnections => Found::NoAnswer,
        other => Found::ServerFailure(other.to_string()),
    }
}

/// A code as the standards write it.
fn word(code: ResponseCode) -> String {
    match code {
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        other => format!("{other:?}").to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::rdata::{CNAME, TXT};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("a name")
    }

    fn alias(from: &str, to: &str) -> Record {
        Record::from_rdata(name(from), 60, RData::CNAME(CNAME(name(to))))
    }

    fn text(of: &str, text: &str) -> Record {
        Record::from_rdata(name(of), 60, RData::TXT(TXT::new(vec![text.to_owned()])))
    }

    #[test]
    fn aliases_are_followed_in_whatever_order_they_stand_and_not_for_ever() {
        let chain = |steps: usize| {
            let mut answers = vec![text(&format!("n{steps}.example."), "proof")];
            answers.extend((0..steps).rev().map(|n| alias(&format!("n{n}.example."), &format!("n{}.example.", n + 1))));
            of_name(name("n0.example."), &answers)
        };
        for steps in [0, 1, 2, MAX_CNAMES] {
            assert_eq!(chain(steps), ["proof"], "{steps}");
        }
        assert!(chain(MAX_CNAMES + 1).is_empty());
        let circle =
            [alias("a.example.", "b.example."), alias("b.example.", "a.example."), text("b.example.", "proof")];
        assert_eq!(of_name(name("a.example."), &circle), ["proof"]);
    }

    #[test]
    fn an_alias_of_another_name_proves_nothing() {
        let forged = [alias("other.example.", "evil.example."), text("evil.example.", "proof")];
        assert!(of_name(name("acme.example."), &forged).is_empty());
        let beside =
            [text("acme.example.", "right"), alias("other.example.", "evil.example."), text("evil.example.", "x")];
        assert_eq!(of_name(name("acme.example."), &beside), ["right"]);
    }
}
