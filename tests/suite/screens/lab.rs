//! The screens of the lab, as they are.

use std::time::Duration;

use wavegate::{
    model::{Callers, Injury, Rehearsal, WaveAudit},
    ui::{LabUpScreen, RehearsalScreen, Screen, Style},
};

fn wave(name: &str, webhooks: u64, emitted: u64) -> WaveAudit {
    WaveAudit {
        wave: name.to_string(),
        webhooks,
        emitted,
        delivered: emitted,
        ..WaveAudit::default()
    }
}

fn rehearsal(waves: Vec<WaveAudit>) -> Rehearsal {
    let mut total = WaveAudit {
        wave: "total".to_string(),
        ..WaveAudit::default()
    };
    for wave in &waves {
        total.add(wave);
    }
    Rehearsal {
        seed: 1,
        scale: 1.0,
        shape: "a".to_string(),
        elapsed: Duration::from_millis(118_400),
        waves,
        total,
        injuries: vec![
            Injury {
                at: Duration::from_millis(31_250),
                what: "kill -9 of relay 4711".to_string(),
                in_flight: "7 events unpublished".to_string(),
            },
            Injury {
                at: Duration::from_secs(52),
                what: "the NATS workers' way to these endpoints answers 503".to_string(),
                in_flight: "wave standard is hybrid".to_string(),
            },
        ],
        callers: Callers {
            sessions: 8,
            committed: 38_211,
            rolled_back: 1_175,
            failed: 0,
            first_error: None,
            per_second: 351.4,
            p99_ms: 14.2,
            slowest_ms: 97.0,
        },
        examples: Vec::new(),
    }
}

fn holds() -> Rehearsal {
    let mut volume = wave("volume", 7, 16_022);
    volume.ambiguous = 2;
    volume.retried = 11;
    rehearsal(vec![
        wave("pilot", 1, 4_101),
        volume,
        wave("rest", 14, 9_007),
    ])
}

fn fails() -> Rehearsal {
    let mut critical = wave("critical", 7, 16_022);
    critical.delivered -= 2;
    critical.lost = 2;
    critical.duplicated = 1;
    let mut ghosts = wave("never committed", 0, 0);
    ghosts.ghosts = 1;
    let mut rehearsal = rehearsal(vec![critical, ghosts]);
    rehearsal.examples = vec![
        "lost: 0c1f9a52-3a0e-4c1e-8d38-4f0d5b1d9f11 (ledger open, queue pending)".to_string(),
        "duplicated: 5 (ledger delivered; received 31.002 s nats 200, 31.950 s queue 200)"
            .to_string(),
        "ghost: 7b (its caller rolled back)".to_string(),
    ];
    rehearsal.callers.failed = 1;
    rehearsal.callers.first_error = Some("canceling statement due to lock timeout".to_string());
    rehearsal
}

#[test]
fn rehearsal_80() {
    insta::assert_snapshot!(RehearsalScreen(&holds()).draw(&Style::plain(80)));
}

#[test]
fn rehearsal_120() {
    insta::assert_snapshot!(RehearsalScreen(&holds()).draw(&Style::plain(120)));
}

#[test]
fn rehearsal_that_does_not_hold_80() {
    insta::assert_snapshot!(RehearsalScreen(&fails()).draw(&Style::plain(80)));
}

#[test]
fn rehearsal_that_does_not_hold_120() {
    insta::assert_snapshot!(RehearsalScreen(&fails()).draw(&Style::plain(120)));
}

#[test]
fn rehearsal_for_programs() {
    assert_eq!(RehearsalScreen(&holds()).json()["holds"], true);
    insta::assert_snapshot!(
        "rehearsal_json",
        crate::screens::vocabulary::json(&RehearsalScreen(&fails()))
    );
    insta::assert_snapshot!("lab_up_json", crate::screens::vocabulary::json(&up()));
    let json = RehearsalScreen(&fails()).json();
    assert_eq!(json["holds"], false);
    assert_eq!(json["total"]["lost"], 2);
    let mut refused = holds();
    refused.callers.failed = 1;
    assert!(!refused.holds(), "a caller that failed is no success");
}

fn up() -> LabUpScreen {
    LabUpScreen {
        dir: "/tmp/wavegate-lab-1000".to_string(),
        elsewhere: false,
        database_url: "postgres://postgres@127.0.0.1:40729/rules".to_string(),
        nats_url: "nats://127.0.0.1:43501".to_string(),
    }
}

#[test]
fn a_lab_elsewhere_says_where_in_each_command_that_must_know() {
    let screen = LabUpScreen {
        dir: "/srv/my lab".to_string(),
        elsewhere: true,
        ..up()
    };
    let text = screen.draw(&Style::plain(80));
    for command in [
        "lab traffic --dir '/srv/my lab' &",
        "lab down --dir '/srv/my lab'",
    ] {
        assert!(text.contains(command), "{command}: {text}");
    }
}

#[test]
fn lab_up_80() {
    insta::assert_snapshot!(up().draw(&Style::plain(80)));
}

#[test]
fn lab_up_120() {
    insta::assert_snapshot!(up().draw(&Style::plain(120)));
}
