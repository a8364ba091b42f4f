//! Publishing a copy of an event, and what a worker reads from its headers.

use async_nats::{
    HeaderMap,
    jetstream::{
        ErrorCode,
        context::{PublishAckFuture, PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};

use super::{Bus, connect::has_code};
use crate::model::{from_header, header_safe};

const EVENT_ID: &str = "Wavegate-Event-Id";
const WEBHOOK_ID: &str = "Wavegate-Webhook-Id";
const PUBLISH_COUNT: &str = "Wavegate-Publish-Count";
const ENVELOPE: &str = "Wavegate-Envelope";

/// Why a copy is not in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Try again: the server is away, slow, full, or the stream is missing.
    Temporary(String),
    /// It never will be: too large, or a subject that cannot be published to.
    Permanent(String),
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
        let text = |name: &str| headers.get(name).map(|value| value.as_str().to_string());
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
        headers.insert("Nats-Msg-Id", format!("{id}#{}", self.copy).as_str());
        headers.insert("Nats-Expected-Stream", stream);
        headers.insert(EVENT_ID, id.as_ref());
        headers.insert(WEBHOOK_ID, self.webhook_id.to_string().as_str());
        headers.insert(PUBLISH_COUNT, self.copy.to_string().as_str());
        if self.envelope {
            headers.insert(ENVELOPE, "1");
        }
        headers
    }
}

/// Sends a copy; the answer comes from `acknowledged`. A slow server holds the sender back here.
pub async fn send(
    bus: &Bus,
    stream: &str,
    subject: &str,
    label: &Label,
    payload: String,
) -> Result<PublishAckFuture, Refusal> {
    if !publishable(subject) {
        return Err(Refusal::Permanent(format!(
            "the subject `{subject}` cannot be published to"
        )));
    }
    let mut message = PublishMessage::build().payload(payload.into());
    message = message.headers(label.headers(stream));
    bus.jetstream()
        .send_publish(subject.to_string(), message)
        .await
        .map_err(|error| refusal(&error))
}

/// The stream sequence of a copy once the server has it.
pub async fn acknowledged(sent: PublishAckFuture) -> Result<u64, Refusal> {
    match sent.await {
        Ok(ack) => Ok(ack.sequence),
        Err(error) => Err(refusal(&error)),
    }
}

fn refusal(error: &PublishError) -> Refusal {
    let too_large = error.kind() == PublishErrorKind::MaxPayloadExceeded
        || has_code(error, ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM);
    let text = match std::error::Error::source(error) {
        Some(source) if !error.to_string().contains(&source.to_string()) => {
            format!("{}: {source}", error.kind())
        }
        _ => error.to_string(),
    };
    if too_large {
        Refusal::Permanent(text)
    } else {
        Refusal::Temporary(text)
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
