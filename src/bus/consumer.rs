//! The one durable pull consumer that all ordinary NATS workers share, and those of dedicated workers beside it.

use std::time::Duration;

use async_nats::jetstream::{
    ErrorCode,
    consumer::{AckPolicy, Consumer, DeliverPolicy, Info, pull},
    stream::{ConsumerErrorKind, LastRawMessageErrorKind},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Bus,
    connect::request_error,
    stream::{Ensured, LiveStream, instant},
};
use crate::{
    error::{BoxError, Error, Result},
    model::{ConsumerDefinition, Difference, millis},
};

/// A consumer as the server has it.
#[derive(Debug, Clone, Serialize)]
pub struct LiveConsumer {
    pub definition: ConsumerDefinition,
    /// A push consumer, or one that does not ack each message: not usable for us.
    pub usable: bool,
    /// Subjects it is narrowed to; empty is all.
    pub filter: String,
    /// Messages not yet handed out.
    pub pending: u64,
    /// Handed out, not yet acknowledged.
    pub ack_pending: usize,
    pub redelivered: usize,
    /// Stream sequence up to which everything is acknowledged.
    pub ack_floor: u64,
    /// When anything was acknowledged last; a server that started anew does not know.
    pub last_ack: Option<DateTime<Utc>>,
    /// Stream sequence handed out last.
    pub delivered: u64,
    /// Deleted when nobody pulls for so long; zero is never.
    #[serde(rename = "inactive_threshold_ms", serialize_with = "millis")]
    pub inactive_threshold: Duration,
    /// Pull requests that wait.
    pub waiting: usize,
}

/// The live consumer, or `None` where stream or consumer do not exist.
pub async fn live(bus: &Bus, stream: &str, name: &str) -> Result<Option<LiveConsumer>> {
    Ok(info(bus, stream, name).await?.as_ref().map(describe))
}

async fn info(bus: &Bus, stream: &str, name: &str) -> Result<Option<Info>> {
    let handle = bus
        .jetstream()
        .get_stream_no_info(stream)
        .await
        .map_err(|error| request_error("asking for the stream", bus, error))?;
    match handle.consumer_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(error) => match error.kind() {
            async_nats::jetstream::context::ConsumerInfoErrorKind::NotFound
            | async_nats::jetstream::context::ConsumerInfoErrorKind::StreamNotFound => Ok(None),
            async_nats::jetstream::context::ConsumerInfoErrorKind::JetStream(answer)
                if [ErrorCode::CONSUMER_NOT_FOUND, ErrorCode::STREAM_NOT_FOUND]
                    .contains(&answer.error_code()) =>
            {
                Ok(None)
            }
            _ => Err(request_error(
                &format!("asking for the consumer {name}"),
                bus,
                error,
            )),
        },
    }
}

/// Since when the first message that nobody acknowledged lies in the stream; `None` where it has left it.
pub async fn waits_since(
    bus: &Bus,
    stream: &str,
    live: &LiveConsumer,
) -> Result<Option<DateTime<Utc>>> {
    let failed =
        |error: BoxError| request_error("asking for the first message that waits", bus, error);
    let handle = bus
        .jetstream()
        .get_stream_no_info(stream)
        .await
        .map_err(|error| failed(error.into()))?;
    match handle.get_raw_message(live.ack_floor + 1).await {
        Ok(message) => Ok(Some(instant(message.time.unix_timestamp_nanos()))),
        Err(error) => match error.kind() {
            LastRawMessageErrorKind::NoMessageFound => Ok(None),
            LastRawMessageErrorKind::JetStream(answer)
                if answer.error_code() == ErrorCode::NO_MESSAGE_FOUND =>
            {
                Ok(None)
            }
            _ => Err(failed(error.into())),
        },
    }
}

fn describe(info: &Info) -> LiveConsumer {
    let config = &info.config;
    let mut filters = config.filter_subjects.clone();
    if !config.filter_subject.is_empty() {
        filters.push(config.filter_subject.clone());
    }
    LiveConsumer {
        definition: ConsumerDefinition {
            name: info.name.clone(),
            ack_wait: config.ack_wait,
            max_ack_pending: config.max_ack_pending,
            max_deliver: if config.max_deliver <= 0 {
                -1
            } else {
                config.max_deliver
            },
        },
        usable: config.deliver_subject.is_none()
            && matches!(config.ack_policy, AckPolicy::Explicit)
            && matches!(config.deliver_policy, DeliverPolicy::All),
        filter: filters.join(" "),
        pending: info.num_pending,
        ack_pending: info.num_ack_pending,
        redelivered: info.num_redelivered,
        ack_floor: info.ack_floor.stream_sequence,
        last_ack: info
            .ack_floor
            .last_active
            .map(|at| instant(at.unix_timestamp_nanos())),
        delivered: info.delivered.stream_sequence,
        inactive_threshold: config.inactive_threshold,
        waiting: info.num_waiting,
    }
}

