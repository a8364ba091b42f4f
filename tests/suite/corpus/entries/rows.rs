//! Queue rows that somebody writes himself, triggers and constraints of the application's own.

use super::super::entry::{Entry, GIVEN_UP, Mode, OK, Outcome, Plant, ROUTED, ROWS, ddl, row};

const STUCK: &[Outcome] = &[Outcome::Stuck];
const STUCK_OR_DEAD: &[Outcome] = GIVEN_UP;
/// The row's other route, where it has one, may deliver it.
const AN_END: &[Outcome] = &[Outcome::Delivered, Outcome::Dead, Outcome::Stuck];

pub const ROW_ENTRIES: &[Entry] = &[
    row("a row by hand", "INSERT INTO {queue} (webhook_id, payload) VALUES ({id}, '{\"bad\": 1}') RETURNING {key}", OK),
    row("due never", "INSERT INTO {queue} (webhook_id, payload, scheduled_at) VALUES ({id}, '{\"bad\": 1}', 'infinity') RETURNING {key}", &[Outcome::Waits]),
    row("due before all time", "INSERT INTO {queue} (webhook_id, payload, scheduled_at) VALUES ({id}, '{\"bad\": 1}', '-infinity') RETURNING {key}", OK),
    row("no due time", "INSERT INTO {queue} (webhook_id, payload, scheduled_at) VALUES ({id}, '{\"bad\": 1}', NULL) RETURNING {key}", &[Outcome::Delivered, Outcome::Nowhere]),
    row("retrying, never again", "INSERT INTO {queue} (webhook_id, payload, status, next_retry_at) VALUES ({id}, '{\"bad\": 1}', 'retrying', 'infinity') RETURNING {key}", &[Outcome::Waits]),
    row("2147483647 attempts", "INSERT INTO {queue} (webhook_id, payload, retry_count) VALUES ({id}, '{\"bad\": 1}', 2147483647) RETURNING {key}", AN_END),
    row("attempts below zero", "INSERT INTO {queue} (webhook_id, payload, retry_count) VALUES ({id}, '{\"bad\": 1}', -2147483648) RETURNING {key}", OK),
    row("no number of attempts", "INSERT INTO {queue} (webhook_id, payload, retry_count) VALUES ({id}, '{\"bad\": 1}', NULL) RETURNING {key}", OK),
    row("an empty event id", "INSERT INTO {queue} (webhook_id, payload, event_id) VALUES ({id}, '{\"bad\": 1}', '') RETURNING {key}", AN_END_OR_REFUSED),
    row("an event id with line breaks", "INSERT INTO {queue} (webhook_id, payload, event_id) VALUES ({id}, '{\"bad\": 1}', E'{name}\\r\\nX-Smuggled: y') RETURNING {key}", AN_END_OR_REFUSED),
    row("of no webhook", "INSERT INTO {queue} (webhook_id, payload) VALUES (NULL, '{\"bad\": 1}') RETURNING {key}", &[Outcome::Dead, Outcome::Stuck, Outcome::Nowhere, Outcome::Refused]),
    row("an event id that is another's", "INSERT INTO {queue} (webhook_id, payload, event_id) SELECT {id}, '{\"bad\": 1}', event_id FROM {queue} WHERE event_id IS NOT NULL LIMIT 1 RETURNING {key}", &[Outcome::Refused]),
    // The next id is given to a row by hand while an event of mode nats has it reserved.
    Entry::new(
        "a reserved call id that is taken",
        Plant::Beside("INSERT INTO {queue} ({key}, webhook_id, payload, scheduled_at) SELECT call_id, {id}, '{\"bad\": 2}', 'infinity' FROM rule_webhook_events WHERE event_id = '{event}'"),
        OK,
    )
    .only(&[Mode::Nats]),
    Entry::new(
        "a foreign success that no trigger saw",
        Plant::Beside("SET LOCAL session_replication_role = replica; UPDATE {queue} SET status = 'success', completed_at = now() WHERE event_id = '{event}'"),
        &[Outcome::Elsewhere],
    )
    .only(&[Mode::Shadow, Mode::Both]),
    Entry::new(
        "a foreign success",
        Plant::Beside("UPDATE {queue} SET status = 'success', completed_at = now() WHERE event_id = '{event}'"),
        &[Outcome::Elsewhere],
    )
    .only(&[Mode::Shadow]),
    Entry::new(
        "a foreign success as one of ours",
        Plant::Beside("SET LOCAL wavegate.actor = 'worker'; UPDATE {queue} SET status = 'success', completed_at = now() WHERE event_id = '{event}'"),
        &[Outcome::Elsewhere],
    )
    .only(&[Mode::Shadow]),
];

