//! What people see of dead events, at 80 and 120 columns.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use wavegate::{
    store::dead::{Act, DeadEvent, Group, Inspected, Toll},
    ui::{DeadDoneScreen, DeadScreen, InspectScreen, Output, Screen, Style, render},
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

fn toll() -> Toll {
    let group = |webhook: (i32, Option<&str>), error: &str, events| Group {
        webhook_id: Some(webhook.0),
        webhook_name: webhook.1.map(str::to_string),
        error: error.to_string(),
        events,
        oldest: Some(at(-90)),
        newest: Some(at(0)),
        ..Group::default()
    };
    Toll {
        events: 1_302,
        able: 1_290,
        groups: vec![
            Group {
                http_status: Some(503),
                ..group((7, Some("payment_events")), "HTTP 503", 1_204)
            },
            Group {
                waiting: 2,
                ..group(
                    (12, Some("audit log")),
                    "connection refused: tcp connect error: Connection refused (os error 111)",
                    50,
                )
            },
            Group {
                without_payload: 8,
                ..group((31, None), "its webhook was deleted", 10)
            },
            Group {
                stuck: true,
                http_status: Some(200),
                ..group(
                    (9, Some("invoices")),
                    "the endpoint took it, and its result cannot be written: not on my watch",
                    2,
                )
            },
        ],
    }
}

#[test]
fn grouped() {
    let screen = DeadScreen {
        scope: "all webhooks".to_string(),
        toll: toll(),
        events: None,
    };
    both(&screen, "dead");
}

#[test]
fn one_by_one() {
    let event = |event_id: &str, has_payload| DeadEvent {
        event_id: event_id.to_string(),
        call_id: 90_210,
        webhook_id: Some(7),
        webhook_name: Some("payment_events".to_string()),
        created_at: Some(at(3)),
        attempt: 4,
        http_status: Some(503),
        error: "the endpoint is closed for maintenance".to_string(),
        has_payload,
        stuck: false,
    };
    let screen = DeadScreen {
        scope: "webhook payment_events".to_string(),
        toll: toll(),
        events: Some(vec![
            event("0193-7d1c0a34-2c8e-4e0b-9b8e-5f6f5d1c9a11", true),
            event("call-90210", false),
        ]),
    };
    both(&screen, "dead_events");
}

#[test]
fn none() {
    let screen = DeadScreen {
        scope: "wave volume".to_string(),
        toll: Toll::default(),
        events: None,
    };
    both(&screen, "dead_none");
}

#[test]
fn inspected() {
    let event = Inspected {
        event_id: Some("7:order-4711".to_string()),
        call_id: Some(90_210),
        webhook_id: Some(7),
        webhook: Some(
            json!({ "name": "payment_events", "enabled": true, "mode": "both", "share": 50, "max_retries": 3, "fenced": false }),
        ),
        ledger: Some(
            json!({ "state": "dead", "attempt": 4, "path": "nats", "created_at": at(0), "error": "HTTP 503", "http_status": 503, "discarded_at": null }),
        ),
        queue_row: Some(json!({ "status": "failed", "retry_count": 3 })),
        outbox: Some(json!({ "subject": "webhooks.7", "payload_bytes": 211 })),
        queue_payload_bytes: Some(211),
        stuck: None,
        foreign_results: json!([]),
        ambiguous: json!([{ "attempt": 2, "path": "nats", "worker_id": "nats-db1-4711-1", "at": at(1) }]),
    };
    let screen = InspectScreen {
        event,
        payload: Some("{\"order\": 4711}".to_string()),
    };
    both(&screen, "dead_inspect");
}

#[test]
fn done() {
    let screen = |act, left| DeadDoneScreen {
        scope: "wave volume".to_string(),
        act,
        events: 1_200,
        calls: 90,
        left,
    };
    both(&screen(Act::Requeue, 12), "dead_requeued");
    both(&screen(Act::Discard, 0), "dead_discarded");
}
