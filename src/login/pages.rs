//! The pages of the sign-in, with values ready to show.

use askama::Template;

use crate::web::page::Frame;
use crate::web::when::When;

/// E-mail first.
#[derive(Template)]
#[template(path = "login/sign_in.html")]
pub struct SignInPage {
    /// What all pages share.
    pub frame: Frame,
    /// What was typed.
    pub email: String,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Where to go afterwards.
    pub return_to: String,
    /// The application that wants to be entered.
    pub application: Option<String>,
    /// Where the only connection starts, if there is just one.
    pub only_connection: Option<String>,
}

/// Several connections serve the same domain.
#[derive(Template)]
#[template(path = "login/choose_connection.html")]
pub struct ChooseConnectionPage {
    /// What all pages share.
    pub frame: Frame,
    /// The connections.
    pub choices: Vec<Choice>,
}

/// A connection to choose.
pub struct Choice {
    /// Where it starts.
    pub href: String,
    /// What it is called.
    pub label: String,
}

/// Sends an AuthnRequest by HTTP-POST.
#[derive(Template)]
#[template(path = "login/post_request.html")]
pub struct PostRequestPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where to.
    pub action: String,
    /// The request.
    pub saml_request: String,
    /// Our state.
    pub relay_state: String,
    /// What the connection is called.
    pub label: String,
}

/// Goes on by itself, with a link for browsers that do not. A form's answer cannot lead to another site directly where the page of
/// the form did not name that site (Content-Security-Policy `form-action`); this page's can.
#[derive(Template)]
#[template(path = "login/onward.html")]
pub struct OnwardPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where to.
    pub href: String,
}

/// An answer that nobody asked for: is that you?
#[derive(Template)]
#[template(path = "login/confirm_person.html")]
pub struct ConfirmPersonPage {
    /// What all pages share.
    pub frame: Frame,
    /// Who it would be.
    pub email: String,
    /// The one-time code.
    pub code: String,
}

/// Not let in: what happened, whose turn it is, whom to ask.
#[derive(Template)]
#[template(path = "login/refused.html")]
pub struct RefusedPage {
    /// What all pages share.
    pub frame: Frame,
    /// The refusal code; texts are found under `refused-<code>-...`.
    pub code: &'static str,
    /// Who was refused, as far as known.
    pub email: Option<String>,
    /// In which organization.
    pub organization: Option<String>,
    /// Whom to ask: an address or a name.
    pub contact: Option<String>,
    /// The code to tell an administrator.
    pub incident: String,
    /// When.
    pub at: When,
    /// The person is signed in all the same, elsewhere.
    pub has_session: bool,
    /// Where to start again.
    pub retry: String,
    /// What the identity provider is called, where it is its turn.
    pub idp: Option<String>,
}

impl RefusedPage {
    fn text(&self, part: &str) -> String {
        self.frame.texts.t(&format!("refused-{}-{part}", self.code.replace('_', "-"))).into_owned()
    }

    fn subject(&self) -> String {
        let subject = self.frame.texts.with("refused-subject", "incident", &self.incident);
        url::form_urlencoded::byte_serialize(subject.as_bytes()).collect::<String>().replace('+', "%20")
    }
}

/// Signed out, and what that does not end.
#[derive(Template)]
#[template(path = "login/signed_out.html")]
pub struct SignedOutPage {
    /// What all pages share.
    pub frame: Frame,
    /// How it stands at the identity provider.
    pub there: There,
}

/// How a sign-out stands at the identity provider; named by what people call it.
pub enum There {
    /// Nobody has asked it, or it has not answered.
    Unknown,
    /// The browser goes there now.
    Onward {
        /// Where to.
        href: String,
        /// What it is called.
        idp: String,
    },
    /// Signed out there too.
    Ended(String),
    /// Signed out there, but not of all that is behind it.
    Partly(String),
    /// It did not do it.
    Refused(String),
}

/// Who am I, with which role and seat and why, and where am I signed in.
#[derive(Template)]
#[template(path = "login/account.html")]
pub struct AccountPage {
    /// What all pages share.
    pub frame: Frame,
    /// What to call the person.
    pub name: String,
    /// The address.
    pub email: String,
    /// Where the person is a member.
    pub memberships: Vec<Membership>,
    /// The person's sessions.
    pub sessions: Vec<OwnSession>,
}

/// A membership to show.
pub struct Membership {
    /// Where.
    pub organization: String,
    /// The role's label.
    pub role: String,
    /// Where the role comes from.
    pub role_source: String,
    /// The seat's label, or that there is none.
    pub seat: String,
    /// Where the seat comes from; empty without one.
    pub seat_source: String,
}

/// A session to show.
pub struct OwnSession {
    /// Names it in the form that ends it.
    pub id: String,
    /// What the browser called itself.
    pub browser: String,
    /// Since when.
    pub since: When,
    /// From where.
    pub address: String,
    /// This very one.
    pub current: bool,
}

/// A one-time operator link, not used yet.
#[derive(Template)]
#[template(path = "login/recover.html")]
pub struct RecoverPage {
    /// What all pages share.
    pub frame: Frame,
    /// The link's token.
    pub token: String,
}
