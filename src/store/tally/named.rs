//! The events that a tally names: what has no last word yet, and the dead.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::group::{By, Dead, Group};
use crate::error::Result;

/// Behind the front, before this look.
#[derive(Default)]
pub(super) struct Named {
    pub open: Vec<String>,
    /// Counted as dead, and requeued since.
    pub requeued: Vec<Dead>,
}

#[derive(sqlx::FromRow)]
struct NamedRow {
    event_id: String,
    /// Of the dead.
    webhook_id: Option<i32>,
    class: Option<i32>,
}

impl Named {
    pub async fn load(connection: &mut PgConnection, tally_id: i64) -> Result<Named> {
        let rows: Vec<NamedRow> = sqlx::query_as(include_str!("../../../sql/tally/named.sql"))
            .bind(tally_id)
            .fetch_all(connection)
            .await?;
        let mut named = Named::default();
        for row in rows {
            match (row.webhook_id, row.class) {
                (Some(webhook_id), Some(class)) => named.requeued.push(Dead {
                    event_id: row.event_id,
                    webhook_id,
                    class,
                }),
                _ => named.open.push(row.event_id),
            }
        }
        Ok(named)
    }

    pub fn ids_requeued(&self) -> Vec<String> {
        let ids = self.requeued.iter().map(|dead| dead.event_id.clone());
        ids.collect()
    }

    /// Names what these groups have left open, and the dead among them.
    pub async fn keep(
        &self,
        connection: &mut PgConnection,
        tally_id: i64,
        groups: &[Group],
    ) -> Result<()> {
        let open: BTreeSet<&str> = groups
            .iter()
            .filter(|group| !group.is_final())
            .filter_map(|group| match &group.by {
                By::Block { name, .. } => name.as_deref(),
                By::Bucket(_) => None,
            })
            .collect();
        let before: BTreeSet<&str> = self.open.iter().map(String::as_str).collect();
        if open != before {
            sqlx::query(include_str!("../../../sql/tally/leave_open.sql"))
                .bind(tally_id)
                .bind(open.difference(&before).collect::<Vec<_>>())
                .bind(before.difference(&open).collect::<Vec<_>>())
                .execute(&mut *connection)
                .await?;
        }
        let dead: Vec<Dead> = groups.iter().filter_map(Group::dead).collect();
        if !dead.is_empty() {
            sqlx::query(include_str!("../../../sql/tally/keep_dead.sql"))
                .bind(tally_id)
                .bind(dead.iter().map(|dead| &dead.event_id).collect::<Vec<_>>())
                .bind(dead.iter().map(|dead| dead.webhook_id).collect::<Vec<_>>())
                .bind(dead.iter().map(|dead| dead.class).collect::<Vec<_>>())
                .execute(connection)
                .await?;
        }
        Ok(())
    }
}
