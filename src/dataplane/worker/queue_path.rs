//! The queue path: claims due queue rows and delivers them.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Crew;
use crate::dataplane::{pause::Pause, split::Halves};
use crate::{
    error::{Error, Result},
    model::Backoff,
    store::delivery::{Claim, ClaimRequest, claim_queue, due_calls, reap},
};

/// How long an empty queue is left alone.
const IDLE: Pause = Pause::new(Duration::from_millis(50), 4, 1);
/// What waits for its host alone.
const CROWDED: Pause = Pause::new(Duration::ZERO, 1, 1);
/// While PostgreSQL is away, or a table is locked.
const AWAY: Backoff = Backoff::new(100, 1000);
/// Rows that are looked at one by one, where PostgreSQL refuses to claim: of one webhook, and in all.
const CAREFUL_OF_EACH: i64 = 8;
const CAREFUL: i64 = 256;
/// Denied so often, rows are tried one by one: an application's trigger may lack a right.
const DENIALS: u32 = 3;
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
    let mut trouble = 0;
    // Webhooks take turns: each claim goes on after the webhook that the last one ended with.
    let mut after = i32::MIN;
    let mut ended_at: Option<Instant> = None;
    let mut denials = 0;
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
        let resting = crew.refusals.resting();
        // A lease that ended while its result waits here is not to be taken over by this very worker.
        let except = [resting.as_slice(), &crew.keeper.calls()].concat();
        let passed_over = [full.clone(), crew.shared.http.pauses().webhooks()].concat();
        let served = crew.shared.served.webhooks();
        let look = ClaimRequest {
            limit: i64::try_from(limit).unwrap_or(1),
            per_webhook: i64::try_from(crew.concurrency).unwrap_or(1),
            after,
            full: &passed_over,
            ended,
            whole: true,
            except: &except,
            only: None,
            served: served.as_deref(),
        };
        let claims = match claim(crew, &look, denials >= DENIALS).await {
            Ok(claims) => {
                crew.pulse.works();
                claims
            }
            Err(error) => {
                denials += u32::from(error.is_denial());
                tracing::warn!(%error, "cannot claim queue rows; trying again");
                crew.pulse.fails(&format!("cannot claim: {error}"));
                crew.counters.trouble(format!("cannot claim: {error}"));
                trouble += 1;
                crew.stop.pause(AWAY.after(trouble)).await;
                continue;
            }
        };
        trouble = 0;
        // Once in a while all together again, to see whether the right is there.
        if denials < DENIALS || resting.is_empty() {
            denials = 0;
        }
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
                crew.stop.pause(IDLE.after(cost)).await;
            } else {
                // What waits may wait for its host alone.
                crew.stop.pause(CROWDED.after(cost)).await;
                crew.shared.hosts.room().await;
            }
        }
    }
}

/// Claims; where PostgreSQL refuses that, without payloads and settings, which are read one by one at their call; and where it refuses
/// that too, row by row.
async fn claim(crew: &Crew, look: &ClaimRequest<'_>, denied: bool) -> Result<Vec<Claim>> {
    let bare = ClaimRequest {
        whole: false,
        ..look.clone()
    };
    let claimed = match claim_queue(&crew.db, &crew.holder, look).await {
        Err(error) if !error.is_temporary() => {
            tracing::warn!(%error, "PostgreSQL refuses to claim with payloads; they are read one by one");
            match claim_queue(&crew.db, &crew.holder, &bare).await {
                Err(error) if !error.is_temporary() => return carefully(crew, &bare).await,
                claimed => claimed?,
            }
        }
        Err(error) if error.is_denial() && denied => return carefully(crew, &bare).await,
        claimed => claimed?,
    };
    let kept = Error::failed("a trigger on the queue keeps its row from being claimed");
    let stuck = claimed
        .kept
        .iter()
        .filter_map(|due| crew.too_often(due, &kept));
    crew.set_aside(&stuck.collect::<Vec<_>>()).await;
    Ok(claimed.claims)
}

/// Finds the rows that cannot be claimed, and claims the others.
async fn carefully(crew: &Crew, look: &ClaimRequest<'_>) -> Result<Vec<Claim>> {
    let limit = look.limit.min(CAREFUL);
    let due = due_calls(&crew.db, CAREFUL_OF_EACH, limit, look.except, look.served).await?;
    let mut claims = Vec::new();
    let mut halves = Halves::of(&due);
    while let Some(part) = halves.next_part() {
        let only: Vec<i64> = part.iter().map(|due| due.call_id).collect();
        match claim_only(crew, look, &only).await {
            Ok(claimed) => claims.extend(claimed),
            Err(error) => halves.failed(part, error),
        }
    }
    let failed = halves.end();
    let mut stuck = Vec::new();
    for (due, error) in failed.refused {
        stuck.extend(crew.too_often(due, &error));
    }
    crew.set_aside(&stuck).await;
    let Some((waiting, error)) = failed.waiting else {
        return Ok(claims);
    };
    if error.is_denial() {
        for due in &waiting {
            let only = [due.call_id];
            match claim_only(crew, look, &only).await {
                Ok(claimed) => claims.extend(claimed),
                // It rests, and is never given up.
                Err(error) => drop(crew.too_often(due, &error)),
            }
        }
    }
    if claims.is_empty() {
        Err(error)
    } else {
        Ok(claims)
    }
}

/// Of these calls alone, whatever their webhooks' turn.
async fn claim_only(crew: &Crew, look: &ClaimRequest<'_>, calls: &[i64]) -> Result<Vec<Claim>> {
    let look = ClaimRequest {
        after: i32::MIN,
        ended: true,
        only: Some(calls),
        ..look.clone()
    };
    let claimed = claim_queue(&crew.db, &crew.holder, &look).await?;
    Ok(claimed.claims)
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
