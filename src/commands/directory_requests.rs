use serde_json::json;

use super::events::moment;
use super::output::{Failure, said};
use super::setting::{self, Setting};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::store;
use crate::store::directory_requests::DirectoryRequest;

/// How many requests are read at a time.
const PAGE: u32 = 500;

/// Which requests to print.
pub(super) struct Wanted<'a> {
    pub(super) since: Option<&'a str>,
    pub(super) limit: u32,
    pub(super) failed: bool,
}

pub(super) fn requests(setting: &Setting, parent: &str, wanted: &Wanted<'_>, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let since = wanted.since.map_or(Ok(Timestamp::from_millis(0)), |text| moment(text, false))?;
    let db = setting::existing(&config)?;
    let parent = setting::parent(&db, parent)?;
    let mut found: Vec<DirectoryRequest> = Vec::new();
    let mut row = i64::MAX;
    // Newest first, until there are enough.
    'all: loop {
        let page = db.read::<_, DbError>(|tx| store::directory_requests::before(tx, parent.id, row, PAGE))?;
        let Some((oldest, _)) = page.last() else { break };
        row = *oldest;
        for (_, request) in page {
            if request.at < since || found.len() >= wanted.limit as usize {
                break 'all;
            }
            if !wanted.failed || request.status >= 400 {
                found.push(request);
            }
        }
    }
    for request in found.iter().rev() {
        let line = if json { to_json(request) } else { to_text(request) };
        if !said(&line) {
            break;
        }
    }
    Ok(())
}

fn to_json(request: &DirectoryRequest) -> String {
    json!({
        "at": request.at.to_string(),
        "token": request.token,
        "address": request.from,
        "method": request.method,
        "path": request.path,
        "status": request.status,
        "understood": request.understood,
        "effect": request.effect,
        "body": request.body,
    })
    .to_string()
}

fn to_text(request: &DirectoryRequest) -> String {
    let mut line = format!("{}  {}  {} {}", request.at, request.status, request.method, request.path);
    for part in [&request.understood, &request.effect] {
        if !part.is_empty() {
            line.push_str("  ");
            line.push_str(part);
        }
    }
    line.push_str(&format!("  ({} from {})", request.token, request.from));
    // One line per request, whatever somebody put into it.
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
