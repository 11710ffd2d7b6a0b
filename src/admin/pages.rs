//! The operator's pages, with values ready to show.

use askama::Template;

use crate::connecting::ConnectionLine;
use crate::web::page::Frame;
use crate::web::when::When;

/// What an operator can do.
#[derive(Template)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage {
    /// What all pages share.
    pub frame: Frame,
    /// Until when.
    pub until: When,
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
    /// When.
    pub ends: When,
    /// The text key of how near that is.
    pub state: &'static str,
    /// Somebody has to do something about it.
    pub presses: bool,
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
    /// When it was made.
    pub made: When,
    /// The day its certificate ends.
    pub ends: String,
    /// SHA-256 of its certificate.
    pub fingerprint: String,
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
    /// What is known of the one they will use: text key and value.
    pub theirs: Vec<(&'static str, String)>,
    /// What is shown, to be posted back.
    pub mark: String,
}
