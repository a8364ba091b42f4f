//! What PostgreSQL refuses to read or to move, whatever is tried: set aside by name, so that nothing else waits for it.

use super::Relay;
use crate::{
    error::Error,
    store::outbox::{self, Cannot},
};

/// The server lacks memory: that says little of a row.
const NO_MEMORY: &str = "53200";

/// This event alone cannot be read. With a queue row it is the queue's; without one it is set aside.
pub async fn unreadable(relay: &Relay, event_id: &str, error: &Error) {
    if error.sqlstate() == Some(NO_MEMORY) {
        relay
            .vitals
            .trouble(format!("reading the event {event_id}: {error}"));
        return;
    }
    let reason = format!("its payload cannot be read: {error}");
    let set = outbox::set_aside(&relay.db, event_id, Cannot::Read, &reason).await;
    let moved = match set {
        Ok(false) => outbox::mark_void(relay.db.in_order(), &[(event_id, &reason)])
            .await
            .map(|left| left.is_empty()),
        set => set,
    };
    tell(relay, event_id, &reason, moved);
}

/// NATS can never carry this event, and PostgreSQL refuses its queue row. Returns whether it is set aside.
pub async fn unmovable(relay: &Relay, event_id: &str, why_not_nats: &str, error: &Error) -> bool {
    let reason = format!("NATS: {why_not_nats}; the queue: {error}");
    let set = outbox::set_aside(&relay.db, event_id, Cannot::Publish, &reason).await;
    let done = matches!(set, Ok(true));
    tell(relay, event_id, &reason, set);
    done
}

/// Named once; while somebody has it locked, the next look tries again.
fn tell(relay: &Relay, event_id: &str, reason: &str, moved: Result<bool, Error>) {
    let what = match moved {
        Ok(true) => "set aside",
        Ok(false) => "locked by somebody, to be set aside",
        Err(_) => "cannot be set aside",
    };
    relay
        .vitals
        .trouble(format!("the event {event_id} is {what}: {reason}"));
}
