//! The pure verdicts: what passes, what fails, what decides nothing, and what must never get better by getting worse.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use wavegate::{
    gates::{
        self, ArmCounts, Baseline, Counts, GateResult, Guarded, QueueCounts, Verdict,
        backlog::{Look, Waiting},
        combine,
        hybrid::Expected,
        place::Headroom,
        workers::{Beat, Crew, Needed},
    },
    model::{GateLimits, Mode, PublishMode, Share, WaveStep, Webhook},
};

fn now() -> DateTime<Utc> {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

fn arm(prefers: &str, judged: i64, failed: i64, undelivered: i64) -> ArmCounts {
    ArmCounts {
        prefers: prefers.into(),
        events: judged,
        judged,
        failed,
        undelivered,
        delivered: judged - failed - undelivered,
        ..ArmCounts::default()
    }
}

fn counts(nats: ArmCounts, queue: ArmCounts) -> Counts {
    Counts {
        nats_arm: nats,
        queue_arm: queue,
        recent_minutes: 5.0,
        ..Counts::default()
    }
}

fn says(result: &GateResult, verdict: Verdict, part: &str) {
    assert_eq!(result.verdict, verdict, "{result:?}");
    assert!(result.reason.contains(part), "{part:?} in {result:?}");
    assert_eq!(
        result.remedy.is_empty(),
        verdict == Verdict::Pass,
        "{result:?}"
    );
}

#[test]
fn success_compares_the_arms() {
    let limits = GateLimits::default();
    let judge = |nats, queue| gates::success::verdict(&counts(nats, queue), &limits);
    let clean = judge(arm("nats", 500, 0, 0), arm("queue", 500, 0, 0));
    says(&clean, Verdict::Pass, "0.00 % of 500");
    let worse = judge(arm("nats", 500, 20, 0), arm("queue", 500, 5, 0));
    says(&worse, Verdict::Fail, "4.00 %");
    let waiting = judge(arm("nats", 500, 0, 20), arm("queue", 500, 0, 0));
    says(&waiting, Verdict::Inconclusive, "20 under way");
    // What the queue has not delivered yet is no excuse for NATS.
    let both_wait = judge(arm("nats", 500, 0, 20), arm("queue", 500, 0, 20));
    says(&both_wait, Verdict::Inconclusive, "40 under way");
    // Both fail alike: NATS is not worse.
    let alike = judge(arm("nats", 500, 50, 0), arm("queue", 500, 50, 0));
    says(&alike, Verdict::Pass, "10.00 %");
}

#[test]
fn success_with_little_or_nothing() {
    let limits = GateLimits::default();
    let judge = |nats, queue| gates::success::verdict(&counts(nats, queue), &limits);
    says(
        &judge(arm("nats", 0, 0, 0), arm("queue", 0, 0, 0)),
        Verdict::Inconclusive,
        "no event",
    );
    says(
        &judge(arm("nats", 1, 0, 0), arm("queue", 1, 0, 0)),
        Verdict::Inconclusive,
        "too few: 2 of 100",
    );
    says(
        &judge(arm("nats", 1, 1, 0), arm("queue", 0, 0, 0)),
        Verdict::Inconclusive,
        "too few: 1 of 100",
    );
    // Few events, but all of them lost: that is evidence enough to stop.
    says(
        &judge(arm("nats", 30, 30, 0), arm("queue", 30, 0, 0)),
        Verdict::Fail,
        "100.00 %",
    );
}

#[test]
fn success_names_the_webhook_that_hides_among_others() {
    let limits = GateLimits::default();
    let of = |id, arm: ArmCounts| ArmCounts {
        webhook_id: Some(id),
        ..arm
    };
    let counts = Counts {
        arms: vec![
            of(7, arm("nats", 200, 20, 0)),
            of(7, arm("queue", 200, 0, 0)),
            of(8, arm("nats", 9_800, 0, 0)),
            of(8, arm("queue", 9_800, 0, 0)),
        ],
        ..counts(arm("nats", 10_000, 20, 0), arm("queue", 10_000, 0, 0))
    };
    says(
        &gates::success::verdict(&counts, &limits),
        Verdict::Fail,
        "webhook 7",
    );
}

#[test]
fn without_a_queue_arm_its_last_rate_stands_in() {
    let limits = GateLimits::default();
    let judge = |failed, rate| {
        let counts = Counts {
            baseline: Baseline {
                failure_rate: rate,
                quantile_ms: None,
            },
            ..counts(arm("nats", 1_000, failed, 0), arm("queue", 0, 0, 0))
        };
        gates::success::verdict(&counts, &limits)
    };
    says(&judge(0, None), Verdict::Pass, "no queue arm");
    says(&judge(100, None), Verdict::Inconclusive, "no queue arm");
    says(&judge(100, Some(0.1)), Verdict::Pass, "10.00 % before");
    says(&judge(100, Some(0.01)), Verdict::Fail, "1.00 % before");
}

#[test]
fn latency_compares_one_quantile() {
    let limits = GateLimits::default();
    let judge = |nats: (i64, Option<f64>), queue: (i64, Option<f64>), baseline| {
        let timed = |prefers, (judged, quantile_ms): (i64, Option<f64>)| ArmCounts {
            quantile_ms,
            ..arm(prefers, judged, 0, 0)
        };
        let counts = Counts {
            baseline: Baseline {
                failure_rate: None,
                quantile_ms: baseline,
            },
            ..counts(timed("nats", nats), timed("queue", queue))
        };
        gates::latency::verdict(&counts, &limits)
    };
    let ms = |n| (200, Some(n));
    says(
        &judge(ms(100.0), ms(100.0), None),
        Verdict::Pass,
        "ratio 1.00",
    );
    says(
        &judge(ms(125.0), ms(100.0), None),
        Verdict::Pass,
        "ratio 0.80",
    );
    says(&judge(ms(126.0), ms(100.0), None), Verdict::Fail, "p95");
    says(
        &judge((200, Some(50.0)), (0, None), None),
        Verdict::Inconclusive,
        "no earlier step",
    );
    says(
        &judge((200, Some(50.0)), (0, None), Some(100.0)),
        Verdict::Pass,
        "before",
    );
    says(
        &judge((1, Some(5.0)), (0, None), None),
        Verdict::Inconclusive,
        "too few",
    );
    says(
        &judge((500, Some(5.0)), (19, Some(5.0)), None),
        Verdict::Inconclusive,
        "too few",
    );
}

#[test]
fn errors_blames_the_path_only_for_its_own() {
    let limits = GateLimits::default();
    let judge = |nats: (i64, i64), queue: (i64, i64)| {
        let recent = |prefers, (events, failures): (i64, i64)| ArmCounts {
            recent_events: events,
            recent_failures: failures,
            newest_error: (failures > 0).then(|| "HTTP 503\nfrom the endpoint".into()),
            ..arm(prefers, events.max(1), 0, 0)
        };
        gates::errors::verdict(
            &counts(recent("nats", nats), recent("queue", queue)),
            &limits,
        )
    };
    says(
        &judge((100, 0), (100, 0)),
        Verdict::Pass,
        "0.0 failures/min",
    );
    says(
        &judge((100, 50), (100, 0)),
        Verdict::Pass,
        "10.0 failures/min",
    );
    says(
        &judge((100, 51), (100, 0)),
        Verdict::Fail,
        "newest: HTTP 503 from the endpoint",
    );
    says(
        &judge((100, 90), (900, 810)),
        Verdict::Inconclusive,
        "endpoint",
    );
    says(&judge((0, 0), (0, 0)), Verdict::Pass, "quiet for 5 min");
    says(
        &gates::errors::verdict(&Counts::default(), &limits),
        Verdict::Inconclusive,
        "no event",
    );
}

#[test]
fn parity_is_a_census() {
    let with = |arm: ArmCounts| gates::parity::verdict(&counts(arm, ArmCounts::default()));
    says(
        &with(ArmCounts::default()),
        Verdict::Inconclusive,
        "no two-route",
    );
    let ripe = ArmCounts {
        ripe: 1,
        two_route: 1,
        ..ArmCounts::default()
    };
    says(&with(ripe.clone()), Verdict::Pass, "all 1 ");
    let lost = ArmCounts {
        ripe: 1_000,
        missing: 1,
        unseen: 1,
        ..ripe
    };
    says(&with(lost), Verdict::Fail, "1 of 1,000");
    let late = ArmCounts {
        single: 4,
        late_single: 2,
        ..ArmCounts::default()
    };
    says(
        &gates::parity::single(&counts(late, ArmCounts::default())),
        Verdict::Fail,
        "2 of 4",
    );
}

#[test]
fn routed_wants_traffic_and_ids() {
    let events = |n| counts(arm("nats", n, 0, 0), ArmCounts::default());
    let rows = |born, unrouted| {
        vec![QueueCounts {
            webhook_id: 3,
            born,
            unrouted,
            ..QueueCounts::default()
        }]
    };
    says(
        &gates::hybrid::routed(&events(5), &rows(5, 0)),
        Verdict::Pass,
        "5 events",
    );
    says(
        &gates::hybrid::routed(&events(0), &[]),
        Verdict::Inconclusive,
        "no event",
    );
    says(
        &gates::hybrid::routed(&events(5), &rows(6, 1)),
        Verdict::Fail,
        "webhook 3",
    );
    says(
        &gates::hybrid::routed(&events(0), &rows(1, 1)),
        Verdict::Fail,
        "1 of 1",
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
        "all 1 enabled",
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
        &gates::place::verdict("stream", &[], "as defined", "do"),
        Verdict::Pass,
        "as defined",
    );
    let two = ["a is 1, wanted 2".to_string(), "b".to_string()];
    says(
        &gates::place::verdict("stream", &two, "", "do"),
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
    };
    let crew = Crew {
        relays: vec![beat("r", 1)],
        nats: vec![beat("n1", 1), beat("n2", 30)],
        queue: vec![beat("q", 0)],
        foreign_queue: 0,
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
    let nobody = gates::workers::verdict(&Crew::default(), forward, &limits, now());
    says(&nobody, Verdict::Fail, "0 relays alive");
    assert!(nobody.remedy.contains("wavegate relay"));
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
    let judge = |rows: &[QueueCounts], waiting| gates::backlog::verdict(rows, &waiting, &limits);
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
        Some(Look {
            empty,
            at: now() - TimeDelta::seconds(seconds),
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
    assert!(!shadow.contains(&"success") && !shadow.contains(&"latency"));
    assert!(shadow.contains(&"parity") && shadow.contains(&"soak"));
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
        assert!(canary.contains(&gate), "{gate}");
    }
    let leave = gates(WaveStep::Hybrid(100), Mode::Nats);
    assert!(leave.contains(&"headroom") && !leave.contains(&"drain"));
    let watch = gates(WaveStep::Nats, Mode::Nats);
    assert!(watch.contains(&"drain") && watch.contains(&"soak"));
    assert_eq!(gates(WaveStep::Nats, both(0)), ["schema", "workers"]);
    assert_eq!(
        Guarded::between(WaveStep::Hybrid(50), both(10)),
        Guarded::Back
    );
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Pass),
        Just(Verdict::Inconclusive),
        Just(Verdict::Fail)
    ]
}

proptest! {
    #[test]
    fn fail_beats_inconclusive_beats_pass(list in proptest::collection::vec(verdicts(), 0..12)) {
        let wanted = if list.contains(&Verdict::Fail) {
            Verdict::Fail
        } else if list.is_empty() || list.contains(&Verdict::Inconclusive) {
            Verdict::Inconclusive
        } else {
            Verdict::Pass
        };
        prop_assert_eq!(combine(list), wanted);
    }

    /// One more failure of NATS, or one more event under way, never improves the verdict.
    #[test]
    fn more_nats_failures_never_help(
        judged in 1i64..2_000, failed in 0i64..2_000, queue in 0i64..2_000, queue_failed in 0i64..2_000,
    ) {
        let failed = failed.min(judged - 1);
        let limits = GateLimits::default();
        let other = arm("queue", queue, queue_failed.min(queue), 0);
        let judge = |failed, undelivered| {
            gates::success::verdict(&counts(arm("nats", judged, failed, undelivered), other.clone()), &limits).verdict
        };
        prop_assert!(judge(failed, 0) <= judge(failed + 1, 0));
        prop_assert!(judge(failed, 1) <= judge(failed + 1, 0));
        prop_assert!(judge(failed, 0) <= judge(failed, 1) || judge(failed, 0) == Verdict::Fail);
    }

    /// A slower NATS never improves the verdict; a wider margin never worsens it.
    #[test]
    fn slower_never_helps(nats_ms in 1.0f64..10_000.0, more in 0.0f64..10_000.0, queue_ms in 1.0f64..10_000.0) {
        let limits = GateLimits::default();
        let judge = |ms| {
            let timed = |prefers, ms| ArmCounts { quantile_ms: Some(ms), ..arm(prefers, 500, 0, 0) };
            gates::latency::verdict(&counts(timed("nats", ms), timed("queue", queue_ms)), &limits).verdict
        };
        prop_assert!(judge(nats_ms) <= judge(nats_ms + more));
    }

    #[test]
    fn a_wider_margin_never_hurts(failed in 0i64..500, margin in 0.0f64..0.5, more in 0.0f64..0.5) {
        let judge = |margin| {
            let limits = GateLimits { success_margin: margin, ..GateLimits::default() };
            gates::success::verdict(&counts(arm("nats", 500, failed, 0), arm("queue", 500, 50, 0)), &limits).verdict
        };
        prop_assert!(judge(margin + more) <= judge(margin));
    }
}