/// Every field of `found` that is not as wanted. A larger `max_ack_pending` and a longer ack wait are fine.
pub fn compare(wanted: &ConsumerDefinition, found: &LiveConsumer) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut field = |field, wanted: String, found: String, in_place| {
        differences.push(Difference {
            field,
            wanted,
            found,
            in_place,
            why: None,
        });
    };
    let live = &found.definition;
    if !found.usable {
        field(
            "kind",
            "pull, explicit ack, deliver all".into(),
            "another".into(),
            false,
        );
    }
    if !found.filter.is_empty() {
        field("filter", "none".into(), found.filter.clone(), false);
    }
    if live.ack_wait < wanted.ack_wait {
        let seconds = |d: Duration| format!("{} s", d.as_secs_f64());
        field(
            "ack_wait",
            seconds(wanted.ack_wait),
            seconds(live.ack_wait),
            true,
        );
    }
    if live.max_deliver != wanted.max_deliver {
        field(
            "max_deliver",
            "unlimited".into(),
            live.max_deliver.to_string(),
            true,
        );
    }
    if live.max_ack_pending > 0 && live.max_ack_pending < wanted.max_ack_pending {
        field(
            "max_ack_pending",
            wanted.max_ack_pending.to_string(),
            live.max_ack_pending.to_string(),
            true,
        );
    }
    differences
}

/// Makes or changes the consumer so that it is as wanted; refuses what the server cannot change. Repeatable.
pub async fn ensure(bus: &Bus, stream: &str, wanted: &ConsumerDefinition) -> Result<Ensured> {
    let found = info(bus, stream, &wanted.name).await?;
    if let Some(info) = &found {
        let differences = compare(wanted, &describe(info));
        if differences.is_empty() {
            return Ok(Ensured::Unchanged);
        }
        if let Some(fixed) = differences.iter().find(|d| !d.in_place) {
            return Err(Error::refused(format!(
                "the consumer {} of the stream {stream} has {} = {}; wanted {}, and the server cannot change that",
                wanted.name, fixed.field, fixed.found, fixed.wanted
            ))
            .hint("if nobody else uses it, delete it and run `wavegate stream ensure` again: undelivered events come back from PostgreSQL"));
        }
    }
    let config = pull::Config {
        durable_name: Some(wanted.name.clone()),
        name: Some(wanted.name.clone()),
        description: Some("wavegate: shared by all NATS workers".into()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: wanted.ack_wait,
        max_deliver: wanted.max_deliver,
        max_ack_pending: wanted.max_ack_pending,
        ..pull::Config::default()
    };
    bus.jetstream()
        .create_consumer_on_stream(config, stream)
        .await
        .map_err(|error| match error.kind() {
            ConsumerErrorKind::JetStream(answer)
                if answer.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Error::failed(format!("there is no stream {stream} at {}", bus.place()))
                    .hint("run `wavegate stream ensure`")
            }
            _ => request_error(
                &format!("setting up the consumer {}", wanted.name),
                bus,
                error,
            ),
        })?;
    Ok(if found.is_some() {
        Ensured::Updated
    } else {
        Ensured::Created
    })
}

/// A consumer of dedicated workers goes when none of them has pulled for so long: the shared one has the same messages.
const UNUSED: Duration = Duration::from_secs(600);
/// For more subjects the consumer is not narrowed: the request that makes it would outgrow a message.
const NARROWED: usize = 1000;

/// Makes a consumer for some subjects alone, where it is missing. It begins with what the consumer `beside` has not acknowledged: what is
/// older was seen, and comes again as a new copy where it must. Messages of other subjects may come all the same: a server before 2.10
/// narrows a consumer to one subject or to none.
pub async fn ensure_beside(
    bus: &Bus,
    stream: &LiveStream,
    wanted: &ConsumerDefinition,
    subjects: &[String],
    beside: &str,
) -> Result<()> {
    let stream_name = &stream.definition.name;
    if live(bus, stream_name, &wanted.name).await?.is_some() {
        return Ok(());
    }
    if stream.definition.retention == "workqueue" {
        return Err(Error::refused(format!(
            "the stream {stream_name} has the retention workqueue: it allows no second consumer of a message, and dedicated NATS workers need one"
        ))
        .hint("wavegate worker --path queue, or a stream with the retention limits"));
    }
    let shared = live(bus, stream_name, beside).await?;
    let mut config = pull::Config {
        durable_name: Some(wanted.name.clone()),
        name: Some(wanted.name.clone()),
        description: Some("wavegate: dedicated workers".into()),
        deliver_policy: match shared {
            Some(shared) => DeliverPolicy::ByStartSequence {
                start_sequence: shared.ack_floor + 1,
            },
            None => DeliverPolicy::All,
        },
        ack_policy: AckPolicy::Explicit,
        ack_wait: wanted.ack_wait,
        max_deliver: wanted.max_deliver,
        max_ack_pending: wanted.max_ack_pending,
        inactive_threshold: UNUSED,
        ..pull::Config::default()
    };
    match subjects {
        [one] => config.filter_subject.clone_from(one),
        many if many.len() <= NARROWED => config.filter_subjects = many.to_vec(),
        _ => {}
    }
    let made = bus
        .jetstream()
        .create_consumer_on_stream(config, stream_name)
        .await;
    match made {
        Ok(_) => Ok(()),
        // Another worker was faster, and began elsewhere.
        Err(_) if live(bus, stream_name, &wanted.name).await?.is_some() => Ok(()),
        Err(error) => Err(request_error(
            &format!("setting up the consumer {}", wanted.name),
            bus,
            error,
        )),
    }
}

/// A handle to pull messages with; stream and consumer must exist.
pub async fn open(bus: &Bus, stream: &str, name: &str) -> Result<Consumer<pull::Config>> {
    bus.jetstream()
        .get_consumer_from_stream(name, stream)
        .await
        .map_err(|error| {
            request_error(&format!("opening the consumer {name}"), bus, error)
                .hint("run `wavegate stream ensure`")
        })
}
