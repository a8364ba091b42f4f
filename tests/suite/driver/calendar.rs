//! Three weeks of `run --once` each hour, by real processes: between two looks PostgreSQL's clock jumps an hour ahead, and so every look is
//! an hour after the last one while relay and workers live on. `scripts/drive calendar` lends the clock; without one the looks of the first
//! hours are played, one behind the other.
#![allow(clippy::print_stderr)]

use std::time::{Duration, Instant};

use super::gates;
use crate::support::{Shape, plane::Plane};

/// The file that PostgreSQL's clock is read from, and the hours until all must be over.
const CLOCK: &str = "WAVEGATE_CLOCK";
const LONGEST: u32 = 5 * 7 * 24;
/// So many looks where no clock is lent.
const SHORT: u32 = 4;

struct Calendar {
    plane: Plane,
    webhooks: Vec<i32>,
    plan: String,
    clock: Option<String>,
    ids: Vec<String>,
    /// First and last frozen day.
    freeze: String,
    _dir: tempfile::TempDir,
}

impl Calendar {
    async fn new() -> Calendar {
        let clock = std::env::var(CLOCK).ok();
        if let Some(clock) = &clock {
            std::fs::write(clock, "+0").unwrap();
        }
        let mut plane = Plane::new(Shape::A).await;
        let mut webhooks = Vec::new();
        for _ in 0..3 {
            webhooks.push(plane.webhook("ok", "queue", 0).await);
        }
        let freeze: String = sqlx::query_scalar(
            "SELECT to_char(now() + interval '9 days', 'YYYY-MM-DD') || '/' || to_char(now() + interval '10 days', 'YYYY-MM-DD')",
        )
        .fetch_one(&mut plane.sql)
        .await
        .unwrap();
        let [pilot, volume, critical] = [webhooks[0], webhooks[1], webhooks[2]];
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.yaml");
        let text = format!(
            "version: 1
name: calendar
nats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}
auto_rollback: {{ on: [errors, broken, workers], after: 2, every: 1h, silent_after: 3h }}
windows: {{ allow: [\"Mon-Fri 02:00-05:00\"], freeze: [\"{freeze}\"], timezone: Europe/Berlin }}
defaults:
  soak: 60h
  watch: 12h
  shares: [0, 50, 100]
  takeover_after: 5s
{gates}
waves:
  - {{ name: pilot, match: {{ ids: [{pilot}] }}, shares: [0, 10, 50, 100], soak: 80h, unattended: true }}
  - {{ name: volume, match: {{ ids: [{volume}] }} }}
  - {{ name: critical, match: {{ ids: [{critical}] }}, confirm: typed, signoff: [operations, product] }}
",
        gates = gates("1s", "30s")
        );
        std::fs::write(&path, text).unwrap();
        Calendar {
            plane,
            webhooks,
            plan: path.display().to_string(),
            clock,
            ids: Vec::new(),
            freeze,
            _dir: dir,
        }
    }

    /// An hour later: whoever was alive says so again, some events come and are delivered.
    async fn hour(&mut self, hour: u32) {
        self.plane.until_delivered(30).await;
        if let Some(clock) = &self.clock {
            std::fs::write(clock, format!("+{}", u64::from(hour) * 3600)).unwrap();
        }
        let silent = "SELECT count(*) FROM (SELECT seen_at FROM wavegate.relay UNION ALL SELECT seen_at FROM wavegate.worker) AS t
                      WHERE seen_at < now() - interval '10 s'";
        self.plane.until(30, silent, 0).await;
        for _ in 0..4 {
            for webhook in self.webhooks.clone() {
                self.ids.extend(self.plane.emit(webhook, 2).await);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.plane.until_delivered(30).await;
    }

    async fn says(&self, args: &[&str]) {
        let said = self.plane.command(args).await;
        assert_eq!(said.code, 0, "{args:?}: {}{}", said.out, said.err);
    }

    /// For how many hours the wave stands at its step; 0 before it began.
    async fn stands(&mut self, wave: &str) -> i64 {
        let sql = format!(
            "SELECT coalesce((SELECT (extract(epoch FROM now() - entered_at) / 3600)::bigint FROM wavegate.wave
             WHERE name = '{wave}' AND step IN ('hybrid', 'nats')), 0)"
        );
        self.plane.number(&sql).await
    }

    /// For how many hours it has been in NATS.
    async fn in_nats(&mut self, wave: &str) -> i64 {
        let sql = format!(
            "SELECT coalesce((SELECT (extract(epoch FROM now() - at) / 3600)::bigint FROM wavegate.journal
             WHERE wave = '{wave}' AND step = 'flip.done' AND after -> 'to' ->> 'mode' = 'nats'), 0)"
        );
        self.plane.number(&sql).await
    }

    async fn weekday(&mut self, day: i64, hour: i64) -> bool {
        let sql = "SELECT (extract(isodow FROM now() AT TIME ZONE 'Europe/Berlin') * 100 + extract(hour FROM now() AT TIME ZONE 'Europe/Berlin'))::bigint";
        self.plane.number(sql).await == day * 100 + hour
    }

