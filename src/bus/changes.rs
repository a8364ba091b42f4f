//! What a server can change of a stream in place, and what that costs. Rules of nats-server 2.9 to 2.15.

use super::stream::{LiveStream, compare};
use crate::model::{Difference, StreamDefinition};

/// Every field of the live stream that is not as wanted, judged by the rules of the server that holds it.
pub fn differences(wanted: &StreamDefinition, live: &LiveStream) -> Vec<Difference> {
    let found = &live.definition;
    let mut differences = compare(wanted, found);
    for difference in &mut differences {
        let (in_place, why) = match difference.field {
            "storage" => (false, Some("make the stream anew".to_string())),
            "retention" => retention(&wanted.retention, &found.retention, &live.server),
            "replicas" if wanted.replicas > 1 && !live.clustered => (
                false,
                Some("replicas need a cluster; this is a single server".to_string()),
            ),
            "replicas" => (true, None),
            "subjects" => (true, None),
            field => (true, drops(field, wanted, live)),
        };
        (difference.in_place, difference.why) = (in_place, why);
    }
    differences
}

/// Between `limits` and `interest` since 2.10; from and to `workqueue` never.
fn retention(wanted: &str, found: &str, server: &str) -> (bool, Option<String>) {
    if [wanted, found].contains(&"workqueue") {
        return (
            false,
            Some("not to or from workqueue: make the stream anew".into()),
        );
    }
    if !at_least(server, (2, 10)) {
        return (
            false,
            Some(format!("nats-server 2.10 and later can; this is {server}")),
        );
    }
    let why = (wanted == "interest").then_some("messages that every consumer has acked go at once");
    (true, why.map(ToString::to_string))
}

/// A limit that is lower than what is there drops the oldest the moment it is set.
fn drops(field: &str, wanted: &StreamDefinition, live: &LiveStream) -> Option<String> {
    let over = |limit: i64, held: u64| limit > 0 && held > limit.unsigned_abs();
    let lower = match field {
        "max_messages" => over(wanted.max_messages, live.messages),
        "max_bytes" => over(wanted.max_bytes, live.bytes),
        "max_age" => {
            !wanted.max_age.is_zero()
                && (live.definition.max_age.is_zero() || wanted.max_age < live.definition.max_age)
        }
        _ => false,
    };
    lower.then(|| "what is beyond it now goes at once".to_string())
}

/// Is it nats-server `major.minor` or newer? An unreadable version counts as old.
fn at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= wanted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn live(server: &str, clustered: bool) -> LiveStream {
        LiveStream {
            definition: StreamDefinition::safe("S", vec!["s.>".into()]),
            per_subject: -1,
            no_ack: false,
            max_message_bytes: -1,
            created: DateTime::UNIX_EPOCH,
            messages: 100,
            bytes: 1000,
            first_seq: 1,
            last_seq: 100,
            consumers: 1,
            read_only: false,
            server: server.into(),
            clustered,
        }
    }

    fn can(change: impl Fn(&mut StreamDefinition), live: &LiveStream) -> (bool, Option<String>) {
        let mut wanted = live.definition.clone();
        change(&mut wanted);
        let all = differences(&wanted, live);
        assert_eq!(all.len(), 1, "{all:?}");
        (all[0].in_place, all[0].why.clone())
    }

    #[test]
    fn retention_by_version() {
        let (old, new) = (live("2.9.10", false), live("2.15.1", false));
        let interest = |w: &mut StreamDefinition| w.retention = "interest".into();
        let workqueue = |w: &mut StreamDefinition| w.retention = "workqueue".into();
        assert!(!can(interest, &old).0);
        assert!(can(interest, &new).0);
        assert!(!can(workqueue, &new).0);
        assert!(!can(|w| w.storage = "memory".into(), &new).0);
    }

    #[test]
    fn replicas_by_cluster_and_limits_by_content() {
        let three = |w: &mut StreamDefinition| w.replicas = 3;
        assert!(!can(three, &live("2.15.1", false)).0);
        assert_eq!(can(three, &live("2.9.10", true)), (true, None));
        let alone = live("2.9.10", false);
        assert!(can(|w| w.max_messages = 50, &alone).1.is_some());
        assert_eq!(can(|w| w.max_messages = 500, &alone), (true, None));
    }
}
