//! From a claim to its result: the call, the ways in which it does not come to one, and the recorder.

use super::{
    mistake::Mistake,
    protocol::Protocol,
    world::{
        Broken, Circuit, Event, FIRST_OF_NATS, Job, Lock, Poison, Since, State, Status, Step,
        World, number,
    },
};

impl Protocol {
    /// src/dataplane/worker/delivery.rs: a call begins where the lease outlasts it, and where nobody forbade it half a second ago or
    /// later (sql/worker/may_call.sql). It ends with the lease at the latest, so that a worker that runs never has a call without one.
    pub fn call(&self, world: &World, worker: usize, event: usize, ok: bool) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let job = one.jobs[worker]?;
        if world.frozen[worker] || job.step != Step::Claimed {
            return None;
        }
        let leased =
            one.held_by(worker, job.attempt) && one.claim().is_some_and(|claim| !claim.ended);
        if !leased && !self.makes(Mistake::LeaseNotRenewed) {
            return None;
        }
        let of_nats = worker >= FIRST_OF_NATS;
        let late = of_nats && world.rollback == Since::Long;
        // The fence was there half a second ago: whoever asks is told.
        if late && world.fence && !self.makes(Mistake::NotAskedAtTheCall) {
            return None;
        }
        // sql/worker/claim_nats.sql brings the digest. Other bytes are not sent: the outbox is read.
        let other_bytes = job.forged && self.makes(Mistake::PayloadFromTheMessage);
        if late {
            next.broken = Some(Broken::LateCall);
        } else if other_bytes {
            next.broken = Some(Broken::OtherBytes);
        }
        if ok {
            one.taken += 1;
        } else {
            next.left.failures = next.left.failures.checked_sub(1)?;
        }
        one.jobs[worker] = Some(Job {
            step: Step::Called(ok),
            ..job
        });
        Some(next)
    }

    /// sql/worker/may_call.sql says no, and sql/worker/release_event.sql or release_call.sql undoes the claim. The message is acknowledged.
    pub fn give_back(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let job = self.unwanted(world, worker, event)?;
        let one = &mut next.events[event];
        if one.locked.is_some_and(|lock| lock != Lock::Outbox) {
            return None;
        }
        one.jobs[worker] = None;
        undo(one, worker, job.attempt);
        if world.circuit
            == (Circuit::Open {
                probe: Some(number(event)),
            })
        {
            next.circuit = Circuit::Due;
        }
        Some(next)
    }

    /// The same where somebody has locked the row: the statement ends by `lock_timeout`, the claim with its lease. Whoever takes over
    /// notes an attempt that was never made.
    pub fn drop_claim(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let job = self.unwanted(world, worker, event)?;
        let one = &mut next.events[event];
        if one.locked.is_none_or(|lock| lock == Lock::Outbox) {
            return None;
        }
        one.jobs[worker] = None;
        one.excused += 1;
        if job.message {
            one.copy_comes();
        }
        Some(next)
    }

    /// A claim that its worker holds and may not call.
    fn unwanted(&self, world: &World, worker: usize, event: usize) -> Option<Job> {
        let one = &world.events[event];
        let job = one.jobs[worker]?;
        if world.frozen[worker]
            || job.step != Step::Claimed
            || !one.held_by(worker, job.attempt)
            || self.makes(Mistake::NotAskedAtTheCall)
        {
            return None;
        }
        let others_probe =
            matches!(world.circuit, Circuit::Open { probe } if probe != Some(number(event)));
        let fenced = worker >= FIRST_OF_NATS
            && (world.fence
                || one
                    .ledger
                    .is_some_and(|ledger| !world.nats_may_deliver(&ledger)));
        (others_probe || fenced || one.note.is_some()).then_some(job)
    }

    /// sql/worker/renew_event.sql and renew_call.sql: by compare-and-set. What is lost is left to its new holder, and the message is
    /// acknowledged. Where the row is locked, sql/worker/hold.sql comes too late for a lease that is over.
    pub fn renew(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let job = one.jobs[worker]?;
        if world.frozen[worker] || job.step != Step::Claimed || self.makes(Mistake::LeaseNotRenewed)
        {
            return None;
        }
        if !one.held_by(worker, job.attempt) {
            one.jobs[worker] = None;
            return Some(next);
        }
        if !one.claim().is_some_and(|claim| claim.ended) {
            return None;
        }
        let plain = one.ledger.is_none();
        if one.locked == Some(if plain { Lock::Queue } else { Lock::Ledger }) {
            one.jobs[worker] = None;
            return Some(next);
        }
        one.claim_mut()?.ended = false;
        if let Some(claim) = one.row.as_mut().and_then(|row| row.claim.as_mut())
            && usize::from(claim.by) == worker
        {
            claim.ended = false;
        }
        Some(next)
    }

    /// src/dataplane/worker/recorder.rs: sql/worker/hold_events.sql, then record_events.sql, or record_calls.sql, in one transaction;
    /// then sql/worker/circuit_close.sql or circuit_fail.sql; then the message is acknowledged. What is locked waits aside.
    pub fn record(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let job = one.jobs[worker]?;
        let Step::Called(ok) = job.step else {
            return None;
        };
        if world.frozen[worker] || self.waits_for_a_lock(world, worker) {
            return None;
        }
        if !one.held_by(worker, job.attempt) {
            one.jobs[worker] = None;
            return Some(next);
        }
        if one.poison == Some(Poison::Result) || locked_for_its_result(one) {
            return None;
        }
        one.jobs[worker] = None;
        let again = !ok && job.attempt <= self.bounds.max_retries;
        write_result(one, ok, again, job.attempt);
        self.learn(&mut next, event, ok);
        Some(next)
    }

    /// The mistake: results are written together, and one that is locked keeps its batch.
    fn waits_for_a_lock(&self, world: &World, worker: usize) -> bool {
        let called =
            |one: &&Event| one.jobs[worker].is_some_and(|job| matches!(job.step, Step::Called(_)));
        self.makes(Mistake::RecorderWaits)
            && world
                .events
                .iter()
                .filter(called)
                .any(locked_for_its_result)
    }

    /// src/store/circuit.rs.
    fn learn(&self, world: &mut World, event: usize, ok: bool) {
        if ok && world.circuit != Circuit::Closed {
            (world.circuit, world.outage_lately) = (Circuit::Closed, true);
        }
        if !ok && self.bounds.circuit {
            let probe = match world.circuit {
                Circuit::Open { probe } => probe.filter(|one| *one != number(event)),
                Circuit::Closed | Circuit::Due => None,
            };
            world.circuit = Circuit::Open { probe };
        }
    }

    /// src/dataplane/worker/aside.rs: PostgreSQL refuses the result again and again. sql/worker/set_aside.sql.
    pub fn set_aside(&self, world: &World, worker: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let job = one.jobs[worker]?;
        if world.frozen[worker]
            || !matches!(job.step, Step::Called(_))
            || one.poison != Some(Poison::Result)
            || !one.held_by(worker, job.attempt)
            || locked_for_its_result(one)
        {
            return None;
        }
        one.jobs[worker] = None;
        match &mut one.ledger {
            Some(ledger) => (ledger.state, ledger.claim) = (State::Stuck, None),
            // Its claim never ends.
            None => one.plain_stuck = true,
        }
        Some(next)
    }
}

