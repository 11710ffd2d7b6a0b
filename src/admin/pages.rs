//! The operator's pages, with values ready to show.

use askama::Template;

use crate::web::page::Frame;

/// What an operator can do.
#[derive(Template)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage {
    /// What all pages share.
    pub frame: Frame,
    /// Until when, UTC.
    pub until: String,
    /// Commands to copy.
    pub commands: Vec<String>,
    /// Every parent organization.
    pub parents: Vec<ParentLine>,
    /// How much has to be renewed soon.
    pub pressing: usize,
    /// Every connection.
    pub connections: Vec<ConnectionLine>,
    /// Who could configure what.
    pub organizations: Vec<OperatedOrganization>,
}

/// A parent organization in the list.
pub struct ParentLine {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its domains: name and text key of the state.
    pub domains: Vec<(String, &'static str)>,
}

/// What ends when.
#[derive(Template)]
#[template(path = "admin/calendar.html")]
pub struct CalendarPage {
    /// What all pages share.
    pub frame: Frame,
    /// Everything, what ends first first.
    pub endings: Vec<EndingLine>,
}

/// One thing that ends.
pub struct EndingLine {
    /// The text key of what it is.
    pub kind: &'static str,
    /// Which.
    pub name: String,
    /// Whose; `None` is the installation's.
    pub whose: Option<String>,
    /// When, UTC.
    pub ends: String,
    /// The text key of how near that is.
    pub state: &'static str,
    /// Somebody has to do something about it.
    pub presses: bool,
}

/// The domains of a parent organization.
#[derive(Template)]
#[template(path = "admin/domains.html")]
pub struct DomainsPage {
    /// What all pages share.
    pub frame: Frame,
    /// The parent organization's name.
    pub parent: String,
    /// The path of this page, without a trailing slash.
    pub base: String,
    /// What went wrong with the last thing done here.
    pub problem: Option<String>,
    /// What was typed where a domain is added.
    pub typed: String,
    /// The domains.
    pub domains: Vec<DomainCard>,
}

/// One domain: what is expected of DNS, and what it answered.
pub struct DomainCard {
    /// The name; also the host of the record.
    pub name: String,
    /// The text key of its state.
    pub state: &'static str,
    /// What will happen if nothing is done.
    pub warning: Option<String>,
    /// The record's value.
    pub challenge: String,
    /// What DNS answered instead.
    pub found: Option<String>,
    /// The records that it answered with.
    pub records: Vec<String>,
    /// When it was last looked up, UTC.
    pub checked: Option<String>,
    /// An operator's word counts; DNS is not asked.
    pub is_vouched: bool,
    /// How many people could no longer sign in without it.
    pub people: usize,
}

/// A connection in the list.
pub struct ConnectionLine {
    /// Its slug.
    pub slug: String,
    /// What people see.
    pub label: String,
    /// Whose.
    pub parent: String,
    /// `SAML` or `OpenID Connect`.
    pub protocol: &'static str,
    /// The text key of its state.
    pub state: &'static str,
}

/// An organization as the operator sees it.
pub struct OperatedOrganization {
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: String,
    /// Who holds a role with identity.
    pub admins: Vec<String>,
}

/// One connection.
#[derive(Template)]
#[template(path = "admin/connection.html")]
pub struct ConnectionPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where the setup of its parent organization goes on.
    pub setup: String,
    /// The connection.
    pub line: ConnectionLine,
    /// What went wrong with the last thing done here.
    pub problem: Option<String>,
    /// When a test last passed, UTC.
    pub tested: Option<String>,
    /// It may be switched on now.
    pub can_activate: bool,
    /// It is on.
    pub is_active: bool,
    /// Nobody of this parent could sign in without it.
    pub is_last: bool,
    /// What the identity provider has to know of us: text key and value.
    pub ours: Vec<(&'static str, String)>,
    /// What we know of the identity provider: text key and value.
    pub theirs: Vec<(&'static str, String)>,
    /// Its metadata is read by address, daily and on demand.
    pub reads_metadata: bool,
    /// What the metadata says and is not believed yet.
    pub pending: Option<PendingMetadata>,
    /// The latest tests.
    pub tests: Vec<TestLine>,
    /// Other connections of the same parent, to move people to: slug and label.
    pub others: Vec<(String, String)>,
}

/// Our SAML keys.
#[derive(Template)]
#[template(path = "admin/keys.html")]
pub struct KeysPage {
    /// What all pages share.
    pub frame: Frame,
    /// What went wrong with the last thing done here.
    pub problem: Option<String>,
    /// There is a next key already.
    pub has_next: bool,
    /// The keys, the one in use first.
    pub keys: Vec<KeyLine>,
    /// The connections whose identity providers use our key: slug and label.
    pub users: Vec<(String, String)>,
}

/// One of our keys.
pub struct KeyLine {
    /// Names it.
    pub kid: String,
    /// The text key of where it stands.
    pub state: &'static str,
    /// It can be taken into use.
    pub is_next: bool,
    /// It signs.
    pub is_in_use: bool,
    /// When it was made, UTC.
    pub made: String,
    /// The day its certificate ends.
    pub ends: String,
    /// SHA-256 of its certificate.
    pub fingerprint: String,
}

/// What waits to be accepted.
pub struct PendingMetadata {
    /// The fingerprints of its certificates: what an acceptance is about.
    pub shown: String,
    /// Text key and value.
    pub lines: Vec<(&'static str, String)>,
}

/// A test in the list.
pub struct TestLine {
    /// Its code.
    pub incident: String,
    /// When, UTC.
    pub at: String,
    /// Every check passed.
    pub passed: bool,
}

/// What a test sign-in found.
#[derive(Template)]
#[template(path = "admin/report.html")]
pub struct ReportPage {
    /// What all pages share.
    pub frame: Frame,
    /// The connection's slug.
    pub slug: String,
    /// The connection's label.
    pub label: String,
    /// The code of this test.
    pub incident: String,
    /// When, UTC.
    pub at: String,
    /// Every check passed.
    pub passed: bool,
    /// The check that failed.
    pub failed_check: Option<String>,
    /// What was expected and found.
    pub what: Option<String>,
    /// What to do next.
    pub next_step: Option<String>,
    /// The checks that passed, in order.
    pub checks: Vec<String>,
    /// What an admin should know although it passed.
    pub warnings: Vec<String>,
    /// Our fields: text key and value.
    pub fields: Vec<(&'static str, String)>,
    /// The groups, if they were listed.
    pub groups: Vec<String>,
    /// What was sent about the person: name and values.
    pub attributes: Vec<(String, String)>,
    /// What would happen in each organization.
    pub decisions: Vec<DecisionLine>,
    /// The message, laid out, without its secrets.
    pub received: Option<String>,
}

/// What one organization would decide.
pub struct DecisionLine {
    /// Its name.
    pub organization: String,
    /// The outcome in words.
    pub outcome: String,
    /// The reasons.
    pub because: Vec<String>,
}

/// Moving people to another identity provider: what would happen.
#[derive(Template)]
#[template(path = "admin/switch.html")]
pub struct SwitchPage {
    /// What all pages share.
    pub frame: Frame,
    /// The connection that people use now.
    pub from: ConnectionLine,
    /// The one they will use.
    pub to: ConnectionLine,
    /// Why it cannot be done yet.
    pub problem: Option<String>,
    /// How many by kind: text key and count.
    pub counts: Vec<(&'static str, usize)>,
    /// Everybody: address and text key of the match.
    pub people: Vec<(String, &'static str)>,
    /// What is shown, to be posted back.
    pub mark: String,
}
