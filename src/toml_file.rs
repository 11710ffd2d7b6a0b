//! Reads TOML files with every mistake told at once: line, column, key, what was expected. Knows no key of ours.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use toml::de::{DeTable, DeValue};

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Line, from 1; 0 where it is not about one place in the file.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key, dotted, with the place in a list: `parent[0].connection[1].slug`.
    pub key: String,
    /// What is wrong and what was expected.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        if self.key.is_empty() { write!(f, "{}", self.what) } else { write!(f, "{}: {}", self.key, self.what) }
    }
}

#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<(String, Range<usize>, Node)>),
    Other(&'static str),
}

#[derive(Clone, Debug)]
struct Node {
    at: Range<usize>,
    value: Value,
}

impl Node {
    fn read(at: Range<usize>, value: DeValue<'_>) -> Self {
        let value = match value {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Value::Other("a huge number"), Value::Number),
            DeValue::Boolean(flag) => Value::Flag(flag),
            DeValue::Float(_) => Value::Other("a number with a fraction"),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Array(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| {
                        let at = item.span();
                        Self::read(at, item.into_inner())
                    })
                    .collect(),
            ),
            DeValue::Table(table) => Value::Table(Self::entries(table)),
        };
        Self { at, value }
    }

    fn entries(table: DeTable<'_>) -> Vec<(String, Range<usize>, Node)> {
        table
            .into_iter()
            .map(|(key, value)| {
                let (key_at, at) = (key.span(), value.span());
                (key.into_inner().into_owned(), key_at, Self::read(at, value.into_inner()))
            })
            .collect()
    }

    fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a text",
            Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(kind) => kind,
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    source: String,
    mistakes: RefCell<Vec<Mistake>>,
}

impl Shared {
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.source.get(..at).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// A table of the file, read key by key. What is never asked for is an unknown key.
#[derive(Debug)]
pub struct Section {
    shared: Rc<Shared>,
    path: String,
    at: Range<usize>,
    entries: Vec<(String, Range<usize>, Node)>,
    asked: BTreeSet<&'static str>,
    /// Where the values stand that were taken out already.
    places: BTreeMap<String, usize>,
}

/// Reads a whole file. `Err` if it is not TOML at all.
pub fn read(source: &str) -> Result<(Section, Mistakes), Vec<Mistake>> {
    let shared = Rc::new(Shared { source: source.to_owned(), mistakes: RefCell::default() });
    let (table, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        let mistake = |error: &toml::de::Error| {
            let (line, column) = error.span().map_or((0, 0), |at| shared.place(at.start));
            Mistake { line, column, key: String::new(), what: error.message().to_owned() }
        };
        return Err(errors.iter().map(mistake).collect());
    }
    let entries = Node::entries(table.into_inner());
    let section = Section {
        shared: shared.clone(),
        path: String::new(),
        at: 0..0,
        entries,
        asked: BTreeSet::new(),
        places: BTreeMap::new(),
    };
    Ok((section, Mistakes(shared)))
}

/// Collects the mistakes of a file while its sections are read.
#[derive(Clone, Debug)]
pub struct Mistakes(Rc<Shared>);

impl Mistakes {
    /// All of them, in the order of the file.
    pub fn into_vec(self) -> Vec<Mistake> {
        let mut mistakes = self.0.mistakes.borrow().clone();
        mistakes.sort();
        mistakes.dedup();
        mistakes
    }
}

impl Section {
    /// An empty section, for what a file does not name.
    fn empty(&self, path: String) -> Self {
        Self {
            shared: self.shared.clone(),
            path,
            at: self.at.clone(),
            entries: Vec::new(),
            asked: BTreeSet::new(),
            places: BTreeMap::new(),
        }
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn take(&mut self, key: &'static str) -> Option<Node> {
        self.asked.insert(key);
        let at = self.entries.iter().position(|(name, ..)| name == key)?;
        let node = self.entries.remove(at).2;
        self.places.insert(key.to_owned(), node.at.start);
        Some(node)
    }

    fn tell(&self, at: usize, key: String, what: String) {
        let (line, column) = self.shared.place(at);
        self.shared.mistakes.borrow_mut().push(Mistake { line, column, key, what });
    }

    /// Says what is wrong with a key of this section (or, with "", with the section), at its value if the file has one.
    pub fn wrong(&self, key: &str, what: impl fmt::Display) {
        let at = self.places.get(key).copied().unwrap_or(self.at.start);
        let key = if key.is_empty() { self.path.clone() } else { self.key(key) };
        self.tell(at, key, what.to_string());
    }

    fn wrong_type(&self, key: &str, node: &Node, expected: &str) {
        self.tell(node.at.start, self.key(key), format!("{expected} is expected, this is {}", node.kind()));
    }

    /// Whether the file names the key; does not count as asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, ..)| name == key)
    }

    /// A text, and where it stands.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.take(key)?;
        match node.value {
            Value::Text(text) => Some(text),
            _ => {
                self.wrong_type(key, &node, "a text in quotes");
                None
            }
        }
    }

