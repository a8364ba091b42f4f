//! `backlog`: what waits on either path. `drain`: is the old path empty, seen twice?

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    GateResult, Names, QueueCounts, Verdict,
    explain::{Explains, Figure, Told, Unit},
};
use crate::model::{Gate, GateLimits, counted, duration::of_ms, grouped, milliseconds};

/// What waits in the stream and in the outbox. `None` is: could not be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// In the stream, not yet handed to a worker.
    pub pending: Option<u64>,
    /// Handed out, not yet acknowledged.
    pub unacked: Option<u64>,
    pub redelivered: Option<u64>,
    /// Age of the oldest event of the wave that is not published, milliseconds; zero where there is none.
    pub lag_ms: Option<i64>,
}

/// How much waited at one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    pub at: DateTime<Utc>,
    pub queue: u64,
    pub stream: u64,
}

/// Looks that follow faster are one: whoever watches closely sees no growth sooner.
const APART: TimeDelta = TimeDelta::seconds(30);
/// Below this part of its limit, growth means nothing.
const WORTH_A_LOOK: f64 = 0.1;

/// The earlier looks with this one, as far as `looks` in a row need; oldest first.
fn levels(before: &[Level], now: Option<Level>, looks: u32) -> Vec<Level> {
    let mut levels = before.to_vec();
    if let Some(now) = now
        && levels.last().is_none_or(|last| now.at >= last.at + APART)
    {
        levels.push(now);
    }
    let wanted = usize::try_from(looks)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    levels.split_off(levels.len().saturating_sub(wanted))
}

/// How it grew, if it did at each of so many looks in a row.
fn grew(levels: &[Level], looks: u32, of: fn(&Level) -> u64, limit: u64) -> Option<String> {
    let (first, last) = (levels.first()?, levels.last()?);
    let rises = levels.is_sorted_by(|a, b| of(a) < of(b));
    let matters = of(last) as f64 >= limit as f64 * WORTH_A_LOOK;
    (looks > 0 && levels.len() > looks as usize && rises && matters).then(|| {
        let (from, to, since) = (of(first), of(last), first.at.format("%H:%M:%S"));
        format!("grew at {looks} looks in a row, from {from} to {to} since {since}")
    })
}

/// What waits on either path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piled {
    pub queue_due: i64,
    pub stream: Waiting,
    pub levels: Vec<Level>,
    pub limits: Limits,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limits {
    pub queue: u64,
    pub stream: u64,
    pub lag_ms: u64,
    pub growth_looks: u32,
}

impl Piled {
    fn in_stream(&self) -> Option<f64> {
        let (waiting, handed_out) = self.stream.pending.zip(self.stream.unacked)?;
        Some(waiting as f64 + handed_out as f64)
    }
}

impl Explains for Piled {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let lag = self.stream.lag_ms.map(|lag| lag as f64);
        let unknown = || "an unknown number of".to_string();
        let limit = |limit: u64| grouped(i64::try_from(limit).unwrap_or(i64::MAX));
        Told::plain(
            format!(
                "{} rows wait in the queue although their time has come (allowed {}), {} messages wait in the stream (allowed {}), and the relay is {} behind \
                 (allowed {}).",
                grouped(self.queue_due),
                limit(self.limits.queue),
                self.in_stream().map_or_else(unknown, |n| grouped(n as i64)),
                limit(self.limits.stream),
                lag.map_or_else(|| "nobody knows how far".to_string(), of_ms),
                of_ms(self.limits.lag_ms as f64)
            ),
            "pass: each known and at most its limit",
            verdict,
        )
    }

    fn figures(&self) -> Vec<Figure> {
        vec![
            Figure {
                what: "queue rows that are due and wait",
                unit: Unit::Count,
                value: Some(self.queue_due as f64),
                limit: Some(self.limits.queue as f64),
            },
            Figure {
                what: "messages that wait in the stream",
                unit: Unit::Count,
                value: self.in_stream(),
                limit: Some(self.limits.stream as f64),
            },
            Figure {
                what: "how far the relay is behind",
                unit: Unit::Milliseconds,
                value: self.stream.lag_ms.map(|lag| lag as f64),
                limit: Some(self.limits.lag_ms as f64),
            },
        ]
    }
}

