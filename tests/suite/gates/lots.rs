//! `split` and `broken`, where the truth is known: what they say, how often they are wrong, and how soon they are right.

use wavegate::{
    gates::{ArmCounts, Counts, Pace, Verdict, broken, split, success::Trial},
    model::{GateLimits, Path},
};

pub fn arm(webhook: i32, prefers: Path, judged: i64, failed: i64) -> ArmCounts {
    ArmCounts {
        webhook_id: Some(webhook),
        prefers,
        events: judged,
        judged,
        two_route: judged,
        delivered: judged - failed,
        dead: failed,
        ..ArmCounts::default()
    }
}

/// Each webhook: events and failures of NATS, then of the queue.
fn wave(webhooks: impl IntoIterator<Item = [i64; 4]>) -> Counts {
    let mut counts = Counts::default();
    for (id, [nats, nats_failed, queue, queue_failed]) in (1..).zip(webhooks) {
        counts.add(arm(id, Path::Nats, nats, nats_failed));
        counts.add(arm(id, Path::Queue, queue, queue_failed));
    }
    counts
}

fn lots(counts: &Counts, share: f64) -> (Verdict, String) {
    let trial = Trial {
        share,
        attempt: 1,
        pace: Pace::default(),
    };
    let result = split::verdict(counts, &trial, &GateLimits::default());
    (result.verdict, result.reason)
}

fn arms(counts: &Counts, share: f64) -> (Verdict, String) {
    let result = broken::verdict(counts, share, 1);
    (result.verdict, result.reason)
}

#[test]
fn lots_that_fall_otherwise_are_named() {
    assert_eq!(lots(&wave([]), 0.5).0, Verdict::Inconclusive);
    assert_eq!(lots(&wave([[20, 0, 20, 0]]), 0.5).0, Verdict::Inconclusive);
    assert_eq!(lots(&wave([[510, 9, 490, 9]]), 0.5).0, Verdict::Pass);
    let (verdict, reason) = lots(&wave([[100, 0, 900, 0]]), 0.5);
    assert_eq!(verdict, Verdict::Fail);
    assert!(
        reason.contains("100 of 1,000") && reason.contains("not 50"),
        "{reason}"
    );
    // All together are as they should be: the easy ones all by NATS, the hard ones all by the queue.
    let (verdict, reason) = lots(&wave([[500, 0, 0, 0], [0, 0, 500, 90]]), 0.5);
    assert_eq!(verdict, Verdict::Fail);
    assert!(reason.starts_with("webhook "), "{reason}");
}

#[test]
fn a_silent_arm_is_in_doubt_at_once_and_fails_soon() {
    let healthy = [250, 2, 250, 3];
    let among = |one: [i64; 4]| wave((0..49).map(|_| healthy).chain([one]));
    assert_eq!(arms(&wave([]), 0.5).0, Verdict::Inconclusive);
    assert_eq!(arms(&wave([healthy]), 0.5).0, Verdict::Pass);
    let (verdict, reason) = arms(&among([4, 4, 4, 0]), 0.5);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(
        reason.contains("webhook 50: NATS delivered none of 4, the queue 4 of 4"),
        "{reason}"
    );
    for (nats, queue, share) in [
        (10, 10, 0.5),
        (20, 20, 0.5),
        (81, 9, 0.9),
        (14, 14, 0.5),
        (4, 36, 0.1),
    ] {
        let (verdict, reason) = arms(&among([nats, nats, queue, 0]), share);
        assert_eq!(verdict, Verdict::Fail, "{nats} {queue}: {reason}");
        assert!(reason.contains("webhook 50"), "{reason}");
    }
    // Both fail alike; one alone has no events; one delivery is not nothing.
    for one in [
        [30, 30, 30, 30],
        [30, 30, 30, 29],
        [30, 30, 0, 0],
        [30, 29, 30, 0],
    ] {
        assert_ne!(arms(&among(one), 0.5).0, Verdict::Fail, "{one:?}");
    }
    // A queue that delivers nothing holds, and takes nobody back to it.
    let (verdict, reason) = arms(&among([30, 0, 30, 30]), 0.5);
    assert_eq!(verdict, Verdict::Inconclusive);
    assert!(
        reason.contains("the queue delivered none of 30"),
        "{reason}"
    );
}

