//! The options that every command has.

use std::{net::SocketAddr, path::PathBuf};

use crate::{
    dataplane::Endpoint,
    error::Result,
    plan::StreamName,
    ui::{LogFormat, Output},
};

/// Where the options of the servers stand; `-h` leaves them out, so that a command's own options can be seen.
const SERVERS: &str = "Connections (see also docs/connections.md)";

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalOptions {
    /// PostgreSQL, as postgres://USER@HOST:PORT/DATABASE; without it, PGHOST and the like and the passfile
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", help_heading = SERVERS, hide_short_help = true)]
    pub database_url: Option<String>,
    /// CA certificate that PostgreSQL's certificate must chain to (PEM file)
    #[arg(long, global = true, env = "WAVEGATE_DATABASE_CA", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub database_ca: Option<PathBuf>,
    /// Client certificate for PostgreSQL (PEM file)
    #[arg(long, global = true, env = "WAVEGATE_DATABASE_CERT", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub database_cert: Option<PathBuf>,
    /// Key of the client certificate for PostgreSQL (PEM file)
    #[arg(long, global = true, env = "WAVEGATE_DATABASE_KEY", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub database_key: Option<PathBuf>,
    /// NATS, as nats://HOST:PORT or tls://HOST:PORT, several separated by commas; without it, the context or rule_nats_config
    #[arg(long, global = true, env = "NATS_URL", hide_env_values = true, value_name = "URL", help_heading = SERVERS, hide_short_help = true)]
    pub nats_url: Option<String>,
    /// A context of the NATS CLI, by name
    #[arg(long, global = true, env = "NATS_CONTEXT", hide_env_values = true, value_name = "NAME", conflicts_with = "nats_url", help_heading = SERVERS, hide_short_help = true)]
    pub nats_context: Option<String>,
    /// File that holds the NATS token, read at each connection
    #[arg(long, global = true, env = "WAVEGATE_NATS_TOKEN_FILE", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_token_file: Option<PathBuf>,
    /// NATS user; the password comes from NATS_PASSWORD or --nats-password-file
    #[arg(long, global = true, env = "NATS_USER", hide_env_values = true, value_name = "NAME", help_heading = SERVERS, hide_short_help = true)]
    pub nats_user: Option<String>,
    /// File that holds the NATS password, read at each connection
    #[arg(long, global = true, env = "WAVEGATE_NATS_PASSWORD_FILE", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_password_file: Option<PathBuf>,
    /// NATS credentials file (.creds), read at each connection
    #[arg(long, global = true, env = "NATS_CREDS", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_creds: Option<PathBuf>,
    /// File that holds the NATS nkey seed, read at each connection
    #[arg(long, global = true, env = "NATS_NKEY", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_nkey: Option<PathBuf>,
    /// CA certificate for NATS (PEM file); requires TLS
    #[arg(long, global = true, env = "NATS_CA", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_ca: Option<PathBuf>,
    /// Client certificate for NATS (PEM file); requires TLS
    #[arg(long, global = true, env = "NATS_CERT", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_cert: Option<PathBuf>,
    /// Key of the client certificate for NATS (PEM file)
    #[arg(long, global = true, env = "NATS_KEY", hide_env_values = true, value_name = "FILE", help_heading = SERVERS, hide_short_help = true)]
    pub nats_key: Option<PathBuf>,
    /// How long to wait for a connection, seconds
    #[arg(long, global = true, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600), help_heading = SERVERS, hide_short_help = true)]
    pub connect_timeout: u64,
    /// Format of the result on stdout
    #[arg(
        long,
        short,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub output: Output,
    /// Form of the log lines on stderr: text for people, json for a collector
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "WAVEGATE_LOG_FORMAT",
        hide_env_values = true,
        value_name = "FORM",
        hide_short_help = true
    )]
    pub log_format: LogFormat,
    /// Answer plain questions with yes
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// Answer the question that wants NAME typed
    #[arg(long, global = true, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Only results and warnings
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// More detail on stderr; twice for debugging
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Where a relay or worker tells how it fares.
#[derive(Debug, Clone, clap::Args)]
pub struct Listen {
    /// Answer /health, /ready and /metrics (Prometheus) here, for example 127.0.0.1:9464; without it nothing listens
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
}

impl Listen {
    /// Takes the address before anything else is begun.
    pub async fn bind(&self) -> Result<Option<Endpoint>> {
        match self.listen {
            Some(address) => Ok(Some(Endpoint::bind(address).await?)),
            None => Ok(None),
        }
    }
}

/// The name of a stream or consumer that NATS takes.
pub fn stream_name(text: &str) -> std::result::Result<String, String> {
    let name: Result<StreamName, _> = text.parse();
    name.map(|StreamName(name)| name)
        .map_err(|wrong| format!("found {}; wanted {}", wrong.found, wrong.wanted))
}
