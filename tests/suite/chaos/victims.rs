//! Who is killed, and how.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{callers, endpoint::Endpoint, stage::Stage};

/// At least so many calls are in flight at each kill.
pub const IN_FLIGHT: usize = 20;

#[derive(Default)]
pub struct Killer {
    pub kills: BTreeMap<&'static str, usize>,
    /// Calls in flight at each kill.
    pub in_flight: Vec<usize>,
}

impl Killer {
    /// Kills once: waits until enough calls are in flight, and for a victim that is up.
    pub async fn strike(
        &mut self,
        stage: &mut Stage,
        endpoint: &Endpoint,
        rng: &mut fastrand::Rng,
    ) {
        loop {
            let pause = Instant::now() + Duration::from_millis(rng.u64(50..600));
            while Instant::now() < pause {
                stage.restart_due();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let held = busy(stage, endpoint).await;
            let down = Duration::from_millis(rng.u64(50..1500));
            if let Some(kind) = one(stage, rng.u32(..100), rng.u32(..), down).await {
                *self.kills.entry(kind).or_default() += 1;
                self.in_flight.push(held);
                return;
            }
        }
    }

    pub fn count(&self) -> usize {
        self.in_flight.len()
    }
}

/// Waits until enough calls are in flight; how many.
async fn busy(stage: &mut Stage, endpoint: &Endpoint) -> usize {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        stage.restart_due();
        let held = endpoint.held();
        if held >= IN_FLIGHT {
            return held;
        }
        assert!(
            Instant::now() < end,
            "{held} calls in flight\n{}",
            stage.logs()
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn one(stage: &mut Stage, dice: u32, which: u32, down: Duration) -> Option<&'static str> {
    let pick = |names: [&'static str; 2]| names[which as usize % 2];
    match dice {
        0..18 => stage
            .kill(pick(["relay-1", "relay-2"]), down)
            .then_some("relay"),
        18..36 => stage
            .kill(pick(["queue-1", "queue-2"]), down)
            .then_some("queue worker"),
        36..58 => stage
            .kill(pick(["nats-1", "nats-2"]), down)
            .then_some("nats worker"),
        58..70 if stage.nats_down_until.is_none() => {
            stage.kill_nats(down);
            Some("nats-server")
        }
        70..82 => terminate(stage, which).await.then_some("session ended"),
        82..88 => crash(stage, which).await.then_some("backend killed"),
        88..100 if stage.postgres_down_until.is_none() => {
            stage.kill_postgres(down);
            Some("postgresql stopped")
        }
        _ => None,
    }
}

/// Sessions of relays, workers, operators and callers.
async fn sessions(stage: &Stage) -> Option<(sqlx::PgConnection, Vec<i32>)> {
    use sqlx::Connection;
    let mut admin = sqlx::PgConnection::connect(&stage.url).await.ok()?;
    let pids = sqlx::query_scalar(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND (application_name LIKE 'wavegate%' OR application_name = $1) ORDER BY pid",
    )
    .bind(callers::NAME)
    .fetch_all(&mut admin)
    .await
    .ok()?;
    Some((admin, pids))
}

/// Three sessions lose their backend, whatever they were doing.
async fn terminate(stage: &Stage, which: u32) -> bool {
    let Some((mut admin, pids)) = sessions(stage).await else {
        return false;
    };
    let mut ended = 0;
    for step in 0..3 {
        let Some(pid) = pids.get((which as usize).wrapping_add(step * 7) % pids.len().max(1))
        else {
            continue;
        };
        let done: sqlx::Result<bool> = sqlx::query_scalar("SELECT pg_terminate_backend($1)")
            .bind(pid)
            .fetch_one(&mut admin)
            .await;
        ended += u32::from(done.unwrap_or(false));
    }
    ended > 0
}

/// kill -9 of one backend: the postmaster ends all the others too and recovers.
async fn crash(stage: &Stage, which: u32) -> bool {
    let Some((_admin, pids)) = sessions(stage).await else {
        return false;
    };
    let victim = pids.get(which as usize % pids.len().max(1));
    victim.is_some_and(|pid| kill(Pid::from_raw(*pid), Signal::SIGKILL).is_ok())
}