/// At most so many of `runs`, where each is so with probability `rate`: three deviations above the mean.
fn at_most(rate: f64, runs: u32) -> f64 {
    let mean = rate * f64::from(runs);
    mean + 3.0 * mean.sqrt()
}

#[test]
fn a_fair_split_is_rarely_called_unfair() {
    let mut random = fastrand::Rng::with_seed(11);
    for share in [0.1, 0.5, 0.9] {
        let runs = 600;
        let mut alarms = 0;
        for _ in 0..runs {
            let mut webhooks = [[0_i64; 4]; 10];
            let alarm = (0..100).any(|_| {
                for _ in 0..100 {
                    let path = if random.f64() < share { 0 } else { 2 };
                    webhooks[random.usize(0..10)][path] += 1;
                }
                lots(&wave(webhooks), share).0 == Verdict::Fail
            });
            alarms += u32::from(alarm);
        }
        assert!(
            f64::from(alarms) <= at_most(0.01, runs),
            "{alarms} of {runs} at {share}"
        );
    }
}

#[test]
fn forty_five_instead_of_fifty_is_caught_within_five_thousand_events() {
    let mut random = fastrand::Rng::with_seed(12);
    let runs = 400;
    let caught = (0..runs).filter(|_| {
        let mut one = [0_i64; 4];
        (0..50).any(|_| {
            for _ in 0..100 {
                one[if random.f64() < 0.45 { 0 } else { 2 }] += 1;
            }
            lots(&wave([one]), 0.5).0 == Verdict::Fail
        })
    });
    let caught = caught.count();
    assert!(caught * 100 >= runs * 95, "{caught} of {runs}");
}

/// Outages that hit both paths, of any length: a webhook's events come in runs that all fail.
#[test]
fn bursts_alike_on_both_paths_break_nobody() {
    let mut random = fastrand::Rng::with_seed(13);
    for share in [0.1, 0.5, 0.9] {
        let runs = 400;
        let mut wrong = 0;
        for _ in 0..runs {
            let (mut webhooks, mut failing) = ([[0_i64; 4]; 20], [false; 20]);
            let fails = (0..2000).any(|n| {
                let at = random.usize(0..20);
                if random.u32(0..15) == 0 {
                    failing[at] = !failing[at];
                }
                let path = if random.f64() < share { 0 } else { 2 };
                webhooks[at][path] += 1;
                webhooks[at][path + 1] += i64::from(failing[at]);
                n % 20 == 0 && arms(&wave(webhooks), share).0 == Verdict::Fail
            });
            wrong += u32::from(fails);
        }
        assert!(
            f64::from(wrong) <= at_most(0.01, runs),
            "{wrong} of {runs} at {share}"
        );
    }
}

/// One of fifty webhooks delivers nothing by NATS: so many of its first attempts fail before the gate does, in 95 of 100 runs.
#[test]
fn a_broken_webhook_among_fifty_costs_few_events() {
    let mut random = fastrand::Rng::with_seed(14);
    for (share, most) in [(0.1, 10), (0.5, 10), (0.9, 50)] {
        let mut costs: Vec<i64> = (0..400)
            .map(|_| {
                let mut webhooks = [[40, 0, 40, 0]; 50];
                webhooks[49] = [0; 4];
                while arms(&wave(webhooks), share).0 != Verdict::Fail {
                    let broken = random.f64() < share;
                    let path = if broken { 0 } else { 2 };
                    webhooks[49][path] += 1;
                    webhooks[49][path + 1] += i64::from(broken || random.u32(0..100) == 0);
                }
                webhooks[49][1]
            })
            .collect();
        costs.sort_unstable();
        assert!(costs[380] <= most, "{} at {share}", costs[380]);
    }
}
