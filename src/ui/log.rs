//! Log lines of the long-running commands and of `-v`, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Overrides what `-v` and `--quiet` choose, in the form `wavegate=debug,async_nats=info`.
const FILTER: &str = "WAVEGATE_LOG";

/// `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Starts to write log lines: warnings, with `-v` information, with `-vv` what the drivers say too.
/// A service (relay, worker) tells a level more.
pub fn log(verbose: u8, quiet: bool, service: bool, format: LogFormat) {
    let level = match (quiet, verbose + u8::from(service)) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "warn,wavegate=info",
        (false, 2) => "info,wavegate=debug",
        (false, _) => "debug,wavegate=trace",
    };
    let filter = std::env::var(FILTER)
        .ok()
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new(level));
    // Of a passfile's line that it cannot read it would log the text, password and all.
    let filter = match "sqlx_postgres::options::pgpass=off".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => EnvFilter::new("off"),
    };
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(verbose > 1)
        // Where stderr is a closed pipe it would panic over it.
        .log_internal_errors(false);
    // An error means that somebody listens already: a test.
    let _ = match format {
        LogFormat::Text => lines
            .with_ansi(!plain && std::io::stderr().is_terminal())
            .try_init(),
        LogFormat::Json => lines.with_ansi(false).json().flatten_event(true).try_init(),
    };
}
