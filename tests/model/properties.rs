//! What must hold in every state, and what quiet is.

use stateright::Property;

use super::{
    action::Action,
    protocol::Protocol,
    world::{Broken, Caller, Event, Stage, State, Status, World},
};

pub const LOST: &str = "no committed event is lost";
pub const TWICE: &str = "no success is sent again but for attempts that are named";
pub const STAYS: &str = "what was delivered stays delivered";
pub const NAMED: &str = "only attempts of workers that died or stood still are named";
pub const LATE_CALL: &str = "NATS starts no call later than a second after a rollback began";
pub const BYTES: &str = "what is sent is what the event was born with";
pub const SHARE: &str = "NATS claims only what the share leaves to it";
pub const OUTAGE: &str = "nobody takes over while the circuit is open";
pub const LATE_PUBLISH: &str = "past a barrier nobody publishes by the old mode";
pub const ACCOUNTED: &str = "a finished rollback leaves no event without a queue row";
pub const ACK: &str = "a copy is acknowledged only when the ledger knows that it was seen";
pub const DEATH: &str = "a death is remembered";
pub const WAITS: &str = "no event waits for another's lock or poison";

pub fn all() -> Vec<Property<Protocol>> {
    let always = Property::<Protocol>::always;
    vec![
        always(LOST, |_, world| world.events.iter().all(kept)),
        always(TWICE, |_, world| {
            world.events.iter().all(|one| one.taken <= 1 + one.noted)
        }),
        always(STAYS, |_, world| {
            world
                .events
                .iter()
                .all(|one| !one.delivered || ended_well(one))
        }),
        always(NAMED, |_, world| {
            world.events.iter().all(|one| one.noted <= one.excused)
        }),
        always(LATE_CALL, |_, world| world.broken != Some(Broken::LateCall)),
        always(BYTES, |_, world| world.broken != Some(Broken::OtherBytes)),
        always(SHARE, |_, world| world.broken != Some(Broken::AgainstShare)),
        always(OUTAGE, |_, world| {
            world.broken != Some(Broken::TakeoverInOutage)
        }),
        always(LATE_PUBLISH, |_, world| {
            world.broken != Some(Broken::LatePublish)
        }),
        always(ACCOUNTED, |_, world| {
            world.stage != Stage::BackDone || world.unaccounted() == 0
        }),
        always(ACK, |_, world| world.events.iter().all(may_come_again)),
        always(DEATH, |_, world| world.events.iter().all(remembered)),
        always(WAITS, each_goes_by_itself),
    ]
}

/// Delivered, dead, or with its payload in PostgreSQL.
fn kept(one: &Event) -> bool {
    let payload = one.outbox || one.row.is_some();
    if one.caller != Caller::Committed {
        return true;
    }
    match (&one.ledger, &one.row) {
        (Some(ledger), _) => match ledger.state {
            State::Delivered => one.taken > 0,
            State::Dead => one.died && payload,
            State::Open | State::Claimed | State::Retrying | State::Stuck => payload,
        },
        (None, Some(row)) => match row.status {
            Status::Success => one.taken > 0,
            Status::Failed => one.died,
            Status::Pending | Status::Retrying | Status::Processing => true,
        },
        (None, None) => false,
    }
}

fn ended_well(one: &Event) -> bool {
    match (&one.ledger, &one.row) {
        (Some(ledger), _) => ledger.state == State::Delivered,
        (None, Some(row)) => row.status == Status::Success,
        (None, None) => false,
    }
}

/// The sweeper brings back what a worker saw. A copy that nobody saw must be somewhere, unless the broker lost it.
fn may_come_again(one: &Event) -> bool {
    let Some(ledger) = one.ledger else {
        return true;
    };
    let was_sent = ledger.published || one.sent.contains(&true);
    let in_hand = one.jobs.iter().flatten().any(|job| job.message);
    !was_sent || ledger.ended() || ledger.seen || one.copies > 0 || in_hand || one.copy_gone
}

fn remembered(one: &Event) -> bool {
    one.ledger.is_none_or(|ledger| !one.died || ledger.died_at)
}

/// Whatever can be done for an event could be done, and no more, if no other event were locked or poisoned.
fn each_goes_by_itself(protocol: &Protocol, world: &World) -> bool {
    let bad = |one: &Event| one.locked.is_some() || one.poison.is_some();
    (0..protocol.bounds.events).all(|event| {
        let mut healthy = *world;
        for (other, one) in healthy.events.iter_mut().enumerate() {
            if other != event {
                (one.locked, one.poison) = (None, None);
            }
        }
        if world
            .events
            .iter()
            .enumerate()
            .all(|(other, one)| other == event || !bad(one))
        {
            return true;
        }
        let mut actions: Vec<Action> = Vec::new();
        protocol.of_event(world, event, &mut actions);
        actions.retain(|action| action.carries() == Some(event));
        actions.into_iter().all(|action| {
            protocol.after(world, action).is_some() == protocol.after(&healthy, action).is_some()
        })
    })
}

/// Nothing is left to do: every command is done, every event is over or set aside, and nobody has anything in hand.
pub fn quiet(world: &World) -> bool {
    let at_rest = matches!(world.stage, Stage::Idle | Stage::FlipDone | Stage::BackDone);
    at_rest && world.frozen == [false; 4] && world.events.iter().all(over)
}

/// Nothing is left to do for this event.
pub fn over(one: &Event) -> bool {
    let ended = match (&one.ledger, &one.row) {
        (Some(ledger), _) => match ledger.state {
            State::Delivered => !one.outbox && !one.listed,
            State::Dead | State::Stuck => true,
            State::Open | State::Claimed | State::Retrying => false,
        },
        (None, Some(row)) => {
            matches!(row.status, Status::Success | Status::Failed) || one.plain_stuck
        }
        (None, None) => true,
    };
    let in_hand = one.jobs.iter().any(Option::is_some)
        || one.sent.contains(&true)
        || one.copies > 0
        || one.forged
        || one.foreign.is_some()
        || one.note.is_some()
        || one.locked.is_some();
    !matches!(one.caller, Caller::Began(_)) && ended && !in_hand
}
