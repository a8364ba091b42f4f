//! Which bounds are explored: small ones every day, large ones by `scripts/model`.

use super::{
    bounds::{Bounds, FULL, HALF, NATS, NATS_FROM_SHADOW, QUEUE, SHADOW},
    world::{Left, Poison},
};

/// In seconds, all together, in a build without optimisation.
pub fn everyday() -> Vec<Bounds> {
    let one = Bounds::least;
    let crash = Left {
        crashes: 1,
        ..Left::default()
    };
    let mut all = each(one, 0);
    all.extend([
        Bounds {
            to: Some(NATS),
            back: Some(QUEUE),
            troubles: crash,
            ..one("both -> nats -> queue, a crash", FULL)
        },
        Bounds {
            foreign_worker: true,
            troubles: crash,
            ..one("both 0, a foreign queue worker that crashes", SHADOW)
        },
        Bounds {
            workers_a_path: 2,
            troubles: Left {
                again: 1,
                failures: 1,
                freezes: 1,
                ..Left::default()
            },
            ..one("nats, two workers, one stands still", NATS)
        },
        Bounds {
            events: 2,
            back: Some(QUEUE),
            ..one("two events: nats -> queue", NATS)
        },
        Bounds {
            events: 2,
            to: Some(NATS),
            back: Some(QUEUE),
            ..one("two events: both -> nats -> queue", FULL)
        },
        Bounds {
            events: 2,
            troubles: Left {
                locks: 1,
                ..Left::default()
            },
            ..one("two events: both, a lock", FULL)
        },
    ]);
    all
}

/// Two workers a path, and two troubles where one event alone is there.
pub fn one_event() -> Vec<Bounds> {
    let two_workers = |name, from| Bounds {
        workers_a_path: 2,
        ..Bounds::least(name, from)
    };
    each(two_workers, 2)
}

/// Two events, two workers a path, a relay and its successor, one flip and one rollback, one crash. With two crashes and a handover the
/// first of these took more than 10 GB, and was not explored to its end.
pub fn two_events() -> Vec<Bounds> {
    let two = |name, from| Bounds {
        events: 2,
        workers_a_path: 2,
        ..Bounds::least(name, from)
    };
    let crash = Left {
        crashes: 1,
        ..Left::default()
    };
    vec![
        Bounds {
            to: Some(NATS),
            back: Some(QUEUE),
            troubles: crash,
            ..two("two events: both -> nats -> queue, a crash", FULL)
        },
        Bounds {
            to: Some(HALF),
            back: Some(QUEUE),
            troubles: crash,
            ..two("two events: queue -> both -> queue, a crash", QUEUE)
        },
    ]
}

/// Each kind of trouble in the world where it matters.
fn each(world: impl Fn(&'static str, super::world::Route) -> Bounds, crashes: u8) -> Vec<Bounds> {
    let none = Left::default();
    let crash = Left { crashes, ..none };
    vec![
        Bounds {
            to: Some(HALF),
            back: Some(QUEUE),
            troubles: Left {
                failures: 1,
                ..crash
            },
            ..world("queue -> both -> queue", QUEUE)
        },
        Bounds {
            to: Some(NATS),
            back: Some(QUEUE),
            troubles: Left {
                failures: 1,
                ..crash
            },
            ..world("both -> nats -> queue", FULL)
        },
        Bounds {
            to: Some(NATS),
            back: Some(SHADOW),
            moves_waiting: true,
            troubles: Left {
                freezes: 1,
                ..crash
            },
            ..world(
                "both -> nats, waiting rows moved -> both 0, one stands still",
                HALF,
            )
        },
        Bounds {
            troubles: Left {
                losses: 1,
                again: 1,
                forged: 1,
                handovers: 1,
                ..crash
            },
            ..world("both, a bad broker", HALF)
        },
        Bounds {
            back: Some(QUEUE),
            troubles: Left {
                losses: 1,
                again: 1,
                forged: 1,
                handovers: 1,
                ..crash
            },
            ..world("nats -> queue, a bad broker", NATS)
        },
        Bounds {
            troubles: Left {
                losses: 1,
                again: 1,
                ..crash
            },
            ..world("nats, a broker that loses", NATS)
        },
        Bounds {
            back: Some(SHADOW),
            troubles: Left {
                locks: 1,
                failures: 1,
                ..none
            },
            ..world("both -> both 0, locks", HALF)
        },
        Bounds {
            back: Some(QUEUE),
            troubles: Left { locks: 1, ..crash },
            ..world("nats -> queue, locks", NATS)
        },
        Bounds {
            back: Some(SHADOW),
            poison: Some(Poison::Result),
            troubles: crash,
            ..world("both -> both 0, a result that is refused", HALF)
        },
        Bounds {
            back: Some(QUEUE),
            poison: Some(Poison::TooLarge),
            troubles: crash,
            ..world("nats -> queue, too large for NATS", NATS)
        },
        Bounds {
            to: Some(NATS_FROM_SHADOW),
            back: Some(QUEUE),
            foreign_worker: true,
            troubles: Left {
                failures: 1,
                requeues: 1,
                ..crash
            },
            ..world("both 0 -> nats -> queue, a foreign queue worker", SHADOW)
        },
        Bounds {
            back: Some(SHADOW),
            circuit: true,
            troubles: Left {
                failures: 2,
                ..crash
            },
            ..world("both -> both 0, circuits", HALF)
        },
        Bounds {
            max_retries: 0,
            troubles: Left {
                failures: 1,
                requeues: 1,
                ..crash
            },
            ..world("both, a dead event comes back", HALF)
        },
    ]
}
