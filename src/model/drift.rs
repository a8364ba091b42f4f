//! Drift: what of a member is not as wavegate wrote it last. The one definition; pure.

use serde::Serialize;

use super::{Change, Columns, PublishMode, Routing, WaveStep};

/// A member of the migration under way as it is, beside what wavegate wrote last: by the newest line of the journal that tells of its
/// columns, or, before there is one, as it was found at the start. Lines and columns change in one transaction: what was begun and not
/// ended is no drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    pub wave: String,
    pub now: Routing,
    pub wrote: Columns,
    /// A fence stands.
    pub fenced: bool,
}

/// One column that somebody changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnChange {
    pub column: &'static str,
    pub wrote: String,
    pub now: String,
}

/// What `adopt` makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// A line of the journal.
    Stands,
    /// It is in the queue: taken back alone, as a rollback does it.
    TakenBack,
    /// Its events go by NATS in a way that its wave does not.
    Refused,
}

/// Why `restore` may not write what wavegate wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrestorable {
    /// A way to the queue is a rollback: what only NATS can deliver wants its queue row.
    ToQueue,
    Fenced,
    /// Its wave was rolled back meanwhile.
    RolledBack,
}

/// Of these members, those that are not as wavegate wrote them. The epoch alone tells nothing: what was changed and changed back is no
/// drift.
pub fn drifted(members: impl IntoIterator<Item = Drift>) -> Vec<Drift> {
    let mut all: Vec<Drift> = members.into_iter().collect();
    all.retain(|one| one.wrote != one.now.columns);
    all
}

impl Drift {
    pub fn columns(&self) -> Vec<ColumnChange> {
        differences(&self.wrote, &self.now.columns)
    }

    /// Other events than before go by NATS: no step goes on over that.
    pub fn reroutes(&self) -> bool {
        route(&self.wrote) != route(&self.now.columns)
    }

    /// What wavegate wrote is where a wave in this step is.
    pub fn belongs_at(&self, step: WaveStep) -> bool {
        match step {
            WaveStep::Hybrid(share) => {
                route(&self.wrote) == (PublishMode::Both, Some(share.into()))
            }
            WaveStep::Nats => self.wrote.publish_mode == PublishMode::Nats,
            WaveStep::Pending | WaveStep::Finished | WaveStep::RolledBack => false,
        }
    }

    pub fn adoption(&self) -> Adoption {
        match (self.reroutes(), self.now.columns.publish_mode) {
            (false, _) => Adoption::Stands,
            (true, PublishMode::Queue) => Adoption::TakenBack,
            (true, PublishMode::Both | PublishMode::Nats) => Adoption::Refused,
        }
    }

    /// `step`: of its wave.
    pub fn unrestorable(&self, step: WaveStep) -> Option<Unrestorable> {
        match (self.wrote.publish_mode, self.now.columns.publish_mode) {
            (PublishMode::Queue, PublishMode::Queue) => None,
            (PublishMode::Queue, _) => Some(Unrestorable::ToQueue),
            _ if self.fenced => Some(Unrestorable::Fenced),
            _ if step == WaveStep::RolledBack && self.reroutes() => Some(Unrestorable::RolledBack),
            _ => None,
        }
    }

    /// Back to what wavegate wrote.
    pub fn restored(&self) -> Change {
        self.change(self.now.columns.clone(), self.wrote.clone())
    }

    /// As it is from now on.
    pub fn adopted(&self) -> Change {
        self.change(self.now.columns.clone(), self.now.columns.clone())
    }

    fn change(&self, before: Columns, after: Columns) -> Change {
        Change {
            webhook_id: self.now.webhook_id,
            name: self.now.name.clone(),
            enabled: self.now.enabled,
            wave: Some(self.wave.clone()),
            epoch: self.now.epoch,
            before,
            after,
        }
    }

    /// Who, and what of it, in one line.
    pub fn said(&self) -> String {
        let columns = said(&self.wrote, &self.now.columns);
        format!("{} ({}): {columns}", self.now.name, self.now.webhook_id)
    }
}

/// Which events go by NATS: the share means something in `both` alone.
fn route(columns: &Columns) -> (PublishMode, Option<i16>) {
    let share = (columns.publish_mode == PublishMode::Both).then_some(columns.nats_share);
    (columns.publish_mode, share)
}

/// The columns that differ, in words.
pub fn said(before: &Columns, after: &Columns) -> String {
    let each = differences(before, after);
    let each = each
        .iter()
        .map(|one| format!("{} {} -> {}", one.column, one.wrote, one.now));
    each.collect::<Vec<_>>().join(", ")
}

