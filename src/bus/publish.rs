//! Publishing copies of events, and what a worker reads from their headers.

use std::{task::Poll, time::Duration};

use async_nats::{
    Client, HeaderMap, Message, StatusCode, Subscriber,
    client::PublishErrorKind,
    header::{HeaderName, HeaderValue},
    jetstream::{self, ErrorCode},
};
use futures::{StreamExt, poll};
use serde::Deserialize;

use super::Bus;
use crate::{
    error::{Error, Result},
    model::{from_header, header_safe},
};

const MESSAGE_ID: HeaderName = HeaderName::from_static("Nats-Msg-Id");
const EXPECTED_STREAM: HeaderName = HeaderName::from_static("Nats-Expected-Stream");
const EVENT_ID: HeaderName = HeaderName::from_static("Wavegate-Event-Id");
const WEBHOOK_ID: HeaderName = HeaderName::from_static("Wavegate-Webhook-Id");
const PUBLISH_COUNT: HeaderName = HeaderName::from_static("Wavegate-Publish-Count");
const ENVELOPE: HeaderName = HeaderName::from_static("Wavegate-Envelope");

/// Why a copy is not in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Try again: the server is away, slow, full, or the stream is missing.
    Temporary(String),
    /// It never will be: too large, or a subject that cannot be published to.
    Permanent(String),
    /// No stream answered for this subject, or another one did: it lies outside the stream, or the stream is away.
    Untaken(String),
}

/// What identifies a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub event_id: String,
    pub webhook_id: i32,
    /// Publish count of this copy, from 1.
    pub copy: i32,
    /// The message is not the payload itself, but the envelope of the engine's example workers.
    pub envelope: bool,
}

impl Label {
    /// Reads the headers; `None` for a message that wavegate did not publish.
    pub fn read(headers: Option<&HeaderMap>) -> Option<Label> {
        let headers = headers?;
        let text = |name: HeaderName| headers.get(name).map(|value| value.as_str().to_string());
        Some(Label {
            event_id: from_header(&text(EVENT_ID)?)?,
            webhook_id: text(WEBHOOK_ID)?.parse().ok()?,
            copy: text(PUBLISH_COUNT)?.parse().ok()?,
            envelope: headers.get(ENVELOPE).is_some(),
        })
    }

    fn headers(&self, stream: &str) -> HeaderMap {
        let id = header_safe(&self.event_id);
        let mut headers = HeaderMap::new();
        headers.insert(MESSAGE_ID, format!("{id}#{}", self.copy).as_str());
        headers.insert(EXPECTED_STREAM, stream);
        headers.insert(EVENT_ID, id.as_ref());
        headers.insert(WEBHOOK_ID, HeaderValue::from(self.webhook_id));
        headers.insert(PUBLISH_COUNT, HeaderValue::from(self.copy));
        if self.envelope {
            headers.insert(ENVELOPE, "1");
        }
        headers
    }
}

/// Sends copies to one stream without waiting for their acknowledgements, which all come to one inbox.
pub struct Publisher {
    client: Client,
    stream: String,
    inbox: String,
    timeout: Duration,
}

/// Reads the acknowledgements of a `Publisher`.
pub struct Acknowledgements {
    answers: Subscriber,
    /// Where the token begins in the subject of an answer.
    token: usize,
}

/// A task, a timer and an inbox for each message, as a JetStream context has them, would cost more than the message.
pub async fn pipeline(bus: &Bus, stream: &str) -> Result<(Publisher, Acknowledgements)> {
    let client = bus.client().clone();
    let inbox = client.new_inbox();
    let answers = client.subscribe(format!("{inbox}.*")).await;
    let answers = answers.map_err(|error| {
        Error::failed(format!("cannot subscribe at {}: {error}", bus.place())).keeps(error)
    })?;
    let token = inbox.len() + 1;
    let publisher = Publisher {
        client,
        stream: stream.to_string(),
        inbox,
        timeout: bus.timeout(),
    };
    Ok((publisher, Acknowledgements { answers, token }))
}

