//! A wave of forty webhooks, one of which NATS breaks: nothing of it arrives there, everything by the queue.

use super::*;

const WEBHOOKS: usize = 40;
/// The one that NATS breaks.
const BROKEN: usize = 7;
/// Ticks between two looks, and at most; each webhook has one event a tick.
const LOOK: i32 = 5;
const TICKS: i32 = 100;

const SIZE: Size = Size {
    margin: 0.01,
    block: Duration::from_millis(500),
    horizon: Duration::from_secs(3),
    max_retries: 3,
    circuits: true,
};

fn wave(seed: u32) -> Wave {
    Wave {
        name: format!("broken-{seed}"),
        seed,
        webhooks: WEBHOOKS,
        share: 50,
        events: 1,
        starved_from: None,
        gates: "",
        fails: Arc::new(|call: Call| match call.webhook {
            BROKEN if call.by_nats => 1.0,
            _ => 0.0025,
        }),
    }
}

#[tokio::test]
async fn one_broken_webhook_of_forty_stops_its_wave() {
    let seeds = super::seeds().unwrap_or(1);
    let mut lab = Lab::start((1..=seeds).map(wave).collect(), SIZE).await;
    let mut tick = 0;
    while tick < TICKS && lab.found.iter().any(Found::open) {
        lab.play(tick, LOOK).await;
        tick += LOOK;
        lab.look().await;
        lab.promote().await;
    }
    for (wave, found) in lab.waves.iter().zip(&lab.found) {
        let named = format!("{}-{BROKEN} (", wave.name);
        let stopped = found.failed.values().any(|reason| reason.contains(&named));
        assert!(stopped && !found.promoted, "{}: {found:?}", wave.name);
    }
    let mut events: Vec<i32> = lab
        .found
        .iter()
        .map(|f| f.events / WEBHOOKS as i32)
        .collect();
    events.sort_unstable();
    print("");
    print(&format!(
        "Broken: {seeds} waves of {WEBHOOKS} webhooks at share 50, one of each broken by NATS alone; {seeds} stopped, none promoted, \
         after {} events of the broken webhook (median; at most {}), half of them NATS's. The first: {}",
        events[events.len() / 2],
        events.last().unwrap(),
        lab.found[0].failed.values().next().unwrap()
    ));
}
