//! Canonicalization against the standard's corners and against another implementation; limits against hostile texts.

use bergshamra::c14n::{C14nMode, canonicalize_doc};
use bergshamra::xml::{NodeKind, NodeSet, uppsala};

use super::c14n::{C14nError, exclusive};
use super::limits::{Cdata, XmlError, checked_text, parse};

#[path = "../../tests/it/random_xml.rs"]
mod random_xml;

use random_xml::{Numbers, element};

/// The canonical form of the `nth` element of a text (0 is the root), without the element `omitted`.
fn canonical(text: &str, nth: usize, omitted: Option<usize>, prefixes: &[&str]) -> Result<String, C14nError> {
    let checked = checked_text(text.as_bytes(), Cdata::Allowed).expect("within the limits");
    let document = roxmltree::Document::parse(&checked).expect("XML");
    let elements: Vec<_> = document.descendants().filter(|node| node.is_element()).collect();
    exclusive(elements[nth], omitted.map(|omitted| elements[omitted]), prefixes)
}

/// What bergshamra makes of the same element. Its parser leaves line ends and white space in values as they are
/// (XML 1.0 2.11 and 3.3.3 say otherwise, and so does libxml2), so it gets them normalized.
fn theirs(text: &str, nth: usize, omitted: Option<usize>, prefixes: &[&str]) -> String {
    let text =
        text.replace("\r\n", "\n").replace('\r', "\n").replace("a\tb\nc", "a b c").replace("&#13;\t\n'", "&#13;  '");
    let document = uppsala::parse(&text).expect("XML");
    let all = document.descendants(document.root());
    let elements: Vec<_> =
        all.iter().filter(|id| matches!(document.node_kind(**id), Some(NodeKind::Element(_)))).copied().collect();
    let mut set = NodeSet::tree_without_comments(elements[nth], &document);
    if let Some(omitted) = omitted {
        set = set.subtract(&NodeSet::tree_with_comments(elements[omitted], &document));
    }
    let bytes = canonicalize_doc(&document, C14nMode::Exclusive, Some(&set), prefixes).expect("canonical");
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn exclusive_canonicalization_has_the_corners_of_the_standard() {
    let ns = "urn:n";
    for (what, nth, prefixes, text, expected) in [
        ("empty elements get an end tag", 0, &[][..], "<a/>", "<a></a>".to_owned()),
        (
            "attributes are sorted by namespace, then name",
            0,
            &[],
            "<a xmlns:z='urn:1' xmlns:b='urn:2' b:a='1' z:b='2' z:a='3' c='4' B='5'/>",
            "<a xmlns:b=\"urn:2\" xmlns:z=\"urn:1\" B=\"5\" c=\"4\" z:a=\"3\" z:b=\"2\" b:a=\"1\"></a>".to_owned(),
        ),
        (
            "an unused namespace is left out",
            0,
            &[],
            "<a xmlns:x='urn:x' xmlns:y='urn:y'><y:b/></a>",
            "<a><y:b xmlns:y=\"urn:y\"></y:b></a>".to_owned(),
        ),
        (
            "an inherited namespace is written where it is used",
            1,
            &[],
            "<a xmlns='urn:n' xmlns:x='urn:x'><b x:c=''/></a>",
            format!("<b xmlns=\"{ns}\" xmlns:x=\"urn:x\" x:c=\"\"></b>"),
        ),
        (
            "a namespace is written once on a way down",
            0,
            &[],
            "<x:a xmlns:x='urn:x'><x:b><x:c xmlns:x='urn:x'/></x:b></x:a>",
            "<x:a xmlns:x=\"urn:x\"><x:b><x:c></x:c></x:b></x:a>".to_owned(),
        ),
        (
            "a namespace is written again beside",
            0,
            &[],
            "<a xmlns:x='urn:x'><x:b/><x:c/></a>",
            "<a><x:b xmlns:x=\"urn:x\"></x:b><x:c xmlns:x=\"urn:x\"></x:c></a>".to_owned(),
        ),
        (
            "a prefix bound again is written again",
            0,
            &[],
            "<x:a xmlns:x='urn:1'><x:b xmlns:x='urn:2'><x:c xmlns:x='urn:1'/></x:b></x:a>",
            "<x:a xmlns:x=\"urn:1\"><x:b xmlns:x=\"urn:2\"><x:c xmlns:x=\"urn:1\"></x:c></x:b></x:a>".to_owned(),
        ),
        (
            "a default namespace is taken back",
            0,
            &[],
            "<a xmlns='urn:n'><b xmlns=''><c xmlns='urn:n'/></b></a>",
            format!("<a xmlns=\"{ns}\"><b xmlns=\"\"><c xmlns=\"{ns}\"></c></b></a>"),
        ),
        (
            "no default namespace needs no taking back",
            0,
            &[],
            "<a xmlns=''><b xmlns=''/></a>",
            "<a><b></b></a>".to_owned(),
        ),
        (
            "an unused default namespace is left out",
            0,
            &[],
            "<x:a xmlns='urn:n' xmlns:x='urn:x'><x:b/></x:a>",
            "<x:a xmlns:x=\"urn:x\"><x:b></x:b></x:a>".to_owned(),
        ),
        (
            "the PrefixList writes what is in scope",
            1,
            &["x", "nowhere"],
            "<a xmlns:x='urn:x' xmlns:y='urn:y'><b/></a>",
            "<b xmlns:x=\"urn:x\"></b>".to_owned(),
        ),
        (
            "the PrefixList knows the default namespace",
            1,
            &["#default"],
            "<x:a xmlns='urn:n' xmlns:x='urn:x'><x:b><x:c xmlns=''/></x:b></x:a>",
            format!("<x:b xmlns=\"{ns}\" xmlns:x=\"urn:x\"><x:c xmlns=\"\"></x:c></x:b>"),
        ),
        (
            "xml attributes are not inherited",
            1,
            &[],
            "<a xml:lang='de' xml:space='preserve'><b xml:lang='en'/></a>",
            "<b xml:lang=\"en\"></b>".to_owned(),
        ),
        (
            "values are written in one way",
            0,
            &[],
            "<a b='&lt;&gt;&amp;&quot;&apos;&#9;&#10;&#13;\t\n'/>",
            "<a b=\"&lt;>&amp;&quot;'&#x9;&#xA;&#xD;  \"></a>".to_owned(),
        ),
        (
            "texts are written in one way",
            0,
            &[],
            "<a>&lt;&gt;&amp;&quot;&#9;&#10;&#13;\r\n\rä&#xe4;</a>",
            "<a>&lt;&gt;&amp;\"\t\n&#xD;\n\nää</a>".to_owned(),
        ),
        ("CDATA is text", 0, &[], "<a>x<![CDATA[<&>]]>y</a>", "<a>x&lt;&amp;&gt;y</a>".to_owned()),
        (
            "comments vanish, instructions stay",
            0,
            &[],
            "<a><!-- c --><?p  d e ?><?q?></a>",
            "<a><?p d e ?><?q?></a>".to_owned(),
        ),
        (
            "what stands outside is not part of it",
            0,
            &[],
            "<?xml version='1.0'?>\n<!-- c --><?p?><a/>\n",
            "<a></a>".to_owned(),
        ),
    ] {
        assert_eq!(canonical(text, nth, None, prefixes).as_deref(), Ok(expected.as_str()), "{what}");
        assert_eq!(theirs(text, nth, None, prefixes), expected, "{what}: bergshamra");
    }
}

#[test]
fn the_omitted_signature_leaves_its_surroundings_as_they_are() {
    let text = "<a xmlns:s='urn:s'>\n <s:Signature><s:x/></s:Signature>\n <b/></a>";
    assert_eq!(canonical(text, 0, Some(1), &[]).as_deref(), Ok("<a>\n \n <b></b></a>"));
    assert_eq!(theirs(text, 0, Some(1), &[]), "<a>\n \n <b></b></a>");
}

#[test]
fn a_canonical_form_that_multiplies_is_refused() {
    // A long namespace that only the children use is written at each of them.
    let uri = format!("urn:{}", "x".repeat(1000));
    let text = format!("<a xmlns:p='{uri}'>{}</a>", "<p:b/>".repeat(2_000));
    assert_eq!(canonical(&text, 0, None, &[]), Err(C14nError::TooLong));
}

#[test]
fn generated_elements_have_the_canonical_form_that_others_give_them() {
    let (mut compared, mut bytes) = (0, 0);
    for seed in 0..3_000 {
        let mut numbers = Numbers(seed);
        let text = element(&mut numbers, 4, &[]);
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let count = document.descendants().filter(|node| node.is_element()).count();
        for prefixes in [&[][..], &["a", "#default"], &["b", "c", "nowhere"]] {
            let nth = numbers.below(count);
            let ours = canonical(&text, nth, None, prefixes).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(ours, theirs(&text, nth, None, prefixes), "element {nth} of {text} with {prefixes:?}");
            assert_eq!(canonical(&ours, 0, None, prefixes).as_ref(), Ok(&ours), "canonical once is canonical for good");
            compared += 1;
            bytes += ours.len();
        }
    }
    println!("{compared} elements, {bytes} canonical bytes");
}

#[test]
fn every_element_of_every_honest_message_has_the_canonical_form_that_others_give_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saml/honest");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("the honest messages") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("UTF-8");
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let document = roxmltree::Document::parse(&text).expect("XML");
        let elements: Vec<_> = document.descendants().filter(|node| node.is_element()).collect();
        for nth in 0..elements.len() {
            for prefixes in [&[][..], &["xs", "saml"]] {
                let ours = canonical(&text, nth, None, prefixes).expect("canonical");
                assert_eq!(ours, theirs(&text, nth, None, prefixes), "element {nth}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "only {compared} elements were compared");
}

#[test]
fn the_limits_hold_before_a_tree_is_built() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let attributes = |count: usize| {
        let list: String = (0..count).map(|n| format!(" a{n}=''")).collect();
        format!("<a{list}/>")
    };
    let namespaces = |count: usize| {
        let list: String = (0..count).map(|n| format!(" xmlns:n{n}='urn:{n}'")).collect();
        format!("<a{list}/>")
    };
    let elements = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
    let too = |what, limit| Err(XmlError::TooComplex { what, limit });
    let outcome = |text: String| checked_text(text.as_bytes(), Cdata::Refused).map(|_| ());
    assert_eq!(outcome(nested(48)), Ok(()));
    assert_eq!(outcome(nested(49)), too("nested elements", 48));
    assert_eq!(outcome(attributes(64)), Ok(()));
    assert_eq!(outcome(attributes(65)), too("attributes in a tag", 64));
    assert_eq!(outcome(namespaces(32)), Ok(()));
    assert_eq!(outcome(namespaces(33)), too("namespaces in scope", 32));
    assert_eq!(outcome(elements(12_000)), Ok(()));
    assert_eq!(outcome(elements(12_001)), too("elements", 12_000));
    assert_eq!(outcome(format!("<a>{}</a>", "<!---->".repeat(1_001))), too("comments", 1_000));
    let declaring = "<b xmlns='urn:b'/>".repeat(6_001);
    assert_eq!(outcome(format!("<a>{declaring}</a>")), too("namespaces", 6_000));
    assert_eq!(outcome(format!("<{}/>", "a".repeat(257))), too("characters in a name", 256));
    assert_eq!(outcome(" ".repeat(512 * 1024 + 1)), Err(XmlError::TooLarge { limit: 512 * 1024 }));
    assert_eq!(outcome(format!("<a xmlns='urn:{}'/>", "x".repeat(1024))), Err(XmlError::Namespace));
}

#[test]
fn what_the_linear_pass_lets_through_the_parser_reads_or_refuses() {
    // The pass is no parser; what it does not see has to be an error of the parser, never a panic or another meaning.
    for odd in [
        "",
        "a",
        "<",
        "<>",
        "</a>",
        "<a",
        "<a b",
        "<a b=",
        "<a b='",
        "<a b=''",
        "<a/",
        "<a//>",
        "<a b='<'/>",
        "<a b='x' b='y'/>",
        "<a><b></a></b>",
        "<a>]]></a>",
        "<!---><a/>",
        "<!-- -- --><a/>",
        "<?xml?><a/>",
        "<a/><?xml version='1.0'?>",
        "<a:b/>",
        "<a xmlns:a='urn:a' a:b='' a:b=''/>",
        "<a xmlns:p='urn:x' xmlns:q='urn:x' p:a='' q:a=''/>",
        "<a b=c/>",
        "<a>&#x;</a>",
        "<a>&#xD800;</a>",
        "<a>&#1114112;</a>",
        "<a>&#x4294967297;</a>",
        "<a>&#xFFFE;</a>",
        "<a>&#11;</a>",
        "<a xmlns:xml='urn:x'/>",
        "<a xmlns:xmlns='urn:x'/>",
        "<a:b:c xmlns:a='urn:a'/>",
        "<a xmlns:b:c='urn:x'/>",
        "<:a/>",
        "<a:/>",
        "<a :b=''/>",
        "<a xmlns:='urn:x'/>",
        "<a b:='' xmlns:b='urn:b'/>",
        "<xmlns:a/>",
        "<a:1 xmlns:a='urn:a'/>",
        "<a:-b xmlns:a='urn:a'/>",
        "<a 1=''/>",
        "<a xmlns:1='urn:x'/>",
        "<?p:i?>",
        "<1/>",
        "<a>\u{fffe}</a>",
        "<a\u{a0}b=''/>",
    ] {
        let outcome = checked_text(odd.as_bytes(), Cdata::Refused).and_then(|text| parse(&text).map(|_| ()));
        assert!(outcome.is_err(), "{odd:?} was read");
    }
}
