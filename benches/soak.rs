//! One hour's worth of traffic at 1,000 events a second, as fast as the machine takes it, through mode `nats`: callers, relay,
//! NATS workers and a receiver. Memory and CPU per event must be as flat at the end as at the beginning, and every event delivered once.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use common::{
    cost,
    lab::{Lab, NATS_WORKER, RELAY},
    show, statements,
    traffic::{Callers, Traffic},
};
use wavegate::lab::processes::Process;

/// How much the last fifth may cost beyond the second (the first is warming up).
const FLAT: f64 = 1.25;
const GROUPS: [&str; 6] = ["postgres", "nats", "relay", "worker", "receiver", "callers"];

fn main() {
    common::run(bench());
}

/// One line: what a stretch of events cost.
struct Stretch {
    rate: f64,
    /// CPU seconds per 1,000 events of each group.
    cpu: [f64; 6],
    /// MiB resident: relay, worker (the largest of each), nats-server, receiver.
    memory: [f64; 4],
}

impl Stretch {
    /// Without the measuring itself: callers and receiver.
    fn plane(&self) -> f64 {
        self.cpu[..4].iter().sum()
    }
}

struct Soak {
    lab: Lab,
    relays: Vec<Process>,
    workers: Vec<Process>,
}

async fn bench() {
    let events: u64 = common::option("events", 3_600_000);
    let every: u64 = common::option("every", 100_000.min(events / 10));
    let callers: usize = common::option("callers", 2);
    let batch: u64 = common::option("batch", 20);
    let backlog: u64 = common::option("backlog", 20_000);
    let relays: usize = common::option("relays", 1);
    let workers: usize = common::option("workers", 1);
    let concurrency: u32 = common::option("concurrency", 64);
    let delay: u32 = common::option("delay", 0);
    let mut lab = Lab::start().await;
    lab.about().await;
    show::note(&format!(
        "{events} events to 8 webhooks in mode nats; {callers} callers, {batch} calls a transaction, at most {backlog} undelivered; \
         {relays} relay, {workers} NATS worker (--concurrency {concurrency}), endpoint {delay} ms"
    ));
    let mut webhooks = Vec::new();
    for _ in 0..8 {
        webhooks.push(lab.webhook("nats", delay).await);
    }
    let mut soak = Soak {
        lab,
        relays: Vec::new(),
        workers: Vec::new(),
    };
    let concurrency = concurrency.to_string();
    let mut worker = NATS_WORKER.to_vec();
    worker.extend(["--concurrency", &concurrency]);
    for _ in 0..relays {
        soak.relays.push(soak.lab.launch(RELAY).await);
    }
    for _ in 0..workers {
        soak.workers.push(soak.lab.launch(&worker).await);
    }
    statements::count(&mut soak.lab).await;
    let traffic = Traffic {
        database_url: soak.lab.surroundings.database_url.clone(),
        webhooks,
        from: 0,
        to: events,
        callers,
        batch,
        backlog,
    };
    let begin = Instant::now();
    let stretches = soak.watch(&traffic, every).await;
    let took = begin.elapsed();
    soak.lab.until_delivered().await;
    for process in soak.workers.drain(..).chain(soak.relays.drain(..)) {
        soak.lab.stop(process).await;
    }
    show::note(&format!(
        "\n{events} events in {:.0} s: {:.0} a second\n",
        took.as_secs_f64(),
        events as f64 / took.as_secs_f64()
    ));
    flat(&stretches);
    statements::dearest(&mut soak.lab, events).await;
    account(&mut soak.lab, events).await;
}

