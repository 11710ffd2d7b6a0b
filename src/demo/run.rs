//! Puts the demo together: folder, configuration, organizations, listeners; and says where to click.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web::Data;

use super::bystanders;
use super::folder::{Folder, FolderError};
use super::keys::{IdpKeys, KeysError, Shared};
use super::openid::Provider;
use super::push::Push;
use super::seed;
use super::sites::{APPLICATIONS, HOST, Sites};
use super::stage::Stage;
use super::state::{PeopleFileError, State};
use crate::apply::{Apply, ApplyError, Request};
use crate::audit::Actor;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags};
use crate::gateway::{Gateway, StartError};
use crate::organizations_file;
use crate::outbound::{Outbound, OutboundError};
use crate::server::{self, ServeError};

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A port is taken.
    #[error("port {port} is taken; the demo needs {needed} ports in a row from --port on, try --port {hint}")]
    PortTaken {
        /// Which.
        port: u16,
        /// How many it needs.
        needed: u16,
        /// A port to try.
        hint: u16,
    },
    /// The ports would go beyond the last one.
    #[error("--port {port} is too high; the demo needs {needed} ports in a row")]
    PortTooHigh {
        /// The port asked for.
        port: u16,
        /// How many it needs.
        needed: u16,
    },
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The identity provider's keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The people.
    #[error(transparent)]
    People(#[from] PeopleFileError),
    /// The gateway does not open.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The gateway does not serve.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The client that asks the gateway.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The demo's organizations are not accepted.
    #[error("the demo's organizations are not accepted: {0}")]
    Organizations(String),
    /// A listener stopped.
    #[error("a listener stopped: {0}")]
    Listener(#[from] std::io::Error),
}

impl From<ApplyError> for DemoError {
    fn from(error: ApplyError) -> Self {
        Self::Organizations(error.to_string())
    }
}

/// The gateway, the identity provider and the applications.
const PORTS: u16 = Sites::PORTS;

/// A demo that is ready to run.
pub struct Demo {
    gateway: Arc<Gateway>,
    stage: Data<Stage>,
    identity_provider: TcpListener,
    applications: Vec<TcpListener>,
    folder: Folder,
}

impl Demo {
    /// Prepares everything on `port` and the ports after it, on loopback only. Without `data` it leaves nothing behind. Blocks.
    pub fn prepare(port: u16, data: Option<PathBuf>) -> Result<Self, DemoError> {
        let last = port.checked_add(PORTS - 1).ok_or(DemoError::PortTooHigh { port, needed: PORTS })?;
        let listen = |port: u16| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let hint = if last > u16::MAX - 1000 { 9080 } else { last + 1 };
            TcpListener::bind(address).map_err(|_| DemoError::PortTaken { port, needed: PORTS, hint })
        };
        // The gateway binds its own port later; that it is free is seen before anything is written.
        drop(listen(port)?);
        let identity_provider = listen(port + 1)?;
        let applications = (port + 2..=last).map(listen).collect::<Result<Vec<_>, _>>()?;

        let folder = match data {
            Some(path) => Folder::kept(&path, port)?,
            None => Folder::temporary(port)?,
        };
        let (clock, sites) = (Arc::new(SystemClock), Sites::at(port));
        let (keys, shared, state) = if folder.is_temporary() {
            (IdpKeys::generate(clock.now())?, Shared::draw(), State::default())
        } else {
            let people = folder.path().join("people.json");
            let keys = IdpKeys::kept_in(folder.path(), clock.now())?;
            (keys, Shared::kept_in(folder.path())?, State::kept_in(people)?)
        };
        let openid = Provider::new(shared.client_secret.clone())?;
        let push = Push::new(shared.scim_token.clone());
        let outbound = Outbound::new(&[], true)?;
        let gateway = Arc::new(Gateway::open(configuration(port, &folder), clock.clone())?);
        let shown = Some(gateway.clone());
        let stage = Stage { sites, state, clock, keys, openid, push, outbound, gateway: shown };
        let story = seed::organizations(&stage.sites, &stage.metadata(), &shared, !folder.is_new());
        apply_story(&gateway, &story)?;
        Ok(Self { gateway, stage: Data::new(stage), identity_provider, applications, folder })
    }

    /// Runs until Ctrl-C or SIGTERM. `ready` is called once everything listens. Must be called within an actix runtime.
    pub async fn run(self, ready: impl FnOnce(&str)) -> Result<(), DemoError> {
        let bystanders = [
            bystanders::identity_provider(self.stage.clone(), self.identity_provider)?,
            bystanders::applications(self.stage.clone(), self.applications)?,
        ];
        let handles: Vec<_> = bystanders.iter().map(actix_web::dev::Server::handle).collect();
        for server in bystanders {
            actix_web::rt::spawn(server);
        }
        let running = server::start(self.gateway, 2, true)?;
        ready(&welcome(&self.stage.sites, &self.folder));
        let served = running.wait().await;
        for handle in handles {
            handle.stop(false).await;
        }
        drop(self.folder);
        Ok(served?)
    }
}

