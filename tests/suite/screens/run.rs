//! What `run` and `hold` show.

use wavegate::{
    model::{
        Gate,
        driven::{Deed, DeedKind, Driven, DriverNews, Driving, WaitsFor, WaveWait},
    },
    store::hold::Standstill,
    ui::{HoldScreen, RunScreen, run_line},
};

use super::{flips::at, flips::both, vocabulary::readable_at_40};

fn deed(what: DeedKind, wave: &str, from: &str, to: &str, why: Option<&str>) -> Deed {
    Deed {
        what,
        wave: wave.into(),
        from: from.into(),
        to: to.into(),
        why: why.map(Into::into),
        at: at(1),
    }
}

fn waiting(wave: &str, step: &str, on: WaitsFor, why: &str, command: Option<&str>) -> WaveWait {
    WaveWait {
        wave: wave.into(),
        step: step.into(),
        moved: on != WaitsFor::Order,
        on,
        why: why.into(),
        gates: Vec::new(),
        until: None,
        command: command.map(Into::into),
    }
}

fn waits() -> Vec<WaveWait> {
    let evidence = WaveWait {
        gates: vec![Gate::Success, Gate::Soak],
        until: Some(at(300)),
        ..waiting(
            "pilot",
            "hybrid 50 %",
            WaitsFor::Evidence,
            "success: fewer than 100 events; soak: 1 h of 6 h in this step",
            Some("wait"),
        )
    };
    vec![
        evidence,
        waiting(
            "volume",
            "hybrid 100 %",
            WaitsFor::Person,
            "its gates pass; somebody approves the step to nats",
            Some("wavegate approve --wave volume"),
        ),
        waiting(
            "rest",
            "pending",
            WaitsFor::Order,
            "wave volume comes first",
            None,
        ),
        waiting(
            "critical",
            "pending",
            WaitsFor::Order,
            "wave volume comes first",
            None,
        ),
    ]
}

#[test]
fn a_look_says_what_was_done_and_what_it_waits_for() {
    let screen = |deeds, waiting, finished| RunScreen {
        plan: "prod-2026q4".into(),
        outcome: Driven {
            deeds,
            waiting,
            finished,
        },
        told: false,
    };
    let barrier = "1 webhook, barrier passed in 12 ms";
    let step = deed(
        DeedKind::Stepped,
        "pilot",
        "hybrid 10 %",
        "both, NATS delivers 50 %",
        Some(barrier),
    );
    let look = screen(vec![step], waits(), false);
    both(&look, "run");
    readable_at_40(&look, "run");
    let back = deed(
        DeedKind::TookBack,
        "pilot",
        "hybrid 50 %",
        "both 0 %",
        Some("errors, broken failed 2 times in a row"),
    );
    let resume = waiting(
        "pilot",
        "rolled back",
        WaitsFor::Resume,
        "it was rolled back and stays so until it is resumed on purpose",
        Some("wavegate apply --wave pilot --resume"),
    );
    both(&screen(vec![back], vec![resume], false), "run_back");
    let finished = deed(DeedKind::Finished, "critical", "nats", "finished", None);
    both(&screen(vec![finished], Vec::new(), true), "run_finished");
}

#[test]
fn the_lines_of_a_resident_one() {
    let driving = Driving {
        who: "ann".into(),
        host: "ops1".into(),
        command: "wavegate run".into(),
        since: at(0),
        seen_at: at(1),
    };
    let back = deed(
        DeedKind::TookBack,
        "pilot",
        "hybrid 50 %",
        "both 0 %",
        Some("errors failed 2 times in a row"),
    );
    let told = [
        DriverNews::StandsBy(&driving),
        DriverNews::Drives,
        DriverNews::Waits(&waits()),
        DriverNews::Deed(&back),
        DriverNews::Notice("a hook failed: ./page.sh: exit 1"),
    ]
    .map(|told| run_line(&told, at(2)));
    let lines: Vec<String> = told
        .into_iter()
        .flatten()
        .map(|(loud, line)| format!("{}{line}", if loud { "! " } else { "  " }))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_stands_still() {
    let hold = |id, scope: &str, wave: Option<&str>, until| Standstill {
        id,
        who: "kim".into(),
        host: "ops1".into(),
        at: at(0),
        scope: scope.into(),
        wave: wave.map(Into::into),
        webhook_id: None,
        why: "a release is under way".into(),
        until,
    };
    let holds = vec![
        hold(17, "wave volume", Some("volume"), Some(at(90))),
        hold(4711, "everything", None, None),
    ];
    let screen = HoldScreen { holds };
    both(&screen, "hold");
    readable_at_40(&screen, "hold");
    both(&HoldScreen { holds: Vec::new() }, "hold_none");
}
