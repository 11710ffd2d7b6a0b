use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::find::{self, Sought};
use super::{Asked, understood};
use crate::db::{Db, DbError};
use crate::session::{self, Admin};
use crate::settings::csv;
use crate::settings::words;
use crate::store::audit::{Before, Recorded};
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page;

/// How many events are read and sent at a time.
const PAGE: usize = 500;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

/// `GET /admin/{organization}/events/export.csv`
pub async fn as_csv(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    export(&request, &asked, Form::Csv)
}

/// `GET /admin/{organization}/events/export.json`
pub async fn as_json(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    export(&request, &asked, Form::Json)
}

/// All that the filters find, sent as it is read: a log may be long.
fn export(request: &HttpRequest, asked: &Asked, form: Form) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let texts = page::language(request).texts();
    let (sought, from, _) = gateway.db.read(|tx| understood(tx, &admin, asked, texts))?;
    let (send, receive) = mpsc::channel(4);
    actix_web::rt::spawn(read_all(gateway.db.clone(), sought, from, form, texts, send));
    let (kind, ending) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Json => ("application/json", "json"),
    };
    let file = format!("attachment; filename=\"events-{}.{ending}\"", admin.organization.slug);
    Ok(HttpResponse::Ok().content_type(kind).insert_header((CONTENT_DISPOSITION, file)).streaming(Chunks(receive)))
}

type Chunk = Result<Bytes, Failure>;

async fn read_all(db: Db, sought: Sought, from: Before, form: Form, texts: Texts, send: mpsc::Sender<Chunk>) {
    let (mut before, mut first) = (from, true);
    let head = match form {
        Form::Csv => csv::row(&COLUMNS.map(str::to_owned)),
        Form::Json => "[\n".to_owned(),
    };
    let mut text = head;
    loop {
        let wanted = sought.clone();
        let read = db.read_heavy(move |tx| -> Result<_, DbError> {
            let found = find::find(tx, &wanted, before, PAGE)?;
            let mut rows = Vec::with_capacity(found.events.len());
            for event in &found.events {
                let actor = match event.actor.as_str() {
                    "" => event.actor_kind.clone(),
                    name => format!("{}:{name}", event.actor_kind),
                };
                let actor = words::who(tx, wanted.parent, &actor, texts)?;
                let target = words::who(tx, wanted.parent, &event.target, texts)?;
                rows.push((actor, target));
            }
            Ok((found, rows))
        });
        let (found, rows) = match read.await {
            Ok(read) => read,
            Err(error) => {
                let _ = send.send(Err(error.into())).await;
                return;
            }
        };
        for (event, (actor, target)) in found.events.iter().zip(rows) {
            match form {
                Form::Csv => text.push_str(&csv::row(&cells(event, actor, target))),
                Form::Json => {
                    text.push_str(if std::mem::take(&mut first) { "" } else { ",\n" });
                    text.push_str(&object(event, &actor, &target).to_string());
                }
            }
        }
        let Some(next) = found.next else { break };
        before = next;
        // Whoever asked may be gone.
        if send.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
            return;
        }
    }
    if form == Form::Json {
        text.push_str("\n]\n");
    }
    let _ = send.send(Ok(Bytes::from(text))).await;
}

const COLUMNS: [&str; 8] = ["time", "actor", "event", "target", "detail", "address", "incident", "id"];

fn cells(event: &Recorded, actor: String, target: String) -> [String; 8] {
    [
        event.at.to_string(),
        actor,
        event.kind.clone(),
        target,
        event.detail.clone(),
        event.address.clone().unwrap_or_default(),
        event.incident.clone().unwrap_or_default(),
        event.id.to_string(),
    ]
}

fn object(event: &Recorded, actor: &str, target: &str) -> Value {
    let detail: Value = serde_json::from_str(&event.detail).unwrap_or(Value::Null);
    json!({
        "id": event.id.0,
        "time": event.at.to_string(),
        "actor_kind": event.actor_kind,
        "actor": actor,
        "event": event.kind,
        "target": target,
        "detail": detail,
        "address": event.address,
        "incident": event.incident,
    })
}

struct Chunks(mpsc::Receiver<Chunk>);

impl Stream for Chunks {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
