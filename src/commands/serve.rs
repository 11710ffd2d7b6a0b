use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::output::{Failure, chain, say};
use super::setting::Setting;
use crate::audit::Actor;
use crate::clock::SystemClock;
use crate::config::{Flags, Log};
use crate::demo::Demo;
use crate::gateway::{self, Gateway};
use crate::login;
use crate::server;
use crate::store;

/// Runs the gateway until it is told to stop.
pub(super) fn serve(setting: &Setting, listen: Option<String>, public_url: Option<String>) -> Result<(), Failure> {
    let flags = Flags { data_dir: setting.data_dir.clone(), listen, public_url };
    let config = setting.load_with(flags)?;
    log_to_stderr(&config.log)?;
    let base = config.server.base().to_owned();
    gateway::refuse_second(&config)?;
    let system = actix_web::rt::System::new();
    system.block_on(async { server::survive_file_size_limit() });
    // Before anything is written: an address that is taken, or a certificate that cannot be used.
    let door = server::door(&config).map_err(|error| Failure::failed(chain(&error)))?;
    let gateway = Arc::new(Gateway::open(config, Arc::new(SystemClock))?);
    let unset = gateway.db.read(store::organizations::parents)?.is_empty();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    system.block_on(async move {
        let running =
            server::start_behind(door, gateway.clone(), workers, true).map_err(|error| Failure::failed(chain(&error)))?;
        if let Some(address) = running.metrics {
            tracing::info!(%address, "the metrics are read at /metrics");
            if address.ip().is_unspecified() {
                tracing::warn!(%address, "metrics.listen is on every address of this machine: a firewall has to keep strangers out");
            }
        }
        if unset {
            let link = login::operator_link(&gateway, Actor::System).await?;
            say("Nothing is set up yet. Open this link within 15 minutes; it works once, and usher recover makes another:");
            say(&link);
        }
        tracing::info!(address = %running.address, "Usher {} is ready at {base}", env!("CARGO_PKG_VERSION"));
        running.wait().await.map_err(|error| Failure::failed(chain(&error)))
    })
}

/// What happens goes to stderr, so that a service manager collects it.
fn log_to_stderr(log: &Log) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&log.level).map_err(|error| {
        Failure::Configuration(format!("log.level: {error}; expected is error, warn, info, debug or trace"))
    })?;
    // What strangers send that is no HTTP is no error of ours.
    let filter = if log.level.contains("actix") {
        filter
    } else {
        filter.add_directive("actix_http::h1=off".parse().expect("a target and a level"))
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // When nobody reads the log any more, saying so there would end the request that was to be logged.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if log.json {
        lines.json().init();
    } else {
        lines.init();
    }
    Ok(())
}

/// Runs the demonstration.
pub(super) fn demo(port: u16, data: Option<PathBuf>) -> Result<(), Failure> {
    // What goes wrong is of interest here; what goes well is on the pages.
    log_to_stderr(&Log { json: false, level: "warn".to_owned() })?;
    let prepared = Demo::prepare(port, data).map_err(|error| Failure::failed(chain(&error)))?;
    actix_web::rt::System::new()
        .block_on(async move { prepared.run(say).await.map_err(|error| Failure::failed(chain(&error))) })
}
