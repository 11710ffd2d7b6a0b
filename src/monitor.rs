//! What Prometheus reads: counts of what happened since the start, and how things stand, on a listener of its own. Changes nothing.
//! Nobody is asked who they are there: labels are words of the code, slugs of organizations and names that admins gave.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer};

use crate::calendar::{self, Ending};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::gateway::Gateway;
use crate::metrics::{Exposition, status_word};
use crate::organization::SeatCount;
use crate::store;

/// The listener, standing already.
pub struct Monitor {
    /// Where it listens.
    pub address: SocketAddr,
    server: Server,
}

impl Monitor {
    /// Answers until the handle stops it. Must be called within an actix runtime.
    pub fn spawn(self) -> ServerHandle {
        let handle = self.server.handle();
        actix_web::rt::spawn(self.server);
        handle
    }
}

/// Serves `GET /metrics` on a listener, and nothing else. One thread, so that a scraper never takes one from people.
pub fn start(gateway: Arc<Gateway>, listener: TcpListener) -> std::io::Result<Monitor> {
    let address = listener.local_addr()?;
    let state = Data::new(Scraped { gateway, one_at_a_time: tokio::sync::Mutex::default() });
    let server =
        HttpServer::new(move || App::new().app_data(state.clone()).default_service(actix_web::web::to(answer)))
            .workers(1)
            .max_connections(32)
            .client_request_timeout(Duration::from_secs(5))
            .keep_alive(Duration::from_secs(75))
            .shutdown_timeout(1)
            .server_hostname("usher")
            .disable_signals()
            .listen(listener)?;
    Ok(Monitor { address, server: server.run() })
}

/// What a scrape reads.
struct Scraped {
    gateway: Arc<Gateway>,
    /// Two scrapers read one after the other.
    one_at_a_time: tokio::sync::Mutex<()>,
}

async fn answer(request: HttpRequest, scraped: Data<Scraped>) -> HttpResponse {
    if request.path() != "/metrics" || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("there is /metrics only\n");
    }
    let _turn = scraped.one_at_a_time.lock().await;
    let (gateway, now) = (scraped.gateway.clone(), scraped.gateway.now());
    match scraped.gateway.db.read_heavy(move |tx| read(tx, &gateway, now)).await {
        Ok(standing) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, Exposition::CONTENT_TYPE))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text(&scraped.gateway, &standing, now)),
        Err(error) => {
            tracing::error!(error = %error, "the metrics cannot be read");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=utf-8")
                .body("the database cannot be read\n")
        }
    }
}

/// How things stand, in one snapshot. Each part is a count that is kept anyway, or as long as what admins made by hand.
struct Standing {
    sessions: u64,
    members: Vec<(String, u32)>,
    seats: Vec<(String, SeatCount)>,
    waiting: Vec<(String, Option<String>, u64)>,
    domains: Vec<(&'static str, u64)>,
    endings: Vec<Ending>,
}

fn read(tx: &mut dyn Tx, gateway: &Gateway, now: Timestamp) -> Result<Standing, DbError> {
    Ok(Standing {
        sessions: store::sessions::count(tx, now)?,
        members: store::organizations::members(tx)?,
        seats: store::seats::all(tx)?,
        waiting: store::waiting::all(tx)?,
        domains: store::domains::states(tx)?,
        endings: calendar::collect(tx, &gateway.config, now)?,
    })
}

fn text(gateway: &Gateway, standing: &Standing, now: Timestamp) -> String {
    let mut text = Exposition::default();
    let version = [env!("CARGO_PKG_VERSION").to_owned()];
    text.gauge("usher_build_info", "Always 1; the version runs.", ["version"], [(version, 1)]);
    text.counts(&gateway.metrics.sign_ins);
    text.counts(&gateway.metrics.forward_auth);
    text.counts(&gateway.metrics.scim);
    text.counts(gateway.outbound.calls());
    let sessions = "Sessions that have not ended; idle ones end within two minutes.";
    text.gauge("usher_sessions", sessions, [], [([], signed(standing.sessions))]);
    let members = standing.members.iter().map(|(slug, count)| ([slug.clone()], i64::from(*count)));
    text.gauge("usher_members", "Members, by organization.", ["organization"], members);
    seats(&mut text, standing);
    let domains = standing.domains.iter().map(|(state, count)| ([(*state).to_owned()], signed(*count)));
    text.gauge("usher_domains", "Domains, by state; lost: verified, but the record is gone.", ["state"], domains);
    // What another one has replaced already is missed by nobody.
    let endings = standing.endings.iter().filter(|ending| !ending.replaced);
    let endings = endings.map(|ending| ([ending.kind.as_str().to_owned(), ending.name.clone()], left(ending, now)));
    let help = "Seconds until a certificate, secret or token ends; negative once it has.";
    text.gauge("usher_cert_expiry_seconds", help, ["kind", "name"], endings);
    text.into_text()
}

fn seats(text: &mut Exposition, standing: &Standing) {
    const LABELS: [&str; 2] = ["organization", "seat"];
    let labels = |slug: &String, seat: &SeatCount| [slug.clone(), seat.seat_type.to_string()];
    let bought = standing.seats.iter().map(|(slug, seat)| (labels(slug, seat), i64::from(seat.bought)));
    text.gauge("usher_seats_bought", "Seats bought, by organization and type.", LABELS, bought);
    let used = standing.seats.iter().map(|(slug, seat)| (labels(slug, seat), i64::from(seat.used)));
    text.gauge("usher_seats_used", "Seats held, by organization and type.", LABELS, used);
    let waiting = standing.waiting.iter().map(|(slug, seat, count)| {
        let seat = seat.clone().unwrap_or_else(|| "any".to_owned());
        ([slug.clone(), seat], signed(*count))
    });
    text.gauge("usher_seats_waiting", "People who wait for a seat, by organization and type.", LABELS, waiting);
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Seconds from now to the end.
fn left(ending: &Ending, now: Timestamp) -> i64 {
    ending.ends.as_seconds() - now.as_seconds()
}

/// Counts the answers to reverse proxies and to directories, whatever became of them: those that the guard turned away, too.
pub async fn counted<B>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl actix_web::body::MessageBody + use<B>>, Error>
where
    B: actix_web::body::MessageBody + 'static,
{
    let path = request.path().trim_start_matches('/');
    let (proxy, directory) = (path.starts_with("auth/"), path.starts_with("scim/"));
    if !proxy && !directory {
        return next.call(request).await;
    }
    let gateway = request.app_data::<Data<Gateway>>().cloned();
    let method = method_word(request.method());
    let answer = next.call(request).await;
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let status = status_word(status.as_u16());
    if let Some(gateway) = gateway {
        if proxy {
            gateway.metrics.forward_auth.add([status]);
        } else {
            gateway.metrics.scim.add([method, status]);
        }
    }
    answer
}

fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