/// The real gateway's configuration, on loopback: what an operator would write, with the demo's folder.
fn configuration(port: u16, folder: &Folder) -> Config {
    let data = folder.path().join("gateway");
    let data = toml::Value::from(data.display().to_string());
    let source = format!(
        "[server]\npublic_url = \"http://{HOST}:{port}\"\nlisten = \"{HOST}:{port}\"\ndata_dir = {data}\n\
         trusted_proxies = [\"{HOST}\"]\nallow_private_idp = true\n"
    );
    Config::parse(&source, std::iter::empty(), &Flags::default()).expect("the demo's configuration is valid (tested)")
}

/// Brings the organizations to what the story says, by the code behind `usher apply`. What people did since is left alone.
fn apply_story(gateway: &Gateway, story: &str) -> Result<(), DemoError> {
    let (catalog, now) = (gateway.config.catalog.clone(), gateway.now());
    let list = |mistakes: Vec<String>| DemoError::Organizations(mistakes.join("; "));
    let declared = organizations_file::read(story, &catalog)
        .map_err(|mistakes| list(mistakes.iter().map(ToString::to_string).collect()))?;
    let request = Request::self_contained(declared, now, |connection, secret| {
        crate::gateway::seal_client_secret(&gateway.sealer, connection, secret)
    })
    .map_err(list)?;
    let apply = Apply { request, prune: false, catalog, actor: Actor::System, now };
    let plan = apply.plan(&gateway.db)?;
    apply.apply(&gateway.db, &plan)?;
    Ok(())
}

fn welcome(sites: &Sites, folder: &Folder) -> String {
    let kept = if folder.is_temporary() {
        "nothing is kept".to_owned()
    } else {
        format!("kept in {}", folder.path().display())
    };
    let applications: Vec<String> = APPLICATIONS
        .iter()
        .zip(&sites.applications)
        .map(|(application, (_, origin))| {
            format!("   {origin}   {} ({})", application.name, application.organization_name)
        })
        .collect();
    format!(
        "\n Usher demo   (loopback only, {kept}; Ctrl-C ends it)\n\n \
         Start here   {idp}   the demo identity provider (SAML, OpenID Connect, SCIM): a tour, people, faults\n \
         Gateway      {gateway}   sign-in, launcher, account\n \
         Applications\n{applications}\n\n \
         Sign in as   user@acme.test (member)       admin@acme.test      owner@acme.test\n              \
         nogroup@acme.test (refused)   late@acme.test (no free seat)\n              \
         gus@globex.test (over OpenID Connect)   tom@acme.test (at the Studio, once the directory was pushed)\n\n \
         Try: open the Wiki, sign in as Anna; put her into acme-admins at the identity provider; sign in again.\n \
         Then: push the directory, open the Studio as Tom, and suspend him while he is there.\n",
        idp = sites.idp,
        gateway = sites.gateway,
        applications = applications.join("\n"),
    )
}
