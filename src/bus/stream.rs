//! The stream against its definition: compared field by field, made where it is missing, changed where it can be in place.

use std::time::Duration;

use async_nats::jetstream::{
    ErrorCode,
    stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Bus,
    changes::differences,
    connect::{has_code, request_error},
};
use crate::{
    error::{BoxError, Error, Result},
    model::{Difference, OUR_DESCRIPTION, StreamDefinition},
};

/// A stream as the server has it.
#[derive(Debug, Clone, Serialize)]
pub struct LiveStream {
    pub definition: StreamDefinition,
    /// Messages of one subject at most; -1 is unlimited.
    pub per_subject: i64,
    /// It does not acknowledge what is published.
    pub no_ack: bool,
    /// The largest message it takes; zero or less is the server's own limit.
    pub max_message_bytes: i32,
    pub created: DateTime<Utc>,
    pub messages: u64,
    pub bytes: u64,
    pub first_seq: u64,
    pub last_seq: u64,
    pub consumers: usize,
    /// A mirror, or sealed: nobody can publish to it.
    pub read_only: bool,
    /// Version of the server that answered.
    pub server: String,
    /// It is one of several.
    pub clustered: bool,
}

/// What `ensure` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ensured {
    Created,
    Updated,
    Unchanged,
}

/// The live stream, or `None` where there is none of this name.
pub async fn live(bus: &Bus, name: &str) -> Result<Option<LiveStream>> {
    let found = info(bus, name).await?;
    Ok(found.as_ref().map(|info| describe(bus, info)))
}

/// What a stream still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    pub created: DateTime<Utc>,
    pub first_seq: u64,
    pub last_seq: u64,
    /// How many messages between the two are gone.
    pub gone: u64,
    /// Does an acknowledged message stay?
    pub keeps: bool,
}

/// What the stream holds now, or `None` where there is none of this name.
pub async fn extent(bus: &Bus, name: &str) -> Result<Option<Extent>> {
    Ok(info(bus, name).await?.map(|info| Extent {
        created: instant(info.created.unix_timestamp_nanos()),
        first_seq: info.state.first_sequence,
        last_seq: info.state.last_sequence,
        gone: info.state.deleted_count.unwrap_or(0),
        keeps: info.config.retention == RetentionPolicy::Limits,
    }))
}

/// The sequences between first and last that are gone.
pub async fn holes(bus: &Bus, name: &str) -> Result<Vec<u64>> {
    let failed =
        |error: BoxError| request_error(&format!("asking what the stream {name} lost"), bus, error);
    let stream = bus
        .jetstream()
        .get_stream_no_info(name)
        .await
        .map_err(|error| failed(error.into()))?;
    let info = stream.info_builder().with_deleted(true).fetch().await;
    let info = info.map_err(|error| failed(error.into()))?.info;
    Ok(info.state.deleted.unwrap_or_default())
}

async fn info(bus: &Bus, name: &str) -> Result<Option<Info>> {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || ".*>/\\".contains(c)) {
        return Err(Error::usage(format!("`{name}` is no name of a stream"))
            .hint("wanted letters, digits, - and _ only"));
    }
    match bus.jetstream().get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().clone())),
        Err(error) if has_code_of_get(&error, ErrorCode::STREAM_NOT_FOUND) => Ok(None),
        Err(error) => Err(request_error(
            &format!("asking for the stream {name}"),
            bus,
            error,
        )),
    }
}

fn has_code_of_get(
    error: &async_nats::jetstream::context::GetStreamError,
    code: ErrorCode,
) -> bool {
    use async_nats::jetstream::context::GetStreamErrorKind;
    matches!(error.kind(), GetStreamErrorKind::JetStream(answer) if answer.error_code() == code)
}

