//! The pure verdicts about the two arms: what passes, what fails, what decides nothing, and what must never get better by getting worse.

use proptest::prelude::*;
use wavegate::{
    gates::{self, ArmCounts, Baseline, Counts, GateResult, Verdict, combine},
    model::GateLimits,
};

pub fn arm(prefers: &str, judged: i64, failed: i64, undelivered: i64) -> ArmCounts {
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

pub fn counts(nats: ArmCounts, queue: ArmCounts) -> Counts {
    Counts {
        nats_arm: nats,
        queue_arm: queue,
        recent_minutes: 5.0,
        ..Counts::default()
    }
}

pub fn says(result: &GateResult, verdict: Verdict, part: &str) {
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
