//! `split`: how often it calls fair lots unfair, and how soon it sees lots that fall otherwise than the share says.

use wavegate::{
    gates::{ArmCounts, Counts, Pace, Verdict, split, success::Trial},
    model::{GateLimits, Path},
};

use crate::{each, shown};

const WEBHOOKS: usize = 10;
const EVENTS: u64 = 100_000;
const LOOK: u64 = 100;
/// Within so many events GATES promises to see 45 instead of 50.
const SOON: u64 = 5_000;

/// Of 100 events so many draw NATS, and so many should.
struct Lots {
    fall: u32,
    share: u32,
    /// Our limit applies.
    stands: bool,
}

impl Lots {
    fn fair(&self) -> bool {
        self.fall == self.share
    }

    /// After how many events the gate failed.
    fn run(&self, random: &mut fastrand::Rng) -> Option<u64> {
        let limits = GateLimits::default();
        let trial = Trial {
            share: f64::from(self.share) / 100.0,
            attempt: 1,
            pace: Pace::default(),
        };
        let arm = |n: usize, prefers: Path| ArmCounts {
            webhook_id: Some(n as i32),
            prefers,
            ..ArmCounts::default()
        };
        let mut arms: Vec<[ArmCounts; 2]> = (0..WEBHOOKS)
            .map(|n| [Path::Nats, Path::Queue].map(|path| arm(n, path)))
            .collect();
        let mut counts = Counts::default();
        (1..=EVENTS / LOOK).map(|look| look * LOOK).find(|_| {
            for _ in 0..LOOK {
                let [nats, queue] = &mut arms[random.usize(0..WEBHOOKS)];
                let drawn = if random.u32(0..100) < self.fall {
                    nats
                } else {
                    queue
                };
                drawn.events += 1;
                drawn.two_route += 1;
            }
            counts.set_arms(arms.iter().flatten().cloned());
            split::verdict(&counts, &trial, &limits).verdict == Verdict::Fail
        })
    }
}

/// Prints the rows; the limits that are missed.
pub fn rows(runs: u64, seed: u64) -> Vec<String> {
    println!(
        "\n`split`, where lots fall otherwise than the share says: {runs} runs a row, {EVENTS} events each, {WEBHOOKS} webhooks alike, a look \
         every {LOOK} events. Per cent of runs in which the gate failed; the median is of those.\n"
    );
    println!(
        "| of 100 events draw NATS | share | fails within {SOON} events | fails within {EVENTS} events | after (events, median) |"
    );
    println!("| --- | --- | --- | --- | --- |");
    [
        (10, 10, true),
        (50, 50, true),
        (90, 90, true),
        (45, 50, true),
        (9, 10, false),
        (85, 90, false),
    ]
    .into_iter()
    .filter_map(|(fall, share, stands)| {
        let lots = Lots {
            fall,
            share,
            stands,
        };
        row(&lots, &each(runs, seed, |random| lots.run(random)))
    })
    .collect()
}

/// Prints one row; the limit that it misses.
fn row(lots: &Lots, runs: &[Option<u64>]) -> Option<String> {
    let n = runs.len() as u64;
    let mut when: Vec<u64> = runs.iter().flatten().copied().collect();
    when.sort_unstable();
    let soon = when.iter().filter(|at| **at <= SOON).count() as u64;
    let fails = when.len() as u64;
    println!(
        "| {} | {} % | {} | {} | {} |",
        lots.fall,
        lots.share,
        shown(soon, n),
        shown(fails, n),
        when.get(when.len() / 2)
            .map_or("-".to_string(), u64::to_string)
    );
    let (holds, text) = match lots.fair() {
        true => (fails * 100 <= n, "more than 1 % false alarms"),
        false => (
            soon * 100 >= 95 * n,
            "seen too seldom within so many events",
        ),
    };
    (lots.stands && !holds).then(|| format!("lots, {} of {} %: {text}", lots.fall, lots.share))
}
