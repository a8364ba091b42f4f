//! What an event costs when history and ledger hold 10 thousand, 1 million and 10 million rows of the past: a database for each
//! size on the same servers, rounds interleaved, through publish call, relay and NATS worker.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use common::{
    cost,
    lab::{Lab, NATS_WORKER, RELAY},
    show,
    traffic::{Callers, Traffic},
};

const FLAT: f64 = 1.25;
const WEBHOOKS: usize = 8;

fn main() {
    common::run(bench());
}

/// What a round cost, per 1,000 events.
struct Cost {
    rate: f64,
    /// CPU seconds: PostgreSQL, relay, worker.
    cpu: [f64; 3],
    /// Blocks of 8 KiB: found in shared buffers, and not.
    hits: f64,
    reads: f64,
    wal_kib: f64,
}

struct Size {
    rows: u64,
    webhooks: Vec<i32>,
    costs: Vec<Cost>,
}

impl Size {
    fn database(&self) -> String {
        format!("past_{}", self.rows)
    }
}

async fn bench() {
    let sizes: String = common::option("sizes", "10000,1000000,10000000".to_string());
    let events: u64 = common::option("events", 20_000);
    let rounds: usize = common::option("rounds", 3);
    let mut lab = Lab::start().await;
    lab.about().await;
    let mut all = Vec::new();
    for rows in sizes.split(',') {
        let mut size = Size {
            rows: rows.parse().unwrap(),
            webhooks: Vec::new(),
            costs: Vec::new(),
        };
        let begin = Instant::now();
        lab.add_database(&size.database()).await;
        for _ in 0..WEBHOOKS {
            size.webhooks.push(lab.webhook("nats", 0).await);
        }
        fill(&mut lab, &size).await;
        show::note(&format!(
            "{rows} rows of past in {:.0} s",
            begin.elapsed().as_secs_f64()
        ));
        all.push(size);
    }
    for round in 0..=rounds {
        for size in &mut all {
            let cost = measure(&mut lab, size, round as u64 * events, events).await;
            show::note(&format!(
                "round {round}, {} rows: {}",
                size.rows,
                cells(&cost).join("  ")
            ));
            // The first round warms the caches up.
            if round > 0 {
                size.costs.push(cost);
            }
        }
    }
    tell(&all, events, rounds);
}

/// Ended events, ids and times in order, as time would have written them.
async fn fill(lab: &mut Lab, size: &Size) {
    let first = size.webhooks[0];
    lab.run("SET synchronous_commit = off").await;
    // Rows are born short and grow while they are delivered, so that a page is a little more than half full in the end, and takes no
    // further row. Filled with rows that are long from the start, every other page would take one, and new events go to old pages.
    lab.run("ALTER TABLE rule_webhook_events SET (fillfactor = 53)")
        .await;
    // Only the rows' own foreign key is passed over; indexes are kept as ever.
    lab.run("SET session_replication_role = replica").await;
    let rows = size.rows;
    let mut from = 1;
    while from <= rows {
        let to = (from + 249_999).min(rows);
        let past = format!(
            "SELECT n, at, {first} + n % {WEBHOOKS} AS webhook_id,
                    overlay(overlay(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19)
                            placing '-' from 9 for 0) placing '-' from 14 for 0) AS event_id
             FROM (SELECT n, now() - ({rows} + 60000 - n) * interval '60 ms' AS at FROM generate_series({from}, {to}) n) s"
        );
        lab.run(&format!(
            "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, state, path,
                 attempt, due_at, published_at, publish_count, stream_seq, nats_seen_at, seen_count, delivered_at, http_status)
             SELECT event_id, webhook_id, 1, n, false, false, 'nats', at, 'delivered', 'nats', 1, at, at, 1, n, at, 1, at, 200
             FROM ({past}) p"
        ))
        .await;
        lab.run(&format!(
            "INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, published_at, message_id, sequence_number, success, latency_ms,
                 triggered_by, expires_at)
             SELECT webhook_id, 'webhooks.' || webhook_id, jsonb_build_object('n', n, 'note', repeat('x', 180)), at, event_id, n, true, 1.5,
                 'wavegate', at + interval '7 days'
             FROM ({past}) p"
        ))
        .await;
        from = to + 1;
    }
    lab.run(&format!(
        "SELECT setval(pg_get_serial_sequence('rule_webhook_calls', 'call_id'), {rows} + 1)"
    ))
    .await;
    lab.run("ALTER TABLE rule_webhook_events SET (fillfactor = 50)")
        .await;
    lab.run("SET session_replication_role = origin").await;
    lab.run("RESET synchronous_commit").await;
    lab.run("VACUUM ANALYZE").await;
    lab.settle().await;
}

