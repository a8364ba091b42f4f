//! Results: what became of an attempt, written to ledger, outbox and queue row together, or set aside by name.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::PgConnection;

use super::{Db, circuit};
use crate::error::Result;

/// What became of one attempt.
#[derive(Debug, Clone)]
pub struct AttemptResult {
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
    /// sha256 of what was sent.
    pub sent: Option<Vec<u8>>,
    /// The call was made twice, on a new connection after a kept one was closed: the endpoint may have had the first one.
    pub resent: bool,
}

impl AttemptResult {
    /// Without what PostgreSQL may refuse to hold: first the endpoint's texts go, then its status. `None`: nothing more can go.
    pub fn plainer(&self) -> Option<AttemptResult> {
        let mut plain = self.clone();
        let status = self.http_status.map(|status| format!("HTTP {status}"));
        if self.body.is_some() || self.headers.is_some() {
            (plain.body, plain.headers) = (None, None);
            plain.error = (!self.ok).then(|| status.unwrap_or("the call failed".to_string()));
            return Some(plain);
        }
        if self.http_status.is_some() {
            plain.http_status = None;
            return Some(plain);
        }
        None
    }
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
    /// Calls whose rows somebody has locked: to be written later.
    pub locked: Vec<i64>,
    /// Calls whose rows a trigger of the application's keeps from being written.
    pub kept: Vec<i64>,
}

#[derive(sqlx::FromRow)]
struct Written {
    call_id: i64,
    state: String,
    webhook_id: i32,
    latency: Option<f64>,
    has_circuit: bool,
}

/// Writes results in one transaction: ledger, outbox and queue row together, only where the claim is still ours. Waits for nobody's
/// row. Then the circuits learn of them, which costs nothing as long as all goes well.
pub async fn record(
    db: &Db,
    worker: &str,
    outcomes: &[AttemptResult],
    circuit_after: i32,
) -> Result<Recorded> {
    let (events, calls): (Vec<&AttemptResult>, Vec<&AttemptResult>) =
        outcomes.iter().partition(|o| o.event_id.is_some());
    let mut recorded = Recorded::default();
    let mut transaction = db.pool().begin().await?;
    let written = match write(&mut transaction, worker, &events, &calls, &mut recorded).await {
        Ok(written) => written,
        Err(error) => {
            // Now, and not when the session is used again: whoever tries next finds the rows locked until then.
            let _ = transaction.rollback().await;
            return Err(error);
        }
    };
    transaction.commit().await?;
    for one in &written {
        match one.state.as_str() {
            "delivered" | "success" => recorded.delivered += 1,
            "retrying" => recorded.retrying += 1,
            _ => recorded.dead += 1,
        }
    }
    recorded.latencies = written.iter().filter_map(|w| w.latency).collect();
    let known: BTreeSet<i64> = written.iter().map(|w| w.call_id).collect();
    let ours: Vec<&AttemptResult> = outcomes
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

async fn write(
    connection: &mut PgConnection,
    worker: &str,
    events: &[&AttemptResult],
    calls: &[&AttemptResult],
    recorded: &mut Recorded,
) -> Result<Vec<Written>> {
    let mut written = Vec::new();
    if !events.is_empty() {
        let free = hold_events(connection, worker, events, recorded).await?;
        if !free.is_empty() {
            written.extend(record_events(connection, worker, &free).await?);
        }
    }
    if !calls.is_empty() {
        for one in record_calls(connection, worker, calls).await? {
            match one.state.as_str() {
                "locked" => recorded.locked.push(one.call_id),
                "kept" => recorded.kept.push(one.call_id),
                _ => written.push(one),
            }
        }
    }
    let resent =
        |one: &&AttemptResult| one.resent && written.iter().any(|w| w.call_id == one.call_id);
    let resent: Vec<&AttemptResult> = [events, calls]
        .concat()
        .into_iter()
        .filter(resent)
        .collect();
    if !resent.is_empty() {
        record_resent(connection, worker, &resent).await?;
    }
    Ok(written)
}

async fn record_resent(
    connection: &mut PgConnection,
    worker: &str,
    outcomes: &[&AttemptResult],
) -> Result<()> {
    let calls: Vec<i64> = outcomes.iter().map(|o| o.call_id).collect();
    let events: Vec<Option<&str>> = outcomes.iter().map(|o| o.event_id.as_deref()).collect();
    let webhooks: Vec<i32> = outcomes.iter().map(|o| o.webhook_id).collect();
    let attempts: Vec<i32> = outcomes.iter().map(|o| o.attempt).collect();
    sqlx::query(include_str!("../../sql/worker/resent.sql"))
        .bind(calls)
        .bind(events)
        .bind(webhooks)
        .bind(attempts)
        .bind(worker)
        .execute(connection)
        .await?;
    Ok(())
}

/// Locks what can be written now; notes what somebody else has locked.
async fn hold_events<'a>(
    connection: &mut PgConnection,
    worker: &str,
    outcomes: &[&'a AttemptResult],
    recorded: &mut Recorded,
) -> Result<Vec<&'a AttemptResult>> {
    let ids: Vec<&str> = outcomes
        .iter()
        .filter_map(|o| o.event_id.as_deref())
        .collect();
    let attempts: Vec<i32> = outcomes.iter().map(|o| o.attempt).collect();
    let verdicts: Vec<(String, String)> =
        sqlx::query_as(include_str!("../../sql/worker/hold_events.sql"))
            .bind(ids)
            .bind(attempts)
            .bind(worker)
            .fetch_all(connection)
            .await?;
    let with = |wanted: &str| -> BTreeSet<&str> {
        let these = verdicts.iter().filter(|(_, verdict)| verdict == wanted);
        these.map(|(event, _)| event.as_str()).collect()
    };
    let among = |these: &BTreeSet<&str>, one: &AttemptResult| {
        let event = one.event_id.as_deref();
        event.is_some_and(|event| these.contains(event))
    };
    let (free, locked) = (with("free"), with("locked"));
    let held_up = outcomes.iter().filter(|one| among(&locked, one));
    recorded.locked.extend(held_up.map(|one| one.call_id));
    Ok(outcomes
        .iter()
        .copied()
        .filter(|one| among(&free, one))
        .collect())
}

