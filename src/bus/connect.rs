//! One connection to NATS. async-nats reconnects by itself; the first connection must succeed or say why not.

use std::{error::Error as _, time::Duration};

use async_nats::{
    Client, ConnectErrorKind, ConnectOptions, ServerAddr,
    jetstream::{self, ErrorCode, context::RequestErrorKind},
};

use super::{BusOptions, trouble::Trouble};
use crate::{
    error::{BoxError, Error, Result},
    model::Backoff,
};

/// A connection with JetStream.
#[derive(Clone)]
pub struct Bus {
    client: Client,
    jetstream: jetstream::Context,
    place: String,
    timeout: Duration,
    trouble: Trouble,
}

impl Bus {
    /// Connects, and makes sure that JetStream answers.
    pub async fn connect(options: &BusOptions) -> Result<Bus> {
        let bus = Bus::dial(options, false)
            .await
            .map_err(|refused| refused.error)?;
        bus.check().await?;
        Ok(bus)
    }

    /// For the data plane: a server that is down is tried again in the background, for ever (events wait in PostgreSQL,
    /// and giving up would strand them); wrong credentials and the like are told at once.
    pub async fn open(options: &BusOptions) -> Result<Bus> {
        let patient = BusOptions {
            max_reconnects: None,
            ..options.clone()
        };
        match Bus::dial(&patient, false).await {
            Ok(bus) => Ok(bus),
            Err(refused) if refused.may_pass => {
                tracing::warn!(error = %refused.error, "going on trying");
                Bus::dial(&patient, true)
                    .await
                    .map_err(|refused| refused.error)
            }
            Err(refused) => Err(refused.error),
        }
    }

    async fn dial(options: &BusOptions, patiently: bool) -> Result<Bus, Refused> {
        let addresses = addresses(options)?;
        let place = options.place();
        // A file that cannot be read is told before anything is tried.
        options.auth.present(b"")?;
        let trouble = Trouble::new(&place);
        let connect = connect_options(options, addresses.len(), patiently, &trouble);
        let client = tokio::time::timeout(options.timeout, connect.connect(addresses))
            .await
            .map_err(|_| Refused {
                error: no_answer(&place, options.timeout),
                may_pass: true,
            })?
            .map_err(|error| Refused {
                may_pass: tls_error(&error).is_none()
                    && matches!(
                        error.kind(),
                        ConnectErrorKind::Io | ConnectErrorKind::Dns | ConnectErrorKind::TimedOut
                    ),
                error: connect_error(options, error),
            })?;
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(options.timeout);
        Ok(Bus {
            client,
            jetstream,
            place,
            timeout: options.timeout,
            trouble,
        })
    }

    /// Does JetStream answer for this account?
    pub async fn check(&self) -> Result<()> {
        // Read loosely: servers of different age describe the account differently.
        let answer: Result<serde_json::Value, _> =
            self.jetstream.request("INFO".to_string(), &()).await;
        let why = match answer {
            Ok(answer) => match answer.get("error") {
                None => return Ok(()),
                Some(error) if error["err_code"] == NO_LEADER => return Err(self.leaderless()),
                Some(error) => error["description"].as_str().unwrap_or("error").to_string(),
            },
            // In a cluster only the leader answers, and without a majority there is none.
            Err(error) if error.kind() == RequestErrorKind::TimedOut && self.is_clustered() => {
                return Err(self.leaderless());
            }
            Err(error) if error.kind() == RequestErrorKind::TimedOut && self.denied().is_some() => {
                return Err(request_error("asking for the account", self, error));
            }
            Err(error) if error.kind() == RequestErrorKind::TimedOut => {
                return Err(unreachable_server(
                    &self.place,
                    &format!(
                        "JetStream did not answer within {} s",
                        self.timeout.as_secs_f32()
                    ),
                ));
            }
            Err(error) => error.to_string(),
        };
        Err(Error::failed(format!(
            "NATS at {} has no JetStream for this account ({why})",
            self.place
        ))
        .hint("start nats-server with -js (or a `jetstream` block), and enable JetStream for the account"))
    }

