//! A caller's transaction, the relay that carries what it wrote into the stream, and the half of the sweeper that publishes again.

use super::{
    bounds::Bounds,
    protocol::Protocol,
    world::{
        Arm, Broken, COPIES, Caller, Circuit, Ledger, Lock, Mode, Poison, Row, Share, Stage, State,
        Status, World,
    },
};

impl Protocol {
    /// The snapshot is taken: the mode is what it was at this moment, whenever the transaction ends.
    pub fn begin(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        if one.caller != Caller::Idle {
            return None;
        }
        one.caller = Caller::Began(world.route);
        Some(next)
    }

    /// sql/007/40_publish.sql: one statement reads the mode of its snapshot and writes every route; then COMMIT.
    pub fn commit(&self, world: &World, event: usize, drawn: Arm) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let Caller::Began(route) = one.caller else {
            return None;
        };
        let prefers = match (route.mode, route.share) {
            (Mode::Nats, _) | (Mode::Both, Share::Full) => Arm::Nats,
            (Mode::Queue, _) | (Mode::Both, Share::Zero) => Arm::Queue,
            (Mode::Both, Share::Half) => drawn,
        };
        if drawn != prefers {
            return None;
        }
        one.caller = Caller::Committed;
        let queue_route = route.mode != Mode::Nats;
        if queue_route {
            one.row = Some(Row {
                status: Status::Pending,
                claim: None,
                retry_count: 0,
            });
        }
        if route.mode != Mode::Queue {
            one.ledger = Some(Ledger {
                state: State::Open,
                two_route: queue_route,
                has_queue_row: queue_route,
                prefers,
                attempt: 0,
                claim: None,
                published: false,
                void: false,
                seen: false,
                died_at: false,
            });
            (one.outbox, one.listed) = (true, true);
        }
        if past_barrier(world, &self.bounds).is_some_and(|mode| mode != route.mode) {
            next.broken = Some(Broken::LatePublish);
        }
        Some(next)
    }

    /// sql/relay/unpublished.sql and the message that follows. A fence that comes between the two changes nothing: it is as if the copy
    /// had been sent before it.
    pub fn send(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let sent = &mut one.sent[usize::from(world.serving)];
        if !one.listed
            || !one.outbox
            || world.fence
            || *sent
            || one.copies == COPIES
            || one.poison == Some(Poison::TooLarge)
        {
            return None;
        }
        *sent = true;
        one.copies += 1;
        Some(next)
    }

    /// sql/relay/mark_published.sql; around locks sql/relay/mark_around.sql.
    pub fn mark(&self, world: &World, relay: usize, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let ledger = one.ledger.as_mut()?;
        let delivered = ledger.state == State::Delivered;
        if !one.sent[relay]
            || one.locked == Some(Lock::Ledger)
            || one.locked == Some(Lock::Outbox) && delivered && one.outbox
        {
            return None;
        }
        one.sent[relay] = false;
        ledger.published = true;
        one.listed = false;
        if delivered {
            one.outbox = false;
        }
        Some(next)
    }

    /// NATS refuses the copy for ever (src/dataplane/relay/answers.rs), then sql/relay/mark_void.sql.
    pub fn mark_void(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let ledger = one.ledger.as_mut()?;
        if one.poison != Some(Poison::TooLarge)
            || !one.listed
            || world.fence
            || one.locked == Some(Lock::Ledger)
            || one.locked == Some(Lock::Outbox) && ledger.state == State::Delivered && one.outbox
        {
            return None;
        }
        if !ledger.has_queue_row && ledger.free() {
            ledger.has_queue_row = true;
            one.row = Some(filled(ledger.attempt));
        }
        ledger.void = true;
        one.listed = false;
        if ledger.state == State::Delivered {
            one.outbox = false;
        }
        Some(next)
    }

    /// sql/sweep/republish.sql: what the NATS claim would accept now, and whose last copy cannot come any more.
    pub fn send_again(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let ledger = one.ledger.as_mut()?;
        let queue_row_free =
            !ledger.has_queue_row || one.row.is_some_and(|row| row.waits() || row.left_behind());
        if world.fence
            || matches!(world.circuit, Circuit::Open { .. })
            || !ledger.published
            || ledger.void
            || !ledger.free()
            || !(ledger.seen || one.copies == 0)
            || one.copies == COPIES
            || one.note.is_some()
            || one.sent[usize::from(world.serving)]
            || !queue_row_free
            || !one.outbox
            || !world.nats_may_deliver(one.ledger.as_ref()?)
        {
            return None;
        }
        one.sent[usize::from(world.serving)] = true;
        one.copies += 1;
        // The next copy, which nobody has seen: its number is noted with its mark, and is believed one step before that.
        one.ledger.as_mut()?.seen = false;
        Some(next)
    }

    /// src/dataplane/relay/partitions.rs: the successor has the partition's lock; what the first has in flight still arrives.
    pub fn hand_over(&self, world: &World) -> Option<World> {
        let mut next = *world;
        next.left.handovers = next.left.handovers.checked_sub(1)?;
        next.serving = 1 - world.serving;
        Some(next)
    }
}

/// A queue row made from the outbox.
pub fn filled(attempt: u8) -> Row {
    Row {
        status: if attempt > 0 {
            Status::Retrying
        } else {
            Status::Pending
        },
        claim: None,
        retry_count: attempt,
    }
}

/// The mode that every event has which is committed from now on: the last command has passed its barrier.
fn past_barrier(world: &World, bounds: &Bounds) -> Option<Mode> {
    let reached = match world.stage {
        Stage::FlipDone => bounds.to,
        Stage::Accounts(_) | Stage::BackDone => bounds.back,
        _ => None,
    };
    reached.map(|route| route.mode)
}
