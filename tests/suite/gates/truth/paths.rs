//! One webhook a wave, at share 50, whose paths are worse, equal, starved, or fail for a moment.

use std::time::Instant;

use super::*;

/// Events of a wave in each tick; each arm gets half of them.
const EVENTS: i32 = 6;
const SHARE: i32 = 50;
/// So many ticks a burst lasts.
const BURST: i32 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    /// NATS fails three margins more often than the queue.
    Worse,
    /// Both paths fail alike, now and then.
    Equal,
    /// From some tick on no event is NATS's any more.
    Starved,
    /// NATS loses everything for a few ticks.
    Burst,
    /// The endpoint fails most calls of both paths.
    Endpoint,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario::Worse,
    Scenario::Equal,
    Scenario::Starved,
    Scenario::Burst,
    Scenario::Endpoint,
];

/// How long and how finely it is played.
#[derive(Debug, Clone, Copy)]
struct Length {
    seeds: u32,
    size: Size,
    /// Ticks between two looks.
    look: i32,
    /// Starvation and burst begin in this tick, long before an equal path could pass.
    early: i32,
    /// What is undecided then stays so.
    ticks: i32,
}

const SHORT: Length = Length {
    seeds: 1,
    size: Size {
        margin: 0.1,
        block: Duration::from_millis(50),
        horizon: Duration::from_secs(1),
        max_retries: 0,
        circuits: false,
    },
    look: 40,
    early: 15,
    ticks: 160,
};
const LONG: Length = Length {
    seeds: 20,
    size: Size {
        margin: 0.01,
        block: Duration::from_millis(100),
        horizon: Duration::from_secs(3),
        ..SHORT.size
    },
    look: 100,
    early: 150,
    ticks: 1500,
};

fn wave(scenario: Scenario, seed: u32, length: Length) -> Wave {
    let (margin, early) = (length.size.margin, length.early);
    let few = margin / 4.0;
    Wave {
        name: format!("{scenario:?}-{seed}").to_lowercase(),
        seed,
        webhooks: 1,
        share: SHARE,
        events: EVENTS,
        starved_from: (scenario == Scenario::Starved).then_some(early),
        gates: match scenario {
            Scenario::Endpoint => ", gates: { errors: { max_per_minute: 45 } }",
            _ => "",
        },
        fails: Arc::new(move |call: Call| match scenario {
            Scenario::Worse if call.by_nats => few + 3.0 * margin,
            Scenario::Burst if call.by_nats && (0..BURST).contains(&(call.tick - early)) => 1.0,
            Scenario::Endpoint => 0.6,
            _ => few,
        }),
    }
}

/// The scenarios with so many seeds; what was found, one line a scenario.
async fn scenarios(length: Length) {
    let (truth, waves): (Vec<Scenario>, Vec<Wave>) = (1..=length.seeds)
        .flat_map(|seed| SCENARIOS.map(|scenario| (scenario, wave(scenario, seed, length))))
        .unzip();
    let mut lab = Lab::start(waves, length.size).await;
    let begin = Instant::now();
    let mut tick = 0;
    while tick < length.ticks {
        lab.play(tick, length.look).await;
        tick += length.look;
        lab.settle().await;
        lab.look().await;
        lab.promote().await;
        let decides = |truth: Scenario| matches!(truth, Scenario::Worse | Scenario::Equal);
        // What is held must stay so beyond the moment when an equal path passes.
        if (truth.iter().zip(&lab.found)).all(|(truth, found)| !decides(*truth) || !found.open()) {
            break;
        }
    }
    // Nothing is in grace any more: the last word, and a last attempt to go on.
    tokio::time::sleep(length.size.horizon).await;
    lab.look().await;
    lab.promote().await;
    let seconds = begin.elapsed().as_secs_f64();
    let events = lab
        .plane
        .number("SELECT count(*) FROM rule_webhook_events")
        .await;
    print(&format!(
        "{} seeds, margin {} points, blocks of {} ms, {EVENTS} events a wave and tick, {tick} ticks at most; {events} events in \
         {seconds:.0} s, {:.0} a second",
        length.seeds,
        length.size.margin * 100.0,
        length.size.block.as_millis(),
        events as f64 / seconds
    ));
    for (n, truth) in truth.iter().enumerate() {
        let (name, found) = (lab.waves[n].name.clone(), lab.found[n].clone());
        if !found.promoted {
            let refused = lab.apply(&name).await;
            assert!(
                [3, 4].contains(&refused.code),
                "{name}: {}{}",
                refused.out,
                refused.err
            );
        }
        let wanted = match found.promoted {
            true => 100,
            false => i64::from(SHARE),
        };
        assert_eq!(lab.share(&name).await, wanted, "{name}: {found:?}");
        let (verdict, reason) = &found.last["success"];
        let held = !found.promoted && verdict == "inconclusive";
        match truth {
            Scenario::Worse => {
                let failed = found.failed.contains_key("success");
                assert!(failed && !found.promoted, "{name}: {found:?}");
            }
            Scenario::Equal => assert!(found.promoted, "{name}: {found:?}"),
            // Too few blocks to pass by; or lots that fall otherwise than the share says, and `split` is right.
            Scenario::Starved => {
                let by_time = held && reason.contains("blocks of time decide too");
                let by_lots = found.failed.keys().eq(["split"]);
                assert!(!found.promoted && (by_time || by_lots), "{name}: {found:?}");
            }
            Scenario::Burst => assert!(held, "{name}: {found:?}"),
            // No gate may blame the path; on a slow machine there are too few failures a minute to blame the endpoint.
            Scenario::Endpoint => assert!(found.open(), "{name}: {found:?}"),
        }
    }
    let rolled_back = "SELECT count(*) FROM wavegate.wave WHERE step <> 'hybrid'";
    assert_eq!(lab.plane.number(rolled_back).await, 0);
    print("");
    print(
        "| scenario | runs | promoted | failed | held | events a run (median) | last word of the first run |",
    );
    print("| --- | --- | --- | --- | --- | --- | --- |");
    for scenario in SCENARIOS {
        let found: Vec<&Found> = (truth.iter().zip(&lab.found))
            .filter(|(truth, _)| **truth == scenario)
            .map(|(_, found)| found)
            .collect();
        table_row(scenario, &found);
    }
}

fn table_row(scenario: Scenario, found: &[&Found]) {
    let count = |holds: fn(&Found) -> bool| found.iter().filter(|found| holds(found)).count();
    let mut events: Vec<i32> = found.iter().map(|found| found.events).collect();
    events.sort_unstable();
    let last = match scenario {
        Scenario::Endpoint => &found[0].last["errors"].1,
        Scenario::Starved if !found[0].failed.is_empty() => &found[0].failed["split"],
        _ => &found[0].last["success"].1,
    };
    print(&format!(
        "| {scenario:?} | {} | {} | {} | {} | {} | {last} |",
        found.len(),
        count(|found| found.promoted),
        count(|found| !found.failed.is_empty()),
        count(Found::open),
        events[events.len() / 2],
    ));
}

#[tokio::test]
async fn known_paths_get_the_verdicts_they_deserve() {
    match super::seeds() {
        None => scenarios(SHORT).await,
        Some(seeds) => scenarios(Length { seeds, ..LONG }).await,
    }
}
