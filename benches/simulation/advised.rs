//! The bursts that are beyond what is promised, once more with the block that `gate calibrate` advises where the past had such bursts.
//!
//! Such blocks hold thousands of events, and a run hundreds of blocks: so events are not drawn one by one, but as many at once as have
//! the same chance.

use std::{collections::BTreeMap, time::Duration};

use wavegate::{
    gates::{
        BlockArm, Past, Verdict,
        calibrate::{Planned, calibrate},
        past::Cell,
    },
    model::GateLimits,
};

use crate::{
    BEYOND, BLOCK, Decision, Endpoint, MARGIN, Path, Shape, State, Truth, begins, each, shown,
};

/// A step has so many blocks, unless the plan says otherwise.
pub const BLOCKS: u64 = 900;
/// What fails anyway.
const BASE: f64 = 0.01;
/// The past that advises: seven days with an event a second.
const PAST: u64 = 7 * 86_400;
const SHARES: [u8; 3] = [10, 50, 100];
/// Runs by which `gate calibrate` advises.
const PLAYED: u32 = 200;

/// The failure rate of one path from burst to burst.
struct Spells {
    shape: Shape,
    mean: f64,
    /// Now, and for how many events more.
    rate: f64,
    left: u64,
}

impl Spells {
    fn new(shape: Shape, mean: f64) -> Self {
        Spells {
            shape,
            mean,
            rate: mean,
            left: 0,
        }
    }

    /// For how many events the rate stays as it is.
    fn left(&mut self, random: &mut fastrand::Rng) -> u64 {
        if self.left > 0 {
            return self.left;
        }
        let (Path { fails, events } | Endpoint { fails, events }) = self.shape else {
            return u64::MAX;
        };
        // As if each event began one with its chance: so many do not.
        let chance = begins(self.mean, fails, events);
        let calm = match self.rate > 0.0 {
            true => (random.f64().ln() / (-chance).ln_1p()) as u64,
            false => 0,
        };
        (self.rate, self.left) = match calm {
            0 => (fails, events),
            calm => (0.0, calm),
        };
        self.left
    }

    fn pass(&mut self, events: u64) {
        self.left = self.left.saturating_sub(events);
    }
}

/// How many of `n` events with this chance happen.
fn happen(n: u64, chance: f64, random: &mut fastrand::Rng) -> u64 {
    let of_64 = |left: u64| u64::MAX >> (64 - left.min(64));
    (0..n)
        .step_by(64)
        .map(|done| u64::from((lots(chance, random) & of_64(n - done)).count_ones()))
        .sum()
}

/// 64 lots at once, a bit each, set with this chance: digit by digit of the chance, until each lot is above or below it.
fn lots(chance: f64, random: &mut fastrand::Rng) -> u64 {
    let (mut digits, mut set, mut open) = (chance, 0, u64::MAX);
    while open != 0 && digits > 0.0 {
        let drawn = random.u64(..);
        digits *= 2.0;
        if digits >= 1.0 {
            digits -= 1.0;
            set |= open & !drawn;
            open &= drawn;
        } else {
            open &= !drawn;
        }
    }
    set
}

/// One canary from its first event to its last, with blocks of so many events, and two looks a block.
fn run(truth: Truth, block: u64, blocks: u64, random: &mut fastrand::Rng) -> Decision {
    let mut state = State::new(truth);
    let mut nats = Spells::new(truth.shape, truth.base + truth.worse);
    let mut queue = Spells::new(truth.shape, truth.base);
    let mut decision = Decision::default();
    for look in 1..=2 * blocks {
        let mut left = block / 2;
        while left > 0 {
            let events = left.min(nats.left(random)).min(queue.left(random));
            let to_nats = happen(events, truth.share, random);
            for (by_nats, judged, rate) in [
                (true, to_nats, nats.rate),
                (false, events - to_nats, queue.rate),
            ] {
                let failed = happen(judged, rate, random).cast_signed();
                let more = BlockArm {
                    judged: judged.cast_signed(),
                    failed,
                    undelivered: 0,
                };
                state.count(by_nats, more);
            }
            nats.pass(events);
            queue.pass(events);
            left -= events;
        }
        if look % 2 == 0 {
            state.turn();
        }
        let (pass, fail) = state.by_events();
        let (blocks_pass, blocks_fail) = state.by_blocks();
        let n = look * block / 2;
        decision.decide(n, pass && blocks_pass, fail && blocks_fail);
        if !decision.open() {
            let wanted = match decision.promoted {
                Some(_) => Verdict::Pass,
                None => Verdict::Fail,
            };
            assert_eq!(state.gate(), wanted, "after {n} events");
            break;
        }
    }
    decision
}

