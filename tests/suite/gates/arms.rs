//! The pure verdicts about the two arms: what passes, what fails, what decides nothing, and what must never get better by getting worse.

use proptest::prelude::*;
use wavegate::{
    gates::{
        self, ArmCounts, Block, BlockArm, Calls, Counts, GateResult, Lately, Pace, Recent, Verdict,
        combine, kernel::Buckets, success::Trial,
    },
    model::{GateLimits, Path},
};

use crate::gates::measure::half;

pub fn arm(prefers: &str, judged: i64, failed: i64, undelivered: i64) -> ArmCounts {
    ArmCounts {
        prefers: prefers.parse().unwrap(),
        events: judged,
        judged,
        dead: failed,
        undelivered,
        delivered: judged - failed - undelivered,
        ..ArmCounts::default()
    }
}

/// Both arms, spread evenly over so many blocks that time alone is no obstacle.
pub fn counts(nats: ArmCounts, queue: ArmCounts) -> Counts {
    const BLOCKS: i64 = 900;
    // The first events fail, the next are under way: one more failure is one more in one block, and moves no other.
    let of = |arm: &ArmCounts, n: i64| {
        let (from, to) = (n * arm.judged / BLOCKS, (n + 1) * arm.judged / BLOCKS);
        let within = |first: i64, count: i64| (to.min(first + count) - from.max(first)).max(0);
        BlockArm {
            judged: to - from,
            failed: within(0, arm.failed()),
            undelivered: within(arm.failed(), arm.undelivered),
        }
    };
    Counts {
        blocks: (0..BLOCKS)
            .map(|n| {
                let block = Block {
                    nats: of(&nats, n),
                    queue: of(&queue, n),
                };
                (i32::try_from(n).unwrap(), block)
            })
            .collect(),
        block_ms: 1000,
        nats_arm: nats,
        queue_arm: queue,
        lately: Lately {
            minutes: 5.0,
            ..Lately::default()
        },
        ..Counts::default()
    }
}

/// The same, its failures spread over the blocks as evenly as its events.
fn evenly(mut counts: Counts) -> Counts {
    let within = |failed: i64, n: i32| {
        let until = |n: i64| n * failed / 900;
        until(i64::from(n) + 1) - until(n.into())
    };
    let (nats, queue) = (counts.nats_arm.failed(), counts.queue_arm.failed());
    for (n, block) in &mut counts.blocks {
        block.nats.failed = within(nats, *n);
        block.queue.failed = within(queue, *n);
    }
    counts
}

fn success(nats: ArmCounts, queue: ArmCounts) -> GateResult {
    gates::success::verdict(&counts(nats, queue), &half(), &GateLimits::default())
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
    let clean = success(arm("nats", 1000, 0, 0), arm("queue", 1000, 0, 0));
    says(&clean, Verdict::Pass, "NATS at most 0.4");
    let worse = counts(arm("nats", 5000, 300, 0), arm("queue", 5000, 50, 0));
    let worse = gates::success::verdict(&evenly(worse), &half(), &GateLimits::default());
    says(
        &worse,
        Verdict::Fail,
        "points worse (99 %, any time), margin 1.00",
    );
    // What is under way is no evidence for NATS, and none against it.
    let waiting = success(arm("nats", 1000, 0, 200), arm("queue", 1000, 0, 0));
    says(&waiting, Verdict::Inconclusive, "NATS failed 0 of 1,000");
    // What the queue has not delivered yet is no excuse for NATS.
    let both_wait = success(arm("nats", 1000, 0, 200), arm("queue", 1000, 0, 200));
    says(&both_wait, Verdict::Inconclusive, "NATS failed 0");
    // Both fail alike: NATS is not worse.
    let alike = success(
        arm("nats", 50_000, 5_000, 0),
        arm("queue", 50_000, 5_000, 0),
    );
    says(&alike, Verdict::Pass, "NATS failed 5,000 of 50,000");
}

