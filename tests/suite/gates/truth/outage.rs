//! An endpoint that is away for a while, for both paths alike: nobody's fault but its own.

use std::collections::BTreeMap;

use super::*;

/// Ticks between two looks.
const LOOK: i32 = 10;
const EVENTS: i32 = 6;
const SHARES: [i32; 3] = [10, 50, 90];

fn wave(share: i32, seconds: u64, quiet: u64) -> Wave {
    let away = Duration::from_secs(quiet)..Duration::from_secs(quiet + seconds);
    Wave {
        name: format!("away-{seconds}s-at-{share}"),
        seed: 1,
        webhooks: 1,
        share,
        events: EVENTS,
        starved_from: None,
        gates: "",
        fails: Arc::new(move |call: Call| match away.contains(&call.at) {
            true => 1.0,
            false => 0.0025,
        }),
    }
}

/// Outages of these lengths at every share, side by side, with `quiet` seconds before them and twice as many after the longest. No
/// gate may fail, at any look.
async fn outages(lengths: &[u64], quiet: u64, circuits: bool) {
    let size = Size {
        margin: 0.01,
        block: Duration::from_millis(500),
        horizon: Duration::from_secs(3),
        max_retries: 3,
        circuits,
    };
    let waves = lengths
        .iter()
        .flat_map(|seconds| SHARES.map(|share| wave(share, *seconds, quiet)))
        .collect();
    let mut lab = Lab::start(waves, size).await;
    let seconds = lengths.iter().max().unwrap() + 3 * quiet;
    let ticks = (Duration::from_secs(seconds).as_millis() / size.block.as_millis()) as i32;
    let mut blamed: BTreeMap<String, String> = BTreeMap::new();
    for tick in (0..ticks).step_by(LOOK as usize) {
        lab.play(tick, LOOK).await;
        lab.look().await;
        for (wave, found) in lab.waves.iter().zip(&lab.found) {
            let (verdict, reason) = &found.last["broken"];
            if verdict != "pass" && reason.contains("delivered none of") {
                blamed.insert(wave.name.clone(), reason.clone());
            }
        }
    }
    let failed: Vec<_> = (lab.waves.iter().zip(&lab.found))
        .filter(|(_, found)| !found.failed.is_empty())
        .map(|(wave, found)| (&wave.name, &found.failed))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(blamed.is_empty(), "{blamed:#?}");
    let dead = "SELECT count(*) FROM rule_webhook_events WHERE dead";
    let dead = lab.plane.number(dead).await;
    let events = "SELECT count(*) FROM rule_webhook_events";
    let events = lab.plane.number(events).await;
    print("");
    print(&format!(
        "Away: {} waves, the endpoint away for {lengths:?} seconds for both paths at shares {SHARES:?}, circuits {circuits}; {} looks, \
         no gate failed, no arm was blamed; {events} events, {dead} dead",
        lab.waves.len(),
        ticks / LOOK,
    ));
}

#[tokio::test]
async fn an_endpoint_that_is_away_for_both_paths_is_nobodys_fault() {
    match super::seeds() {
        None => outages(&[4], 4, true).await,
        Some(_) => {
            let lengths = [10, 30, 60, 120, 300];
            tokio::join!(outages(&lengths, 20, true), outages(&lengths, 20, false));
        }
    }
}
