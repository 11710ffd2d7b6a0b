//! Builds the application, for production and for tests alike, and runs it: routes, background jobs, TLS, shutdown.

use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::web::{Data, JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

use crate::admin;
use crate::apps::{self, HeaderSigner};
use crate::audit::Actor;
use crate::calendar;
use crate::clock::Timestamp;
use crate::config::{Config, Tls};
use crate::connecting;
use crate::db::DbError;
use crate::domains;
use crate::gateway::Gateway;
use crate::login;
use crate::membership::Runs;
use crate::monitor::{self, Monitor};
use crate::rollover;
use crate::session;
use crate::settings::{self, Previews};
use crate::store;
use crate::sync;
use crate::tls::{self, TlsError};
use crate::web::cookies::CookieRules;
use crate::web::failure::{self, Failure};
use crate::web::language::Language;
use crate::web::page::Site;
use crate::web::routes::{self, Access, Routes};
use crate::web::static_files;

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}; choose another with server.listen, or stop what uses it")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address of the metrics is taken or not ours.
    #[error(
        "cannot listen on {address} for the metrics: {source}; choose another with metrics.listen, or stop what uses it"
    )]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Stopped(#[from] std::io::Error),
}

/// Every route of the gateway.
pub fn all_routes() -> Routes {
    let mut routes = Routes::new(session::guard);
    login::routes(&mut routes);
    apps::routes(&mut routes);
    admin::routes(&mut routes);
    connecting::routes(&mut routes);
    settings::routes(&mut routes);
    sync::routes(&mut routes);
    routes.get("/static/{checksum}/{name}", Access::Anyone, static_files::serve);
    routes.get("/healthz", Access::Program, health);
    routes.get("/readyz", Access::Program, ready);
    routes
}

/// What pages need to know, from the configuration and the sealed keys.
pub fn site(gateway: &Gateway) -> Site {
    let config = &gateway.config;
    Site {
        base: config.server.base().to_owned(),
        cookies: CookieRules { https: config.server.is_https(), domain: config.session.cookie_domain.clone() },
        csrf_key: gateway.sealer.derive("csrf"),
        language: Language::parse(&config.server.language).unwrap_or(Language::En),
        trusted_proxies: config.server.trusted_proxies.clone(),
    }
}

/// Puts state and routes into an application.
pub fn configure(
    gateway: &Data<Gateway>,
    site: &Data<Site>,
    signer: &Data<HeaderSigner>,
    previews: &Data<Previews>,
    app: &mut ServiceConfig,
) {
    app.app_data(gateway.clone())
        .app_data(site.clone())
        .app_data(signer.clone())
        .app_data(previews.clone())
        .app_data(QueryConfig::default().error_handler(|_, _| Failure::BadRequest("the query cannot be read").into()))
        .app_data(PathConfig::default().error_handler(|_, _| Failure::NotFound.into()))
        .app_data(JsonConfig::default().limit(0));
    all_routes().configure(app);
    app.default_service(actix_web::web::to(failure::not_found));
}

/// `GET /healthz`: the process is up.
async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the database can be written, so people can sign in.
async fn ready(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    // Another value each time: SQLite does not write a row that is as it was, and would say yes on a full disk.
    let second = gateway.now().as_seconds().to_string();
    gateway.db.write(move |tx| store::settings::set(tx, "ready", &second)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}

/// A running server.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where the metrics are read, if anywhere.
    pub metrics: Option<SocketAddr>,
    server: actix_web::dev::Server,
    monitor: Option<Monitor>,
}

impl Running {
    /// Stops it from elsewhere.
    pub fn handle(&self) -> actix_web::dev::ServerHandle {
        self.server.handle()
    }

    /// Runs until it is told to stop: by a handle, or by SIGTERM or SIGINT, then finishing what is under way within ten seconds.
    pub async fn wait(self) -> Result<(), ServeError> {
        let beside = self.monitor.map(Monitor::spawn);
        let ended = self.server.await;
        // Until the last request of people is answered, somebody may want to see how it goes.
        if let Some(beside) = beside {
            beside.stop(false).await;
        }
        Ok(ended?)
    }
}

/// Where the gateway will be reached: an address that is ours, and a certificate that can be used.
pub struct Door {
    listener: TcpListener,
    metrics: Option<TcpListener>,
    tls: Option<tls::ServerConfig>,
}

