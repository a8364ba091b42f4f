//! What the sweeper tidies without NATS, and the re-drive of a rollback: the same statements, by different hands.

use super::{
    bounds::Bounds,
    call::close,
    protocol::Protocol,
    publish::filled,
    world::{Lock, Note, State, Status, World},
};

impl Protocol {
    /// sql/redrive/release.sql, as the sweeper calls it while a fence stands (src/store/sweep.rs, `fenced`).
    pub fn sweep_left_behind(&self, world: &World, event: usize) -> Option<World> {
        world.fence.then_some(world)?.release(event)
    }

    /// sql/redrive/enqueue_undelivered.sql, as the sweeper calls it: for what is fenced, and for what NATS can never carry.
    pub fn sweep_undelivered(&self, world: &World, event: usize) -> Option<World> {
        let void = world.events[event].ledger.is_some_and(|ledger| ledger.void);
        (world.fence || void).then_some(world)?.enqueue(event)
    }

    pub fn apply_note(&self, world: &World, event: usize) -> Option<World> {
        world.apply_note(event, self.bounds.max_retries)
    }

    /// sql/sweep/fenced_done.sql.
    pub fn close_fenced(&self, world: &World, event: usize) -> Option<World> {
        let mut next = *world;
        let one = &mut next.events[event];
        let ledger = one.ledger.as_mut()?;
        if !world.fence
            || !one.listed
            || ledger.state != State::Delivered
            || !ledger.two_route
            || one.locked == Some(Lock::Ledger)
            || one.locked == Some(Lock::Outbox) && one.outbox
        {
            return None;
        }
        ledger.void = true;
        (one.listed, one.outbox) = (false, false);
        Some(next)
    }
}

impl World {
    /// sql/sweep/foreign_results.sql.
    pub fn apply_note(&self, event: usize, max_retries: u8) -> Option<World> {
        let mut next = *self;
        let one = &mut next.events[event];
        let note = one.note?;
        if one.locked == Some(Lock::Ledger) || one.locked == Some(Lock::Outbox) && one.outbox {
            return None;
        }
        one.note = None;
        let Some(ledger) = one.ledger.as_mut() else {
            return Some(next);
        };
        let busy = ledger.claim.is_some_and(|claim| !claim.ended);
        let becomes = match note {
            Note::Success if ledger.state != State::Delivered => State::Delivered,
            Note::Failed if ledger.state != State::Delivered && !busy => State::Dead,
            Note::Requeued if ledger.state == State::Dead => State::Retrying,
            Note::Success | Note::Failed | Note::Requeued => return Some(next),
        };
        one.noted += u8::from(ledger.state == State::Claimed);
        (ledger.state, ledger.claim) = (becomes, None);
        if note == Note::Requeued {
            ledger.attempt = ledger.attempt.min(max_retries);
        }
        ledger.died_at |= becomes == State::Dead;
        one.died |= becomes == State::Dead;
        one.delivered |= becomes == State::Delivered;
        close(one);
        Some(next)
    }

    /// sql/redrive/release.sql.
    pub fn release(&self, event: usize) -> Option<World> {
        let mut next = *self;
        let one = &mut next.events[event];
        let (ledger, row) = (one.ledger.as_mut()?, one.row.as_mut()?);
        if !row.left_behind()
            || ledger.state != State::Claimed
            || !ledger.free()
            || one.note.is_some()
            || matches!(one.locked, Some(Lock::Ledger | Lock::Queue))
        {
            return None;
        }
        (ledger.state, ledger.claim) = (State::Retrying, None);
        (row.status, row.claim) = (Status::Retrying, None);
        row.retry_count = ledger.attempt;
        one.noted += 1;
        Some(next)
    }

    /// sql/redrive/enqueue_undelivered.sql.
    pub fn enqueue(&self, event: usize) -> Option<World> {
        let mut next = *self;
        let one = &mut next.events[event];
        let ledger = one.ledger.as_mut()?;
        if ledger.has_queue_row
            || !ledger.free()
            || !one.outbox
            || one.note.is_some()
            || one.locked == Some(Lock::Ledger)
        {
            return None;
        }
        if ledger.state == State::Claimed {
            (ledger.state, ledger.claim) = (State::Retrying, None);
            one.noted += 1;
        }
        ledger.has_queue_row = true;
        one.row = Some(filled(ledger.attempt));
        Some(next)
    }

    /// src/engine/back/redrive.rs, `once`, over all events. Due times that are pulled forward are times.
    pub fn redriven(&self, bounds: &Bounds) -> World {
        let mut next = *self;
        for event in 0..bounds.events {
            next = next.apply_note(event, bounds.max_retries).unwrap_or(next);
            next = next.release(event).unwrap_or(next);
            next = next.enqueue(event).unwrap_or(next);
        }
        next
    }

    /// sql/redrive/unaccounted.sql.
    pub fn unaccounted(&self) -> usize {
        let lacks = self.events.iter().filter_map(|one| one.ledger);
        lacks
            .filter(|l| !l.ended() && l.state != State::Stuck && !l.has_queue_row)
            .count()
    }
}
