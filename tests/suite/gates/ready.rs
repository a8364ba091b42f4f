//! The pure verdicts about places, people and time: modes, routes, stream, workers, backlog, drain, soak; and which gate guards what.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use wavegate::{
    gates::{
        self, ArmCounts, GateResult, Guarded, QueueCounts, Verdict,
        backlog::{Drained, Waiting},
        hybrid::Expected,
        place::Headroom,
        workers::{Beat, Crew, Needed, Unanswered},
    },
    model::{GateLimits, Mode, PublishMode, Share, WaveStep, Webhook},
};

use crate::gates::arms::{arm, counts, says};

fn now() -> DateTime<Utc> {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

#[test]
fn routed_wants_traffic_and_ids() {
    let events = |n| counts(arm("nats", n, 0, 0), ArmCounts::default());
    let rows = |unrouted| {
        vec![QueueCounts {
            webhook_id: 3,
            unrouted,
            ..QueueCounts::default()
        }]
    };
    says(
        &gates::hybrid::routed(&events(5), &rows(0)),
        Verdict::Pass,
        "5 events",
    );
    says(
        &gates::hybrid::routed(&events(0), &[]),
        Verdict::Inconclusive,
        "no event",
    );
    says(
        &gates::hybrid::routed(&events(5), &rows(1)),
        Verdict::Fail,
        "webhook 3",
    );
    says(
        &gates::hybrid::routed(&events(0), &rows(1)),
        Verdict::Fail,
        "event id: 1,",
    );
}

fn webhook(id: i32, mode: PublishMode, share: u8) -> Webhook {
    Webhook {
        id,
        name: format!("w{id}"),
        enabled: true,
        tags: Vec::new(),
        mode,
        share,
        epoch: 1,
        subject: None,
        fenced: false,
        calls_7d: 0,
        failed_7d: 0,
        mean_latency_ms: None,
    }
}

#[test]
fn hybrid_complete_lists_who_is_elsewhere() {
    let expected = Expected {
        mode: PublishMode::Both,
        share: Some(10),
    };
    let judge = |webhooks: &[Webhook]| gates::hybrid::complete(expected, &[1, 2], webhooks);
    let good = webhook(1, PublishMode::Both, 10);
    let disabled = Webhook {
        enabled: false,
        ..webhook(2, PublishMode::Queue, 0)
    };
    says(
        &judge(&[good.clone(), disabled.clone()]),
        Verdict::Pass,
        "1 enabled webhook in both",
    );
    says(
        &judge(std::slice::from_ref(&disabled)),
        Verdict::Inconclusive,
        "none of",
    );
    says(
        &judge(&[good.clone(), webhook(2, PublishMode::Queue, 10)]),
        Verdict::Fail,
        "w2 (2) is in queue",
    );
    says(
        &judge(&[webhook(1, PublishMode::Both, 50)]),
        Verdict::Fail,
        "share 50 %",
    );
    let fenced = Webhook {
        fenced: true,
        ..good
    };
    says(&judge(&[fenced]), Verdict::Fail, "fenced");
}

#[test]
fn places_name_the_difference() {
    says(
        &gates::place::verdict(&"stream".into(), &[], "as defined", "do"),
        Verdict::Pass,
        "as defined",
    );
    let two = ["a is 1, wanted 2".to_string(), "b".to_string()];
    says(
        &gates::place::verdict(&"stream".into(), &two, "", "do"),
        Verdict::Fail,
        "2 differences; a is 1",
    );
    says(
        &GateResult::unmeasured("stream", "timeout"),
        Verdict::Inconclusive,
        "timeout",
    );
}

#[test]
fn headroom_counts_hours() {
    let room = Headroom {
        max_messages: 1_000,
        max_bytes: -1,
        messages: 10,
        bytes: 1_000,
        pending: 0,
        events_per_hour: 500.0,
    };
    says(&gates::place::headroom(&room), Verdict::Pass, "2.0 h");
    let pending = Headroom {
        pending: 600,
        ..room
    };
    says(&gates::place::headroom(&pending), Verdict::Fail, "0.8 h");
    let bytes = Headroom {
        max_bytes: 10_000,
        ..room
    };
    says(&gates::place::headroom(&bytes), Verdict::Fail, "0.2 h");
    let quiet = Headroom {
        events_per_hour: 0.0,
        ..room
    };
    says(
        &gates::place::headroom(&quiet),
        Verdict::Inconclusive,
        "no traffic",
    );
    let free = Headroom {
        max_messages: -1,
        ..quiet
    };
    says(&gates::place::headroom(&free), Verdict::Pass, "no limit");
}

#[test]
fn workers_are_counted_by_their_heartbeat() {
    let limits = GateLimits::default();
    let beat = |id: &str, age| Beat {
        id: id.into(),
        seen_at: now() - TimeDelta::seconds(age),
        last_error: Some("connection refused".into()),
        steady: None,
    };
    let crew = Crew {
        relays: vec![beat("r", 1)],
        nats: vec![beat("n1", 1), beat("n2", 30)],
        queue: vec![beat("q", 0)],
        foreign_queue: 0,
        foreign_nats: None,
        unanswered: None,
    };
    let forward = Needed::forward(&limits, true);
    says(
        &gates::workers::verdict(&crew, forward, &limits, now()),
        Verdict::Pass,
        "2 NATS workers",
    );
    let silent = Crew {
        nats: vec![beat("n1", 1), beat("n2", 31)],
        ..crew.clone()
    };
    says(
        &gates::workers::verdict(&silent, forward, &limits, now()),
        Verdict::Fail,
        "n2 silent for 31 s: connection refused",
    );
    // One beat is written while the others are looked at; an hour ahead, its age is unknown.
    let skewed = |age| Crew {
        nats: vec![beat("n1", 1), beat("n2", age)],
        ..crew.clone()
    };
    says(
        &gates::workers::verdict(&skewed(-2), forward, &limits, now()),
        Verdict::Pass,
        "2 NATS workers",
    );
    says(
        &gates::workers::verdict(&skewed(-3600), forward, &limits, now()),
        Verdict::Fail,
        "n2 last wrote 3600 s ahead of PostgreSQL's clock",
    );
    // They beat; do they answer? Not when the oldest message and the last acknowledgement are both older than anything takes.
    let ago = |seconds| now() - TimeDelta::seconds(seconds);
    for (since, last_ack, verdict) in [
        (Some(ago(121)), Some(ago(121)), Verdict::Inconclusive),
        (Some(ago(121)), None, Verdict::Inconclusive),
        (Some(ago(121)), Some(ago(119)), Verdict::Pass),
        (Some(ago(119)), Some(ago(9999)), Verdict::Pass),
        (Some(ago(119)), None, Verdict::Pass),
        (None, Some(ago(9999)), Verdict::Pass),
    ] {
        let unanswered = Some(Unanswered {
            messages: 7,
            since,
            last_ack,
            ack_wait_ms: 120,
        });
        let deaf = Crew {
            unanswered,
            ..crew.clone()
        };
        let says = gates::workers::verdict(&deaf, forward, &limits, now());
        assert_eq!(says.verdict, verdict, "{since:?} {last_ack:?}: {says:?}");
        // The way back to the queue needs none of them.
        let back = gates::workers::verdict(&deaf, Needed::back(&limits), &limits, now());
        assert_eq!(back.verdict, Verdict::Pass);
    }
    let nobody = gates::workers::verdict(&Crew::default(), forward, &limits, now());
    says(&nobody, Verdict::Fail, "0 relays alive");
    assert!(nobody.remedy.contains("wavegate relay"));
    let independent = |reads| Crew {
        nats: vec![],
        foreign_nats: Some(("webhook-worker-1".to_string(), reads)),
        ..crew.clone()
    };
    says(
        &gates::workers::verdict(&independent(true), forward, &limits, now()),
        Verdict::Pass,
        "a foreign NATS worker",
    );
    says(
        &gates::workers::verdict(&independent(false), forward, &limits, now()),
        Verdict::Fail,
        "nobody reads the consumer webhook-worker-1",
    );
    let foreign = Crew {
        queue: vec![],
        foreign_queue: 5,
        ..crew
    };
    says(
        &gates::workers::verdict(&foreign, forward, &limits, now()),
        Verdict::Pass,
        "a foreign queue worker",
    );
    let forbidden = Needed {
        foreign_allowed: false,
        ..forward
    };
    says(
        &gates::workers::verdict(&foreign, forbidden, &limits, now()),
        Verdict::Fail,
        "only share 0",
    );
}

#[test]
fn backlog_wants_all_numbers() {
    let limits = GateLimits::default();
    let known = Waiting {
        pending: Some(600),
        unacked: Some(400),
        redelivered: Some(0),
        lag_ms: Some(5_000),
    };
    let rows = |due| {
        vec![QueueCounts {
            due,
            ..QueueCounts::default()
        }]
    };
    let judge = |rows: &[QueueCounts], waiting| {
        gates::backlog::verdict(rows, &waiting, &limits, &[], now())
    };
    says(&judge(&[], known), Verdict::Pass, "1000 messages");
    says(
        &judge(&rows(10_001), known),
        Verdict::Fail,
        "10,001 queue rows",
    );
    let more = Waiting {
        pending: Some(601),
        ..known
    };
    says(&judge(&[], more), Verdict::Fail, "1,001 messages");
    let lagging = Waiting {
        lag_ms: Some(5_001),
        ..known
    };
    says(
        &judge(&[], lagging),
        Verdict::Fail,
        "the oldest event waits",
    );
    let silent = Waiting {
        pending: None,
        ..known
    };
    says(&judge(&[], silent), Verdict::Inconclusive, "did not tell");
    let headless = Waiting {
        lag_ms: None,
        ..known
    };
    says(
        &judge(&[], headless),
        Verdict::Inconclusive,
        "no relay tells",
    );
    // Over a limit that is known beats not knowing another.
    says(
        &judge(&rows(10_001), Waiting::default()),
        Verdict::Fail,
        "10,001",
    );
}

#[test]
fn drain_must_be_seen_empty_twice() {
    let look = |empty, seconds| {
        Some(Drained {
            empty,
            at: now() - TimeDelta::seconds(seconds),
            pending: 0,
            processing: 0,
            retrying: 0,
            orphaned: 0,
        })
    };
    let left = [QueueCounts {
        pending: 2,
        processing: 1,
        orphaned: 1,
        ..QueueCounts::default()
    }];
    let judge = |rows: &[QueueCounts], before| gates::backlog::drain(rows, before, now());
    says(
        &judge(&left, look(true, 1)),
        Verdict::Inconclusive,
        "3 queue rows left",
    );
    says(&judge(&[], None), Verdict::Inconclusive, "seen once");
    says(
        &judge(&[], look(false, 1)),
        Verdict::Inconclusive,
        "seen once",
    );
    says(
        &judge(&[], look(true, 0)),
        Verdict::Inconclusive,
        "seen once",
    );
    says(
        &judge(&[], look(true, 1)),
        Verdict::Pass,
        "seen at 03:59:59",
    );
}

#[test]
fn soak_is_counted_from_the_stored_start() {
    let hour = Duration::from_secs(3_600);
    let judge = |age| gates::soak::verdict(Some(now() - TimeDelta::seconds(age)), hour, now());
    says(&judge(3_600), Verdict::Pass, "1 h of 1 h");
    says(
        &judge(3_599),
        Verdict::Inconclusive,
        "until 2026-11-21 04:00:01 UTC",
    );
    says(
        &gates::soak::verdict(None, hour, now()),
        Verdict::Inconclusive,
        "no start",
    );
    assert_eq!(gates::soak::per_share(hour * 4, 4), hour);
    assert_eq!(gates::soak::per_share(hour, 0), hour);
}

#[test]
fn every_step_has_its_gates() {
    let both = |p| Mode::Both(Share::new(p).unwrap());
    let gates = |from, to| Guarded::between(from, to).gates();
    let enter = gates(WaveStep::Pending, both(0));
    assert_eq!(
        enter,
        [
            "schema", "stream", "consumer", "subjects", "workers", "backlog"
        ]
    );
    let shadow = gates(WaveStep::Hybrid(0), both(10));
    assert!(!shadow.contains(&"success".into()) && !shadow.contains(&"latency".into()));
    assert!(shadow.contains(&"parity".into()) && shadow.contains(&"soak".into()));
    let canary = gates(WaveStep::Hybrid(10), both(50));
    for gate in [
        "hybrid_complete",
        "routed",
        "parity",
        "success",
        "latency",
        "errors",
        "workers",
        "backlog",
        "soak",
    ] {
        assert!(canary.contains(&gate.into()), "{gate}");
    }
    let leave = gates(WaveStep::Hybrid(100), Mode::Nats);
    assert!(leave.contains(&"headroom".into()) && !leave.contains(&"drain".into()));
    let watch = gates(WaveStep::Nats, Mode::Nats);
    assert!(watch.contains(&"drain".into()) && watch.contains(&"soak".into()));
    assert_eq!(gates(WaveStep::Nats, both(0)), ["schema", "workers"]);
    assert_eq!(
        Guarded::between(WaveStep::Hybrid(50), both(10)),
        Guarded::Back
    );
}
