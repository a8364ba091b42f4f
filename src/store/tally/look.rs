//! One pass over the events that a look has to read.

use chrono::TimeDelta;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Front, TallyStep, Times, group::Group};
use crate::{error::Result, store::Shape};

/// A look lasts no longer; what is born meanwhile is not dated ahead.
const LOOK: TimeDelta = TimeDelta::minutes(1);

pub(super) struct Look<'a> {
    pub shape: &'a Shape,
    pub step: &'a TallyStep,
    pub front: &'a Front,
    /// What the front becomes.
    pub to: i64,
    pub times: Times,
    /// Webhooks whose endpoints were away at any time since `times.lost`.
    pub away: Vec<i32>,
}

/// More events than this are read by several processes, each with pages of its own.
const MANY: i64 = 100_000;
/// PostgreSQL gives a statement two processes beside its own, unless it is told otherwise.
const PARTS: i64 = 3;
const FIRST_PAGE: i64 = 0;
/// Behind the last page that a table can have.
const LAST_PAGE: i64 = 4_294_967_295;

impl Look<'_> {
    /// Those that lie behind the front, by name.
    pub async fn named(
        &self,
        connection: &mut PgConnection,
        events: &[String],
    ) -> Result<Vec<Group>> {
        match events {
            [] => Ok(Vec::new()),
            events => {
                let whole = [FIRST_PAGE, LAST_PAGE];
                self.look(connection, 0, Some(events), &whole).await
            }
        }
    }

    /// What is new since the last look.
    pub async fn born(&self, connection: &mut PgConnection) -> Result<Vec<Group>> {
        let from = self.front.counted_seq;
        let pages: Option<i64> = match self.front.next_seq - from > MANY {
            true => {
                let pages = include_str!("../../../sql/tally/pages.sql");
                sqlx::query_scalar(AssertSqlSafe(self.shape.qualified(pages)))
                    .fetch_one(&mut *connection)
                    .await?
            }
            false => None,
        };
        let mut bounds = vec![FIRST_PAGE];
        if let Some(pages) = pages {
            bounds.extend((1..PARTS).map(|part| pages * part / PARTS));
        }
        bounds.push(LAST_PAGE);
        self.look(connection, from, None, &bounds).await
    }

    /// `bounds`: between each and the next lie the pages of one process.
    async fn look(
        &self,
        connection: &mut PgConnection,
        from: i64,
        events: Option<&[String]>,
        bounds: &[i64],
    ) -> Result<Vec<Group>> {
        // By position: a first look has half a million.
        type Row = (i32, i64, Option<i32>, Option<i32>, Option<String>, i64);
        let part = self
            .shape
            .qualified(include_str!("../../../sql/tally/look.sql"));
        let parts: Vec<String> = (PAGES..PAGES + bounds.len() - 1)
            .map(|n| {
                part.replace(&format!("${}", PAGES + 1), &format!("${}", n + 1))
                    .replace(&format!("${PAGES}"), &format!("${n}"))
            })
            .collect();
        let mut query = sqlx::query_as::<_, Row>(AssertSqlSafe(parts.join("UNION ALL\n")))
            .bind(&self.step.members)
            .bind(from)
            .bind(self.to)
            .bind(self.times.horizon)
            .bind(self.step.since)
            .bind(self.front.block_ms)
            .bind(&self.step.enabled)
            .bind(self.times.now + LOOK)
            .bind(self.times.lost)
            .bind(events)
            .bind(&self.away);
        for page in bounds {
            query = query.bind(format!("({page},0)"));
        }
        let rows: Vec<Row> = query.fetch_all(connection).await?;
        Ok(rows.into_iter().map(Group::of).collect())
    }
}

/// The parameter of `look.sql` that names the first page of a part; the next one names the page behind its last.
const PAGES: usize = 12;
