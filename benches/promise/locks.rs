//! P1: locks of 40 s on rows of queue and ledger, one and many, and on the whole tables.

use std::time::Duration;

use crate::{
    LATE, Plan,
    entries::locks::{LEDGER_HELD, QUEUE_HELD, ROWS_HELD},
    entry::{Entry, Plant},
    lines,
    scene::Course,
    servers,
};

const AFTER: Duration = Duration::from_secs(5);

pub async fn prove(plan: Plan) {
    for (what, entries, events, calls) in [
        ("some rows held", ROWS_HELD, 2, "64"),
        // Their hosts are slow, two dozen of them: with fewer calls at once others would wait for these hosts, not for the locks.
        ("many rows held", ROWS_HELD, 60, "1024"),
        ("queue in SHARE mode", QUEUE_HELD, 4, "64"),
        ("ledger in SHARE mode", LEDGER_HELD, 4, "64"),
    ] {
        let entries = entries
            .iter()
            .map(|entry| longer(entry, plan.lock, events))
            .collect();
        let (scene, _servers) = servers::ordinary().await;
        let report = scene
            .play(&course(plan, entries, &["--concurrency", calls]))
            .await;
        lines("locks", what, &report, LATE, Some(AFTER));
    }
}

/// The same lock for other seconds, on the rows of other numbers of events.
fn longer(entry: &Entry, seconds: u64, events: u32) -> &'static Entry {
    let plant = match entry.plant {
        Plant::Lock(sql, _) => Plant::Lock(sql, Duration::from_secs(seconds)),
        other => other,
    };
    Box::leak(Box::new(Entry {
        plant,
        events,
        ..*entry
    }))
}

pub fn course(plan: Plan, entries: Vec<&'static Entry>, worker: &[&'static str]) -> Course {
    Course {
        entries,
        settings: Vec::new(),
        descriptors: None,
        worker: worker.to_vec(),
        rate: plan.rate,
        seconds: 5.0,
        late: LATE,
        patience: Duration::from_secs(60),
    }
}
