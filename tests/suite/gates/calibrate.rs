//! What a past advises: bursts as they were, and blocks that are long enough for them.

use std::{collections::BTreeMap, time::Duration};

use wavegate::{
    gates::{
        Past,
        calibrate::{Calibrated, Planned, calibrate},
        past::Cell,
    },
    model::GateLimits,
};

/// Two webhooks with so many calls a cell each; of the first one every call fails in bursts of so many cells, each 1,000 cells.
fn past(calls: u32, burst: i32) -> Past {
    let cells = |bursts: bool| -> BTreeMap<i32, Cell> {
        let cell = |number: i32| Cell {
            ended: calls,
            failed: if bursts && number % 1_000 < burst {
                calls
            } else {
                0
            },
        };
        (0..10_000).map(|number| (number, cell(number))).collect()
    };
    Past {
        cell_ms: 60_000,
        cells: 10_000,
        webhooks: [(1, cells(true)), (2, cells(false))].into(),
    }
}

fn calibrated(past: &Past, runs: u32) -> Calibrated {
    let limits = GateLimits {
        block: Some(Duration::from_secs(60)),
        ..GateLimits::default()
    };
    let planned = Planned {
        wave: "w",
        limits: &limits,
        shares: &[0, 50, 100],
        soak: Duration::from_secs(3 * 400 * 60),
    };
    calibrate(past, Some(80.0), planned, |_| runs, 1)
}

#[test]
fn bursts_are_measured_as_they_were() {
    for burst in [0, 1, 12] {
        let found = past(5, burst).bursts();
        let wanted = if burst == 0 { 0 } else { 10 };
        assert_eq!(
            (found.count, found.longest),
            (wanted, burst.unsigned_abs()),
            "{burst}"
        );
        assert_eq!(found.median, found.longest);
    }
    // What comes singly is no burst.
    let mut single = past(5, 0);
    for cell in single
        .webhooks
        .entry(1)
        .or_default()
        .values_mut()
        .step_by(20)
    {
        cell.failed = 1;
    }
    assert_eq!(single.bursts().count, 0);
}

#[test]
fn a_calm_past_keeps_the_plan_and_long_bursts_want_longer_blocks() {
    let calm = calibrated(&past(5, 0), 20);
    let planned = &calm.rates[0];
    assert_eq!(
        (planned.false_fails, planned.false_passes),
        (0.0, 0.0),
        "{calm:?}"
    );
    assert!(
        calm.advice
            .iter()
            .all(|one| one.planned == one.advised || one.setting == "waves[].soak"),
        "{calm:?}"
    );
    // Bursts of half an hour, of one path alone: with blocks of a minute equal paths fail.
    let bursty = calibrated(&past(5, 30), 40);
    assert_eq!(bursty.longest_burst_ms, 30 * 60_000);
    assert!(bursty.rates[0].false_fails > 1.0, "{bursty:?}");
    let block = bursty
        .advice
        .iter()
        .find(|one| one.setting == "gates.success.block")
        .unwrap();
    assert!(
        block.advised != block.planned && block.why.contains("bursts last up to 30 min"),
        "{block:?}"
    );
    // The same chance, the same answer.
    assert_eq!(
        format!("{:?}", calibrated(&past(5, 30), 5)),
        format!("{:?}", calibrated(&past(5, 30), 5))
    );
}

/// In a calm past, cells of a quarter of the planned block decide sooner; beside long bursts they would not keep the promise.
#[test]
fn a_calm_past_allows_shorter_blocks() {
    let limits = GateLimits {
        block: Some(Duration::from_secs(240)),
        ..GateLimits::default()
    };
    let planned = Planned {
        wave: "w",
        limits: &limits,
        shares: &[0, 50, 100],
        soak: Duration::from_secs(3 * 500 * 240),
    };
    let advised = |past: &Past| {
        assert_eq!(past.cell_ms, planned.cell_ms());
        let found = calibrate(past, None, planned, |_| 5, 1);
        (
            found.block,
            found.rates.first().unwrap().block_ms,
            found.longest_burst_ms,
        )
    };
    let (block, shortest, burst) = advised(&past(5, 0));
    assert_eq!(
        (block, shortest, burst),
        (Some(Duration::from_secs(60)), 60_000, 0)
    );
    let (block, _, burst) = advised(&past(5, 30));
    assert!(block.is_none_or(|block| block.as_secs() > 240), "{block:?}");
    assert_eq!(burst, 32 * 60_000, "in times of a block");
}

#[test]
fn without_a_call_nothing_is_played() {
    let nothing = Past {
        webhooks: BTreeMap::new(),
        ..past(1, 0)
    };
    let nothing = calibrated(&nothing, 5);
    assert!(nothing.rates.is_empty());
    assert!(
        nothing.advice[0].why.contains("no call in these days"),
        "{nothing:?}"
    );
}