impl Soak {
    /// Follows the receiver's count until all has arrived; a line each `every` events.
    async fn watch(&mut self, traffic: &Traffic, every: u64) -> Vec<Stretch> {
        let callers = Callers::start(traffic);
        let mut stretches: Vec<Stretch> = Vec::new();
        let (mut at, mut before, mut cpu) = (Instant::now(), 0, self.cpu());
        let mut moved = (0, Instant::now());
        show::note(
            "   events   ev/s | CPU s per 1000 events: postgres nats relay worker receiver callers | MiB: relay worker nats receiver | \
             ledger outbox history MiB (dead rows of ledger, outbox)",
        );
        loop {
            let count = self.lab.receiver.count().await.distinct;
            callers.delivered.store(count, Relaxed);
            if count > moved.0 {
                moved = (count, Instant::now());
            }
            assert!(
                moved.1.elapsed() < Duration::from_secs(120),
                "nothing arrives any more, {count} so far"
            );
            let done = count >= traffic.to - traffic.from;
            if count - before >= every || done && count > before {
                let now = self.cpu();
                let thousands = (count - before) as f64 / 1000.0;
                let stretch = Stretch {
                    rate: (count - before) as f64 / at.elapsed().as_secs_f64(),
                    cpu: std::array::from_fn(|group| (now[group] - cpu[group]) / thousands),
                    memory: self.memory(),
                };
                self.line(count, &stretch).await;
                stretches.push(stretch);
                (at, before, cpu) = (Instant::now(), count, now);
            }
            if done {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        callers.ended().await;
        stretches
    }

    /// CPU seconds so far, in the order of GROUPS.
    fn cpu(&self) -> [f64; 6] {
        let sum = |processes: &[Process]| processes.iter().map(|p| cost::cpu(p.pid())).sum();
        [
            cost::cpu_with_children(self.lab.postgres.pid().unwrap()),
            cost::cpu(self.lab.nats.pid().unwrap()),
            sum(&self.relays),
            sum(&self.workers),
            cost::cpu(self.lab.receiver.pid()),
            cost::cpu(std::process::id()),
        ]
    }

    fn memory(&self) -> [f64; 4] {
        let largest = |processes: &[Process]| {
            processes
                .iter()
                .map(|p| cost::memory(p.pid()).0)
                .fold(0.0, f64::max)
        };
        [
            largest(&self.relays),
            largest(&self.workers),
            cost::memory(self.lab.nats.pid().unwrap()).0,
            cost::memory(self.lab.receiver.pid()).0,
        ]
    }

    async fn line(&mut self, count: u64, stretch: &Stretch) {
        let tables = self
            .lab
            .text(
                "SELECT format('%s %s %s (%s, %s)',
                    pg_total_relation_size('rule_webhook_events') >> 20, pg_total_relation_size('rule_nats_outbox') >> 20,
                    pg_total_relation_size('rule_nats_publish_history') >> 20,
                    (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'rule_webhook_events'),
                    (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'rule_nats_outbox'))",
            )
            .await;
        let cpu: Vec<String> = stretch.cpu.iter().map(|c| format!("{c:.3}")).collect();
        let memory: Vec<String> = stretch.memory.iter().map(|m| format!("{m:.0}")).collect();
        show::note(&format!(
            "{count:>9} {:>6.0} | {} | {} | {tables}",
            stretch.rate,
            cpu.join(" "),
            memory.join(" ")
        ));
    }
}

/// The last fifth beside the second.
fn flat(stretches: &[Stretch]) {
    let fifth = (stretches.len() / 5).max(1);
    let second =
        &stretches[fifth.min(stretches.len() - 1)..(2 * fifth).min(stretches.len()).max(1)];
    let last = &stretches[stretches.len() - fifth..];
    let compare = |pick: &dyn Fn(&Stretch) -> f64| {
        let middle = |part: &[Stretch]| show::median(&part.iter().map(pick).collect::<Vec<_>>());
        (middle(second), middle(last))
    };
    let mut rows = Vec::new();
    let mut row = |name: &str, wanted: bool, pick: &dyn Fn(&Stretch) -> f64| {
        let (early, late) = compare(pick);
        let factor = late / early.max(1e-9);
        rows.push(vec![
            name.to_string(),
            format!("{early:.3}"),
            format!("{late:.3}"),
            format!("{factor:.2}"),
        ]);
        if wanted {
            let figure = format!("{name}, last fifth / second fifth");
            show::criterion(
                "soak",
                &figure,
                factor,
                &format!("<= {FLAT}"),
                factor <= FLAT,
            );
        }
    };
    row("events/s", false, &|s| s.rate);
    row("CPU s per 1000 events", true, &Stretch::plane);
    for (group, name) in GROUPS.iter().enumerate() {
        row(&format!("CPU of {name}"), false, &|s| s.cpu[group]);
    }
    row("MiB of the relay", true, &|s| s.memory[0]);
    row("MiB of the worker", true, &|s| s.memory[1]);
    row("MiB of nats-server", false, &|s| s.memory[2]);
    row("MiB of the receiver", false, &|s| s.memory[3]);
    show::table(
        "Soak: medians of the second and of the last fifth of the run (CPU s per 1000 events: postgres, nats, relay and worker)",
        &["what", "second fifth", "last fifth", "factor"],
        &rows,
    );
}

/// Every event delivered, and delivered once.
async fn account(lab: &mut Lab, events: u64) {
    let wanted = events.cast_signed();
    let delivered = lab
        .number("SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'")
        .await;
    let ledger = lab.number("SELECT count(*) FROM rule_webhook_events").await;
    let outbox = lab.number("SELECT count(*) FROM rule_nats_outbox").await;
    let ambiguous = lab
        .number("SELECT count(*) FROM wavegate.ambiguous_attempt")
        .await;
    let count = lab.receiver.count().await;
    show::note(&format!(
        "ledger {ledger}, delivered {delivered}, outbox {outbox}, ambiguous {ambiguous}; receiver: {} different, {} doubles, {} without number",
        count.distinct, count.doubles, count.unnumbered
    ));
    let once = delivered == wanted
        && ledger == wanted
        && outbox == 0
        && count.distinct == events
        && count.doubles == 0;
    show::criterion(
        "soak",
        "events delivered once",
        count.distinct as f64,
        &format!("= {events}"),
        once,
    );
    let audit = wavegate::lab::processes::run(&lab.surroundings, &["audit", "--all"])
        .await
        .unwrap();
    show::note(&format!(
        "wavegate audit --all: exit code {}\n{}{}",
        audit.code, audit.stdout, audit.stderr
    ));
    show::criterion(
        "soak",
        "exit code of wavegate audit --all",
        f64::from(audit.code),
        "= 0",
        audit.code == 0,
    );
}
