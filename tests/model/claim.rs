//! Who may deliver an event now: the claims of both paths.

use super::{
    mistake::Mistake,
    protocol::Protocol,
    world::{
        Arm, Broken, Circuit, Claim, Event, Job, Lock, Mode, Share, State, Status, Step, World,
        number,
    },
};

impl Protocol {
    /// sql/worker/claim_queue.sql, for one row of its batch.
    pub fn claim_queue(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &world.events[event];
        let row = one.row?;
        if world.frozen[worker]
            || one.jobs[worker].is_some()
            || one.plain_stuck
            || one.locked == Some(Lock::Queue)
            || matches!(world.circuit, Circuit::Open { .. })
            || !(row.waits() || row.left_behind())
        {
            return None;
        }
        let both = world.route.mode == Mode::Both && world.route.share != Share::Zero;
        let stands = both && world.takeover_stands() && !world.fence;
        if let Some(ledger) = &one.ledger {
            let waits_for_nats = ledger.prefers == Arm::Nats && !ledger.void;
            if one.locked == Some(Lock::Ledger)
                || !ledger.free()
                || one.note.is_some()
                // `stands` in the statement, which asks it of rows that wait.
                || row.waits()
                    && stands
                    && waits_for_nats
                    && !self.makes(Mistake::TakeoverInOutage)
            {
                return None;
            }
            if stands && row.waits() && waits_for_nats {
                next.broken = Some(Broken::TakeoverInOutage);
            }
        }
        take(&mut next, worker, event, None);
        Some(next)
    }

    /// A message came (src/dataplane/worker/nats_path.rs), and the ledger is asked for its event in one statement.
    pub fn receive(
        &self,
        world: &World,
        worker: usize,
        event: usize,
        forged: bool,
    ) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        if world.frozen[worker] || one.jobs[worker].is_some() || one.ledger.is_none() {
            return None;
        }
        if forged {
            if !one.forged {
                return None;
            }
            one.forged = false;
        } else {
            one.copies = one.copies.checked_sub(1)?;
        }
        let held = Job {
            step: Step::Received,
            attempt: 0,
            message: true,
            forged,
        };
        if self.makes(Mistake::AckBeforeLedger) {
            one.jobs[worker] = Some(Job {
                message: false,
                ..held
            });
            return Some(next);
        }
        if self.makes(Mistake::ShareOutsideTheClaim) {
            // What is asked now is not asked again when it claims.
            let may = world.nats_may_deliver(one.ledger.as_ref()?);
            one.ledger.as_mut()?.seen = true;
            one.jobs[worker] = may.then_some(held);
            return Some(next);
        }
        self.claim_nats(next, worker, event, held)
    }

    pub fn claim_received(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let job = next.events[event].jobs[worker].take()?;
        if world.frozen[worker] || job.step != Step::Received {
            return None;
        }
        self.claim_nats(next, worker, event, job)
    }

    /// sql/worker/claim_nats.sql, for one event of its batch. What may not be claimed is acknowledged; a locked event is asked for again.
    fn claim_nats(&self, mut next: World, worker: usize, event: usize, held: Job) -> Option<World> {
        if next.events[event].locked == Some(Lock::Ledger) {
            return None;
        }
        let ledger = next.events[event].ledger.as_mut()?;
        ledger.seen = true;
        let ledger = *ledger;
        let one = &next.events[event];
        let queue_row_free = !ledger.has_queue_row
            || one.locked != Some(Lock::Queue)
                && one.row.is_some_and(|row| row.waits() || row.left_behind());
        let share = next.nats_may_deliver(&ledger);
        let claims = ledger.free()
            && !matches!(next.circuit, Circuit::Open { .. })
            && one.note.is_none()
            && !next.fence
            && (share || self.makes(Mistake::ShareOutsideTheClaim))
            && queue_row_free;
        if !claims {
            return Some(next);
        }
        if !share {
            next.broken = Some(if next.route.share == Share::Zero {
                Broken::AgainstShare
            } else {
                Broken::TakeoverInOutage
            });
        }
        take(&mut next, worker, event, Some(held));
        Some(next)
    }

    /// src/dataplane/worker/nats_path.rs, `claim_all`: after some tries a message whose event is locked is acknowledged all the same.
    pub fn give_up_busy(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        if world.frozen[worker] || one.locked != Some(Lock::Ledger) || one.jobs[worker].is_some() {
            return None;
        }
        one.copies = one.copies.checked_sub(1)?;
        one.copy_gone = true;
        Some(next)
    }
}

/// Ledger, queue row and circuit as both claims write them. A claim that takes over notes the attempt before it.
fn take(world: &mut World, worker: usize, event: usize, message: Option<Job>) {
    let probing = world.circuit == Circuit::Due;
    let one = &mut world.events[event];
    let attempt = claimed(one, worker);
    one.jobs[worker] = Some(Job {
        step: Step::Claimed,
        attempt,
        message: message.is_some_and(|job| job.message),
        forged: message.is_some_and(|job| job.forged),
    });
    if probing {
        world.circuit = Circuit::Open {
            probe: Some(number(event)),
        };
        // `open_until` is the end of the lease now.
        world.outage_lately = true;
    }
}

fn claimed(one: &mut Event, worker: usize) -> u8 {
    let mine = Some(Claim {
        by: number(worker),
        ended: false,
    });
    match (&mut one.ledger, &mut one.row) {
        (Some(ledger), row) => {
            one.noted += u8::from(ledger.state == State::Claimed);
            ledger.state = State::Claimed;
            ledger.claim = mine;
            ledger.attempt += 1;
            if let Some(row) = row.as_mut().filter(|_| ledger.has_queue_row) {
                row.status = Status::Processing;
                row.claim = mine;
            }
            ledger.attempt
        }
        (None, Some(row)) => {
            let unanswered = row.status == Status::Processing;
            one.noted += u8::from(unanswered);
            row.retry_count += u8::from(unanswered);
            row.status = Status::Processing;
            row.claim = mine;
            row.retry_count + 1
        }
        (None, None) => 0,
    }
}
