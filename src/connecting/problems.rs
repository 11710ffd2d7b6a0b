use crate::ids::Slug;
use crate::web::language::Texts;

/// What is wrong with a form: the field's id, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<(&'static str, String)>);

impl Problems {
    /// One problem.
    pub fn one(field: &'static str, text: impl Into<String>) -> Self {
        Self(vec![(field, text.into())])
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| *of == field).map(|(_, text)| text.as_str())
    }

    /// One more problem.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push((field, text.into()));
    }

    /// A slug as typed.
    pub fn slug(&mut self, typed: &str, texts: Texts) -> Option<Slug> {
        // /sign-in/finish is a page of the gateway, so no connection can be called that.
        let slug = Slug::parse(typed).ok().filter(|slug| slug.as_str() != "finish");
        if slug.is_none() {
            self.add("slug", texts.t("setup-slug-invalid"));
        }
        slug
    }

    /// A name as typed: something, and not a novel.
    pub fn name(&mut self, field: &'static str, typed: &str, texts: Texts) -> Option<String> {
        let good = !typed.is_empty() && typed.chars().count() <= 200 && !typed.chars().any(char::is_control);
        if !good {
            self.add(field, texts.t("setup-name-invalid"));
        }
        good.then(|| typed.to_owned())
    }
}
