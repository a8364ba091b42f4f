//! How each arm of each webhook fared in time: by blocks, and by latency.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::group::{By, Group};
use crate::{
    error::Result,
    gates::{BlockArm, Counts},
    model::Path,
};

/// One arm of one webhook, of what has its last word.
#[derive(Debug, Default)]
struct Course {
    /// Judged and failed.
    blocks: BTreeMap<i32, (i64, i64)>,
    /// Delivered within so long.
    buckets: BTreeMap<i16, i64>,
}

/// Those of a step, as its tally keeps them.
#[derive(Debug, Default)]
pub struct Courses {
    arms: BTreeMap<(i32, Path), Course>,
    /// Not kept yet as they are now.
    changed: BTreeSet<(i32, Path)>,
}

#[derive(sqlx::FromRow)]
struct CourseRow {
    webhook_id: i32,
    prefers: Path,
    blocks: Vec<i32>,
    judged: Vec<i64>,
    failed: Vec<i64>,
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
            let counted = row.judged.into_iter().zip(row.failed);
            let course = Course {
                blocks: row.blocks.into_iter().zip(counted).collect(),
                buckets: row.buckets.into_iter().zip(row.events).collect(),
            };
            ((row.webhook_id, row.prefers), course)
        };
        Ok(Courses {
            arms: rows.into_iter().map(course).collect(),
            changed: BTreeSet::new(),
        })
    }

    /// Takes in events that have their last word.
    pub(super) fn add(&mut self, group: &Group) {
        let key = (group.webhook_id, group.counts.prefers);
        let course = self.arms.entry(key).or_default();
        match group.by {
            By::Block { block: None, .. } | By::Bucket(None) => return,
            By::Block {
                block: Some(block), ..
            } => {
                let (judged, failed) = course.blocks.entry(block).or_default();
                *judged += group.counts.judged;
                *failed += group.counts.failed();
            }
            By::Bucket(Some(bucket)) => {
                *course.buckets.entry(bucket).or_default() += group.counts.ended_well();
            }
        }
        self.changed.insert(key);
    }

    pub(super) async fn keep(&self, connection: &mut PgConnection, tally_id: i64) -> Result<()> {
        let rows = || self.changed.iter().map(|key| (key, &self.arms[key]));
        let texts = |text: fn(&Course) -> String| rows().map(|(_, c)| text(c)).collect::<Vec<_>>();
        sqlx::query(include_str!("../../../sql/tally/keep_courses.sql"))
            .bind(tally_id)
            .bind(rows().map(|((id, _), _)| *id).collect::<Vec<_>>())
            .bind(rows().map(|((_, arm), _)| arm.as_str()).collect::<Vec<_>>())
            .bind(texts(|c| array(c.blocks.keys())))
            .bind(texts(|c| {
                array(c.blocks.values().map(|(judged, _)| judged))
            }))
            .bind(texts(|c| {
                array(c.blocks.values().map(|(_, failed)| failed))
            }))
            .bind(texts(|c| array(c.buckets.keys())))
            .bind(texts(|c| array(c.buckets.values())))
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Adds those of these webhooks to the counts of all.
    pub(super) fn add_to(&self, counts: &mut Counts, webhooks: &BTreeSet<i32>) {
        for ((id, prefers), course) in &self.arms {
            if !webhooks.contains(id) {
                continue;
            }
            for (block, (judged, failed)) in &course.blocks {
                let arm = BlockArm {
                    judged: *judged,
                    failed: *failed,
                    undelivered: 0,
                };
                counts.add_block(*id, *block, *prefers, arm);
            }
            let latency = &mut counts.latency(*prefers).delivered;
            for (bucket, events) in &course.buckets {
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
