//! The queue path: claims due queue rows and delivers them.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::worker::Crew;
use crate::store::delivery::{Look, claim_queue, reap};

/// How long an empty queue is left alone.
const IDLE: Duration = Duration::from_millis(50);
const LARGEST_BATCH: usize = 200;
/// How often rows are looked for whose claim has ended.
const ENDED: Duration = Duration::from_secs(1);
/// How often rows are looked for that another worker left behind, and how many are given back at once.
const REAP: Duration = Duration::from_secs(30);
const REAPED: i64 = 500;

/// Claims and delivers until asked to stop; returns when nothing new will be claimed.
pub async fn run(crew: &Arc<Crew>) {
    let reaping = (!crew.reap_after.is_zero()).then(|| {
        let crew = crew.clone();
        tokio::spawn(async move { reap_while(&crew).await })
    });
    claim_while(crew).await;
    if let Some(reaping) = reaping {
        reaping.abort();
    }
}

async fn claim_while(crew: &Arc<Crew>) {
    let mut trouble = Duration::from_millis(100);
    // Webhooks take turns: each claim goes on after the webhook that the last one ended with.
    let mut after = i32::MIN;
    let mut ended_at: Option<Instant> = None;
    while !crew.stop.asked() {
        // Nothing can be called just now, for trouble of our own.
        if let Some(pause) = crew.shared.http.pauses().of_process() {
            crew.stop.pause(pause).await;
        }
        let Some(places) = crew.places(LARGEST_BATCH).await else {
            return;
        };
        let limit = places.num_permits();
        let since = Instant::now();
        let ended = ended_at.is_none_or(|at| at.elapsed() >= ENDED);
        let full = crew.shared.hosts.full();
        let passed_over = [full.clone(), crew.shared.http.pauses().webhooks()].concat();
        let look = Look {
            limit: i64::try_from(limit).unwrap_or(1),
            per_webhook: i64::try_from(crew.concurrency).unwrap_or(1),
            after,
            full: &passed_over,
            ended,
        };
        let claims = match claim_queue(&crew.db, &crew.holder, &look).await {
            Ok(claims) => {
                crew.pulse.works();
                claims
            }
            Err(error) => {
                tracing::warn!(%error, "cannot claim queue rows; trying again");
                crew.pulse.fails(&format!("cannot claim: {error}"));
                crew.counters.trouble(format!("cannot claim: {error}"));
                crew.stop.pause(trouble).await;
                trouble = (trouble * 2).min(Duration::from_secs(5));
                continue;
            }
        };
        trouble = Duration::from_millis(100);
        if ended {
            ended_at = Some(since);
        }
        let count = claims.len();
        let last = claims.iter().map(|claim| claim.webhook_id).max();
        let from_start = after == i32::MIN;
        after = match last {
            Some(last) if count >= limit => last,
            _ => i32::MIN,
        };
        let cost = since.elapsed();
        crew.deliver_all(claims, since, places);
        // A webhook with more to do than it was given has filled an eighth at least: then there is no need to wait.
        if count * 8 < limit && from_start {
            if full.is_empty() {
                crew.stop.pause(IDLE.max(cost * 4)).await;
            } else {
                // What waits may wait for its host alone.
                crew.stop.pause(cost).await;
                crew.shared.hosts.room().await;
            }
        }
    }
}

/// Rows that another worker has been processing for too long go back to the queue.
async fn reap_while(crew: &Crew) {
    let after_ms = i64::try_from(crew.reap_after.as_millis()).unwrap_or(i64::MAX);
    let mut tick = tokio::time::interval(REAP.min(crew.reap_after));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match reap(&crew.db, after_ms, REAPED).await {
            Ok(0) => {}
            Ok(rows) => tracing::warn!(
                rows,
                "another worker left rows behind in `processing`; they are tried again"
            ),
            Err(error) => tracing::warn!(%error, "cannot give back what another worker left"),
        }
    }
}
