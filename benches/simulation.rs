//! How often would a gate be wrong? Plays many runs of a canary whose truth is known, looks every 100 events, and prints how many were
//! promoted and how many were stopped: by the gate, by its test of events alone, and by a plain threshold on the two rates.
//!
//!   cargo bench --bench simulation [-- --runs N]
#![allow(clippy::print_stdout)]

use std::process::ExitCode;

use wavegate::gates::kernel::{ALPHA_FAIL, ALPHA_PASS, Sample};

const MARGIN: f64 = 0.01;
const EVENTS: u64 = 100_000;
const LOOK: u64 = 100;
/// Events in a block of time.
const BLOCK: u64 = 200;
/// Failures inside a burst.
const BURST: f64 = 0.5;

/// A truth: the share of NATS, the queue's failure rate, and how much worse NATS is.
struct Truth {
    share: f64,
    base: f64,
    worse: f64,
    bursts: bool,
}

#[derive(Default)]
struct Tally {
    promoted: u64,
    stopped: u64,
}

/// What the three rules did in all runs of one truth.
#[derive(Default)]
struct Row {
    gate: Tally,
    events: Tally,
    plain: Tally,
}

#[derive(Default, Clone, Copy)]
struct Arm {
    events: u64,
    failed: u64,
}

impl Arm {
    fn rate(self) -> f64 {
        self.failed as f64 / self.events.max(1) as f64
    }
}

/// One canary from its first event to its last; each rule stops at its first decision.
fn run(truth: &Truth, random: &mut fastrand::Rng, row: &mut Row) {
    let (mut nats, mut queue) = (Arm::default(), Arm::default());
    let (mut block_nats, mut block_queue) = (Arm::default(), Arm::default());
    let (mut rate_nats, mut rate_queue) = (0.0, 0.0);
    let mut blocks: Vec<(f64, u64)> = Vec::new();
    let (mut gate, mut events, mut plain) = (false, false, false);
    for n in 0..EVENTS {
        if n % BLOCK == 0 {
            if block_nats.events > 0 && block_queue.events > 0 {
                blocks.push((block_nats.rate() - block_queue.rate(), 1));
            }
            (block_nats, block_queue) = (Arm::default(), Arm::default());
            let mut rate = |rate: f64| match truth.bursts {
                true if random.f64() < rate / BURST => BURST,
                true => 0.0,
                false => rate,
            };
            (rate_nats, rate_queue) = (rate(truth.base + truth.worse), rate(truth.base));
        }
        let (arm, block, rate) = if random.f64() < truth.share {
            (&mut nats, &mut block_nats, rate_nats)
        } else {
            (&mut queue, &mut block_queue, rate_queue)
        };
        let failed = u64::from(random.f64() < rate);
        for arm in [arm, block] {
            arm.events += 1;
            arm.failed += failed;
        }
        if (n + 1) % LOOK != 0 {
            continue;
        }
        if !plain {
            let difference = nats.rate() - queue.rate();
            plain = true;
            if difference.abs() <= MARGIN {
                row.plain.promoted += 1;
            } else if difference > MARGIN {
                row.plain.stopped += 1;
            } else {
                plain = false;
            }
        }
        if gate && events {
            continue;
        }
        let good = nats.events + queue.events - nats.failed - queue.failed;
        let sample = Sample::split(truth.share, nats.failed, good, queue.failed);
        let stopped = sample.above(MARGIN) >= -ALPHA_FAIL.ln();
        let passed = sample.below(MARGIN) >= -ALPHA_PASS.ln();
        if !events {
            events = stopped || passed;
            row.events.stopped += u64::from(stopped);
            row.events.promoted += u64::from(passed && !stopped);
        }
        if !gate {
            let passed = passed
                && Sample::new(-1.0, 1.0, blocks.iter().copied()).below(MARGIN) >= -ALPHA_PASS.ln();
            gate = stopped || passed;
            row.gate.stopped += u64::from(stopped);
            row.gate.promoted += u64::from(passed && !stopped);
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let runs = arguments
        .iter()
        .position(|argument| argument == "--runs")
        .and_then(|at| arguments.get(at + 1)?.parse().ok())
        .unwrap_or(400);
    println!(
        "{runs} runs each of {EVENTS} events, a look every {LOOK}; margin 1 point; bursts: half of a path's calls fail for {BLOCK} events\n"
    );
    println!(
        "| share | queue fails | NATS worse by | bursts | gate passes | gate fails | events alone pass | events alone fail | threshold passes | threshold fails |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut held = true;
    for bursts in [false, true] {
        for (share, base, worse) in [
            (0.1, 0.01, 0.0),
            (0.5, 0.01, 0.0),
            (0.1, 0.01, 0.01),
            (0.25, 0.01, 0.01),
            (0.5, 0.01, 0.01),
            (0.5, 0.001, 0.01),
            (0.5, 0.01, 0.02),
            (0.1, 0.01, 0.05),
            (0.5, 0.01, 0.05),
        ] {
            let truth = Truth {
                share,
                base,
                worse,
                bursts,
            };
            let mut row = Row::default();
            for seed in 0..runs {
                run(&truth, &mut fastrand::Rng::with_seed(seed), &mut row);
            }
            let percent = |count: u64| 100.0 * count as f64 / runs as f64;
            println!(
                "| {:.0} % | {:.1} % | {:.0} points | {} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % |",
                share * 100.0,
                base * 100.0,
                worse * 100.0,
                if bursts { "yes" } else { "no" },
                percent(row.gate.promoted),
                percent(row.gate.stopped),
                percent(row.events.promoted),
                percent(row.events.stopped),
                percent(row.plain.promoted),
                percent(row.plain.stopped),
            );
            held &= worse < MARGIN || percent(row.gate.promoted) <= 5.0;
            held &= bursts || worse > MARGIN || percent(row.gate.stopped) <= 1.0;
        }
    }
    println!(
        "\nat most 5 % false promotions, and without bursts at most 1 % false failures: {}",
        if held { "met" } else { "MISSED" }
    );
    if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    }
}
