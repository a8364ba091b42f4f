//! A look at the whole, for metrics: what stands still anywhere, and who is alive. One relay is enough to tell of all.

use std::time::{Duration, Instant};

use chrono::Utc;

use super::Relay;
use crate::dataplane::overview::Overview;
use crate::model::Path;
use crate::{
    error::Result,
    store::{
        clock, guard,
        heartbeat::{self, SILENT},
        troubles::{CAUSES, LATE_S, troubles},
    },
};

const LEAST: Duration = Duration::from_secs(15);
/// It may take a thirtieth of a session's time, however much there is to count.
const FACTOR: u32 = 30;

/// Looks again and again, where somebody can ask.
pub async fn keep(relay: &Relay) {
    while relay.watched && !relay.stop.asked() {
        let begin = Instant::now();
        if let Err(error) = look(relay, &relay.vitals.metrics.overview).await {
            tracing::warn!(%error, "cannot count what needs a look; the metrics show what was");
        }
        let rest = begin.elapsed().saturating_mul(FACTOR).max(LEAST);
        relay.stop.pause(rest).await;
    }
}

async fn look(relay: &Relay, overview: &Overview) -> Result<()> {
    let now = clock::now(&relay.db).await?;
    let (found, workers, guarded) = tokio::try_join!(
        troubles(&relay.db, LATE_S),
        heartbeat::workers(&relay.db, now - SILENT),
        guard::watch(&relay.db)
    )?;
    for cause in CAUSES {
        let trouble = found.iter().find(|trouble| trouble.cause == cause);
        let since = trouble.and_then(|trouble| trouble.since);
        let age = since.map_or(0, |since| (now - since).num_seconds().max(0));
        overview.trouble(cause, trouble.map_or(0, |trouble| trouble.events), age);
    }
    for path in [Path::Queue, Path::Nats] {
        let alive = workers.iter().filter(|worker| worker.path == path).count();
        overview.alive(path.as_str(), i64::try_from(alive).unwrap_or(i64::MAX));
    }
    overview.guarded_at(guarded.map_or(0, |at| at.timestamp()));
    overview.looked_at(Utc::now().timestamp());
    Ok(())
}
