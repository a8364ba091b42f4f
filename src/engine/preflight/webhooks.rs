//! The webhooks and their queue: who is in the plan, what waits where nobody looks, and what is too large.

use super::{Scene, bytes, census, in_order};
use crate::{error::Result, gates::Finding, model::grouped, plan, store::inventory};

pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    vec![
        scene.guard("webhooks", present(scene).await),
        missing(scene),
        leftovers(scene),
        scene.guard("publish mode", modeless(scene).await),
        scene.guard("disabled webhooks", parked(scene).await),
        scene.guard("stuck rows", stuck(scene).await),
        scene.guard("foreign queue worker", foreign_worker(scene).await),
        scene.guard("payload size", payload(scene).await),
        scene.guard("odd values", odd(scene).await),
    ]
}

async fn present(scene: &Scene<'_>) -> Result<Finding> {
    let w = inventory::webhooks(scene.db()).await?;
    let found = format!("{} webhooks, {} enabled", w.webhooks, w.enabled);
    let wanted = "enabled webhooks";
    Ok(if w.enabled > 0 {
        Finding::ok("webhooks", found, wanted)
    } else {
        Finding::block("webhooks", found, wanted, "there is nothing to migrate yet")
    })
}

fn membership(scene: &Scene<'_>) -> std::result::Result<plan::Membership, String> {
    let webhooks = scene.webhooks.as_ref().map_err(Clone::clone)?;
    Ok(plan::membership(scene.inputs.plan, webhooks))
}

/// Names and ids of the plan that the database does not have.
fn missing(scene: &Scene<'_>) -> Finding {
    let check = "plan";
    let wanted = "webhooks that exist";
    match membership(scene) {
        Err(why) => scene.unknown(check, &why),
        Ok(membership) => {
            let faults: Vec<String> = membership.missing.iter().map(|f| f.found.clone()).collect();
            in_order(
                census(check, &faults, wanted, |found| {
                    Finding::block(
                        check,
                        format!("the plan names {found}"),
                        wanted,
                        "mend the plan",
                    )
                }),
                "all that it names exist",
            )
        }
    }
}

/// One such row must stop nobody, and whoever wrote it should know what becomes of it.
async fn odd(scene: &Scene<'_>) -> Result<Finding> {
    let check = "odd values";
    let wanted = "tags that are texts, times that are times";
    let list = inventory::odd_values(scene.db()).await?;
    Ok(census(check, &list, wanted, |found| {
        let remedy = "mend the rows: such tags are passed over, such times count in no latency and begin no soak";
        Finding::warn(check, found, wanted, remedy)
    }))
}

/// New webhooks are born in `queue`, whose workers go away one day.
fn leftovers(scene: &Scene<'_>) -> Finding {
    let check = "webhooks not in the plan";
    let wanted = "every webhook in a wave";
    let found = membership(scene).and_then(|membership| {
        let webhooks = scene.webhooks.as_ref().map_err(Clone::clone)?;
        Ok(webhooks
            .iter()
            .filter(|w| membership.leftovers.contains(&w.id))
            .map(|w| format!("{} ({})", w.name, w.id))
            .collect::<Vec<_>>())
    });
    match found {
        Err(why) => scene.unknown(check, &why),
        Ok(list) => in_order(
            census(check, &list, wanted, |found| {
                Finding::warn(
                    check,
                    format!("{} stay in the queue: {found}", list.len()),
                    wanted,
                    "add a wave with `match: { rest: true }`; new webhooks are born in `queue`, so keep a queue worker",
                )
            }),
            "each is in a wave",
        ),
    }
}

async fn modeless(scene: &Scene<'_>) -> Result<Finding> {
    let w = inventory::webhooks(scene.db()).await?;
    let wanted = "queue, both or nats";
    Ok(match w.first_modeless {
        None => Finding::ok("publish mode", "every webhook has one", wanted),
        Some(id) => Finding::warn(
            "publish mode",
            format!("NULL for {} webhooks, for example {id}", w.modeless),
            wanted,
            "UPDATE rule_webhooks SET publish_mode = 'queue' WHERE publish_mode IS NULL",
        ),
    })
}

