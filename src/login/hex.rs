/// Bytes as two digits each.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of such a text; `None` if it is none.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()).collect()
}

/// How a form names a session: its hash, which opens nothing.
pub fn session_id(token_hash: &[u8]) -> String {
    hex(token_hash)
}

/// The hash of the session that a form names.
pub fn session_hash(id: &str) -> Option<Vec<u8>> {
    unhex(id).filter(|hash| hash.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_being_written_as_text() {
        for bytes in [&[][..], &[0], &[255, 0, 16]] {
            assert_eq!(unhex(&hex(bytes)).as_deref(), Some(bytes));
        }
        for none in ["0", "0g", "+1", "ä0", " 1"] {
            assert_eq!(unhex(none), None, "{none}");
        }
    }
}
