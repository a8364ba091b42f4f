//! NATS: reachable, as defined, large enough, and read by nobody else.

use chrono::{TimeDelta, Utc};

use super::{Scene, bytes, census, some, subjects};
use crate::{bus, error::Result, gates::Finding, model::ConsumerDefinition};

/// An HTTP call may take its time-out and this, before the message comes again.
const MARGIN_MS: u128 = 10_000;
/// Clocks may differ by this.
const SKEW: TimeDelta = TimeDelta::seconds(2);

pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    vec![
        reachable(scene),
        stream(scene),
        limits(scene),
        scene.guard("consumer", consumer(scene).await),
        subjects::check(scene),
        scene.guard("foreign consumers", foreign_consumers(scene).await),
        storage(scene),
        scene.guard("clocks", clocks(scene).await),
    ]
}

fn reachable(scene: &Scene<'_>) -> Finding {
    let (check, wanted) = ("nats", "reachable, with JetStream");
    match (&scene.inputs.bus, &scene.server) {
        (Ok(bus), Ok(server)) => Finding::ok(
            check,
            format!("nats-server {} at {}", server.version, bus.place()),
            wanted,
        ),
        (Ok(_), Err(why)) => Finding::block(check, why, wanted, "start nats-server with -js"),
        (Err(why), _) if scene.config.is_err() && !scene.installed() => scene.unknown(check, why),
        (Err(why), _) => {
            let set = settings(scene);
            let set = match set.as_slice() {
                [] => String::new(),
                list => format!("; rule_nats_config sets {}", some(list)),
            };
            Finding::block(
                check,
                format!("{why}{set}"),
                wanted,
                "start nats-server with -js, or mend --nats-url and rule_nats_config: the engine ignores its auth and TLS columns, wavegate does not",
            )
        }
    }
}

/// Columns of auth and TLS that are set, without their values.
fn settings(scene: &Scene<'_>) -> Vec<String> {
    let Ok(config) = &scene.config else {
        return Vec::new();
    };
    let mut set = Vec::new();
    if config.auth_type != "none" {
        set.push(format!("auth_type {}", config.auth_type));
    }
    if config.tls_enabled {
        set.push("tls_enabled".to_string());
    }
    if config
        .nats_cluster_urls
        .as_ref()
        .is_some_and(|urls| !urls.is_empty())
    {
        set.push("nats_cluster_urls".to_string());
    }
    set
}

fn stream(scene: &Scene<'_>) -> Finding {
    let check = "stream";
    let (wanted, live) = match (&scene.wanted, &scene.stream) {
        (Ok(wanted), Ok(live)) => (wanted, live),
        (Err(why), _) | (_, Err(why)) => return scene.unknown(check, why),
    };
    let text = format!("{} on {}", wanted.name, wanted.subjects.join(" "));
    let Some(live) = live else {
        return Finding::block(
            check,
            format!("there is no stream {}", wanted.name),
            text,
            "run `wavegate stream ensure`",
        );
    };
    let mut list: Vec<String> = bus::compare_streams(wanted, &live.definition)
        .into_iter()
        .map(|d| format!("{} is {}, not {}", d.field, d.found, d.wanted))
        .collect();
    if live.read_only {
        list.push("it is a mirror or sealed".to_string());
    }
    match list.as_slice() {
        [] => Finding::ok(check, format!("{} as defined", wanted.name), text),
        list => Finding::block(check, some(list), text, "run `wavegate stream ensure`"),
    }
}

/// Settings by which messages go before anybody read them. PostgreSQL brings them back, at a price.
fn limits(scene: &Scene<'_>) -> Finding {
    let check = "stream limits";
    let mut hazards = match (&scene.stream, &scene.wanted) {
        (Ok(Some(live)), _) => bus::hazards_of_stream(live),
        (_, Ok(wanted)) => {
            let cluster = scene.server.as_ref().is_ok_and(|s| s.peers > 0);
            bus::hazards_of_definition(wanted, cluster)
        }
        (_, Err(why)) => return scene.unknown(check, why),
    };
    // Told by the checks of stream and consumer.
    hazards.retain(|hazard| hazard.field != "sealed");
    hazards.sort_by_key(|hazard| !hazard.certain);
    let certain = hazards.iter().any(|hazard| hazard.certain);
    let all: Vec<String> = hazards.into_iter().map(|hazard| hazard.what).collect();
    let wanted = "no unread message lost";
    let remedy = "mend rule_nats_streams: file storage, discard `new`, no small limits, replicas 3 on a cluster; then `wavegate stream ensure`";
    if certain {
        return Finding::block(check, all.join("; "), wanted, remedy);
    }
    if !all.is_empty() {
        return Finding::warn(check, all.join("; "), wanted, remedy);
    }
    Finding::ok(check, "nothing goes unread", wanted)
}

