//! The screens of `gate` and `preflight`, as they are.

use serde_json::{Value, json};
use wavegate::{
    gates::{
        Evidence, Finding, GateResult, Report, Said, Verdict,
        calibrate::{Advice, Calibrated, Rates},
    },
    model::{Cause, Gate, Look},
    ui::{CalibrateScreen, GateHistoryScreen, GateScreen, PreflightScreen, Screen, Style},
};

fn kept(inputs: Value) -> Evidence {
    Evidence::read(&Gate::Schema, inputs)
}

fn gates() -> GateScreen {
    let at = "2026-11-21T04:00:00Z".parse().unwrap();
    let pass = |gate: &str, reason: &str| GateResult::pass(gate, reason, kept(json!({})));
    GateScreen {
        plan: "prod-2026q4".into(),
        file: Some("plan.yaml".into()),
        resume: false,
        left_out: vec![("pilot".into(), vec!["page_views".into()])],
        held: vec![(
            "volume".into(),
            "wave test-dev comes first; it is pending".into(),
        )],
        at,
        looks: vec![
            Look::new(Cause::Dead, "12 events of audit log are dead".into())
                .since(at - chrono::TimeDelta::hours(3))
                .command("wavegate dead list"),
        ],
        reports: vec![
            Report {
                wave: "pilot".into(),
                step: "hybrid 50 % -> hybrid 100 %".into(),
                since: Some(at - chrono::TimeDelta::minutes(192)),
                at,
                results: vec![
                    pass("schema", "migration 007 is in place"),
                    pass("stream", "stream WEBHOOKS is as defined"),
                    pass("parity", "all 12,408 two-route events accounted for"),
                    GateResult::fail(
                        "success",
                        "failed: NATS 4.00 % of 6,200, queue 1.00 % of 6,208; margin 1.00 %",
                        "look at the newest errors (`errors` gate); `wavegate rollback --wave` takes the wave back",
                        kept(json!({ "margin": 0.01 })),
                    ),
                    GateResult {
                        wait: Some(std::time::Duration::from_secs(31_680)),
                        ..GateResult::inconclusive(
                            "soak",
                            "3 h 12 min of 12 h in this step, until 2026-11-21 12:48:00 UTC",
                            "wait; nothing need run meanwhile but relay and workers",
                            kept(json!({})),
                        )
                    },
                ],
            },
            Report {
                wave: "test-dev".into(),
                step: "pending -> hybrid 0 %".into(),
                since: Some(at - chrono::TimeDelta::minutes(192)),
                at,
                results: vec![pass("schema", "migration 007 is in place")],
            },
        ],
    }
}

fn findings() -> PreflightScreen {
    PreflightScreen {
        plan: "prod-2026q4".into(),
        findings: vec![
            Finding::ok("postgresql", "15.14", "12 or later"),
            Finding::block(
                "unified call",
                "still the engine's C function: rule_webhook_call_unified",
                "wavegate's SQL function",
                "run `wavegate schema apply`: it replaces the function, with consent",
            ),
            Finding::warn(
                "foreign queue worker",
                "1,204 rows finished in the last hour by somebody else, the last at 03:59:58 UTC",
                "our queue workers only",
                "fine at share 0; before a larger share start `wavegate worker --path queue` and stop the other",
            ),
            Finding::unknown(
                "stream",
                "cannot reach NATS at nats:4222: connection refused",
            ),
            Finding::unknown(
                "consumer",
                "cannot reach NATS at nats:4222: connection refused",
            ),
            Finding::unknown("clocks", "statement timeout"),
            Finding::ok("subjects", "none found", "valid, unique, in the stream"),
        ],
    }
}

#[test]
fn gate_screens() {
    for width in [80, 120] {
        insta::assert_snapshot!(format!("gate_{width}"), gates().draw(&Style::plain(width)));
    }
    insta::assert_snapshot!("gate_markdown", gates().markdown());
    insta::assert_snapshot!("gate_junit", gates().junit().unwrap());
    insta::assert_snapshot!("gate_json", crate::screens::vocabulary::json(&gates()));
    let explained = crate::gates::explain::screen();
    insta::assert_snapshot!("explain_json", crate::screens::vocabulary::json(&explained));
}

fn history() -> GateHistoryScreen {
    let at = |minute: i64| {
        let start: chrono::DateTime<chrono::Utc> = "2026-11-21T04:00:00Z".parse().unwrap();
        start + chrono::TimeDelta::minutes(minute)
    };
    let said = |step: &str, gate: &str, verdict, (from, until, looks), reason: &str| Said {
        at: at(from),
        until: at(until),
        looks,
        wave: "pilot".into(),
        step: step.into(),
        gate: gate.into(),
        verdict,
        reason: reason.into(),
        inputs: kept(json!({})),
    };
    let (first, second) = ("hybrid 0 % -> hybrid 10 %", "hybrid 10 % -> hybrid 50 %");
    let parity = "all 12,408 two-route events accounted for";
    let bounds = "NATS failed 3 of 412, queue 12 of 3,708: NATS between 0.41 better and 1.43 worse, in points; margin 1.00";
    GateHistoryScreen {
        plan: "prod-2026q4".into(),
        lines: vec![
            said(first, "parity", Verdict::Pass, (0, 720, 1440), parity),
            said(
                first,
                "workers",
                Verdict::Fail,
                (31, 31, 1),
                "0 relays alive, wanted 1",
            ),
            said(
                second,
                "success",
                Verdict::Inconclusive,
                (720, 4_000, 6_560),
                bounds,
            ),
        ],
    }
}

