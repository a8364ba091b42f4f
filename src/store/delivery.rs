//! Claims and results: the ledger decides who may deliver an event, and learns what became of it.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::PgConnection;

use super::{Db, circuit};
use crate::error::Result;

/// Who claims, and how long a claim outlasts the webhook's HTTP deadline.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Unique for a process and path.
    pub id: String,
    pub slack_ms: i32,
}

/// What a message says about itself.
#[derive(Debug, Clone)]
pub struct Seen {
    pub event_id: String,
    pub webhook_id: i32,
    /// Its publish count.
    pub copy: i32,
    /// There is room for it here; without, it is only noted that its message came.
    pub room: bool,
}

/// One attempt that a worker may now make, and nobody else.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Claim {
    pub call_id: i64,
    pub event_id: Option<String>,
    /// The event has a ledger row; a plain queue row has none.
    pub in_ledger: bool,
    pub attempt: i32,
    pub webhook_id: i32,
    pub payload: String,
    pub url: String,
    pub method: String,
    pub headers: Value,
    pub timeout_ms: i32,
    pub secret: Option<String>,
    /// The event preferred the other path.
    pub took_over: bool,
    /// Its last holder died without a result: the endpoint may have had that attempt.
    pub ambiguous: bool,
}

/// May NATS deliver the event of this message now?
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Yes, and it is ours; the payload is the message's.
    Claimed(Box<Claim>),
    /// Delivered or dead.
    Closed,
    /// Not now, or not by NATS: the sweeper brings it back if that changes.
    Denied,
    /// Somebody works on its row this very moment: ask again.
    Busy,
    /// No event of this database.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct Answer {
    event_id: String,
    verdict: String,
    call_id: i64,
    webhook_id: i32,
    attempt: i32,
    url: String,
    method: String,
    headers: Value,
    timeout_ms: i32,
    secret: Option<String>,
    took_over: bool,
    ambiguous: bool,
}

/// Asks for these events in one statement; a verdict for each. The payload of a claim is empty: the message has it.
pub async fn claim_nats(db: &Db, holder: &Holder, seen: &[Seen]) -> Result<Vec<(String, Verdict)>> {
    let ids: Vec<&str> = seen.iter().map(|s| s.event_id.as_str()).collect();
    let webhooks: Vec<i32> = seen.iter().map(|s| s.webhook_id).collect();
    let copies: Vec<i32> = seen.iter().map(|s| s.copy).collect();
    let room: Vec<bool> = seen.iter().map(|s| s.room).collect();
    let answers: Vec<Answer> = sqlx::query_as(db.qualified(include_str!("../../sql/worker/claim_nats.sql")))
        .bind(&ids)
        .bind(&webhooks)
        .bind(&copies)
        .bind(&holder.id)
        .bind(holder.slack_ms)
        .bind(room)
        .fetch_all(db.pool())
        .await?;
    Ok(answers.into_iter().map(verdict).collect())
}

fn verdict(answer: Answer) -> (String, Verdict) {
    let verdict = match answer.verdict.as_str() {
        "claimed" => Verdict::Claimed(Box::new(Claim {
            call_id: answer.call_id,
            event_id: Some(answer.event_id.clone()),
            in_ledger: true,
            attempt: answer.attempt,
            webhook_id: answer.webhook_id,
            payload: String::new(),
            url: answer.url,
            method: answer.method,
            headers: answer.headers,
            timeout_ms: answer.timeout_ms,
            secret: answer.secret,
            took_over: answer.took_over,
            ambiguous: answer.ambiguous,
        })),
        "closed" => Verdict::Closed,
        "busy" => Verdict::Busy,
        "unknown" => Verdict::Unknown,
        _ => Verdict::Denied,
    };
    (answer.event_id, verdict)
}

/// An event that NATS may deliver, as the ledger and the outbox have it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PassedOver {
    pub event_id: String,
    pub webhook_id: i32,
    pub copy: i32,
    pub payload: String,
}

