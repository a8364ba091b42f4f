//! Where flips and rollbacks stand, replayed from their lines. One way for every reader.

use std::fmt;

use super::{Entry, EntryKind, Rollback, Target};

/// Of one wave, one webhook that is taken back alone, or everything.
#[derive(Debug, Clone, Default)]
pub struct Status {
    pub flip: FlipStatus,
    /// Begun, and not ended or overtaken by a flip.
    pub rollback: Option<BegunRollback>,
    /// The newest that was begun: of two at a time, the first one's end is not the second one's.
    newest: Option<BegunRollback>,
    /// Webhooks were put back, and the barrier behind it is not passed. Any later one serves: it waits for older transactions too.
    pub restored: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FlipStatus {
    /// None was begun, or the last came to its end, or a rollback made it moot.
    #[default]
    None,
    /// Nothing is changed yet.
    Intended,
    /// Committed; its barrier is not passed.
    Done(Target),
    /// Its checks are left.
    PastBarrier(Target),
}

#[derive(Debug, Clone)]
pub struct BegunRollback {
    /// The line that tells of its beginning.
    pub line: i64,
    pub intent: Rollback,
}

/// A line that cannot follow on those before it: somebody changed the journal, or there is a fault to be reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    pub line: i64,
    pub kind: EntryKind,
    pub after: FlipStatus,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = match &self.after {
            FlipStatus::None => "no flip was begun",
            FlipStatus::Intended => "a flip was begun and not committed",
            FlipStatus::Done(_) => "a flip was committed, without its barrier",
            FlipStatus::PastBarrier(_) => "a flip was past its barrier, without its checks",
        };
        write!(
            f,
            "line {} of the journal says {} where {after}",
            self.line, self.kind
        )
    }
}

/// What `line` makes of `status`. A rollback waits for nobody: its first lines may come between any two of a flip, whose own next
/// line then meets `None`; so only what no race explains is impossible.
pub fn next_status(mut status: Status, line: i64, entry: &Entry) -> Result<Status, Impossible> {
    status.restored = match entry {
        Entry::DriftRestore { .. } => true,
        Entry::DriftBarrier { .. }
        | Entry::FlipBarrier { .. }
        | Entry::RollbackBarrier { .. }
        | Entry::RollbackDone { .. } => false,
        _ => status.restored,
    };
    let raced = status.newest.is_some();
    let flip = match (entry, status.flip) {
        (Entry::FlipIntent { .. }, FlipStatus::None | FlipStatus::Intended) => {
            status.rollback = None;
            FlipStatus::Intended
        }
        (Entry::FlipDone { after, .. }, FlipStatus::Intended) => {
            FlipStatus::Done(after.target.clone())
        }
        (Entry::FlipBarrier { after, .. }, FlipStatus::Done(_)) => {
            FlipStatus::PastBarrier(after.clone())
        }
        (Entry::FlipBarrier { after, .. }, FlipStatus::None) if raced => {
            FlipStatus::PastBarrier(after.clone())
        }
        (Entry::FlipChecked { .. }, FlipStatus::PastBarrier(_)) => FlipStatus::None,
        (Entry::FlipChecked { .. }, FlipStatus::None) if raced => FlipStatus::None,
        (
            Entry::FlipIntent { .. }
            | Entry::FlipDone { .. }
            | Entry::FlipBarrier { .. }
            | Entry::FlipChecked { .. },
            after,
        ) => {
            return Err(Impossible {
                line,
                kind: entry.kind(),
                after,
            });
        }
        (Entry::RollbackIntent { after, .. }, flip) => {
            let begun = BegunRollback {
                line,
                intent: after.clone(),
            };
            status.newest = Some(begun.clone());
            status.rollback = Some(begun);
            match flip {
                FlipStatus::Intended => FlipStatus::Intended,
                _ => FlipStatus::None,
            }
        }
        (Entry::RollbackFence { .. } | Entry::RollbackBarrier { .. }, flip) => {
            status.rollback = status.rollback.or_else(|| status.newest.clone());
            flip
        }
        (Entry::RollbackDone { .. }, _) => {
            status.rollback = None;
            FlipStatus::None
        }
        // Whoever flips this webhook makes its rollback moot.
        (Entry::FlipWebhook { .. }, flip) => {
            status.rollback = None;
            flip
        }
        (_, flip) => flip,
    };
    Ok(Status { flip, ..status })
}

