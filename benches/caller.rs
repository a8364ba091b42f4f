//! What a caller waits: NATS up and a relay running, then NATS stopped and the relay trying again, in interleaved phases.
//! The calls take turns, so that all of them meet the same moments.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::{
    lab::{Lab, RELAY},
    show,
};
use sqlx::PgConnection;

/// A caller has something else to do between calls.
const PAUSE: Duration = Duration::from_millis(1);
const PAYLOAD: &str = "jsonb_build_object('n', $2::bigint, 'note', repeat('x', 250))";

fn main() {
    common::run(bench());
}

struct Call {
    name: &'static str,
    sql: String,
    webhook: i32,
    /// p50 and p99 of each phase, milliseconds: with NATS up, with NATS stopped.
    phases: [Vec<(f64, f64)>; 2],
}

async fn bench() {
    let rounds: usize = common::option("rounds", 5);
    let calls: usize = common::option("calls", 2000);
    let mut lab = Lab::start().await;
    lab.about().await;
    let (queue, both, nats) = (
        lab.webhook("queue", 0).await,
        lab.webhook("both", 0).await,
        lab.webhook("nats", 0).await,
    );
    let call = |name, sql: &str, webhook| Call {
        name,
        sql: sql.replace("PAYLOAD", PAYLOAD),
        webhook,
        phases: Default::default(),
    };
    let unified = "SELECT rule_webhook_call_unified($1, PAYLOAD)";
    let enqueue = "SELECT rule_webhook_enqueue($1, PAYLOAD)";
    let mut all = [
        call("call_unified, mode nats", unified, nats),
        call("call_unified, mode both", unified, both),
        call("enqueue, mode nats", enqueue, nats),
        call("enqueue, mode both", enqueue, both),
        call("enqueue, mode queue", enqueue, queue),
        call(
            "plain INSERT into the queue",
            "INSERT INTO rule_webhook_calls (webhook_id, payload) VALUES ($1, PAYLOAD)",
            queue,
        ),
    ];
    let mut sql = lab.session().await;
    let relay = lab.launch(RELAY).await;
    phase(&mut sql, &mut all, calls / 4, None).await;
    for _ in 0..rounds {
        phase(&mut sql, &mut all, calls, Some(0)).await;
        lab.nats.kill();
        // The relay notices, and begins to try again.
        tokio::time::sleep(Duration::from_secs(1)).await;
        phase(&mut sql, &mut all, calls, Some(1)).await;
        lab.nats.resume().unwrap();
        lab.until_published().await;
        lab.settle().await;
    }
    lab.stop(relay).await;
    let mut rows = Vec::new();
    for call in &all {
        let figure = |phase: usize, pick: fn(&(f64, f64)) -> f64| {
            show::median(&call.phases[phase].iter().map(pick).collect::<Vec<_>>())
        };
        let ratio = figure(1, |p| p.1) / figure(0, |p| p.1);
        rows.push(vec![
            call.name.to_string(),
            show::number(figure(0, |p| p.0)),
            show::number(figure(1, |p| p.0)),
            show::number(figure(0, |p| p.1)),
            show::number(figure(1, |p| p.1)),
            show::number(ratio),
            show::rounds(&call.phases[0].iter().map(|p| p.1).collect::<Vec<_>>()),
            show::rounds(&call.phases[1].iter().map(|p| p.1).collect::<Vec<_>>()),
        ]);
        if call.webhook != queue {
            let figure = format!("{}: p99 NATS stopped / up", call.name);
            show::criterion("caller", &figure, ratio, "<= 1.2", ratio <= 1.2);
        }
    }
    show::table(
        &format!(
            "Caller: one session, one call a transaction, {} ms between calls, {calls} calls of each kind a phase taking turns, {rounds} rounds of \
             up and stopped; milliseconds (medians of the phases' percentiles). A relay runs all the time.",
            PAUSE.as_millis()
        ),
        &[
            "call",
            "p50 up",
            "p50 stopped",
            "p99 up",
            "p99 stopped",
            "p99 ratio",
            "p99 up, rounds",
            "p99 stopped, rounds",
        ],
        &rows,
    );
}

/// So many calls of each kind. Without a place for its figures a phase only warms up.
async fn phase(sql: &mut PgConnection, all: &mut [Call], calls: usize, place: Option<usize>) {
    let mut taken: Vec<Vec<f64>> = vec![Vec::with_capacity(calls); all.len()];
    for n in 0..calls {
        for (call, taken) in all.iter().zip(&mut taken) {
            let begin = Instant::now();
            sqlx::query(sqlx::AssertSqlSafe(call.sql.clone()))
                .bind(call.webhook)
                .bind(n as i64)
                .execute(&mut *sql)
                .await
                .unwrap();
            taken.push(begin.elapsed().as_secs_f64() * 1000.0);
            tokio::time::sleep(PAUSE).await;
        }
    }
    let Some(place) = place else { return };
    for (call, taken) in all.iter_mut().zip(taken) {
        call.phases[place].push((
            show::percentile(&taken, 50.0),
            show::percentile(&taken, 99.0),
        ));
    }
}
