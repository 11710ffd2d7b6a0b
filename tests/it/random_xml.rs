//! Random but repeatable XML elements on which canonicalizers like to disagree: prefixes bound again, default namespaces
//! coming and going, attributes out of order, characters that are written in several ways.

/// A small generator of numbers (SplitMix64): the same seed gives the same document everywhere.
pub struct Numbers(pub u64);

impl Numbers {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const PREFIXES: [&str; 3] = ["a", "b", "c"];
const URIS: [&str; 4] = ["urn:one", "urn:two", "http://three.example/x?y=1", "urn:one:a"];
const NAMES: [&str; 5] = ["e", "f", "Element", "x-1", "ä"];
const TEXTS: [&str; 10] =
    ["text", " ", "\n\t", "a &amp; b", "&lt;&gt;", "]]&gt;", "&#13;&#10;", "Größe", "&quot;'", "&#x1F600;"];
const VALUES: [&str; 9] = ["v", "", " a  b ", "a\tb\nc", "&#9;&#10;&#13;", "&lt;&amp;&quot;&gt;", "ü", "'", "&#x20;"];

/// An element that declares every prefix it uses or inherits one of `in_scope`.
pub fn element(numbers: &mut Numbers, depth: usize, in_scope: &[&'static str]) -> String {
    let mut scope = in_scope.to_vec();
    let mut declared = Vec::new();
    let mut parts = Vec::new();
    for prefix in PREFIXES {
        if numbers.below(4) == 0 {
            declared.push(prefix);
            if !scope.contains(&prefix) {
                scope.push(prefix);
            }
            parts.push(format!("xmlns:{prefix}=\"{}\"", numbers.one_of(&URIS)));
        }
    }
    match numbers.below(6) {
        0 => parts.push(format!("xmlns='{}'", numbers.one_of(&URIS))),
        1 => parts.push("xmlns=\"\"".to_owned()),
        _ => {}
    }
    // No local name twice: two prefixes of one namespace would make the same attribute twice.
    for name in ["z", "y", "a", "B", "lang"] {
        match numbers.below(5) {
            0 => parts.push(format!("{name}=\"{}\"", numbers.one_of(&VALUES))),
            1 if name == "lang" => parts.push(format!("xml:lang='{}'", numbers.one_of(&["de", "en"]))),
            1 if !scope.is_empty() => {
                let prefix = scope[numbers.below(scope.len())];
                parts.push(format!("{prefix}:{name}  =  \"{}\"", numbers.one_of(&VALUES)));
            }
            _ => {}
        }
    }
    for at in (1..parts.len()).rev() {
        parts.swap(at, numbers.below(at + 1));
    }
    let prefix = if scope.is_empty() || numbers.below(2) == 0 {
        String::new()
    } else {
        format!("{}:", scope[numbers.below(scope.len())])
    };
    let name = format!("{prefix}{}", numbers.one_of(&NAMES));
    let space = numbers.one_of(&["", " ", "\n"]);
    let mut start = format!("<{name}");
    for part in parts {
        start += &format!("{}{part}", numbers.one_of(&[" ", "\n  "]));
    }
    let children = if depth == 0 { 0 } else { numbers.below(4) };
    if children == 0 && numbers.below(2) == 0 {
        return format!("{start}{space}/>");
    }
    let mut out = format!("{start}{space}>");
    for _ in 0..children {
        match numbers.below(6) {
            0 => out += numbers.one_of(&TEXTS),
            1 => out += numbers.one_of(&["<g><!-- c --></g>", "<g><?pi  some data ?></g>", "<g><?empty?></g>"]),
            _ => out += &element(numbers, depth - 1, &scope),
        }
    }
    format!("{out}</{name}>")
}
