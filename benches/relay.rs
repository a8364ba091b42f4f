//! How fast `wavegate relay` drains a full outbox, beside a bare pipelined JetStream publisher of the same messages and a bare
//! batched insert of the same history rows.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use async_nats::{HeaderMap, jetstream::message::PublishMessage};
use common::{
    cost,
    lab::{Lab, RELAY, STREAM},
    show, statements,
};
use futures::{StreamExt, stream::FuturesUnordered};

const IN_FLIGHT: usize = 1024;
const INSERT_BATCH: usize = 512;

fn main() {
    common::run(bench());
}

async fn bench() {
    let events: u64 = common::option("events", 50_000);
    let rounds: usize = common::option("rounds", 3);
    let mut lab = Lab::start().await;
    lab.about().await;
    let mut webhooks = Vec::new();
    for _ in 0..8 {
        webhooks.push(lab.webhook("nats", 0).await);
    }
    // Identical to the engine's table: columns, defaults, all indexes, and its foreign key.
    lab.run("CREATE TABLE bare_history (LIKE rule_nats_publish_history INCLUDING ALL)")
        .await;
    lab.run("ALTER TABLE bare_history ADD FOREIGN KEY (webhook_id) REFERENCES rule_webhooks ON DELETE CASCADE").await;
    let (mut relay, mut publisher, mut insert) = (Vec::new(), Vec::new(), Vec::new());
    let mut cpu: [Vec<f64>; 3] = Default::default();
    for round in 1..=rounds {
        lab.clear().await;
        lab.run("TRUNCATE bare_history").await;
        lab.emit(&webhooks, 0, events).await;
        lab.run("ANALYZE rule_webhook_events, rule_nats_outbox")
            .await;
        let copies = copies(&mut lab).await;
        lab.settle().await;
        statements::count(&mut lab).await;
        let (rate, spent) = relayed(&mut lab, events).await;
        relay.push(rate);
        cpu.iter_mut()
            .zip(spent)
            .for_each(|(all, one)| all.push(one));
        statements::dearest(&mut lab, events).await;
        lab.stream().await.purge().await.unwrap();
        lab.settle().await;
        publisher.push(published(&lab, &copies).await);
        lab.settle().await;
        insert.push(inserted(&mut lab, &copies).await);
        show::note(&format!(
            "round {round}: relay {}, publisher {}, insert {}, ratio {:.2}",
            show::number(relay[round - 1]),
            show::number(publisher[round - 1]),
            show::number(insert[round - 1]),
            relay[round - 1] / publisher[round - 1].min(insert[round - 1])
        ));
    }
    // Of each round: its three parts follow one another, and the machine may be another one minutes later.
    let ratios: Vec<f64> = (0..rounds)
        .map(|round| relay[round] / publisher[round].min(insert[round]))
        .collect();
    let ratio = show::median(&ratios);
    let row = |name: &str, values: &[f64]| {
        vec![
            name.to_string(),
            show::number(show::median(values)),
            show::rounds(values),
            format!("{:.2}", show::median(&relay) / show::median(values)),
        ]
    };
    show::table(
        &format!(
            "Relay: {events} events of 8 webhooks waiting, {rounds} interleaved rounds, events a second (medians). Publisher: async-nats, {IN_FLIGHT} in \
             flight, same headers and payloads, file stream. Insert: UNNEST, {INSERT_BATCH} rows a statement, one session, same indexes and foreign key."
        ),
        &["what", "events/s", "rounds", "relay / this"],
        &[
            row("wavegate relay", &relay),
            row("bare publisher", &publisher),
            row("bare insert of history", &insert),
        ],
    );
    let spent = ["PostgreSQL", "relay", "nats-server"];
    show::table(
        "CPU of the relay's rounds, microseconds an event, the start included",
        &["process", "us/event", "rounds"],
        &std::array::from_fn::<_, 3, _>(|process| {
            vec![
                spent[process].to_string(),
                format!("{:.1}", show::median(&cpu[process])),
                cpu[process]
                    .iter()
                    .map(|us| format!("{us:.1}"))
                    .collect::<Vec<_>>()
                    .join(" "),
            ]
        }),
    );
    show::criterion(
        "relay",
        "rate / lower of bare publisher and bare insert, median of the rounds",
        ratio,
        ">= 0.5",
        ratio >= 0.5,
    );
}

