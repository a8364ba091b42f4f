//! What people see of audit, at 80 and 120 columns.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use wavegate::{
    store::audit::{Account, Lost},
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
    let json = render(screen, Output::Json, &Style::plain(80));
    let json: Value = serde_json::from_str(&json).unwrap();
    insta::assert_snapshot!(
        format!("{name}_json"),
        serde_json::to_string_pretty(&json).unwrap()
    );
}

#[test]
fn accounted_for() {
    let screen = AuditScreen {
        scope: "wave volume".to_string(),
        since: Some(at(0)),
        until: None,
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
    };
    both(&screen, "audit_nothing");
}
