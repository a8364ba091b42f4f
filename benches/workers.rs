//! How fast the NATS worker and the queue worker deliver, beside the engine's example worker: one message at a time.
//! The endpoint answers at once, or after 1, 5 and 20 ms. And the memory that a worker needs while 100,000 events wait.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use common::{
    cost,
    lab::{Lab, NATS_WORKER, PAYLOAD, QUEUE_WORKER, RELAY},
    show,
};
use futures::StreamExt;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

const EXAMPLE: &str = "EXAMPLE";
/// A real endpoint is never instant: TLS, a network and somebody's handler take milliseconds; 5 is a fast one in the same
/// data centre. At 0 ms both sides only measure the loopback, and the example keeps no record of what it does.
const DECISIVE_MS: u32 = 5;

fn main() {
    common::run(bench());
}

#[derive(Clone, Copy, PartialEq)]
enum Path {
    Nats,
    Queue,
}

impl Path {
    fn name(self) -> &'static str {
        match self {
            Path::Nats => "NATS worker",
            Path::Queue => "queue worker",
        }
    }

    fn mode(self) -> &'static str {
        match self {
            Path::Nats => "nats",
            Path::Queue => "queue",
        }
    }

    fn args(self) -> &'static [&'static str] {
        match self {
            Path::Nats => NATS_WORKER,
            Path::Queue => QUEUE_WORKER,
        }
    }
}

async fn bench() {
    let rounds: usize = common::option("rounds", 3);
    let waiting: u64 = common::option("waiting", 100_000);
    let seconds: f64 = common::option("seconds", 3.0);
    let concurrency: u32 = common::option("concurrency", 32);
    // The engine's own example worker for NATS, for instance `--example "node worker.js"`, in place of its loop in Rust.
    let example: String = common::option("example", String::new());
    let mut lab = Lab::start().await;
    lab.about().await;
    let mut rows = Vec::new();
    for path in [Path::Nats, Path::Queue] {
        for delay in [0, 1, 5, 20] {
            if !chosen("path", path.mode()) || !chosen("endpoint", &delay.to_string()) {
                continue;
            }
            let webhook = lab.webhook(path.mode(), delay).await;
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                ours.push(worker(&mut lab, path, webhook, delay, concurrency, seconds).await);
                theirs.push(match path {
                    Path::Nats => example_nats(&mut lab, delay, seconds, &example).await,
                    Path::Queue => example_queue(&mut lab, webhook, seconds).await,
                });
            }
            let ratio = show::median(&ours) / show::median(&theirs);
            rows.push(vec![
                path.name().to_string(),
                format!("{delay} ms"),
                show::number(show::median(&ours)),
                show::number(show::median(&theirs)),
                format!("{ratio:.1}"),
                show::rounds(&ours),
                show::rounds(&theirs),
            ]);
            show::note(&rows[rows.len() - 1].join("  "));
            if delay == DECISIVE_MS {
                let figure = format!("{} / example loop, endpoint {delay} ms", path.name());
                show::criterion("workers", &figure, ratio, ">= 5", ratio >= 5.0);
            }
        }
    }
    show::table(
        &format!(
            "Workers: one process, --concurrency {concurrency}, beside the example worker's loop (one message at a time: pull with a prefetch of ten, \
             parse, POST, ack, counters to PostgreSQL every 100; for the queue SELECT ... FOR UPDATE SKIP LOCKED LIMIT 1, POST, UPDATE, COMMIT), \
             rewritten in Rust so that only the loop differs. {rounds} interleaved rounds of {seconds} s; events a second (medians). \
             The criterion is the endpoint of {DECISIVE_MS} ms."
        ),
        &[
            "worker",
            "endpoint",
            "events/s",
            "example",
            "ratio",
            "rounds",
            "example's rounds",
        ],
        &rows,
    );
    if chosen("path", "memory") {
        memory(&mut lab, waiting).await;
    }
}

/// Without `--path` and `--endpoint` everything is measured.
fn chosen(option: &str, what: &str) -> bool {
    let wanted: String = common::option(option, String::new());
    wanted.is_empty() || wanted == what
}

