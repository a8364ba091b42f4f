//! The queue path: claims due queue rows and delivers them.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::worker::Crew;
use crate::store::delivery::claim_queue;

/// How long an empty queue is left alone.
const IDLE: Duration = Duration::from_millis(50);
const LARGEST_BATCH: usize = 200;

/// Claims and delivers until asked to stop; returns when nothing new will be claimed.
pub async fn run(crew: &Arc<Crew>) {
    let mut trouble = Duration::from_millis(100);
    while !crew.stop.asked() {
        let Some(places) = crew.places(LARGEST_BATCH).await else {
            return;
        };
        let limit = places.num_permits();
        let since = Instant::now();
        let claims =
            match claim_queue(&crew.db, &crew.holder, i64::try_from(limit).unwrap_or(1)).await {
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
        let count = claims.len();
        crew.deliver_all(claims, since, places);
        if count < limit {
            crew.stop.pause(IDLE).await;
        }
    }
}
