//! What the leader tidies: foreign results, fenced events, orphans. Every statement may be repeated.

use super::{Db, redrive};
use crate::error::Result;

const BATCH: i64 = 1000;

/// Takes over what other people did to queue rows. Returns how many notes are done.
pub async fn foreign_results(db: &Db) -> Result<i64> {
    let (mut total, mut after) = (0, 0);
    loop {
        let (looked, up_to, done): (i64, Option<i64>, i64) =
            sqlx::query_as(include_str!("../../sql/sweep/foreign_results.sql"))
                .bind(BATCH)
                .bind(after)
                .fetch_one(db.pool())
                .await?;
        total += done;
        match up_to {
            Some(up_to) if looked == BATCH => after = up_to,
            _ => break,
        }
    }
    sqlx::query(include_str!("../../sql/sweep/truncated.sql"))
        .execute(db.pool())
        .await?;
    Ok(total)
}

/// While a fence stands, what NATS was to deliver goes to the queue. Returns how many events moved.
pub async fn fenced(db: &Db) -> Result<i64> {
    let stands: bool = sqlx::query_scalar(include_str!("../../sql/sweep/fenced.sql"))
        .fetch_one(db.pool())
        .await?;
    if !stands {
        return Ok(0);
    }
    let mut connection = db.pool().acquire().await?;
    Ok(
        redrive::pull_forward(&mut connection, None, &mut |_| {}).await?
            + redrive::release(&mut connection, None).await?
            + redrive::enqueue_undelivered(&mut connection, None, &mut |_| {}).await?,
    )
}

/// Closes the NATS route of what was delivered under a fence, so that the outbox stays small. Not for longer than a moment: the
/// next look goes on.
async fn fenced_done(db: &Db) -> Result<()> {
    for _ in 0..20 {
        let closed: i64 = sqlx::query_scalar(include_str!("../../sql/sweep/fenced_done.sql"))
            .bind(BATCH)
            .fetch_one(db.pool())
            .await?;
        if closed < BATCH {
            break;
        }
    }
    Ok(())
}

/// The rarer cases, for the full look every few seconds. `redrives`: what is fenced may go to the queue.
pub async fn leftovers(db: &Db, redrives: bool) -> Result<()> {
    for question in [
        include_str!("../../sql/sweep/deleted_webhooks.sql"),
        include_str!("../../sql/sweep/unlisted.sql"),
    ] {
        sqlx::query(question).bind(BATCH).execute(db.pool()).await?;
    }
    fenced_done(db).await?;
    // Events that NATS can never carry, and that a worker held when the relay found out.
    let mut connection = db.pool().acquire().await?;
    let fenced: Option<&[i32]> = if redrives { None } else { Some(&[]) };
    redrive::enqueue_undelivered(&mut connection, fenced, &mut |_| {}).await?;
    Ok(())
}
