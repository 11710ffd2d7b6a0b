//! Tables as files for spreadsheets (RFC 4180), sent as they are made.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use futures_core::Stream;

use crate::web::failure::Failure;

/// A row, every cell quoted, none of them one that a spreadsheet takes for a formula.
pub(super) fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", harmless(cell).replace('"', "\"\""))).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that no spreadsheet takes for a formula: what others sent may begin like one.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// A file of this name, out of parts that are made one after the other.
pub(super) fn download(name: &str, parts: impl Iterator<Item = String> + Unpin + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Parts(parts))
}

struct Parts<I>(I);

impl<I: Iterator<Item = String> + Unpin> Stream for Parts<I> {
    type Item = Result<Bytes, Failure>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(|part| Ok(Bytes::from(part))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula_or_ends_its_row() {
        for hostile in [
            "=HYPERLINK(\"http://evil.example\",\"x\")",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\u{ff1d}1",
        ] {
            let row = row(&[hostile.to_owned(), "x".to_owned()]);
            assert!(row.starts_with("\"'"), "{row:?}");
            assert!(row.ends_with(",\"x\"\r\n"), "{row:?}");
        }
        assert_eq!(row(&["a\",\"b".to_owned()]), "\"a\"\",\"\"b\"\r\n");
        assert_eq!(row(&["plain = text".to_owned()]), "\"plain = text\"\r\n");
    }
}