#[test]
fn success_with_little_or_nothing() {
    says(
        &success(arm("nats", 0, 0, 0), arm("queue", 0, 0, 0)),
        Verdict::Inconclusive,
        "no event",
    );
    says(
        &success(arm("nats", 1, 0, 0), arm("queue", 1, 0, 0)),
        Verdict::Inconclusive,
        "too few: 2 of 100",
    );
    says(
        &success(arm("nats", 1, 1, 0), arm("queue", 0, 0, 0)),
        Verdict::Inconclusive,
        "too few: 1 of 100",
    );
    // Few events, but all of them lost: that is evidence enough to stop.
    says(
        &success(arm("nats", 30, 30, 0), arm("queue", 30, 0, 0)),
        Verdict::Fail,
        "NATS failed 30 of 30",
    );
    let more = success(arm("nats", 200, 0, 0), arm("queue", 200, 0, 0));
    says(&more, Verdict::Inconclusive, "NATS failed 0 of 200");
    assert_eq!(more.remedy, "417 clean events more; none come in now");
}

#[test]
fn a_pass_needs_time_as_well_as_events() {
    let mut counts = counts(arm("nats", 5000, 0, 0), arm("queue", 5000, 0, 0));
    // The same events in ten blocks: a burst may hide in none of them.
    counts.blocks = (0..10)
        .map(|n| {
            let arm = BlockArm {
                judged: 500,
                ..BlockArm::default()
            };
            (
                n,
                Block {
                    nats: arm,
                    queue: arm,
                },
            )
        })
        .collect();
    let result = gates::success::verdict(&counts, &half(), &GateLimits::default());
    says(&result, Verdict::Inconclusive, "10 blocks of 1.0 s");
    assert_eq!(
        result.remedy,
        "398 clean blocks more in which both paths deliver, at least 7 min"
    );
}

#[test]
fn success_names_the_webhook_that_hides_among_others() {
    let of = |id, arm: ArmCounts| ArmCounts {
        webhook_id: Some(id),
        ..arm
    };
    let counts = Counts {
        arms: vec![
            of(7, arm("nats", 200, 40, 0)),
            of(7, arm("queue", 200, 0, 0)),
            of(8, arm("nats", 9_800, 0, 0)),
            of(8, arm("queue", 9_800, 0, 0)),
        ],
        ..counts(arm("nats", 10_000, 40, 0), arm("queue", 10_000, 0, 0))
    };
    // 200 events of each arm in so many blocks, of which so many share the failures.
    let in_blocks = |blocks: i32, failing: i32| {
        let judged = |failed| BlockArm {
            judged: i64::from(200 / blocks),
            failed,
            undelivered: 0,
        };
        let block = |n: i32| Block {
            nats: judged(if n < failing {
                i64::from(40 / failing)
            } else {
                0
            }),
            queue: judged(0),
        };
        Counts {
            of_webhooks: [(7, (0..blocks).map(|n| (n, block(n))).collect())].into(),
            ..counts.clone()
        }
    };
    let judge = |counts| gates::success::verdict(&counts, &half(), &GateLimits::default());
    says(&judge(in_blocks(100, 40)), Verdict::Fail, "webhook 7");
    // The same failures in two bursts: they hold the wave, and it takes more to fail it.
    says(
        &judge(in_blocks(10, 2)),
        Verdict::Inconclusive,
        "it may be a burst",
    );
}

#[test]
fn a_large_webhook_passes_by_blocks_of_its_own_too() {
    // Webhook 7 is quiet in 20 of 900 blocks, and then NATS fails all that it has: few events, and many bad minutes.
    let judge = |fails: bool| {
        let mut all = Counts {
            block_ms: 1000,
            ..Counts::default()
        };
        for (id, quiet) in [(7, 20), (8, 0)] {
            let (mut nats, mut queue) = (arm("nats", 0, 0, 0), arm("queue", 0, 0, 0));
            for number in 0..900 {
                let judged = if number < quiet { 2 } else { 30 };
                let failed = if fails && number < quiet { 2 } else { 0 };
                for (of, failed) in [(&mut nats, failed), (&mut queue, 0)] {
                    let prefers = of.prefers;
                    of.add(&arm(prefers.as_str(), judged, failed, 0));
                    let block = BlockArm {
                        judged,
                        failed,
                        undelivered: 0,
                    };
                    all.add_block(id, number, prefers, block);
                }
            }
            for of in [nats, queue] {
                all.add(ArmCounts {
                    webhook_id: Some(id),
                    ..of
                });
            }
        }
        gates::success::verdict(&all, &half(), &GateLimits::default())
    };
    says(&judge(false), Verdict::Pass, "NATS failed 0 of");
    says(
        &judge(true),
        Verdict::Inconclusive,
        "all together pass; webhook 7: by events it passes",
    );
}