    /// A text that `parse` understands; its error is told at the text.
    pub fn parsed<T, E: fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let at = self.entries.iter().find(|(name, ..)| name == key).map(|(.., node)| node.at.start);
        let text = self.text(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.tell(at.unwrap_or(0), self.key(key), error.to_string());
                None
            }
        }
    }

    /// As [`Section::parsed`], for a key that must be there.
    pub fn required<T, E: fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !self.has(key) {
            self.asked.insert(key);
            self.wrong("", format!("{key} is missing"));
            return None;
        }
        self.parsed(key, parse)
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.take(key)?;
        match node.value {
            Value::Flag(flag) => Some(flag),
            _ => {
                self.wrong_type(key, &node, "true or false");
                None
            }
        }
    }

    /// A whole number within these bounds.
    pub fn number(&mut self, key: &'static str, bounds: &std::ops::RangeInclusive<u32>) -> Option<u32> {
        let node = self.take(key)?;
        let Value::Number(number) = node.value else {
            self.wrong_type(key, &node, "a whole number");
            return None;
        };
        let fits = u32::try_from(number).ok().filter(|number| bounds.contains(number));
        if fits.is_none() {
            let expected = format!("a whole number from {} to {} is expected", bounds.start(), bounds.end());
            self.tell(node.at.start, self.key(key), expected);
        }
        fits
    }

    /// A list of texts that `parse` understands.
    pub fn list<T, E: fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let node = self.take(key)?;
        let Value::List(items) = node.value else {
            self.wrong_type(key, &node, "a list [\"..\", \"..\"]");
            return None;
        };
        Some(self.parse_items(key, items, &parse))
    }

    fn parse_items<T, E: fmt::Display>(
        &self,
        key: &str,
        items: Vec<Node>,
        parse: &impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let mut values = Vec::with_capacity(items.len());
        for (n, item) in items.into_iter().enumerate() {
            let name = format!("{key}[{n}]");
            match &item.value {
                Value::Text(text) => match parse(text) {
                    Ok(value) => values.push(value),
                    Err(error) => self.tell(item.at.start, self.key(&name), error.to_string()),
                },
                _ => self.wrong_type(&name, &item, "a text in quotes"),
            }
        }
        values
    }

    /// Every remaining key with a number that is not negative; for tables whose keys are names.
    pub fn numbers(&mut self) -> Vec<(String, u32)> {
        let mut values = Vec::new();
        for (key, at, node) in std::mem::take(&mut self.entries) {
            self.places.insert(key.clone(), at.start);
            match node.value {
                Value::Number(number) => match u32::try_from(number) {
                    Ok(number) => values.push((key, number)),
                    Err(_) => {
                        self.tell(node.at.start, self.key(&key), "a whole number from 0 up is expected".to_owned())
                    }
                },
                _ => self.wrong_type(&key, &node, "a whole number"),
            }
        }
        values
    }

    /// Every remaining key with a list of texts; for tables whose keys are names.
    pub fn lists<T, E: fmt::Display>(&mut self, parse: impl Fn(&str) -> Result<T, E>) -> Vec<(String, Vec<T>)> {
        let mut values = Vec::new();
        for (key, at, node) in std::mem::take(&mut self.entries) {
            self.places.insert(key.clone(), at.start);
            match node.value {
                Value::List(items) => {
                    let items = self.parse_items(&key, items, &parse);
                    values.push((key, items));
                }
                _ => self.wrong_type(&key, &node, "a list [\"..\", \"..\"]"),
            }
        }
        values
    }

    /// A table; an empty one if the file does not name it.
    pub fn section(&mut self, key: &'static str) -> Self {
        let path = self.key(key);
        let Some(node) = self.take(key) else { return self.empty(path) };
        match node.value {
            Value::Table(entries) => Self { entries, at: node.at, ..self.empty(path) },
            _ => {
                self.wrong_type(key, &node, "a table");
                self.empty(path)
            }
        }
    }

    /// A list of tables; empty if the file does not name it.
    pub fn sections(&mut self, key: &'static str) -> Vec<Self> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let Value::List(items) = node.value else {
            self.wrong_type(key, &node, "a list of tables ([[..]])");
            return Vec::new();
        };
        let mut sections = Vec::with_capacity(items.len());
        for (n, item) in items.into_iter().enumerate() {
            let path = self.key(&format!("{key}[{n}]"));
            match item.value {
                Value::Table(entries) => sections.push(Self { entries, at: item.at, ..self.empty(path) }),
                _ => self.wrong_type(&format!("{key}[{n}]"), &item, "a table"),
            }
        }
        sections
    }

    /// Ends the section: every key that nobody asked for is told, with the nearest one that exists.
    pub fn end(self) {
        for (key, at, _) in &self.entries {
            let near = self
                .asked
                .iter()
                .min_by_key(|known| distance(known, key))
                .filter(|known| distance(known, key) * 2 <= key.len());
            let meant = near.map_or(String::new(), |near| format!("did you mean {near}? "));
            let known = self.asked.iter().copied().collect::<Vec<_>>().join(", ");
            self.tell(at.start, self.key(key), format!("unknown key; {meant}expected: {known}"));
        }
    }
}

/// How many single-character changes lead from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Result<String, &'static str> {
        if text.is_empty() { Err("must not be empty") } else { Ok(text.to_owned()) }
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let source = "name = 5\nflga = true\n[[item]]\nslug = \"\"\nroles = [\"a\", 7]\n[[item]]\nhuh = 1\n";
        let (mut file, mistakes) = read(source).expect("TOML");
        assert_eq!(file.text("name"), None);
        assert_eq!(file.flag("flag"), None);
        for mut item in file.sections("item") {
            item.required("slug", text);
            item.list("roles", text);
            item.end();
        }
        file.end();
        let told: Vec<String> = mistakes.into_vec().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 1, column 8: name: a text in quotes is expected, this is a number",
                "line 2, column 1: flga: unknown key; did you mean flag? expected: flag, item, name",
                "line 4, column 8: item[0].slug: must not be empty",
                "line 5, column 15: item[0].roles[1]: a text in quotes is expected, this is a number",
                "line 6, column 1: item[1]: slug is missing",
                "line 7, column 1: item[1].huh: unknown key; expected: roles, slug",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let mistakes = read("a = 1\nb = \n").expect_err("no value");
        assert_eq!(mistakes[0].line, 2, "{mistakes:?}");
        assert!(read("a = 1\na = 2\n").is_err(), "a key twice");
    }
}
