//! Pulling messages: one inbox for as long as the consumer is open, one request after the other. The end of a request is told by our own
//! clock: some servers never say that a request has expired. What arrives after that end is still taken.

use std::time::Duration;

use async_nats::{
    StatusCode, Subject, Subscriber,
    jetstream::{
        AckKind, Message,
        consumer::{
            Consumer,
            pull::{BatchConfig, Config},
        },
    },
};
use futures::{FutureExt, StreamExt};
use tokio::time::Instant;

use super::{Bus, consumer};
use crate::error::{Error, Result};

/// How long a request stands at the server: short, so that stopping is quick and nothing lies here unclaimed.
const EXPIRES: Duration = Duration::from_millis(500);
/// How much longer we wait for the word of the server that a request has ended.
const GRACE: Duration = Duration::from_millis(50);
/// Bytes of one request, so that large messages come in small numbers.
const BYTES: usize = 16 << 20;
/// A message is longer than its payload by its headers.
const HEADERS: usize = 64 << 10;

/// Pulls from one consumer.
pub struct Puller {
    bus: Bus,
    consumer: Consumer<Config>,
    inbox: String,
    subscriber: Subscriber,
    asked: u64,
    request: Option<Request>,
}

/// The request that stands.
struct Request {
    /// What the server writes to when it ends this request; messages bear their own subject.
    reply: Subject,
    missing: usize,
    ends: Instant,
}

impl Puller {
    /// Stream and consumer must exist.
    pub async fn open(bus: &Bus, stream: &str, name: &str) -> Result<Puller> {
        let consumer = consumer::open(bus, stream, name).await?;
        let inbox = bus.client().new_inbox();
        let subscriber = bus
            .client()
            .subscribe(format!("{inbox}.*"))
            .await
            .map_err(|error| failed(bus, &error))?;
        Ok(Puller {
            bus: bus.clone(),
            consumer,
            inbox,
            subscriber,
            asked: 0,
            request: None,
        })
    }

    /// Asks for so many messages. While the connection is down nothing is asked for: requests would pile up and be sent all at once.
    pub async fn ask(&mut self, messages: usize) -> Result<()> {
        self.request = None;
        if !self.bus.is_up() {
            return Ok(());
        }
        self.asked += 1;
        let reply = Subject::from(format!("{}.{}", self.inbox, self.asked));
        let batch = BatchConfig {
            batch: messages,
            expires: Some(EXPIRES),
            // A message that no request takes would stop all behind it.
            max_bytes: BYTES.max(self.bus.client().max_payload() + HEADERS),
            ..BatchConfig::default()
        };
        self.consumer
            .request_batch(batch, reply.clone())
            .await
            .map_err(|error| failed(&self.bus, &error))?;
        self.request = Some(Request {
            reply,
            missing: messages,
            ends: Instant::now() + EXPIRES + GRACE,
        });
        Ok(())
    }

    /// What has come, `at_most` so many; waits for the first. `None`: the request has ended. Messages of an earlier request, which came
    /// late, are among them: there may be more than were asked for.
    pub async fn next(&mut self, at_most: usize) -> Result<Option<Vec<Message>>> {
        let mut messages = Vec::new();
        while messages.len() < at_most {
            let next = if messages.is_empty() {
                match &self.request {
                    Some(request) if request.missing > 0 => {
                        let next = tokio::time::timeout_at(request.ends, self.subscriber.next());
                        next.await.ok()
                    }
                    // All have come, but one of an earlier request may lie here too.
                    _ => self.subscriber.next().now_or_never(),
                }
            } else {
                self.subscriber.next().now_or_never()
            };
            let message = match next {
                Some(Some(message)) => message,
                Some(None) => return Err(failed(&self.bus, &"the connection is closed")),
                None if messages.is_empty() => {
                    self.request = None;
                    return Ok(None);
                }
                None => break,
            };
            match message.status {
                None | Some(StatusCode::OK) => {
                    if let Some(request) = &mut self.request {
                        request.missing = request.missing.saturating_sub(1);
                    }
                    messages.push(Message {
                        message,
                        context: self.bus.jetstream().clone(),
                    });
                }
                Some(status) => {
                    let current = (self.request.as_ref())
                        .is_some_and(|request| request.reply == message.subject);
                    if !current || status == StatusCode::IDLE_HEARTBEAT {
                        continue;
                    }
                    let said = message.description.unwrap_or_default();
                    if let Some(request) = &mut self.request {
                        request.missing = 0;
                    }
                    if !is_plain_end(status, &said) {
                        self.put_back(messages).await;
                        return Err(failed(&self.bus, &format!("{status} {said}")));
                    }
                }
            }
        }
        Ok(Some(messages))
    }

    /// Gives messages back that nobody takes here: they are handed out again at once.
    pub async fn put_back(&self, messages: Vec<Message>) {
        for message in messages {
            if let Err(error) = message.ack_with(AckKind::Nak(None)).await {
                tracing::debug!(%error, "cannot give a message back; it comes again after the ack wait");
            }
        }
    }

    /// Ends the subscription, and gives back what it still holds.
    pub async fn close(mut self) {
        if self.subscriber.unsubscribe().await.is_err() {
            return;
        }
        let mut left = Vec::new();
        while let Some(message) = self.subscriber.next().await {
            if message.status.is_none() {
                left.push(Message {
                    message,
                    context: self.bus.jetstream().clone(),
                });
            }
        }
        self.put_back(left).await;
    }
}

/// Expired, nothing there, or the next message was one too many for the bytes of this request.
fn is_plain_end(status: StatusCode, said: &str) -> bool {
    let said = said.to_lowercase();
    [StatusCode::TIMEOUT, StatusCode::NOT_FOUND].contains(&status)
        || ["message size exceeds", "batch completed"]
            .iter()
            .any(|end| said.starts_with(end))
}

fn failed(bus: &Bus, why: &dyn std::fmt::Display) -> Error {
    Error::failed(format!("pulling messages at {} failed: {why}", bus.place()))
}