#[test]
fn a_burst_holds_and_an_outage_fails() {
    // Both arms deliver for 400 blocks; then NATS loses everything for so many more.
    let judge = |lost: i64| {
        let mut counts = counts(arm("nats", 0, 0, 0), arm("queue", 0, 0, 0));
        counts.nats_arm = arm("nats", (400 + lost) * 50, lost * 50, 0);
        counts.queue_arm = arm("queue", (400 + lost) * 50, 0, 0);
        counts.blocks = (0..400 + lost)
            .map(|n| {
                let queue = BlockArm {
                    judged: 50,
                    ..BlockArm::default()
                };
                let failed = if n < 400 { 0 } else { 50 };
                let nats = BlockArm { failed, ..queue };
                (i32::try_from(n).unwrap(), Block { nats, queue })
            })
            .collect();
        gates::success::verdict(&counts, &half(), &GateLimits::default())
    };
    says(&judge(0), Verdict::Inconclusive, "400 blocks of 1.0 s");
    for lost in [8, 12] {
        says(&judge(lost), Verdict::Inconclusive, "it may be a burst");
    }
    says(&judge(30), Verdict::Fail, "NATS failed 1,500 of 21,500");
}

#[test]
fn a_burst_longer_than_a_block_is_a_warning() {
    // Three blocks in a row in which a path fails all it has, among 900; or both paths do.
    let judge = |nats_fails: bool, queue_fails: bool| {
        let mut all = Counts {
            block_ms: 48_000,
            ..Counts::default()
        };
        let (mut nats, mut queue) = (arm("nats", 0, 0, 0), arm("queue", 0, 0, 0));
        for number in 0..900 {
            for (of, fails) in [(&mut nats, nats_fails), (&mut queue, queue_fails)] {
                let failed = if fails && (400..403).contains(&number) {
                    20
                } else {
                    0
                };
                let prefers = of.prefers;
                of.add(&arm(prefers.as_str(), 20, failed, 0));
                let block = BlockArm {
                    judged: 20,
                    failed,
                    undelivered: 0,
                };
                all.add_block(7, number, prefers, block);
            }
        }
        for of in [nats, queue] {
            all.add(ArmCounts {
                webhook_id: Some(7),
                ..of
            });
        }
        let limits = GateLimits {
            success_margin: 0.05,
            ..GateLimits::default()
        };
        gates::success::verdict(&all, &half(), &limits)
    };
    for (nats, queue) in [(true, false), (false, true)] {
        says(
            &judge(nats, queue),
            Verdict::Pass,
            "warning: a burst lasted 3 blocks of 48.0 s",
        );
    }
    // What hits both alike says nothing about a path.
    for both in [true, false] {
        let calm = judge(both, both);
        says(&calm, Verdict::Pass, "margin 5.00");
        assert!(!calm.reason.contains("warning"), "{calm:?}");
    }
}

#[test]
fn a_further_attempt_is_judged_more_strictly() {
    let counts = counts(arm("nats", 450, 0, 0), arm("queue", 450, 0, 0));
    let judge = |attempt| {
        let trial = Trial { attempt, ..half() };
        gates::success::verdict(&counts, &trial, &GateLimits::default()).verdict
    };
    assert_eq!(judge(1), Verdict::Pass);
    assert_eq!(judge(2), Verdict::Inconclusive);
}

