//! Events that fared alike, as `sql/tally/look.sql` groups them.

use crate::gates::ArmCounts;
use crate::model::Path;

/// A key of `look.sql` is so many times the webhook, plus a class.
const CLASSES: i64 = 1_048_576;

/// What is so of each event of a group: the bits of `look.sql`.
#[derive(Debug, Clone, Copy)]
struct Class(i64);

impl Class {
    const NATS: i64 = 1;
    const FINAL: i64 = 2;
    const JUDGED: i64 = 4;
    const DELIVERED: i64 = 8;
    const DIED: i64 = 16;
    const TAKEN_OVER: i64 = 32;
    const TWO_ROUTE: i64 = 64;
    const RIPE: i64 = 128;
    const UNPUBLISHED: i64 = 256;
    const UNSEEN: i64 = 512;
    const VOID: i64 = 1024;
    const MISSING: i64 = 2048;
    const LATE_SINGLE: i64 = 4096;
    const ENDED: i64 = 8192;
    const AHEAD: i64 = 16384;
    const LOST: i64 = 32768;
    const COMPARED: i64 = 65536;
    const ALTERED: i64 = 131_072;
    const DEAD: i64 = 262_144;
    const ABOVE: i64 = 524_288;

    fn is(self, bits: i64) -> bool {
        self.0 & bits == bits
    }
}

/// `grouping(block, bucket)`: a bit for each column that does not group.
const BY_BLOCK: i32 = 0b01;

/// By what the events of a group are alike, beside their webhook. Each event is in one group of either kind.
pub(super) enum By {
    /// `None`: its time is infinite. `name`: the one event, where it lies below the front and is dead or not final.
    Block {
        block: Option<i32>,
        name: Option<String>,
    },
    /// `None`: not delivered.
    Bucket(Option<i16>),
}

pub(super) struct Group {
    pub webhook_id: i32,
    pub by: By,
    class: Class,
    pub counts: ArmCounts,
}

/// One that the tally has counted as dead.
pub(super) struct Dead {
    pub event_id: String,
    pub webhook_id: i32,
    pub class: i32,
}

impl Dead {
    /// What it was counted as, taken back.
    pub fn taken_back(&self) -> ArmCounts {
        Class(self.class.into()).counts(self.webhook_id, -1)
    }
}

impl Group {
    /// As `look.sql` answers: kind, key, block, bucket, name, events.
    pub(super) fn of(
        (kind, key, block, bucket, name, events): (
            i32,
            i64,
            Option<i32>,
            Option<i32>,
            Option<String>,
            i64,
        ),
    ) -> Group {
        let webhook_id = i32::try_from(key.div_euclid(CLASSES)).unwrap_or_default();
        let class = Class(key.rem_euclid(CLASSES));
        let by = match kind {
            BY_BLOCK => By::Block { block, name },
            _ => By::Bucket(bucket.and_then(|bucket| i16::try_from(bucket).ok())),
        };
        Group {
            webhook_id,
            by,
            class,
            counts: class.counts(webhook_id, events),
        }
    }

    /// Above the front: read again at the next look.
    pub(super) fn is_above(&self) -> bool {
        self.class.is(Class::ABOVE)
    }

    /// Below the front, and nothing that counts about them will change any more.
    pub(super) fn is_final(&self) -> bool {
        self.class.is(Class::FINAL) && !self.is_above()
    }

    /// It has its last word, unless it is requeued.
    pub(super) fn dead(&self) -> Option<Dead> {
        let By::Block {
            name: Some(name), ..
        } = &self.by
        else {
            return None;
        };
        let dead = self.is_final() && self.class.is(Class::DEAD);
        dead.then(|| Dead {
            event_id: name.clone(),
            webhook_id: self.webhook_id,
            class: self.class.0 as i32,
        })
    }

    /// `None` where it is none of blocks, or its time is infinite.
    pub(super) fn block(&self) -> Option<i32> {
        match self.by {
            By::Block { block, .. } => block,
            By::Bucket(_) => None,
        }
    }
}

impl Class {
    /// So many events of this class.
    fn counts(self, webhook_id: i32, events: i64) -> ArmCounts {
        let of = |is: bool| if is { events } else { 0 };
        let judged = self.is(Class::JUDGED);
        let ripe = self.is(Class::RIPE);
        let died = self.is(Class::DIED);
        let taken_over = self.is(Class::TAKEN_OVER);
        ArmCounts {
            webhook_id: Some(webhook_id),
            prefers: if self.is(Class::NATS) {
                Path::Nats
            } else {
                Path::Queue
            },
            events,
            judged: of(judged),
            delivered: of(judged && self.is(Class::DELIVERED) && !taken_over),
            dead: of(judged && died),
            taken_over: of(judged && taken_over),
            undelivered: of(judged && !died && !self.is(Class::ENDED)),
            two_route: of(self.is(Class::TWO_ROUTE)),
            ripe: of(ripe),
            unpublished: of(ripe && self.is(Class::UNPUBLISHED)),
            unseen: of(ripe && self.is(Class::UNSEEN)),
            unfinished: of(ripe && !self.is(Class::ENDED)),
            void: of(ripe && self.is(Class::VOID)),
            missing: of(ripe && self.is(Class::MISSING)),
            late_single: of(self.is(Class::LATE_SINGLE)),
            lost: of(
                (ripe && self.is(Class::MISSING) || self.is(Class::LATE_SINGLE))
                    && self.is(Class::LOST),
            ),
            compared: of(self.is(Class::COMPARED)),
            altered: of(self.is(Class::ALTERED)),
            ahead: of(self.is(Class::AHEAD)),
        }
    }
}