/// Takes the address and reads the certificate; writes nothing. Whoever comes meanwhile waits.
pub fn door(config: &Config) -> Result<Door, ServeError> {
    let address = config.server.listen;
    let tls = match &config.tls {
        Tls::Off => None,
        Tls::Files { certificate, key } => Some(tls::server_config(certificate, key)?),
    };
    let listener = TcpListener::bind(address).map_err(|source| ServeError::Listen { address, source })?;
    let metrics = config
        .metrics
        .listen
        .map(|address| TcpListener::bind(address).map_err(|source| ServeError::Metrics { address, source }));
    Ok(Door { listener, metrics: metrics.transpose()?, tls })
}

/// Binds and starts the gateway. Must be called within an actix runtime.
pub fn start(gateway: Arc<Gateway>, workers: usize, signals: bool) -> Result<Running, ServeError> {
    let door = door(&gateway.config)?;
    start_behind(door, gateway, workers, signals)
}

/// As [`start`], behind a door that stands already.
pub fn start_behind(
    Door { listener, metrics, tls }: Door,
    gateway: Arc<Gateway>,
    workers: usize,
    signals: bool,
) -> Result<Running, ServeError> {
    let address = listener.local_addr()?;
    let (data, site) = (Data::from(gateway.clone()), Data::new(site(&gateway)));
    let (signer, previews) = (Data::new(HeaderSigner::new(&gateway.header_key)), Data::new(Previews::default()));
    let server = HttpServer::new(move || {
        let (data, site, signer, previews) = (data.clone(), site.clone(), signer.clone(), previews.clone());
        App::new()
            .wrap(from_fn(routes::finish))
            .wrap(from_fn(monitor::counted))
            .configure(move |app| configure(&data, &site, &signer, &previews, app))
    })
    .workers(workers)
    .client_request_timeout(Duration::from_secs(10))
    .client_disconnect_timeout(Duration::from_secs(2))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(10)
    .server_hostname("usher");
    let server = if signals { server } else { server.disable_signals() };
    let server = match tls {
        None => server.listen(listener)?,
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
    };
    let monitor = metrics.map(|listener| monitor::start(gateway.clone(), listener)).transpose()?;
    actix_web::rt::spawn(background(gateway));
    let metrics = monitor.as_ref().map(|monitor| monitor.address);
    Ok(Running { address, metrics, server: server.run(), monitor })
}

/// SIGXFSZ: a write went beyond a limit on file sizes. It ends a process that does not listen for it; we want to hear it from the
/// write, like a full disk.
const FILE_SIZE_LIMIT: i32 = 25;

/// Must be called within an actix runtime, before the database is opened.
pub fn survive_file_size_limit() {
    let kind = SignalKind::from_raw(FILE_SIZE_LIMIT);
    if let Err(error) = signal(kind) {
        tracing::warn!(error = %error, "a limit on file sizes would end the server");
    }
}