    fn leaderless(&self) -> Error {
        Error::failed(format!(
            "JetStream of the cluster at {} has no leader",
            self.place
        ))
        .hint("a majority of its servers must be up; `nats server report jetstream` shows them. Events wait in PostgreSQL meanwhile")
    }

    /// How long an answer may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }

    /// The servers, without secrets.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Is the server one of several?
    pub fn is_clustered(&self) -> bool {
        self.client.server_info().cluster.is_some()
    }

    /// In words, that the connection is not up, and why, as far as it is known.
    pub fn not_connected(&self) -> String {
        let cause = self.trouble.cause().map(|cause| format!(": {cause}"));
        format!(
            "not connected to NATS at {}{}",
            self.place,
            cause.unwrap_or_default()
        )
    }

    /// What the server has just refused this user, in its words. It says so apart from any answer, so that a request only times out.
    pub fn denied(&self) -> Option<String> {
        self.trouble.denied()
    }

    /// Is the connection up right now?
    pub fn is_up(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }
}

/// A server that hangs, or a network that swallows everything, is noticed after three of these.
const PING: Duration = Duration::from_secs(10);

/// JetStream's code of a cluster that is not available.
const NO_LEADER: u64 = 10008;

/// Why there is no connection, and whether a later try may bring one.
struct Refused {
    error: Error,
    may_pass: bool,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused {
            error,
            may_pass: false,
        }
    }
}

fn addresses(options: &BusOptions) -> Result<Vec<ServerAddr>> {
    options
        .servers
        .iter()
        .map(|url| {
            url.parse().map_err(|_| {
                Error::usage(format!("a NATS URL cannot be read: {}", options.place()))
                    .hint("wanted nats://HOST:PORT or tls://HOST:PORT, several separated by commas")
            })
        })
        .collect()
}

fn connect_options(
    options: &BusOptions,
    servers: usize,
    patiently: bool,
    trouble: &Trouble,
) -> ConnectOptions {
    let longest = options.reconnect_delay;
    let each = (options.timeout / u32::try_from(servers.max(1)).unwrap_or(1))
        .max(Duration::from_millis(250));
    let auth = options.auth.clone();
    let (at_login, at_tries, at_events) = (trouble.clone(), trouble.clone(), trouble.clone());
    // Asked at each connection: what lies in files may have been renewed.
    let mut connect = ConnectOptions::with_auth_callback(move |nonce| {
        let presented = auth.present(&nonce).map_err(|error| {
            at_login.login_failed(&error);
            async_nats::AuthError::new(error)
        });
        std::future::ready(presented)
    })
    .reconnect_to_server_callback(move |servers: Vec<async_nats::Server>, _| {
        at_tries.tried(&servers);
        // Which server is next is left to the client.
        std::future::ready(None)
    })
    .event_callback(move |event| {
        at_events.happened(&event);
        std::future::ready(())
    });
    connect = connect
        .name("wavegate")
        .connection_timeout(each)
        .request_timeout(Some(options.timeout))
        .max_reconnects(options.max_reconnects)
        .ping_interval(PING)
        .reconnect_delay_callback(move |attempts| delay(attempts, servers, longest))
        .client_capacity(4096)
        .subscription_capacity(64 * 1024);
    if patiently {
        connect = connect.retry_on_initial_connect();
    }
    if let Some(ca) = &options.tls.ca {
        connect = connect.add_root_certificates(ca.clone());
    }
    if let (Some(cert), Some(key)) = (&options.tls.cert, &options.tls.key) {
        connect = connect.add_client_certificate(cert.clone(), key.clone());
    }
    if options.tls.required {
        connect = connect.require_tls(true);
    }
    connect
}

