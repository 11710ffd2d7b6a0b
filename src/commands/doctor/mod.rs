//! `usher doctor`: looks at everything that a sign-in needs, from the disk to the identity providers, and says what to do. Changes nothing.

mod calendar;
mod machine;
mod organizations;
mod outside;

use serde_json::{Map, Value};

use super::output::{Failure, say};
use super::setting::{self, Setting};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Well,
    Warn,
    Bad,
    /// There was nothing to look at.
    Unseen,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Warn => "warn",
            Self::Bad => "fail",
            Self::Unseen => "skip",
        }
    }
}

/// One line: what was looked at, what was found, and what to do.
#[derive(Debug)]
struct Finding {
    verdict: Verdict,
    what: &'static str,
    found: String,
    /// The same in parts, for machines.
    facts: Map<String, Value>,
}

impl Finding {
    fn new(verdict: Verdict, what: &'static str, found: impl Into<String>) -> Self {
        Self { verdict, what, found: found.into(), facts: Map::new() }
    }

    fn with(mut self, facts: Value) -> Self {
        if let Value::Object(facts) = facts {
            self.facts.extend(facts);
        }
        self
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, verdict: Verdict, what: &'static str, found: impl Into<String>) {
        self.0.push(Finding::new(verdict, what, found));
    }
}

pub(super) fn doctor(setting: &Setting, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let mut findings = Findings::default();
    machine::look(&config, &mut findings)?;
    match setting::existing(&config) {
        Err(failure @ Failure::OtherVersion(_)) => return Err(failure),
        Err(failure) => findings.add(Verdict::Bad, "database", failure.to_string()),
        Ok(db) => {
            machine::database(&config, &db, &mut findings)?;
            organizations::look(&config, &db, &mut findings)?;
            calendar::look(&config, &db, &mut findings)?;
            outside::look(&config, &db, &mut findings)?;
        }
    }
    print(&findings, json);
    let bad = findings.0.iter().filter(|finding| finding.verdict == Verdict::Bad).count();
    if bad > 0 { Err(Failure::failed(format!("{bad} of these must be mended"))) } else { Ok(()) }
}

fn print(findings: &Findings, json: bool) {
    for Finding { verdict, what, found, facts } in &findings.0 {
        let word = verdict.word();
        if json {
            let mut line = facts.clone();
            line.insert("verdict".to_owned(), word.into());
            line.insert("what".to_owned(), (*what).into());
            line.insert("found".to_owned(), found.as_str().into());
            say(&Value::Object(line).to_string());
        } else {
            say(&format!("{word:4}  {what:14}  {found}"));
        }
    }
}
