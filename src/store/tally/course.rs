//! How long the deliveries of each arm of each webhook took, of what has its last word.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::group::{By, Group};
use crate::{error::Result, gates::Counts, model::Path};

/// Those of a step, as its tally keeps them.
#[derive(Debug, Default)]
pub struct Courses {
    /// Delivered within so long, in the order of the buckets.
    arms: BTreeMap<(i32, Path), Vec<(i16, i64)>>,
    /// Not kept yet as they are now.
    changed: BTreeSet<(i32, Path)>,
}

#[derive(sqlx::FromRow)]
struct CourseRow {
    webhook_id: i32,
    prefers: Path,
    buckets: Vec<i16>,
    events: Vec<i64>,
}

impl Courses {
    pub(super) async fn load(connection: &mut PgConnection, tally_id: i64) -> Result<Courses> {
        let rows: Vec<CourseRow> = sqlx::query_as(include_str!("../../../sql/tally/courses.sql"))
            .bind(tally_id)
            .fetch_all(connection)
            .await?;
        let course = |row: CourseRow| {
            let buckets = row.buckets.into_iter().zip(row.events);
            ((row.webhook_id, row.prefers), buckets.collect())
        };
        Ok(Courses {
            arms: rows.into_iter().map(course).collect(),
            changed: BTreeSet::new(),
        })
    }

    /// Takes in events that have their last word.
    pub(super) fn add(&mut self, group: &Group) {
        let By::Bucket(Some(bucket)) = group.by else {
            return;
        };
        let key = (group.webhook_id, group.counts.prefers);
        let buckets = self.arms.entry(key).or_default();
        let events = group.counts.ended_well();
        match buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => buckets[at].1 += events,
            Err(at) => buckets.insert(at, (bucket, events)),
        }
        self.changed.insert(key);
    }

    pub(super) async fn keep(&self, connection: &mut PgConnection, tally_id: i64) -> Result<()> {
        let rows = || self.changed.iter();
        let buckets = |key: &(i32, Path)| array(self.arms[key].iter().map(|(bucket, _)| bucket));
        let events = |key: &(i32, Path)| array(self.arms[key].iter().map(|(_, events)| events));
        sqlx::query(include_str!("../../../sql/tally/keep_courses.sql"))
            .bind(tally_id)
            .bind(rows().map(|(id, _)| *id).collect::<Vec<_>>())
            .bind(rows().map(|(_, arm)| arm.as_str()).collect::<Vec<_>>())
            .bind(rows().map(buckets).collect::<Vec<_>>())
            .bind(rows().map(events).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Adds those of these webhooks to the counts of all.
    pub(super) fn add_to(&self, counts: &mut Counts, webhooks: &BTreeSet<i32>) {
        for ((_, prefers), buckets) in
            (self.arms.iter()).filter(|((id, _), _)| webhooks.contains(id))
        {
            let latency = &mut counts.latency(*prefers).delivered;
            for (bucket, events) in buckets {
                latency.add(*bucket, events.unsigned_abs());
            }
        }
    }
}

/// As PostgreSQL writes an array of numbers.
fn array<N: ToString>(numbers: impl Iterator<Item = N>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}
