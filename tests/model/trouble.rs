//! What comes from outside: time, crashes, the broker's faults, other people's locks and other people's queue worker.

use super::{
    mistake::Mistake,
    protocol::Protocol,
    world::{Caller, Circuit, Event, Lock, Mode, Note, Share, Since, State, Status, Step, World},
};

impl Protocol {
    /// A worker that runs renews the lease of what waits (src/dataplane/worker/delivery.rs) and holds the claim of what it called
    /// (src/dataplane/worker/keeper.rs): only the claim of one that is dead or stands still ends.
    pub fn lease_ends(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let claim = one.claim()?;
        let holder = one.jobs[usize::from(claim.by)]
            .filter(|job| one.held_by(usize::from(claim.by), job.attempt));
        let guarded = holder.is_some_and(|job| {
            let renewed = !self.makes(Mistake::LeaseNotRenewed) || job.step != Step::Claimed;
            renewed && !world.frozen[usize::from(claim.by)]
        });
        if claim.ended || guarded || one.plain_stuck {
            return None;
        }
        one.claim_mut()?.ended = true;
        if let Some(row) = one.row.as_mut().and_then(|row| row.claim.as_mut()) {
            row.ended = true;
        }
        Some(next)
    }

    pub fn second_passes(&self, world: &World) -> Option<World> {
        (world.rollback == Since::Now).then_some(World {
            rollback: Since::Long,
            ..*world
        })
    }

    /// `open_until` comes. That of an attempt that goes through is the end of its lease, which is renewed while it waits for its call.
    pub fn circuit_is_due(&self, world: &World) -> Option<World> {
        let Circuit::Open { probe } = world.circuit else {
            return None;
        };
        let waits = |event: u8| {
            let one: &Event = &world.events[usize::from(event)];
            one.claim().is_some_and(|claim| {
                let job = one.jobs[usize::from(claim.by)];
                !claim.ended
                    && !world.frozen[usize::from(claim.by)]
                    && job.is_some_and(|job| job.step == Step::Claimed)
            })
        };
        if probe.is_some_and(waits) {
            return None;
        }
        Some(World {
            circuit: Circuit::Due,
            outage_lately: true,
            ..*world
        })
    }

    /// A takeover time has gone by since the circuit was open.
    pub fn outage_is_long_ago(&self, world: &World) -> Option<World> {
        let over = world.outage_lately && !matches!(world.circuit, Circuit::Open { .. });
        over.then_some(World {
            outage_lately: false,
            ..*world
        })
    }

    /// What it held is unanswered; its messages come again; another one starts in its place.
    pub fn crash_worker(&self, world: &World, worker: usize) -> Option<World> {
        let mut next = *world;
        next.left.crashes = next.left.crashes.checked_sub(1)?;
        if world.events.iter().all(|one| one.jobs[worker].is_none()) {
            return None;
        }
        for one in &mut next.events {
            if let Some(job) = one.jobs[worker].take() {
                one.excused += 1;
                if job.message {
                    one.copy_comes();
                }
            }
        }
        next.frozen[worker] = false;
        Some(next)
    }

    /// The process stands still. What it asked the endpoint goes on, and its messages are given to others.
    pub fn freeze(&self, world: &World, worker: usize) -> Option<World> {
        let mut next = *world;
        next.left.freezes = next.left.freezes.checked_sub(1)?;
        if world.frozen[worker] || world.events.iter().all(|one| one.jobs[worker].is_none()) {
            return None;
        }
        for one in &mut next.events {
            if let Some(job) = &mut one.jobs[worker] {
                one.excused += 1;
                if std::mem::take(&mut job.message) {
                    one.copy_comes();
                }
            }
        }
        next.frozen[worker] = true;
        Some(next)
    }

    pub fn thaw(&self, world: &World, worker: usize) -> Option<World> {
        let mut next = *world;
        next.frozen[worker] = false;
        world.frozen[worker].then_some(next)
    }

    /// What it sent and did not mark is sent again by whoever comes next.
    pub fn crash_relay(&self, world: &World, relay: usize) -> Option<World> {
        let mut next = *world;
        next.left.crashes = next.left.crashes.checked_sub(1)?;
        if !world.events.iter().any(|one| one.sent[relay]) {
            return None;
        }
        for one in &mut next.events {
            one.sent[relay] = false;
        }
        Some(next)
    }

