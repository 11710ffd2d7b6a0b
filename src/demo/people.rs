//! Who can sign in at the demo identity provider: people, their groups, and the forms that change them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::identity::EmailAddress;

/// Somebody the demo identity provider knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The stable name sent as `NameID`; an edited address leaves it alone, so the gateway sees the same person (rule B9).
    pub subject: String,
    /// What to call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The groups sent at the next sign-in.
    pub groups: BTreeSet<String>,
    /// What a newcomer should know about them.
    pub story: String,
}

impl Person {
    fn new(email: &str, name: &str, groups: &[&str], story: &str) -> Self {
        Self {
            subject: format!("demo-{}", email.replace('@', "-at-")),
            name: name.to_owned(),
            email: email.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            story: story.to_owned(),
        }
    }

    /// The first word of the name, for "Continue as Anna".
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.email)
    }

    /// Up to two letters for the round badge.
    pub fn initials(&self) -> String {
        self.name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect::<String>().to_uppercase()
    }

    /// The same address in a domain that is nobody's.
    pub fn email_elsewhere(&self) -> String {
        format!("{}@elsewhere.test", self.email.split('@').next().unwrap_or_default())
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.email.rsplit('@').next().unwrap_or_default()
    }
}

/// Why an edit is not taken. Said beside the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// No name.
    #[error("Please give a name of 1 to 80 characters.")]
    Name,
    /// Not an address.
    #[error("Please give an e-mail address like kim@acme.test.")]
    Email,
    /// Two people with one address.
    #[error("Somebody else here has this e-mail address already.")]
    EmailTaken,
    /// A group that no header or file could carry.
    #[error("A group name has 1 to 200 characters, and a person at most 200 groups.")]
    Group,
    /// Enough.
    #[error("The demo holds at most 100 people. Remove somebody first.")]
    TooMany,
    /// Removed meanwhile.
    #[error("This person is not here any more.")]
    Gone,
}

/// What an edit form says about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonForm {
    /// The name as typed.
    pub name: String,
    /// The address as typed.
    pub email: String,
    /// Checked boxes and typed groups, one value each.
    pub groups: BTreeSet<String>,
}

impl PersonForm {
    /// Reads the fields `name`, `email`, `group` (repeated) and `more` (one a line: names may hold commas). Others are ignored.
    pub fn read(fields: &[(String, String)]) -> Self {
        let mut form = Self::default();
        for (field, value) in fields {
            match field.as_str() {
                "name" => form.name = value.trim().to_owned(),
                "email" => form.email = value.trim().to_owned(),
                "group" => form.take_groups([value.as_str()]),
                "more" => form.take_groups(value.lines()),
                _ => {}
            }
        }
        form
    }

    fn take_groups<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.groups.extend(values.into_iter().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned));
    }

    fn checked(&self) -> Result<EmailAddress, PeopleError> {
        if !(1..=80).contains(&self.name.chars().count()) || self.name.chars().any(char::is_control) {
            return Err(PeopleError::Name);
        }
        let group_fits = |group: &String| group.chars().count() <= 200 && !group.chars().any(char::is_control);
        if self.groups.len() > 200 || !self.groups.iter().all(group_fits) {
            return Err(PeopleError::Group);
        }
        EmailAddress::parse(&self.email).map_err(|_| PeopleError::Email)
    }
}

/// Everybody the demo identity provider knows, in the order of the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People(Vec<Person>);

impl People {
    /// The most that are held.
    pub const MOST: usize = 100;

    /// Everybody.
    pub fn all(&self) -> &[Person] {
        &self.0
    }

