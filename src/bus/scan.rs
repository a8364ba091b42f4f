//! Reads the headers of a stream's newest messages through a consumer of its own, which holds nothing back from anybody and goes
//! by itself. The durable consumer does not notice.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
    stream::RetentionPolicy,
};
use chrono::{DateTime, Utc};
use futures::StreamExt;

use super::{Bus, connect::request_error, publish::Label};
use crate::error::{BoxError, Error, Result};

/// Messages asked for at a time.
const BATCH: usize = 1000;
/// The consumer goes when nobody has asked for so long.
const IDLE: Duration = Duration::from_secs(30);

/// A message without its payload.
#[derive(Debug, Clone)]
pub struct Seen {
    pub sequence: u64,
    pub subject: String,
    pub at: DateTime<Utc>,
    /// `None`: wavegate did not publish it.
    pub label: Option<Label>,
}

pub struct Scan {
    consumer: Consumer<pull::Config>,
    bus: Bus,
    /// Read up to here; what comes later is left.
    last: u64,
    /// Of the consumer's own count, to notice what got lost on the way.
    next: u64,
    done: bool,
}

/// A look at the newest `limit` messages of a stream, as it is now.
pub async fn newest(bus: &Bus, stream: &str, limit: u64) -> Result<Scan> {
    let failed =
        |error: BoxError| request_error(&format!("reading the stream {stream}"), bus, error);
    let handle = bus.jetstream().get_stream(stream).await.map_err(|error| {
        failed(error.into()).hint("`wavegate stream status` shows what is there")
    })?;
    let info = handle.cached_info();
    if info.config.retention == RetentionPolicy::WorkQueue {
        return Err(Error::refused(format!(
            "the stream {stream} has retention workqueue, which lets nobody but its one consumer read"
        ))
        .hint("every message in it is one that the NATS workers have not acknowledged yet; they count strangers in their log"));
    }
    let last = info.state.last_sequence;
    let config = pull::Config {
        description: Some("wavegate audit".into()),
        deliver_policy: DeliverPolicy::ByStartSequence {
            start_sequence: last.saturating_sub(limit.saturating_sub(1)).max(1),
        },
        ack_policy: AckPolicy::None,
        headers_only: true,
        memory_storage: true,
        inactive_threshold: IDLE,
        num_replicas: 1,
        ..pull::Config::default()
    };
    let consumer = handle
        .create_consumer(config)
        .await
        .map_err(|error| failed(error.into()))?;
    Ok(Scan {
        done: consumer.cached_info().num_pending == 0,
        consumer,
        bus: bus.clone(),
        last,
        next: 1,
    })
}

impl Scan {
    /// The next messages, in their order; none at the end.
    pub async fn next(&mut self) -> Result<Vec<Seen>> {
        let failed = |bus: &Bus, error: BoxError| request_error("reading messages", bus, error);
        let mut seen = Vec::new();
        if self.done {
            return Ok(seen);
        }
        let mut messages = self
            .consumer
            .fetch()
            .max_messages(BATCH)
            .messages()
            .await
            .map_err(|error| failed(&self.bus, error.into()))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| failed(&self.bus, error))?;
            let info = message.info().map_err(|error| failed(&self.bus, error))?;
            if info.consumer_sequence != self.next {
                return Err(
                    Error::failed("messages got lost on the way from the server")
                        .hint("run it again: nothing was changed"),
                );
            }
            self.next += 1;
            self.done |= info.pending == 0 || info.stream_sequence >= self.last;
            if info.stream_sequence > self.last {
                break;
            }
            let nanoseconds = i64::try_from(info.published.unix_timestamp_nanos());
            seen.push(Seen {
                sequence: info.stream_sequence,
                subject: message.subject.to_string(),
                at: DateTime::from_timestamp_nanos(nanoseconds.unwrap_or_default()),
                label: Label::read(message.headers.as_ref()),
            });
        }
        // The server had nothing although it had said so: it was purged meanwhile.
        self.done |= seen.is_empty();
        Ok(seen)
    }
}
