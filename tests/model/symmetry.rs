//! Of all worlds that differ in nothing that matters any more, one stands for all. Events are alike, and so are the workers of a path; and
//! how an event came to its delivery is forgotten once nothing of it is left anywhere.

use super::{
    bounds::Bounds,
    properties::over,
    world::{Arm, Caller, Circuit, Event, FIRST_OF_NATS, Ledger, Row, Stage, World, number},
};

pub fn representative(bounds: &Bounds, world: &World) -> World {
    let world = &forgetful(world);
    let least = among_workers(bounds, world);
    if bounds.events < 2 {
        return least;
    }
    least.min(among_workers(bounds, &events_swapped(world)))
}

/// The order of two workers is seen in the first event in which they differ: the least world has the least jobs and claims first, so
/// that each path is put in order by itself.
fn among_workers(bounds: &Bounds, world: &World) -> World {
    let mut least = *world;
    if bounds.workers_a_path == 2 {
        for first in [0, FIRST_OF_NATS] {
            least = least.min(workers_swapped(&least, first));
        }
    }
    least
}

/// What is delivered may be sent never again: the counts that would excuse it go too.
fn forgetful(world: &World) -> World {
    let mut next = *world;
    for one in &mut next.events {
        if !one.delivered || !over(one) {
            continue;
        }
        let rest = Event {
            caller: one.caller,
            delivered: true,
            taken: 1,
            ..Event::new()
        };
        *one = match &one.ledger {
            Some(ledger) => Event {
                ledger: Some(Ledger {
                    attempt: 0,
                    prefers: Arm::Queue,
                    two_route: true,
                    has_queue_row: false,
                    published: true,
                    void: false,
                    seen: true,
                    died_at: false,
                    ..*ledger
                }),
                ..rest
            },
            None => Event {
                row: one.row.map(|row| Row {
                    retry_count: 0,
                    ..row
                }),
                ..rest
            },
        };
    }
    if let Stage::FlipWaits(noted) | Stage::BackWaits(noted) = &mut next.stage {
        for (noted, one) in noted.iter_mut().zip(&next.events) {
            // Only those who run still are waited for.
            *noted &= matches!(one.caller, Caller::Began(_));
        }
    }
    next
}

fn events_swapped(world: &World) -> World {
    let mut next = *world;
    next.events.swap(0, 1);
    if let Stage::FlipWaits(noted) | Stage::BackWaits(noted) = &mut next.stage {
        noted.swap(0, 1);
    }
    if let Circuit::Open { probe: Some(event) } = &mut next.circuit {
        *event = 1 - *event;
    }
    next
}

fn workers_swapped(world: &World, first: usize) -> World {
    let mut next = *world;
    let second = first + 1;
    next.frozen.swap(first, second);
    for one in &mut next.events {
        one.jobs.swap(first, second);
        let ledger = one.ledger.as_mut().and_then(|ledger| ledger.claim.as_mut());
        let row = one.row.as_mut().and_then(|row| row.claim.as_mut());
        for claim in ledger.into_iter().chain(row) {
            claim.by = match usize::from(claim.by) {
                by if by == first => number(second),
                by if by == second => number(first),
                _ => claim.by,
            };
        }
    }
    next
}
