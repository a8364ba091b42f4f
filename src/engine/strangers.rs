//! Messages in the stream that PostgreSQL never knew. The ledger outlives every copy of an event, so that a message without a
//! ledger row is somebody else's.

use std::collections::{HashMap, VecDeque};

use crate::{
    bus::{self, Bus, Seen},
    error::Result,
    model::{Stranger, Strangers},
    store::{Db, audit},
};

/// Strangers that are told one by one.
const NAMED: usize = 1000;

/// Looks at the newest `limit` messages of the stream. Reads headers alone, changes nothing.
pub async fn find(db: &Db, bus: &Bus, stream: &str, limit: u64) -> Result<Strangers> {
    let mut scan = bus::newest_messages(bus, stream, limit).await?;
    let mut strangers = Strangers {
        stream: stream.to_string(),
        ..Strangers::default()
    };
    let mut named = VecDeque::new();
    loop {
        let batch = scan.next().await?;
        if batch.is_empty() {
            break;
        }
        let ids: Vec<&str> = batch
            .iter()
            .filter_map(|seen| seen.label.as_ref())
            .map(|label| label.event_id.as_str())
            .collect();
        let known = audit::known(db, &ids).await?;
        for seen in &batch {
            strangers.looked_at += 1;
            if let Some(why) = strange(seen, &known) {
                strangers.found += 1;
                if named.len() == NAMED {
                    named.pop_front();
                }
                named.push_back(stranger(seen, why));
            }
        }
    }
    strangers.messages = named.into_iter().rev().collect();
    Ok(strangers)
}

/// Why PostgreSQL does not know it; `None` where it does.
fn strange(seen: &Seen, known: &HashMap<String, i32>) -> Option<String> {
    let Some(label) = &seen.label else {
        return Some("wavegate did not publish it".to_string());
    };
    match known.get(&label.event_id) {
        None => Some("the ledger has no such event".to_string()),
        Some(webhook) if *webhook != label.webhook_id => Some(format!(
            "the ledger has this event for webhook {webhook}, the message says {}",
            label.webhook_id
        )),
        Some(_) => None,
    }
}

fn stranger(seen: &Seen, why: String) -> Stranger {
    Stranger {
        sequence: seen.sequence,
        subject: seen.subject.clone(),
        at: seen.at,
        event_id: seen.label.as_ref().map(|label| label.event_id.clone()),
        webhook_id: seen.label.as_ref().map(|label| label.webhook_id),
        why,
    }
}