/// Quick at first, never longer than configured; each server is tried once without delay.
fn delay(attempts: usize, servers: usize, longest: Duration) -> Duration {
    if attempts <= servers {
        return Duration::ZERO;
    }
    let failures = u32::try_from(attempts - servers).unwrap_or(u32::MAX);
    Backoff {
        first: Duration::from_millis(100),
        cap: longest,
    }
    .jittered(failures)
}

/// What went wrong with TLS. The standard library hides it: an I/O error names the source of what it holds, not what it holds.
fn tls_error(error: &async_nats::ConnectError) -> Option<&rustls::Error> {
    let mut next = error.source();
    while let Some(error) = next {
        let held = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(tls) = held.and_then(|held| held.downcast_ref()) {
            return Some(tls);
        }
        next = error.source();
    }
    None
}

fn connect_error(options: &BusOptions, error: async_nats::ConnectError) -> Error {
    let place = options.place();
    match (tls_error(&error), error.kind()) {
        // It answers in clear where a handshake is wanted.
        (Some(rustls::Error::InvalidMessage(_)), _) => {
            return Error::failed(format!("NATS at {place} offers no TLS, which is required: nothing secret was sent"))
                .hint("give the server a `tls` block; or leave out what asks for TLS: a CA, a client certificate, tls://, or tls_enabled in rule_nats_config");
        }
        (Some(why), _) => {
            return Error::failed(format!("no TLS with NATS at {place}"))
                .because(why.clone())
                .hint("check --nats-ca (the CA that signed the server's certificate), --nats-cert and --nats-key");
        }
        _ => {}
    }
    match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            Error::failed(format!(
                "NATS at {place} refused the login with {}",
                options.auth.kind()
            ))
            .because(error)
            .hint("check the credentials: --nats-creds, --nats-nkey, --nats-token-file, --nats-user, the context, or auth_type in rule_nats_config")
        }
        ConnectErrorKind::Tls => Error::failed(format!("no TLS with NATS at {place}"))
            .because(error)
            .hint("check --nats-ca (the CA that signed the server's certificate), --nats-cert and --nats-key"),
        ConnectErrorKind::TimedOut => unreachable_server(
            &place,
            &format!("no answer within {} s", options.timeout.as_secs_f32()),
        ),
        _ => {
            let why = error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string);
            unreachable_server(&place, &why).keeps(error)
        }
    }
}

fn no_answer(place: &str, timeout: Duration) -> Error {
    unreachable_server(
        place,
        &format!("no answer within {} s", timeout.as_secs_f32()),
    )
}

fn unreachable_server(place: &str, why: &str) -> Error {
    Error::failed(format!("cannot reach NATS at {place}: {why}")).hint(
        "is nats-server running, and does --nats-url (or NATS_URL, --nats-context, rule_nats_config) name it?",
    )
}

/// Is it an answer of JetStream with this code?
pub(super) fn has_code(error: &(dyn std::error::Error + 'static), code: ErrorCode) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(answer) = error.downcast_ref::<jetstream::Error>() {
            return answer.error_code() == code;
        }
        next = error.source();
    }
    false
}

/// A request to JetStream that failed, in one sentence.
const DENIED: &str = "the permissions of this user decide; docs/connections.md lists the subjects that wavegate needs";

pub(super) fn request_error(what: &str, bus: &Bus, error: impl Into<BoxError>) -> Error {
    let (place, error) = (bus.place(), error.into());
    if let Some(denied) = bus.denied() {
        return Error::failed(format!("{what} at {place} failed: NATS says: {denied}"))
            .because(error)
            .hint(DENIED);
    }
    let no_responders = error
        .source()
        .and_then(|source| source.downcast_ref::<jetstream::context::RequestError>())
        .is_some_and(|request| request.kind() == RequestErrorKind::NoResponders);
    let base = Error::failed(format!("{what} at {place} failed")).because(error);
    if no_responders {
        base.hint("JetStream does not answer: is it enabled, and does the cluster have a leader?")
    } else {
        base
    }
}
