//! The demo's pages: values ready to show, one struct per template in `templates/demo/`.

use std::collections::BTreeSet;

use askama::Template;

use super::cast;
use super::faults::{Armed, Fault, Lasts};
use super::openid::keys::Algorithm;
use super::people::{Group, People, Person, PersonForm};
use super::proof::{Proof, ProofError};
use super::push::Run;
use super::push::dialect::Dialect;
use super::sites::{Client, Protocol, ServiceProvider};

/// What surrounds every page of the identity provider.
pub struct Frame {
    /// The page's title.
    pub title: &'static str,
    /// Where we are, to mark it in the navigation.
    pub here: &'static str,
    /// Whether the navigation is shown: not in the middle of a sign-in.
    pub nav: bool,
    /// Whether the text column is narrow.
    pub narrow: bool,
    /// The fault that is switched on.
    pub armed: Option<ArmedBanner>,
    /// What was just done.
    pub note: Option<&'static str>,
}

/// The banner while a fault is switched on.
pub struct ArmedBanner {
    /// Its title.
    pub title: &'static str,
    /// For which sign-ins.
    pub protocol: Protocol,
    /// How long it lasts.
    pub lasts: &'static str,
}

impl Frame {
    /// A page with navigation.
    pub fn new(title: &'static str, here: &'static str, armed: Option<Armed>) -> Self {
        let armed = armed.map(|armed| ArmedBanner {
            title: armed.fault.title(),
            protocol: armed.protocol,
            lasts: match armed.lasts {
                Lasts::NextSignIn => "The next such sign-in gets it, whoever it is.",
                Lasts::UntilSwitchedOff => "Every such sign-in gets it until you switch it off.",
            },
        });
        Self { title, here, nav: true, narrow: false, armed, note: None }
    }

    /// A page in the middle of a sign-in.
    pub fn alone(title: &'static str, armed: Option<Armed>) -> Self {
        Self { nav: false, narrow: true, ..Self::new(title, "", armed) }
    }

    fn links(&self) -> Vec<(&'static str, &'static str, bool)> {
        [
            ("/", "Tour"),
            ("/people", "People"),
            ("/faults", "Faults"),
            ("/push", "Directory push"),
            ("/openid", "OpenID Connect"),
            ("/start", "Start from here"),
            ("/answers", "Answers sent"),
        ]
        .into_iter()
        .map(|(path, words)| (path, words, path == self.here))
        .collect()
    }
}

/// `/`
#[derive(Template)]
#[template(path = "demo/tour.html")]
pub struct TourPage<'a> {
    /// The frame.
    pub frame: Frame,
    /// The gateway's origin.
    pub gateway: &'a str,
    /// The same without the scheme.
    pub gateway_shown: &'a str,
    /// The main application's origin.
    pub application: &'a str,
    /// The same without the scheme.
    pub application_shown: &'a str,
    /// The origin of the application behind directory sync.
    pub studio: &'a str,
    /// The origin of the application behind OpenID Connect.
    pub playground: &'a str,
    /// The seeded organizations.
    pub organizations: &'a [OrganizationRow],
}

/// An organization of the story.
pub struct OrganizationRow {
    /// Its name.
    pub name: &'static str,
    /// Its product and seats.
    pub product: &'static str,
    /// Who gets in.
    pub how: &'static str,
}

