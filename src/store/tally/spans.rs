//! The blocks of each arm of each webhook, of what has its last word: kept by spans, so that a look writes the newest alone.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;

use super::{group::Group, numbers};
use crate::{
    error::Result,
    gates::{BlockArm, Counts},
    model::Path,
};

/// A span has so many blocks.
pub(super) const SPAN: i32 = 64;

/// Span, webhook, arm.
type Key = (i32, i32, Path);

/// Those of a step from one span on, as its tally keeps them.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// In the order of their blocks: the block, judged, failed.
    kept: BTreeMap<Key, Vec<(i32, u64, u64)>>,
    /// Not kept yet as they are now.
    changed: BTreeSet<Key>,
}

#[derive(sqlx::FromRow)]
struct SpanRow {
    span: i32,
    webhook_id: i32,
    prefers: Path,
    cells: Vec<u8>,
}

impl Spans {
    /// From the span of this block on.
    pub async fn load(connection: &mut PgConnection, tally_id: i64, block: i32) -> Result<Spans> {
        let rows: Vec<SpanRow> = sqlx::query_as(include_str!("../../../sql/tally/spans.sql"))
            .bind(tally_id)
            .bind(block / SPAN)
            .fetch_all(connection)
            .await?;
        let read = |row: SpanRow| {
            let mut block = row.span * SPAN;
            let numbers: Vec<u64> = numbers::read(&row.cells).collect();
            let cells = numbers.as_chunks::<3>().0.iter();
            let cells = cells.map(|[more, judged, failed]| {
                block += *more as i32;
                (block, *judged, *failed)
            });
            ((row.span, row.webhook_id, row.prefers), cells.collect())
        };
        Ok(Spans {
            kept: rows.into_iter().map(read).collect(),
            changed: BTreeSet::new(),
        })
    }

    /// Takes in events that have their last word.
    pub fn add(&mut self, group: &Group) {
        let Some(block) = group.block() else { return };
        let key = (block / SPAN, group.webhook_id, group.counts.prefers);
        let cells = self.kept.entry(key).or_default();
        let at = match cells.binary_search_by_key(&block, |(block, ..)| *block) {
            Ok(at) => at,
            Err(at) => {
                cells.insert(at, (block, 0, 0));
                at
            }
        };
        cells[at].1 += group.counts.judged.unsigned_abs();
        cells[at].2 += group.counts.failed().unsigned_abs();
        self.changed.insert(key);
    }

    pub async fn keep(&self, connection: &mut PgConnection, tally_id: i64) -> Result<()> {
        let rows = || self.changed.iter();
        let cells = |key: &Key| {
            let mut before = key.0 * SPAN;
            numbers::write(self.kept[key].iter().flat_map(|(block, judged, failed)| {
                let more = (block - std::mem::replace(&mut before, *block)).unsigned_abs();
                [more.into(), *judged, *failed]
            }))
        };
        sqlx::query(include_str!("../../../sql/tally/keep_spans.sql"))
            .bind(tally_id)
            .bind(rows().map(|(span, ..)| *span).collect::<Vec<_>>())
            .bind(rows().map(|(_, id, _)| *id).collect::<Vec<_>>())
            .bind(rows().map(|(.., arm)| arm.as_str()).collect::<Vec<_>>())
            .bind(rows().map(cells).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Adds those of these webhooks to the counts of all.
    pub fn add_to(&self, counts: &mut Counts, webhooks: &BTreeSet<i32>) {
        let kept = self.kept.iter();
        for ((_, id, prefers), cells) in kept.filter(|((_, id, _), _)| webhooks.contains(id)) {
            for (block, judged, failed) in cells {
                let arm = BlockArm {
                    judged: judged.cast_signed(),
                    failed: failed.cast_signed(),
                    undelivered: 0,
                };
                counts.add_block(*id, *block, *prefers, arm);
            }
        }
    }
}
