//! Events that fared alike, as `sql/tally/look.sql` groups them.

use crate::gates::ArmCounts;
use crate::model::Path;

/// A key of `look.sql` is so many times webhook, block or bucket, plus a class.
const CLASSES: i64 = 8192;

/// What is so of each event of a group: the bits of `look.sql`.
#[derive(Debug, Clone, Copy)]
struct Class(i64);

impl Class {
    const NATS: i64 = 1;
    const FINAL: i64 = 2;
    const JUDGED: i64 = 4;
    const DELIVERED: i64 = 8;
    const DEAD: i64 = 16;
    const TAKEN_OVER: i64 = 32;
    const TWO_ROUTE: i64 = 64;
    const RIPE: i64 = 128;
    const UNPUBLISHED: i64 = 256;
    const UNSEEN: i64 = 512;
    const VOID: i64 = 1024;
    const MISSING: i64 = 2048;
    const LATE_SINGLE: i64 = 4096;

    fn is(self, bits: i64) -> bool {
        self.0 & bits == bits
    }

    fn ended(self) -> bool {
        self.0 & (Class::DELIVERED | Class::DEAD) != 0
    }
}

/// `grouping(webhook, block, bucket)`: a bit for each column that does not group.
const BY_WEBHOOK: i32 = 0b011;
const BY_BLOCK: i32 = 0b101;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    kind: i32,
    key: i64,
    rare: Option<String>,
    events: i64,
}

/// By what the events of a group are alike.
pub(super) enum By {
    /// `failed_in`: the block in which they failed. `open`: the one event that is not final.
    Webhook {
        id: i32,
        failed_in: Option<i32>,
        open: Option<String>,
    },
    Block(i32),
    /// `None`: not delivered.
    Bucket(Option<i16>),
}

pub(super) struct Group {
    pub by: By,
    /// Nothing about them will change any more.
    pub is_final: bool,
    /// Without a webhook.
    pub counts: ArmCounts,
}

impl Group {
    pub(super) fn of(row: Row) -> Group {
        let (value, class) = (
            row.key.div_euclid(CLASSES),
            Class(row.key.rem_euclid(CLASSES)),
        );
        let id = || i32::try_from(value).unwrap_or_default();
        let by = match row.kind {
            BY_WEBHOOK => {
                let rare = row.rare.as_deref().unwrap_or_default();
                let (block, open) = match rare.split_once(':') {
                    Some((block, event)) => (block, Some(event.to_string())),
                    None => (rare, None),
                };
                By::Webhook {
                    id: id(),
                    failed_in: block.parse().ok(),
                    open,
                }
            }
            BY_BLOCK => By::Block(id()),
            _ => By::Bucket(i16::try_from(value).ok().filter(|bucket| *bucket >= 0)),
        };
        Group {
            by,
            is_final: class.is(Class::FINAL),
            counts: class.counts(row.events),
        }
    }
}

impl Class {
    /// So many events of this class.
    fn counts(self, events: i64) -> ArmCounts {
        let of = |is: bool| if is { events } else { 0 };
        let judged = self.is(Class::JUDGED);
        let ripe = self.is(Class::RIPE);
        let taken_over = self.is(Class::TAKEN_OVER);
        ArmCounts {
            webhook_id: None,
            prefers: if self.is(Class::NATS) {
                Path::Nats
            } else {
                Path::Queue
            },
            events,
            judged: of(judged),
            delivered: of(judged && self.is(Class::DELIVERED) && !taken_over),
            dead: of(judged && self.is(Class::DEAD)),
            taken_over: of(judged && taken_over),
            undelivered: of(judged && !self.ended()),
            two_route: of(self.is(Class::TWO_ROUTE)),
            ripe: of(ripe),
            unpublished: of(ripe && self.is(Class::UNPUBLISHED)),
            unseen: of(ripe && self.is(Class::UNSEEN)),
            unfinished: of(ripe && !self.ended()),
            void: of(ripe && self.is(Class::VOID)),
            missing: of(ripe && self.is(Class::MISSING)),
            late_single: of(self.is(Class::LATE_SINGLE)),
        }
    }
}