    /// Somebody by subject.
    pub fn find(&self, subject: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.subject == subject)
    }

    /// Adds a person at the end.
    pub fn add(&mut self, form: &PersonForm) -> Result<&Person, PeopleError> {
        let email = form.checked()?;
        self.must_be_free(&email, None)?;
        if self.0.len() >= Self::MOST {
            return Err(PeopleError::TooMany);
        }
        let mut person = Person::new(email.as_str(), &form.name, &[], "Added by you.");
        person.groups.clone_from(&form.groups);
        // An address given up by somebody renamed must not bring their subject back.
        let plain = person.subject.clone();
        let mut nth = 2;
        while self.find(&person.subject).is_some() {
            person.subject = format!("{plain}-{nth}");
            nth += 1;
        }
        self.0.push(person);
        self.0.last().ok_or(PeopleError::Gone)
    }

    /// Changes name, address and groups; the subject stays.
    pub fn change(&mut self, subject: &str, form: &PersonForm) -> Result<&Person, PeopleError> {
        let email = form.checked()?;
        self.must_be_free(&email, Some(subject))?;
        let person = self.0.iter_mut().find(|person| person.subject == subject).ok_or(PeopleError::Gone)?;
        form.name.clone_into(&mut person.name);
        email.as_str().clone_into(&mut person.email);
        person.groups.clone_from(&form.groups);
        Ok(person)
    }

    /// Takes a person away.
    pub fn remove(&mut self, subject: &str) -> Result<Person, PeopleError> {
        let at = self.0.iter().position(|person| person.subject == subject).ok_or(PeopleError::Gone)?;
        Ok(self.0.remove(at))
    }

    /// Every group to offer as a box: those of the story and those somebody is in.
    pub fn groups(&self) -> BTreeSet<String> {
        let story = GROUPS.iter().map(|(group, _)| (*group).to_owned());
        story.chain(self.0.iter().flat_map(|person| person.groups.iter().cloned())).collect()
    }

    fn must_be_free(&self, email: &EmailAddress, except: Option<&str>) -> Result<(), PeopleError> {
        let taken =
            self.0.iter().any(|person| person.email == email.as_str() && Some(person.subject.as_str()) != except);
        if taken { Err(PeopleError::EmailTaken) } else { Ok(()) }
    }
}

/// The groups of the story, with what the seeded organizations map them to.
pub const GROUPS: &[(&str, &str)] = &[
    ("acme-owners", "Owner in Acme Work and Acme Chat, Admin in Acme Console"),
    ("acme-admins", "Admin in Acme Work, Acme Chat and Acme Console"),
    ("acme-everyone", "User in Acme Work, Acme Chat and Acme Console"),
    ("acme-premium", "Premium seat in Acme Work (only one was bought)"),
    ("acme-claude-code", "Chat + Claude Code seat in Acme Chat, Claude Code User in Acme Console"),
    ("acme-developers", "Developer in Acme Console"),
    ("acme-billing", "Billing in Acme Console"),
    ("acme-research", "User in Acme Research (its only seat is taken)"),
];

