//! What somebody holds: rows, tables and keys. It ends by itself, and only what is locked waits for it.
//! Longer than a lease of the run's worker, so that a claim which is not renewed is lost.

use super::super::entry::{Entry, Mode, ROUTED, ROWS, lock};

pub const ROWS_HELD: &[Entry] = &[
    lock("calls under way", "SELECT 1 FROM {queue} WHERE webhook_id = {id} AND status = 'processing' FOR UPDATE", 10).only(&[Mode::Queue, Mode::Shadow]),
    lock("queue rows", "SELECT 1 FROM {queue} WHERE webhook_id = {id} FOR UPDATE", 10).only(ROWS),
    lock("queue rows, weakly", "SELECT 1 FROM {queue} WHERE webhook_id = {id} FOR KEY SHARE", 10).only(ROWS),
    lock("claimed events", "SELECT 1 FROM rule_webhook_events WHERE webhook_id = {id} AND state = 'claimed' FOR UPDATE", 10).only(ROUTED),
    lock("ledger rows", "SELECT 1 FROM rule_webhook_events WHERE webhook_id = {id} FOR UPDATE", 10).only(ROUTED),
    lock("the outbox", "SELECT 1 FROM rule_nats_outbox WHERE webhook_id = {id} FOR UPDATE", 15).only(ROUTED),
    lock("the webhook", "SELECT 1 FROM rule_webhooks WHERE webhook_id = {id} FOR UPDATE", 10),
    lock("many keys", "SELECT pg_advisory_xact_lock(k) FROM generate_series(1, 500) k", 10).only(&[Mode::Both]),
];

pub const QUEUE_HELD: &[Entry] =
    &[lock("the queue", "LOCK TABLE {queue} IN SHARE MODE", 10).only(&[Mode::Both])];

pub const LEDGER_HELD: &[Entry] = &[lock(
    "the ledger",
    "LOCK TABLE rule_webhook_events IN SHARE MODE",
    10,
)
.only(&[Mode::Both])];
