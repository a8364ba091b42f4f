//! Claims: the ledger decides who may deliver an event, and for how long. What became of it is `record`'s.

use serde_json::Value;
use sqlx::PgConnection;

use super::Db;
use crate::{error::Result, model::Path};

/// Who claims, and how long a claim outlasts the webhook's HTTP deadline.
#[derive(Debug, Clone)]
pub struct ClaimHolder {
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
    /// Payload and headers were read with the claim; else `may_call` brings them.
    pub whole: bool,
    pub payload: String,
    /// Bytes of the payload as PostgreSQL keeps it.
    pub size: i32,
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
pub enum ClaimVerdict {
    /// Yes, and it is ours, without its payload; the digest of that, if one was made at its birth.
    Claimed(Box<Claim>, Option<Vec<u8>>),
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
    whole: bool,
    size: i32,
    payload_digest: Option<Vec<u8>>,
    url: String,
    method: String,
    headers: Value,
    timeout_ms: i32,
    secret: Option<String>,
    took_over: bool,
    ambiguous: bool,
}

/// Asks for these events in one statement; a verdict for each. `whole`: settings are read as well, where they are not large.
pub async fn claim_nats(
    db: &Db,
    holder: &ClaimHolder,
    seen: &[Seen],
    whole: bool,
) -> Result<Vec<(String, ClaimVerdict)>> {
    let ids: Vec<&str> = seen.iter().map(|s| s.event_id.as_str()).collect();
    let webhooks: Vec<i32> = seen.iter().map(|s| s.webhook_id).collect();
    let copies: Vec<i32> = seen.iter().map(|s| s.copy).collect();
    let room: Vec<bool> = seen.iter().map(|s| s.room).collect();
    let answers: Vec<Answer> =
        sqlx::query_as(db.qualified(include_str!("../../sql/worker/claim_nats.sql")))
            .bind(&ids)
            .bind(&webhooks)
            .bind(&copies)
            .bind(&holder.id)
            .bind(holder.slack_ms)
            .bind(room)
            .bind(whole)
            .fetch_all(db.pool())
            .await?;
    Ok(answers.into_iter().map(verdict).collect())
}

fn verdict(answer: Answer) -> (String, ClaimVerdict) {
    let verdict = match answer.verdict.as_str() {
        "claimed" => {
            let claim = Claim {
                call_id: answer.call_id,
                event_id: Some(answer.event_id.clone()),
                in_ledger: true,
                attempt: answer.attempt,
                webhook_id: answer.webhook_id,
                whole: answer.whole,
                payload: String::new(),
                size: answer.size,
                url: answer.url,
                method: answer.method,
                headers: answer.headers,
                timeout_ms: answer.timeout_ms,
                secret: answer.secret,
                took_over: answer.took_over,
                ambiguous: answer.ambiguous,
            };
            ClaimVerdict::Claimed(Box::new(claim), answer.payload_digest)
        }
        "closed" => ClaimVerdict::Closed,
        "busy" => ClaimVerdict::Busy,
        "unknown" => ClaimVerdict::Unknown,
        _ => ClaimVerdict::Denied,
    };
    (answer.event_id, verdict)
}

/// An event that NATS may deliver, as the ledger has it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PassedOver {
    pub event_id: String,
    pub webhook_id: i32,
    pub copy: i32,
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
pub struct ClaimRequest<'a> {
    /// How many to claim at most, and of one webhook.
    pub limit: i64,
    pub per_webhook: i64,
    /// Only webhooks after this one.
    pub after: i32,
    /// Nothing for these webhooks.
    pub full: &'a [i32],
    /// Also rows whose claim has ended.
    pub ended: bool,
    /// Payloads and headers are read as well, where they are not large.
    pub whole: bool,
    /// Not these calls.
    pub except: &'a [i64],
    /// Only these calls; `None`: any.
    pub only: Option<&'a [i64]>,
    /// Only these webhooks; `None`: any.
    pub served: Option<&'a [i32]>,
}

#[derive(sqlx::FromRow)]
struct QueueRow {
    taken: bool,
    #[sqlx(flatten)]
    claim: Claim,
}

/// What a claim of queue rows came to.
#[derive(Debug, Clone, Default)]
pub struct Claimed {
    pub claims: Vec<Claim>,
    /// Rows that a trigger of the application's keeps from being claimed.
    pub kept: Vec<Due>,
}

/// Claims due queue rows, with their ledger rows where there are any.
pub async fn claim_queue(
    db: &Db,
    holder: &ClaimHolder,
    look: &ClaimRequest<'_>,
) -> Result<Claimed> {
    let rows: Vec<QueueRow> =
        sqlx::query_as(db.qualified(include_str!("../../sql/worker/claim_queue.sql")))
            .bind(&holder.id)
            .bind(look.limit)
            .bind(holder.slack_ms)
            .bind(look.after)
            .bind(look.per_webhook)
            .bind(look.full)
            .bind(look.ended)
            .bind(look.whole)
            .bind(look.except)
            .bind(look.only)
            .bind(look.served)
            .fetch_all(db.pool())
            .await?;
    let mut claimed = Claimed::default();
    for row in rows {
        if row.taken {
            claimed.claims.push(row.claim);
        } else {
            claimed.kept.push(Due {
                call_id: row.claim.call_id,
                webhook_id: row.claim.webhook_id,
                event_id: row.claim.event_id,
            });
        }
    }
    Ok(claimed)
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

/// What a claim may look at: a due queue row, or a due event of the ledger.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Due {
    pub call_id: i64,
    pub webhook_id: i32,
    /// `None` for a plain queue row.
    pub event_id: Option<String>,
}