/// What the relay publishes, as it reads it.
#[derive(sqlx::FromRow)]
struct Copy {
    event_id: String,
    webhook_id: i32,
    subject: String,
    payload: String,
}

async fn copies(lab: &mut Lab) -> Vec<Copy> {
    sqlx::query_as(
        "SELECT e.event_id, e.webhook_id, o.subject, o.payload::text AS payload
         FROM rule_webhook_events e JOIN rule_nats_outbox o USING (event_id) ORDER BY e.seq",
    )
    .fetch_all(&mut lab.sql)
    .await
    .unwrap()
}

/// The rate from the moment the first messages are in the stream until all are marked and in the history, and what PostgreSQL, the
/// relay and nats-server spent, in microseconds of CPU an event.
async fn relayed(lab: &mut Lab, events: u64) -> (f64, [f64; 3]) {
    let (postgres, nats) = (lab.postgres.pid().unwrap(), lab.nats.pid().unwrap());
    let servers = || (cost::cpu_with_children(postgres), cost::cpu(nats));
    let before = servers();
    let process = lab.launch(RELAY).await;
    let mut begun = None;
    loop {
        let messages = lab.messages().await;
        if messages > 0 && begun.is_none() {
            begun = Some((Instant::now(), messages));
        }
        if messages >= events {
            break;
        }
        let pause = if begun.is_some() { 20 } else { 1 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    lab.until_published().await;
    while lab
        .number("SELECT count(*) FROM rule_nats_publish_history")
        .await
        < events.cast_signed()
    {
        // Counting costs PostgreSQL time that the relay needs.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (begin, already) = begun.unwrap();
    let rate = (events - already) as f64 / begin.elapsed().as_secs_f64();
    let after = servers();
    let spent = [
        after.0 - before.0,
        cost::cpu(process.pid()),
        after.1 - before.1,
    ];
    lab.stop(process).await;
    (rate, spent.map(|seconds| seconds * 1e6 / events as f64))
}

async fn published(lab: &Lab, copies: &[Copy]) -> f64 {
    let begin = Instant::now();
    let mut in_flight = FuturesUnordered::new();
    for copy in copies {
        // The headers of the relay's own messages.
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", format!("{}#bare", copy.event_id).as_str());
        headers.insert("Nats-Expected-Stream", STREAM);
        headers.insert("Wavegate-Event-Id", copy.event_id.as_str());
        headers.insert("Wavegate-Webhook-Id", copy.webhook_id.to_string().as_str());
        headers.insert("Wavegate-Publish-Count", "1");
        let message = PublishMessage::build()
            .payload(copy.payload.clone().into())
            .headers(headers);
        let sent = lab
            .bus
            .jetstream()
            .send_publish(copy.subject.clone(), message)
            .await
            .unwrap();
        in_flight.push(sent.into_future());
        if in_flight.len() >= IN_FLIGHT {
            in_flight.next().await.unwrap().unwrap();
        }
    }
    while let Some(ack) = in_flight.next().await {
        ack.unwrap();
    }
    copies.len() as f64 / begin.elapsed().as_secs_f64()
}

async fn inserted(lab: &mut Lab, copies: &[Copy]) -> f64 {
    let begin = Instant::now();
    for (batch, number) in copies.chunks(INSERT_BATCH).zip(0_i64..) {
        let column = |pick: fn(&Copy) -> &str| batch.iter().map(pick).collect::<Vec<_>>();
        sqlx::query(
            "INSERT INTO bare_history (webhook_id, subject, payload, message_id, sequence_number, success, latency_ms, triggered_by)
             SELECT webhook_id, subject, payload::jsonb, event_id, seq, true, 3.21, 'wavegate'
             FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS b (webhook_id, subject, payload, event_id, seq)",
        )
        .bind(batch.iter().map(|copy| copy.webhook_id).collect::<Vec<_>>())
        .bind(column(|copy| &copy.subject))
        .bind(column(|copy| &copy.payload))
        .bind(column(|copy| &copy.event_id))
        .bind((number * 512..).take(batch.len()).collect::<Vec<i64>>())
        .execute(&mut lab.sql)
        .await
        .unwrap();
    }
    copies.len() as f64 / begin.elapsed().as_secs_f64()
}
