//! The languages of pages, and the words in them.

use std::borrow::{Borrow, Cow};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// A language that pages come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// German, with "Sie".
    De,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The tag in `lang`, cookies and `Accept-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What the language calls itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// Reads a tag; a region is ignored (`de-AT` is German).
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The best language for an `Accept-Language` header (RFC 9110 §12.5.4), if it names one of ours.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut wanted: Vec<(u16, usize, Self)> = header
            .split(',')
            .take(32)
            .enumerate()
            .filter_map(|(place, part)| {
                let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
                let quality = rest.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
                let language = Self::parse(tag.trim())?;
                let quality = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
                (quality > 0).then_some((1000 - quality, place, language))
            })
            .collect();
        wanted.sort_by_key(|(quality, place, _)| (*quality, *place));
        wanted.first().map(|(_, _, language)| *language)
    }

    /// The words of this language.
    pub fn texts(self) -> Texts {
        Texts(self)
    }
}

type Bundle = FluentBundle<FluentResource>;

/// The source of each language, for tests too.
pub const SOURCES: [(Language, &str); 2] =
    [(Language::En, include_str!("../../locales/en.ftl")), (Language::De, include_str!("../../locales/de.ftl"))];

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| {
    SOURCES.map(|(language, source)| {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let tag = language.tag().parse().expect("a language tag");
        let mut bundle = Bundle::new_concurrent(vec![tag]);
        // Pages say their direction themselves; isolation marks would end up in titles and values.
        bundle.set_use_isolating(false);
        let _ = bundle.add_resource(resource);
        bundle
    })
});

/// The words of one language. Templates escape what comes out.
#[derive(Clone, Copy, Debug)]
pub struct Texts(Language);

impl Texts {
    /// Which language.
    pub fn language(self) -> Language {
        self.0
    }

    /// The text under a key.
    pub fn t(self, key: &str) -> Cow<'static, str> {
        self.format(key, None)
    }

    /// The text under a key, with one value.
    pub fn with(self, key: &str, name: &str, value: &str) -> Cow<'static, str> {
        self.fill(key, &[(name, value)])
    }

    /// The text under a key, with two values.
    pub fn with2(self, key: &str, first: (&str, &str), second: (&str, &str)) -> Cow<'static, str> {
        self.fill(key, &[first, second])
    }

    /// The text under a key, with values by name.
    pub fn fill(self, key: &str, values: &[(&str, &str)]) -> Cow<'static, str> {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set((*name).to_owned(), (*value).to_owned());
        }
        self.format(key, Some(&arguments))
    }

    /// The text under a key that depends on a count (`{ $count -> [one] .. *[other] .. }`).
    pub fn count(self, key: &str, count: impl Borrow<u64>) -> Cow<'static, str> {
        let mut arguments = FluentArgs::new();
        arguments.set("count", *count.borrow());
        self.format(key, Some(&arguments))
    }

    /// Whether there is such a text.
    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn bundle(self) -> &'static Bundle {
        &BUNDLES[usize::from(self.0 == Language::De)]
    }

    fn format(self, key: &str, arguments: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            // A test shows that this does not happen; the key is at least something to search for.
            return Cow::Owned(key.to_owned());
        };
        let mut errors = Vec::new();
        Cow::Owned(bundle.format_pattern(pattern, arguments, &mut errors).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// key -> variables
    fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = BTreeMap::new();
        let mut key = String::new();
        for line in source.lines() {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '#', '}', '*', '['])) {
                key = name.to_owned();
                assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice");
            }
            for part in line.split("{ $").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
                found.get_mut(&key).expect("a key").insert(name);
            }
        }
        found
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let [english, german] = SOURCES.map(|(language, source)| {
            assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{language:?} has a syntax error");
            keys(source)
        });
        assert_eq!(english, german);
        assert!(english.len() > 60);
    }

    #[test]
    fn every_text_is_used_and_every_used_text_exists() {
        let mut used = String::new();
        for directory in ["src", "templates"] {
            let mut todo = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(directory)];
            while let Some(path) = todo.pop() {
                if path.is_dir() {
                    todo.extend(std::fs::read_dir(&path).expect("listed").map(|entry| entry.expect("an entry").path()));
                } else {
                    used += &std::fs::read_to_string(&path).unwrap_or_default();
                }
            }
        }
        let english = keys(SOURCES[0].1);
        // These keys are put together from stable codes; other tests ask for each of those.
        let composed = |key: &str| {
            ["refused-", "error-", "event-", "kind-", "because-", "outcome-", "why-", "foreseen-count-"]
                .iter()
                .any(|head| key.starts_with(head))
        };
        let unused: Vec<&String> =
            english.keys().filter(|key| !composed(key) && !used.contains(&format!("\"{key}\""))).collect();
        assert!(unused.is_empty(), "nobody uses {unused:?}");
        let calls = ["texts.t(\"", "texts.with(\"", "texts.fill(\"", "texts.count(\"", "Flash::new(\""];
        for part in calls.iter().flat_map(|call| used.split(call).skip(1)) {
            let key = part.split('"').next().expect("a key");
            assert!(english.contains_key(key), "{key} is used and does not exist");
        }
    }

    #[test]
    fn the_accepted_language_with_the_best_quality_wins() {
        assert_eq!(Language::accepted("de-AT,de;q=0.9,en;q=0.8"), Some(Language::De));
        assert_eq!(Language::accepted("fr, en;q=0.3, de;q=0.7"), Some(Language::De));
        assert_eq!(Language::accepted("en;q=0, de;q=0.1"), Some(Language::De));
        for nothing in ["", "fr", "*", ";;;,,,", "de;q=x"] {
            assert_eq!(Language::accepted(nothing), None, "{nothing}");
        }
    }
}