/// Events of these webhooks whose messages came and went while there was no room for them.
pub async fn passed_over(
    db: &Db,
    webhooks: &[i32],
    of_each: i64,
    limit: i64,
) -> Result<Vec<PassedOver>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/worker/passed_over.sql"))
            .bind(webhooks)
            .bind(of_each)
            .bind(limit)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Which queue rows a claim is to look at.
#[derive(Debug, Clone)]
pub struct Look<'a> {
    /// How many to claim at most, and of one webhook.
    pub limit: i64,
    pub per_webhook: i64,
    /// Only webhooks after this one.
    pub after: i32,
    /// Nothing for these webhooks.
    pub full: &'a [i32],
    /// Also rows whose claim has ended.
    pub ended: bool,
}

/// Claims due queue rows, with their ledger rows where there are any.
pub async fn claim_queue(db: &Db, holder: &Holder, look: &Look<'_>) -> Result<Vec<Claim>> {
    Ok(
        sqlx::query_as(db.qualified(include_str!("../../sql/worker/claim_queue.sql")))
            .bind(&holder.id)
            .bind(look.limit)
            .bind(holder.slack_ms)
            .bind(look.after)
            .bind(look.per_webhook)
            .bind(look.full)
            .bind(look.ended)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Lets a claim go that was never called: it costs no attempt. Not to be repeated when it fails: it may have been carried out, and
/// the same worker may have claimed the event anew.
pub async fn release(connection: &mut PgConnection, worker: &str, claim: &Claim) -> Result<()> {
    let query = match (&claim.event_id, claim.in_ledger) {
        (Some(event_id), true) => {
            sqlx::query(include_str!("../../sql/worker/release_event.sql")).bind(event_id.clone())
        }
        _ => sqlx::query(include_str!("../../sql/worker/release_call.sql")).bind(claim.call_id),
    };
    query
        .bind(worker)
        .bind(claim.attempt)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives rows back that another worker has been processing for longer than `after_ms`. Returns how many.
pub async fn reap(db: &Db, after_ms: i64, limit: i64) -> Result<i64> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/worker/reap.sql"))
            .bind(after_ms)
            .bind(limit)
            .fetch_one(db.pool())
            .await?,
    )
}

/// Holds a claim longer, if it is still ours. `lease_ms` counts from now.
pub async fn renew(db: &Db, worker: &str, claim: &Claim, lease_ms: i32) -> Result<bool> {
    let query = match (&claim.event_id, claim.in_ledger) {
        (Some(event_id), true) => {
            sqlx::query_scalar(include_str!("../../sql/worker/renew_event.sql"))
                .bind(event_id.clone())
        }
        _ => {
            sqlx::query_scalar(include_str!("../../sql/worker/renew_call.sql")).bind(claim.call_id)
        }
    };
    let held: i64 = query
        .bind(worker)
        .bind(claim.attempt)
        .bind(lease_ms)
        .fetch_one(db.pool())
        .await?;
    Ok(held > 0)
}

/// What became of one attempt.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub call_id: i64,
    pub webhook_id: i32,
    /// `None` for a plain queue row.
    pub event_id: Option<String>,
    pub attempt: i32,
    pub ok: bool,
    pub http_status: Option<i32>,
    pub error: Option<String>,
    pub body: Option<String>,
    pub headers: Option<Value>,
    pub took_ms: f64,
    /// How long the endpoint asked to be left alone, milliseconds.
    pub asked_ms: Option<i64>,
}

/// What the recorded attempts led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    pub delivered: u64,
    /// Failed, with a further attempt to come.
    pub retrying: u64,
    pub dead: u64,
    /// Of each delivery: seconds from the event's creation.
    pub latencies: Vec<f64>,
    /// Webhooks of failed attempts whose circuit is open now.
    pub resting: Vec<i32>,
}

#[derive(sqlx::FromRow)]
struct Written {
    call_id: i64,
    state: String,
    webhook_id: i32,
    latency: Option<f64>,
    has_circuit: bool,
}

