//! What the gates said is kept: a month of looks in few rows, every change of mind, every attempt.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use wavegate::{
    gates::{Evidence, GateResult, Report, Said, Verdict},
    store::{
        Db,
        verdicts::{self, Wanted},
    },
};

use crate::support::{Schema, Shape, TestDb};

struct World {
    test: TestDb,
    db: Db,
    since: DateTime<Utc>,
}

async fn world() -> World {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let db = test.db().await;
    World {
        test,
        db,
        since: "2026-10-01T00:00:00Z".parse().unwrap(),
    }
}

impl World {
    /// Two gates look: `soak` says `verdict`, `schema` always passes.
    async fn look(&self, at: DateTime<Utc>, verdict: Verdict) {
        let soak = GateResult {
            wait: None,
            gate: "soak".into(),
            verdict,
            reason: format!("at {at}"),
            remedy: String::new(),
            inputs: Evidence::read(&"soak".into(), json!({ "at": at })),
        };
        let report = Report {
            wave: "pilot".into(),
            step: "hybrid 0 % -> hybrid 10 %".into(),
            since: Some(self.since),
            at,
            results: vec![
                soak,
                GateResult::pass(
                    "schema",
                    "in place",
                    Evidence::read(&"schema".into(), json!({})),
                ),
            ],
        };
        verdicts::keep(&self.db, Some(1), &report).await.unwrap();
    }

    async fn said(&self, gate: &str, every: bool) -> Vec<Said> {
        let wanted = Wanted {
            migration_id: Some(1),
            wave: Some("pilot".into()),
            gate: Some(gate.into()),
            since: DateTime::UNIX_EPOCH,
            limit: 10_000,
            every,
        };
        verdicts::said(&self.db, &wanted).await.unwrap()
    }
}

#[tokio::test]
async fn a_month_of_looks_is_few_rows_and_loses_no_change() {
    let mut w = world().await;
    let second = |n: i64| w.since + TimeDelta::seconds(n);
    // Half a minute apart for an hour, then as few as the test can afford; one look in between fails.
    let early = (1..=120).map(|n| n * 30);
    let late = (1..=700).map(|n| 3_600 + n * 3_600);
    let looks: Vec<i64> = early.chain(late).collect();
    for at in &looks {
        let verdict = if *at == 1_800 {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        };
        w.look(second(*at), verdict).await;
    }
    let every = w.said("soak", true).await;
    // 50 rows until each covers more than one look, then about 35 for each doubling of the step's age.
    assert!(
        (100..320).contains(&every.len()),
        "{} rows of {} looks",
        every.len(),
        looks.len()
    );
    let seen: i64 = every.iter().map(|said| said.looks).sum();
    assert_eq!(seen, looks.len() as i64);
    assert!(every.iter().all(|said| said.at <= said.until));
    // The row says what the last of its looks said.
    let last = every.last().unwrap();
    assert_eq!(last.until, second(*looks.last().unwrap()));
    assert_eq!(last.reason, format!("at {}", last.until));

    let changes = w.said("soak", false).await;
    let told: Vec<(Verdict, i64)> = changes.iter().map(|s| (s.verdict, s.looks)).collect();
    assert_eq!(
        told,
        [
            (Verdict::Inconclusive, 59),
            (Verdict::Fail, 1),
            (Verdict::Inconclusive, 760)
        ]
    );
    assert_eq!(
        (changes[0].at, changes[0].until),
        (second(30), second(1_770))
    );
    assert_eq!(w.said("schema", false).await.len(), 1);

    // Another attempt at the same step begins a row of its own; so does a clock that was set back.
    let before = w.said("soak", true).await.len();
    w.since = second(3_600 * 702);
    w.look(w.since + TimeDelta::seconds(1), Verdict::Inconclusive)
        .await;
    w.look(w.since, Verdict::Inconclusive).await;
    assert_eq!(w.said("soak", true).await.len(), before + 2);
}

#[tokio::test]
async fn a_gate_that_never_makes_up_its_mind_keeps_its_newest_rows() {
    let w = world().await;
    let mut c = w.test.connect().await;
    for (wave, from) in [
        ("pilot", w.since),
        ("pilot", w.since - TimeDelta::days(9)),
        ("other", w.since),
    ] {
        sqlx::query(
            "INSERT INTO wavegate.gate_result (at, migration_id, wave, step, gate, verdict, reason, inputs) \
             SELECT $1 + n * interval '30 s', 1, $2, 'a step', 'soak', CASE n % 2 WHEN 0 THEN 'pass' ELSE 'fail' END, '', '{}' \
             FROM generate_series(1, 1200) n",
        )
        .bind(from)
        .bind(wave)
        .execute(&mut c)
        .await
        .unwrap();
    }
    w.look(w.since + TimeDelta::days(1), Verdict::Fail).await;
    let count = |wave: &str, since: DateTime<Utc>| {
        sqlx::query_scalar("SELECT count(*) FROM wavegate.gate_result WHERE gate = 'soak' AND wave = $1 AND at >= $2")
            .bind(wave.to_string())
            .bind(since)
    };
    let of_step: i64 = count("pilot", w.since).fetch_one(&mut c).await.unwrap();
    let all: i64 = count("pilot", DateTime::UNIX_EPOCH)
        .fetch_one(&mut c)
        .await
        .unwrap();
    let other: i64 = count("other", DateTime::UNIX_EPOCH)
        .fetch_one(&mut c)
        .await
        .unwrap();
    // Earlier steps and other waves keep theirs: 1200 each.
    assert_eq!((of_step, all, other), (1_000, 2_200, 1_200));
}
