//! One event of our own goes the whole way: published in SQL, carried by the relay, delivered by a NATS worker to a receiver
//! that listens here. What the engine's health check only claims, this measures.

use crate::model::duration::of_ms;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use chrono::TimeDelta;
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc};

use crate::{
    bus::{self, Bus},
    error::{Error, Result},
    gates::{Finding, Status},
    model,
    plan::{Delivery, Plan},
    store::{
        Db, clock, heartbeat,
        journal::Actor,
        nats_config,
        probe::{self as rows, Place, Probe},
    },
};

const CHECK: &str = "probe event";
const WANTED: &str = "delivered by relay and NATS worker";
/// Relay and workers write their heartbeat once a second.
const ALIVE: TimeDelta = TimeDelta::seconds(30);
/// Result and log are written a moment after the POST.
const SETTLED_WITHIN: Duration = Duration::from_secs(3);

/// How the probe is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the receiver listens: HOST or HOST:PORT, as the workers reach it.
    pub address: String,
    /// How long the round trip may take.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            address: "127.0.0.1".to_string(),
            timeout: Duration::from_secs(15),
        }
    }
}

/// Makes the round trip and cleans up, whatever happens. Blocks where a hop is missing.
pub async fn round_trip(
    db: &Db,
    bus: &Bus,
    plan: &Plan,
    actor: &Actor,
    options: &Options,
) -> Finding {
    match attempt(db, bus, plan, actor, options).await {
        Ok(finding) => finding,
        Err(error) => Finding::block(
            CHECK,
            format!("it could not be made: {error}"),
            WANTED,
            error
                .hints()
                .first()
                .cloned()
                .unwrap_or_else(|| "repair the cause, or skip it with --no-probe".to_string()),
        ),
    }
}

/// The row of a probe that was not wanted.
pub fn skipped(why: &str) -> Finding {
    Finding::warn(
        CHECK,
        format!("not made: {why}"),
        WANTED,
        "run preflight once with the probe before the first step",
    )
}

async fn attempt(
    db: &Db,
    bus: &Bus,
    plan: &Plan,
    actor: &Actor,
    options: &Options,
) -> Result<Finding> {
    rows::clean(db, None, false, clock::now(db).await?).await?;
    let independent = plan.delivery() == Delivery::Independent;
    if let Some(missing) = missing_crew(db, independent).await? {
        return Ok(missing);
    }
    let target = plan.nats();
    let Some(stream) = bus::live_stream(bus, &target.stream).await? else {
        return Ok(Finding::block(
            CHECK,
            format!("not made: there is no stream {}", target.stream),
            WANTED,
            "run `wavegate stream ensure`",
        ));
    };
    let Some(subject) = own_subject(&stream.definition.subjects) else {
        return Ok(skipped(
            "the stream has no wildcard subject, so none is the probe's own",
        ));
    };
    let config = nats_config::load(db, &target.config).await?;
    let receiver = Receiver::listen(&options.address).await?;
    let token = receiver.token.clone();
    let begin = Instant::now();
    let probe = rows::start(
        db,
        actor,
        &format!("wavegate_probe_{token}"),
        &receiver.url(),
        &subject,
        config.config_id,
        &json!({ "wavegate_probe": token }),
    )
    .await?;
    let finding = follow(db, &probe, receiver, begin, options).await;
    let arrived = matches!(&finding, Ok(finding) if finding.status == Status::Ok);
    let cleaned = clean(db, &probe, arrived).await;
    let finding = finding?;
    cleaned?;
    Ok(finding)
}

/// Nobody to carry the probe: say whom to start instead of waiting.
async fn missing_crew(db: &Db, independent: bool) -> Result<Option<Finding>> {
    let since = clock::now(db).await? - ALIVE;
    let relay = !heartbeat::relays(db, since).await?.is_empty();
    let workers = heartbeat::workers(db, since).await?;
    // Foreign workers are not heard from: the probe itself shows whether one delivers.
    let worker = independent || workers.iter().any(|w| w.path == model::Path::Nats);
    let (found, remedy) = match (relay, worker) {
        (true, true) => return Ok(None),
        (false, true) => ("no relay runs", "start `wavegate relay`"),
        (true, false) => ("no NATS worker runs", "start `wavegate worker --path nats`"),
        (false, false) => (
            "neither relay nor NATS worker runs",
            "start `wavegate relay` and `wavegate worker --path nats`",
        ),
    };
    Ok(Some(Finding::block(
        CHECK,
        format!("not made: {found}"),
        WANTED,
        remedy,
    )))
}

/// A subject of the stream that no webhook has: the first with a wildcard, filled in.
fn own_subject(filters: &[String]) -> Option<String> {
    filters
        .iter()
        .find(|filter| filter.split('.').any(|token| token == "*" || token == ">"))
        .map(|filter| {
            let tokens = filter.split('.').map(|token| match token {
                "*" | ">" => "wavegate_probe",
                other => other,
            });
            tokens.collect::<Vec<_>>().join(".")
        })
}