    /// What people do, late: they sign for the first step of `critical` two days and a half after its turn came, for each other one after
    /// eight hours; they approve the last step of `volume` after two days; and on the second Friday somebody holds everything until Monday.
    async fn people(&mut self, fridays: &mut u32) {
        let begun = self.stands("critical").await;
        let pending =
            "SELECT count(*) FROM wavegate.wave WHERE name = 'critical' AND step = 'pending'";
        let first = self.plane.number(pending).await == 1 && self.in_nats("volume").await == 60;
        if first || begun == 8 {
            for role in ["operations", "product"] {
                self.says(&[
                    "signoff", &self.plan, "--wave", "critical", "--role", role, "--yes",
                ])
                .await;
            }
        }
        let last = "SELECT count(*) FROM wavegate.wave WHERE name = 'volume' AND step = 'hybrid' AND share = 100";
        if self.plane.number(last).await == 1 && self.stands("volume").await == 50 {
            self.says(&[
                "approve",
                &self.plan,
                "--wave",
                "volume",
                "--confirm",
                "volume",
            ])
            .await;
        }
        if self.weekday(5, 16).await {
            *fridays += 1;
            if *fridays == 2 {
                let hold = [
                    "hold", "--all", "--reason", "weekend", "--for", "68h", "--yes",
                ];
                self.says(&hold).await;
            }
        }
    }
}

#[tokio::test]
async fn three_weeks_by_the_hour() {
    let mut calendar = Calendar::new().await;
    let crew = (
        calendar.plane.relay().await,
        calendar.plane.worker("both").await,
    );
    let (begun, mut fridays, mut hours, mut done) = (Instant::now(), 0, 0, 0);
    let left = "SELECT count(*) FILTER (WHERE step <> 'finished') + (count(*) = 0)::int FROM wavegate.wave";
    loop {
        hours += 1;
        assert!(
            hours < LONGEST,
            "not over after five weeks\n{}",
            calendar.plane.log_text()
        );
        calendar.hour(hours).await;
        if calendar.clock.is_some() {
            calendar.people(&mut fridays).await;
        }
        let said = calendar
            .plane
            .command(&["run", &calendar.plan, "--once", "--yes"])
            .await;
        // 0: something was done. 4: nothing was due.
        assert!(
            [0, 4].contains(&said.code),
            "hour {hours}: {} {}{}",
            said.code,
            said.out,
            said.err
        );
        done += u32::from(said.code == 0);
        if hours % 24 == 0 {
            eprintln!(
                "progress: day {}, {} s",
                hours / 24,
                begun.elapsed().as_secs()
            );
        }
        let over = calendar.plane.number(left).await == 0;
        if over || calendar.clock.is_none() && hours == SHORT {
            break;
        }
    }
    let plane = &mut calendar.plane;
    let local = "at AT TIME ZONE 'Europe/Berlin'";
    let outside = format!(
        "SELECT count(*) FROM wavegate.journal WHERE step = 'flip.done'
         AND NOT (extract(isodow FROM {local}) <= 5 AND extract(hour FROM {local}) BETWEEN 2 AND 4)"
    );
    assert_eq!(
        plane.number(&outside).await,
        0,
        "a step outside the windows"
    );
    let (from, to) = calendar.freeze.split_once('/').unwrap();
    let frozen = format!(
        "SELECT count(*) FROM wavegate.journal WHERE step = 'flip.done' AND ({local})::date BETWEEN '{from}' AND '{to}'"
    );
    assert_eq!(plane.number(&frozen).await, 0, "a step on a frozen day");
    let steps = "SELECT count(*) FROM wavegate.journal WHERE step = 'flip.done'";
    let steps = plane.number(steps).await;
    match calendar.clock {
        Some(_) => assert_eq!(steps, 13),
        // Within minutes nothing but the pilot's first step is due, and that in its window alone.
        None => assert!(steps <= 1 && steps <= i64::from(done), "{steps} {done}"),
    }
    let fired = "SELECT count(*) FROM wavegate.journal WHERE step = 'guard.fired'";
    assert_eq!(plane.number(fired).await, 0);
    let held = "SELECT count(*) FROM wavegate.journal f JOIN wavegate.journal h ON h.step = 'hold.set'
                AND f.at BETWEEN h.at AND (h.after ->> 'until')::timestamptz WHERE f.step = 'flip.done'";
    let holds = "SELECT count(*) FROM wavegate.journal WHERE step = 'hold.set'";
    let held_once = i64::from(calendar.clock.is_some());
    assert_eq!(plane.number(holds).await, held_once);
    assert_eq!(
        plane.number(held).await,
        0,
        "a step while everything stood still"
    );
    let modes = "SELECT count(*) FROM rule_webhooks WHERE publish_mode <> 'nats'";
    let left = if calendar.clock.is_some() { 0 } else { 3 };
    assert_eq!(plane.number(modes).await, left);
    plane.until_all_delivered(60).await;
    plane.assert_once(&calendar.ids);
    eprintln!(
        "calendar: {hours} looks, one an hour ({} days), {done} of them did something, {} events, each once, in {} s",
        hours / 24,
        calendar.ids.len(),
        begun.elapsed().as_secs()
    );
    drop(crew);
    calendar.plane.close().await;
}