/// One round: relay and worker work in this database alone.
async fn measure(lab: &mut Lab, size: &Size, from: u64, events: u64) -> Cost {
    lab.use_database(&size.database()).await;
    lab.stream().await.purge().await.unwrap();
    lab.receiver.reset().await;
    let relay = lab.launch(RELAY).await;
    let worker = lab.launch(NATS_WORKER).await;
    lab.settle().await;
    let postgres = lab.postgres.pid().unwrap();
    let cpu = || {
        [
            cost::cpu_with_children(postgres),
            cost::cpu(relay.pid()),
            cost::cpu(worker.pid()),
        ]
    };
    let (blocks, wal, before) = (blocks(lab).await, wal(lab).await, cpu());
    let begin = Instant::now();
    let callers = Callers::start(&Traffic {
        database_url: lab.surroundings.database_url.clone(),
        webhooks: size.webhooks.clone(),
        from,
        to: from + events,
        callers: 2,
        batch: 20,
        backlog: 5000,
    });
    while callers.delivered.load(Relaxed) < events {
        tokio::time::sleep(Duration::from_millis(10)).await;
        callers
            .delivered
            .store(lab.receiver.count().await.distinct, Relaxed);
        assert!(
            begin.elapsed() < Duration::from_secs(600),
            "events do not arrive"
        );
    }
    let rate = events as f64 / begin.elapsed().as_secs_f64();
    callers.ended().await;
    lab.until_delivered().await;
    let (after, wal_after) = (cpu(), self::wal(lab).await);
    lab.stop(worker).await;
    lab.stop(relay).await;
    // Sessions hand their counters in when they end, or after a second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let blocks_after = self::blocks(lab).await;
    let thousands = events as f64 / 1000.0;
    Cost {
        rate,
        cpu: std::array::from_fn(|process| (after[process] - before[process]) / thousands),
        hits: (blocks_after.0 - blocks.0) as f64 / thousands,
        reads: (blocks_after.1 - blocks.1) as f64 / thousands,
        wal_kib: (wal_after - wal) as f64 / 1024.0 / thousands,
    }
}

async fn wal(lab: &mut Lab) -> i64 {
    lab.number("SELECT (pg_current_wal_lsn() - '0/0')::bigint")
        .await
}

async fn blocks(lab: &mut Lab) -> (i64, i64) {
    sqlx::query_as(
        "SELECT blks_hit, blks_read FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(&mut lab.sql)
    .await
    .unwrap()
}

fn cells(cost: &Cost) -> Vec<String> {
    let mut cells = vec![show::number(cost.rate)];
    cells.extend(cost.cpu.iter().map(|cpu| format!("{cpu:.3}")));
    cells.extend([cost.hits, cost.reads, cost.wal_kib].map(show::number));
    cells
}

fn tell(all: &[Size], events: u64, rounds: usize) {
    let middle = |size: &Size, pick: &dyn Fn(&Cost) -> f64| {
        show::median(&size.costs.iter().map(pick).collect::<Vec<_>>())
    };
    let median = |size: &Size| Cost {
        rate: middle(size, &|c| c.rate),
        cpu: std::array::from_fn(|process| middle(size, &|c| c.cpu[process])),
        hits: middle(size, &|c| c.hits),
        reads: middle(size, &|c| c.reads),
        wal_kib: middle(size, &|c| c.wal_kib),
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|size| {
            let mut row = vec![size.rows.to_string()];
            row.extend(cells(&median(size)));
            row
        })
        .collect();
    show::table(
        &format!(
            "Cost of an event by rows of past in history and in ledger: {events} events a round, {rounds} interleaved rounds, 2 callers with 20 calls \
             a transaction, relay, one NATS worker; medians, per 1,000 events: CPU s of PostgreSQL (callers' sessions included), relay and worker, \
             blocks found in shared buffers and not, WAL"
        ),
        &[
            "rows of past",
            "events/s",
            "CPU postgres",
            "relay",
            "worker",
            "hits",
            "reads",
            "WAL KiB",
        ],
        &rows,
    );
    let (first, last) = (median(&all[0]), median(&all[all.len() - 1]));
    let sum = |cost: &Cost| cost.cpu.iter().sum::<f64>();
    let figure = |name: &str| {
        format!(
            "{name} at {} / at {} rows",
            all[all.len() - 1].rows,
            all[0].rows
        )
    };
    let cpu = sum(&last) / sum(&first);
    show::criterion(
        "flat",
        &figure("CPU per event"),
        cpu,
        &format!("<= {FLAT}"),
        cpu <= FLAT,
    );
    let rate = last.rate / first.rate;
    show::criterion(
        "flat",
        &figure("rate"),
        rate,
        &format!(">= {}", 1.0 / FLAT),
        rate >= 1.0 / FLAT,
    );
}