/// The organizations of `organizations.toml` in words.
pub const ORGANIZATIONS: &[OrganizationRow] = &[
    OrganizationRow {
        name: "Acme Work",
        product: "Seat-based Enterprise plan: 1 Premium and 5 Standard seats",
        how: "Just in time, with group mappings",
    },
    OrganizationRow {
        name: "Acme Chat",
        product: "Usage-based Enterprise plan, two seat types: 1 Chat + Claude Code, 5 Chat",
        how: "Just in time, with group mappings",
    },
    OrganizationRow {
        name: "Acme Research",
        product: "Usage-based Enterprise plan, one seat type: 1 seat, taken",
        how: "Just in time, with group mappings",
    },
    OrganizationRow { name: "Acme Console", product: "Console: no seats", how: "Just in time, with group mappings" },
    OrganizationRow {
        name: "Acme Studio",
        product: "Seat-based Enterprise plan: 1 Premium and 2 Standard seats",
        how: "Directory sync (SCIM), with group mappings",
    },
    OrganizationRow {
        name: "Small Team",
        product: "Team plan: 1 Premium seat, taken, and 1 Standard seat",
        how: "Just in time; groups do not matter",
    },
    OrganizationRow {
        name: "Globex Console",
        product: "Console: no seats",
        how: "Just in time over OpenID Connect, with group mappings",
    },
];

/// The choice of a person in the middle of a sign-in.
#[derive(Template)]
#[template(path = "demo/picker.html")]
pub struct PickerPage<'a> {
    /// The frame.
    pub frame: Frame,
    /// Who asks.
    pub asker: String,
    /// The connection's label.
    pub connection: &'a str,
    /// Where the choice goes.
    pub action: &'a str,
    /// What the form carries along.
    pub hidden: Vec<(&'static str, &'a str)>,
    /// People of the connection's domain.
    pub here: Vec<&'a Person>,
    /// The others.
    pub elsewhere: Vec<&'a Person>,
    /// How the gateway asks.
    pub protocol: Protocol,
    /// What can be chosen.
    pub faults: &'static [Fault],
}

impl PickerPage<'_> {
    /// The fault that this sign-in gets if none is chosen.
    fn armed(&self) -> Option<&'static str> {
        let armed = self.frame.armed.as_ref().filter(|armed| armed.protocol == self.protocol)?;
        Some(armed.title)
    }
}

/// The page that carries the answer to the gateway.
#[derive(Template)]
#[template(path = "demo/answer.html")]
pub struct AnswerPage<'a> {
    /// The frame.
    pub frame: Frame,
    /// What is being sent.
    pub summary: String,
    /// Where to.
    pub acs: &'a str,
    /// `SAMLResponse`.
    pub response: &'a str,
    /// `RelayState`.
    pub relay_state: Option<&'a str>,
}

/// `/people`
#[derive(Template)]
#[template(path = "demo/people.html")]
pub struct PeoplePage {
    /// The frame.
    pub frame: Frame,
    /// Everybody.
    pub cards: Vec<PersonCard>,
    /// The empty form.
    pub new: PersonCard,
}

/// One person's edit form.
pub struct PersonCard {
    /// The person, with what was typed if it was not taken.
    pub person: Person,
    /// Makes field ids unique.
    pub at: String,
    /// Whether the form is unfolded.
    pub open: bool,
    /// Why it was not taken.
    pub error: Option<String>,
    /// The groups to choose from.
    pub boxes: Vec<GroupBox>,
}

/// One checkbox.
pub struct GroupBox {
    /// The group.
    pub name: String,
    /// What it leads to.
    pub hint: Option<&'static str>,
    /// Whether the person is in it.
    pub checked: bool,
}

impl PersonCard {
    /// The form of somebody who is there.
    pub fn of(person: &Person, at: usize, people: &People) -> Self {
        Self {
            boxes: people.groups_for(Some(person)).into_iter().map(|name| GroupBox::of(name, &person.groups)).collect(),
            at: at.to_string(),
            open: false,
            error: None,
            person: person.clone(),
        }
    }

    /// The form for somebody new.
    pub fn new(people: &People, form: PersonForm) -> Self {
        let boxes = people.groups_for(None).into_iter().map(|name| GroupBox::of(name, &form.groups)).collect();
        let person = Person { subject: String::new(), ..Person::new(&form.email, &form.name, &[], "") };
        Self { at: "new".to_owned(), boxes, ..Self::of(&person, 0, people) }
    }