#[test]
fn history_screens() {
    for width in [80, 120] {
        insta::assert_snapshot!(
            format!("gate_history_{width}"),
            history().draw(&Style::plain(width))
        );
    }
    insta::assert_snapshot!("gate_history_markdown", history().markdown());
    insta::assert_snapshot!(
        "gate_history_json",
        crate::screens::vocabulary::json(&history())
    );
}

#[test]
fn calibration_screens() {
    let rates = |block_ms, false_fails, false_passes| Rates {
        block_ms,
        passes: 92.5,
        false_fails,
        false_passes,
        power: 100.0,
    };
    let advice = |setting, planned: &str, advised: &str, why: &str| Advice {
        setting,
        planned: planned.into(),
        advised: advised.into(),
        why: why.into(),
    };
    let screen = CalibrateScreen {
        plan: "prod-2026q4".into(),
        waves: vec![Calibrated {
            block: None,
            soak: None,
            wave: "volume".into(),
            webhooks: 7,
            calls: 151_200,
            days: 7.0,
            failed: 1_023,
            p95_ms: Some(150.0),
            bursts: 20,
            median_burst_ms: 90_000,
            longest_burst_ms: 600_000,
            share: Some(10),
            runs: 200,
            rates: vec![rates(48_000, 2.5, 6.0), rates(96_000, 0.5, 1.0)],
            advice: vec![
                advice(
                    "gates.success.block",
                    "48 s",
                    "96 s",
                    "bursts last up to 10 min",
                ),
                advice(
                    "waves[].shares",
                    "[0, 10, 50, 100]",
                    "[0, 10, 50, 100]",
                    "at 0.25 calls a second each share has enough events",
                ),
            ],
        }],
    };
    for width in [80, 120] {
        insta::assert_snapshot!(
            format!("gate_calibrate_{width}"),
            screen.draw(&Style::plain(width))
        );
    }
    insta::assert_snapshot!("gate_calibrate_markdown", screen.markdown());
    insta::assert_snapshot!(
        "gate_calibrate_json",
        crate::screens::vocabulary::json(&screen)
    );
}

/// What pipelines read: every number at the head is that of the cases below it.
#[test]
fn junit_is_xml_that_adds_up() {
    let text = gates().junit().unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<_> = root
        .children()
        .filter(|n| n.has_tag_name("testsuite"))
        .collect();
    assert_eq!(suites.len(), 3);
    for node in [root].iter().chain(&suites) {
        let below = |name: &str| {
            let count = node.descendants().filter(|n| n.has_tag_name(name)).count();
            count.to_string()
        };
        let told = |name: &str| node.attribute(name).unwrap();
        assert_eq!(told("tests"), below("testcase"));
        assert_eq!(told("failures"), below("failure"));
        assert_eq!(told("skipped"), below("skipped"));
    }
    for case in document
        .descendants()
        .filter(|n| n.has_tag_name("testcase"))
    {
        assert!(case.attribute("name").is_some() && case.attribute("classname").is_some());
    }
    let failure = document
        .descendants()
        .find(|n| n.has_tag_name("failure"))
        .unwrap();
    assert_eq!(failure.parent().unwrap().attribute("name"), Some("success"));
    assert!(
        failure
            .attribute("message")
            .unwrap()
            .starts_with("failed: NATS 4.00 %")
    );
    assert!(
        failure
            .text()
            .unwrap()
            .contains("→ look at the newest errors")
    );
    // A wave that waits for another one is no success.
    let held = suites[2]
        .descendants()
        .find(|n| n.has_tag_name("skipped"))
        .unwrap();
    assert_eq!(
        held.attribute("message"),
        Some("wave test-dev comes first; it is pending")
    );
}

#[test]
fn preflight_screens() {
    for width in [80, 120] {
        insta::assert_snapshot!(
            format!("preflight_{width}"),
            findings().draw(&Style::plain(width))
        );
    }
    insta::assert_snapshot!("preflight_markdown", findings().markdown());
    insta::assert_snapshot!(
        "preflight_json",
        crate::screens::vocabulary::json(&findings())
    );
    insta::assert_snapshot!("preflight_junit", findings().junit().unwrap());
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [60, 80, 120] {
        let style = Style::plain(width);
        for text in [
            gates().draw(&style),
            findings().draw(&style),
            history().draw(&style),
        ] {
            for line in text.lines() {
                assert!(line.chars().count() <= width.into(), "{width}: {line:?}");
            }
        }
    }
}

#[test]
fn names_cannot_break_a_report() {
    let mut screen = gates();
    screen.reports[0].results[0].reason = "a|b <c> \"d\" & \u{1b}[2J".into();
    assert!(screen.markdown().contains("a\\|b &lt;c>"));
    let junit = screen.junit().unwrap();
    assert!(
        junit.contains("a|b &lt;c&gt; &quot;d&quot; &amp;"),
        "{junit}"
    );
    assert!(roxmltree::Document::parse(&junit).is_ok(), "{junit}");
    assert!(!junit.contains('\u{1b}') && !screen.markdown().contains('\u{1b}'));
}