/// A queue that had such bursts, in cells of so many events; an event a second.
fn past(shape: Shape, cell: u64, random: &mut fastrand::Rng) -> Past {
    let mut spells = Spells::new(shape, BASE);
    let mut cells = BTreeMap::new();
    for number in 0..PAST / cell {
        let (mut left, mut failed) = (cell, 0);
        while left > 0 {
            let events = left.min(spells.left(random));
            failed += happen(events, spells.rate, random);
            spells.pass(events);
            left -= events;
        }
        let cell = Cell {
            ended: cell as u32,
            failed: failed as u32,
        };
        cells.insert(number as i32, cell);
    }
    Past {
        cell_ms: cell.cast_signed() * 1000,
        cells: (PAST / cell) as i32,
        webhooks: [(1, cells)].into(),
    }
}

/// What `gate calibrate` says after such bursts, where blocks of `BLOCK` events are planned: how many events a block should have, and
/// how many the shortest has, of those that it tried, that holds the longest burst.
fn advised(shape: Shape, seed: u64) -> [(&'static str, u64); 2] {
    let limits = GateLimits::default();
    let planned = Planned {
        wave: "",
        limits: &limits,
        shares: &SHARES,
        soak: Duration::from_secs(BLOCKS * BLOCK * SHARES.len() as u64),
    };
    let cell = planned.cell_ms().unsigned_abs() / 1000;
    let past = past(shape, cell, &mut fastrand::Rng::with_seed(seed));
    let found = calibrate(&past, None, planned, |_| PLAYED, seed);
    let advised = found.block.map_or(BLOCK, |block| block.as_secs());
    let holds = (found.rates.iter())
        .find(|rates| rates.block_ms >= found.longest_burst_ms)
        .map_or(advised, |rates| rates.block_ms.unsigned_abs() / 1000);
    [("advised", advised), ("holds a burst", holds)]
}

/// Prints the rows; the limits that are missed.
pub fn rows(runs: u64, blocks: u64, seed: u64) -> Vec<String> {
    println!(
        "\nThe bursts of a path that are longer than a block of {BLOCK} events once more, with the block that `gate calibrate` advises after seven days \
         of such bursts, and with the shortest that it tried that holds the longest of them: {runs} runs a row from seed {seed}, {blocks} blocks \
         each, two looks a block; margin 1 point, the queue fails 1 %.\n"
    );
    println!(
        "| bursts | block | its events | share | NATS worse by (points) | gate passes | gate fails | decided after (blocks, median) |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut missed = Vec::new();
    for (name, shape) in BEYOND {
        for (which, block) in advised(shape, seed) {
            for share in SHARES {
                for worse in [0.0, 0.01, 0.02, 0.03] {
                    let truth = Truth {
                        share: f64::from(share) / 100.0,
                        base: BASE,
                        worse,
                        name,
                        shape,
                        stands: true,
                    };
                    let ends = each(runs, seed, |random| run(truth, block, blocks, random));
                    missed.extend(row(&truth, which, block, &ends));
                }
            }
        }
    }
    missed
}

/// Prints one row; the limits that it misses.
fn row(truth: &Truth, which: &str, block: u64, runs: &[Decision]) -> Vec<String> {
    let n = runs.len() as u64;
    let passes = runs.iter().filter(|run| run.promoted.is_some()).count() as u64;
    let fails = runs.iter().filter(|run| run.stopped.is_some()).count() as u64;
    let mut when: Vec<u64> = runs
        .iter()
        .filter_map(|run| run.promoted.or(run.stopped))
        .map(|at| at / block)
        .collect();
    when.sort_unstable();
    let (share, points) = (truth.share * 100.0, truth.worse * 100.0);
    println!(
        "| {} | {which} | {block} | {share:.0} % | {points:.0} | {} | {} | {} |",
        truth.name,
        shown(passes, n),
        shown(fails, n),
        when.get(when.len() / 2)
            .map_or("-".to_string(), u64::to_string)
    );
    let what = format!(
        "{}, blocks of {block} events, share {share:.0} %, {points:.0} worse",
        truth.name
    );
    let mut missed = Vec::new();
    if truth.worse >= MARGIN && passes * 20 > n {
        missed.push(format!("{what}: more than 5 % false promotions"));
    }
    if truth.worse <= MARGIN && fails * 100 > n {
        missed.push(format!("{what}: more than 1 % false failures"));
    }
    missed
}