async fn follow(
    db: &Db,
    probe: &Probe,
    mut receiver: Receiver,
    begin: Instant,
    options: &Options,
) -> Result<Finding> {
    match tokio::time::timeout(options.timeout, receiver.received.recv()).await {
        Ok(Some(id)) if id == probe.event_id => Ok(Finding::ok(
            CHECK,
            format!(
                "made the round trip in {}",
                of_ms(begin.elapsed().as_secs_f64() * 1_000.0)
            ),
            WANTED,
        )),
        Ok(Some(id)) => Ok(Finding::block(
            CHECK,
            format!(
                "it arrived with webhook-id `{id}`, sent was {}",
                probe.event_id
            ),
            WANTED,
            "some foreign worker delivers: look who else reads the stream",
        )),
        Ok(None) => Err(Error::failed("the receiver of the probe stopped")),
        Err(_) => {
            let place = rows::place(db, probe).await?;
            Ok(lost(place.as_ref(), &receiver, options.timeout))
        }
    }
}

/// Which hop is missing.
fn lost(place: Option<&Place>, receiver: &Receiver, timeout: Duration) -> Finding {
    let after = format!("after {} s", timeout.as_secs());
    let Some(place) = place else {
        return Finding::block(
            CHECK,
            format!("{after} it is not in the ledger"),
            WANTED,
            "run `wavegate schema status`: the publisher does not write where it should",
        );
    };
    let error = place
        .error
        .as_deref()
        .map_or(String::new(), |e| format!(" ({e})"));
    if let Some(why) = &place.void_reason {
        return Finding::block(
            CHECK,
            format!("NATS refused it for good: {why}"),
            WANTED,
            "look at the stream's subjects and limits",
        );
    }
    if !place.published {
        return Finding::block(
            CHECK,
            format!("{after} it is still in the outbox: the relay did not publish it"),
            WANTED,
            "look at the relay's newest error; does it use this database and this NATS?",
        );
    }
    if !place.seen {
        return Finding::block(
            CHECK,
            format!("{after} it is in the stream, and no NATS worker has seen it"),
            WANTED,
            "look at the NATS workers; do they use this stream and the consumer wavegate?",
        );
    }
    Finding::block(
        CHECK,
        format!(
            "{after} a worker has seen it and not delivered it: {}, attempt {}{error}",
            place.state, place.attempt
        ),
        WANTED,
        format!(
            "can the worker reach {}? Say an address of this host that it reaches with --probe-address",
            receiver.address
        ),
    )
}

/// Waits until the worker has recorded its result and the relay its log, which refers to the webhook; then takes it away.
async fn clean(db: &Db, probe: &Probe, arrived: bool) -> Result<()> {
    let deadline = Instant::now() + SETTLED_WITHIN;
    while let Some(place) = rows::place(db, probe).await? {
        let logged = place.logged || !place.published;
        let ended = matches!(place.state.as_str(), "delivered" | "dead");
        if logged && ended || Instant::now() > deadline {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    rows::clean(db, Some(probe.webhook_id), arrived, clock::now(db).await?).await
}

/// Listens for one POST that carries the token in its path.
struct Receiver {
    address: SocketAddr,
    token: String,
    received: mpsc::Receiver<String>,
    server: tokio::task::JoinHandle<()>,
}

impl Receiver {
    async fn listen(address: &str) -> Result<Receiver> {
        let unbindable = |cause: std::io::Error| {
            Error::failed(format!("cannot listen on {address}"))
                .because(cause)
                .hint("name an address of this host that the workers reach: --probe-address HOST or HOST:PORT")
        };
        let has_port = address.parse::<SocketAddr>().is_ok()
            || address
                .rsplit_once(':')
                .is_some_and(|(host, port)| !host.contains(':') && port.parse::<u16>().is_ok());
        let listener = if has_port {
            TcpListener::bind(address).await
        } else {
            TcpListener::bind((address.trim_matches(['[', ']']), 0)).await
        }
        .map_err(unbindable)?;
        let local = listener.local_addr().map_err(unbindable)?;
        if local.ip().is_unspecified() {
            return Err(
                Error::usage(format!("{address} is no address that a worker can reach"))
                    .hint("name one address of this host: --probe-address HOST or HOST:PORT"),
            );
        }
        let token = format!("{:016x}", fastrand::u64(..));
        let (sender, received) = mpsc::channel(4);
        let app = Router::new()
            .route("/{token}", post(receive))
            .with_state((token.clone(), sender));
        let server = tokio::spawn(async move {
            // Ends with the task; an error of the listener shows as a probe that never arrives.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Receiver {
            address: local,
            token,
            received,
            server,
        })
    }

    fn url(&self) -> String {
        format!("http://{}/{}", self.address, self.token)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(
    State((token, sender)): State<(String, mpsc::Sender<String>)>,
    Path(found): Path<String>,
    headers: HeaderMap,
) -> StatusCode {
    if found != token {
        return StatusCode::NOT_FOUND;
    }
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    // Full or gone: the first one was heard already.
    let _ = sender.try_send(id.unwrap_or_default().to_string());
    StatusCode::OK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_has_a_subject_of_its_own() {
        let own =
            |list: &[&str]| own_subject(&list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            own(&["webhooks.>"]).as_deref(),
            Some("webhooks.wavegate_probe")
        );
        assert_eq!(
            own(&["a.b", "x.*.y"]).as_deref(),
            Some("x.wavegate_probe.y")
        );
        assert_eq!(own(&["a.b"]), None);
    }
}
