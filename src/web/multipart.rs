//! Forms with files (RFC 7578), out of a body that has arrived whole. As strict as browsers are regular: what two readers could read
//! differently is refused.

/// The most parts of a form of ours.
const MOST_PARTS: usize = 64;

/// The largest head of a part, in bytes.
const LARGEST_HEAD: usize = 1024;

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The field's name.
    pub name: String,
    /// It is a file, which may be empty where none was chosen.
    pub is_file: bool,
    /// What was sent.
    pub content: &'a [u8],
}

/// The boundary that a content type names, if it is `multipart/form-data` with exactly one.
pub fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').map(str::trim);
    if !parameters.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut found = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    let boundary = found.next().filter(|boundary| (1..=70).contains(&boundary.len()))?;
    let plain = boundary.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte));
    (plain && found.next().is_none()).then_some(boundary)
}

/// The parts of a body, in order; `None` if it is not exactly such a form.
pub fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line before it.
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..])?;
    let mut parts = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = position(part, delimiter.as_bytes())?;
        parts.push(read(&part[..end])?);
        if parts.len() > MOST_PARTS {
            return None;
        }
        rest = &part[end + delimiter.len()..];
    }
    matches!(rest, b"--" | b"--\r\n").then_some(parts)
}

fn read(part: &[u8]) -> Option<Part<'_>> {
    let head = position(part, b"\r\n\r\n").filter(|length| *length <= LARGEST_HEAD)?;
    let mut disposition = None;
    for line in std::str::from_utf8(&part[..head]).ok()?.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" if disposition.is_none() => disposition = Some(value.trim()),
            "content-type" => {}
            // Another transfer encoding would make other bytes of these; browsers name none.
            _ => return None,
        }
    }
    let parameters = disposition?.strip_prefix("form-data")?;
    let name = parameter(parameters, "name")?;
    let is_file = parameters.contains("; filename=") || parameters.contains("; filename*=");
    Some(Part { name: name.to_owned(), is_file, content: &part[head + 4..] })
}

/// A quoted parameter that stands there once. Names of our fields have nothing in them that would be escaped.
fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let mark = format!("; {name}=\"");
    let mut all = parameters.split(mark.as_str());
    let (_, value) = (all.next()?, all.next()?);
    if all.next().is_some() {
        return None;
    }
    let value = &value[..value.find('"')?];
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)).then_some(value)
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    // Looked for by its first byte: a body of half a megabyte has few of them.
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == wanted[0]) {
        if bytes[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n--b\r\n\
        Content-Disposition: form-data; name=\"metadata_file\"; filename=\"idp.xml\"\r\nContent-Type: text/xml\r\n\r\n\
        <a>\r\n--c\r\n</a>\r\n--b--\r\n";

    fn read_all(body: &str) -> Option<Vec<(String, bool, String)>> {
        let told = |part: Part| (part.name, part.is_file, String::from_utf8_lossy(part.content).into_owned());
        parts(body.as_bytes(), "b").map(|parts| parts.into_iter().map(told).collect())
    }

    #[test]
    fn a_form_of_a_browser_is_read_to_the_byte() {
        let expected = [("csrf", false, "token"), ("metadata_file", true, "<a>\r\n--c\r\n</a>")];
        let expected = expected.map(|(name, file, text)| (name.to_owned(), file, text.to_owned()));
        assert_eq!(read_all(BODY), Some(expected.to_vec()));
        let none = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n";
        assert_eq!(read_all(none), Some(vec![("f".to_owned(), true, String::new())]), "no file was chosen");
        assert_eq!(
            boundary("multipart/form-data; boundary=----WebKitFormBoundaryAbC1"),
            Some("----WebKitFormBoundaryAbC1")
        );
        assert_eq!(boundary("Multipart/Form-Data;boundary=\"a\""), Some("a"));
    }

    #[test]
    fn what_two_readers_could_read_differently_is_no_form() {
        let many = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(65);
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: {}\r\n\r\n\r\n--b--",
            "x".repeat(2000)
        );
        for (what, body) in [
            ("cut short", BODY[..BODY.len() - 6].to_owned()),
            ("something before", format!("preamble\r\n{BODY}")),
            ("something behind", format!("{BODY}more")),
            ("no end", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx".to_owned()),
            ("two names", BODY.replacen("name=\"csrf\"", "name=\"csrf\"; name=\"other\"", 1)),
            ("no name", BODY.replacen("; name=\"csrf\"", "", 1)),
            ("a name that is escaped", BODY.replacen("csrf", "cs%22rf", 1)),
            (
                "two dispositions",
                BODY.replacen("Content-Type: text/xml", "Content-Disposition: form-data; name=\"x\"", 1),
            ),
            ("another encoding", BODY.replacen("Content-Type: text/xml", "Content-Transfer-Encoding: base64", 1)),
            ("bare line feeds", BODY.replace("\r\n", "\n")),
            ("too many parts", format!("{}--b--", many)),
            ("a long head", head),
            ("nothing", String::new()),
        ] {
            assert_eq!(read_all(&body), None, "{what}");
        }
        for wrong in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=a b",
            "multipart/mixed; boundary=a",
            "application/x-www-form-urlencoded",
        ] {
            assert_eq!(boundary(wrong), None, "{wrong}");
        }
    }
}