/// Due queue rows, unlocked: asked where PostgreSQL refuses to claim, to find what it refuses.
pub async fn due_calls(
    db: &Db,
    of_each: i64,
    limit: i64,
    except: &[i64],
    served: Option<&[i32]>,
) -> Result<Vec<Due>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/worker/due_calls.sql"))
            .bind(of_each)
            .bind(limit)
            .bind(except)
            .bind(served)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Those of these events that wait for a claim.
pub async fn due_events(db: &Db, events: &[&str]) -> Result<Vec<Due>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/worker/due_events.sql"))
            .bind(events)
            .fetch_all(db.pool())
            .await?,
    )
}

/// How a claim fares that was to be held longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    Held,
    /// Ours, and somebody has locked its row.
    Locked,
    /// Ours no longer.
    Lost,
}

/// Holds a claim longer, if it is still ours. `lease_ms` counts from now. Waits for no lock.
pub async fn renew(db: &Db, worker: &str, claim: &Claim, lease_ms: i32) -> Result<Renewal> {
    let query = match (&claim.event_id, claim.in_ledger) {
        (Some(event_id), true) => {
            sqlx::query_scalar(include_str!("../../sql/worker/renew_event.sql"))
                .bind(event_id.clone())
        }
        _ => {
            sqlx::query_scalar(include_str!("../../sql/worker/renew_call.sql")).bind(claim.call_id)
        }
    };
    let said: String = query
        .bind(worker)
        .bind(claim.attempt)
        .bind(lease_ms)
        .fetch_one(db.pool())
        .await?;
    Ok(match said.as_str() {
        "held" => Renewal::Held,
        "locked" => Renewal::Locked,
        _ => Renewal::Lost,
    })
}

/// One claim of ours: enough to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mine {
    pub call_id: i64,
    /// `None` for a plain queue row.
    pub event_id: Option<String>,
    pub attempt: i32,
}

impl Claim {
    pub fn mine(&self) -> Mine {
        Mine {
            call_id: self.call_id,
            event_id: self.event_id.clone().filter(|_| self.in_ledger),
            attempt: self.attempt,
        }
    }
}

fn columns(claims: &[Mine]) -> (Vec<i64>, Vec<Option<&str>>, Vec<i32>) {
    (
        claims.iter().map(|mine| mine.call_id).collect(),
        claims.iter().map(|mine| mine.event_id.as_deref()).collect(),
        claims.iter().map(|mine| mine.attempt).collect(),
    )
}

/// These claims live `for_ms` longer, whatever their rows say. Returns the calls of those that are still ours.
pub async fn hold(
    connection: &mut PgConnection,
    worker: &str,
    claims: &[Mine],
    for_ms: i32,
) -> Result<Vec<i64>> {
    let (calls, events, attempts) = columns(claims);
    Ok(
        sqlx::query_scalar(include_str!("../../sql/worker/hold.sql"))
            .bind(worker)
            .bind(calls)
            .bind(events)
            .bind(attempts)
            .bind(for_ms)
            .fetch_all(connection)
            .await?,
    )
}

/// What `hold` said of these calls holds no longer.
pub async fn let_hold_go(db: &Db, worker: &str, calls: &[i64]) -> Result<()> {
    sqlx::query(include_str!("../../sql/worker/let_hold_go.sql"))
        .bind(worker)
        .bind(calls)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// May a claim be called now, and with what?
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Leave {
    pub call_id: i64,
    /// `yes`; `no`: not now, or not by this path; `lost`: it is ours no longer.
    pub verdict: String,
    pub url: String,
    pub method: String,
    /// `None`: they are large, and come with the payload only.
    pub headers: Option<Value>,
    pub timeout_ms: i32,
    pub secret: Option<String>,
    /// Where it was wanted.
    pub payload: Option<String>,
}

/// Asks for claims of one path, and whether each one's payload is wanted; an answer for each.
pub async fn may_call(
    db: &Db,
    worker: &str,
    path: Path,
    asked: &[(Mine, bool)],
) -> Result<Vec<Leave>> {
    let claims: Vec<Mine> = asked.iter().map(|(mine, _)| mine.clone()).collect();
    let wanted: Vec<bool> = asked.iter().map(|(_, wanted)| *wanted).collect();
    let (calls, events, attempts) = columns(&claims);
    Ok(
        sqlx::query_as(db.qualified(include_str!("../../sql/worker/may_call.sql")))
            .bind(worker)
            .bind(path.as_str())
            .bind(calls)
            .bind(events)
            .bind(attempts)
            .bind(wanted)
            .fetch_all(db.pool())
            .await?,
    )
}