/// Events arrive first, then one worker process delivers for so long; arrivals a second at the endpoint.
async fn worker(
    lab: &mut Lab,
    path: Path,
    webhook: i32,
    delay: u32,
    concurrency: u32,
    seconds: f64,
) -> f64 {
    // Enough that it cannot run dry: an optimist's guess of what it can do.
    let most = if delay == 0 {
        9000.0
    } else {
        (f64::from(concurrency) * 1000.0 / f64::from(delay)).min(9000.0)
    };
    let events = (most * seconds) as u64 + 2000;
    lab.clear().await;
    fill(lab, path, webhook, events).await;
    let concurrency = concurrency.to_string();
    let mut args = path.args().to_vec();
    args.extend(["--concurrency", &concurrency]);
    let process = lab.launch(&args).await;
    lab.receiver.until(1).await;
    let begin = Instant::now();
    let first = lab.receiver.count().await.distinct;
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    let last = lab.receiver.count().await.distinct;
    let rate = if last >= events {
        lab.receiver.count().await.rate()
    } else {
        (last - first) as f64 / begin.elapsed().as_secs_f64()
    };
    process.kill();
    rate
}

/// Puts events where the worker finds them, and nothing else runs any more.
async fn fill(lab: &mut Lab, path: Path, webhook: i32, events: u64) {
    lab.emit(&[webhook], 0, events).await;
    if path == Path::Nats {
        let relay = lab.launch(RELAY).await;
        lab.until_published().await;
        lab.stop(relay).await;
    }
    lab.run("ANALYZE rule_webhook_events, rule_nats_outbox, rule_webhook_calls")
        .await;
    lab.settle().await;
}

/// The engine's example worker for NATS, in Rust.
async fn example_nats(lab: &mut Lab, delay: u32, seconds: f64, example: &str) -> f64 {
    let config = async_nats::jetstream::stream::Config {
        name: EXAMPLE.into(),
        subjects: vec!["example.>".into()],
        ..Default::default()
    };
    let jetstream = lab.bus.jetstream();
    let _ = jetstream.delete_stream(EXAMPLE).await;
    let stream = jetstream.create_stream(config).await.unwrap();
    let url = format!("{}/{delay}", lab.receiver.url);
    // Enough that it cannot run dry, also on a fast machine.
    let events = (20_000.0 * seconds / f64::from(delay.max(1))) as u64 + 500;
    let bodies: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT jsonb_build_object('webhook_url', '{url}', 'headers', '{{}}'::jsonb, 'data', {PAYLOAD})::text FROM generate_series(1, {events}) n"
    )))
    .fetch_all(&mut lab.sql)
    .await
    .unwrap();
    for bodies in bodies.chunks(500) {
        let mut acks = Vec::new();
        for (body,) in bodies {
            acks.push(
                jetstream
                    .publish("example.1", body.clone().into())
                    .await
                    .unwrap(),
            );
        }
        for ack in acks {
            ack.await.unwrap();
        }
    }
    let consumer = stream
        .create_consumer(pull::Config {
            durable_name: Some("webhook-worker-1".into()),
            ack_policy: AckPolicy::Explicit,
            ..Default::default()
        })
        .await
        .unwrap();
    lab.receiver.reset().await;
    lab.settle().await;
    if !example.is_empty() {
        return run_example(lab, example, seconds).await;
    }
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut messages = consumer
        .stream()
        .max_messages_per_batch(10)
        .messages()
        .await
        .unwrap();
    let (begin, mut done) = (Instant::now(), 0_u32);
    while begin.elapsed().as_secs_f64() < seconds {
        let next = tokio::time::timeout(Duration::from_secs(5), messages.next());
        let message = next
            .await
            .expect("the example's stream ran dry: raise `events`")
            .unwrap()
            .unwrap();
        let envelope: Value = serde_json::from_slice(&message.payload).unwrap();
        let answer = http
            .post(envelope["webhook_url"].as_str().unwrap())
            .json(&envelope["data"])
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success());
        message.ack().await.unwrap();
        done += 1;
        if done.is_multiple_of(100) {
            sqlx::query(
                "SELECT rule_nats_consumer_update_stats($1, 'webhook-worker-1', $2, $2, 0, 1.0)",
            )
            .bind(EXAMPLE)
            .bind(i64::from(done))
            .execute(&mut lab.sql)
            .await
            .unwrap();
        }
    }
    let rate = f64::from(done) / begin.elapsed().as_secs_f64();
    lab.bus.jetstream().delete_stream(EXAMPLE).await.unwrap();
    rate
}

