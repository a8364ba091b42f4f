//! What the older blocks of a step come to: kept, so that a look reads the newest alone, and worked out again where anything that it rests
//! on is not as it was.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{group::Group, numbers, spans::SPAN};
use crate::{
    error::{Error, Result},
    gates::{
        Block, BlockArm, Calls, Counts,
        closed::{Beyond, Closed},
    },
    model::Path,
};

/// So many spans behind the newest one nearly every event has its last word.
const BEHIND: i32 = 2;
/// What is open for longer than so many spans holds nothing up: when it ends, all is worked out again.
const PATIENCE: i32 = 8;

/// The first block that need not stay open, where the newest is `newest`. `open`: what lies behind the front without a last word, or above it.
pub(super) fn border<'a>(newest: i64, open: impl Iterator<Item = &'a Group>) -> i32 {
    let newest = i32::try_from(newest).unwrap_or(i32::MAX) / SPAN;
    let undecided = open
        .filter(|group| group.counts.judged == 0 || group.counts.undelivered > 0)
        .filter_map(|group| group.block());
    let oldest = undecided.min().map_or(newest, |block| block / SPAN);
    let span = oldest.max(newest - PATIENCE).min(newest - BEHIND);
    span.max(0) * SPAN
}

/// What the closed blocks rest on, beside those that have their last word.
pub(super) struct Ground<'a> {
    pub enabled: &'a BTreeSet<i32>,
    /// Of the enabled webhooks: without a last word, or above the front.
    pub open: &'a [&'a Group],
    /// What the queue did before this step, where NATS alone is judged.
    pub before: Option<&'a BTreeMap<i32, Calls>>,
}

impl Ground<'_> {
    /// The webhooks, and what is open before the border.
    fn basis(&self, border: i32) -> Vec<u8> {
        let mut open: BTreeMap<(i32, Path, i32), [i64; 3]> = BTreeMap::new();
        for group in self.open {
            let counts = &group.counts;
            if let Some(block) = group.block().filter(|block| *block < border) {
                let sum = open
                    .entry((group.webhook_id, counts.prefers, block))
                    .or_default();
                sum[0] += counts.judged;
                sum[1] += counts.failed();
                sum[2] += counts.undelivered;
            }
        }
        let mut hash = Sha256::new();
        hash.update((self.enabled.len() as u64).to_le_bytes());
        for id in self.enabled {
            hash.update(id.to_le_bytes());
        }
        for ((id, prefers, block), sum) in open.iter().filter(|(_, sum)| **sum != [0; 3]) {
            hash.update([(*prefers == Path::Nats).into()]);
            hash.update(id.to_le_bytes());
            hash.update(block.to_le_bytes());
            sum.iter().for_each(|n| hash.update(n.to_le_bytes()));
        }
        hash.finalize().to_vec()
    }

    fn rates(&self) -> Option<Vec<u8>> {
        let before = self.before?;
        let mut hash = Sha256::new();
        for (id, Calls { ended, failed }) in before {
            hash.update(id.to_le_bytes());
            hash.update(ended.to_le_bytes());
            hash.update(failed.to_le_bytes());
        }
        Some(hash.finalize().to_vec())
    }
}

/// As the tally has it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Kept {
    pub border: i32,
    basis: Vec<u8>,
    rates: Option<Vec<u8>>,
    pooled: Vec<u8>,
    for_pass: Vec<f64>,
    for_fail: Vec<f64>,
}

impl Kept {
    pub async fn load(connection: &mut PgConnection, tally_id: i64) -> Result<Option<Kept>> {
        Ok(
            sqlx::query_as(include_str!("../../../sql/tally/closed.sql"))
                .bind(tally_id)
                .fetch_optional(connection)
                .await?,
        )
    }

    /// Does it still say what all blocks before its border come to?
    pub fn holds(&self, ground: &Ground) -> bool {
        let rates = ground.rates();
        self.basis == ground.basis(self.border) && (rates.is_none() || rates == self.rates)
    }

    /// Adds it to counts that have no block yet.
    pub async fn add_to(
        self,
        connection: &mut PgConnection,
        tally_id: i64,
        counts: &mut Counts,
    ) -> Result<()> {
        let rows: Vec<(i32, String)> =
            sqlx::query_as(include_str!("../../../sql/tally/closed_courses.sql"))
                .bind(tally_id)
                .fetch_all(connection)
                .await?;
        let mut webhooks = BTreeMap::new();
        for (id, course) in rows {
            let course = serde_json::from_str(&course).map_err(|error| {
                Error::failed(format!("the closed blocks of webhook {id}: {error}"))
            })?;
            webhooks.insert(id, course);
        }
        counts.blocks = read(&self.pooled);
        let beyond = Beyond {
            for_pass: self.for_pass,
            for_fail: self.for_fail,
        };
        counts.closed = Closed::new(self.border, webhooks, self.rates.map(|_| beyond));
        Ok(())
    }
}

/// Closes all blocks before `border`, and keeps what they come to in place of what was kept before.
pub(super) async fn close(
    connection: &mut PgConnection,
    tally_id: i64,
    border: i32,
    ground: &Ground<'_>,
    counts: &mut Counts,
) -> Result<()> {
    sqlx::query(include_str!("../../../sql/tally/open_again.sql"))
        .bind(tally_id)
        .execute(&mut *connection)
        .await?;
    if border == 0 {
        return Ok(());
    }
    counts.close(border, ground.before);
    let pooled = counts.blocks.range(..border);
    let courses: Vec<String> = (counts.closed.webhooks.values())
        .map(|course| serde_json::to_string(course).unwrap_or_default())
        .collect();
    let beyond = counts.closed.beyond_before.clone().unwrap_or_default();
    sqlx::query(include_str!("../../../sql/tally/keep_closed.sql"))
        .bind(tally_id)
        .bind(border)
        .bind(ground.basis(border))
        .bind(ground.rates())
        .bind(write(pooled))
        .bind(beyond.for_pass)
        .bind(beyond.for_fail)
        .bind(counts.closed.webhooks.keys().copied().collect::<Vec<_>>())
        .bind(courses)
        .execute(connection)
        .await?;
    Ok(())
}

fn write<'a>(blocks: impl Iterator<Item = (&'a i32, &'a Block)>) -> Vec<u8> {
    let mut before = 0;
    numbers::write(blocks.flat_map(|(number, block)| {
        let more = i64::from(number - std::mem::replace(&mut before, *number));
        let arm = |arm: BlockArm| [arm.judged, arm.failed, arm.undelivered];
        let ([nats, queue], more) = ([arm(block.nats), arm(block.queue)], [more]);
        more.into_iter()
            .chain(nats)
            .chain(queue)
            .map(i64::cast_unsigned)
    }))
}

fn read(bytes: &[u8]) -> BTreeMap<i32, Block> {
    let numbers: Vec<i64> = numbers::read(bytes).map(u64::cast_signed).collect();
    let mut number = 0;
    let blocks = numbers.as_chunks::<7>().0.iter().map(|cell| {
        let arm = |at: usize| BlockArm {
            judged: cell[at],
            failed: cell[at + 1],
            undelivered: cell[at + 2],
        };
        number += cell[0] as i32;
        let block = Block {
            nats: arm(1),
            queue: arm(4),
        };
        (number, block)
    });
    blocks.collect()
}
