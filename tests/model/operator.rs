//! The operator's commands: one flip, one rollback, and a dead event that gets another attempt.

use super::{
    mistake::Mistake,
    protocol::Protocol,
    world::{Arm, Caller, EVENTS, Ledger, Lock, Mode, Since, Stage, State, Status, World},
};

impl Protocol {
    /// src/engine/forward/executor.rs: the columns of the wave in one transaction.
    pub fn flip(&self, world: &World) -> Option<World> {
        let to = self.bounds.to?;
        (world.stage == Stage::Idle).then_some(World {
            stage: Stage::Flipped,
            route: to,
            ..*world
        })
    }

    /// src/engine/barrier.rs: sql/barrier/note.sql.
    pub fn note_barrier(&self, world: &World) -> Option<World> {
        if self.makes(Mistake::NoBarrier) {
            return None;
        }
        let mut noted = [false; EVENTS];
        for (noted, one) in noted.iter_mut().zip(&world.events) {
            // The model's transactions have no xid until they commit.
            *noted = matches!(one.caller, Caller::Began(_)) && !self.makes(Mistake::XidHorizon);
        }
        let stage = match world.stage {
            Stage::Flipped => Stage::FlipWaits(noted),
            Stage::TakenBack => Stage::BackWaits(noted),
            _ => return None,
        };
        Some(World { stage, ..*world })
    }

    /// sql/barrier/remaining.sql finds none of them.
    pub fn pass_barrier(&self, world: &World) -> Option<World> {
        let (noted, stage) = match world.stage {
            Stage::FlipWaits(noted) => (noted, Stage::FlipDone),
            Stage::BackWaits(noted) => (noted, Stage::Accounts(0)),
            Stage::TakenBack if self.makes(Mistake::NoBarrier) => {
                ([false; EVENTS], Stage::Accounts(0))
            }
            _ => return None,
        };
        let runs = |(noted, one): (&bool, &_)| *noted && matches!(one, &Caller::Began(_));
        let callers = world.events.map(|one| one.caller);
        let waits = noted.iter().zip(&callers).any(runs);
        (!waits).then_some(World { stage, ..*world })
    }

    /// sql/flip/move_waiting.sql, for one row of its batch.
    pub fn move_waiting(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let row = one.row?;
        if !self.bounds.moves_waiting
            || world.stage != Stage::FlipDone
            || world.route.mode != Mode::Nats
            || world.fence
            || !row.waits()
            || one.note.is_some()
            || one.locked == Some(Lock::Queue)
        {
            return None;
        }
        match &mut one.ledger {
            Some(ledger) => {
                if ledger.void
                    || !matches!(ledger.state, State::Open | State::Retrying)
                    || !one.outbox
                    || one.locked == Some(Lock::Ledger)
                {
                    return None;
                }
                ledger.has_queue_row = false;
            }
            none => {
                *none = Some(Ledger {
                    state: if row.retry_count > 0 {
                        State::Retrying
                    } else {
                        State::Open
                    },
                    two_route: false,
                    has_queue_row: false,
                    prefers: Arm::Nats,
                    attempt: row.retry_count,
                    claim: None,
                    published: false,
                    void: false,
                    seen: false,
                    died_at: false,
                });
                (one.outbox, one.listed) = (true, true);
            }
        }
        one.row = None;
        Some(next)
    }

    /// src/engine/back/undo.rs, `begin`: sql/fence/set.sql. It may come at any moment of the way forward.
    pub fn fence(&self, world: &World) -> Option<World> {
        self.bounds.back?;
        if !forward(world.stage) || self.makes(Mistake::FenceAfterRedrive) {
            return None;
        }
        Some(World {
            stage: Stage::Fenced,
            fence: true,
            rollback: Since::Now,
            ..*world
        })
    }

    /// src/engine/back/redrive.rs, `once`.
    pub fn redrive(&self, world: &World) -> Option<World> {
        let begins = self.makes(Mistake::FenceAfterRedrive)
            && self.bounds.back.is_some()
            && forward(world.stage);
        if world.stage != Stage::Fenced && !begins {
            return None;
        }
        Some(World {
            stage: Stage::Redriven,
            rollback: if begins { Since::Now } else { world.rollback },
            ..world.redriven(&self.bounds)
        })
    }

    /// src/engine/back/undo.rs, `flips`; the fence is set once more before it.
    pub fn take_back(&self, world: &World) -> Option<World> {
        let back = self.bounds.back?;
        (world.stage == Stage::Redriven).then_some(World {
            stage: Stage::TakenBack,
            route: back,
            ..*world
        })
    }

    /// src/engine/back/redrive.rs, `until_accounted`: re-drives, then looks twice.
    pub fn account(&self, world: &World) -> Option<World> {
        let Stage::Accounts(clean) = world.stage else {
            return None;
        };
        let mut next = world.redriven(&self.bounds);
        next.stage = match (next.unaccounted(), clean) {
            (0, 0) => Stage::Accounts(1),
            (0, _) => Stage::BackDone,
            _ => Stage::Accounts(0),
        };
        if self.makes(Mistake::FenceAfterRedrive) {
            next.fence |= next.stage == Stage::BackDone;
        }
        (next != *world).then_some(next)
    }

    /// sql/dead/requeue_events.sql and requeue_calls.sql: a person gives a dead event another attempt.
    pub fn requeue(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.left.requeues = next.left.requeues.checked_sub(1)?;
        let one = &mut next.events[event];
        if one.locked.is_some() || one.note.is_some() {
            return None;
        }
        let failed = one.row.is_some_and(|row| row.status == Status::Failed);
        match &mut one.ledger {
            Some(ledger) => {
                if ledger.state != State::Dead || !(failed || one.row.is_none() && one.outbox) {
                    return None;
                }
                ledger.state = State::Retrying;
                ledger.has_queue_row = failed;
                if self.makes(Mistake::RequeueForgetsTheDeath) {
                    ledger.died_at = false;
                }
            }
            None if !failed => return None,
            None => {}
        }
        if let Some(row) = one.row.as_mut().filter(|_| failed) {
            row.status = Status::Retrying;
        }
        // src/engine/dead.rs, `give_queue_rows`, in the same transaction.
        if world.fence || world.route.mode == Mode::Queue {
            next = next.enqueue(event).unwrap_or(next);
        }
        Some(next)
    }

    /// The command dies. Run again, a flip begins its barrier anew, a rollback begins at its first act, which changes nothing any more.
    pub fn crash_operator(&self, world: &World) -> Option<World> {
        let mut next = *world;
        next.left.crashes = next.left.crashes.checked_sub(1)?;
        next.stage = match world.stage {
            Stage::FlipWaits(_) => Stage::Flipped,
            Stage::Redriven | Stage::TakenBack | Stage::BackWaits(_) | Stage::Accounts(_) => {
                Stage::Fenced
            }
            Stage::Idle | Stage::Flipped | Stage::FlipDone | Stage::Fenced | Stage::BackDone => {
                return None;
            }
        };
        Some(next)
    }
}

/// A rollback may begin here.
fn forward(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Idle | Stage::Flipped | Stage::FlipWaits(_) | Stage::FlipDone
    )
}
