//! What `wavegate gate` costs: the first look at a step with 10 million rows each of queue, history and ledger, beside the barest
//! grouped pass over them; later looks with 10,000 new rows; and the guide's own comparison as far as it gets.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::{
    lab::Lab,
    past::{self, Past},
    show, statements,
};
use sqlx::Executor;
use wavegate::{
    engine::{
        gatekeeper::{self, Candidate},
        snapshot,
    },
    gates::Verdict,
    model::{Mode, Share},
    plan::Plan,
    store::{Db, DbOptions, clock, state},
};

/// The first look, as a multiple of the barest pass.
const FIRST: f64 = 1.5;
const LATER_MS: f64 = 100.0;
const FLAT: f64 = 1.25;
/// The guide's query is given so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Counts by webhook, over the same rows as the gates: since the step began. The times stand in the text, so that PostgreSQL knows
/// how many rows it will read.
const BAREST: [&str; 3] = [
    "SELECT webhook_id, count(*), count(*) FILTER (WHERE status = 'success') FROM rule_webhook_calls
     WHERE created_at >= 'SINCE' AND created_at <= 'NOW' GROUP BY webhook_id",
    "SELECT webhook_id, count(*), count(*) FILTER (WHERE success) FROM rule_nats_publish_history
     WHERE published_at >= 'SINCE' AND published_at <= 'NOW' GROUP BY webhook_id",
    "SELECT webhook_id, count(*), count(*) FILTER (WHERE state = 'delivered') FROM rule_webhook_events
     WHERE created_at >= 'SINCE' AND created_at <= 'NOW' GROUP BY webhook_id",
];

/// Step 4.1 of the guide, word for word, as the tests of the guides have it.
fn guide() -> &'static str {
    include_str!("../tests/suite/schema/guides_queue_to_nats.sql")
        .split("-- @ ")
        .find_map(|step| step.strip_prefix("4.1 compare metrics\n"))
        .unwrap()
}

fn main() {
    common::run(bench());
}

async fn bench() {
    let rows: u64 = common::option("rows", 10_000_000);
    let rounds: usize = common::option("rounds", 3);
    let later: usize = common::option("later", 7);
    let new: u64 = common::option("new", 10_000);
    let guide: String = common::option("guide", "10000,100000,250000".to_string());
    let mut lab = Lab::start().await;
    lab.about().await;
    for rows in guide.split(',').filter_map(|rows| rows.parse().ok()) {
        if !beside_the_guide(&mut lab, rows).await {
            break;
        }
    }
    let mut pasts = [
        made(&mut lab, "less", rows / 10).await,
        made(&mut lab, "more", rows).await,
    ];
    first(&mut lab, &pasts[1], rounds).await;
    later_looks(&mut lab, &mut pasts, later, new).await;
    for past in &mut pasts {
        past.dismiss(&lab).await;
    }
}

async fn made(lab: &mut Lab, name: &str, rows: u64) -> Past {
    let begin = Instant::now();
    let past = Past::make(lab, &format!("{name}_{rows}"), rows).await;
    show::note(&format!(
        "{rows} rows each of queue, history and ledger in {:.0} s",
        begin.elapsed().as_secs_f64()
    ));
    past
}

/// The whole command, from its start to its end: all gates are measured, and none may fail.
async fn look(lab: &Lab) -> Duration {
    let begin = Instant::now();
    let output = tokio::process::Command::new(&lab.surroundings.program)
        .arg("gate")
        .arg(past::file(lab))
        .args(["--database-url", &lab.surroundings.database_url])
        .args(["--nats-url", &lab.surroundings.nats_url])
        .output()
        .await
        .unwrap();
    let took = begin.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    let heard = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(output.status.code(), Some(0 | 4)) && !said.contains("could not be measured"),
        "{said}\n{heard}"
    );
    if common::option("show", 0) > 0 {
        show::note(&said);
    }
    took
}

/// A look that finds nothing counted.
async fn first_look(lab: &mut Lab) -> f64 {
    lab.run("DELETE FROM wavegate.tally").await;
    lab.settle().await;
    look(lab).await.as_secs_f64()
}

/// The three counts, one after the other: seconds for each.
async fn barest(lab: &mut Lab) -> [f64; 3] {
    let since = lab.text("SELECT entered_at::text FROM wavegate.wave").await;
    let now = lab.text("SELECT now()::text").await;
    let mut took = [0.0; 3];
    for (took, count) in took.iter_mut().zip(BAREST) {
        let count = count.replace("SINCE", &since).replace("NOW", &now);
        let begin = Instant::now();
        lab.sql.fetch_all(sqlx::AssertSqlSafe(count)).await.unwrap();
        *took = begin.elapsed().as_secs_f64();
    }
    took
}

/// The first look and the barest pass take turns.
async fn first(lab: &mut Lab, past: &Past, rounds: usize) {
    lab.use_database(&past.database).await;
    let (mut bare, mut looks) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let parts = barest(lab).await;
        let look = first_look(lab).await;
        let sum: f64 = parts.iter().sum();
        show::note(&format!(
            "round {round}: barest pass {sum:.2} s (queue, history, ledger: {parts:.2?}), first look {look:.2} s"
        ));
        // The first round warms the caches up.
        if round > 0 {
            bare.push(sum);
            looks.push(look);
        }
    }
    show::table(
        &format!(
            "{} rows each of queue, history and ledger, 200 webhooks: seconds, medians of {rounds} rounds in turns",
            past.rows
        ),
        &["what", "median", "rounds"],
        &[
            vec![
                "barest grouped pass".into(),
                show::number(show::median(&bare)),
                show::rounds(&bare),
            ],
            vec![
                "first look at all gates".into(),
                show::number(show::median(&looks)),
                show::rounds(&looks),
            ],
        ],
    );
    let ratio = show::median(&looks) / show::median(&bare);
    show::criterion(
        "gates",
        &format!("first look / barest pass, {} rows each", past.rows),
        ratio,
        &format!("<= {FIRST}"),
        ratio <= FIRST,
    );
}