fn describe(bus: &Bus, info: &Info) -> LiveStream {
    let config = &info.config;
    let server = bus.client().server_info();
    let mut subjects = config.subjects.clone();
    subjects.sort();
    LiveStream {
        definition: StreamDefinition {
            name: config.name.clone(),
            subjects,
            description: config.description.clone().unwrap_or_default(),
            storage: match config.storage {
                StorageType::File => "file",
                StorageType::Memory => "memory",
            }
            .into(),
            retention: match config.retention {
                RetentionPolicy::Limits => "limits",
                RetentionPolicy::Interest => "interest",
                RetentionPolicy::WorkQueue => "workqueue",
            }
            .into(),
            discard: match config.discard {
                DiscardPolicy::Old => "old",
                DiscardPolicy::New => "new",
            }
            .into(),
            max_messages: unlimited(config.max_messages),
            max_bytes: unlimited(config.max_bytes),
            max_age: config.max_age,
            replicas: config.num_replicas,
            duplicate_window: config.duplicate_window,
        },
        per_subject: unlimited(config.max_messages_per_subject),
        no_ack: config.no_ack,
        max_message_bytes: config.max_message_size,
        created: instant(info.created.unix_timestamp_nanos()),
        messages: info.state.messages,
        bytes: info.state.bytes,
        first_seq: info.state.first_sequence,
        last_seq: info.state.last_sequence,
        consumers: info.state.consumer_count,
        read_only: config.mirror.is_some() || config.sealed,
        clustered: server.cluster.is_some(),
        server: server.version,
    }
}

pub(super) fn instant(nanoseconds: i128) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(i64::try_from(nanoseconds).unwrap_or_default())
}

fn unlimited(limit: i64) -> i64 {
    if limit <= 0 { -1 } else { limit }
}

/// Every field of `found` that is not as wanted; `changes` says which can change. Descriptions are not compared: they
/// change nothing.
pub fn compare(wanted: &StreamDefinition, found: &StreamDefinition) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut field = |field, wanted: String, found: String| {
        if wanted != found {
            differences.push(Difference {
                field,
                wanted,
                found,
                in_place: true,
                why: None,
            });
        }
    };
    let list = |subjects: &[String]| {
        let mut subjects = subjects.to_vec();
        subjects.sort();
        subjects.join(" ")
    };
    field("subjects", list(&wanted.subjects), list(&found.subjects));
    field("storage", wanted.storage.clone(), found.storage.clone());
    field(
        "retention",
        wanted.retention.clone(),
        found.retention.clone(),
    );
    field("discard", wanted.discard.clone(), found.discard.clone());
    field(
        "max_messages",
        limit(wanted.max_messages),
        limit(found.max_messages),
    );
    field("max_bytes", limit(wanted.max_bytes), limit(found.max_bytes));
    field("max_age", age(wanted.max_age), age(found.max_age));
    field(
        "replicas",
        wanted.replicas.to_string(),
        found.replicas.to_string(),
    );
    field(
        "duplicate_window",
        age(wanted.duplicate_window),
        age(found.duplicate_window),
    );
    differences
}

fn limit(limit: i64) -> String {
    if limit <= 0 {
        "unlimited".into()
    } else {
        limit.to_string()
    }
}

fn age(age: Duration) -> String {
    if age.is_zero() {
        "unlimited".into()
    } else {
        format!("{} s", age.as_secs_f64())
    }
}

/// Makes or changes the stream so that it is as wanted. What cannot change in place, and a stream that is somebody
/// else's, is refused. Repeatable.
pub async fn ensure(bus: &Bus, wanted: &StreamDefinition) -> Result<Ensured> {
    let Some(info) = info(bus, &wanted.name).await? else {
        return create(bus, wanted).await;
    };
    let found = describe(bus, &info);
    if let Some(refusal) = refusal(wanted, &found) {
        return Err(refusal);
    }
    let differences = differences(wanted, &found);
    if differences.is_empty() {
        return Ok(Ensured::Unchanged);
    }
    if let Some(fixed) = differences.iter().find(|d| !d.in_place) {
        return Err(Error::refused(format!(
            "the stream {} has {} = {}; wanted {}, and the server cannot change that in place ({})",
            wanted.name,
            fixed.field,
            fixed.found,
            fixed.wanted,
            fixed.why.as_deref().unwrap_or("never")
        ))
        .hint("change the row in rule_nats_streams to what the stream has, or choose another stream name")
        .hint("or, while no webhook uses NATS, delete the stream and run `wavegate stream ensure` again"));
    }
    // Only our fields change; placement, compression and the like stay as the operator set them.
    let config = apply(wanted, info.config);
    bus.jetstream()
        .update_stream(config)
        .await
        .map_err(|error| refused_by_server(bus, wanted, error))?;
    Ok(Ensured::Updated)
}

