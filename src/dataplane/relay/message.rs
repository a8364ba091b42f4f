//! What a copy looks like on the wire: the payload itself, or the envelope of the engine's example workers around it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::Relay;
use crate::{
    bus,
    error::Result,
    store::{
        independent::{self, Address},
        outbox::Copy,
    },
};

/// The form of a batch of copies.
pub enum Form {
    Plain,
    /// Where the calls of its webhooks go now.
    Envelope(HashMap<i32, Address>),
}

impl Form {
    pub async fn of(relay: &Relay, copies: &[Copy]) -> Result<Form> {
        if !relay.options.envelope || copies.is_empty() {
            return Ok(Form::Plain);
        }
        let webhooks: BTreeSet<i32> = copies.iter().map(|copy| copy.webhook_id).collect();
        let webhooks: Vec<i32> = webhooks.into_iter().collect();
        let addresses = independent::addresses(&relay.db, &webhooks).await?;
        Ok(Form::Envelope(addresses))
    }

    pub fn is_envelope(&self) -> bool {
        matches!(self, Form::Envelope(_))
    }

    /// The message of a copy. A webhook that is gone has no address, and nobody calls it.
    pub fn message(&self, copy: &Copy) -> String {
        let Form::Envelope(addresses) = self else {
            return copy.payload.clone();
        };
        let address = addresses.get(&copy.webhook_id);
        let url = address.map_or("", |address| address.url.as_str());
        let headers = address.map_or(&Value::Null, |address| &address.headers);
        bus::wrap_envelope(url, headers, &copy.event_id, &copy.payload)
            .unwrap_or_else(|| copy.payload.clone())
    }
}
