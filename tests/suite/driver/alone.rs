//! The guide's pilot and five waves, carried by `run` alone, with real relays, workers and gates: resident, by a scheduler, killed at
//! every line of its journal, and by two of which one always stands frozen. All end the same, and write the same.
//! `scripts/drive` plays every way of both kinds of promotion; otherwise a scheduler takes two of the waves.
#![allow(clippy::print_stderr)]

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::gates;
use crate::support::{
    Shape,
    plane::{Plane, Process},
};

const WAVES: [&str; 6] = ["pilot", "test", "volume", "standard", "rest", "critical"];
/// All six, in a debug build, while other tests run.
const LONGEST: Duration = Duration::from_secs(900);
/// Longer than it takes until another one takes over.
const FROZEN: Duration = Duration::from_secs(8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Resident,
    Scheduler,
    Killed,
    Frozen,
}

/// What drives.
struct Drivers {
    way: Way,
    plan: String,
    running: Vec<Process>,
    lines: i64,
    since: Instant,
    /// Looks of a scheduler, kills, or freezes.
    times: u32,
}

impl Drivers {
    async fn start(plane: &Plane, way: Way, plan: &str) -> Drivers {
        let mut drivers = Drivers {
            way,
            plan: plan.to_string(),
            running: Vec::new(),
            lines: 0,
            since: Instant::now(),
            times: 0,
        };
        let count = match way {
            Way::Scheduler => 0,
            Way::Resident | Way::Killed => 1,
            Way::Frozen => 2,
        };
        for _ in 0..count {
            drivers.one_more(plane).await;
        }
        if way == Way::Frozen {
            drivers.running[0].freeze();
        }
        drivers
    }

    async fn one_more(&mut self, plane: &Plane) {
        self.running
            .push(plane.start(&["run", &self.plan, "--yes"]).await);
    }

    async fn meanwhile(&mut self, plane: &mut Plane) {
        match self.way {
            Way::Resident => {}
            Way::Scheduler => {
                let said = plane.command(&["run", &self.plan, "--once", "--yes"]).await;
                assert!([0, 3, 4].contains(&said.code), "{}{}", said.out, said.err);
                self.times += 1;
            }
            Way::Killed => {
                let lines = plane.number("SELECT count(*) FROM wavegate.journal").await;
                if lines > self.lines && lines > 0 {
                    self.running.remove(0).kill();
                    // What stood there when it died: the next line is the next one's.
                    self.lines = plane.number("SELECT count(*) FROM wavegate.journal").await;
                    self.times += 1;
                    self.one_more(plane).await;
                }
            }
            Way::Frozen if self.since.elapsed() > FROZEN => {
                self.running[0].thaw();
                self.running[1].freeze();
                self.running.swap(0, 1);
                (self.since, self.times) = (Instant::now(), self.times + 1);
            }
            Way::Frozen => {}
        }
    }

    async fn stop(self) {
        for process in self.running {
            process.thaw();
            // Who stands by looks once, and finds it over.
            assert_eq!(process.wait().await, Some(0));
        }
    }
}

/// One migration: what its journal says of each wave, without repeated intents, and how often its way struck.
async fn carry(
    promote: &str,
    way: Way,
    names: &[&str],
) -> (BTreeMap<String, Vec<String>>, u32, usize) {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    let mut waves = String::new();
    for wave in names {
        let webhook = plane.webhook("ok", "queue", 0).await;
        waves.push_str(&format!(
            "  - {{ name: {wave}, match: {{ ids: [{webhook}] }}, unattended: true }}\n"
        ));
        webhooks.push(webhook);
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.yaml");
    let text = format!(
        "version: 1
name: alone
promote: {promote}
nats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}
auto_rollback: {{ on: [errors, broken], after: 3, every: 1s }}
defaults:
  soak: 2s
  watch: 1s
  shares: [0, 50, 100]
  takeover_after: 5s
{gates}
waves:
{waves}",
        gates = gates("200ms", "10s")
    );
    std::fs::write(&path, text).unwrap();
    let _crew = (plane.relay().await, plane.worker("both").await);
    let mut drivers = Drivers::start(&plane, way, &path.display().to_string()).await;
    let end = Instant::now() + LONGEST;
    let mut ids = Vec::new();
    let left = "SELECT count(*) FROM wavegate.wave WHERE step <> 'finished'";
    let begun = "SELECT count(*) FROM wavegate.wave";
    while plane.number(begun).await == 0 || plane.number(left).await > 0 {
        assert!(
            Instant::now() < end,
            "{promote} {way:?}\n{}",
            plane.log_text()
        );
        for webhook in &webhooks {
            ids.extend(plane.emit(*webhook, 2).await);
        }
        drivers.meanwhile(&mut plane).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let times = drivers.times;
    drivers.stop().await;
    plane.until_all_delivered(60).await;
    plane.assert_once(&ids);
    let twice = "SELECT count(*) FROM (SELECT FROM wavegate.journal WHERE step IN ('flip.done', 'flip.barrier', 'flip.checked', 'wave.finished')
                 GROUP BY step, wave, before ->> 'step', after ->> 'to' HAVING count(*) > 1) AS t";
    assert_eq!(plane.number(twice).await, 0, "a line stands twice");
    let mut journal = BTreeMap::new();
    let mut sql = plane.db.connect().await;
    for wave in names {
        let lines = "SELECT step FROM wavegate.journal WHERE wave = $1 ORDER BY id";
        let mut lines: Vec<String> = sqlx::query_scalar(lines)
            .bind(*wave)
            .fetch_all(&mut sql)
            .await
            .unwrap();
        lines.dedup();
        journal.insert(wave.to_string(), lines);
    }
    let modes = "SELECT count(*) FROM rule_webhooks WHERE publish_mode <> 'nats'";
    assert_eq!(plane.number(modes).await, 0);
    plane.close().await;
    (journal, times, ids.len())
}

#[tokio::test]
async fn waves_go_by_themselves_however_they_are_driven() {
    let all = std::env::var("WAVEGATE_DRIVE").is_ok_and(|ways| ways == "all");
    let waves = if all { WAVES.len() } else { 2 };
    let ways: &[(&str, &[Way])] = match all {
        true => &[
            (
                "per_wave",
                &[Way::Resident, Way::Scheduler, Way::Killed, Way::Frozen],
            ),
            (
                "together",
                &[Way::Resident, Way::Scheduler, Way::Killed, Way::Frozen],
            ),
        ],
        false => &[("per_wave", &[Way::Scheduler])],
    };
    eprintln!(
        "alone: | promote | driven | seconds | times | events, each once | lines of the journal |"
    );
    eprintln!("alone: | --- | --- | --- | --- | --- | --- |");
    for (promote, ways) in ways {
        let mut first = None;
        for way in *ways {
            let begun = Instant::now();
            let (journal, times, events) = carry(promote, *way, &WAVES[..waves]).await;
            let lines: usize = journal.values().map(Vec::len).sum();
            eprintln!(
                "alone: | {promote} | {way:?} | {} | {times} | {events} | {lines} |",
                begun.elapsed().as_secs()
            );
            for (wave, lines) in &journal {
                let done = lines.iter().filter(|line| *line == "flip.done").count();
                assert_eq!(done, 4, "{wave}: {lines:?}");
            }
            let first = first.get_or_insert_with(|| journal.clone());
            assert_eq!(*first, journal, "{promote} {way:?}");
        }
    }
}
