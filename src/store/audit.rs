//! Where every committed event is. The SQL decides the place; here the places are added up, and must add up.
//!
//! Committed are the rows of the ledger, the calls that only the queue has, and events of which nothing but a trace is left. What
//! is over is counted in one pass; what is not is looked at again, row by row: two ways to the same sum.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};

use super::{Db, state::not_installed};
use crate::error::{Error, Result};

/// Events that are named at most, of those that are nowhere.
pub const NAMED: usize = 100;
/// Attempts without a result that are named at most.
const AMBIGUITIES: i64 = 1000;

/// Which events are meant.
#[derive(Debug, Clone, Default)]
pub struct Span {
    /// `None`: all.
    pub webhooks: Option<Vec<i32>>,
    /// When they were committed; `None` is open.
    pub since: Option<DateTime<Utc>>,
    /// Not included.
    pub until: Option<DateTime<Utc>>,
}

/// How many events were committed and where each is: the places add up to `committed`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    pub committed: i64,
    pub delivered: i64,
    /// Out of attempts; the payload is kept for a requeue.
    pub dead: i64,
    /// Dead, and given up by somebody.
    pub discarded: i64,
    /// Waits in the queue.
    pub queue: i64,
    /// Waits for the relay.
    pub outbox: i64,
    /// Published, not ended.
    pub stream: i64,
    /// Held by a worker right now.
    pub in_flight: i64,
    /// Waits for its webhook to be enabled.
    pub parked: i64,
    /// Its worker died without a result; it is tried again.
    pub ambiguous: i64,
    /// Set aside by name: it cannot be read, claimed, published or written, and a person decides.
    pub stuck: i64,
    /// No path will ever deliver it.
    pub nowhere: i64,
    /// At most `NAMED` of those.
    pub events: Vec<Lost>,
    /// Attempts that ended without a result: the endpoint may have had them. Not a place.
    pub ambiguous_attempts: i64,
    /// The newest of those.
    pub ambiguities: Vec<Ambiguity>,
}

/// An attempt whose worker died, or lost its claim, before it recorded a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Ambiguity {
    /// `None` for calls from before migration 007.
    pub event_id: Option<String>,
    pub call_id: i64,
    pub webhook_id: i32,
    pub attempt: i32,
    pub path: String,
    /// `None`: a worker that is not ours.
    pub worker_id: Option<String>,
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct AmbiguityRow {
    #[sqlx(flatten)]
    ambiguity: Ambiguity,
    total: i64,
}

/// An event that is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    pub event_id: String,
    pub call_id: Option<i64>,
    pub webhook_id: Option<i32>,
    /// When it was committed.
    pub at: DateTime<Utc>,
    pub why: String,
}

impl Account {
    fn sum(&self) -> i64 {
        self.delivered
            + self.dead
            + self.discarded
            + self.queue
            + self.outbox
            + self.stream
            + self.in_flight
            + self.parked
            + self.ambiguous
            + self.stuck
            + self.nowhere
    }

    fn place(&mut self, name: &str) -> Option<&mut i64> {
        Some(match name {
            "delivered" => &mut self.delivered,
            "dead" => &mut self.dead,
            "queue" => &mut self.queue,
            "outbox" => &mut self.outbox,
            "stream" => &mut self.stream,
            "in_flight" => &mut self.in_flight,
            "parked" => &mut self.parked,
            "ambiguous" => &mut self.ambiguous,
            "stuck" => &mut self.stuck,
            "nowhere" => &mut self.nowhere,
            _ => return None,
        })
    }

    fn add(&mut self, rows: Vec<Place>) -> Result<()> {
        for row in rows {
            let place = self.place(&row.place).ok_or_else(|| {
                Error::failed(format!("the audit knows no place `{}`", row.place))
            })?;
            *place += row.events;
            self.events.extend(row.named.into_iter().flat_map(|n| n.0));
        }
        Ok(())
    }

    /// A sum that does not add up is a fault of its own, never passed over.
    fn check(self) -> Result<Account> {
        let (sum, committed) = (self.sum(), self.committed);
        if sum == committed {
            return Ok(self);
        }
        Err(Error::failed(format!(
            "the audit does not add up: {committed} events were committed, and {sum} were found somewhere"
        ))
        .hint("run it again; if it stays, `wavegate schema verify` shows whether tables or views were changed"))
    }
}