async fn record_events(
    connection: &mut PgConnection,
    worker: &str,
    outcomes: &[&AttemptResult],
) -> Result<Vec<Written>> {
    let ids: Vec<&str> = outcomes
        .iter()
        .filter_map(|o| o.event_id.as_deref())
        .collect();
    let sent: Vec<Option<&[u8]>> = outcomes.iter().map(|o| o.sent.as_deref()).collect();
    let query = sqlx::query_as::<_, Written>(include_str!("../../sql/worker/record_events.sql"))
        .bind(worker)
        .bind(ids);
    Ok(bind_outcomes(query, outcomes)
        .bind(sent)
        .fetch_all(connection)
        .await?)
}

async fn record_calls(
    connection: &mut PgConnection,
    worker: &str,
    outcomes: &[&AttemptResult],
) -> Result<Vec<Written>> {
    let ids: Vec<i64> = outcomes.iter().map(|o| o.call_id).collect();
    let query = sqlx::query_as::<_, Written>(include_str!("../../sql/worker/record_calls.sql"))
        .bind(worker)
        .bind(ids);
    Ok(bind_outcomes(query, outcomes).fetch_all(connection).await?)
}

type AsQuery<'q, T> = sqlx::query::QueryAs<'q, sqlx::Postgres, T, sqlx::postgres::PgArguments>;

/// The arrays that both statements have in common, in their order.
fn bind_outcomes<'q, T>(query: AsQuery<'q, T>, outcomes: &[&AttemptResult]) -> AsQuery<'q, T> {
    fn column<V>(outcomes: &[&AttemptResult], pick: impl Fn(&AttemptResult) -> V) -> Vec<V> {
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

/// What cannot be done with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cannot {
    /// Its payload, or its webhook's settings.
    Read,
    Claim,
    /// The result of its attempt.
    Record,
}

impl Cannot {
    fn as_str(self) -> &'static str {
        match self {
            Cannot::Read => "read",
            Cannot::Claim => "claim",
            Cannot::Record => "record",
        }
    }
}

/// An event that is set aside, by name.
#[derive(Debug, Clone)]
pub struct Stuck {
    pub call_id: i64,
    /// `None` for a plain queue row.
    pub event_id: Option<String>,
    pub webhook_id: i32,
    /// Of our claim; `None`: nobody has claimed it.
    pub attempt: Option<i32>,
    pub cannot: Cannot,
    pub reason: String,
    /// The endpoint took it.
    pub delivered: bool,
    pub http_status: Option<i32>,
}

/// A reason may quote what the database cannot hold.
fn plain(reason: &str) -> String {
    let shown = |c: char| {
        if c.is_ascii_graphic() || c == ' ' {
            c
        } else {
            '?'
        }
    };
    reason.chars().take(500).map(shown).collect()
}

/// Sets these aside: sent by nobody until a person decides. Returns the calls of those that were set aside; the others are ours no
/// longer, or locked.
pub async fn set_aside(db: &Db, worker: &str, stuck: &[Stuck]) -> Result<Vec<i64>> {
    fn column<'a, V>(stuck: &'a [Stuck], pick: impl Fn(&'a Stuck) -> V) -> Vec<V> {
        stuck.iter().map(pick).collect()
    }
    Ok(
        sqlx::query_scalar(include_str!("../../sql/worker/set_aside.sql"))
            .bind(worker)
            .bind(column(stuck, |s| s.call_id))
            .bind(column(stuck, |s| s.event_id.as_deref()))
            .bind(column(stuck, |s| s.webhook_id))
            .bind(column(stuck, |s| s.attempt))
            .bind(column(stuck, |s| s.cannot.as_str()))
            .bind(column(stuck, |s| plain(&s.reason)))
            .bind(column(stuck, |s| s.delivered))
            .bind(column(stuck, |s| s.http_status))
            .fetch_all(db.pool())
            .await?,
    )
}
