//! Relay and workers: who is alive.

use chrono::TimeDelta;

use super::{Scene, census};
use crate::{
    engine::attention,
    error::Result,
    gates::Finding,
    model::{Path, counted},
    store::{heartbeat, nats_config},
};

pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    vec![
        scene.guard("relay", relay(scene).await),
        scene.guard("configs without relay", unserved(scene).await),
        scene.guard("NATS workers", workers(scene, Path::Nats).await),
        scene.guard("queue workers", workers(scene, Path::Queue).await),
        scene.guard(LOOKS, looks(scene).await),
    ]
}

const LOOKS: &str = "what needs a look";

/// The same list as that of `status`.
async fn looks(scene: &Scene<'_>) -> Result<Finding> {
    let looks = attention::looks(scene.db()).await?;
    let lines: Vec<String> = looks
        .iter()
        .map(|look| look.told(scene.inputs.now))
        .collect();
    Ok(census(LOOKS, &lines, "nothing", |found| {
        Finding::warn(
            LOOKS,
            found,
            "nothing",
            "`wavegate status` shows all, each with its command",
        )
    }))
}

/// The strictest of the plan's waves decides how many are wanted.
fn wanted(scene: &Scene<'_>, path: Path) -> u32 {
    let of = scene.inputs.plan.waves().iter().map(|wave| match path {
        Path::Nats => wave.limits.nats_workers,
        Path::Queue => wave.limits.queue_workers,
    });
    of.max().unwrap_or(1)
}

fn since(scene: &Scene<'_>) -> chrono::DateTime<chrono::Utc> {
    let waves = scene.inputs.plan.waves().iter();
    let silent = waves.map(|wave| wave.limits.worker_silent_after).min();
    let silent = silent.and_then(|d| TimeDelta::from_std(d).ok());
    scene.inputs.now - silent.unwrap_or(TimeDelta::seconds(30))
}

async fn relay(scene: &Scene<'_>) -> Result<Finding> {
    let relays = heartbeat::relays(scene.db(), since(scene)).await?;
    let wanted = "one or more";
    Ok(match relays.first() {
        None => Finding::warn(
            "relay",
            "none heard from lately",
            wanted,
            "start `wavegate relay`: the first step wants one",
        ),
        Some(first) => Finding::ok(
            "relay",
            format!(
                "{} alive, {} on {}",
                relays.len(),
                first.relay_id,
                first.host
            ),
            wanted,
        ),
    })
}

/// Events of a webhook wait for ever where its config is nobody's.
async fn unserved(scene: &Scene<'_>) -> Result<Finding> {
    let check = "configs without relay";
    let wanted = "a relay for each config that webhooks in both or nats name";
    let list = nats_config::unserved(scene.db(), since(scene), None).await?;
    let named: Vec<String> = list
        .iter()
        .map(|(config, webhooks)| format!("{config} ({})", counted(*webhooks, "webhook")))
        .collect();
    let remedy = match list.first() {
        Some((config, _)) => format!("start `wavegate relay --config {config}`"),
        None => String::new(),
    };
    Ok(census(check, &named, wanted, |found| {
        Finding::block(check, found, wanted, &remedy)
    }))
}

async fn workers(scene: &Scene<'_>, path: Path) -> Result<Finding> {
    if path == Path::Nats && scene.independent() {
        let alive = heartbeat::all_workers(scene.db(), since(scene)).await?;
        let ours = alive.iter().any(|worker| worker.path == path);
        let (check, wanted) = ("NATS workers", "foreign ones alone");
        let reads = matches!(&scene.consumer, Ok(Some(live)) if live.waiting > 0);
        return Ok(match (ours, reads) {
            (true, _) => Finding::block(
                check,
                "ours run too",
                wanted,
                "stop `wavegate worker --path nats`: what the foreign ones deliver, it would send again",
            ),
            (false, true) => Finding::ok(check, "somebody waits at the foreign consumer", wanted),
            (false, false) => Finding::warn(
                check,
                "nobody waits at the foreign consumer just now",
                wanted,
                "start the foreign NATS workers",
            ),
        });
    }
    let alive = heartbeat::workers(scene.db(), since(scene)).await?;
    let alive = alive.iter().filter(|w| w.path == path).count();
    let least = wanted(scene, path);
    let check = match path {
        Path::Nats => "NATS workers",
        Path::Queue => "queue workers",
    };
    let (found, wanted) = (format!("{alive} alive"), format!("{least} by the plan"));
    Ok(if alive >= least as usize {
        Finding::ok(check, found, wanted)
    } else {
        Finding::warn(
            check,
            found,
            wanted,
            format!("start `wavegate worker --path {path}`: the gates ask for them"),
        )
    })
}
