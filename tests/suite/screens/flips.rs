//! What people see of apply, rollback, status and history, at 80 and 120 columns.

use chrono::{DateTime, TimeDelta, Utc};
use wavegate::{
    model::{
        Cause, Change, Columns, Consent, Drain, Entry, EntryKind, Gate, Goal, JournalRow, Look,
        Mode, Orphan, Passed, PublishMode, Routes, Routing, Share, WaveStatus, WaveStep,
        drift::Drift,
        driven::{WaitsFor, WaveWait},
        journal::{
            Barrier, Beginning, Checks, Fenced, Flip, Leaving, Nothing, Rollback, RolledBack,
            StepBefore, StepMade, Target,
        },
    },
    store::{
        lock::Holder,
        scope::Undelivered,
        standing::{Standing, WebhookStanding},
    },
    ui::{
        Alive, ApplyScreen, DriftScreen, EffectScreen, HistoryScreen, Output, RollbackScreen,
        Screen, StatusScreen, StepScreen, Style, WaveLine, render,
    },
};

pub fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

pub fn both(screen: &impl Screen, name: &str) {
    for width in [80, 120] {
        let text = render(screen, Output::Table, &Style::plain(width));
        for line in text.lines() {
            assert!(
                line.chars().count() <= usize::from(width),
                "{name} at {width}: {line}"
            );
        }
        insta::assert_snapshot!(format!("{name}_{width}"), text);
    }
    crate::screens::vocabulary::readable_at_40(screen, name);
    insta::assert_snapshot!(
        format!("{name}_json"),
        crate::screens::vocabulary::json(screen)
    );
}

fn columns(publish_mode: PublishMode, share: i16, subject: Option<&str>) -> Columns {
    Columns {
        publish_mode,
        nats_enabled: publish_mode != PublishMode::Queue,
        nats_subject: subject.map(str::to_string),
        nats_config_id: subject.map(|_| 1),
        nats_share: share,
        nats_takeover_after_ms: 30_000,
    }
}

fn change(webhook_id: i32, name: &str, enabled: bool, before: Columns, after: Columns) -> Change {
    Change {
        webhook_id,
        name: name.to_string(),
        enabled,
        wave: Some("volume".to_string()),
        epoch: 3,
        before,
        after,
    }
}

/// A share and a subject by hand, and one that is in the queue.
fn drifts() -> Vec<Drift> {
    let both = columns(PublishMode::Both, 50, Some("webhooks.7"));
    let drift = |webhook_id, name: &str, wrote: &Columns, now| Drift {
        wave: "volume".to_string(),
        now: Routing {
            webhook_id,
            name: name.to_string(),
            enabled: true,
            epoch: 5,
            columns: now,
        },
        wrote: wrote.clone(),
        fenced: webhook_id == 12,
    };
    vec![
        drift(
            7,
            "audit log",
            &both,
            columns(PublishMode::Both, 10, Some("mine.\u{1b}[31m7")),
        ),
        drift(
            12,
            "crm",
            &both,
            Columns {
                nats_enabled: false,
                publish_mode: PublishMode::Queue,
                ..both.clone()
            },
        ),
    ]
}

#[test]
fn what_was_changed_by_hand() {
    let screen = |act, done, follows: &[&str]| DriftScreen {
        act,
        scope: "wave volume".to_string(),
        drifts: drifts(),
        follows: follows.iter().map(ToString::to_string).collect(),
        done,
        barrier: (done && act == "restore").then(Passed::default),
    };
    let anew = "The soak of wave volume begins anew, and so does what its gates count.";
    both(&screen("restore", false, &[anew]), "restore_effect");
    both(&screen("restore", true, &[]), "restore");
    let stands =
        "The next step of wave volume writes again what the plan says: change the plan too.";
    both(&screen("adopt", false, &[stands]), "adopt_effect");
    both(&screen("adopt", true, &[]), "adopt");
}

fn forward() -> Vec<Change> {
    [
        (7, "analytics_events", true),
        (12, "audit log", false),
        (
            31,
            "a webhook whose name is much longer than any column of the table should be",
            true,
        ),
    ]
    .into_iter()
    .map(|(id, name, enabled)| {
        let subject = format!("webhooks.{id}");
        change(
            id,
            name,
            enabled,
            columns(PublishMode::Queue, 0, None),
            columns(PublishMode::Both, 10, Some(&subject)),
        )
    })
    .collect()
}