/// Looks as `wavegate gate --watch` repeats them, in one process.
struct Watch {
    db: Db,
    plan: Plan,
}

impl Watch {
    async fn open(lab: &Lab) -> Watch {
        let options = DbOptions {
            url: Some(lab.surroundings.database_url.clone()),
            pool: Some(gatekeeper::SESSIONS),
            ..DbOptions::default()
        };
        Watch {
            db: Db::connect(&options).await.unwrap(),
            plan: Plan::parse(&std::fs::read_to_string(past::file(lab)).unwrap()).unwrap(),
        }
    }

    /// What one look asks and writes: time, migration, webhooks, all gates.
    async fn look(&self, lab: &Lab) -> Duration {
        let (db, plan) = (&self.db, &self.plan);
        let begin = Instant::now();
        let (now, migration) = tokio::try_join!(clock::now(db), state::load(db)).unwrap();
        let migration = migration.as_ref();
        snapshot::read(db, plan, migration, now).await.unwrap();
        let (wave, to) = (&plan.waves()[0], Mode::Both(Share::ALL));
        let candidate = Candidate::new(migration, wave, to);
        let report = gatekeeper::evaluate(db, Ok(&lab.bus), plan, migration, &candidate, now).await;
        let took = begin.elapsed();
        let report = report.unwrap();
        for result in &report.results {
            assert!(
                result.verdict != Verdict::Fail && !result.reason.contains("could not be measured"),
                "{result:?}"
            );
        }
        took
    }
}

/// A later look, as `--watch` repeats it and as a whole command from start to end, with some new rows before each; in databases of
/// different pasts in turns.
async fn later_looks(lab: &mut Lab, pasts: &mut [Past; 2], rounds: usize, new: u64) {
    let mut watches = Vec::new();
    let mut watched = [Vec::new(), Vec::new()];
    let mut commands = [Vec::new(), Vec::new()];
    for past in pasts.iter() {
        lab.use_database(&past.database).await;
        first_look(lab).await;
        watches.push(Watch::open(lab).await);
    }
    for round in 0..=rounds {
        for (n, past) in pasts.iter_mut().enumerate() {
            lab.use_database(&past.database).await;
            newer(lab, past, new).await;
            let took = watches[n].look(lab).await.as_secs_f64() * 1000.0;
            newer(lab, past, new).await;
            statements::count(lab).await;
            let command = look(lab).await.as_secs_f64() * 1000.0;
            statements::dearest(lab, 1000).await;
            // The first round opens sessions and prepares statements.
            if round > 0 {
                watched[n].push(took);
                commands[n].push(command);
            }
        }
    }
    let mut rows = Vec::new();
    for (past, (watched, commands)) in pasts.iter().zip(watched.iter().zip(&commands)) {
        for (what, looks) in [("--watch", watched), ("command", commands)] {
            rows.push(vec![
                past.rows.to_string(),
                what.into(),
                show::number(show::median(looks)),
                show::rounds(looks),
            ]);
        }
    }
    show::table(
        &format!(
            "A later look, {new} new rows each of queue, history and ledger since the last: milliseconds of one that is repeated (--watch), \
             and of the whole command from its start to its end"
        ),
        &["rows of past", "look", "median", "rounds"],
        &rows,
    );
    for (what, looks) in [("later look", &watched), ("whole command", &commands)] {
        for (past, looks) in pasts.iter().zip(looks) {
            let median = show::median(looks);
            show::criterion(
                "gates",
                &format!("ms of a {what}, {new} new rows, {} of past", past.rows),
                median,
                &format!("<= {LATER_MS}"),
                median <= LATER_MS,
            );
        }
        let [less, more] = looks;
        let ratio = show::median(more) / show::median(less);
        show::criterion(
            "gates",
            &format!(
                "{what} at {} / at {} rows of past",
                pasts[1].rows, pasts[0].rows
            ),
            ratio,
            &format!("<= {FLAT}"),
            ratio <= FLAT,
        );
    }
}

/// New rows, past the horizon: all of them are judged.
async fn newer(lab: &mut Lab, past: &mut Past, rows: u64) {
    past.pass_time(lab).await;
    past.add(lab, rows).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    lab.settle().await;
}

/// The guide's query beside our first look; whether it ended in time.
async fn beside_the_guide(lab: &mut Lab, rows: u64) -> bool {
    let mut past = made(lab, "guide", rows).await;
    first_look(lab).await;
    let look = first_look(lab).await;
    lab.run(&format!("SET statement_timeout = {}", PATIENCE.as_millis()))
        .await;
    let begin = Instant::now();
    let answer = lab.sql.fetch_all(guide()).await;
    let took = begin.elapsed().as_secs_f64();
    lab.run("RESET statement_timeout").await;
    past.dismiss(lab).await;
    match &answer {
        Ok(_) => {
            show::note(&format!(
                "{rows} rows: the guide's comparison {took:.2} s, our first look {look:.3} s"
            ));
            let figure = format!("the guide's comparison / first look, {rows} rows each");
            show::criterion("gates", &figure, took / look, "beside", true);
        }
        Err(error) => {
            show::note(&format!(
                "{rows} rows: the guide's comparison did not end in {} s ({error}), our first look {look:.3} s",
                PATIENCE.as_secs()
            ));
        }
    }
    answer.is_ok()
}
