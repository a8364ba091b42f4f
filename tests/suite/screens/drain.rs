//! What people see of redrive and drain, at 80 and 120 columns.

use std::collections::BTreeMap;

use chrono::DateTime;
use wavegate::{
    model::{Columns, Drain, Orphan, Path, PublishMode, Routing},
    store::scope::Undelivered,
    ui::{DrainScreen, RedriveEffect, RedriveScreen, StreamLeft},
};

use crate::screens::flips::both;

fn row(webhook_id: i32, name: &str, enabled: bool, publish_mode: PublishMode) -> Routing {
    Routing {
        webhook_id,
        name: name.to_string(),
        enabled,
        epoch: 4,
        columns: Columns {
            publish_mode,
            nats_enabled: true,
            nats_subject: None,
            nats_config_id: Some(1),
            nats_share: 0,
            nats_takeover_after_ms: 30_000,
        },
    }
}

fn left(events: i64, without_queue_row: i64, held: i64) -> Undelivered {
    Undelivered {
        events,
        without_queue_row,
        held,
        unpublished: 1,
    }
}

#[test]
fn a_redrive_before_and_after() {
    let effect = RedriveEffect {
        scope: "wave volume".to_string(),
        webhooks: vec![
            row(7, "analytics_events", true, PublishMode::Both),
            row(12, "audit log", true, PublishMode::Queue),
        ],
        fenced: vec![12],
        skipped: vec![(
            row(31, "payment_alert", true, PublishMode::Nats),
            "in nats and not fenced: its next events would have no queue row again; roll it back instead",
        )],
        undelivered: BTreeMap::from([(7, left(310, 290, 16)), (12, left(2, 0, 0))]),
        queue_workers: 2,
        nats_workers: 1,
        foreign_worker: DateTime::from_timestamp(1_793_000_000, 0),
    };
    both(&effect, "redrive_effect");
    let done = RedriveScreen {
        scope: "wave volume".to_string(),
        pulled: 20,
        released: 1,
        enqueued: 290,
        took_ms: 412,
    };
    both(&done, "redrive_done");
}

#[test]
fn a_drain_that_goes_on_and_one_that_is_over() {
    let in_queue = Drain {
        pending: 12,
        processing: 2,
        retrying: 1,
        future: 9,
        orphaned: vec![Orphan {
            call_id: 4711,
            webhook_id: 12,
            webhook_name: "audit log".to_string(),
            started_at: DateTime::from_timestamp(1_793_000_000, 0),
            claimed_by: None,
        }],
    };
    let mut screen = DrainScreen {
        scope: "wave volume".to_string(),
        path: Path::Queue,
        because: vec![
            "the queue holds 15 calls (12 pending, 2 processing, 1 retrying; 9 not due yet)"
                .to_string(),
            "1 webhook disabled: what is left of them waits until they are enabled".to_string(),
        ],
        others: 3,
        webhooks: vec![
            row(7, "analytics_events", true, PublishMode::Nats),
            row(12, "audit log", false, PublishMode::Nats),
        ],
        queue: in_queue.clone(),
        in_queue: BTreeMap::from([(12, in_queue)]),
        in_nats: BTreeMap::from([(7, left(40, 31, 8))]),
        stream: Ok(StreamLeft {
            stream: "WEBHOOKS".to_string(),
            messages: 1200,
            pending: Some(31),
            unacknowledged: Some(8),
        }),
        all: false,
    };
    both(&screen, "drain_goes_on");
    screen.because.clear();
    screen.queue = Drain::default();
    screen.in_queue.clear();
    screen.in_nats.clear();
    screen.stream = Err("cannot connect to NATS at nats://127.0.0.1:4222".to_string());
    both(&screen, "drain_over");
    screen.others = 0;
    screen.scope = "everything".to_string();
    both(&screen, "drain_everything");
}
