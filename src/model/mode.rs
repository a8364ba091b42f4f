//! Where a webhook's events go: `publish_mode` with what belongs to it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The column `publish_mode` as the database knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublishMode {
    Queue,
    Both,
    Nats,
}

impl PublishMode {
    pub fn as_str(self) -> &'static str {
        match self {
            PublishMode::Queue => "queue",
            PublishMode::Both => "both",
            PublishMode::Nats => "nats",
        }
    }
}

impl fmt::Display for PublishMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for PublishMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "queue" => Ok(PublishMode::Queue),
            "both" => Ok(PublishMode::Both),
            "nats" => Ok(PublishMode::Nats),
            other => Err(format!(
                "publish_mode is `{other}`; wanted queue, both or nats"
            )),
        }
    }
}

/// The percentage of a hybrid webhook's events that the NATS path should deliver, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub struct Share(u8);

impl From<Share> for u8 {
    fn from(share: Share) -> u8 {
        share.0
    }
}

impl TryFrom<u8> for Share {
    type Error = String;

    fn try_from(percent: u8) -> Result<Share, String> {
        Share::new(percent).ok_or_else(|| format!("a share of {percent} %; wanted 0 to 100"))
    }
}

impl Share {
    pub const NONE: Share = Share(0);
    pub const ALL: Share = Share(100);

    /// `None` above 100.
    pub fn new(percent: u8) -> Option<Self> {
        (percent <= 100).then_some(Share(percent))
    }

    pub fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

/// A state that a wave can be asked to take: the mode with its canary share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "mode", content = "share", rename_all = "lowercase")]
pub enum Mode {
    Queue,
    Both(Share),
    Nats,
}

impl Mode {
    pub fn publish_mode(self) -> PublishMode {
        match self {
            Mode::Queue => PublishMode::Queue,
            Mode::Both(_) => PublishMode::Both,
            Mode::Nats => PublishMode::Nats,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mode::Queue => f.write_str("queue"),
            Mode::Both(share) => write!(f, "both, NATS delivers {share}"),
            Mode::Nats => f.write_str("nats"),
        }
    }
}

/// One of the two ways an event can be delivered.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Path {
    #[default]
    Queue,
    Nats,
}

/// A column of text.
impl sqlx::Type<sqlx::Postgres> for Path {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        <str as sqlx::Type<sqlx::Postgres>>::type_info()
    }

    fn compatible(ty: &sqlx::postgres::PgTypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Postgres>>::compatible(ty)
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for Path {
    fn decode(
        value: sqlx::postgres::PgValueRef<'r>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let text = <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value)?;
        Ok(text.parse::<Path>()?)
    }
}

impl Path {
    pub fn as_str(self) -> &'static str {
        match self {
            Path::Queue => "queue",
            Path::Nats => "nats",
        }
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "queue" => Ok(Path::Queue),
            "nats" => Ok(Path::Nats),
            _ => Err(format!("`{text}`; wanted queue or nats")),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