    /// Unfolds the form with what was typed and why it was not taken.
    pub fn refused(self, form: PersonForm, error: String, people: &People) -> Self {
        let asked = if self.person.subject.is_empty() { None } else { Some(&self.person) };
        let typed = form.groups.iter().cloned();
        let names: BTreeSet<String> = people.groups_for(asked).into_iter().chain(typed).collect();
        let boxes = names.into_iter().map(|name| GroupBox::of(name, &form.groups)).collect();
        let person = Person { name: form.name, email: form.email, groups: form.groups, ..self.person };
        Self { boxes, open: true, error: Some(error), person, ..self }
    }
}

impl GroupBox {
    fn of(name: String, checked: &BTreeSet<String>) -> Self {
        Self { hint: cast::hint(&name), checked: checked.contains(&name), name }
    }
}

/// `/faults`
#[derive(Template)]
#[template(path = "demo/faults.html")]
pub struct FaultsPage {
    /// The frame.
    pub frame: Frame,
    /// All of them.
    pub protocols: [(Protocol, &'static [Fault]); 2],
}

/// `/openid`
#[derive(Template)]
#[template(path = "demo/openid.html")]
pub struct OpenidPage<'a> {
    /// The frame.
    pub frame: Frame,
    /// The provider's name.
    pub issuer: &'a str,
    /// What is registered.
    pub clients: &'a [Client],
    /// What it can sign with.
    pub algorithms: &'static [Algorithm],
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The key that signs.
    pub key_id: String,
    /// Who is signed in where.
    pub sessions: Vec<SessionRow>,
}

/// Somebody who is signed in at the gateway.
pub struct SessionRow {
    /// Who.
    pub name: String,
    /// The same for forms.
    pub subject: String,
    /// At which company.
    pub at: &'static str,
    /// How many sessions.
    pub count: usize,
    /// When the last one began.
    pub since: String,
}

/// `/push`
#[derive(Template)]
#[template(path = "demo/push.html")]
pub struct PushPage {
    /// The frame.
    pub frame: Frame,
    /// Why an edit was not taken.
    pub error: Option<String>,
    /// The directory's base URL.
    pub base: String,
    /// The last characters of the token.
    pub token_end: String,
    /// Whose words can be chosen.
    pub dialects: &'static [Dialect],
    /// Whose words are chosen.
    pub dialect: Dialect,
    /// Whether every edit is pushed at once.
    pub automatic: bool,
    /// How many changes were not told yet.
    pub waiting: usize,
    /// Everybody of the company.
    pub people: Vec<PushedPerson>,
    /// Its groups.
    pub groups: Vec<PushedGroup>,
    /// The last pushes, newest first.
    pub runs: Vec<Run>,
}

/// Somebody, and what the directory knows of them.
pub struct PushedPerson {
    /// Who.
    pub person: Person,
    /// Whether the directory has them.
    pub is_known: bool,
    /// In words.
    pub state: &'static str,
}

/// A group, and what the directory knows of it.
pub struct PushedGroup {
    /// Which.
    pub group: Group,
    /// How many of the assigned people are in it.
    pub members: usize,
    /// In words.
    pub state: &'static str,
}

/// `/oidc/sign-out`, where the browser is not sent on at once.
#[derive(Template)]
#[template(path = "demo/signed_out.html")]
pub struct SignedOutPage {
    /// The frame.
    pub frame: Frame,
    /// Whether there was a session to end.
    pub ended: bool,
    /// Where to go on, if that is registered.
    pub next: Option<String>,
}

/// `/start`
#[derive(Template)]
#[template(path = "demo/start.html")]
pub struct StartPage<'a> {
    /// The frame.
    pub frame: Frame,
    /// Where one can start.
    pub providers: &'a [ServiceProvider],
}

/// `/answers`
#[derive(Template)]
#[template(path = "demo/answers.html")]
pub struct AnswersPage<'a> {
    /// The frame.
    pub frame: Frame,
    /// The main application's origin.
    pub application: &'a str,
    /// Newest first.
    pub answers: Vec<AnswerRow>,
}

