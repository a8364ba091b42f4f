//! Another text for the migration under way, in the transaction of the caller.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::state::Beginning;
use crate::error::Result;

/// Pins the text, and brings waves and members to what it says. What stays keeps its state, and the columns as first found.
pub async fn pin(
    connection: &mut PgConnection,
    migration_id: i32,
    becomes: &Beginning,
) -> Result<()> {
    let names: Vec<&str> = becomes.waves.iter().map(|(name, _)| &**name).collect();
    let positions: Vec<i32> = (1..).take(names.len()).collect();
    let members = || {
        positions
            .iter()
            .zip(&becomes.waves)
            .flat_map(|(position, (_, ids))| ids.iter().map(move |id| (*id, *position)))
    };
    let (ids, places): (Vec<i32>, Vec<i32>) = members().unzip();
    sqlx::query(include_str!("../../sql/amend/text.sql"))
        .bind(migration_id)
        .bind(&becomes.plan)
        .bind(&becomes.hash)
        .execute(&mut *connection)
        .await?;
    // Positions are unique: out of the way first.
    for aside in [
        include_str!("../../sql/amend/waves_aside.sql"),
        include_str!("../../sql/amend/members_aside.sql"),
    ] {
        sqlx::query(aside)
            .bind(migration_id)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(include_str!("../../sql/amend/waves.sql"))
        .bind(migration_id)
        .bind(&positions)
        .bind(&names)
        .execute(&mut *connection)
        .await?;
    let new: BTreeSet<i32> =
        sqlx::query_scalar::<_, i32>(include_str!("../../sql/amend/members.sql"))
            .bind(migration_id)
            .bind(&ids)
            .bind(&places)
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .collect();
    let (ids, places): (Vec<i32>, Vec<i32>) = members().filter(|(id, _)| new.contains(id)).unzip();
    for over in [
        include_str!("../../sql/amend/members_gone.sql"),
        include_str!("../../sql/amend/waves_gone.sql"),
        include_str!("../../sql/amend/guard.sql"),
    ] {
        sqlx::query(over)
            .bind(migration_id)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(include_str!("../../sql/state/start_members.sql"))
        .bind(migration_id)
        .bind(&ids)
        .bind(&places)
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("../../sql/state/freeze_baseline.sql"))
        .bind(migration_id)
        .bind(&ids)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