/// NATS alone: of each webhook its number, events and failures, evenly in time, and the calls and failures of before.
fn alone(webhooks: &[(i32, i64, i64, i64, i64)]) -> Counts {
    let mut all = Counts {
        block_ms: 1000,
        ..Counts::default()
    };
    for &(id, judged, failed, ended, failed_before) in webhooks {
        let nats = ArmCounts {
            webhook_id: Some(id),
            ..arm("nats", judged, failed, 0)
        };
        let spread = evenly(counts(nats.clone(), ArmCounts::default()));
        for (number, block) in spread.blocks {
            all.add_block(id, number, Path::Nats, block.nats);
        }
        all.add(nats);
        if ended > 0 {
            let failed = failed_before;
            all.baseline.calls.insert(id, Calls { ended, failed });
        }
    }
    all
}

fn baseline(counts: &Counts) -> GateResult {
    gates::baseline::verdict(counts, 1, Pace::default(), &GateLimits::default())
}

#[test]
fn without_a_queue_arm_the_rate_of_before_decides() {
    let judge = |failed, (ended, before)| baseline(&alone(&[(3, 20_000, failed, ended, before)]));
    says(
        &judge(0, (0, 0)),
        Verdict::Inconclusive,
        "no rate to compare with",
    );
    says(&judge(0, (5_000, 0)), Verdict::Pass, "before 0 of 5,000");
    says(
        &judge(2_000, (200_000, 20_000)),
        Verdict::Pass,
        "allowed 10.",
    );
    says(
        &judge(2_000, (50_000, 500)),
        Verdict::Fail,
        "before 500 of 50,000",
    );
    says(&judge(300, (50_000, 500)), Verdict::Inconclusive, "allowed");
    // Too many, but all in one burst: it holds, and neither passes nor fails.
    let mut burst = alone(&[(3, 20_000, 200, 50_000, 100)]);
    let blocks = counts(arm("nats", 20_000, 200, 0), ArmCounts::default()).blocks;
    burst.of_webhooks.insert(3, blocks);
    says(
        &baseline(&burst),
        Verdict::Inconclusive,
        "it may be a burst",
    );
}

#[test]
fn the_rate_of_before_is_that_of_the_present_mix() {
    // One webhook failed half of its calls before and is quiet now: the others may not fail in its place.
    let mut webhooks = vec![(1, 1, 0, 10_000, 5_000)];
    webhooks.extend((2..=50).map(|id| (id, 400, 30, 200, 0)));
    let hidden = baseline(&alone(&webhooks));
    assert_ne!(hidden.verdict, Verdict::Pass, "{hidden:?}");
    says(&hidden, Verdict::Fail, "NATS failed 1,470 of 19,601");
    // One that failed one in ten before and now, with half of the traffic instead of a fiftieth: nothing is wrong.
    let shifted = alone(&[(10, 10_000, 1_000, 2_000, 200), (11, 10_000, 0, 98_000, 0)]);
    let shifted = baseline(&shifted);
    assert_ne!(shifted.verdict, Verdict::Fail, "{shifted:?}");
    assert!(
        shifted.reason.contains("5.00 % with the present mix"),
        "{shifted:?}"
    );
}

#[test]
fn a_small_past_fails_nobody_and_says_what_to_do() {
    // As often as before, after 50 calls: it cannot be told from worse.
    let small = baseline(&alone(&[(3, 20_000, 2_000, 50, 5)]));
    says(&small, Verdict::Inconclusive, "too few calls were measured");
    assert!(small.remedy.contains("advisory: true"), "{small:?}");
    // A webhook that was not measured at all may not fail the wave, nor pass unseen.
    let new = |failed| {
        baseline(&alone(&[
            (3, 10_000, 0, 50_000, 0),
            (4, 10_000, failed, 0, 0),
        ]))
    };
    says(&new(0), Verdict::Pass, "NATS failed 0 of 20,000");
    let fails = new(1_000);
    assert_eq!(fails.verdict, Verdict::Inconclusive, "{fails:?}");
    // 50 of 50 calls each, a tenth fails before and now, drawn again and again: hardly a run fails.
    let mut random = fastrand::Rng::with_seed(3);
    let mut draw = |n: i64| (0..n).filter(|_| random.f64() < 0.1).count() as i64;
    let failed = (0..60)
        .filter(|_| {
            let webhooks: Vec<_> = (0..50)
                .map(|id| (id, 400, draw(400), 50, draw(50)))
                .collect();
            baseline(&alone(&webhooks)).verdict == Verdict::Fail
        })
        .count();
    assert!(failed <= 1, "{failed} of 60 runs fail");
}

