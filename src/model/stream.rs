//! What the JetStream stream and its consumer should look like, and how a live one differs.

use std::time::Duration;

use serde::Serialize;

/// The stream that carries the copies of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreamDefinition {
    pub name: String,
    pub subjects: Vec<String>,
    pub description: String,
    /// `file` or `memory`.
    pub storage: String,
    /// `limits`, `interest` or `workqueue`.
    pub retention: String,
    /// `old` or `new`: what goes when a limit is reached.
    pub discard: String,
    /// -1 is unlimited.
    pub max_messages: i64,
    /// -1 is unlimited.
    pub max_bytes: i64,
    /// Zero is unlimited.
    #[serde(rename = "max_age_ms", serialize_with = "millis")]
    pub max_age: Duration,
    pub replicas: usize,
    #[serde(rename = "duplicate_window_ms", serialize_with = "millis")]
    pub duplicate_window: Duration,
}

impl StreamDefinition {
    /// Safe where nobody chose otherwise. The stream holds copies, PostgreSQL the truth: `limits`, so that other consumers
    /// may read too; `new`, so that a full stream stops the relay instead of pushing unread copies out, one republished
    /// copy pushing out the next; seven days, so that the disk stays bounded (a copy that ages unread is published again).
    pub fn safe(name: &str, subjects: Vec<String>) -> Self {
        StreamDefinition {
            name: name.to_string(),
            subjects,
            description: OUR_DESCRIPTION.to_string(),
            storage: "file".into(),
            retention: "limits".into(),
            discard: "new".into(),
            max_messages: -1,
            max_bytes: -1,
            max_age: Duration::from_secs(7 * 24 * 3600),
            replicas: 1,
            duplicate_window: Duration::from_secs(120),
        }
    }
}

/// As every length of time in JSON: whole milliseconds.
pub fn millis<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(super::milliseconds(*time))
}

/// By this description a stream is known as made by wavegate.
pub const OUR_DESCRIPTION: &str = "wavegate: copies of webhook events; PostgreSQL is the authority";

/// The one durable pull consumer that all NATS workers share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsumerDefinition {
    pub name: String,
    /// Longer than any lease, which is longer than any HTTP deadline and its margin.
    #[serde(rename = "ack_wait_ms", serialize_with = "millis")]
    pub ack_wait: Duration,
    pub max_ack_pending: i64,
    /// -1: attempts are counted in PostgreSQL, not here.
    pub max_deliver: i64,
}

impl ConsumerDefinition {
    pub const NAME: &'static str = "wavegate";
    pub const ACK_WAIT: Duration = Duration::from_secs(120);

    pub fn new(name: &str) -> Self {
        ConsumerDefinition {
            name: name.to_string(),
            ack_wait: Self::ACK_WAIT,
            max_ack_pending: 20_000,
            max_deliver: -1,
        }
    }
}

/// One field of a live stream or consumer that is not as wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub field: &'static str,
    pub wanted: String,
    pub found: String,
    /// The server can change it without making the thing anew.
    pub in_place: bool,
    /// Why not, or what the change costs.
    pub why: Option<String>,
}