#[derive(sqlx::FromRow)]
struct Place {
    place: String,
    events: i64,
    named: Option<Json<Vec<Lost>>>,
}

/// Asks in one snapshot. Ids that callers reserved longer ago than `kept` may have lost their rows to a clean-up.
pub async fn account(db: &Db, span: &Span, kept: TimeDelta) -> Result<Account> {
    let mut tx = db
        .pool()
        .begin_with(include_str!("../../sql/audit/snapshot.sql"))
        .await?;
    let mut account = Account::default();
    settled(&mut tx, span, &mut account).await?;
    let limit = i64::try_from(NAMED).unwrap_or(i64::MAX);
    let places = [
        include_str!("../../sql/audit/undelivered.sql"),
        include_str!("../../sql/audit/waiting.sql"),
    ];
    for question in places {
        let rows = sqlx::query_as::<_, Place>(question)
            .bind(&span.webhooks)
            .bind(span.since)
            .bind(span.until)
            .bind(limit)
            .fetch_all(&mut *tx)
            .await?;
        account.add(rows)?;
    }
    let now: DateTime<Utc> = sqlx::query_scalar(include_str!("../../sql/clock/now.sql"))
        .fetch_one(&mut *tx)
        .await?;
    let (traces, named): (i64, Option<Json<Vec<Lost>>>) =
        sqlx::query_as(include_str!("../../sql/audit/traces.sql"))
            .bind(&span.webhooks)
            .bind(span.since)
            .bind(span.until)
            .bind(limit)
            .bind(now - kept)
            .fetch_one(&mut *tx)
            .await?;
    let ambiguities: Vec<AmbiguityRow> =
        sqlx::query_as(include_str!("../../sql/audit/ambiguities.sql"))
            .bind(&span.webhooks)
            .bind(span.since)
            .bind(span.until)
            .bind(AMBIGUITIES)
            .fetch_all(&mut *tx)
            .await?;
    tx.commit().await?;
    account.ambiguous_attempts = ambiguities.first().map_or(0, |row| row.total);
    account.ambiguities = ambiguities.into_iter().map(|row| row.ambiguity).collect();
    account.committed += traces;
    account.nowhere += traces;
    account.events.extend(named.into_iter().flat_map(|n| n.0));
    account
        .events
        .sort_by(|a, b| (a.at, &a.event_id).cmp(&(b.at, &b.event_id)));
    account.events.truncate(NAMED);
    account.check()
}

/// The webhooks of those of these events that the ledger knows.
pub async fn known(db: &Db, ids: &[&str]) -> Result<HashMap<String, i32>> {
    let rows: Vec<(String, i32)> = sqlx::query_as(include_str!("../../sql/audit/known.sql"))
        .bind(ids)
        .fetch_all(db.pool())
        .await?;
    Ok(rows.into_iter().collect())
}

/// How many there are in all, and how many are over.
async fn settled(connection: &mut PgConnection, span: &Span, account: &mut Account) -> Result<()> {
    let ledger: (i64, i64, i64, i64) = sqlx::query_as(include_str!("../../sql/audit/ledger.sql"))
        .bind(&span.webhooks)
        .bind(span.since)
        .bind(span.until)
        .fetch_one(&mut *connection)
        .await
        .map_err(not_installed)?;
    let queue: (i64, i64, i64) = sqlx::query_as(include_str!("../../sql/audit/queue.sql"))
        .bind(&span.webhooks)
        .bind(span.since)
        .bind(span.until)
        .fetch_one(connection)
        .await?;
    account.committed += ledger.0 + queue.0;
    account.delivered += ledger.1 + queue.1;
    account.dead += ledger.2 + queue.2;
    account.discarded += ledger.3;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn place(place: &str, events: i64) -> Place {
        Place {
            place: place.to_string(),
            events,
            named: None,
        }
    }

    #[test]
    fn what_does_not_add_up_is_an_error() {
        let mut account = Account {
            committed: 10,
            delivered: 4,
            ..Account::default()
        };
        account
            .add(vec![place("queue", 3), place("stream", 2)])
            .unwrap();
        let error = account.clone().check().unwrap_err();
        assert!(error.message().contains("10 events"), "{error}");
        account.add(vec![place("ambiguous", 1)]).unwrap();
        assert_eq!(account.check().unwrap().sum(), 10);
        assert!(Account::default().add(vec![place("attic", 1)]).is_err());
    }
}
