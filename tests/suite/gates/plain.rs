//! The pure verdicts of what a plan adds: plain limits, windows, sign-offs, its own queries and programs, growth and steadiness,
//! advice, and the end of waiting.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use wavegate::{
    gates::{
        self, ArmCounts, Counts, Endpoint, Evidence, Found, GateResult, Guarded, Lately, Pace,
        QueueCounts, Recent, Report, Verdict,
        backlog::{Level, Waiting},
        own::{Asked, End, Ran, Rows},
        plain::Ambiguous,
        signoff::{Signature, TooLittle},
        window::Window,
        workers::{Beat, Crew, Needed, Steady},
    },
    model::{Gate, GateLimits},
};

use crate::gates::arms::{arm, counts, says};

fn now() -> DateTime<Utc> {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

#[test]
fn dead_and_doubled_have_plain_limits() {
    let with = |dead| counts(arm("nats", 100, dead, 0), arm("queue", 100, 1, 0));
    says(
        &gates::plain::dead(&with(2), 3),
        Verdict::Pass,
        "3 of 200 events dead (2 of NATS, 1 of the queue)",
    );
    says(&gates::plain::dead(&with(3), 3), Verdict::Fail, "limit 3");
    says(
        &gates::plain::dead(&Counts::default(), 3),
        Verdict::Inconclusive,
        "no event",
    );
    let doubled = |nats, most| {
        let ambiguous = Ambiguous { nats, queue: 1 };
        gates::plain::duplicates(&with(0), ambiguous, most, false)
    };
    says(
        &doubled(1, 2),
        Verdict::Pass,
        "2 attempts without a result (1 by NATS, 1 by the queue), 1.00 % of the events",
    );
    says(&doubled(2, 2), Verdict::Fail, "limit 2");
    let none = Ambiguous::default();
    says(
        &gates::plain::duplicates(&Counts::default(), none, 0, false),
        Verdict::Inconclusive,
        "no event",
    );
    says(
        &gates::plain::duplicates(&with(0), none, 0, true),
        Verdict::Inconclusive,
        "sent twice by design",
    );
}

#[test]
fn the_least_rate_waits_for_what_is_under_way() {
    let rate = |judged, failed, open| {
        gates::plain::min_rate(
            &counts(arm("nats", judged, failed, open), ArmCounts::default()),
            0.95,
            100,
            Pace::default(),
        )
    };
    says(&rate(1_000, 50, 0), Verdict::Pass, "950 of 1,000, 95.00 %");
    says(&rate(1_000, 51, 0), Verdict::Fail, "94.90 %");
    says(&rate(1_000, 50, 1), Verdict::Inconclusive, "1 under way");
    says(
        &rate(1_000, 51, 900),
        Verdict::Fail,
        "wanted at least 95.00 %",
    );
    says(
        &rate(99, 99, 0),
        Verdict::Inconclusive,
        "too few: 99 of 100",
    );
    says(
        &gates::plain::min_rate(&Counts::default(), 0.0, 0, Pace::default()),
        Verdict::Inconclusive,
        "too few: 0",
    );
}

#[test]
fn a_census_says_which_loss_it_rules_out() {
    let ripe = |ripe| ArmCounts {
        ripe,
        two_route: ripe,
        ..ArmCounts::default()
    };
    let with = |n| gates::parity::verdict(&counts(ripe(n), ArmCounts::default()));
    says(
        &with(1_000),
        Verdict::Pass,
        "a loss rate above 0.30 % is ruled out",
    );
    let many = with(1_000_000);
    says(&many, Verdict::Pass, "above 1 in 333,808");
    let bound = json!(many.inputs)["loss_rate_below"].as_f64().unwrap();
    assert!((bound - 2.995_73e-6).abs() < 1e-10, "{bound}");
}

#[test]
fn an_endpoint_that_fails_for_everybody_blames_no_path() {
    let judge = |nats: (i64, i64), queue: (i64, i64), endpoints: Vec<Endpoint>| {
        let recent = |(events, failures)| Recent {
            events,
            failures,
            newest_error: None,
        };
        let counts = Counts {
            lately: Lately {
                nats: recent(nats),
                queue: recent(queue),
                endpoints,
                minutes: 5.0,
            },
            ..counts(arm("nats", 100, 0, 0), arm("queue", 100, 0, 0))
        };
        gates::errors::verdict(&counts, &GateLimits::default())
    };
    let endpoint = |nats: (i64, i64), queue: (i64, i64)| Endpoint {
        webhook_id: 7,
        error: Some("HTTP 503\nService Unavailable".into()),
        nats_events: nats.0,
        nats_failures: nats.1,
        queue_events: queue.0,
        queue_failures: queue.1,
    };
    // It is left alone now, so nothing fails: that is no pass.
    says(
        &judge((0, 0), (0, 0), vec![endpoint((0, 0), (0, 0))]),
        Verdict::Inconclusive,
        "circuit of webhook 7 is open",
    );
    // In `nats` there is no other arm to compare with; 100 failures a minute are the endpoint's.
    says(
        &judge((600, 500), (0, 0), vec![endpoint((500, 500), (0, 0))]),
        Verdict::Inconclusive,
        "endpoint: the circuit",
    );
    says(
        &judge((600, 500), (0, 0), vec![]),
        Verdict::Fail,
        "100.0 failures/min",
    );
    says(
        &judge(
            (600, 500),
            (600, 500),
            vec![endpoint((500, 500), (500, 500))],
        ),
        Verdict::Inconclusive,
        "HTTP 503 Service Unavailable",
    );
    // NATS gets through to nobody, and no queue tells whether anybody would: that may be the path.
    says(
        &judge((500, 500), (0, 0), vec![endpoint((500, 500), (0, 0))]),
        Verdict::Fail,
        "100.0 beyond",
    );
    // The queue gets through to it: then it is NATS that fails.
    says(
        &judge((600, 500), (600, 10), vec![endpoint((500, 500), (500, 10))]),
        Verdict::Fail,
        "beyond the queue's rate",
    );
    // What else fails is not excused by it.
    says(
        &judge(
            (600, 300),
            (600, 200),
            vec![endpoint((200, 200), (200, 200))],
        ),
        Verdict::Fail,
        "20.0 beyond",
    );
}

#[test]
fn a_backlog_may_not_grow_look_after_look() {
    let limits = GateLimits {
        backlog_growth_looks: 3,
        ..GateLimits::default()
    };
    let look = |before: &[Level], minute: i64, due, pending| {
        let rows = [QueueCounts {
            due,
            ..QueueCounts::default()
        }];
        let waiting = Waiting {
            pending,
            unacked: Some(0),
            redelivered: None,
            lag_ms: Some(0),
        };
        gates::backlog::verdict(
            &rows,
            &waiting,
            &limits,
            before,
            now() + TimeDelta::minutes(minute),
        )
    };
    // As the gatekeeper does it: each look hands on what it kept.
    let kept = |result: &GateResult| -> Vec<Level> {
        match &result.inputs.found {
            Found::Backlog(piled) => piled.levels.clone(),
            other => panic!("{other:?}"),
        }
    };
    let run = |due: &[i64]| {
        due.iter()
            .zip(0..)
            .fold((Vec::new(), None), |(before, _), (due, minute)| {
                let result = look(&before, minute, *due, Some(0));
                (kept(&result), Some(result))
            })
    };
    let last = |due: &[i64]| run(due).1.unwrap();
    says(
        &last(&[900, 1_000, 1_001, 1_002]),
        Verdict::Fail,
        "queue rows grew at 3 looks in a row, from 900 to 1002",
    );
    says(
        &last(&[5_000, 900, 1_000, 1_001, 1_002]),
        Verdict::Fail,
        "from 900",
    );
    says(&last(&[900, 1_000, 1_001]), Verdict::Pass, "1,001");
    says(&last(&[900, 1_000, 1_000, 1_002]), Verdict::Pass, "1,002");
    // Small numbers go up and down.
    says(&last(&[1, 2, 3, 999]), Verdict::Pass, "999");
    // Looks in quick succession are one.
    let (before, _) = run(&[900, 1_000]);
    let quick = gates::backlog::verdict(
        &[QueueCounts {
            due: 1_500,
            ..QueueCounts::default()
        }],
        &Waiting {
            pending: Some(0),
            unacked: Some(0),
            redelivered: None,
            lag_ms: Some(0),
        },
        &limits,
        &before,
        now() + TimeDelta::seconds(89),
    );
    assert_eq!(kept(&quick), before);
    // What NATS does not tell breaks no row of looks, and passes nothing.
    let silent = look(&before, 2, 1_500, None);
    says(&silent, Verdict::Inconclusive, "did not tell");
    assert_eq!(kept(&silent), before);
}

#[test]
fn stable_workers_are_steady_and_do_not_grow() {
    let limits = GateLimits {
        workers_stable_for: Some(Duration::from_secs(3_600)),
        nats_workers: 1,
        ..GateLimits::default()
    };
    let beat = |id: &str, minutes: i64, then, rss| Beat {
        id: id.into(),
        seen_at: now(),
        last_error: None,
        steady: Some(Steady {
            since: Some(now() - TimeDelta::minutes(minutes)),
            rss_bytes: rss,
            rss_settled: then,
        }),
    };
    let judge = |nats: Vec<Beat>| {
        let crew = Crew {
            relays: vec![beat("r", 60, None, None)],
            nats,
            queue: vec![],
            foreign_queue: 3,
            foreign_nats: None,
            unanswered: None,
        };
        gates::workers::verdict(&crew, Needed::forward(&limits, true), &limits, now())
    };
    let mb = |n: i64| Some(n << 20);
    says(
        &judge(vec![beat("n", 60, mb(50), mb(110))]),
        Verdict::Pass,
        "steady for 1 h",
    );
    let young = judge(vec![
        beat("n", 59, mb(50), mb(50)),
        beat("m", 7, None, None),
    ]);
    says(
        &young,
        Verdict::Inconclusive,
        "0 NATS workers steady for 1 h, wanted 1; the longest for 59 min",
    );
    assert_eq!(young.wait, Some(Duration::from_secs(60)));
    // A second one may be young.
    says(
        &judge(vec![
            beat("n", 60, mb(50), mb(50)),
            beat("m", 1, None, mb(50)),
        ]),
        Verdict::Pass,
        "2 NATS workers",
    );
    let grown = judge(vec![beat("n", 60, mb(100), mb(200))]);
    says(
        &grown,
        Verdict::Inconclusive,
        "memory of NATS worker n grew from 100 to 200 MB",
    );
    // No time mends that.
    assert_eq!(grown.wait, None);
    // Twice of little is little.
    says(
        &judge(vec![beat("n", 60, mb(10), mb(30))]),
        Verdict::Pass,
        "steady",
    );
    let unknown = Beat {
        steady: None,
        ..beat("n", 60, None, None)
    };
    says(
        &judge(vec![unknown]),
        Verdict::Inconclusive,
        "0 NATS workers steady",
    );
    says(&judge(vec![]), Verdict::Fail, "0 NATS workers alive");
}

#[test]
fn a_window_opens_and_closes() {
    let open = Window {
        now: now(),
        permitted: true,
        frozen: false,
        changes_at: Some(now() + TimeDelta::minutes(150)),
        now_shown: "Mon 02:30 CET".into(),
        changes_shown: Some("Mon 05:00 CET".into()),
    };
    says(
        &gates::window::verdict(&open),
        Verdict::Pass,
        "Mon 02:30 CET, until Mon 05:00 CET",
    );
    let closed = Window {
        permitted: false,
        ..open.clone()
    };
    let shut = gates::window::verdict(&closed);
    says(
        &shut,
        Verdict::Inconclusive,
        "outside the permitted times, Mon 02:30 CET; next: Mon 05:00 CET",
    );
    assert_eq!(shut.wait, Some(Duration::from_secs(9_000)));
    assert_eq!(json!(shut)["wait_ms"], 9_000_000);
    let frozen = Window {
        frozen: true,
        changes_at: None,
        changes_shown: None,
        ..closed
    };
    says(
        &gates::window::verdict(&frozen),
        Verdict::Inconclusive,
        "a freeze, Mon 02:30 CET; none opens",
    );
}

#[test]
fn the_newest_word_of_each_role_counts() {
    let roles = ["operations".to_string(), "product".to_string()];
    let word = |role: &str, signed| Signature {
        role: role.into(),
        signed,
        who: "ann".into(),
        host: "h".into(),
        at: now(),
        note: (!signed).then(|| "sale until Monday".into()),
    };
    let judge = |given: &[Signature]| gates::signoff::verdict(&roles, given, "wavegate signoff");
    says(
        &judge(&[]),
        Verdict::Inconclusive,
        "not signed yet by operations, product",
    );
    says(
        &judge(&[word("operations", true)]),
        Verdict::Inconclusive,
        "by product",
    );
    // A role that the plan does not name signs for nobody.
    says(
        &judge(&[word("operations", true), word("friend", true)]),
        Verdict::Inconclusive,
        "by product",
    );
    says(
        &judge(&[word("product", false)]),
        Verdict::Fail,
        "product refused (ann, 2026-11-21 04:00 UTC): sale until Monday",
    );
    let settled = [
        word("product", false),
        word("operations", true),
        word("product", true),
    ];
    says(&judge(&settled), Verdict::Pass, "operations signed (ann");
    says(
        &judge(&[
            word("product", true),
            word("operations", true),
            word("product", false),
        ]),
        Verdict::Fail,
        "refused",
    );
}

#[test]
fn a_query_passes_by_silence_or_by_a_number() {
    let decimal = |text: &str| text.parse().unwrap();
    let ask = |min: Option<&str>, max: Option<&str>, rows: &[&str], more| {
        let asked = Asked {
            gate: &"refunds".into(),
            query: "SELECT",
            min: min.map(decimal),
            max: max.map(decimal),
        };
        let rows = rows.iter().map(ToString::to_string).collect();
        let numeric = true;
        gates::own::sql(
            asked,
            &Ok(Rows {
                rows,
                more,
                numeric,
            }),
        )
    };
    says(&ask(None, None, &[], false), Verdict::Pass, "no row");
    says(
        &ask(None, None, &["(17,stuck)"], false),
        Verdict::Fail,
        "1 row, wanted none: (17,stuck)",
    );
    says(
        &ask(None, None, &["()", "()"], true),
        Verdict::Fail,
        "more than 2 rows",
    );
    let bounds = |row: &[&str]| ask(Some("1"), Some("2.5"), row, false);
    says(&bounds(&["(1)"]), Verdict::Pass, "1, wanted 1 to 2.5");
    says(&bounds(&["(2.50)"]), Verdict::Pass, "2.5");
    says(&bounds(&["(2.51)"]), Verdict::Fail, "2.51, wanted 1 to 2.5");
    says(&bounds(&["(-1)"]), Verdict::Fail, "-1");
    // None of these is a number between one and two and a half.
    for row in [
        "()",
        "(NaN)",
        "(Infinity)",
        "(1,2)",
        "(\"1 kB\")",
        "(t)",
        "( 1)",
        "(1",
        "1",
    ] {
        says(
            &bounds(&[row]),
            Verdict::Inconclusive,
            "wanted one row with one number",
        );
    }
    says(&bounds(&[]), Verdict::Inconclusive, "no row");
    // No digit is lost.
    let most = |max, row| ask(None, Some(max), &[row], false);
    for (max, row) in [
        ("9007199254740992", "(9007199254740993)"),
        ("10", "(10.00000000000000000001)"),
        ("10.00000000000000000001", "(10.00000000000000000002)"),
    ] {
        says(
            &most(max, row),
            Verdict::Fail,
            &format!("wanted at most {max}"),
        );
    }
    says(
        &bounds(&["(1)", "(1)"]),
        Verdict::Inconclusive,
        "wanted one row",
    );
    says(
        &ask(None, Some("0"), &["(0)"], true),
        Verdict::Inconclusive,
        "wanted one row",
    );
    let asked = Asked {
        gate: &"x".into(),
        query: "",
        min: None,
        max: None,
    };
    says(
        &gates::own::sql(asked, &Err("the query is wrong".into())),
        Verdict::Inconclusive,
        "the query is wrong",
    );
}

#[test]
fn a_program_passes_by_its_exit_code_alone() {
    let run = ["./check.sh".to_string()];
    let judge = |end, stdout: &[u8]| {
        let ran = Ran {
            end,
            took: Duration::from_secs(1),
            stdout: stdout.to_vec(),
            stderr: Vec::new(),
        };
        gates::own::command(&"check".into(), &run, &ran)
    };
    says(
        &judge(End::Code(0), b"looked\nall is \x1b[32mwell\x1b[0m\n\n"),
        Verdict::Pass,
        "exit 0: all is [32mwell",
    );
    says(&judge(End::Code(0), b""), Verdict::Pass, "exit 0");
    says(
        &judge(End::Code(1), b"3 stuck"),
        Verdict::Fail,
        "exit 1: 3 stuck",
    );
    says(
        &judge(End::Code(2), b""),
        Verdict::Inconclusive,
        "exit 2, neither",
    );
    for rubbish in [&b"\xff\xfe"[..], b"a\0b"] {
        says(
            &judge(End::Code(0), rubbish),
            Verdict::Inconclusive,
            "is no text",
        );
        says(
            &judge(End::Code(1), rubbish),
            Verdict::Inconclusive,
            "is no text",
        );
    }
    says(
        &judge(End::Signal(9), b""),
        Verdict::Inconclusive,
        "signal 9",
    );
    says(
        &judge(End::TimedOut(Duration::from_secs(60)), b"ok"),
        Verdict::Inconclusive,
        "no answer within 1 min",
    );
    says(
        &judge(End::TooMuch(1 << 20), b"ok"),
        Verdict::Inconclusive,
        "more than 1024 KiB",
    );
    says(
        &judge(End::NotStarted("No such file".into()), b""),
        Verdict::Inconclusive,
        "cannot run ./check.sh: No such file",
    );
    let long = judge(End::Code(0), "é".repeat(1 << 19).as_bytes());
    assert!(long.reason.len() < 400 && json!(long.inputs).to_string().len() < 5_000);
}

#[test]
fn advice_decides_nothing_and_waiting_may_end() {
    let result = |verdict| GateResult {
        verdict,
        ..GateResult::pass(
            "latency",
            "p95",
            Evidence::read(&Gate::Latency, json!({ "p95": 1 })),
        )
    };
    let report = |results| Report {
        wave: "w".into(),
        step: "s".into(),
        since: None,
        at: now(),
        results,
    };
    let pass = || result(Verdict::Pass);
    let advice = result(Verdict::Fail).advisory();
    assert!(!advice.decides() && advice.verdict == Verdict::Fail);
    let shown = report(vec![pass(), advice.clone()]);
    assert_eq!(
        (shown.verdict(), shown.saying(Verdict::Fail).count()),
        (Verdict::Pass, 0)
    );
    assert_eq!(
        report(vec![pass(), result(Verdict::Fail)]).verdict(),
        Verdict::Fail
    );
    // Advice alone is no pass.
    assert_eq!(report(vec![advice]).verdict(), Verdict::Inconclusive);

    let day = Duration::from_secs(86_400);
    let waited = |verdict, hours| {
        result(verdict).not_for_ever(day, Some(now() - TimeDelta::hours(hours)), now())
    };
    assert_eq!(
        waited(Verdict::Inconclusive, 23).verdict,
        Verdict::Inconclusive
    );
    let ended = waited(Verdict::Inconclusive, 24);
    assert_eq!(ended.verdict, Verdict::Fail);
    assert!(
        ended
            .reason
            .contains("longer than 1 d after the step began: p95"),
        "{ended:?}"
    );
    assert_eq!(waited(Verdict::Pass, 24).verdict, Verdict::Pass);
    let pending = result(Verdict::Inconclusive).not_for_ever(day, None, now());
    assert_eq!(pending.verdict, Verdict::Inconclusive);
    let for_ever = result(Verdict::Inconclusive).not_for_ever(Duration::MAX, Some(now()), now());
    assert_eq!(for_ever.verdict, Verdict::Inconclusive);
}

#[test]
fn what_the_plan_asks_for_guards_the_way_forward() {
    let limits = GateLimits {
        success_min_rate: Some(0.9),
        dead_max: Some(0),
        duplicates_max: Some(0),
        ..GateLimits::default()
    };
    let asked = |guarded: Guarded| guarded.asked(&limits, true, true);
    for guarded in [
        Guarded::Enter,
        Guarded::Share(0),
        Guarded::Share(50),
        Guarded::Leave(100),
        Guarded::Join(Some(50)),
        Guarded::Join(None),
        Guarded::Watch,
        Guarded::Back,
    ] {
        let gates = asked(guarded);
        // What a plan calls its own gates is none of these.
        assert!(gates.iter().all(Gate::is_built_in), "{gates:?}");
        let plain = guarded.asked(&GateLimits::default(), false, false);
        assert_eq!(plain, guarded.gates());
        assert!(plain.iter().all(|gate| gates.contains(gate)));
    }
    assert!(
        asked(Guarded::Share(50)).contains(&"min_rate".into())
            && asked(Guarded::Leave(100)).contains(&"min_rate".into())
    );
    assert!(
        !asked(Guarded::Share(0)).contains(&"min_rate".into())
            && asked(Guarded::Share(0)).contains(&"dead".into())
    );
    assert!(asked(Guarded::Enter).ends_with(&["window".into(), "signoff".into()]));
    assert!(
        asked(Guarded::Watch).ends_with(&["signoff".into()])
            && !asked(Guarded::Watch).contains(&"window".into())
    );
    assert_eq!(asked(Guarded::Back), ["schema", "workers"]);
}

#[test]
fn with_too_little_evidence_those_who_sign_decide() {
    let roles = ["operations".to_string(), "product".to_string()];
    let word = |role: &str, minutes, signed| Signature {
        role: role.into(),
        signed,
        who: "ann".into(),
        host: "h".into(),
        at: now() + TimeDelta::minutes(minutes),
        note: None,
    };
    let result = |gate: &str, verdict, inputs| GateResult {
        gate: gate.into(),
        verdict,
        ..GateResult::inconclusive("", "too few", "wait", Evidence::read(&gate.into(), inputs))
    };
    let judge = |judged, minutes, given: &[Signature]| {
        let mut results = [
            result("success", Verdict::Inconclusive, json!({})),
            result("latency", Verdict::Fail, json!({})),
            result(
                "min_rate",
                Verdict::Inconclusive,
                json!({ "error": "a timeout" }),
            ),
            result(
                "errors",
                Verdict::Inconclusive,
                json!({
                    "minutes": 10, "limit": 1, "per_minute": 0, "excess": 0, "explained": 0, "newest": null,
                    "nats": { "events": 0, "failures": 0, "dead": 0 }, "queue": { "events": 0, "failures": 0, "dead": 0 },
                    "endpoints": [{ "webhook_id": 7, "error": null, "nats_events": 0, "nats_failures": 0, "queue_events": 0, "queue_failures": 0 }],
                }),
            ),
            result("parity", Verdict::Inconclusive, json!({})),
            result("backlog", Verdict::Inconclusive, json!({})),
        ];
        // The soak ended at the tenth minute.
        let little = TooLittle {
            judged,
            wanted: 100,
            soaked_at: now() + TimeDelta::minutes(10),
            now: now() + TimeDelta::minutes(minutes),
        };
        gates::signoff::decide(&mut results, &roles, given, little, "wavegate signoff");
        let decided: Vec<Gate> = results
            .iter()
            .filter(|r| !r.decides())
            .map(|r| r.gate.clone())
            .collect();
        (decided, results[0].remedy.clone())
    };
    let both = [word("operations", 11, true), word("product", 12, true)];
    assert_eq!(judge(99, 13, &both).0, ["success"]);
    // Not one event: parity has nothing to say either.
    assert_eq!(judge(0, 13, &both).0, ["success", "parity"]);
    let nobody: [&str; 0] = [];
    // Enough events, and not yet enough evidence: that may never come.
    assert_eq!(judge(100, 13, &both).0, ["success"]);
    assert_eq!(judge(99, 9, &both).0, nobody);
    // Who signed before the soak was over has not seen that there were too few.
    let (decided, remedy) = judge(
        99,
        13,
        &[word("operations", 9, true), word("product", 12, true)],
    );
    assert_eq!(decided, nobody);
    assert_eq!(
        remedy,
        "wait; or each role decides, now that the soak is over: `wavegate signoff`"
    );
    assert_eq!(
        judge(99, 13, &[both[0].clone(), word("product", 12, false)]).0,
        nobody
    );
    assert_eq!(judge(99, 13, &[]).0, nobody);
}

#[test]
fn a_hold_that_outlasts_the_step_says_the_way_out() {
    let counted = |wait: u64| GateResult {
        wait: Some(std::time::Duration::from_secs(wait)),
        ..GateResult::inconclusive(
            "success",
            "too few",
            "9 more",
            Evidence::read(&"success".into(), json!({})),
        )
    };
    let pass = |wait, minutes, unjudged| {
        let mut results = [counted(wait)];
        let little = TooLittle {
            judged: 1_000,
            wanted: 100,
            soaked_at: now() + TimeDelta::minutes(10),
            now: now() + TimeDelta::minutes(minutes),
        };
        let command = "wavegate apply PLAN --wave w --pass-unjudged WHY";
        gates::signoff::on_purpose(&mut results, little, unjudged, command);
        let [result] = results;
        result
    };
    // It would be over in time.
    assert_eq!(pass(60, 0, false).remedy, "9 more");
    let beyond = pass(6_000, 0, true);
    assert!(beyond.decides(), "{beyond:?}");
    assert!(
        beyond
            .remedy
            .starts_with("9 more; the soak is over before, at ")
            && beyond
                .remedy
                .contains("`wavegate apply PLAN --wave w --pass-unjudged WHY`"),
        "{beyond:?}"
    );
    let over = pass(6_000, 11, false);
    assert!(
        over.remedy
            .starts_with("9 more; or pass the step on purpose: `wavegate apply"),
        "{over:?}"
    );
    let passed = pass(6_000, 11, true);
    assert!(
        !passed.decides() && passed.reason.starts_with("passed without evidence: "),
        "{passed:?}"
    );
}