/// name, how often, what. Each run is one short transaction, repeated while there is more to do.
type Job = (&'static str, Duration, fn(&Gateway, &mut dyn crate::db::Tx, Timestamp) -> Result<u64, DbError>);

const SLICE: u32 = 500;

const JOBS: [Job; 9] = [
    ("sessions purged", Duration::from_secs(60), |gateway, tx, now| {
        let idle_since = now.minus(gateway.config.session.idle).minus(crate::gateway::Seen::GRAIN);
        Ok(store::sessions::purge(tx, now, idle_since, SLICE)? + store::operators::purge(tx, now)?)
    }),
    ("sign-ins purged", Duration::from_secs(60), |_, tx, now| store::pending::purge(tx, now, SLICE)),
    ("sign-outs purged", Duration::from_secs(60), |_, tx, now| store::sign_outs::purge(tx, now, SLICE)),
    ("sync runs purged", Duration::from_secs(3600), |_, tx, now| {
        store::sync_runs::purge(tx, now.minus(JOURNAL), SLICE)
    }),
    ("attempts purged", Duration::from_secs(3600), |_, tx, now| store::attempts::purge(tx, now, SLICE)),
    ("drafts purged", Duration::from_secs(3600), |_, tx, now| {
        store::access_drafts::purge(tx, now.minus(DRAFTS_KEPT), SLICE)
    }),
    ("confirmed settings purged", Duration::from_secs(3600), |_, tx, now| {
        store::probations::purge(tx, now.minus(JOURNAL), SLICE)
    }),
    ("setup links purged", Duration::from_secs(3600), |_, tx, now| {
        store::connection_setups::purge_links(tx, now.minus(JOURNAL), SLICE)
    }),
    ("directory requests purged", Duration::from_secs(3600), |_, tx, now| {
        store::directory_requests::purge(tx, now.minus(sync::KEPT), SLICE)
    }),
];

/// Work that waits for the network: name, how often, what. Each runs on its own, so that a slow one delays no other; the next run
/// is skipped while one is still under way.
type Task = (&'static str, Duration, Run);
type Run = fn(Arc<Gateway>) -> Pin<Box<dyn Future<Output = ()>>>;

const TASKS: [Task; 6] = [
    ("domains looked up", Duration::from_secs(60), |gateway| Box::pin(domains::check_due(gateway))),
    ("metadata read again", Duration::from_secs(600), |gateway| Box::pin(rollover::refresh_due(gateway))),
    // Rule B35; what is pending is looked for, and mostly nothing is.
    ("directories synced", Duration::from_secs(300), |gateway| Box::pin(sync_directories(gateway))),
    ("unconfirmed settings taken back", Duration::from_secs(5), |gateway| Box::pin(take_back_unconfirmed(gateway))),
    ("directory requests written", Duration::from_secs(1), |gateway| Box::pin(write_noted(gateway))),
    ("what ends soon announced", Duration::from_secs(600), |gateway| Box::pin(calendar::announce_due(gateway))),
];

/// How long a draft of access settings waits for its editor to come back to it.
const DRAFTS_KEPT: Duration = Duration::from_secs(30 * 86_400);

/// How long the journal of directory sync is kept, and runs can be undone.
const JOURNAL: Duration = Duration::from_secs(90 * 86_400);

fn runs(gateway: &Gateway) -> Runs {
    let (db, catalog) = (gateway.db.clone(), gateway.config.catalog.clone());
    Runs { db, catalog, actor: Actor::System, from: None, clock: gateway.clock.clone() }
}

/// A change that takes *identity* from somebody stands only if it is confirmed in time.
async fn take_back_unconfirmed(gateway: Arc<Gateway>) {
    let runs = runs(&gateway);
    match actix_web::web::block(move || runs.take_back_due()).await {
        Ok(Ok(0)) => {}
        Ok(Ok(count)) => tracing::warn!(count, "settings that nobody confirmed in time were taken back"),
        Ok(Err(error)) => tracing::error!(error = %error, "settings that nobody confirmed could not be taken back"),
        Err(error) => tracing::warn!(error = %error, "taking settings back was cut off"),
    }
}

async fn sync_directories(gateway: Arc<Gateway>) {
    let runs = runs(&gateway);
    // A plan reads a whole directory, and its slices wait for the disk: not on a thread that serves.
    match actix_web::web::block(move || runs.cycle()).await {
        Ok(Ok(reports)) if reports.is_empty() => {}
        Ok(Ok(reports)) => tracing::info!(runs = reports.len(), "directory sync: what was pending is done"),
        Ok(Err(error)) => tracing::warn!(error = %error, "the cycle of directory sync failed"),
        Err(error) => tracing::warn!(error = %error, "the cycle of directory sync was cut off"),
    }
}

async fn write_noted(gateway: Arc<Gateway>) {
    if let Err(error) = sync::write_noted(&gateway).await {
        tracing::warn!(error = %error, "directory requests were not written to the log");
    }
}

/// Does the housekeeping as long as the gateway lives.
async fn background(gateway: Arc<Gateway>) {
    let weak = Arc::downgrade(&gateway);
    drop(gateway);
    for (name, every, task) in TASKS {
        actix_web::rt::spawn(repeat(weak.clone(), name, every, task));
    }
    let mut minutes = 0u64;
    loop {
        actix_web::rt::time::sleep(Duration::from_secs(60)).await;
        let Some(gateway) = weak.upgrade() else { return };
        minutes += 1;
        let seen = gateway.seen.take();
        if !seen.is_empty()
            && let Err(error) = gateway.db.write(move |tx| store::sessions::set_seen(tx, &seen)).await
        {
            tracing::warn!(error = %error, "the last use of sessions was not noted");
        }
        for (name, every, job) in JOBS {
            if minutes.is_multiple_of(every.as_secs() / 60) {
                run(&gateway, name, job).await;
            }
        }
    }
}

async fn repeat(gateway: Weak<Gateway>, name: &'static str, every: Duration, task: Run) {
    loop {
        actix_web::rt::time::sleep(every).await;
        let Some(gateway) = gateway.upgrade() else { return };
        tracing::trace!("background: {name}");
        task(gateway).await;
    }
}

async fn run(
    gateway: &Arc<Gateway>,
    name: &'static str,
    job: fn(&Gateway, &mut dyn crate::db::Tx, Timestamp) -> Result<u64, DbError>,
) {
    loop {
        let (now, at) = (gateway.now(), gateway.clone());
        match gateway.db.write(move |tx| job(&at, tx, now)).await {
            Ok(0) => return,
            Ok(count) => tracing::debug!(count, "{name}"),
            Err(error) => {
                tracing::warn!(error = %error, "housekeeping failed: {name}");
                return;
            }
        }
    }
}
