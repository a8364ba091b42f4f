//! What a plan adds to the gates, on real servers: its own queries, which never write; its own programs, which never hang a gate;
//! sign-offs; and the plain limits out of the ledger.

use std::{
    fs,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Executor};
use wavegate::{
    gates::{Report, Verdict, own::Rows},
    plan::Plan,
    store::{
        heartbeat::{RelayBeat, WorkerBeat, beat_relay, beat_worker, steady},
        own_query,
        stats::{self, ConsumerStats},
    },
};

use crate::{
    gates::command::{code, json, run},
    gates::evaluate::{both, gate, world},
    gates::preflight,
    support::{Schema, Shape, TestDb},
};

#[tokio::test]
async fn a_query_of_the_plan_reads_and_does_nothing_else() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let (mut c, db) = (test.connect().await, test.db().await);
    let dir = tempfile::tempdir().unwrap();
    // PostgreSQL may run as somebody else.
    fs::set_permissions(
        dir.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o777),
    )
    .unwrap();
    let file = dir.path().join("written");
    let file = file.to_str().unwrap();
    let function = |name: &str, body: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN 1; END $$;"
        )
    };
    let program = format!("COPY (SELECT 1) TO PROGRAM 'touch {file}'");
    let furniture = [
        "CREATE TABLE witness (n integer); CREATE SEQUENCE numbers; CREATE TABLE hidden (n integer); INSERT INTO hidden VALUES (1);
         ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;"
            .to_string(),
        function("writes", "INSERT INTO witness VALUES (1)"),
        function("writes_rightly", "PERFORM set_config('transaction_read_only', 'off', true); INSERT INTO witness VALUES (1)"),
        function("keeps_apart", "CREATE TEMP TABLE mine (n integer)"),
        function("copies", &format!("EXECUTE {}", quoted(&program))),
    ];
    c.execute(AssertSqlSafe(furniture.concat())).await.unwrap();

    let short = Duration::from_millis(300);
    // There a superuser keeps its rights (docs/gates.md).
    let keeps_rights: bool = sqlx::query_scalar("SELECT to_regrole('pg_read_all_data') IS NULL")
        .fetch_one(&mut c)
        .await
        .unwrap();
    let of_rights = [
        "SELECT copies()",
        // Rows that cannot be seen are not no rows.
        "SELECT n FROM hidden",
    ];
    let of_rights = if keeps_rights { &[] } else { &of_rights[..] };
    for query in [
        "SELECT writes()",
        "SELECT writes_rightly()",
        "SELECT set_config('transaction_read_only', 'off', false), writes()",
        "SELECT keeps_apart()",
        "SELECT nextval('numbers')",
        "SELECT n FROM witness FOR UPDATE",
        "INSERT INTO witness VALUES (1)",
        "INSERT INTO witness VALUES (1) RETURNING n",
        "WITH w AS (INSERT INTO witness VALUES (1) RETURNING n) SELECT n FROM w",
        "SELECT 1; INSERT INTO witness VALUES (1)",
        "SELECT 1) AS own_row; INSERT INTO witness VALUES (1); COMMIT; --",
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "SELECT 1 INTO witness_two",
        "CREATE TEMP TABLE t (n integer)",
        "DO $$ BEGIN INSERT INTO public.witness VALUES (1); END $$",
        "EXPLAIN ANALYZE INSERT INTO witness VALUES (1)",
        "COPY witness FROM STDIN",
        program.as_str(),
        "SELECT pg_sleep(60)",
        "SELECT set_config('statement_timeout', '0', false), pg_sleep(60)",
        "SELECT * FROM no_such_table",
        "SELEKT",
        "SELECT 1 / 0",
        ";",
        "",
        "--",
        "SELECT 'open",
    ]
    .iter()
    .chain(of_rights)
    {
        let began = Instant::now();
        let answer = own_query::ask(&db, query, short).await;
        assert!(answer.is_err(), "{query}: {answer:?}");
        assert!(began.elapsed() < Duration::from_secs(30), "{query}");
    }
    let written: i64 = sqlx::query_scalar("SELECT (SELECT count(*) FROM witness) + (SELECT count(*) FROM pg_class WHERE relname = 'witness_two') + (SELECT last_value FROM numbers WHERE is_called)")
        .fetch_optional(&mut c)
        .await
        .unwrap()
        .flatten()
        .unwrap_or_default();
    assert_eq!(written, 0);
    assert!(!fs::exists(file).unwrap());

    let ask = async |query: &str| own_query::ask(&db, query, Duration::from_secs(30)).await;
    let said = |error: Result<Rows, String>, part: &str| {
        let error = error.unwrap_err();
        assert!(error.contains(part), "{error}");
    };
    said(ask("SELECT writes()").await, "tries to write");
    said(
        own_query::ask(&db, "SELECT pg_sleep(60)", short).await,
        "longer than 300 ms",
    );
    said(ask("SELEKT").await, "syntax error");
    let none: [&str; 0] = [];
    assert_eq!(ask("SELECT 1 WHERE false").await.unwrap().rows, none);
    let one = ask("SELECT count(*) FROM rule_webhooks -- all of them\n;\n")
        .await
        .unwrap();
    assert_eq!(one.rows, ["(0)"]);
    for (query, numeric) in [
        ("SELECT count(*) FROM rule_webhooks", true),
        ("SELECT 5::numeric UNION SELECT 6", true),
        ("SELECT 0.5::float8", true),
        ("SELECT '5'::text", false),
        ("SELECT true", false),
        ("SELECT 1 AS n, 2 AS n", false),
    ] {
        assert_eq!(ask(query).await.unwrap().numeric, numeric, "{query}");
    }
    // Long answers are cut where they are made.
    let long = ask("SELECT n, repeat('x', 1000000) FROM generate_series(1, 1000000) n")
        .await
        .unwrap();
    assert!(long.more && long.rows.len() == 20 && long.rows.iter().all(|row| row.len() <= 500));
    // What a query leaves in its session goes with it.
    ask("SELECT pg_advisory_lock(4711)").await.unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711";
    while sqlx::query_scalar::<_, i64>(held)
        .fetch_one(&mut c)
        .await
        .unwrap()
        > 0
    {
        assert!(
            Instant::now() < end,
            "the session of a query is still there"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn says(report: &Report, name: &str, verdict: Verdict, part: &str) {
    let result = gate(report, name);
    assert_eq!(result.verdict, verdict, "{result:?}");
    assert!(result.reason.contains(part), "{part:?} in {result:?}");
}

/// A plan with more in its gates.
fn with(plan: &Plan, gates: &str) -> Plan {
    Plan::parse(
        &plan
            .text()
            .replace("gates: { ", &format!("gates: {{ {gates}, ")),
    )
    .unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[tokio::test]
async fn programs_of_the_plan_never_hang_a_gate_and_never_pass_it_by_mistake() {
    let mut w = world(Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let (pid, gone) = (dir.path().join("pid"), dir.path().join("gone"));
    let shell = |name: &str, script: &str| {
        let script = serde_json::to_string(script).unwrap();
        format!("{{ name: {name}, run: [sh, -c, {script}], timeout: 20s }}")
    };
    let gates = [
        shell(
            "told",
            "cat | tee /dev/stderr | grep -q '\"wave\":\"all\"' && echo looked",
        ),
        shell("fails", "echo three are stuck >&2; exit 1"),
        shell("odd", "exit 3"),
        shell("killed", "kill -9 $$"),
        shell(
            "endless",
            "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
        ),
        shell("rubbish", "printf '\\377\\000\\376'"),
        shell("left", "sleep 300 & exit 0"),
        // Deaf to SIGTERM, and so is its child.
        shell(
            "hangs",
            &format!(
                "trap '' TERM; sleep 300 & echo $! > {}; wait",
                pid.display()
            ),
        )
        .replace("20s", "500ms"),
        // Its child leaves the group, and lets go of the pipes.
        shell(
            "leaves",
            &format!(
                "setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $! > {}; exit 0",
                gone.display()
            ),
        ),
        "{ name: missing, run: [\"./no-such-program\"] }".to_string(),
        "{ name: advice, run: [\"false\"], advisory: true }".to_string(),
    ];
    let sql = "sql: [{ name: nobody, query: SELECT 1 WHERE false }, { name: writes, query: \"WITH gone AS (DELETE FROM rule_webhooks RETURNING 1) SELECT 1 FROM gone\" }, \
               { name: two, query: SELECT count(*) FROM rule_webhooks, min: 2, max: 2 }, \
               { name: exact, query: SELECT 9007199254740993, max: 9007199254740992 }, \
               { name: fine, query: SELECT 10.00000000000000000001, max: 10 }, \
               { name: finer, query: SELECT 10.00000000000000000001, max: 10.00000000000000000001 }, \
               { name: word, query: \"SELECT '5'::text\", max: 10 }, \
               { name: endless-number, query: \"SELECT 'Infinity'::float8\", min: 1 }]";
    w.plan = with(&w.plan, &format!("{sql}, command: [{}]", gates.join(", ")));
    let report = w.evaluate(None, both(0)).await;
    for (name, verdict, part) in [
        ("told", Verdict::Pass, "exit 0: looked"),
        ("fails", Verdict::Fail, "exit 1: three are stuck"),
        (
            "exact",
            Verdict::Fail,
            "9007199254740993, wanted at most 9007199254740992",
        ),
        ("fine", Verdict::Fail, "wanted at most 10"),
        (
            "finer",
            Verdict::Pass,
            "wanted at most 10.00000000000000000001",
        ),
        (
            "word",
            Verdict::Inconclusive,
            "wanted one row with one number",
        ),
        (
            "endless-number",
            Verdict::Inconclusive,
            "wanted one row with one number",
        ),
        ("odd", Verdict::Inconclusive, "exit 3"),
        ("killed", Verdict::Inconclusive, "signal 9"),
        ("endless", Verdict::Inconclusive, "more than 1024 KiB"),
        ("rubbish", Verdict::Inconclusive, "is no text"),
        ("left", Verdict::Pass, "exit 0"),
        ("leaves", Verdict::Pass, "exit 0"),
        ("hangs", Verdict::Inconclusive, "no answer within 0.5 s"),
        (
            "missing",
            Verdict::Inconclusive,
            "cannot run ./no-such-program",
        ),
        ("advice", Verdict::Fail, "exit 1"),
        ("nobody", Verdict::Pass, "no row"),
        ("writes", Verdict::Inconclusive, "data-modifying statement"),
        ("two", Verdict::Pass, "2, wanted 2 to 2"),
    ] {
        says(&report, name, verdict, part);
    }
    let told: serde_json::Value = serde_json::from_str(
        serde_json::json!(gate(&report, "told").inputs)["stderr"]
            .as_str()
            .unwrap(),
    )
    .unwrap();
    assert_eq!(
        (&told["to"], &told["webhooks"][1]["name"]),
        (&"hybrid 0 %".into(), &"w2".into())
    );
    let failing: Vec<&str> = report
        .saying(Verdict::Fail)
        .map(|r| r.gate.as_str())
        .filter(|gate| *gate != "stream")
        .collect();
    assert_eq!(
        failing,
        ["exact", "fine", "fails"],
        "advice decides nothing"
    );
    // The whole group of what hung is gone, and what had left its group.
    for pid in [pid, gone] {
        let child = fs::read_to_string(pid).unwrap();
        let stat = format!("/proc/{}/stat", child.trim());
        let end = Instant::now() + Duration::from_secs(30);
        while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(Instant::now() < end, "{child} still runs");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // Kept with the rest, rubbish and all.
    let kept: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM wavegate.gate_result WHERE gate IN ('rubbish', 'endless', 'advice')",
    )
    .fetch_one(&mut w.c)
    .await
    .unwrap();
    assert_eq!(kept, 3);
}

#[tokio::test]
async fn plain_limits_count_the_step_in_the_ledger() {
    let mut w = world(Shape::B).await;
    let gates = "dead: { max: 4 }, duplicates: { max: 0 }, errors: { inconclusive_after: 1h }, \
                 workers: { nats: 2, stable_for: 1h, advisory: true }";
    let text = with(&w.plan, gates)
        .text()
        .replace("success: { ", "success: { min_rate: 95%, ");
    w.plan = Plan::parse(&format!(
        "{text}windows: {{ freeze: [2020-01-01/2099-12-31], timezone: Europe/Berlin }}\n"
    ))
    .unwrap();
    let migration = w.at("hybrid", 50).await;
    w.events("nats", 100, 4).await;
    w.events("queue", 100, 0).await;
    let report = w.evaluate(Some(&migration), both(100)).await;
    says(&report, "dead", Verdict::Pass, "4 of 200 events dead");
    says(&report, "duplicates", Verdict::Pass, "0 attempts");
    says(&report, "min_rate", Verdict::Pass, "96 of 100, 96.00 %");
    says(&report, "window", Verdict::Inconclusive, "a freeze");
    says(
        &report,
        "parity",
        Verdict::Pass,
        "a loss rate above 1.49 % is ruled out",
    );
    // Nobody knows since when these have been steady: shown, and no hindrance.
    says(&report, "workers", Verdict::Inconclusive, "steady for 1 h");
    assert!(!gate(&report, "workers").decides());
    assert_eq!(report.verdict(), Verdict::Inconclusive);

    // Two attempts without a result in this step, one before it; a dead event more in the tally; an endpoint that fails for everybody.
    for sql in [
        "INSERT INTO wavegate.ambiguous_attempt (call_id, webhook_id, attempt, path, at) VALUES \
         (1, 1, 1, 'nats', now()), (2, 2, 1, 'queue', now() - interval '1 h'), (3, 1, 1, 'nats', now() - interval '3 h')",
        "INSERT INTO wavegate.circuit (webhook_id, failures, opened_at, open_until, last_error) VALUES (2, 9, now(), now(), 'HTTP 503')",
        "UPDATE wavegate.worker SET steady_since = now() - interval '1 h'; UPDATE wavegate.relay SET steady_since = now() - interval '1 h'",
        "UPDATE wavegate.tally_arm SET dead = dead + 1 WHERE prefers = 'nats' AND webhook_id = 1",
    ] {
        w.c.execute(sql).await.unwrap();
    }
    let report = w.evaluate(Some(&migration), both(100)).await;
    says(&report, "dead", Verdict::Fail, "5 of 201 events dead");
    says(
        &report,
        "duplicates",
        Verdict::Fail,
        "2 attempts without a result (1 by NATS, 1 by the queue)",
    );
    says(&report, "workers", Verdict::Pass, "steady for 1 h");
    // The step began two hours ago.
    says(
        &report,
        "errors",
        Verdict::Fail,
        "longer than 1 h after the step began: endpoint: the circuit of webhook w2 (2) is open",
    );
    assert_eq!(
        serde_json::json!(gate(&report, "backlog").inputs)["levels"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(report.verdict(), Verdict::Fail);
}

#[tokio::test]
async fn a_step_is_signed_by_each_role_for_itself() {
    let mut w = preflight::world(Shape::A).await;
    let signed = |text: &str| {
        Plan::parse(&text.replace(
            "rest: true }",
            "rest: true }, signoff: [operations, product]",
        ))
        .unwrap()
    };
    let plan = signed(w.plan.text());
    let sign = |plan: &Plan, more: &[&str]| {
        let mut args = vec!["signoff", "--wave", "all"];
        args.extend(more);
        run(&w, plan, &args)
    };
    let gate = |plan: &Plan| {
        let output = run(&w, plan, &["gate", "--output", "json"]);
        let report = json(&output);
        let gates = report["data"]["waves"][0]["gates"]
            .as_array()
            .unwrap()
            .clone();
        let found = gates.iter().find(|gate| gate["gate"] == "signoff").unwrap();
        (code(&output), found["reason"].as_str().unwrap().to_string())
    };
    let (held, why) = gate(&plan);
    assert_eq!(
        (held, why.as_str()),
        (4, "not signed yet by operations, product")
    );
    assert_eq!(code(&sign(&plan, &["--role", "nobody", "--yes"])), 2);
    // Nobody to ask, or only asked what would be: nothing is written.
    assert_eq!(code(&sign(&plan, &["--role", "product"])), 6);
    assert_eq!(code(&sign(&plan, &["--role", "product", "--dry-run"])), 0);
    assert_eq!(code(&sign(&plan, &["--role", "operations", "--yes"])), 0);
    assert_eq!(
        code(&sign(
            &plan,
            &[
                "--role",
                "product",
                "--refuse",
                "--note",
                "sale until Monday",
                "--yes"
            ]
        )),
        0
    );
    let (failed, why) = gate(&plan);
    assert_eq!(failed, 3);
    assert!(
        why.starts_with("product refused") && why.ends_with("sale until Monday"),
        "{why}"
    );
    let shown = sign(&plan, &["--role", "product", "--yes", "--output", "json"]);
    let words = json(&shown)["data"]["waves"][0]["roles"].clone();
    assert_eq!(
        (&words[0]["word"], &words[1]["word"], &words[1]["role"]),
        (&"signed".into(), &"signed".into(), &"product".into())
    );
    let (passes, why) = gate(&plan);
    assert_eq!(passes, 0, "{why}");
    // Who signs one text has not signed another.
    let other = signed(&w.plan.text().replace("soak: 4h", "soak: 5h"));
    assert_eq!(gate(&other).0, 4);

    // And what was signed for one step is not signed for the next.
    let begun = format!(
        "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('test', 'x', '{}'); \
         INSERT INTO wavegate.wave (migration_id, position, name, step, share, entered_at) VALUES (1, 1, 'all', 'hybrid', 10, clock_timestamp()); \
         INSERT INTO wavegate.member (migration_id, webhook_id, position, webhook_name, found) VALUES (1, 1, 1, 'w1', '{{}}')",
        plan.hash()
    );
    w.sql(&begun).await;
    let sign = |more: &[&str]| {
        let mut args = vec!["signoff", "--wave", "all", "--output", "json"];
        args.extend(more);
        json(&run(&w, &plan, &args))["data"]["waves"][0]["roles"][0]["word"].clone()
    };
    assert_eq!(sign(&[]), "wanted");
    assert_eq!(sign(&["--role", "operations", "--yes"]), "signed");
    w.sql("UPDATE wavegate.wave SET entered_at = clock_timestamp()")
        .await;
    let again = json(&run(&w, &plan, &["signoff", "--output", "json"]));
    assert_eq!(again["data"]["waves"][0]["roles"][0]["word"], "wanted");

    // The soak is over and nothing came: those who sign decide, each of them after that.
    w.sql("UPDATE wavegate.wave SET entered_at = clock_timestamp() - interval '5 h'")
        .await;
    let advisory = || {
        let report = json(&run(&w, &plan, &["gate", "--output", "json"]));
        let gates = report["data"]["waves"][0]["gates"]
            .as_array()
            .unwrap()
            .clone();
        let advice = gates
            .iter()
            .filter(|gate| gate["inputs"]["advisory"] == true);
        let names: Vec<String> = advice
            .map(|gate| gate["gate"].as_str().unwrap().to_string())
            .collect();
        names.join(" ")
    };
    assert_eq!(advisory(), "");
    for role in ["operations", "product"] {
        let signed = run(
            &w,
            &plan,
            &["signoff", "--wave", "all", "--role", role, "--yes"],
        );
        assert_eq!(code(&signed), 0, "{signed:?}");
    }
    assert_eq!(
        advisory(),
        "routed traffic parity same_bytes split broken success latency errors"
    );
}

#[tokio::test]
async fn a_missed_heartbeat_begins_steadiness_anew() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let (mut c, db) = (test.connect().await, test.db().await);
    let now = chrono::Utc::now();
    let worker = |rss| WorkerBeat {
        worker_id: "w".into(),
        path: wavegate::model::Path::Nats,
        host: "h".into(),
        pid: 1,
        started_at: now - chrono::TimeDelta::minutes(2),
        seen_at: now,
        claimed: 0,
        delivered: 0,
        failed: 0,
        acked: 0,
        in_flight: 0,
        rss_bytes: Some(rss),
        last_error: None,
        dedicated: false,
    };
    let relay = RelayBeat {
        relay_id: "r".into(),
        host: "h".into(),
        pid: 1,
        started_at: now,
        seen_at: now,
        partitions: vec![],
        published: 0,
        failed: 0,
        lag_ms: None,
        rate: None,
        last_ack_at: None,
        last_error: None,
        last_error_at: None,
        foreign_consumer: None,
    };
    let since = now - chrono::TimeDelta::hours(1);
    let hour_old = since + chrono::TimeDelta::minutes(1);
    let beat = async |rss| {
        beat_worker(&db, &worker(rss), false).await.unwrap();
        beat_relay(&db, &relay, false).await.unwrap();
        let all = steady(&db, since).await.unwrap();
        let of = |id: &str| all.iter().find(|s| s.id == id).unwrap().clone();
        let fresh = |id: &str| of(id).steady_since.is_some_and(|at| at > hour_old);
        (
            fresh("w"),
            fresh("r"),
            of("w").rss_bytes,
            of("w").rss_settled,
        )
    };
    // The first beat is a beginning; memory is settled a minute after the start.
    assert_eq!(beat(10).await, (true, true, Some(10), None));
    let set = async |c: &mut sqlx::PgConnection, what: &str| {
        for table in ["worker", "relay"] {
            c.execute(AssertSqlSafe(format!("UPDATE wavegate.{table} SET {what}")))
                .await
                .unwrap();
        }
    };
    set(&mut c, "steady_since = clock_timestamp() - interval '1 h'").await;
    assert_eq!(beat(20).await, (false, false, Some(20), Some(20)));
    set(&mut c, "seen_at = clock_timestamp() - interval '11 s'").await;
    assert_eq!(beat(30).await, (true, true, Some(30), Some(20)));
    // A beat that was on its way when the goodbye was said brings nobody back to life.
    let counts = |active| ConsumerStats {
        stream: "s".into(),
        worker: "w".into(),
        active,
        ..ConsumerStats::default()
    };
    beat_worker(&db, &worker(30), true).await.unwrap();
    beat_relay(&db, &relay, true).await.unwrap();
    stats::consumer(&db, &counts(false)).await.unwrap();
    beat_worker(&db, &worker(40), false).await.unwrap();
    beat_relay(&db, &relay, false).await.unwrap();
    stats::consumer(&db, &counts(true)).await.unwrap();
    let alive = "SELECT (SELECT count(*) FROM wavegate.worker WHERE stopped_at IS NULL)
                      + (SELECT count(*) FROM wavegate.relay WHERE stopped_at IS NULL)
                      + (SELECT count(*) FROM rule_nats_consumer_stats WHERE active)";
    let alive: i64 = sqlx::query_scalar(alive).fetch_one(&mut c).await.unwrap();
    assert_eq!(alive, 0);
}