/// `before`: the levels of earlier looks at this step, as they stand in the gate's inputs.
pub fn verdict(
    queue: &[QueueCounts],
    waiting: &Waiting,
    limits: &GateLimits,
    before: &[Level],
    now: DateTime<Utc>,
) -> GateResult {
    let gate = &Gate::Backlog;
    let due: i64 = queue.iter().map(|q| q.due).sum();
    let in_stream = waiting
        .pending
        .zip(waiting.unacked)
        .map(|(p, u)| p.saturating_add(u));
    let level = in_stream.map(|stream| Level {
        at: now,
        queue: due.max(0).unsigned_abs(),
        stream,
    });
    let looks = limits.backlog_growth_looks;
    let levels = levels(before, level, looks);
    let inputs = Piled {
        queue_due: due,
        stream: *waiting,
        levels: levels.clone(),
        limits: Limits {
            queue: limits.backlog_queue,
            stream: limits.backlog_stream,
            lag_ms: milliseconds(limits.backlog_lag),
            growth_looks: looks,
        },
    };
    let lag_limit = limits.backlog_lag.as_millis() as i64;
    let mut over = Vec::new();
    let mut remedies = Vec::new();
    if due > i64::try_from(limits.backlog_queue).unwrap_or(i64::MAX) {
        over.push(format!(
            "{} queue rows are due and wait, limit {}",
            grouped(due),
            grouped(limits.backlog_queue.cast_signed())
        ));
        remedies.push("add queue workers");
    }
    if let Some(n) = in_stream.filter(|n| *n > limits.backlog_stream) {
        over.push(format!(
            "{} messages wait in the stream, limit {}",
            grouped(i64::try_from(n).unwrap_or(i64::MAX)),
            limits.backlog_stream
        ));
        remedies.push("add NATS workers");
    }
    if let Some(lag) = waiting.lag_ms.filter(|lag| *lag > lag_limit) {
        over.push(format!(
            "the oldest event waits {} for the relay, limit {}",
            of_ms(lag as f64),
            of_ms(lag_limit as f64)
        ));
        remedies.push("look at the relay's newest error");
    }
    let mut growth = |what: &str, of: fn(&Level) -> u64, limit, remedy| {
        if let Some(grown) = grew(&levels, looks, of, limit) {
            over.push(format!("{what} {grown}"));
            remedies.push(remedy);
        }
    };
    let (queue, stream) = (limits.backlog_queue, limits.backlog_stream);
    growth("queue rows", |l| l.queue, queue, "add queue workers");
    growth(
        "messages in the stream",
        |l| l.stream,
        stream,
        "add NATS workers",
    );
    if !over.is_empty() {
        return GateResult::fail(gate, over.join("; "), remedies.join("; "), inputs);
    }
    let Some(in_stream) = in_stream else {
        return GateResult::inconclusive(
            gate,
            "NATS did not tell what waits in the stream",
            "check --nats-url and the consumer, then look again",
            inputs,
        );
    };
    let Some(lag) = waiting.lag_ms else {
        let remedy = "start `wavegate relay`, then look again";
        return GateResult::inconclusive(
            gate,
            "no relay tells how far behind it is",
            remedy,
            inputs,
        );
    };
    GateResult::pass(
        gate,
        format!(
            "{} queue rows due, {in_stream} messages in the stream, relay {} behind",
            grouped(due),
            of_ms(lag as f64)
        ),
        inputs,
    )
}

/// What one look at the queue saw.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drained {
    pub empty: bool,
    pub at: DateTime<Utc>,
    pub pending: i64,
    pub processing: i64,
    pub retrying: i64,
    pub orphaned: i64,
}

impl Explains for Drained {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        Told::plain(
            format!(
                "The queue still holds {} rows of this wave that wait, {} that somebody works on, {} that will be tried again. It must be seen empty \
                 twice, since a transaction may just be adding a row.",
                grouped(self.pending),
                grouped(self.processing),
                grouped(self.retrying)
            ),
            "pass: pending + processing + retrying = 0, at two looks one after the other",
            verdict,
        )
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure {
            what: "rows left in the queue",
            unit: Unit::Count,
            value: Some((self.pending + self.processing + self.retrying) as f64),
            limit: Some(0.0),
        }]
    }
}

/// Inconclusive while anything is left, future due times included; it never fails.
pub fn drain(queue: &[QueueCounts], before: Option<Drained>, now: DateTime<Utc>) -> GateResult {
    let gate = &Gate::Drain;
    let sum = |field: fn(&QueueCounts) -> i64| queue.iter().map(field).sum::<i64>();
    let waiting = sum(QueueCounts::waiting);
    let orphaned = sum(|q| q.orphaned);
    let inputs = Drained {
        empty: waiting == 0,
        at: now,
        pending: sum(|q| q.pending),
        processing: sum(|q| q.processing),
        retrying: sum(|q| q.retrying),
        orphaned,
    };
    if waiting > 0 {
        let webhooks = queue.iter().filter(|q| q.waiting() > 0).count();
        let mut reason = format!(
            "{} queue rows left in {}: {} pending, {} processing, {} retrying",
            grouped(waiting),
            counted(webhooks, "webhook"),
            grouped(sum(|q| q.pending)),
            grouped(sum(|q| q.processing)),
            grouped(sum(|q| q.retrying))
        );
        let mut remedy = "keep the queue workers running".to_string();
        if orphaned > 0 {
            reason.push_str(&format!("; {} of them orphaned", grouped(orphaned)));
            remedy.push_str("; decide about rows that stay `processing`: their worker is gone");
        }
        return GateResult::inconclusive(gate, reason, remedy, inputs);
    }
    match before {
        Some(look) if look.empty && look.at < now => GateResult::pass(
            gate,
            format!(
                "the queue holds nothing of this wave, seen at {} and now",
                look.at.format("%H:%M:%S")
            ),
            inputs,
        ),
        _ => GateResult::inconclusive(
            gate,
            "the queue is empty, seen once",
            "look again: it must be seen empty twice",
            inputs,
        ),
    }
}
