//! What preflight asks the NATS server: its limits, its clock, and who else reads the stream.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::Serialize;
use serde_json::Value;

use super::{Bus, connect::request_error};
use crate::error::Result;

/// What the server says of itself and of our account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ServerFacts {
    pub version: String,
    /// Largest message, bytes.
    pub max_payload: usize,
    /// Other servers of the cluster that we know of.
    pub peers: usize,
    /// Bytes that the account may store; `None` where it is unlimited.
    pub storage_limit: Option<i64>,
    pub storage_used: i64,
}

pub async fn server(bus: &Bus) -> Result<ServerFacts> {
    let account: Value = bus
        .jetstream()
        .request("INFO".to_string(), &())
        .await
        .map_err(|error| request_error("asking for the account", bus, error))?;
    let info = bus.client().server_info();
    let peers = info.connect_urls.len().saturating_sub(1);
    Ok(ServerFacts {
        version: info.version,
        max_payload: info.max_payload,
        peers: if info.cluster.is_some() {
            peers.max(1)
        } else {
            0
        },
        storage_limit: account["limits"]["max_storage"]
            .as_i64()
            .filter(|limit| *limit >= 0),
        storage_used: account["storage"].as_i64().unwrap_or(0),
    })
}

/// The server's clock, as the newest servers tell it; `None` from those that do not.
pub async fn clock(bus: &Bus, stream: &str) -> Result<Option<DateTime<Utc>>> {
    let answer: Value = bus
        .jetstream()
        .request(format!("STREAM.INFO.{stream}"), &())
        .await
        .map_err(|error| request_error("asking for the stream", bus, error))?;
    Ok(answer["ts"].as_str().and_then(|text| text.parse().ok()))
}

/// The consumers of the stream, by name.
pub async fn consumers(bus: &Bus, stream: &str) -> Result<Vec<String>> {
    let handle = bus
        .jetstream()
        .get_stream(stream)
        .await
        .map_err(|error| request_error("asking for the stream", bus, error))?;
    let mut names: Vec<String> = handle
        .consumer_names()
        .try_collect()
        .await
        .map_err(|error| request_error("asking for the consumers", bus, error))?;
    names.sort();
    Ok(names)
}