const AN_END_OR_REFUSED: &[Outcome] = &[
    Outcome::Delivered,
    Outcome::Dead,
    Outcome::Stuck,
    Outcome::Refused,
];

/// A function that raises, and the trigger that calls it.
macro_rules! raises {
    ($when:literal, $if:literal) => {
        concat!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'the application says no'; END $f$; ",
            "CREATE TRIGGER {name} ", $when, " ON {queue} FOR EACH ROW WHEN (NEW.webhook_id = {id}", $if, ") EXECUTE FUNCTION {name}()"
        )
    };
}

/// A function that swallows the row.
macro_rules! swallows {
    ($when:literal, $if:literal) => {
        concat!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NULL; END $f$; ",
            "CREATE TRIGGER {name} ", $when, " ON {queue} FOR EACH ROW WHEN (NEW.webhook_id = {id}", $if, ") EXECUTE FUNCTION {name}()"
        )
    };
}

pub const TRIGGER_ENTRIES: &[Entry] = &[
    ddl("a trigger that refuses success", raises!("BEFORE UPDATE", " AND NEW.status = 'success'"), STUCK).only(ROWS),
    ddl("a trigger that refuses every change", raises!("BEFORE UPDATE", ""), &[Outcome::Delivered, Outcome::Dead, Outcome::Stuck]).only(ROWS),
    ddl("a trigger that refuses at commit", "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'no'; END $f$;
        CREATE CONSTRAINT TRIGGER {name} AFTER UPDATE ON {queue} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.webhook_id = {id} AND NEW.status = 'success') EXECUTE FUNCTION {name}()", STUCK).only(ROWS),
    ddl("a trigger that refuses the row", raises!("BEFORE INSERT", ""), &[Outcome::Refused]).only(ROWS),
    ddl("a trigger that swallows changes", swallows!("BEFORE UPDATE", ""), &[Outcome::Delivered, Outcome::Dead, Outcome::Stuck]).only(ROWS),
    ddl("a trigger that swallows success", swallows!("BEFORE UPDATE", " AND NEW.status = 'success'"), AN_END).only(ROWS),
    // In mode queue there is no event then, and the caller is told; otherwise NATS has it.
    ddl("a trigger that swallows the row", swallows!("BEFORE INSERT", ""), &[Outcome::Refused, Outcome::Nothing]).only(&[Mode::Queue]),
    ddl("a trigger that swallows the row of two routes", swallows!("BEFORE INSERT", ""), &[Outcome::Delivered, Outcome::Refused]).only(&[Mode::Shadow, Mode::Both]),
    ddl("a trigger on the ledger that refuses delivery", "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'no'; END $f$;
        CREATE TRIGGER {name} BEFORE UPDATE ON rule_webhook_events FOR EACH ROW
        WHEN (NEW.webhook_id = {id} AND NEW.state = 'delivered') EXECUTE FUNCTION {name}()", STUCK).only(ROUTED),
    ddl("a check on the status", "ALTER TABLE {queue} ADD CONSTRAINT {name} CHECK (webhook_id <> {id} OR response_status <> 200)", AN_END).only(ROWS),
    ddl("a check on the length of bodies", "ALTER TABLE {queue} ADD CONSTRAINT {name} CHECK (webhook_id <> {id} OR length(response_body) < 1)", OK).only(ROWS),
    ddl("a check on errors", "UPDATE rule_webhooks SET {url} = 'http://127.0.0.1:1/' WHERE webhook_id = {id};
        ALTER TABLE {queue} ADD CONSTRAINT {name} CHECK (webhook_id <> {id} OR length(error_message) < 5)", STUCK_OR_DEAD).only(ROWS),
    ddl("a check on headers", "ALTER TABLE {queue} ADD CONSTRAINT {name} CHECK (webhook_id <> {id} OR response_headers IS NULL)", OK).only(ROWS),
];