#[test]
fn the_change_before_it_is_asked_for() {
    let screen = StepScreen {
        plan: "prod-2026q4".to_string(),
        wave: "volume".to_string(),
        from: WaveStep::Pending,
        to: Mode::Both(Share::new(10).unwrap()),
        attempt: 2,
        joins: false,
        changes: forward(),
        fenced: vec![7],
        moving: Some(Drain {
            pending: 100,
            retrying: 20,
            processing: 3,
            future: 40,
            orphaned: Vec::new(),
        }),
        held_back: vec![Routing {
            webhook_id: 40,
            name: "page_views".to_string(),
            enabled: true,
            epoch: 9,
            columns: columns(PublishMode::Queue, 0, None),
        }],
        gates: None,
        all: false,
    };
    both(&screen, "apply_change");
}

#[test]
fn a_step_that_was_taken() {
    let screen = ApplyScreen {
        plan: "prod-2026q4".to_string(),
        wave: "volume".to_string(),
        to: Mode::Both(Share::NONE),
        webhooks: 3,
        barrier: Passed {
            noted: 1,
            waited_ms: 412,
            ..Passed::default()
        },
        routes: Some(Routes {
            both_routes: 1204,
            nats_alone: 2,
            broken: 0,
        }),
        drain: None,
        moved: None,
    };
    both(&screen, "apply_done");
    let screen = ApplyScreen {
        to: Mode::Nats,
        routes: None,
        moved: Some(120),
        drain: Some(Drain {
            pending: 12,
            processing: 1,
            retrying: 3,
            future: 4,
            orphaned: vec![Orphan {
                call_id: 4711,
                webhook_id: 7,
                webhook_name: "analytics_events".to_string(),
                started_at: Some(at(-90)),
                claimed_by: None,
            }],
        }),
        ..screen
    };
    both(&screen, "apply_draining");
}

#[test]
fn a_rollback_before_and_after() {
    let changes = forward()
        .into_iter()
        .map(|change| Change {
            before: Columns {
                publish_mode: PublishMode::Nats,
                ..change.after.clone()
            },
            after: Columns {
                nats_enabled: true,
                ..change.before
            },
            ..change
        })
        .collect();
    let screen = EffectScreen {
        scope: "wave volume".to_string(),
        goal: "queue",
        drain: false,
        changes,
        waves: vec!["volume".to_string()],
        deleted: vec!["old_hook (9)".to_string()],
        undelivered: Undelivered {
            events: 310,
            without_queue_row: 290,
            held: 16,
            unpublished: 12,
        },
        fenced: 0,
        queue_workers: 0,
        nats_workers: 2,
        foreign_worker: None,
        all: false,
    };
    both(&screen, "rollback_effect");
    let screen = RollbackScreen {
        scope: "wave volume".to_string(),
        goal: "queue",
        fenced: 3,
        changed: 3,
        drifted: vec![
            "analytics_events (7) was in nats with share 100, now in nats with share 3".to_string(),
        ],
        pulled: 20,
        enqueued: 290,
        draining: 0,
        drain: false,
        independent: false,
        barrier: Passed::default(),
        took_ms: 184,
    };
    both(&screen, "rollback_done");
    let screen = RollbackScreen {
        fenced: 0,
        drifted: Vec::new(),
        pulled: 0,
        enqueued: 0,
        draining: 290,
        drain: true,
        independent: false,
        ..screen
    };
    both(&screen, "rollback_draining");
}

fn wave(name: &str, position: i32, step: WaveStep, attempt: i32, standing: Standing) -> WaveLine {
    let entered_at = (step != WaveStep::Pending).then(|| at(-130));
    WaveLine {
        status: WaveStatus {
            name: name.to_string(),
            position,
            step,
            attempt,
            entered_at,
            members: standing.webhooks,
        },
        until: match step {
            WaveStep::Hybrid(_) => Some(at(600)),
            WaveStep::Nats => Some(at(-1)),
            _ => None,
        },
        standing,
        unfinished: name == "volume",
    }
}