impl Default for People {
    fn default() -> Self {
        let everyone = "acme-everyone";
        Self(vec![
            Person::new(
                "user@acme.test",
                "Anna Schmidt",
                &[everyone],
                "Start with her: her first sign-in makes her a User with a Standard seat.",
            ),
            Person::new(
                "admin@acme.test",
                "Amir Rahimi",
                &["acme-admins", everyone],
                "In two mapped groups: the highest role wins, so he is an Admin.",
            ),
            Person::new(
                "owner@acme.test",
                "Olivia Bauer",
                &["acme-owners", everyone, "acme-premium"],
                "Owner, and in the group that gets the one Premium seat.",
            ),
            Person::new(
                "nogroup@acme.test",
                "Noah Larsen",
                &[],
                "In no group: known to the identity provider, refused by every organization.",
            ),
            Person::new(
                "late@acme.test",
                "Lena Ito",
                &["acme-research"],
                "Her group is mapped, but the only seat of Acme Research is taken.",
            ),
            Person::new(
                "dev@acme.test",
                "Deniz Kaya",
                &["acme-developers", "acme-claude-code"],
                "A Developer in the Console organization, and nowhere else.",
            ),
            Person::new(
                "bea@acme.test",
                "Bea Costa",
                &["acme-billing"],
                "Billing in the Console organization: a role that the other products do not have.",
            ),
            Person::new(
                "ida@smallteam.test",
                "Ida Novak",
                &["friends"],
                "Owner of Small Team, added by hand. Just in time without mappings: groups do not matter there.",
            ),
            Person::new(
                "jo@smallteam.test",
                "Jo Martin",
                &[],
                "The first to come gets the last free seat of Small Team.",
            ),
            Person::new("kim@smallteam.test", "Kim Lee", &[], "Comes after Jo, finds no seat, and waits."),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn groups_come_from_boxes_and_from_the_free_entry() {
        let form = PersonForm::read(&fields(&[
            ("name", " Anna "),
            ("email", "Anna@Acme.Test"),
            ("group", "acme-admins"),
            ("group", "acme-everyone"),
            ("more", "CN=Sales,OU=EMEA\r\n new one \r\n \r\nacme-admins"),
            ("role", "owner"),
        ]));
        let groups: Vec<_> = form.groups.iter().map(String::as_str).collect();
        assert_eq!(groups, ["CN=Sales,OU=EMEA", "acme-admins", "acme-everyone", "new one"]);
        assert_eq!((form.name.as_str(), form.email.as_str()), ("Anna", "Anna@Acme.Test"));
    }

    #[test]
    fn b9_a_changed_address_keeps_the_subject() {
        let mut people = People::default();
        let before = people.all()[0].clone();
        let form = PersonForm { name: "Anna Meyer".into(), email: "anna.meyer@acme.test".into(), ..Default::default() };
        people.change(&before.subject, &form).expect("a free address");
        let after = people.find(&before.subject).expect("the same person");
        assert_eq!((after.email.as_str(), after.groups.len()), ("anna.meyer@acme.test", 0));
        let form = PersonForm { name: "Another".into(), email: before.email.clone(), ..Default::default() };
        let other = people.add(&form).expect("the address is free now").clone();
        assert_ne!(other.subject, before.subject, "the given-up address belongs to somebody else now");
    }

    #[test]
    fn an_edit_that_no_sign_in_could_carry_is_not_taken() {
        let mut people = People::default();
        let good = PersonForm { name: "Kim".into(), email: "kim@acme.test".into(), ..Default::default() };
        let bad = |change: &dyn Fn(&mut PersonForm)| {
            let mut form = good.clone();
            change(&mut form);
            form
        };
        let cases = [
            (bad(&|form| form.name.clear()), PeopleError::Name),
            (bad(&|form| form.name = "x\ny".into()), PeopleError::Name),
            (bad(&|form| form.email = "kim".into()), PeopleError::Email),
            (bad(&|form| form.email = "USER@acme.test".into()), PeopleError::EmailTaken),
            (bad(&|form| form.groups = [("g".repeat(201))].into()), PeopleError::Group),
            (bad(&|form| form.groups = (0..201).map(|n| format!("g{n}")).collect()), PeopleError::Group),
        ];
        for (form, error) in cases {
            assert_eq!(people.add(&form), Err(error), "{form:?}");
        }
        assert_eq!(people, People::default(), "nothing was taken");
        assert_eq!(people.change("nobody", &good), Err(PeopleError::Gone));
        for n in people.all().len()..People::MOST {
            people.add(&PersonForm { email: format!("p{n}@acme.test"), ..good.clone() }).expect("room");
        }
        assert_eq!(people.add(&good), Err(PeopleError::TooMany));
    }

    #[test]
    fn everybody_of_the_story_has_an_address_of_their_own() {
        let people = People::default();
        let addresses: BTreeSet<_> = people.all().iter().map(|person| &person.email).collect();
        let subjects: BTreeSet<_> = people.all().iter().map(|person| &person.subject).collect();
        assert_eq!((addresses.len(), subjects.len()), (people.all().len(), people.all().len()));
        assert!(addresses.iter().all(|address| EmailAddress::parse(address).is_ok()));
        assert_eq!(people.all()[0].first_name(), "Anna");
        assert_eq!(people.all()[0].initials(), "AS");
    }
}
