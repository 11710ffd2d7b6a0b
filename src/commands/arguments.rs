use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// A self-hosted login gateway: checks the ticket at the door and shows each person to their seat.
///
/// Exit status: 0 done, 1 failed, 2 usage, 3 configuration, 4 the database needs another version of Usher.
#[derive(Debug, Parser)]
#[command(name = "usher", version, max_term_width = 100)]
pub(super) struct Arguments {
    /// The configuration file; without one, /etc/usher/usher.toml if it exists, else defaults on loopback.
    #[arg(long, global = true, env = "USHER_CONFIG", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The data directory, in place of server.data_dir.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the gateway.
    Serve {
        /// Where to listen, in place of server.listen.
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<String>,
        /// Where browsers come to, in place of server.public_url.
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
    },
    /// Run a demonstration with an identity provider and applications, on loopback only.
    Demo {
        /// The gateway's port; the identity provider is on the next one, the application on the one after.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Keep the data in this directory, rather than in memory.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Check configuration and environment, and tell all errors at once.
    Check {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Look at everything as the running service sees it.
    Doctor {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Show what applying an organizations file would change, person by person.
    Plan {
        /// The organizations file.
        file: PathBuf,
        /// Take away what the file no longer names; never organizations and members.
        #[arg(long)]
        prune: bool,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Bring organizations to what a file declares.
    Apply {
        /// The organizations file.
        file: PathBuf,
        /// Take away what the file no longer names; never organizations and members.
        #[arg(long)]
        prune: bool,
        /// Do not ask. Needed off a terminal if anybody would lose access, a role or a seat.
        #[arg(long)]
        yes: bool,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Write the present state as an organizations file, without secrets.
    Export {
        /// Only this parent organization.
        #[arg(long, value_name = "SLUG")]
        parent: Option<String>,
    },
    /// Print a one-time operator link (15 minutes): the way back in when nobody can sign in.
    Recover {
        /// Whom it is for, for the record.
        #[arg(long)]
        email: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Domains of parent organizations.
    Domain {
        #[command(subcommand)]
        command: DomainCommand,
    },
    /// Connections to identity providers.
    Connection {
        #[command(subcommand)]
        command: ConnectionCommand,
    },
    /// Our SAML keys: exchanged without an outage.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Tokens with which identity providers push their directory.
    ScimToken {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Evaluate organizations by their directory, and look after what that led to.
    Sync {
        #[command(subcommand)]
        command: SyncCommand,
    },
    /// What identity providers have pushed, and what it leads to.
    Directory {
        #[command(subcommand)]
        command: DirectoryCommand,
    },
    /// Tell the decision a sign-in would get now, with its reasons. Changes nothing.
    Explain {
        /// The organization.
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// The address that would be asserted.
        #[arg(long)]
        email: String,
        /// The groups that would be asserted, with commas; without this, those of the latest sign-in.
        #[arg(long, value_name = "A,B")]
        groups: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Tell the whole decision behind the reference that a refused person was shown.
    Incident {
        /// The reference, like 7KQ2-4D2P.
        code: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Print the audit log, oldest first.
    Events {
        /// Go on printing what happens.
        #[arg(long)]
        follow: bool,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
        /// Only from then on: 2026-11-24, 2026-11-24T09:00:00Z, or 24h ago as 24h.
        #[arg(long, value_name = "T")]
        since: Option<String>,
    },
    /// Write a consistent copy of the database while the server runs.
    Backup {
        /// Where to.
        file: PathBuf,
    },
    /// Put a copy back in place of the database, after checking it. The server must be stopped.
    Restore {
        /// The copy.
        file: PathBuf,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Ask the running server whether it is well: for container health checks.
    Health,
    /// Print a completion script.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

#[derive(Debug, Subcommand)]
pub(super) enum DomainCommand {
    /// List the domains with what DNS should have, and has.
    List {
        /// Only of this parent organization.
        #[arg(long, value_name = "SLUG")]
        parent: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Claim a domain, and print the DNS record that proves it.
    Add {
        /// The domain.
        domain: String,
        /// Whose it is.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Look a domain up in DNS now. Exit status 0 only if it is verified.
    Check {
        /// The domain.
        domain: String,
        /// Whose claim; without this, everybody's.
        #[arg(long, value_name = "SLUG")]
        parent: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Give a domain up: nobody with an address there signs in any more.
    Remove {
        /// The domain.
        domain: String,
        /// Whose it is.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// Do not ask. Needed off a terminal if people have addresses there.
        #[arg(long)]
        yes: bool,
    },
    /// Mark a domain verified without DNS.
    Vouch {
        /// The domain.
        domain: String,
        /// Whose it is.
        #[arg(long, value_name = "SLUG")]
        parent: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConnectionCommand {
    /// Read the metadata of a SAML identity provider from its address now. Exit status 0 only if it could be used.
    Refresh {
        /// The connection.
        #[arg(value_name = "SLUG")]
        connection: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Let somebody who was made again at the identity provider be linked anew: for who is refused with identity_conflict.
    ///
    /// Ends the person's sessions. Role, seat and history stay; whoever signs in next through the connection with this address is
    /// that person.
    Relink {
        /// The connection.
        #[arg(value_name = "SLUG")]
        connection: String,
        /// The person's address.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List the keys: the one in use, those before it, the next one.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Make the next key, and publish it in our metadata beside the one in use.
    Add,
    /// Take the next key into use: it signs from now on. The one before still decrypts.
    Use {
        /// Its id; the next key, if not given.
        kid: Option<String>,
    },
    /// Retire a key that is not in use: its private half is forgotten.
    Retire {
        /// Its id.
        kid: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DirectoryCommand {
    /// List the users, and what they are in each organization with directory sync.
    Users {
        /// Whose directory.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// List the groups, and what they give in each organization.
    Groups {
        /// Whose directory.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// List what does not fit together: addresses that differ, members whom the directory does not know, users without a usable address.
    Mismatches {
        /// Whose directory.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Take users and groups away, and keep the tokens: the identity provider pushes anew. Ends no membership.
    Reset {
        /// Whose directory.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// Without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Take the directory away with its tokens. Ends no membership; refused while an organization uses directory sync.
    Delete {
        /// Whose directory.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// Without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Print the requests of the last 14 days and what came of them, oldest first. Bodies are shown without what they say of people.
    Requests {
        /// Whose directory.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// Only from then on: 2026-11-24, 2026-11-24T09:00:00Z, or 24h ago as 24h.
        #[arg(long, value_name = "T")]
        since: Option<String>,
        /// The latest so many.
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
        /// Only requests that were answered with an error.
        #[arg(long)]
        failed: bool,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it, this once.
    New {
        /// Whose directory it opens.
        #[arg(long, value_name = "SLUG")]
        parent: String,
        /// What to call it.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// When it ends: a date, a time, or from now as 90d. Without it, never.
        #[arg(long, value_name = "T")]
        expires: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// List the tokens; never the secrets.
    List {
        /// Only of this parent organization.
        #[arg(long, value_name = "SLUG")]
        parent: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// End a token at once.
    Revoke {
        /// Its number in the list.
        id: i64,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SyncCommand {
    /// Evaluate the whole directory for an organization now, and for its parent's other organizations with directory sync.
    Now {
        /// The organization.
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// List the latest runs, newest first; what is halted needs approval.
    Runs {
        /// Only of this organization.
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Show whom a run concerned, and how they stood before and after.
    Show {
        /// Its number in the list.
        run: i64,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Let a halted run go on: the memberships it lists end, if the directory still says so.
    Approve {
        /// Its number in the list.
        run: i64,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Turn a halted run down: the memberships it lists stand.
    Dismiss {
        /// Its number in the list.
        run: i64,
    },
    /// Give back what a run changed: memberships, roles and seats of everybody whom nothing else has changed since.
    Undo {
        /// Its number in the list.
        run: i64,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_contradict_nothing() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