/// What may need a look, with and without age and command.
fn looks() -> Vec<Look> {
    vec![
        Look::new(
            Cause::NoQueueWorker,
            "no queue worker of ours is alive, and 640 calls wait".to_string(),
        )
        .command("wavegate worker --path queue"),
        Look::new(
            Cause::Stuck,
            "3 events of audit log are set aside, sent by nobody until you decide".to_string(),
        )
        .since(at(-60))
        .command("wavegate dead list"),
        Look::new(
            Cause::RolledBack,
            "wave standard was rolled back; to go forward again".to_string(),
        )
        .command("wavegate apply PLAN --wave standard --resume"),
        Look::new(
            Cause::LastError,
            "the relay on ops1 (pid 7): \u{1b}[31mno responders".to_string(),
        )
        .since(at(-2)),
    ]
}

/// One of each kind that the screen tells apart.
fn waiting() -> Vec<WaveWait> {
    let wait = |wave: &str, step: &str, on, why: &str, gates: Vec<Gate>| WaveWait {
        wave: wave.to_string(),
        step: step.to_string(),
        moved: on != WaitsFor::Order,
        on,
        why: why.to_string(),
        until: (on == WaitsFor::Evidence).then(|| at(600)),
        command: (on == WaitsFor::Step).then(|| "wavegate apply --wave volume".to_string()),
        gates,
    };
    let flipped = "wave volume was flipped to both 50 %, and its barrier and checks are not done";
    let soak = "soak: 14 h of 1 d in this step, until 2026-11-05 12:00:00 UTC";
    vec![
        wait(
            "test-dev",
            "nats",
            WaitsFor::Evidence,
            soak,
            vec![Gate::Soak],
        ),
        wait("volume", "hybrid 50 %", WaitsFor::Step, flipped, Vec::new()),
        wait(
            "critical",
            "pending",
            WaitsFor::Order,
            "wave volume comes first",
            Vec::new(),
        ),
    ]
}

#[test]
fn where_everything_stands() {
    let some = |webhooks, in_both, in_nats, fenced, undelivered, waiting| Standing {
        webhooks,
        in_queue: webhooks - in_both - in_nats,
        in_both,
        in_nats,
        fenced,
        undelivered,
        waiting,
        ..Standing::default()
    };
    let screen = StatusScreen {
        migration: Some((
            "prod-2026q4".to_string(),
            Some(at(-7000)),
            "deploy".to_string(),
        )),
        waves: vec![
            wave("pilot", 1, WaveStep::Finished, 1, some(1, 0, 1, 0, 0, 0)),
            wave("test-dev", 2, WaveStep::Nats, 1, some(8, 0, 8, 0, 12, 0)),
            wave(
                "volume",
                3,
                WaveStep::Hybrid(50),
                2,
                some(14, 13, 0, 1, 1290, 640),
            ),
            wave(
                "standard",
                4,
                WaveStep::RolledBack,
                1,
                some(11, 11, 0, 11, 7, 7),
            ),
            wave("critical", 5, WaveStep::Pending, 1, some(6, 0, 0, 0, 0, 3)),
        ],
        outside: some(2, 0, 0, 0, 0, 0),
        alive: Alive {
            relays: 1,
            queue_workers: 0,
            nats_workers: 2,
            dedicated_workers: 1,
            lag: Some((14, at(0))),
        },
        holder: Some(Holder {
            pid: 4711,
            who: Some("ana".to_string()),
            host: Some("ops1".to_string()),
            command: Some("wavegate apply prod.yaml --wave volume".to_string()),
            since: Some(at(-2)),
        }),
        waiting: waiting(),
        webhooks: None,
        drifts: Vec::new(),
        looks: looks(),
        now: at(0),
    };
    both(&screen, "status");
    let webhook = |webhook_id, name: &str, mode: &str, circuit: &str| WebhookStanding {
        webhook_id,
        name: name.to_string(),
        enabled: webhook_id != 31,
        mode: mode.to_string(),
        share: 50,
        fenced: webhook_id == 12,
        undelivered: 1290,
        waiting: 640,
        circuit: circuit.to_string(),
        circuit_until: (circuit == "open").then(|| at(5)),
        failures: i32::from(circuit != "closed") * 12,
        queue_claimed_at: Some(at(-1)),
        nats_claimed_at: None,
        delivered_at: (webhook_id == 7).then(|| at(-1)),
    };
    let screen = StatusScreen {
        webhooks: Some(vec![
            webhook(7, "audit log", "both", "closed"),
            webhook(12, "crm", "queue", "open"),
            webhook(31, "nightly export", "both", "half_open"),
        ]),
        drifts: drifts(),
        waves: screen
            .waves
            .into_iter()
            .filter(|line| line.status.name == "volume")
            .collect(),
        ..screen
    };
    both(&screen, "status_wave");
    let screen = StatusScreen {
        migration: None,
        waves: Vec::new(),
        outside: some(40, 0, 0, 0, 0, 12),
        alive: Alive::default(),
        holder: None,
        waiting: Vec::new(),
        webhooks: None,
        drifts: Vec::new(),
        looks: Vec::new(),
        now: at(0),
    };
    both(&screen, "status_none");
}

