//! The envelope in which the engine's example workers expect a message: where to call, what to send, with which headers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use crate::model::header_safe;

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    webhook_url: String,
    /// Byte for byte what the webhook is to receive.
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    headers: Map<String, Value>,
}

/// The message for a payload, which must be JSON. A receiver that gets the event by both paths knows it by `webhook-id`.
pub fn wrap(url: &str, own_headers: &Value, event_id: &str, payload: &str) -> Option<String> {
    let mut headers: Map<String, Value> = own_headers
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("webhook-id"))
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.clone(), Value::String(text))
        })
        .collect();
    headers.insert("webhook-id".to_string(), header_safe(event_id).into());
    serde_json::to_string(&Envelope {
        webhook_url: url.to_string(),
        data: serde_json::from_str(payload).ok()?,
        headers,
    })
    .ok()
}

/// The payload of a message in an envelope.
pub fn unwrap(message: &[u8]) -> Option<String> {
    let envelope: Envelope<'_> = serde_json::from_slice(message).ok()?;
    Some(envelope.data.get().to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_payload_comes_out_byte_for_byte() {
        for payload in [
            r#"{"b": 1.10, "a": 12345678901234567890123, "ü": "\u0041"}"#,
            "null",
            "[ 1,2 ]",
            "\"text\"",
        ] {
            let own = json!({ "X-Token": "t", "n": 1, "Webhook-Id": "mine" });
            let message = wrap("http://h/p", &own, "7:a", payload).unwrap();
            assert_eq!(unwrap(message.as_bytes()).unwrap(), payload);
            let read: Value = serde_json::from_str(&message).unwrap();
            assert_eq!(read["webhook_url"], "http://h/p");
            assert_eq!(
                read["headers"],
                json!({ "X-Token": "t", "n": "1", "webhook-id": "7:a" })
            );
        }
        assert_eq!(unwrap(b"{\"n\": 1}"), None);
        assert_eq!(unwrap(b"not json"), None);
    }
}