/// Why the live stream is not ours to change.
pub fn refusal(wanted: &StreamDefinition, found: &LiveStream) -> Option<Error> {
    let name = &wanted.name;
    if found.read_only {
        return Some(
            Error::refused(format!(
                "the stream {name} is a mirror or sealed: nobody can publish to it"
            ))
            .hint("choose another stream name in the plan (nats.stream) or in rule_nats_config"),
        );
    }
    let ours =
        [OUR_DESCRIPTION, &wanted.description].contains(&found.definition.description.as_str());
    let strange: Vec<&str> = found
        .definition
        .subjects
        .iter()
        .filter(|subject| !wanted.subjects.contains(subject))
        .map(String::as_str)
        .collect();
    if strange.is_empty() || ours {
        return None;
    }
    Some(
        Error::refused(format!(
            "the stream {name} belongs to someone else: it also holds {}; wanted {}",
            strange.join(" "),
            wanted.subjects.join(" ")
        ))
        .hint("choose another stream name in the plan (nats.stream) or in rule_nats_config")
        .hint("or, if it is yours, list all its subjects in rule_nats_streams (rule_nats_stream_create)"),
    )
}

async fn create(bus: &Bus, wanted: &StreamDefinition) -> Result<Ensured> {
    let config = apply(wanted, Config::default());
    match bus.jetstream().create_stream(config).await {
        Ok(_) => Ok(Ensured::Created),
        Err(error) => Err(refused_by_server(bus, wanted, error)),
    }
}

fn apply(wanted: &StreamDefinition, base: Config) -> Config {
    Config {
        name: wanted.name.clone(),
        subjects: wanted.subjects.clone(),
        description: Some(wanted.description.clone()),
        storage: match wanted.storage.as_str() {
            "memory" => StorageType::Memory,
            _ => StorageType::File,
        },
        retention: match wanted.retention.as_str() {
            "interest" => RetentionPolicy::Interest,
            "workqueue" => RetentionPolicy::WorkQueue,
            _ => RetentionPolicy::Limits,
        },
        discard: match wanted.discard.as_str() {
            "new" => DiscardPolicy::New,
            _ => DiscardPolicy::Old,
        },
        max_messages: wanted.max_messages,
        max_bytes: wanted.max_bytes,
        max_age: wanted.max_age,
        num_replicas: wanted.replicas,
        duplicate_window: wanted.duplicate_window,
        ..base
    }
}

fn refused_by_server(bus: &Bus, wanted: &StreamDefinition, error: impl Into<BoxError>) -> Error {
    let (name, error) = (&wanted.name, error.into());
    let text = error.to_string();
    if has_code(&*error, ErrorCode::STREAM_SUBJECT_OVERLAP) || text.contains("overlap") {
        return Error::refused(format!(
            "the subjects of the stream {name} ({}) overlap with another stream at {}",
            wanted.subjects.join(" "),
            bus.place()
        ))
        .hint("`nats stream subjects` shows whose; choose other subjects (nats.subject in the plan, subject_prefix in rule_nats_config)");
    }
    if wanted.replicas > 1 && text.contains("replicas") || text.contains("no suitable peers") {
        return Error::refused(format!(
            "the servers at {} cannot hold {} replicas of the stream {name}: {text}",
            bus.place(),
            wanted.replicas
        ))
        .hint("replicas need a cluster of at least as many servers with JetStream; `nats server list` shows them")
        .hint("or set replicas in rule_nats_streams to what there is: PostgreSQL keeps every event, whatever the stream loses");
    }
    request_error(&format!("setting up the stream {name}"), bus, error)
        .hint("the server's limits and the permissions of this account decide; `nats account info` shows them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_subjects_is_no_difference() {
        let wanted = StreamDefinition::safe("S", vec!["b".into(), "a".into()]);
        let mut found = wanted.clone();
        found.subjects.sort();
        assert_eq!(compare(&wanted, &found), []);
        found.storage = "memory".into();
        found.max_bytes = 5;
        let fields: Vec<_> = compare(&wanted, &found)
            .into_iter()
            .map(|d| d.field)
            .collect();
        assert_eq!(fields, ["storage", "max_bytes"]);
    }
}
