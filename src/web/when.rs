//! Moments in pages: one way for all.

use std::fmt;

use askama::filters::HtmlSafe;

use super::language::Texts;
use crate::clock::Timestamp;

/// A moment in a page: in UTC, and where scripts run in the reader's own zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When(pub Timestamp);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.0, self.0.to_the_minute())
    }
}

// Digits and punctuation of ours.
impl HtmlSafe for When {}

/// Stands for the moment until the sentence is escaped; nothing that people type contains it.
const PLACE: &str = "\u{1}";

impl When {
    /// The sentence of a text key with the moment at one of its variables.
    pub fn within(self, texts: &Texts, key: &str, variable: &str) -> Sentence {
        let text = texts.with(key, variable, PLACE);
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        Sentence(escaped.replace(PLACE, &self.to_string()))
    }
}

/// A sentence with a moment in it, ready for a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence(String);

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Escaped where it is made.
impl HtmlSafe for Sentence {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::language::Language;

    #[test]
    fn a_moment_in_a_sentence_is_a_time_element_in_every_language() {
        let when = When(Timestamp::from_millis(1_795_510_800_000));
        let shown = "<time datetime=\"2026-11-24T09:00:00Z\">2026-11-24 09:00 UTC</time>";
        assert_eq!(when.to_string(), shown);
        for language in [Language::En, Language::De] {
            let sentence = when.within(&language.texts(), "connection-tested-at", "at").to_string();
            assert!(sentence.contains(shown) && !sentence.contains(PLACE), "{sentence}");
            assert!(sentence.len() > shown.len() + 10, "{sentence}");
        }
    }
}