fn differences(wrote: &Columns, now: &Columns) -> Vec<ColumnChange> {
    type Column = (&'static str, fn(&Columns) -> String);
    fn or_none<T: ToString>(value: Option<&T>) -> String {
        value.map_or_else(|| "-".to_string(), T::to_string)
    }
    let columns: [Column; 6] = [
        ("publish_mode", |c| c.publish_mode.to_string()),
        ("nats_share", |c| c.nats_share.to_string()),
        ("nats_subject", |c| or_none(c.nats_subject.as_ref())),
        ("nats_config_id", |c| or_none(c.nats_config_id.as_ref())),
        ("nats_enabled", |c| c.nats_enabled.to_string()),
        ("nats_takeover_after_ms", |c| {
            c.nats_takeover_after_ms.to_string()
        }),
    ];
    let each = columns.into_iter().map(|(column, value)| ColumnChange {
        column,
        wrote: value(wrote),
        now: value(now),
    });
    each.filter(|one| one.wrote != one.now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(publish_mode: PublishMode, nats_share: i16) -> Columns {
        Columns {
            publish_mode,
            nats_enabled: true,
            nats_subject: Some("webhooks.7".to_string()),
            nats_config_id: Some(1),
            nats_share,
            nats_takeover_after_ms: 30_000,
        }
    }

    fn drift(wrote: Columns, now: Columns) -> Drift {
        Drift {
            wave: "first".to_string(),
            now: Routing {
                webhook_id: 7,
                name: "a".to_string(),
                enabled: true,
                epoch: 3,
                columns: now,
            },
            wrote,
            fenced: false,
        }
    }

    use PublishMode::{Both, Nats, Queue};

    #[test]
    fn every_column_counts_and_the_epoch_does_not() {
        let wrote = columns(Both, 50);
        let same = drift(wrote.clone(), wrote.clone());
        let later = Drift {
            now: Routing {
                epoch: 9,
                ..same.now.clone()
            },
            ..same.clone()
        };
        assert!(drifted([same, later]).is_empty());
        type Hand = fn(&mut Columns);
        let hands: [(Hand, &str); 6] = [
            (|c| c.publish_mode = Nats, "publish_mode both -> nats"),
            (|c| c.nats_enabled = false, "nats_enabled true -> false"),
            (|c| c.nats_subject = None, "nats_subject webhooks.7 -> -"),
            (|c| c.nats_config_id = Some(2), "nats_config_id 1 -> 2"),
            (|c| c.nats_share = 10, "nats_share 50 -> 10"),
            (
                |c| c.nats_takeover_after_ms = 1,
                "nats_takeover_after_ms 30000 -> 1",
            ),
        ];
        for (hand, said) in hands {
            let mut now = wrote.clone();
            hand(&mut now);
            let found = drifted([drift(wrote.clone(), now)]);
            assert_eq!(found.len(), 1, "{said}");
            assert_eq!(found[0].said(), format!("a (7): {said}"));
        }
    }

    #[test]
    fn what_each_change_by_hand_may_become() {
        let pending = WaveStep::Pending;
        for (wrote, now, adoption, unrestorable) in [
            ((Both, 50), (Queue, 50), Adoption::TakenBack, None),
            ((Nats, 50), (Queue, 50), Adoption::TakenBack, None),
            ((Both, 50), (Nats, 50), Adoption::Refused, None),
            ((Both, 50), (Both, 10), Adoption::Refused, None),
            // Nothing of nats or queue goes by the share.
            ((Nats, 50), (Nats, 10), Adoption::Stands, None),
            ((Queue, 0), (Queue, 10), Adoption::Stands, None),
            (
                (Queue, 0),
                (Both, 0),
                Adoption::Refused,
                Some(Unrestorable::ToQueue),
            ),
        ] {
            let one = drift(columns(wrote.0, wrote.1), columns(now.0, now.1));
            assert_eq!(one.adoption(), adoption, "{one:?}");
            assert_eq!(one.unrestorable(pending), unrestorable, "{one:?}");
        }
    }

    #[test]
    fn nothing_goes_by_nats_again_behind_a_fence_or_a_rollback() {
        let one = drift(columns(Both, 50), columns(Queue, 50));
        assert_eq!(
            one.unrestorable(WaveStep::RolledBack),
            Some(Unrestorable::RolledBack)
        );
        assert_eq!(one.unrestorable(WaveStep::Hybrid(50)), None);
        let fenced = Drift {
            fenced: true,
            ..one
        };
        assert_eq!(
            fenced.unrestorable(WaveStep::Hybrid(50)),
            Some(Unrestorable::Fenced)
        );
        assert!(
            fenced.belongs_at(WaveStep::Hybrid(50)) && !fenced.belongs_at(WaveStep::Hybrid(100))
        );
    }
}