fn line(id: i64, wave: Option<&str>, entry: Entry) -> JournalRow {
    let (before, after) = entry.stored().unwrap();
    let one = [EntryKind::FlipWebhook, EntryKind::RollbackWebhook].contains(&entry.kind());
    JournalRow {
        id,
        at: at(id),
        who: "ana".to_string(),
        host: "ops1".to_string(),
        command: "wavegate apply prod.yaml --wave volume".to_string(),
        step: entry.kind().to_string(),
        migration_id: Some(1),
        wave: wave.map(str::to_string),
        webhook_id: one.then_some(7),
        before,
        after,
    }
}

#[test]
fn who_did_what() {
    let wave = Some("volume");
    let ids = vec![7, 12, 31];
    let target = Target {
        to: Mode::Both(Share::new(10).unwrap()),
        ids: ids.clone(),
        move_waiting: false,
    };
    let flip = Flip {
        target: target.clone(),
        attempt: 1,
        joins: false,
        consent: Consent::Flag,
    };
    let leaving = |step| Leaving { step, webhooks: 3 };
    let columns = |publish_mode, nats_share| Columns {
        publish_mode,
        nats_enabled: true,
        nats_subject: Some("webhooks.7".to_string()),
        nats_config_id: Some(1),
        nats_share,
        nats_takeover_after_ms: 30_000,
    };
    let scope = "wave volume".to_string();
    let screen = HistoryScreen {
        commands: false,
        lines: vec![
            line(
                1,
                None,
                Entry::SchemaStep {
                    before: StepBefore {
                        differences: 1,
                        replaced: None,
                    },
                    after: StepMade {
                        step: "07_webhook_config".to_string(),
                        made: vec!["column nats_config_id".to_string()],
                    },
                },
            ),
            line(
                2,
                None,
                Entry::MigrationStart {
                    before: Nothing {},
                    after: Beginning {
                        name: "prod-2026q4".to_string(),
                        hash: "abc".to_string(),
                        waves: 5,
                        webhooks: 40,
                    },
                },
            ),
            line(
                3,
                wave,
                Entry::FlipIntent {
                    before: leaving(WaveStep::Pending),
                    after: flip.clone(),
                },
            ),
            line(
                4,
                wave,
                Entry::FlipDone {
                    before: leaving(WaveStep::Hybrid(0)),
                    after: flip,
                },
            ),
            line(
                5,
                wave,
                Entry::FlipBarrier {
                    before: Barrier {
                        barrier: Passed {
                            waited_ms: 412,
                            ..Passed::default()
                        },
                    },
                    after: target.clone(),
                },
            ),
            line(
                6,
                wave,
                Entry::FlipChecked {
                    before: Checks {
                        routes: Some(Routes {
                            both_routes: 1204,
                            ..Routes::default()
                        }),
                        drain: None,
                        moved: None,
                    },
                    after: target,
                },
            ),
            line(
                7,
                wave,
                Entry::RollbackWebhook {
                    before: columns(PublishMode::Nats, 100),
                    after: columns(PublishMode::Both, 0),
                },
            ),
            line(
                8,
                wave,
                Entry::RollbackIntent {
                    before: Nothing {},
                    after: Rollback {
                        scope,
                        goal: Goal::Both,
                        ids: ids.clone(),
                        drain: false,
                        ignore: Vec::new(),
                        consent: Consent::Prompt,
                    },
                },
            ),
            line(
                9,
                wave,
                Entry::RollbackFence {
                    before: Nothing {},
                    after: Fenced { fenced: ids },
                },
            ),
            line(
                10,
                wave,
                Entry::RollbackDone {
                    before: Nothing {},
                    after: RolledBack {
                        webhooks: 3,
                        enqueued: 290,
                        pulled: 20,
                        draining: 0,
                    },
                },
            ),
        ],
    };
    both(&screen, "history");
    let screen = HistoryScreen {
        lines: Vec::new(),
        commands: false,
    };
    both(&screen, "history_empty");
}
