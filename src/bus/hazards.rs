//! Settings of stream and consumer by which messages go before anybody read them. PostgreSQL brings them back, at a price.

use std::time::Duration;

use serde::Serialize;

use super::{consumer::LiveConsumer, stream::LiveStream};
use crate::model::{StreamDefinition, bytes, duration::words};

/// Shorter, and copies that the relay sends again after a time-out are stored twice.
const SHORTEST_WINDOW: Duration = Duration::from_secs(30);
const SHORTEST_AGE: Duration = Duration::from_secs(24 * 3600);

/// One setting that can lose messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    pub field: &'static str,
    /// It will, not only may.
    pub certain: bool,
    /// What happens, with the value.
    pub what: String,
}

fn hazard(field: &'static str, certain: bool, what: String) -> Hazard {
    Hazard {
        field,
        certain,
        what,
    }
}

/// Hazards of a definition, live or wanted. `clustered`: the server is one of several.
pub fn of_definition(stream: &StreamDefinition, clustered: bool) -> Vec<Hazard> {
    let mut found = Vec::new();
    let mut add = |field, certain, what| found.push(hazard(field, certain, what));
    if stream.storage == "memory" {
        let what = "memory storage forgets all when the server restarts";
        add("storage", true, what.to_string());
    }
    if stream.discard == "old" && stream.max_messages > 0 {
        let limit = stream.max_messages;
        let what = format!("beyond {limit} messages the oldest go, read or not");
        add("max_messages", true, what);
    }
    if stream.discard == "old" && stream.max_bytes > 0 {
        let what = format!(
            "beyond {} the oldest go, read or not",
            bytes(stream.max_bytes)
        );
        add("max_bytes", true, what);
    }
    if !stream.max_age.is_zero() && stream.max_age < SHORTEST_AGE {
        let age = words(stream.max_age);
        let what = format!("messages go after {age}, read or not");
        add("max_age", false, what);
    }
    match stream.retention.as_str() {
        "interest" => add(
            "retention",
            false,
            "interest: what is published while no consumer exists is gone at once".to_string(),
        ),
        "workqueue" => add(
            "retention",
            false,
            "workqueue: what one consumer acks is gone for all others".to_string(),
        ),
        _ => {}
    }
    match stream.replicas {
        1 if clustered => add(
            "replicas",
            false,
            "1 replica on a cluster: a lost server loses it".to_string(),
        ),
        2 => add(
            "replicas",
            false,
            "2 replicas: with one server lost the other has no majority, and nothing is taken"
                .to_string(),
        ),
        _ => {}
    }
    if stream.duplicate_window < SHORTEST_WINDOW {
        let window = words(stream.duplicate_window);
        let what = format!("a duplicate window of {window} lets copies through");
        add("duplicate_window", false, what);
    }
    found
}

/// Hazards of a live stream, beyond those of its definition too.
pub fn of_stream(live: &LiveStream) -> Vec<Hazard> {
    let mut found = of_definition(&live.definition, live.clustered);
    let mut add = |field, certain, what: String| found.push(hazard(field, certain, what));
    if live.read_only {
        let what = "a mirror, or sealed: nobody can publish to it";
        add("sealed", true, what.to_string());
    }
    if live.no_ack {
        let what = "the stream does not acknowledge: the relay can never know what it holds";
        add("no_ack", true, what.to_string());
    }
    if live.per_subject > 0 {
        let limit = live.per_subject;
        let what = format!(
            "beyond {limit} messages of one subject, which is one webhook, its oldest go or new ones are refused"
        );
        add("max_msgs_per_subject", true, what);
    }
    found
}

/// Hazards of the workers' consumer.
pub fn of_consumer(live: &LiveConsumer) -> Vec<Hazard> {
    let mut found = Vec::new();
    let deliveries = live.definition.max_deliver;
    if deliveries > 0 {
        let what = format!("after {deliveries} deliveries the stream gives a message up");
        found.push(hazard("max_deliver", true, what));
    }
    if !live.inactive_threshold.is_zero() {
        let after = words(live.inactive_threshold);
        let what = format!("the consumer is deleted when no worker pulls for {after}");
        found.push(hazard("inactive_threshold", false, what));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(
        change: impl Fn(&mut StreamDefinition),
        clustered: bool,
    ) -> Vec<(&'static str, bool)> {
        let mut stream = StreamDefinition::safe("S", vec!["s.>".into()]);
        change(&mut stream);
        of_definition(&stream, clustered)
            .into_iter()
            .map(|hazard| (hazard.field, hazard.certain))
            .collect()
    }

    #[test]
    fn each_setting_that_loses_is_named() {
        assert_eq!(fields(|_| {}, false), []);
        // The engine's own defaults.
        let engine = |s: &mut StreamDefinition| {
            s.discard = "old".into();
            s.max_messages = 1_000_000;
            s.max_bytes = 1 << 30;
        };
        let both = [("max_messages", true), ("max_bytes", true)];
        assert_eq!(fields(engine, false), both);
        let refusing = |s: &mut StreamDefinition| s.max_messages = 1_000_000;
        assert_eq!(fields(refusing, false), []);
        assert_eq!(
            fields(|s| s.storage = "memory".into(), false),
            [("storage", true)]
        );
        assert_eq!(
            fields(|s| s.max_age = Duration::from_secs(60), false),
            [("max_age", false)]
        );
        assert_eq!(
            fields(|s| s.retention = "interest".into(), false),
            [("retention", false)]
        );
        assert_eq!(
            fields(|s| s.retention = "workqueue".into(), false),
            [("retention", false)]
        );
        assert_eq!(fields(|_| {}, true), [("replicas", false)]);
        assert_eq!(fields(|s| s.replicas = 2, true), [("replicas", false)]);
        assert_eq!(fields(|s| s.replicas = 3, true), []);
        let window = |s: &mut StreamDefinition| s.duplicate_window = Duration::from_secs(1);
        assert_eq!(fields(window, false), [("duplicate_window", false)]);
    }
}