impl Publisher {
    /// Sends a copy; its acknowledgement carries the token. A slow server holds the sender back here.
    pub async fn send(
        &self,
        token: u64,
        subject: &str,
        label: &Label,
        payload: String,
    ) -> Result<(), Refusal> {
        if !publishable(subject) {
            return Err(Refusal::Permanent(format!(
                "the subject `{subject}` cannot be published to"
            )));
        }
        let sent = self.client.publish_with_reply_and_headers(
            subject.to_string(),
            format!("{}.{token}", self.inbox),
            label.headers(&self.stream),
            payload.into(),
        );
        tokio::pin!(sent);
        // A timer for those alone that are held back.
        let sent = match poll!(&mut sent) {
            Poll::Ready(sent) => sent,
            Poll::Pending => match tokio::time::timeout(self.timeout, sent).await {
                Ok(sent) => sent,
                Err(_) => {
                    let why = "the connection to NATS takes no more";
                    return Err(Refusal::Temporary(why.to_string()));
                }
            },
        };
        sent.map_err(|error| match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => Refusal::Permanent(error.to_string()),
            _ => Refusal::Temporary(error.to_string()),
        })
    }
}

impl Acknowledgements {
    /// The next one: its token, and the stream sequence or why there is none. Never ends.
    pub async fn next(&mut self) -> (u64, Result<u64, Refusal>) {
        loop {
            let Some(message) = self.answers.next().await else {
                // The client was closed; what is on its way times out.
                return std::future::pending().await;
            };
            let token = message.subject.get(self.token..).map(str::parse);
            if let Some(Ok(token)) = token {
                return (token, answer(&message));
            }
        }
    }
}

/// What JetStream answers to a publish.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    seq: u64,
    error: Option<jetstream::Error>,
}

fn answer(message: &Message) -> Result<u64, Refusal> {
    if message.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(Refusal::Untaken(
            "no stream takes this subject, or JetStream has no leader".to_string(),
        ));
    }
    match serde_json::from_slice(&message.payload) {
        Ok(Answer { error: None, seq }) if seq > 0 => Ok(seq),
        Ok(Answer {
            error: Some(error), ..
        }) if error.error_code() == ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM => {
            Err(Refusal::Permanent(error.to_string()))
        }
        Ok(Answer {
            error: Some(error), ..
        }) if error.error_code() == ErrorCode::STREAM_NOT_MATCH => {
            Err(Refusal::Untaken(error.to_string()))
        }
        Ok(Answer {
            error: Some(error), ..
        }) => Err(Refusal::Temporary(error.to_string())),
        _ => Err(Refusal::Temporary(
            "an acknowledgement that cannot be read".to_string(),
        )),
    }
}

/// Tokens separated by dots, none empty, none a wildcard, no blanks.
fn publishable(subject: &str) -> bool {
    subject.split('.').all(|token| {
        !token.is_empty()
            && token != "*"
            && token != ">"
            && !token.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_the_copy_and_are_read_back() {
        let label = Label {
            event_id: "7:order 42\r\n".into(),
            webhook_id: 7,
            copy: 3,
            envelope: false,
        };
        let headers = label.headers("WEBHOOKS");
        assert_eq!(
            headers.get("Nats-Msg-Id").unwrap().as_str(),
            "7:order%2042%0D%0A#3"
        );
        assert_eq!(Label::read(Some(&headers)).as_ref(), Some(&label));
        let label = Label {
            envelope: true,
            ..label
        };
        let headers = label.headers("WEBHOOKS");
        assert_eq!(Label::read(Some(&headers)), Some(label));
        assert_eq!(Label::read(Some(&HeaderMap::new())), None);
    }

    #[test]
    fn wildcards_and_empty_tokens_cannot_be_published_to() {
        for subject in ["", "a..b", "a.", "a.*", "a.>", "a b"] {
            assert!(!publishable(subject), "{subject}");
        }
        assert!(publishable("webhooks.7") && publishable("webhooks.größe"));
    }
}