/// `count` deliveries in each arm, all as slow as said.
fn timed(nats_ms: f64, queue_ms: f64, count: u64) -> Counts {
    let mut counts = counts(
        arm("nats", count.cast_signed(), 0, 0),
        arm("queue", count.cast_signed(), 0, 0),
    );
    counts
        .nats_latency
        .delivered
        .add(Buckets::of(nats_ms), count);
    counts
        .queue_latency
        .delivered
        .add(Buckets::of(queue_ms), count);
    counts
}

#[test]
fn latency_compares_one_quantile() {
    let limits = GateLimits::default();
    let judge = |counts: &Counts| gates::latency::verdict(counts, 1, Pace::default(), &limits);
    says(
        &judge(&timed(100.0, 100.0, 2000)),
        Verdict::Pass,
        "at least 0.8 times",
    );
    says(&judge(&timed(150.0, 100.0, 2000)), Verdict::Fail, "p95");
    // Within the width of a bucket of the limit nobody can tell.
    says(
        &judge(&timed(126.0, 100.0, 2000)),
        Verdict::Inconclusive,
        "p95",
    );
    says(
        &judge(&timed(100.0, 100.0, 20)),
        Verdict::Inconclusive,
        "(20 deliveries)",
    );
    let mut alone = timed(50.0, 1.0, 2000).of_nats_alone();
    says(
        &judge(&alone),
        Verdict::Inconclusive,
        "none was timed before",
    );
    let mut before = Buckets::default();
    before.add(Buckets::of(60.0), 2000);
    alone.arms = vec![ArmCounts {
        webhook_id: Some(3),
        ..arm("nats", 2000, 0, 0)
    }];
    alone.baseline.latency.insert(3, before);
    says(&judge(&alone), Verdict::Pass, "before");
    // What is under way may take for ever.
    let mut waiting = timed(100.0, 100.0, 2000);
    waiting.nats_latency.undelivered = 300;
    says(&judge(&waiting), Verdict::Inconclusive, "at least");
}

#[test]
fn times_of_before_are_those_of_the_present_mix() {
    // Webhook 1 answers within 40 ms, webhook 2 within 4 s; of each the calls before, the events now, and how long NATS takes.
    let judge = |webhooks: &[(i32, u64, i64, f64)]| {
        let mut counts = Counts::default();
        for &(id, ended, judged, ms) in webhooks {
            counts.add(ArmCounts {
                webhook_id: Some(id),
                ..arm("nats", judged, 0, 0)
            });
            let bucket = Buckets::of(ms);
            counts
                .nats_latency
                .delivered
                .add(bucket, judged.unsigned_abs());
            let queue_ms = if id == 2 { 4000.0 } else { 40.0 };
            let before = counts.baseline.latency.entry(id).or_default();
            before.add(Buckets::of(queue_ms), ended);
        }
        gates::latency::verdict(&counts, 1, Pace::default(), &GateLimits::default())
    };
    // The slow one had a fiftieth of the calls, and has a fifth now.
    let shifted = judge(&[(1, 49_000, 8_000, 40.0), (2, 1_000, 2_000, 4000.0)]);
    says(&shifted, Verdict::Pass, "(50,000 deliveries before)");
    // It has gone, and NATS takes as long for the others.
    let slow = judge(&[(1, 9_000, 8_000, 4000.0), (2, 1_000, 0, 4000.0)]);
    says(&slow, Verdict::Fail, "NATS 3.9 s to 4.1 s");
    // Who was not timed is as fast as can be for a pass, and nobody's fault for a fail.
    let new = judge(&[(1, 9_000, 400, 40.0), (3, 0, 9_600, 40.0)]);
    says(&new, Verdict::Inconclusive, "not timed before: 3");
}