/// The example worker itself, as it comes.
async fn run_example(lab: &Lab, example: &str, seconds: f64) -> f64 {
    let mut words = example.split(' ');
    let log = std::fs::File::create(lab.logs.join("example.log")).unwrap();
    let mut child = std::process::Command::new(words.next().unwrap())
        .args(words)
        .env("NATS_URL", &lab.surroundings.nats_url)
        .env("DATABASE_URL", &lab.surroundings.database_url)
        .env("STREAM_NAME", EXAMPLE)
        .env("SUBJECT", "example.*")
        .env("CONSUMER_NAME", "webhook-worker-1")
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let first = lab.receiver.until(1).await.distinct;
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    let last = lab.receiver.count().await.distinct;
    let rate = (last - first) as f64 / begin.elapsed().as_secs_f64();
    child.kill().unwrap();
    child.wait().unwrap();
    rate
}

/// The usual queue worker: a row, its call, its result, one after the other.
async fn example_queue(lab: &mut Lab, webhook: i32, seconds: f64) -> f64 {
    lab.clear().await;
    lab.emit(&[webhook], 0, (4000.0 * seconds) as u64).await;
    lab.settle().await;
    let mut sql: PgConnection = lab.session().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (begin, mut done) = (Instant::now(), 0_u32);
    while begin.elapsed().as_secs_f64() < seconds {
        let mut transaction = sql.begin().await.unwrap();
        let (call_id, url, payload): (i32, String, String) = sqlx::query_as(
            "SELECT c.call_id, w.url, c.payload::text FROM rule_webhook_calls c JOIN rule_webhooks w USING (webhook_id)
             WHERE c.status = 'pending' AND c.scheduled_at <= now()
             ORDER BY c.scheduled_at LIMIT 1 FOR UPDATE OF c SKIP LOCKED",
        )
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        let answer = http
            .post(url)
            .header("content-type", "application/json")
            .body(payload)
            .send()
            .await
            .unwrap();
        sqlx::query(
            "UPDATE rule_webhook_calls SET status = 'success', completed_at = clock_timestamp(), response_status = $2 WHERE call_id = $1",
        )
        .bind(call_id)
        .bind(i32::from(answer.status().as_u16()))
        .execute(&mut *transaction)
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        done += 1;
    }
    f64::from(done) / begin.elapsed().as_secs_f64()
}

/// The worker delivers all of what waits; its memory at the highest.
async fn memory(lab: &mut Lab, waiting: u64) {
    let mut rows = Vec::new();
    for path in [Path::Nats, Path::Queue] {
        lab.clear().await;
        let webhook = lab.webhook(path.mode(), 0).await;
        fill(lab, path, webhook, waiting).await;
        // What failed at first, on a machine that is busy, comes back by the relay.
        let relay = lab.launch(RELAY).await;
        let process = lab.launch(path.args()).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let (early, _) = cost::memory(process.pid());
        let count = lab.receiver.until(waiting).await;
        let (resident, highest) = cost::memory(process.pid());
        process.kill();
        lab.stop(relay).await;
        rows.push(vec![
            path.name().to_string(),
            show::number(early),
            show::number(resident),
            show::number(highest),
            show::number(count.rate()),
        ]);
        let figure = format!(
            "{}: highest resident MiB, {waiting} events waiting",
            path.name()
        );
        show::criterion("workers", &figure, highest, "<= 64", highest <= 64.0);
    }
    show::table(
        &format!(
            "Memory of a worker with the default --concurrency while {waiting} events wait and are delivered, MiB"
        ),
        &[
            "worker",
            "VmRSS after 5 s",
            "VmRSS at the end",
            "VmHWM",
            "events/s",
        ],
        &rows,
    );
}
