//! Who writes the queue and who deletes from it: callers that go around the unified functions, roles, jobs, keys.

use super::{Scene, census};
use crate::{error::Result, gates::Finding, store::inventory};

const ROUTED: &str = "all through the unified functions";

pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    vec![
        scene.guard("other writers", writers(scene).await),
        scene.guard("rows without event id", unrouted(scene).await),
        scene.guard("keys onto the queue", foreign_keys(scene).await),
        scene.guard("direct HTTP calls", direct_http(scene).await),
        scene.guard("deleting webhooks", cascade(scene).await),
        scene.guard("deleting queue rows", unindexed_keys(scene).await),
        scene.guard("clean-up jobs", cron(scene).await),
        scene.guard("roles", roles(scene).await),
        scene.guard("message ids", caller_ids(scene).await),
    ]
}

async fn writers(scene: &Scene<'_>) -> Result<Finding> {
    let list = inventory::writers(scene.db()).await?;
    Ok(census("other writers", &list, ROUTED, |found| {
        Finding::block(
            "other writers",
            format!("functions that INSERT into the queue: {found}"),
            ROUTED,
            "let them call rule_webhook_enqueue: after `both -> nats` nobody may read the queue. One that an extension owns cannot be dropped: REVOKE EXECUTE on it FROM PUBLIC and from whoever has it",
        )
    }))
}

async fn unrouted(scene: &Scene<'_>) -> Result<Finding> {
    let unrouted = inventory::unrouted(scene.db(), scene.inputs.now).await?;
    Ok(match unrouted.webhook_id {
        Some(id) if unrouted.rows > 0 => Finding::block(
            "rows without event id",
            format!(
                "{} in the last hour, for example of webhook {id}",
                unrouted.rows
            ),
            ROUTED,
            "some caller INSERTs into the queue: let it call rule_webhook_enqueue",
        ),
        _ => Finding::ok("rows without event id", "none in the last hour", ROUTED),
    })
}

async fn foreign_keys(scene: &Scene<'_>) -> Result<Finding> {
    let list = inventory::foreign_keys(scene.db()).await?;
    let wanted = "no foreign key onto the queue";
    Ok(census("keys onto the queue", &list, wanted, |found| {
        Finding::block(
            "keys onto the queue",
            found,
            wanted,
            "drop the key or refer to the event id: in `nats` an event has no queue row",
        )
    }))
}

/// `dead discard`, `apply --move-waiting` and every clean-up delete from the queue.
async fn unindexed_keys(scene: &Scene<'_>) -> Result<Finding> {
    let list = inventory::unindexed_keys(scene.db()).await?;
    let wanted = "every large table that refers to the queue has an index for it";
    Ok(census("deleting queue rows", &list, wanted, |found| {
        Finding::warn(
            "deleting queue rows",
            format!("each reads the whole of {found}"),
            wanted,
            "CREATE INDEX CONCURRENTLY on that column",
        )
    }))
}

async fn direct_http(scene: &Scene<'_>) -> Result<Finding> {
    let found = inventory::direct_http(scene.db()).await?;
    let (check, wanted) = ("direct HTTP calls", "none");
    let Some(function) = found.function else {
        return Ok(Finding::ok(check, "none", wanted));
    };
    // Not dropped: an extension may own it.
    let close =
        format!("REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC, and from whoever has it");
    Ok(match (found.callable, found.extension) {
        (false, _) => Finding::ok(check, format!("{function} is its owner's alone"), wanted),
        (true, true) => Finding::block(
            check,
            format!("{function}, and the extension http that it calls"),
            wanted,
            format!(
                "callers of it POST past every route: let them call rule_webhook_call_unified, then {close}"
            ),
        ),
        (true, false) => Finding::warn(
            check,
            format!("{function}, which fails without the extension http"),
            wanted,
            format!("so that nobody comes to use it: {close}"),
        ),
    })
}

/// Queue rows vanish with their webhook; our trigger refuses that while events are undelivered.
async fn cascade(scene: &Scene<'_>) -> Result<Finding> {
    let table = inventory::queue_table(scene.db()).await?;
    let check = "deleting webhooks";
    let wanted = "refused while events are undelivered";
    Ok(match (table.cascades, table.guarded) {
        (_, true) => Finding::ok(check, "guarded by the trigger wavegate_guard", wanted),
        (true, false) => Finding::block(
            check,
            "ON DELETE CASCADE takes the queue rows along, and no trigger guards it",
            wanted,
            "run `wavegate schema apply`, or ALTER TABLE rule_webhooks ENABLE TRIGGER wavegate_guard",
        ),
        (false, false) => Finding::warn(
            check,
            "no trigger guards it",
            wanted,
            "run `wavegate schema apply`",
        ),
    })
}

async fn cron(scene: &Scene<'_>) -> Result<Finding> {
    let list: Vec<String> = inventory::cron_jobs(scene.db())
        .await?
        .into_iter()
        .map(|job| format!("job {job}"))
        .collect();
    let wanted = "no job that deletes by age";
    Ok(census("clean-up jobs", &list, wanted, |found| {
        Finding::warn(
            "clean-up jobs",
            format!("pg_cron: {found}"),
            wanted,
            "pause them for the migration: they may delete rows that are not delivered yet",
        )
    }))
}

async fn roles(scene: &Scene<'_>) -> Result<Finding> {
    let list = inventory::roles(scene.db()).await?;
    let wanted = "EXECUTE for whoever may INSERT";
    Ok(census("roles", &list, wanted, |found| {
        Finding::block(
            "roles",
            format!("may INSERT into the queue but not publish: {found}"),
            wanted,
            "GRANT EXECUTE ON FUNCTION rule_webhook_enqueue, rule_webhook_call_unified TO them",
        )
    }))
}

async fn caller_ids(scene: &Scene<'_>) -> Result<Finding> {
    let list = inventory::caller_ids(scene.db(), scene.inputs.now).await?;
    let wanted = "ids that one webhook uses";
    Ok(census("message ids", &list, wanted, |found| {
        Finding::warn(
            "message ids",
            format!("used by several webhooks in 7 days: {found}"),
            wanted,
            "ours are prefixed with the webhook id; whoever else reads the stream must not deduplicate by the bare id",
        )
    }))
}
