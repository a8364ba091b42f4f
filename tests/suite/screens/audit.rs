//! What people see of audit, at 80 and 120 columns.

use chrono::{DateTime, TimeDelta, Utc};
use wavegate::{
    model::{Stranger, Strangers},
    store::audit::{Account, Ambiguity, Lost},
    ui::{AuditScreen, Output, Screen, Style, render},
};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn both(screen: &impl Screen, name: &str) {
    for width in [80, 120] {
        let text = render(screen, Output::Table, &Style::plain(width));
        for line in text.lines() {
            assert!(
                line.chars().count() <= usize::from(width),
                "{name} at {width}: {line}"
            );
        }
        insta::assert_snapshot!(format!("{name}_{width}"), text);
    }
    crate::screens::vocabulary::readable_at_40(screen, name);
    insta::assert_snapshot!(
        format!("{name}_json"),
        crate::screens::vocabulary::json(screen)
    );
}

fn ambiguity(event_id: Option<&str>, worker_id: Option<&str>) -> Ambiguity {
    Ambiguity {
        event_id: event_id.map(str::to_string),
        call_id: 90210,
        webhook_id: 7,
        attempt: 2,
        path: "nats".to_string(),
        worker_id: worker_id.map(str::to_string),
        at: at(17),
    }
}

fn strangers() -> Strangers {
    let message = |event_id: Option<&str>, why: &str| Stranger {
        sequence: 120_441,
        subject: "webhooks.payment_events".to_string(),
        at: at(4),
        event_id: event_id.map(str::to_string),
        webhook_id: event_id.map(|_| 7),
        why: why.to_string(),
    };
    Strangers {
        stream: "WEBHOOKS".to_string(),
        looked_at: 100_000,
        found: 2,
        messages: vec![
            message(None, "wavegate did not publish it"),
            message(Some("7:order-1"), "the ledger has no such event"),
        ],
    }
}

#[test]
fn accounted_for() {
    let screen = AuditScreen {
        scope: "wave volume".to_string(),
        since: Some(at(0)),
        until: None,
        strangers: None,
        account: Account {
            committed: 1_204_331,
            delivered: 1_204_001,
            dead: 12,
            discarded: 1,
            queue: 20,
            outbox: 40,
            stream: 200,
            in_flight: 50,
            parked: 4,
            ambiguous: 3,
            ambiguous_attempts: 14,
            ambiguities: vec![
                ambiguity(Some("7:order-4711-of-a-caller"), Some("nats-db1-4711-1")),
                ambiguity(None, None),
            ],
            ..Account::default()
        },
    };
    both(&screen, "audit");
}

#[test]
fn nowhere() {
    let lost = |event_id: &str, why: &str, minutes| Lost {
        event_id: event_id.to_string(),
        call_id: Some(4711),
        webhook_id: Some(7),
        at: at(minutes),
        why: why.to_string(),
    };
    let screen = AuditScreen {
        scope: "webhook payment_events".to_string(),
        since: Some(at(0)),
        until: Some(at(90)),
        strangers: Some(strangers()),
        account: Account {
            committed: 900,
            delivered: 780,
            nowhere: 120,
            events: vec![
                lost(
                    "7d1c0a34-2c8e-4e0b-9b8e-5f6f5d1c9a11",
                    "undelivered, and its payload is neither in the outbox nor in the queue",
                    3,
                ),
                lost(
                    "7:order-4711-of-a-caller",
                    "a caller reserved its id, and neither the ledger nor the queue knows it",
                    14,
                ),
            ],
            ..Account::default()
        },
    };
    both(&screen, "audit_nowhere");
}

#[test]
fn nothing() {
    let screen = AuditScreen {
        scope: "all webhooks".to_string(),
        since: None,
        until: None,
        account: Account::default(),
        strangers: None,
    };
    both(&screen, "audit_nothing");
}
