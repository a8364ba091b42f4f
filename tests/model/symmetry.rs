//! Events are alike, and so are the workers of a path: of all worlds that differ in their names alone, one stands for all.

use super::{
    bounds::Bounds,
    world::{Circuit, FIRST_OF_NATS, Stage, World, number},
};

pub fn representative(bounds: &Bounds, world: &World) -> World {
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
