//! Messages in the stream that PostgreSQL never knew: somebody else published them. Listed, never touched.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What a look at a stream found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Strangers {
    pub stream: String,
    /// Messages whose headers were read.
    #[serde(rename = "messages_seen")]
    pub looked_at: u64,
    pub found: u64,
    /// The newest of them; never with a payload.
    pub messages: Vec<Stranger>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stranger {
    pub sequence: u64,
    pub subject: String,
    /// When the stream took it.
    pub at: DateTime<Utc>,
    /// As its headers say, where they say anything.
    pub event_id: Option<String>,
    pub webhook_id: Option<i32>,
    pub why: String,
}
