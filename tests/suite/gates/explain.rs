//! `--explain`: every gate has words of its own, and they fit what the gate really kept.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use wavegate::{
    gates::{
        self, Counts, Evidence, Found, GateResult, Guarded, Names, Pace, QueueCounts, Said,
        Verdict,
        explain::{self, Explanation},
        kernel::Buckets,
        workers::{Crew, Needed},
    },
    model::{Gate, GateLimits},
    ui::{ExplainScreen, Screen, Style},
};

use crate::{
    gates::arms::{arm, counts},
    gates::measure::half,
};

fn at(minute: i64) -> DateTime<Utc> {
    "2026-11-21T04:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}

fn said(minute: i64, result: &GateResult) -> Said {
    Said {
        at: at(minute),
        until: at(minute),
        looks: 1,
        wave: "pilot".into(),
        step: "hybrid 50 % -> hybrid 100 %".into(),
        gate: result.gate.clone(),
        verdict: result.verdict,
        reason: result.reason.clone(),
        inputs: result.inputs.clone(),
    }
}

fn explained(result: &GateResult) -> Explanation {
    let past = [said(0, result)];
    explain::explain(
        "pilot",
        "hybrid 50 % -> hybrid 100 %",
        result,
        &past,
        &Names::default(),
    )
}

fn success(counts: &Counts) -> GateResult {
    gates::success::verdict(counts, &half(), &GateLimits::default())
}

#[test]
fn every_gate_says_what_it_asks() {
    let found = Evidence::read(&Gate::Soak, Value::Null).found;
    let unknown = explain::question(&Gate::Own("nobody knows".to_string()), &found);
    let steps = [
        Guarded::Enter,
        Guarded::Share(0),
        Guarded::Share(50),
        Guarded::Leave(100),
        Guarded::Join(Some(50)),
        Guarded::Join(None),
        Guarded::Watch,
        Guarded::Back,
    ];
    let limits = GateLimits {
        success_min_rate: Some(0.9),
        dead_max: Some(1),
        duplicates_max: Some(1),
        ..GateLimits::default()
    };
    let gates = steps
        .into_iter()
        .flat_map(|step| step.asked(&limits, true, true));
    for gate in gates {
        assert_ne!(
            explain::question(&gate, &found),
            unknown,
            "{gate} has no question"
        );
    }
    let own = Gate::Own("orders".to_string());
    for kept in [
        json!({ "kind": "sql", "query": "SELECT 1", "min": 0, "max": "10.00000000000000000001" }),
        json!({ "kind": "command", "run": ["true"], "took_ms": 3, "stdout": null, "stderr": "", "exit": 0 }),
    ] {
        let found = Evidence::read(&own, kept.clone());
        // It is kept again as it was.
        let again = Evidence::read(&own, json!(found));
        assert_eq!(json!(found), json!(again));
        assert_ne!(explain::question(&own, &found.found), unknown, "{kept}");
    }
}

/// What the gates keep is what the explanation reads: figures, bounds and formula are all there.
#[test]
fn the_comparing_gates_explain_what_they_kept() {
    let states = [
        (5_000, 0, Verdict::Pass, "Even the worst"),
        (5_000, 400, Verdict::Fail, "Even the best"),
        (300, 0, Verdict::Inconclusive, "Nothing is wrong"),
    ];
    for (judged, failed, verdict, words) in states {
        let both = counts(arm("nats", judged, failed, 0), arm("queue", judged, 0, 0));
        let one = explained(&success(&both));
        assert_eq!(one.verdict, verdict, "{one:?}");
        let told = one.plainly.join("\n");
        assert!(told.contains(words), "{told}");
        assert!(
            told.contains("Out of 100 deliveries NATS fails in truth"),
            "{told}"
        );
        assert_eq!(one.courses.len(), 2, "{one:?}");
        for course in &one.courses {
            assert!(course.points[0].value.is_some() && course.points[0].limit.is_some());
        }
        assert!(
            one.formula
                .iter()
                .any(|line| line.contains("ln E(below m)"))
        );
        assert!(
            one.formula
                .iter()
                .any(|line| line.contains("blocks of time"))
        );
    }
    // Events enough, time too little.
    let mut short = counts(arm("nats", 5_000, 0, 0), arm("queue", 5_000, 0, 0));
    short.blocks = short.blocks.into_iter().take(20).collect();
    let told = explained(&success(&short)).plainly.join("\n");
    assert!(told.contains("What is missing is time"), "{told}");
    // Nothing yet.
    let none = counts(arm("nats", 0, 0, 0), arm("queue", 0, 0, 0));
    let told = explained(&success(&none)).plainly.join("\n");
    assert!(told.contains("nothing to compare"), "{told}");

    let mut timed = counts(arm("nats", 500, 0, 0), arm("queue", 500, 0, 0));
    timed.nats_latency.delivered.add(Buckets::of(200.0), 500);
    timed.queue_latency.delivered.add(Buckets::of(100.0), 500);
    let limits = GateLimits::default();
    let latency = explained(&gates::latency::verdict(
        &timed,
        1,
        Pace::default(),
        &limits,
    ));
    assert_eq!(latency.verdict, Verdict::Fail);
    assert!(
        latency
            .plainly
            .join("\n")
            .contains("at most 1.25 times as long")
    );
    assert!(latency.courses[0].points[0].value.is_some(), "{latency:?}");

    let mut alone = counts(arm("nats", 5_000, 0, 0), arm("queue", 0, 0, 0));
    alone.arms = vec![gates::ArmCounts {
        webhook_id: Some(1),
        ..alone.nats_arm.clone()
    }];
    let before = gates::Calls {
        ended: 10_000,
        failed: 10,
    };
    alone.baseline.calls.insert(1, before);
    let result = gates::baseline::verdict(&alone, 1, Pace::default(), &limits);
    let baseline = explained(&result);
    let told = baseline.plainly.join("\n");
    assert!(
        told.contains("before, the queue failed 10 of 10,000"),
        "{told}"
    );
    assert!(
        baseline.courses[0].points[0].limit.is_some(),
        "{baseline:?}"
    );
}

#[test]
fn the_counting_gates_explain_what_they_kept() {
    let limits = GateLimits::default();
    let both = counts(arm("nats", 100, 0, 0), arm("queue", 100, 0, 0));
    let queue = [QueueCounts {
        webhook_id: 7,
        unrouted: 3,
        due: 11_000,
        pending: 11_000,
        ..QueueCounts::default()
    }];
    let needed = Needed::forward(&limits, true);
    let results = [
        (
            gates::hybrid::routed(&both, &queue),
            "past them into the queue: 3.",
        ),
        (gates::parity::verdict(&both), "looked up, one by one"),
        (
            gates::errors::verdict(&both, &limits),
            "attempts of events that NATS should deliver failed",
        ),
        (
            gates::workers::verdict(&Crew::default(), needed, &limits, at(0)),
            "sign of life",
        ),
        (
            gates::backlog::drain(&queue, None, at(0)),
            "11,000 rows of this wave that wait",
        ),
        (
            gates::soak::verdict(Some(at(0)), std::time::Duration::from_secs(7_200), at(30)),
            "30 min have passed",
        ),
        (
            gates::place::verdict(&"schema".into(), &["a".into(), "b".into()], "", "repair"),
            "2 things differ",
        ),
        (
            GateResult::unmeasured("stream", "nobody answers"),
            "never counts as good",
        ),
    ];
    for (result, words) in results {
        let one = explained(&result);
        let told = one.plainly.join("\n");
        assert!(told.contains(words), "{words:?} in {told}");
        assert!(
            !one.formula.is_empty() && !one.courses.is_empty(),
            "{one:?}"
        );
    }
    // A gate that nobody has heard of explains itself by what it kept.
    let own = GateResult::fail(
        "sql",
        "2 rows",
        "mend them",
        Evidence::read(&Gate::Schema, json!({ "rows": [{ "id": 4711 }] })),
    );
    let one = explained(&own);
    assert_eq!(one.facts, [("rows 1 id".to_string(), "4711".to_string())]);
}

/// Inputs of any shape, also those of an earlier version, explain nothing and break nothing.
#[test]
fn rubbish_in_the_table_is_no_panic() {
    let gates = [
        "success",
        "baseline",
        "latency",
        "errors",
        "parity",
        "routed",
        "backlog",
        "soak",
        "drain",
        "workers",
        "headroom",
        "hybrid_complete",
        "schema",
        "",
    ];
    let rubbish = [
        Value::Null,
        json!([]),
        json!({ "events": "many", "all": 7, "nats": [1], "share": 0, "margin": 1e308, "ratio": 0, "quantile": -1 }),
        json!({ "share": 0, "margin": 1e308, "attempt": 0, "alpha_pass": 0, "alpha_fail": -1, "block_count": u64::MAX, "block_ms": i64::MIN,
                "nats": { "judged": -1, "delivered": 0, "failed": 7, "dead": 0, "taken_over": 0, "undelivered": i64::MAX },
                "queue": { "judged": i64::MAX, "delivered": 0, "failed": 0, "dead": 0, "taken_over": 0, "undelivered": 0 },
                "events": { "ln_below": null, "ln_above": null, "upper": 1e300, "lower": -1e300 },
                "blocks": { "ln_below": null, "ln_above": null, "upper": null, "lower": null }, "webhooks": [], "pooled_only": [] }),
        json!({ "passed_s": 1e300, "wanted_s": -1, "entered_at": "1970-01-01T00:00:00Z", "until": null }),
    ];
    for gate in gates {
        for inputs in &rubbish {
            for verdict in [Verdict::Pass, Verdict::Inconclusive, Verdict::Fail] {
                let result = GateResult {
                    verdict,
                    ..GateResult::fail(
                        gate,
                        "reason",
                        "remedy",
                        Evidence::read(&gate.into(), inputs.clone()),
                    )
                };
                let screen = ExplainScreen {
                    plan: "p".into(),
                    waves: vec![explained(&result)],
                };
                assert!(!screen.draw(&Style::plain(40)).is_empty());
            }
        }
    }
}

/// The same course that an operator sees: far off, nearer, within.
pub fn screen() -> ExplainScreen {
    let inputs = |upper: f64, judged: i64| {
        json!({
            "share": 0.1, "margin": 0.01, "attempt": 1, "alpha_pass": 0.05, "alpha_fail": 0.01,
            "nats": { "judged": judged, "delivered": judged - 3, "failed": 3, "dead": 0, "taken_over": 0, "undelivered": 2 },
            "queue": { "judged": judged * 9, "delivered": judged * 9 - 12, "failed": 12, "dead": 0, "taken_over": 0, "undelivered": 0 },
            "events": { "ln_below": 1.92, "ln_above": -0.61, "upper": upper, "lower": -0.0041 },
            "blocks": { "ln_below": 0.31, "ln_above": -0.2, "upper": upper * 2.0, "lower": -0.01 },
            "block_count": judged / 4, "block_ms": 900_000, "webhooks": [], "pooled_only": [4, 7],
        })
    };
    let result = |upper, judged| {
        GateResult::inconclusive(
            "success",
            "NATS failed 3 of 412, queue 12 of 3,708: NATS between 0.41 better and 1.43 worse, in points; margin 1.00",
            "412 more clean events, about 3 h at today's rate",
            Evidence::read(&Gate::Success, inputs(upper, judged)),
        )
    };
    let past: Vec<Said> = (1..=30)
        .map(|n| {
            let upper = if n == 1 { 10.0 } else { 0.42 / n as f64 };
            said(n * 20, &result(upper, n * 14))
        })
        .collect();
    let now = result(0.0143, 412);
    ExplainScreen {
        plan: "prod-2026q4".into(),
        waves: vec![explain::explain(
            "pilot",
            "hybrid 10 % -> hybrid 50 %",
            &now,
            &past,
            &Names::default(),
        )],
    }
}

#[test]
fn explain_screens() {
    for width in [80, 120] {
        insta::assert_snapshot!(
            format!("explain_{width}"),
            screen().draw(&Style::plain(width))
        );
    }
    for width in [60, 80, 120] {
        for line in screen().draw(&Style::plain(width)).lines() {
            assert!(line.chars().count() <= width.into(), "{width}: {line:?}");
        }
    }
}

#[test]
fn limits_windows_and_signatures_are_explained_with_their_numbers() {
    let some = counts(arm("nats", 400, 7, 3), arm("queue", 100, 2, 0));
    let ambiguous = gates::plain::Ambiguous { nats: 3, queue: 1 };
    let window = gates::window::Window {
        now: at(0),
        permitted: false,
        frozen: true,
        changes_at: None,
        now_shown: "Friday 23:10".into(),
        changes_shown: None,
    };
    for (result, wanted) in [
        (
            gates::plain::min_rate(&some, 0.9, 100, Pace::default()),
            "0.9",
        ),
        (gates::plain::dead(&some, 12), "<= 12"),
        (
            gates::plain::duplicates(&some, ambiguous, 5, false),
            "4 <= 5",
        ),
        (gates::window::verdict(&window), "Friday 23:10"),
        (
            gates::signoff::verdict(&["ops".to_string()], &[], "wavegate signoff"),
            "asks 1 role",
        ),
    ] {
        let told = explained(&result);
        let text = format!("{:?} {:?}", told.plainly, told.formula);
        assert!(told.plainly.len() > 1 && !told.formula.is_empty(), "{text}");
        assert!(text.contains(wanted), "{text}");
    }
}

/// Rows that are kept outlive the program that wrote them: every shape of today is read, and is written again as it was.
#[test]
fn what_was_kept_is_read_and_kept_again_as_it_was() {
    let strength = json!({ "ln_below": 1.92, "ln_above": -0.61, "upper": 0.0143, "lower": null });
    let arm = json!({ "judged": 412, "delivered": 409, "failed": 3, "dead": 1, "taken_over": 2, "undelivered": 2 });
    let before = json!({
        "webhook_id": null, "judged": 412, "failed": 3, "undelivered": 2, "before": { "ended": 900, "failed": 9 },
        "pass_below": 0.01, "fail_above": 0.03, "upper": 0.02, "lower": null,
    });
    let timed = json!({
        "delivered": 409, "undelivered": 2, "quantile_ms": 91.5, "p50_ms": 40.0, "p99_ms": null, "lower_ms": 80.0, "upper_ms": null,
    });
    let beat = json!({ "id": "w-1", "seen_at": "2026-11-21T04:00:00Z", "last_error": null });
    let place = json!({ "differences": ["max_age = 1 h; wanted 2 h"] });
    let kept = [
        (Gate::Schema, place.clone()),
        (Gate::Stream, place.clone()),
        (Gate::Consumer, place.clone()),
        (Gate::Subjects, place),
        (
            Gate::Headroom,
            json!({ "max_messages": 0, "max_bytes": -1, "messages": 7, "bytes": 700, "pending": 3, "events_per_hour": 60.5 }),
        ),
        (
            Gate::HybridComplete,
            json!({ "members": 3, "enabled": 2, "wrong": ["a (1) is fenced"], "expected": { "mode": "both", "share": 50 } }),
        ),
        (Gate::Routed, json!({ "events": 12, "unrouted": 1 })),
        (
            Gate::Parity,
            json!({
                "events": 12, "missing": 1, "lost": 1, "loss_rate_below": null, "alpha": 0.05,
                "parts": [{ "what": "not published", "count": 1 }],
                "ids": [{ "event_id": "e1", "webhook_id": 7, "what": "unpublished", "late_s": 700 }],
            }),
        ),
        (
            Gate::SameBytes,
            json!({ "compared": 12, "altered": 1, "ids": ["e1"] }),
        ),
        (
            Gate::Split,
            json!({
                "share": 0.5, "events": 40, "nats": 18, "ln_evidence": -1.25, "ln_wanted": 5.5, "ln_wanted_one": 6.5, "alpha": 0.01,
                "oddest": { "webhook_id": 7, "events": 40, "nats": 18, "ln_evidence": -1.25 },
            }),
        ),
        (
            Gate::Broken,
            json!({
                "webhooks": 2, "ln_wanted": 5.5, "alpha": 0.01,
                "found": [{ "webhook_id": 7, "arm": "nats", "judged": 9, "other_judged": 8, "other_delivered": 8, "ln_evidence": 7.5 }],
            }),
        ),
        (
            Gate::Success,
            json!({
                "margin": 0.01, "share": 0.5, "attempt": 2, "alpha_pass": 0.05, "alpha_fail": 0.01, "nats": arm, "queue": arm,
                "events": strength, "blocks": strength, "block_count": 103, "block_ms": 900_000,
                "webhooks": [{ "webhook_id": 7, "evidence": strength, "blocks": { "ln_above": null, "lower": -0.1 } }],
                "pooled_only": [8],
            }),
        ),
        (
            Gate::Baseline,
            json!({
                "attempt": 1, "alpha_pass": 0.05, "alpha_fail": 0.01, "all": before,
                "blocks": { "count": 12, "block_ms": 1000, "pass_below": 0.02, "upper": null, "lower": 0.0 }, "webhooks": [before],
            }),
        ),
        (
            Gate::Latency,
            json!({
                "quantile": 0.95, "ratio": 1.0, "attempt": 1, "alpha_pass": 0.025, "alpha_fail": 0.005, "before": false,
                "nats": timed, "queue": timed, "max_p99_ms": 2000.0,
            }),
        ),
        (
            Gate::Errors,
            json!({
                "minutes": 5.0, "limit": 1.0, "per_minute": 0.4, "excess": 0.1, "explained": 0.3, "newest": "HTTP 500",
                "nats": { "events": 9, "failures": 2, "dead": 0 }, "queue": { "events": 9, "failures": 1, "dead": 0 },
                "endpoints": [{ "webhook_id": 7, "error": null, "nats_events": 1, "nats_failures": 1, "queue_events": 0, "queue_failures": 0 }],
            }),
        ),
        (
            Gate::MinRate,
            json!({ "least": 0.9, "judged": 9, "failed": 1, "undelivered": 0, "at_best": 0.88, "at_worst": 0.88, "min_events": 100 }),
        ),
        (
            Gate::Dead,
            json!({ "dead": 1, "limit": 0, "events": 9, "nats": 1, "queue": 0 }),
        ),
        (
            Gate::Duplicates,
            json!({ "attempts": 1, "limit": 0, "events": 9, "by": { "nats": 1, "queue": 0 }, "rate": 0.11 }),
        ),
        (
            Gate::Workers,
            json!({
                "crew": { "relays": [beat], "nats": [], "queue": [beat], "foreign_queue": 0, "foreign_nats": ["d", true] },
                "needed": { "relays": 1, "nats": 1, "queue": 1, "foreign_allowed": true }, "silent_after_ms": 30_000,
            }),
        ),
        (
            Gate::Backlog,
            json!({
                "queue_due": 7, "stream": { "pending": 1, "unacked": null, "redelivered": 0, "lag_ms": 40 },
                "levels": [{ "at": "2026-11-21T04:00:00Z", "queue": 7, "stream": 1 }],
                "limits": { "queue": 1000, "stream": 1000, "lag_ms": 60_000, "growth_looks": 3 },
            }),
        ),
        (
            Gate::Drain,
            json!({ "empty": false, "at": "2026-11-21T04:00:00Z", "pending": 1, "processing": 0, "retrying": 0, "orphaned": 0 }),
        ),
        (
            Gate::Traffic,
            json!({ "webhooks": 2, "age_s": 7, "within_s": 3600, "unseen": [2] }),
        ),
        (Gate::Soak, json!({ "wanted_s": 3600.0 })),
        (
            Gate::Soak,
            json!({ "wanted_s": 3600.0, "entered_at": "2026-11-21T04:00:00Z", "until": null, "passed_s": 60.5 }),
        ),
        (
            Gate::Window,
            json!({ "permitted": false, "frozen": true, "now": "Friday 23:10", "changes_at": null }),
        ),
        (
            Gate::Signoff,
            json!({
                "roles": ["ops"],
                "given": [{ "role": "ops", "signed": true, "who": "ann", "host": "h", "at": "2026-11-21T04:00:00Z", "note": null }],
            }),
        ),
        (
            Gate::Own("orders".into()),
            json!({ "kind": "sql", "query": "SELECT 1", "min": null, "max": 7.0, "rows": ["(1)"], "more": false }),
        ),
        (Gate::Parity, json!({ "error": "a timeout" })),
    ];
    for gate in Gate::ALL {
        assert!(kept.iter().any(|(one, _)| one == gate), "{gate}");
    }
    for (gate, mut json) in kept {
        for beside in [
            None,
            Some(("advisory", json!(true))),
            Some(("inconclusive_until", json!("2026-11-21T04:00:00Z"))),
        ] {
            if let Some((key, value)) = beside {
                json[key] = value;
            }
            let read = Evidence::read(&gate, json.clone());
            assert!(!matches!(read.found, Found::Unknown(_)), "{gate}: {json}");
            assert_eq!(json!(read), json, "{gate}");
        }
    }
    // What another version wrote stays as it stands, advisory or not.
    let other = json!({ "events": 12, "unrouted": 1, "advisory": true, "more": [1] });
    let read = Evidence::read(&Gate::Routed, other.clone());
    assert!(matches!(read.found, Found::Unknown(_)) && read.advisory);
    assert_eq!(json!(read), other);
}
