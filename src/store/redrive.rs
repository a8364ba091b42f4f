//! Re-drive: what NATS was to deliver goes to the queue. Safe to repeat; a webhook's claims go on beside it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::error::Result;

/// Rows changed by one statement, so that no statement holds its locks for long.
const BATCH: i64 = 1000;

/// How often one re-drive gives its events fresh call ids: the next one may be taken as well.
const CLEARED: usize = 20;

/// How far ahead a re-drive that somebody asked for looks for deferred rows: everything.
const ALL_TIMES: f64 = 100.0 * 365.0 * 86_400_000.0;

/// Who is told after each batch how many rows there were so far.
pub type Told<'a> = &'a mut (dyn FnMut(i64) + Send);

/// Makes the queue rows of undelivered events due at once, never before the event is. `None`: all fenced webhooks, and only
/// what would be due soon. Rows that somebody holds right now are left for the next call.
pub async fn pull_forward(
    connection: &mut PgConnection,
    webhooks: Option<&[i32]>,
    told: Told<'_>,
) -> Result<i64> {
    let mut total = 0;
    loop {
        let pulled: i64 = sqlx::query_scalar(include_str!("../../sql/redrive/pull_forward.sql"))
            .bind(webhooks)
            .bind(BATCH)
            .bind(webhooks.map(|_| ALL_TIMES))
            .fetch_one(&mut *connection)
            .await?;
        total += pulled;
        told(total);
        if pulled < BATCH {
            return Ok(total);
        }
    }
}

/// Frees queue rows that a dead claim of ours still holds; its attempt is noted as ambiguous. `None`: all fenced webhooks.
pub async fn release(connection: &mut PgConnection, webhooks: Option<&[i32]>) -> Result<i64> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/redrive/release.sql"))
            .bind(webhooks)
            .bind(BATCH)
            .fetch_one(connection)
            .await?,
    )
}

/// Gives every undelivered event without queue row and without a live lease its row, from the outbox. `None`: all fenced
/// webhooks. Returns how many.
pub async fn enqueue_undelivered(
    connection: &mut PgConnection,
    webhooks: Option<&[i32]>,
    told: Told<'_>,
) -> Result<i64> {
    let (mut total, mut cleared) = (0, 0);
    loop {
        let (filled, in_the_way): (i64, Vec<String>) =
            sqlx::query_as(include_str!("../../sql/redrive/enqueue_undelivered.sql"))
                .bind(webhooks)
                .bind(BATCH)
                .fetch_one(&mut *connection)
                .await?;
        total += filled;
        told(total);
        if !in_the_way.is_empty() && cleared < CLEARED {
            cleared += 1;
            if make_way(connection, &in_the_way).await? > 0 {
                continue;
            }
        }
        if filled < BATCH {
            return Ok(total);
        }
    }
}

/// Somebody put queue rows where these events' rows belong. Returns how many stood in the way and do so no longer.
async fn make_way(connection: &mut PgConnection, events: &[String]) -> Result<i64> {
    let moved: i64 = sqlx::query_scalar(include_str!("../../sql/redrive/make_way.sql"))
        .bind(events)
        .fetch_one(connection)
        .await?;
    if moved == 0 {
        // Locked by somebody, or kept out.
        tracing::warn!(
            events = events.len(),
            first = events.first(),
            "the queue does not take the rows of these events; does a trigger keep them out? `wavegate preflight` names it"
        );
        return Ok(0);
    }
    tracing::warn!(
        events = events.len(),
        moved,
        first = events.first(),
        "queue rows that are not ours have the call id or the event id of these events: the events get fresh call ids, the rows lose \
         the event id"
    );
    Ok(moved)
}

/// Undelivered events that lack a queue row; those that a NATS worker still holds count too. `None`: all fenced webhooks,
/// and events of all times.
pub async fn unaccounted(
    connection: &mut PgConnection,
    webhooks: Option<&[i32]>,
    made_until: Option<DateTime<Utc>>,
) -> Result<i64> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/redrive/unaccounted.sql"))
            .bind(webhooks)
            .bind(made_until)
            .fetch_one(connection)
            .await?,
    )
}