    pub fn lose(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.left.losses = next.left.losses.checked_sub(1)?;
        let one = &mut next.events[event];
        one.copies = one.copies.checked_sub(1)?;
        one.copy_gone = true;
        Some(next)
    }

    /// A duplicate, a lost acknowledgement, or a consumer that was set back.
    pub fn come_again(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.left.again = next.left.again.checked_sub(1)?;
        let one = &mut next.events[event];
        let ledger = one.ledger?;
        if !(ledger.published || one.sent.contains(&true)) || one.copies > 0 {
            return None;
        }
        one.copies = 1;
        Some(next)
    }

    /// Somebody writes a message into the stream that names the event and holds other bytes.
    pub fn forge(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.left.forged = next.left.forged.checked_sub(1)?;
        let one = &mut next.events[event];
        if one.forged || one.ledger.is_none() {
            return None;
        }
        one.forged = true;
        Some(next)
    }

    pub fn lock(&self, world: &World, event: usize, lock: Lock) -> Option<World> {
        let mut next = *world;
        next.left.locks = next.left.locks.checked_sub(1)?;
        let one = &mut next.events[event];
        let there = match lock {
            Lock::Ledger => one.ledger.is_some(),
            Lock::Queue => one.row.is_some(),
            Lock::Outbox => one.outbox,
        };
        if one.caller != Caller::Committed || one.locked.is_some() || !there {
            return None;
        }
        one.locked = Some(lock);
        Some(next)
    }

    pub fn unlock(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.events[event].locked.take()?;
        Some(next)
    }

    /// Somebody else's queue worker takes a row that waits, and calls. Beside it only share 0 is allowed (docs/protocol.md).
    pub fn foreign_take(&self, world: &World, event: usize, ok: bool) -> Option<World> {
        let mut next = *world;
        if world.route.mode == Mode::Both && world.route.share != Share::Zero {
            return None;
        }
        let one = &mut next.events[event];
        if one.locked == Some(Lock::Queue) || one.foreign.is_some() {
            return None;
        }
        let row = one.row.as_mut().filter(|row| row.waits())?;
        row.status = Status::Processing;
        one.foreign = Some(ok);
        if ok {
            one.taken += 1;
        } else {
            next.left.failures = next.left.failures.checked_sub(1)?;
        }
        Some(next)
    }

    /// It writes its result; sql/007/43_queue_triggers.sql notes it where the event has a ledger row.
    pub fn foreign_write(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        if one.locked == Some(Lock::Queue) {
            return None;
        }
        let ok = one.foreign.take()?;
        let (status, note) = if ok {
            (Status::Success, Note::Success)
        } else {
            (Status::Failed, Note::Failed)
        };
        one.row.as_mut()?.status = status;
        if one.ledger.is_some() {
            one.note = Some(note);
        } else {
            one.died |= !ok;
        }
        Some(next)
    }

    /// Somebody sets a failed row back (`failed` to `pending`); the same trigger notes it.
    pub fn foreign_requeue(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.left.requeues = next.left.requeues.checked_sub(1)?;
        let one = &mut next.events[event];
        let row = one
            .row
            .as_mut()
            .filter(|row| row.status == Status::Failed)?;
        if one.locked == Some(Lock::Queue) {
            return None;
        }
        row.status = Status::Pending;
        if one.ledger.is_some() {
            one.note = Some(Note::Requeued);
        }
        Some(next)
    }

    pub fn crash_foreign(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        next.left.crashes = next.left.crashes.checked_sub(1)?;
        let one = &mut next.events[event];
        one.foreign.take()?;
        one.excused += 1;
        Some(next)
    }

    /// sql/worker/reap.sql: a row that a foreign worker left `processing`.
    pub fn reap(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let row = one.row.as_mut()?;
        if row.status != Status::Processing
            || row.claim.is_some()
            || one.foreign.is_some()
            || matches!(one.locked, Some(Lock::Ledger | Lock::Queue))
        {
            return None;
        }
        let attempt = match &mut one.ledger {
            Some(ledger) => {
                if !matches!(ledger.state, State::Open | State::Retrying) {
                    return None;
                }
                ledger.state = State::Retrying;
                ledger.attempt += 1;
                ledger.attempt
            }
            None => row.retry_count + 1,
        };
        row.status = Status::Retrying;
        row.retry_count = attempt;
        one.noted += 1;
        Some(next)
    }
}