/// Writes results in one transaction: ledger, outbox and queue row together, only where the claim is still ours. Then the
/// circuits learn of them, which costs nothing as long as all goes well.
pub async fn record(
    db: &Db,
    worker: &str,
    outcomes: &[Outcome],
    circuit_after: i32,
) -> Result<Recorded> {
    let (events, calls): (Vec<&Outcome>, Vec<&Outcome>) =
        outcomes.iter().partition(|o| o.event_id.is_some());
    let mut transaction = db.pool().begin().await?;
    let mut written: Vec<Written> = Vec::new();
    if !events.is_empty() {
        written.extend(record_events(&mut transaction, worker, &events).await?);
    }
    if !calls.is_empty() {
        written.extend(record_calls(&mut transaction, worker, &calls).await?);
    }
    transaction.commit().await?;
    let count = |names: [&str; 2]| {
        written
            .iter()
            .filter(|w| names.contains(&w.state.as_str()))
            .count() as u64
    };
    let mut recorded = Recorded {
        delivered: count(["delivered", "success"]),
        retrying: count(["retrying", "retrying"]),
        dead: count(["dead", "failed"]),
        latencies: written.iter().filter_map(|w| w.latency).collect(),
        resting: Vec::new(),
    };
    let known: BTreeSet<i64> = written.iter().map(|w| w.call_id).collect();
    let ours: Vec<&Outcome> = outcomes
        .iter()
        .filter(|o| known.contains(&o.call_id))
        .collect();
    let with_circuit: BTreeSet<i32> = written
        .iter()
        .filter(|w| w.has_circuit)
        .map(|w| w.webhook_id)
        .collect();
    // The results stand; a circuit that did not learn of them learns from the next ones.
    match circuit::learn(db, &ours, &with_circuit, circuit_after).await {
        Ok(resting) => recorded.resting = resting,
        Err(error) => tracing::warn!(%error, "cannot write the circuits"),
    }
    Ok(recorded)
}

async fn record_events(
    connection: &mut PgConnection,
    worker: &str,
    outcomes: &[&Outcome],
) -> Result<Vec<Written>> {
    let ids: Vec<&str> = outcomes
        .iter()
        .filter_map(|o| o.event_id.as_deref())
        .collect();
    sqlx::query_scalar::<_, i64>(include_str!("../../sql/worker/hold_events.sql"))
        .bind(&ids)
        .fetch_one(&mut *connection)
        .await?;
    let query = sqlx::query_as(include_str!("../../sql/worker/record_events.sql"))
        .bind(worker)
        .bind(ids);
    Ok(bind_outcomes(query, outcomes).fetch_all(connection).await?)
}

async fn record_calls(
    connection: &mut PgConnection,
    worker: &str,
    outcomes: &[&Outcome],
) -> Result<Vec<Written>> {
    let ids: Vec<i64> = outcomes.iter().map(|o| o.call_id).collect();
    let query = sqlx::query_as(include_str!("../../sql/worker/record_calls.sql"))
        .bind(worker)
        .bind(ids);
    Ok(bind_outcomes(query, outcomes).fetch_all(connection).await?)
}

type AsQuery<'q, T> = sqlx::query::QueryAs<'q, sqlx::Postgres, T, sqlx::postgres::PgArguments>;

/// The arrays that both statements have in common, in their order.
fn bind_outcomes<'q, T>(query: AsQuery<'q, T>, outcomes: &[&Outcome]) -> AsQuery<'q, T> {
    fn column<V>(outcomes: &[&Outcome], pick: impl Fn(&Outcome) -> V) -> Vec<V> {
        outcomes.iter().map(|o| pick(o)).collect()
    }
    query
        .bind(column(outcomes, |o| o.attempt))
        .bind(column(outcomes, |o| o.ok))
        .bind(column(outcomes, |o| o.http_status))
        .bind(column(outcomes, |o| o.error.clone()))
        .bind(column(outcomes, |o| o.body.clone()))
        .bind(column(outcomes, |o| o.headers.clone()))
        .bind(column(outcomes, |o| o.took_ms))
        .bind(column(outcomes, |o| o.asked_ms))
}