#[test]
fn a_plain_limit_of_the_slowest() {
    let limits = |ms| GateLimits {
        latency_max_p99: Some(std::time::Duration::from_millis(ms)),
        ..GateLimits::default()
    };
    let judge =
        |ms| gates::latency::verdict(&timed(100.0, 100.0, 5000), 1, Pace::default(), &limits(ms));
    says(&judge(200), Verdict::Pass, "p95");
    says(&judge(50), Verdict::Fail, "p99 of NATS");
    says(&judge(99), Verdict::Inconclusive, "limit 99 ms");
}

#[test]
fn errors_blames_the_path_only_for_its_own() {
    let limits = GateLimits::default();
    let judge = |nats: (i64, i64), queue: (i64, i64)| {
        let recent = |(events, failures): (i64, i64)| Recent {
            events,
            failures,
            newest_error: (failures > 0).then(|| "HTTP 503\nfrom the endpoint".into()),
        };
        let counts = Counts {
            lately: Lately {
                nats: recent(nats),
                queue: recent(queue),
                endpoints: Vec::new(),
                minutes: 5.0,
            },
            ..counts(
                arm("nats", nats.0.max(1), 0, 0),
                arm("queue", queue.0.max(1), 0, 0),
            )
        };
        gates::errors::verdict(&counts, &limits)
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
    says(&with(lost.clone()), Verdict::Inconclusive, "1 of 1,000");
    let lost = ArmCounts { lost: 1, ..lost };
    says(&with(lost), Verdict::Fail, "1 of 1,000");
    let late = ArmCounts {
        events: 4,
        late_single: 2,
        lost: 2,
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
        let other = arm("queue", queue, queue_failed.min(queue), 0);
        let judge = |failed, undelivered| success(arm("nats", judged, failed, undelivered), other.clone()).verdict;
        prop_assert!(judge(failed, 0) <= judge(failed + 1, 0));
        prop_assert!(judge(failed, 1) <= judge(failed + 1, 0));
        prop_assert!(judge(failed, 0) <= judge(failed, 1) || judge(failed, 0) == Verdict::Fail);
    }

    /// A slower NATS never improves the verdict; a wider margin never worsens it.
    #[test]
    fn slower_never_helps(nats_ms in 1.0f64..10_000.0, more in 0.0f64..10_000.0, queue_ms in 1.0f64..10_000.0) {
        let judge = |ms| gates::latency::verdict(&timed(ms, queue_ms, 500), 1, Pace::default(), &GateLimits::default()).verdict;
        prop_assert!(judge(nats_ms) <= judge(nats_ms + more));
    }

    #[test]
    fn a_wider_margin_never_hurts(failed in 0i64..500, margin in 0.001f64..0.5, more in 0.0f64..0.4) {
        let counts = counts(arm("nats", 500, failed, 0), arm("queue", 500, 50, 0));
        let judge = |margin| {
            let limits = GateLimits { success_margin: margin, ..GateLimits::default() };
            gates::success::verdict(&counts, &half(), &limits).verdict
        };
        prop_assert!(judge(margin + more) <= judge(margin));
    }

    /// Whatever the numbers are: a verdict, never a panic.
    #[test]
    fn any_numbers_give_a_verdict(n in proptest::array::uniform6(0i64..=i64::MAX / 8), share in 0.01f64..0.99) {
        let mut counts = counts(arm("nats", 1, 0, 0), arm("queue", 1, 0, 0));
        counts.nats_arm = arm("nats", n[0], n[1], n[2]);
        counts.queue_arm = arm("queue", n[3], n[4], n[5]);
        let trial = Trial { share, ..half() };
        gates::success::verdict(&counts, &trial, &GateLimits::default());
        gates::baseline::verdict(&counts, 1, Pace::default(), &GateLimits::default());
    }
}
