//! How long the deliveries of each arm of each webhook took, of what has its last word.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::{
    TallyStep,
    group::{By, Group},
    numbers,
};
use crate::{
    error::Result,
    gates::{Baseline, Counts},
    model::Path,
};

/// Those of a step, as its tally keeps them.
#[derive(Debug, Default)]
pub struct Courses {
    /// Delivered within so long, in the order of the buckets.
    arms: BTreeMap<(i32, Path), Vec<(i16, u64)>>,
    /// Not kept yet as they are now.
    changed: BTreeSet<(i32, Path)>,
}

#[derive(sqlx::FromRow)]
struct CourseRow {
    webhook_id: i32,
    prefers: Path,
    /// `None`: an earlier version wrote it, in another way.
    latencies: Option<Vec<u8>>,
}

impl CourseRow {
    fn buckets(&self) -> Vec<(i16, u64)> {
        let numbers: Vec<u64> =
            numbers::read(self.latencies.as_deref().unwrap_or_default()).collect();
        let mut bucket = 0;
        let cells = numbers.as_chunks::<2>().0.iter();
        cells
            .map(|[more, events]| {
                bucket += *more as i16;
                (bucket, *events)
            })
            .collect()
    }
}

fn write(buckets: &[(i16, u64)]) -> Vec<u8> {
    let mut before = 0;
    numbers::write(buckets.iter().flat_map(|(bucket, events)| {
        let more = bucket - std::mem::replace(&mut before, *bucket);
        [u64::from(more.unsigned_abs()), *events]
    }))
}

impl Courses {
    pub(super) async fn load(connection: &mut PgConnection, tally_id: i64) -> Result<Courses> {
        let rows: Vec<CourseRow> = sqlx::query_as(include_str!("../../../sql/tally/courses.sql"))
            .bind(tally_id)
            .fetch_all(connection)
            .await?;
        let course = |row: CourseRow| ((row.webhook_id, row.prefers), row.buckets());
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
        let events = group.counts.ended_well().unsigned_abs();
        match buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => buckets[at].1 += events,
            Err(at) => buckets.insert(at, (bucket, events)),
        }
        self.changed.insert(key);
    }

    pub(super) async fn keep(&self, connection: &mut PgConnection, tally_id: i64) -> Result<()> {
        let rows = || self.changed.iter();
        sqlx::query(include_str!("../../../sql/tally/keep_courses.sql"))
            .bind(tally_id)
            .bind(rows().map(|(id, _)| *id).collect::<Vec<_>>())
            .bind(rows().map(|(_, arm)| arm.as_str()).collect::<Vec<_>>())
            .bind(rows().map(|key| write(&self.arms[key])).collect::<Vec<_>>())
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
                latency.add(*bucket, *events);
            }
        }
    }
}

/// Adds how long the queue's deliveries took in earlier steps of the wave.
pub async fn before(
    connection: &mut PgConnection,
    step: &TallyStep,
    baseline: &mut Baseline,
) -> Result<()> {
    let rows: Vec<CourseRow> =
        sqlx::query_as(include_str!("../../../sql/tally/courses_before.sql"))
            .bind(step.migration_id)
            .bind(&step.wave)
            .bind(step.since)
            .bind(&step.enabled)
            .fetch_all(connection)
            .await?;
    for row in rows {
        let latency = baseline.latency.entry(row.webhook_id).or_default();
        for (bucket, events) in row.buckets() {
            latency.add(bucket, events);
        }
    }
    Ok(())
}