/// sql/worker/hold_events.sql: ledger, queue and outbox row, as far as the event has them.
fn locked_for_its_result(one: &Event) -> bool {
    match one.locked {
        Some(Lock::Ledger) => one.ledger.is_some(),
        Some(Lock::Queue) => one.ledger.is_none_or(|ledger| ledger.has_queue_row),
        Some(Lock::Outbox) => one.outbox,
        None => false,
    }
}

fn write_result(one: &mut Event, ok: bool, again: bool, attempt: u8) {
    let status = match (ok, again) {
        (true, _) => Status::Success,
        (false, true) => Status::Retrying,
        (false, false) => Status::Failed,
    };
    one.delivered |= ok;
    one.died |= !ok && !again;
    let Some(ledger) = &mut one.ledger else {
        if let Some(row) = &mut one.row {
            (row.status, row.claim) = (status, None);
            row.retry_count = if again { attempt } else { attempt - 1 };
        }
        return;
    };
    ledger.state = match (ok, again) {
        (true, _) => State::Delivered,
        (false, true) => State::Retrying,
        (false, false) => State::Dead,
    };
    // sql/007/82_deaths.sql.
    ledger.died_at |= ledger.state == State::Dead;
    ledger.claim = None;
    if let Some(row) = one.row.as_mut().filter(|_| ledger.has_queue_row) {
        (row.status, row.claim) = (status, None);
        row.retry_count = if again { attempt } else { attempt - 1 };
    }
    close(one);
}

/// What record_events.sql and sql/sweep/foreign_results.sql do with the payload of what is delivered.
pub fn close(one: &mut Event) {
    let Some(ledger) = one.ledger.as_mut() else {
        return;
    };
    if ledger.state != State::Delivered {
        return;
    }
    if !ledger.two_route && !ledger.void && !ledger.published {
        ledger.published = true;
        one.listed = false;
    }
    if !ledger.two_route || ledger.published || ledger.void {
        one.outbox = false;
    }
}

fn undo(one: &mut Event, worker: usize, attempt: u8) {
    let waits = |count: u8| {
        if count > 0 {
            Status::Retrying
        } else {
            Status::Pending
        }
    };
    if let Some(ledger) = &mut one.ledger {
        ledger.state = if attempt > 1 {
            State::Retrying
        } else {
            State::Open
        };
        ledger.attempt -= 1;
        ledger.claim = None;
        if !ledger.has_queue_row {
            return;
        }
    }
    if let Some(row) = one.row.as_mut()
        && row
            .claim
            .is_some_and(|claim| usize::from(claim.by) == worker)
    {
        (row.status, row.claim) = (waits(row.retry_count), None);
    }
}