impl Status {
    /// The webhooks of the rollback that was begun last.
    pub fn taken_back(&self) -> &[i32] {
        self.newest.as_ref().map_or(&[], |begun| &begun.intent.ids)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(kind: EntryKind) -> Entry {
        let target = json!({ "to": { "mode": "nats" }, "ids": [1, 2], "move_waiting": false });
        let flip =
            json!({ "to": { "mode": "nats" }, "ids": [1, 2], "attempt": 1, "consent": "flag" });
        let none = || json!({});
        let (before, after): (Value, Value) = match kind {
            EntryKind::FlipIntent | EntryKind::FlipDone => (
                json!({ "step": { "step": "hybrid", "share": 0 }, "webhooks": 2 }),
                flip,
            ),
            EntryKind::FlipBarrier => (
                json!({ "barrier": { "noted": 0, "prepared": 0, "ignored": [], "waited_ms": 1 } }),
                target,
            ),
            EntryKind::FlipChecked => (json!({ "routes": null, "drain": null }), target),
            EntryKind::RollbackIntent => (
                none(),
                json!({ "scope": "wave a", "goal": "both", "ids": [1, 2], "consent": "prompt" }),
            ),
            EntryKind::RollbackFence => (none(), json!({ "fenced": [1] })),
            EntryKind::DriftRestore => (
                none(),
                json!({ "ids": [1], "anew": true, "consent": "prompt" }),
            ),
            EntryKind::RollbackBarrier | EntryKind::DriftBarrier => (
                none(),
                json!({ "barrier": { "noted": 0, "prepared": 0, "ignored": [], "waited_ms": 1 } }),
            ),
            EntryKind::RollbackDone => {
                (none(), json!({ "webhooks": 2, "enqueued": 0, "pulled": 0 }))
            }
            other => panic!("{other} tells nothing of a wave"),
        };
        Entry::read(kind, before, after).unwrap()
    }

    fn replay(kinds: &[EntryKind]) -> Result<Status, Impossible> {
        let mut lines = kinds.iter().zip(1..);
        lines.try_fold(Status::default(), |status, (kind, line)| {
            next_status(status, line, &entry(*kind))
        })
    }

    use EntryKind::{
        DriftBarrier, DriftRestore, FlipBarrier, FlipChecked, FlipDone, FlipIntent,
        RollbackBarrier, RollbackDone, RollbackFence, RollbackIntent,
    };

    #[test]
    fn a_flip_goes_on_where_it_was_killed() {
        let all = [FlipIntent, FlipDone, FlipBarrier, FlipChecked];
        let Target { to, ids, .. } = match &entry(FlipDone) {
            Entry::FlipDone { after, .. } => after.target.clone(),
            _ => unreachable!(),
        };
        let target = Target {
            to,
            ids,
            move_waiting: false,
        };
        let wanted = [
            FlipStatus::None,
            FlipStatus::Intended,
            FlipStatus::Done(target.clone()),
            FlipStatus::PastBarrier(target),
            FlipStatus::None,
        ];
        for (lines, wanted) in wanted.into_iter().enumerate() {
            assert_eq!(replay(&all[..lines]).unwrap().flip, wanted, "{lines}");
        }
        // Killed before its transaction, it is begun again.
        replay(&[FlipIntent, FlipIntent, FlipDone]).unwrap();
    }

    #[test]
    fn a_rollback_makes_a_flip_moot_and_a_flip_a_rollback() {
        let status = replay(&[FlipIntent, FlipDone, RollbackIntent, RollbackFence]).unwrap();
        assert_eq!(status.flip, FlipStatus::None);
        assert_eq!(status.rollback.unwrap().line, 3);
        let status = replay(&[RollbackIntent, RollbackFence, FlipIntent]).unwrap();
        assert!(status.rollback.is_none());
        // The flip's own lines, written before the rollback got the lock.
        for race in [
            &[
                FlipIntent,
                RollbackIntent,
                FlipDone,
                RollbackBarrier,
                RollbackDone,
            ][..],
            &[
                FlipIntent,
                FlipDone,
                RollbackIntent,
                FlipBarrier,
                RollbackDone,
            ],
            &[
                FlipIntent,
                FlipDone,
                FlipBarrier,
                RollbackIntent,
                FlipChecked,
                RollbackDone,
            ],
        ] {
            let status = replay(race).unwrap();
            assert!(
                status.rollback.is_none() && status.flip == FlipStatus::None,
                "{race:?}"
            );
        }
    }

    #[test]
    fn the_end_of_one_rollback_is_not_that_of_another() {
        let both = [
            RollbackIntent,
            RollbackIntent,
            RollbackDone,
            RollbackBarrier,
        ];
        assert_eq!(replay(&both).unwrap().rollback.unwrap().line, 2);
    }

    #[test]
    fn what_was_put_back_waits_for_a_barrier() {
        for (lines, waits) in [
            (&[DriftRestore][..], true),
            (&[DriftRestore, DriftBarrier], false),
            (&[DriftRestore, FlipIntent], true),
            (&[DriftRestore, FlipIntent, FlipDone, FlipBarrier], false),
            (&[DriftRestore, RollbackIntent, RollbackBarrier], false),
            (&[DriftBarrier, DriftRestore], true),
        ] {
            assert_eq!(replay(lines).unwrap().restored, waits, "{lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (lines, kind) in [
            (&[FlipDone][..], FlipDone),
            (&[FlipIntent, FlipBarrier], FlipBarrier),
            (&[FlipIntent, FlipDone, FlipChecked], FlipChecked),
            (&[FlipIntent, FlipDone, FlipIntent], FlipIntent),
        ] {
            let error = replay(lines).unwrap_err();
            assert_eq!(
                (error.line, error.kind),
                (lines.len().try_into().unwrap(), kind)
            );
        }
        assert_eq!(
            replay(&[FlipBarrier]).unwrap_err().to_string(),
            "line 1 of the journal says flip.barrier where no flip was begun"
        );
    }
}
