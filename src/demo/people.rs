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
    /// The groups sent at the next sign-in, by name.
    pub groups: BTreeSet<String>,
    /// Switched off here: cannot sign in, and is pushed as not active.
    #[serde(default)]
    pub suspended: bool,
    /// What a newcomer should know about them.
    pub story: String,
}

impl Person {
    /// Somebody new, named after their first address for good.
    pub fn new(email: &str, name: &str, groups: &[&str], story: &str) -> Self {
        Self {
            subject: format!("demo-{}", email.replace('@', "-at-")),
            name: name.to_owned(),
            email: email.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            suspended: false,
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

/// A group of one company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Stable: a renamed group is the same group, and one that is made anew under an old name is another.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The domain of the company that has it.
    pub domain: String,
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
    /// A group of this name is there.
    #[error("There is a group of this name already.")]
    GroupTaken,
    /// Deleted meanwhile.
    #[error("This group is not here any more.")]
    GroupGone,
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
        if self.groups.len() > 200 || !self.groups.iter().all(|group| group_fits(group)) {
            return Err(PeopleError::Group);
        }
        EmailAddress::parse(&self.email).map_err(|_| PeopleError::Email)
    }
}

fn group_fits(group: &str) -> bool {
    (1..=200).contains(&group.chars().count()) && !group.chars().any(char::is_control)
}

/// Everybody the demo identity provider knows, in the order of the page, and their groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    people: Vec<Person>,
    groups: Vec<Group>,
    /// Counts the groups ever made by visitors.
    made: u32,
}

impl People {
    /// The most that are held.
    pub const MOST: usize = 100;

    /// These people with these groups, and those groups that they are in beside them.
    pub fn of(people: Vec<Person>, groups: Vec<Group>) -> Self {
        let mut all = Self { people: Vec::new(), groups, made: 0 };
        people.iter().for_each(|person| all.make_groups(person));
        Self { people, ..all }
    }

    /// Everybody.
    pub fn all(&self) -> &[Person] {
        &self.people
    }

    /// All groups of all companies.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Somebody by subject.
    pub fn find(&self, subject: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.subject == subject)
    }

    /// Adds a person at the end.
    pub fn add(&mut self, form: &PersonForm) -> Result<&Person, PeopleError> {
        let email = form.checked()?;
        self.must_be_free(&email, None)?;
        if self.people.len() >= Self::MOST {
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
        self.make_groups(&person);
        self.people.push(person);
        self.people.last().ok_or(PeopleError::Gone)
    }

    /// Changes name, address and groups; the subject stays.
    pub fn change(&mut self, subject: &str, form: &PersonForm) -> Result<&Person, PeopleError> {
        let email = form.checked()?;
        self.must_be_free(&email, Some(subject))?;
        let at = self.people.iter().position(|person| person.subject == subject).ok_or(PeopleError::Gone)?;
        let person = &mut self.people[at];
        form.name.clone_into(&mut person.name);
        email.as_str().clone_into(&mut person.email);
        person.groups.clone_from(&form.groups);
        let person = person.clone();
        self.make_groups(&person);
        Ok(&self.people[at])
    }

    /// Switches a person off, or on again.
    pub fn suspend(&mut self, subject: &str, suspended: bool) -> Result<(), PeopleError> {
        let person = self.people.iter_mut().find(|person| person.subject == subject).ok_or(PeopleError::Gone)?;
        person.suspended = suspended;
        Ok(())
    }

    /// Gives a group another name; whoever is in it stays in it.
    pub fn rename_group(&mut self, id: &str, name: &str) -> Result<(), PeopleError> {
        let name = name.trim();
        if !group_fits(name) {
            return Err(PeopleError::Group);
        }
        let at = self.groups.iter().position(|group| group.id == id).ok_or(PeopleError::GroupGone)?;
        if self.groups.iter().any(|group| group.name == name && group.id != id) {
            return Err(PeopleError::GroupTaken);
        }
        let before = std::mem::replace(&mut self.groups[at].name, name.to_owned());
        for person in &mut self.people {
            if person.groups.remove(&before) {
                person.groups.insert(name.to_owned());
            }
        }
        Ok(())
    }

    /// Takes a group away, and everybody out of it.
    pub fn delete_group(&mut self, id: &str) -> Result<(), PeopleError> {
        let at = self.groups.iter().position(|group| group.id == id).ok_or(PeopleError::GroupGone)?;
        let gone = self.groups.remove(at);
        for person in &mut self.people {
            person.groups.remove(&gone.name);
        }
        Ok(())
    }

    /// Groups that somebody is put into come to be, in that person's company.
    fn make_groups(&mut self, person: &Person) {
        for name in &person.groups {
            if !self.groups.iter().any(|group| group.name == *name) {
                self.made += 1;
                let (id, domain) = (format!("demo-group-{}", self.made), person.domain().to_owned());
                self.groups.push(Group { id, name: name.clone(), domain });
            }
        }
    }

    /// Takes a person away.
    pub fn remove(&mut self, subject: &str) -> Result<Person, PeopleError> {
        let at = self.people.iter().position(|person| person.subject == subject).ok_or(PeopleError::Gone)?;
        Ok(self.people.remove(at))
    }

    /// Every group to offer a person as a box: those of their company, and those they are in. Without a person, all.
    pub fn groups_for(&self, person: Option<&Person>) -> BTreeSet<String> {
        let fits = |group: &&Group| {
            person.is_none_or(|person| group.domain == person.domain() || person.groups.contains(&group.name))
        };
        self.groups.iter().filter(fits).map(|group| group.name.clone()).collect()
    }

    fn must_be_free(&self, email: &EmailAddress, except: Option<&str>) -> Result<(), PeopleError> {
        let taken =
            self.people.iter().any(|person| person.email == email.as_str() && Some(person.subject.as_str()) != except);
        if taken { Err(PeopleError::EmailTaken) } else { Ok(()) }
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
    fn a_renamed_group_is_the_same_group_and_one_made_anew_under_its_name_is_another() {
        let mut people = People::default();
        let id = |people: &People, name: &str| {
            people.groups().iter().find(|group| group.name == name).map(|group| group.id.clone())
        };
        let admins = id(&people, "acme-admins").expect("of the story");
        people.rename_group(&admins, " acme-bosses ").expect("a free name");
        assert_eq!(id(&people, "acme-bosses"), Some(admins.clone()));
        assert!(people.all()[1].groups.contains("acme-bosses") && !people.all()[1].groups.contains("acme-admins"));
        assert_eq!(people.rename_group(&admins, "acme-owners"), Err(PeopleError::GroupTaken));
        assert_eq!(people.rename_group(&admins, "  "), Err(PeopleError::Group));
        let anna = people.all()[0].clone();
        let form = PersonForm { name: anna.name, email: anna.email, groups: ["acme-admins".to_owned()].into() };
        people.change(&anna.subject, &form).expect("taken");
        assert_ne!(id(&people, "acme-admins"), Some(admins.clone()));
        people.delete_group(&admins).expect("it is there");
        assert!(people.all().iter().all(|person| !person.groups.contains("acme-bosses")));
        assert_eq!(people.delete_group(&admins), Err(PeopleError::GroupGone));
    }

    #[test]
    fn a_person_is_offered_the_groups_of_their_company() {
        let people = People::default();
        let ida = people.find("demo-ida-at-smallteam.test").expect("Ida");
        assert_eq!(people.groups_for(Some(ida)), ["friends".to_owned()].into());
        assert!(people.groups_for(Some(&people.all()[0])).contains("acme-admins"));
        assert!(people.groups_for(None).is_superset(&people.groups_for(Some(ida))));
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
