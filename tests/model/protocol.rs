//! The protocol as a machine: which actions there are, and what each does. An action whose statement finds nothing to do is `None`.

use stateright::{Model, Property};

use super::{
    action::Action,
    bounds::Bounds,
    mistake::Mistake,
    properties, symmetry,
    world::{Arm, Caller, Lock, RELAYS, World},
};

pub struct Protocol {
    pub bounds: Bounds,
    /// States that differ in nothing that matters are one (symmetry.rs).
    pub symmetry: bool,
}

impl Protocol {
    pub fn makes(&self, mistake: Mistake) -> bool {
        self.bounds.mistake == Some(mistake)
    }

    /// The world after this action, or `None` where it cannot happen.
    pub fn after(&self, world: &World, action: Action) -> Option<World> {
        use Action::*;
        match action {
            Begin(event) => self.begin(world, event),
            Commit(event, arm) => self.commit(world, event, arm),
            Send(event) => self.send(world, event),
            SendAgain(event) => self.send_again(world, event),
            Mark(relay, event) => self.mark(world, relay, event),
            MarkVoid(event) => self.mark_void(world, event),
            HandOver => self.hand_over(world),
            ClaimQueue(worker, event) => self.claim_queue(world, worker, event),
            Receive(worker, event, forged) => self.receive(world, worker, event, forged),
            ClaimReceived(worker, event) => self.claim_received(world, worker, event),
            GiveUpBusy(worker, event) => self.give_up_busy(world, worker, event),
            Call(worker, event, ok) => self.call(world, worker, event, ok),
            GiveBack(worker, event) => self.give_back(world, worker, event),
            DropClaim(worker, event) => self.drop_claim(world, worker, event),
            Renew(worker, event) => self.renew(world, worker, event),
            Record(worker, event) => self.record(world, worker, event),
            SetAside(worker, event) => self.set_aside(world, worker, event),
            ApplyNote(event) => self.apply_note(world, event),
            Release(event) => self.sweep_left_behind(world, event),
            Enqueue(event) => self.sweep_undelivered(world, event),
            CloseFenced(event) => self.close_fenced(world, event),
            Flip => self.flip(world),
            NoteBarrier => self.note_barrier(world),
            PassBarrier => self.pass_barrier(world),
            MoveWaiting(event) => self.move_waiting(world, event),
            Fence => self.fence(world),
            Redrive => self.redrive(world),
            TakeBack => self.take_back(world),
            Account => self.account(world),
            Requeue(event) => self.requeue(world, event),
            LeaseEnds(event) => self.lease_ends(world, event),
            SecondPasses => self.second_passes(world),
            CircuitIsDue => self.circuit_is_due(world),
            OutageIsLongAgo => self.outage_is_long_ago(world),
            CrashWorker(worker) => self.crash_worker(world, worker),
            CrashRelay(relay) => self.crash_relay(world, relay),
            CrashOperator => self.crash_operator(world),
            CrashForeign(event) => self.crash_foreign(world, event),
            Freeze(worker) => self.freeze(world, worker),
            Thaw(worker) => self.thaw(world, worker),
            Lose(event) => self.lose(world, event),
            ComeAgain(event) => self.come_again(world, event),
            Forge(event) => self.forge(world, event),
            LockRow(event, lock) => self.lock(world, event, lock),
            Unlock(event) => self.unlock(world, event),
            ForeignTake(event, ok) => self.foreign_take(world, event, ok),
            ForeignRequeue(event) => self.foreign_requeue(world, event),
            ForeignWrite(event) => self.foreign_write(world, event),
            Reap(event) => self.reap(world, event),
        }
    }

    /// Everything that could be tried on one event.
    pub fn of_event(&self, world: &World, event: usize, actions: &mut Vec<Action>) {
        use Action::*;
        match world.events[event].caller {
            // Events that nobody has made yet are alike.
            Caller::Idle if event > 0 && world.events[event - 1].caller == Caller::Idle => return,
            Caller::Idle => return actions.push(Begin(event)),
            Caller::Began(_) => {
                actions.extend([Commit(event, Arm::Queue), Commit(event, Arm::Nats)]);
                return;
            }
            Caller::Committed => {}
        }
        actions.extend([Send(event), MarkVoid(event)]);
        actions.extend((0..RELAYS).map(|relay| Mark(relay, event)));
        for worker in self.bounds.queue_workers() {
            actions.push(ClaimQueue(worker, event));
        }
        for worker in self.bounds.nats_workers() {
            actions.push(Receive(worker, event, false));
            actions.push(Receive(worker, event, true));
            actions.push(ClaimReceived(worker, event));
            actions.push(GiveUpBusy(worker, event));
        }
        for worker in self.bounds.workers() {
            if world.events[event].jobs[worker].is_some() {
                actions.push(Call(worker, event, true));
                actions.push(Call(worker, event, false));
                actions.push(Record(worker, event));
                actions.push(SetAside(worker, event));
                actions.push(GiveBack(worker, event));
                actions.push(DropClaim(worker, event));
                actions.push(Renew(worker, event));
            }
        }
        actions.extend([
            SendAgain(event),
            ApplyNote(event),
            Release(event),
            Enqueue(event),
            CloseFenced(event),
            MoveWaiting(event),
            Requeue(event),
            LeaseEnds(event),
            Unlock(event),
            Lose(event),
            ComeAgain(event),
            Forge(event),
        ]);
        for lock in [Lock::Ledger, Lock::Queue, Lock::Outbox] {
            actions.push(LockRow(event, lock));
        }
        if self.bounds.foreign_worker {
            actions.extend([
                ForeignTake(event, true),
                ForeignTake(event, false),
                ForeignWrite(event),
                ForeignRequeue(event),
                CrashForeign(event),
                Reap(event),
            ]);
        }
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![self.bounds.first()]
    }

    /// Everything that could be tried: what cannot happen now has no next state.
    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        use Action::*;
        // What comes after a fault is of no interest.
        if world.broken.is_some() {
            return;
        }
        for event in 0..self.bounds.events {
            self.of_event(world, event, actions);
        }
        actions.extend([
            Flip,
            NoteBarrier,
            PassBarrier,
            Fence,
            Redrive,
            TakeBack,
            Account,
            SecondPasses,
            CircuitIsDue,
            OutageIsLongAgo,
            HandOver,
            CrashOperator,
        ]);
        actions.extend((0..RELAYS).map(CrashRelay));
        for worker in self.bounds.workers() {
            actions.extend([CrashWorker(worker), Freeze(worker), Thaw(worker)]);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let next = self.after(world, action)?;
        Some(if self.symmetry {
            symmetry::representative(&self.bounds, &next)
        } else {
            next
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