/// An answer that was sent.
pub struct AnswerRow {
    /// Its number.
    pub nth: u32,
    /// About whom.
    pub who: String,
    /// Over which connection.
    pub connection: &'static str,
    /// In which protocol.
    pub protocol: Protocol,
    /// Whether it can be sent once more as it is.
    pub again: bool,
    /// When.
    pub at: String,
    /// What was wrong with it.
    pub fault: Option<&'static str>,
    /// Whether nobody had asked.
    pub unasked: bool,
    /// What was sent, to read.
    pub message: String,
}

/// Anything that cannot be done.
#[derive(Template)]
#[template(path = "demo/problem.html")]
pub struct ProblemPage {
    /// The frame.
    pub frame: Frame,
    /// What happened.
    pub what: String,
    /// What to do.
    pub next: &'static str,
}

/// The demo application's one page.
#[derive(Template)]
#[template(path = "demo/application.html")]
pub struct ApplicationPage<'a> {
    /// Its values.
    pub page: Greeting<'a>,
}

/// What the application knows about its visitor.
pub struct Greeting<'a> {
    /// The application's name.
    pub application: &'a str,
    /// Its slug.
    pub slug: &'a str,
    /// Its origin.
    pub origin: &'a str,
    /// Its organization's name.
    pub organization_name: &'a str,
    /// The gateway's origin.
    pub gateway: &'a str,
    /// The identity provider's origin.
    pub idp: &'a str,
    /// Where to sign in again and come back.
    pub again: String,
    /// The first word of the name.
    pub first_name: String,
    /// The address.
    pub email: String,
    /// The role's key.
    pub role: String,
    /// The seat type's key.
    pub seat: String,
    /// The organization's slug.
    pub organization: String,
    /// The groups.
    pub groups: Vec<String>,
    /// The check of the signed header.
    pub proof: Result<Proof, ProofError>,
    /// The gateway's headers.
    pub identity: Vec<(String, String)>,
    /// Names of headers that a client had no business sending.
    pub deleted: Vec<String>,
    /// What else came.
    pub others: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_shown_as_text() {
        let mut people = People::default();
        let evil = "<script>alert(1)</script>";
        let form = PersonForm { name: evil.into(), email: "x@acme.test".into(), groups: [evil.to_owned()].into() };
        people.add(&form).expect("added");
        let cards = people.all().iter().enumerate().map(|(at, person)| PersonCard::of(person, at, &people)).collect();
        let new = PersonCard::new(&people, PersonForm::default());
        let page = PeoplePage { frame: Frame::new("People", "/people", None), cards, new }.render().expect("a page");
        assert!(!page.contains(evil) && page.contains("&#60;script"), "escaped");
        let picker = PickerPage {
            frame: Frame::alone("Who are you?", None),
            asker: "Usher".into(),
            connection: "Acme",
            action: "/sso/answer",
            hidden: vec![("relay_state", "\"><script>")],
            here: people.all().iter().collect(),
            elsewhere: Vec::new(),
            protocol: Protocol::Saml,
            faults: Fault::of(Protocol::Saml),
        };
        assert!(!picker.render().expect("a page").contains("<script"));
    }

    #[test]
    fn no_page_has_inline_script_or_style() {
        for name in [
            "layout",
            "tour",
            "picker",
            "picker_person",
            "answer",
            "people",
            "person_fields",
            "faults",
            "openid",
            "push",
            "signed_out",
            "start",
            "answers",
            "problem",
            "application",
        ] {
            let path = format!("{}/templates/demo/{name}.html", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).expect("a template");
            for bad in [" style=", "<style", "<script>", " onclick", " onload", " onsubmit", "javascript:", "|safe"] {
                assert!(!text.contains(bad), "{path}: {bad}");
            }
        }
    }
}
