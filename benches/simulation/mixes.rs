//! `baseline` where many webhooks fail unequally often, were measured for long or hardly, and change their shares of the traffic.

use std::collections::BTreeMap;

use wavegate::{
    gates::{ArmCounts, BlockArm, Calls, Counts, Pace, Verdict, baseline},
    model::{self, GateLimits},
};

use crate::{BLOCK, MARGIN, each, shown};

const EVENTS: u64 = 100_000;
const LOOK: u64 = 2_000;

/// One webhook: calls of before, its failure rate, its weight in the traffic when the step begins and when it ends.
#[derive(Clone, Copy)]
struct Webhook {
    before: u64,
    rate: f64,
    from: f64,
    to: f64,
}

struct Mix {
    name: &'static str,
    webhooks: Vec<Webhook>,
}

fn alike(count: usize, before: u64, rate: f64) -> Vec<Webhook> {
    let one = Webhook {
        before,
        rate,
        from: 1.0,
        to: 1.0,
    };
    vec![one; count]
}

fn mixes() -> Vec<Mix> {
    let mix = |name, webhooks| Mix { name, webhooks };
    let moves = |before, rate, from, to| Webhook {
        before,
        rate,
        from,
        to,
    };
    let mut quiet = alike(49, 200, 0.0);
    quiet.push(moves(10_000, 0.5, 0.01, 0.01));
    vec![
        mix("1 webhook, 500 calls before, 10 % fail", alike(1, 500, 0.1)),
        mix(
            "50 webhooks, 50 calls each before, 10 % fail",
            alike(50, 50, 0.1),
        ),
        mix(
            "200 webhooks, 1,000 calls each before, 1 % fail",
            alike(200, 1_000, 0.01),
        ),
        mix(
            "fails 10 %: 2 % of the calls before, half of them now",
            vec![moves(2_000, 0.1, 0.5, 0.5), moves(98_000, 0.0, 0.5, 0.5)],
        ),
        mix(
            "fails 10 %: from 2 % of the traffic to half, meanwhile",
            vec![moves(2_000, 0.1, 0.02, 0.5), moves(98_000, 0.0, 0.98, 0.5)],
        ),
        mix(
            "one failed half before and is quiet now, 49 failed none of 200",
            quiet,
        ),
    ]
}

/// How one canary ended.
fn run(mix: &Mix, worse: f64, random: &mut fastrand::Rng) -> Verdict {
    let limits = GateLimits {
        baseline_margin: Some(MARGIN),
        ..GateLimits::default()
    };
    let mut counts = Counts {
        block_ms: 1000,
        ..Counts::default()
    };
    let mut arms: BTreeMap<i32, ArmCounts> = BTreeMap::new();
    for (id, webhook) in (0..).zip(&mix.webhooks) {
        let failed = (0..webhook.before)
            .filter(|_| random.f64() < webhook.rate)
            .count();
        let before = Calls {
            ended: webhook.before.cast_signed(),
            failed: failed as i64,
        };
        counts.baseline.calls.insert(id, before);
    }
    for n in 1..=EVENTS {
        let gone = n as f64 / EVENTS as f64;
        let (id, webhook) = drawn(&mix.webhooks, gone, random);
        let failed = i64::from(random.f64() < webhook.rate + worse);
        let arm = arms.entry(id).or_insert_with(|| ArmCounts {
            webhook_id: Some(id),
            prefers: model::Path::Nats,
            ..ArmCounts::default()
        });
        arm.events += 1;
        arm.judged += 1;
        arm.dead += failed;
        arm.delivered += 1 - failed;
        let event = BlockArm {
            judged: 1,
            failed,
            undelivered: 0,
        };
        counts.add_block(id, (n / BLOCK) as i32, model::Path::Nats, event);
        if n % LOOK == 0 {
            counts.set_arms(arms.values().cloned());
            let verdict = baseline::verdict(&counts, 1, Pace::default(), &limits).verdict;
            if verdict != Verdict::Inconclusive {
                return verdict;
            }
        }
    }
    Verdict::Inconclusive
}

/// Whose event comes next.
fn drawn<'a>(webhooks: &'a [Webhook], gone: f64, random: &mut fastrand::Rng) -> (i32, &'a Webhook) {
    let weight = |webhook: &Webhook| webhook.from + (webhook.to - webhook.from) * gone;
    let mut left = random.f64() * webhooks.iter().map(weight).sum::<f64>();
    let mut last = (0, &webhooks[0]);
    for one in (0..).zip(webhooks) {
        last = one;
        left -= weight(one.1);
        if left < 0.0 {
            break;
        }
    }
    last
}

/// Prints the rows; the limits that are missed.
pub fn rows(runs: u64, seed: u64) -> Vec<String> {
    println!(
        "\n`baseline` with many webhooks: {runs} runs a row, {EVENTS} events each, a look every {LOOK}; margin 1 point. What was measured before is \
         drawn anew in each run.\n"
    );
    println!("| webhooks | NATS worse by (points) | gate passes | gate fails |");
    println!("| --- | --- | --- | --- |");
    let mut missed = Vec::new();
    for mix in mixes() {
        for worse in [0.0, 0.01, 0.03] {
            let ends = each(runs, seed, |random| run(&mix, worse, random));
            let count = |verdict| ends.iter().filter(|end| **end == verdict).count() as u64;
            let (passes, fails) = (count(Verdict::Pass), count(Verdict::Fail));
            let points = worse * 100.0;
            println!(
                "| {} | {points:.0} | {} | {} |",
                mix.name,
                shown(passes, runs),
                shown(fails, runs)
            );
            if worse >= MARGIN && passes * 20 > runs {
                missed.push(format!(
                    "{}, {points:.0} worse: more than 5 % false promotions",
                    mix.name
                ));
            }
            if worse <= MARGIN && fails * 100 > runs {
                missed.push(format!(
                    "{}, {points:.0} worse: more than 1 % false failures",
                    mix.name
                ));
            }
        }
    }
    missed
}