async fn consumer(scene: &Scene<'_>) -> Result<Finding> {
    let check = "consumer";
    let independent = scene.independent();
    let name = scene.foreign.as_deref().unwrap_or(ConsumerDefinition::NAME);
    let definition = ConsumerDefinition::new(name);
    if independent && scene.foreign.is_none() {
        return Ok(Finding::block(
            check,
            "no relay says whose acknowledgements count",
            "the durable of the foreign NATS workers",
            "start `wavegate relay --delivery independent --consumer NAME`",
        ));
    }
    let live = match &scene.consumer {
        Ok(live) => live,
        Err(why) => return Ok(scene.unknown(check, why)),
    };
    let timeout = crate::store::inventory::webhooks(scene.db())
        .await?
        .longest_timeout_ms;
    let least = u128::from(timeout.unsigned_abs()) + MARGIN_MS;
    let wanted = format!(
        "pull, unlimited deliveries, ack wait over {} s",
        least.div_ceil(1_000)
    );
    let Some(live) = live else {
        return Ok(Finding::block(
            check,
            format!("there is no consumer {}", definition.name),
            wanted,
            match independent {
                true => format!("run `wavegate stream ensure --consumer {name}`"),
                false => "run `wavegate stream ensure`".to_string(),
            },
        ));
    };
    let mut list = Vec::new();
    if live.definition.ack_wait.as_millis() <= least {
        list.push(format!(
            "ack wait of {} s is no longer than the slowest call ({} s) and its margin",
            live.definition.ack_wait.as_secs_f64(),
            f64::from(timeout) / 1_000.0
        ));
    }
    let differences = bus::compare_consumers(&definition, live).into_iter();
    list.extend(differences.map(|d| format!("{} is {}, not {}", d.field, d.found, d.wanted)));
    Ok(match list.as_slice() {
        [] => Finding::ok(check, format!("{} as defined", definition.name), wanted),
        list => Finding::block(check, some(list), wanted, "run `wavegate stream ensure`"),
    })
}

/// Others may read the stream; whoever POSTs what they read doubles it.
async fn foreign_consumers(scene: &Scene<'_>) -> Result<Finding> {
    let check = "foreign consumers";
    let wanted = "ours only";
    let bus = match (&scene.inputs.bus, &scene.stream) {
        (Ok(bus), Ok(Some(_))) => bus,
        (_, Err(why)) => return Ok(scene.unknown(check, why)),
        _ => return Ok(scene.unknown(check, "there is no stream yet")),
    };
    let stream = &scene.inputs.plan.nats().stream;
    let others: Vec<String> = bus::consumer_names(bus, stream)
        .await?
        .into_iter()
        .filter(|name| name != ConsumerDefinition::NAME)
        .collect();
    if scene.independent() {
        return Ok(Finding::warn(
            check,
            format!(
                "delivery is `independent`, by {}",
                if others.is_empty() {
                    "nobody yet".into()
                } else {
                    some(&others)
                }
            ),
            "our workers, which share the ledger",
            "know what it means: hybrid events are POSTed twice, and rollback from `nats` can only drain",
        ));
    }
    Ok(census(check, &others, wanted, |found| {
        Finding::warn(
            check,
            found,
            wanted,
            "if they POST what they read, every hybrid event is sent twice: stop them, or say `delivery: independent` in the plan",
        )
    }))
}

fn storage(scene: &Scene<'_>) -> Finding {
    let check = "disk of JetStream";
    match &scene.server {
        Err(why) => scene.unknown(check, why),
        Ok(server) => match server.storage_limit {
            None => Finding::warn(
                check,
                format!(
                    "{} used, the account has no limit; the disk cannot be seen from here",
                    bytes(server.storage_used)
                ),
                "room for a week of events",
                "check the disk of nats-server by hand",
            ),
            Some(limit) if server.storage_used > limit / 10 * 8 => Finding::block(
                check,
                format!("{} of {} used", bytes(server.storage_used), bytes(limit)),
                "at least a fifth free",
                "raise the account's max_storage, or delete what is not needed",
            ),
            Some(limit) => Finding::ok(
                check,
                format!("{} of {} used", bytes(server.storage_used), bytes(limit)),
                "at least a fifth free",
            ),
        },
    }
}

async fn clocks(scene: &Scene<'_>) -> Result<Finding> {
    let check = "clocks";
    let wanted = format!("within {} s", SKEW.num_seconds());
    let far = |skew: TimeDelta| skew.abs() > SKEW;
    let before = Utc::now();
    let database = crate::store::clock::now(scene.db()).await?;
    let here = before + (Utc::now() - before) / 2;
    if let (Err(why), false) = (&scene.stream, far(database - here)) {
        return Ok(scene.unknown(check, why));
    }
    let nats = match (&scene.inputs.bus, &scene.stream) {
        (Ok(bus), Ok(Some(_))) => {
            let before = Utc::now();
            let time = bus::stream_clock(bus, &scene.inputs.plan.nats().stream).await?;
            time.map(|time| time - (before + (Utc::now() - before) / 2))
        }
        _ => None,
    };
    let database = database - here;
    let text = |skew: TimeDelta| format!("{:+.1} s", skew.num_milliseconds() as f64 / 1_000.0);
    let remedy = "synchronise the clocks (chrony, ntp): leases and signatures are judged by them";
    Ok(match nats {
        Some(nats) if far(nats) || far(database) => Finding::warn(
            check,
            format!(
                "from here: database {}, NATS {}",
                text(database),
                text(nats)
            ),
            wanted,
            remedy,
        ),
        None if far(database) => Finding::warn(
            check,
            format!("from here: database {}", text(database)),
            wanted,
            remedy,
        ),
        Some(nats) => Finding::ok(
            check,
            format!(
                "from here: database {}, NATS {}",
                text(database),
                text(nats)
            ),
            wanted,
        ),
        None => Finding::warn(
            check,
            format!(
                "database {} from here; NATS did not tell its time",
                text(database)
            ),
            wanted,
            "compare the clock of nats-server by hand (2.10 and later tell it once there is a stream)",
        ),
    })
}