/// A disabled webhook's events are parked and count in no gate.
async fn parked(scene: &Scene<'_>) -> Result<Finding> {
    let list: Vec<String> = inventory::parked(scene.db())
        .await?
        .into_iter()
        .map(|p| {
            format!(
                "{} ({}): {}",
                p.webhook_name,
                p.webhook_id,
                grouped(p.waiting)
            )
        })
        .collect();
    let wanted = "nothing that waits";
    Ok(census("disabled webhooks", &list, wanted, |found| {
        Finding::warn(
            "disabled webhooks",
            format!("events wait at {found}"),
            wanted,
            "enable the webhook, or decide what becomes of its events: the queue is not drained before",
        )
    }))
}

async fn stuck(scene: &Scene<'_>) -> Result<Finding> {
    let stuck = inventory::stuck(scene.db(), scene.inputs.now).await?;
    let wanted = "no row that stays `processing`";
    Ok(match (stuck.rows, stuck.oldest, stuck.first_call) {
        (1.., Some(oldest), Some(call)) => Finding::warn(
            "stuck rows",
            format!(
                "{} rows `processing`, nobody holds them; the oldest is call {call}, since {}",
                grouped(stuck.rows),
                oldest.format("%Y-%m-%d %H:%M")
            ),
            wanted,
            "set them to `pending` (they are sent again) or `failed`: the queue is not drained before",
        ),
        _ => Finding::ok("stuck rows", "none", wanted),
    })
}

async fn foreign_worker(scene: &Scene<'_>) -> Result<Finding> {
    let foreign = inventory::foreign_worker(scene.db(), scene.inputs.now).await?;
    let wanted = "our queue workers only";
    Ok(match foreign.newest {
        Some(newest) if foreign.rows > 0 => Finding::warn(
            "foreign queue worker",
            format!(
                "{} rows finished in the last hour by somebody else, the last at {}",
                grouped(foreign.rows),
                newest.format("%H:%M:%S UTC")
            ),
            wanted,
            "fine at share 0; before a larger share start `wavegate worker --path queue` and stop the other",
        ),
        _ => Finding::ok("foreign queue worker", "none in the last hour", wanted),
    })
}

/// What NATS refuses for its size stays with the queue for good.
async fn payload(scene: &Scene<'_>) -> Result<Finding> {
    let check = "payload size";
    let most = match (&scene.server, &scene.stream) {
        (Ok(server), stream) => {
            let server = i64::try_from(server.max_payload).unwrap_or(i64::MAX);
            match stream {
                Ok(Some(live)) if live.max_message_bytes > 0 => {
                    server.min(i64::from(live.max_message_bytes))
                }
                _ => server,
            }
        }
        (Err(why), _) => return Ok(scene.unknown(check, why)),
    };
    let payload = inventory::payload(scene.db(), scene.inputs.now, most).await?;
    let wanted = format!("at most {}", bytes(most));
    let largest = payload.largest.unwrap_or(0);
    Ok(match (payload.over, payload.webhook_id) {
        (1.., Some(id)) => Finding::block(
            check,
            format!(
                "{} payloads of the last 7 days are larger, up to {} (webhook {id})",
                grouped(payload.over),
                bytes(largest)
            ),
            wanted,
            "raise max_payload of nats-server (and max_message_size of the stream), or leave these webhooks in the queue",
        ),
        _ if payload.largest.is_none() => Finding::warn(
            check,
            "no payload in the last 7 days",
            wanted,
            "nothing was measured: look again when there is traffic",
        ),
        _ => Finding::ok(
            check,
            format!("the largest of the last 7 days has {}", bytes(largest)),
            wanted,
        ),
    })
}
