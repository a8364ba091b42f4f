//! Weeks of `run --once` each hour, by the decision function and a clock of our own: windows, freezes, sign-offs that come days late, holds over
//! a weekend, approvals, gates that fail now and then. Soak, window and sign-off are judged by the real gates.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use wavegate::{
    engine::{
        driver::decide::{Decision, DueStep, Facts, View, decide},
        planner::{self, Snapshot},
    },
    gates::{self, GateResult, Guarded, Report, place, signoff::Signature, soak, window::Window},
    model::{Gate, Mode, PublishMode, WaveStep, Webhook, driven::WaitsFor},
    plan::{Plan, Wave},
    store::hold::Standstill,
};

/// One migration with all that happens to it.
struct World {
    plan: Plan,
    snapshot: Snapshot,
    now: DateTime<Utc>,
    /// By wave: when its roles sign after it came to a step, and how many looks in a row a watched gate fails.
    signs_after: TimeDelta,
    approves_after: TimeDelta,
    strikes: BTreeMap<String, u32>,
    failing: BTreeSet<String>,
    holds: Vec<Standstill>,
    /// Are windows asked when they open? That walks along a year.
    forecasts: bool,
    steps: Vec<(DateTime<Utc>, DueStep)>,
    taken_back: Vec<(DateTime<Utc>, String)>,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn plan(promote: &str, signoff: bool) -> Plan {
    let signoff = if signoff {
        ", signoff: [operations, product]"
    } else {
        ""
    };
    Plan::parse(&format!(
        "version: 1
name: weeks
promote: {promote}
nats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}
defaults: {{ soak: 48h, watch: 24h, shares: [0, 10, 50, 100] }}
auto_rollback: {{ on: [errors], after: 2, every: 30s }}
windows: {{ allow: [\"Mon-Thu 02:00-05:00\"], freeze: [\"2026-12-08/2026-12-09\"], timezone: Europe/Berlin }}
waves:
  - {{ name: pilot, webhooks: [a_1], soak: 24h, unattended: true }}
  - {{ name: volume, match: {{ names: [\"b_*\"] }} }}
  - {{ name: critical, match: {{ names: [\"c_*\"] }}, confirm: typed{signoff} }}
"
    ))
    .unwrap()
}

impl World {
    fn new(promote: &str, signoff: bool) -> World {
        let plan = plan(promote, signoff);
        let webhook = |(id, name): (i32, &str)| Webhook {
            id,
            name: name.to_string(),
            enabled: true,
            tags: Vec::new(),
            mode: PublishMode::Queue,
            share: 0,
            epoch: 0,
            subject: None,
            fenced: false,
            calls_7d: 1000,
            failed_7d: 0,
            mean_latency_ms: None,
        };
        let webhooks = [(1, "a_1"), (2, "b_1"), (3, "b_2"), (4, "c_1")];
        World {
            snapshot: Snapshot::before_start(&plan, webhooks.into_iter().map(webhook).collect()),
            plan,
            now: at("2026-11-30T00:10:00Z"),
            signs_after: TimeDelta::hours(30),
            approves_after: TimeDelta::hours(20),
            strikes: BTreeMap::new(),
            failing: BTreeSet::new(),
            holds: Vec::new(),
            forecasts: false,
            steps: Vec::new(),
            taken_back: Vec::new(),
        }
    }

    fn step_of(&self, wave: &str) -> (WaveStep, Option<DateTime<Utc>>) {
        let status = self.snapshot.waves.iter().find(|s| s.name == wave).unwrap();
        (status.step, status.entered_at)
    }

    /// What a person said of this step by now.
    fn signed(&self, since: Option<DateTime<Utc>>) -> Vec<Signature> {
        let at = since.unwrap_or(at("2026-11-30T00:00:00Z")) + self.signs_after;
        let sign = |role: &str| Signature {
            role: role.to_string(),
            signed: true,
            who: role.to_string(),
            host: "here".to_string(),
            at,
            note: None,
        };
        match at <= self.now {
            true => vec![sign("operations"), sign("product")],
            false => Vec::new(),
        }
    }

    fn results(&self, wave: &Wave, to: Mode) -> Vec<GateResult> {
        let (from, since) = self.step_of(&wave.name);
        let guarded = Guarded::between(from, to);
        let errors: &[String] = match self.failing.contains(&wave.name) {
            true => &["NATS fails".to_string()],
            false => &[],
        };
        let lasts = match from {
            WaveStep::Nats => wave.watch,
            _ => wave.step_soak(),
        };
        let windows = self.plan.windows().unwrap();
        let asked = guarded.asked(&wave.limits, true, !wave.signoff.is_empty());
        let result = |gate: &Gate| match gate {
            Gate::Soak => soak::verdict(since, lasts, self.now),
            Gate::Errors => place::verdict(gate, errors, "few", "repair it"),
            Gate::Window => gates::window::verdict(&Window {
                now: self.now,
                permitted: windows.permit(self.now),
                frozen: windows.frozen(self.now),
                changes_at: self.forecasts.then(|| windows.changes(self.now)).flatten(),
                now_shown: String::new(),
                changes_shown: None,
            }),
            Gate::Signoff => {
                gates::signoff::verdict(&wave.signoff, &self.signed(since), "wavegate signoff")
            }
            other => place::verdict(other, &[], "fine", ""),
        };
        asked.iter().map(result).collect()
    }

    fn views(&mut self) -> BTreeMap<String, View> {
        let mut views = BTreeMap::new();
        for wave in self.plan.waves() {
            let (from, since) = self.step_of(&wave.name);
            let to = match planner::decide(&self.plan, &self.snapshot, &wave.name) {
                Ok(step) => step.to,
                Err(planner::Hold::Watched) => Mode::Nats,
                Err(planner::Hold::Behind { .. }) if from.is_moved() => {
                    planner::next_mode(wave, from).unwrap()
                }
                Err(_) => continue,
            };
            let fails = self.strikes.entry(wave.name.clone()).or_default();
            *fails = match self.failing.contains(&wave.name) && from.is_moved() {
                true => *fails + 1,
                false => 0,
            };
            let strikes = vec![(Gate::Errors, *fails)];
            let since_known = since.unwrap_or(at("2026-11-30T00:00:00Z"));
            let report = Report {
                wave: wave.name.clone(),
                step: String::new(),
                since,
                at: self.now,
                results: self.results(wave, to),
            };
            let view = View {
                whole: true,
                report,
                approved: since_known + self.approves_after <= self.now,
                strikes,
            };
            views.insert(wave.name.clone(), view);
        }
        views
    }

    /// Everything that is due; what is carried out holds at once.
    fn look(&mut self) -> Decision {
        loop {
            let views = self.views();
            let none = BTreeMap::new();
            let now = self.now;
            let holds: Vec<Standstill> = self
                .holds
                .iter()
                .filter(|hold| hold.at <= now && hold.until.is_none_or(|until| until > now))
                .cloned()
                .collect();
            let decision = decide(&Facts {
                drifts: &[],
                plan: &self.plan,
                snapshot: &self.snapshot,
                unfinished: None,
                half_back: None,
                views: &views,
                holds: &holds,
                aside: &none,
                now,
            });
            match decision {
                Decision::Step(step) => {
                    self.check(&step, &views[&step.wave], &holds);
                    self.enter(
                        &step.wave,
                        match step.to {
                            None => WaveStep::Finished,
                            Some(Mode::Nats) => WaveStep::Nats,
                            Some(Mode::Both(share)) => WaveStep::Hybrid(share.percent()),
                            Some(Mode::Queue) => panic!("no step forward leads to the queue"),
                        },
                    );
                    self.steps.push((now, step));
                }
                Decision::TakeBack { wave, gates } => {
                    assert_eq!(gates, [Gate::Errors]);
                    assert!(views[&wave].strikes[0].1 >= 2, "{wave} went back too soon");
                    self.enter(&wave, WaveStep::RolledBack);
                    self.taken_back.push((now, wave));
                }
                other => return other,
            }
        }
    }

    fn enter(&mut self, wave: &str, step: WaveStep) {
        let status = self
            .snapshot
            .waves
            .iter_mut()
            .find(|s| s.name == wave)
            .unwrap();
        (status.step, status.entered_at) = (step, Some(self.now));
        self.strikes.insert(wave.to_string(), 0);
    }

    /// What no step may do, asked without the decision's own code.
    fn check(&self, step: &DueStep, view: &View, holds: &[Standstill]) {
        let told = format!("{} {:?} at {}", step.wave, step.to, self.now);
        let wave = self.plan.wave(&step.wave).unwrap();
        let (from, since) = self.step_of(&step.wave);
        let results = &view.report.results;
        assert!(
            results.iter().all(|r| r.verdict == gates::Verdict::Pass),
            "{told}"
        );
        assert!(
            !self.failing.contains(&step.wave) || since.is_none(),
            "{told}: a gate fails"
        );
        if step.to.is_some() {
            assert!(
                self.plan.windows().unwrap().permit(self.now),
                "{told}: no window is open"
            );
        }
        if let Some(since) = since {
            let lasts = if from == WaveStep::Nats {
                wave.watch
            } else {
                wave.step_soak()
            };
            assert!(
                self.now - since >= TimeDelta::from_std(lasts).unwrap(),
                "{told}: too soon"
            );
        }
        let typed = wave.typed_confirm || step.to == Some(Mode::Nats);
        let word = match wave.signoff.is_empty() {
            true => view.approved || wave.unattended,
            false => !self.signed(since).is_empty(),
        };
        assert!(!typed || word, "{told}: nobody agreed");
        let held = |hold: &&Standstill| hold.wave.as_ref().is_none_or(|held| *held == step.wave);
        assert!(holds.iter().find(held).is_none(), "{told}: it is held");
        if let (Some(Mode::Both(share)), WaveStep::Hybrid(now)) = (step.to, from) {
            let next = wave.shares.iter().find(|share| share.percent() > now);
            assert_eq!(Some(&share), next, "{told}: a share was skipped");
        }
        let order: Vec<&str> = self.plan.waves().iter().map(|w| w.name.as_str()).collect();
        let mine = order.iter().position(|name| *name == step.wave).unwrap();
        if from == WaveStep::Pending {
            for before in &order[..mine] {
                assert!(
                    !matches!(
                        self.step_of(before).0,
                        WaveStep::Pending | WaveStep::RolledBack
                    ),
                    "{told}: {before}"
                );
            }
        }
    }

    fn weeks(&mut self, weeks: i64) -> Decision {
        let end = self.now + TimeDelta::weeks(weeks);
        let mut last = self.look();
        while self.now < end && last != Decision::Finished {
            self.now += TimeDelta::hours(1);
            last = self.look();
        }
        last
    }

    fn all_steps(&self) -> Vec<String> {
        let told = |(_, step): &(_, DueStep)| format!("{} {}", step.wave, step.target());
        self.steps.iter().map(told).collect()
    }
}

fn hold(wave: Option<&str>, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Standstill {
    Standstill {
        id: 7,
        who: "kim".to_string(),
        host: "here".to_string(),
        at: from,
        scope: wave.map_or("everything".to_string(), |wave| format!("wave {wave}")),
        wave: wave.map(str::to_string),
        webhook_id: None,
        why: "month end".to_string(),
        until,
    }
}

/// Every step of every wave, once each, and nothing beside: whatever comes late.
#[test]
fn weeks_by_the_hour_end_with_every_step_taken_once() {
    for seed in 0..20u64 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut world = World::new(
            if seed % 2 == 0 {
                "per_wave"
            } else {
                "together"
            },
            seed % 3 != 0,
        );
        world.signs_after = TimeDelta::hours(random.i64(0..90));
        world.approves_after = TimeDelta::hours(random.i64(0..90));
        let weekend = at("2026-12-04T15:00:00Z") + TimeDelta::weeks(random.i64(0..2));
        let wave = [None, Some("volume"), Some("critical")][random.usize(0..3)];
        world.holds.push(hold(
            wave,
            weekend,
            Some(weekend + TimeDelta::hours(random.i64(30..90))),
        ));
        let end = world.weeks(12);
        assert_eq!(
            end,
            Decision::Finished,
            "seed {seed}: {:?}",
            world.all_steps()
        );
        let mut steps = world.all_steps();
        let taken = steps.len();
        steps.sort();
        steps.dedup();
        assert_eq!((taken, steps.len()), (18, 18), "seed {seed}: {steps:?}");
        assert!(world.taken_back.is_empty(), "seed {seed}");
    }
}

#[test]
fn the_same_world_makes_the_same_decisions() {
    let run = || {
        let mut world = World::new("per_wave", true);
        world.weeks(12);
        world
            .steps
            .iter()
            .map(|(at, step)| format!("{at} {step:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

/// The guard waits for no window, no hold and nobody's word, and takes back its own wave alone, after so many failures in a row.
#[test]
fn a_failing_wave_goes_back_at_its_second_failure_whatever_holds_it() {
    let mut world = World::new("together", true);
    while world.step_of("volume").0 != WaveStep::Hybrid(10) {
        world.now += TimeDelta::hours(1);
        world.look();
    }
    world.holds.push(hold(None, world.now, None));
    world.now = at("2026-12-05T12:10:00Z"); // a Saturday: no window is open
    world.look();
    let before = world.steps.len();
    world.failing.insert("volume".to_string());
    world.now += TimeDelta::hours(1);
    world.look();
    assert!(world.taken_back.is_empty(), "one failure is not two");
    world.now += TimeDelta::hours(1);
    let waiting = world.look();
    assert_eq!(world.taken_back, [(world.now, "volume".to_string())]);
    assert_eq!(world.steps.len(), before, "nothing went forward");
    let Decision::Wait(waiting) = waiting else {
        panic!("{waiting:?}")
    };
    let volume = waiting.iter().find(|one| one.wave == "volume").unwrap();
    assert_eq!(volume.on, WaitsFor::Resume);
    assert_eq!(
        volume.command.as_deref(),
        Some("wavegate apply --wave volume --resume")
    );
    assert!(world.step_of("pilot").0.is_moved(), "its neighbour stays");
    // It stays so, for however long.
    world.failing.clear();
    for _ in 0..200 {
        world.now += TimeDelta::hours(1);
        world.look();
    }
    assert_eq!(world.step_of("volume").0, WaveStep::RolledBack);
}

#[test]
fn a_failure_that_passes_takes_nothing_back() {
    let mut world = World::new("per_wave", false);
    while world.step_of("pilot").0 != WaveStep::Hybrid(10) {
        world.now += TimeDelta::hours(1);
        world.look();
    }
    for round in 0..20 {
        match round % 2 {
            0 => world.failing.insert("pilot".to_string()),
            _ => world.failing.remove("pilot"),
        };
        world.now += TimeDelta::hours(1);
        world.look();
    }
    assert!(world.taken_back.is_empty());
}

/// What each wait says is what ends it: the command is there, and the time is right.
#[test]
fn every_wait_says_what_ends_it() {
    let mut world = World::new("per_wave", true);
    world.forecasts = true;
    world.signs_after = TimeDelta::weeks(500);
    world.approves_after = TimeDelta::weeks(500);
    let mut seen = BTreeSet::new();
    for _ in 0..24 * 60 {
        world.now += TimeDelta::hours(1);
        let Decision::Wait(waiting) = world.look() else {
            panic!("somebody agreed")
        };
        for one in &waiting {
            seen.insert(one.on);
            match one.on {
                WaitsFor::Person => assert!(one.command.is_some(), "{one:?}"),
                WaitsFor::Evidence => {
                    assert!(one.until.is_some_and(|until| until > world.now), "{one:?}")
                }
                _ => {}
            }
        }
    }
    assert!(
        seen.contains(&WaitsFor::Evidence)
            && seen.contains(&WaitsFor::Order)
            && seen.contains(&WaitsFor::Person),
        "{seen:?}"
    );
    // `volume` wants a word for nats, and got none.
    assert_eq!(world.step_of("volume").0, WaveStep::Hybrid(100));
}
