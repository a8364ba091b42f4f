//! Mistakes that somebody might make in the protocol. The model is built with one of them, and the checker has to find it.

use super::{
    bounds::{Bounds, FULL, HALF, NATS, QUEUE, SHADOW},
    properties,
    world::Left,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    NoBarrier,
    /// The barrier waits for transactions that have an xid.
    XidHorizon,
    AckBeforeLedger,
    ShareOutsideTheClaim,
    FenceAfterRedrive,
    RecorderWaits,
    LeaseNotRenewed,
    NotAskedAtTheCall,
    PayloadFromTheMessage,
    RequeueForgetsTheDeath,
    TakeoverInOutage,
}

impl Mistake {
    /// The least world in which it shows, and the property that does not hold there.
    pub fn shows(self) -> (Bounds, &'static str) {
        let none = Left::default();
        let (bounds, broken) = match self {
            Mistake::NoBarrier | Mistake::XidHorizon => {
                let back = Bounds {
                    back: Some(QUEUE),
                    ..Bounds::least("rollback", NATS)
                };
                (back, properties::ACCOUNTED)
            }
            Mistake::AckBeforeLedger => (Bounds::least("nats", NATS), properties::ACK),
            Mistake::ShareOutsideTheClaim => {
                let less = Bounds {
                    to: Some(SHADOW),
                    ..Bounds::least("smaller share", FULL)
                };
                (less, properties::SHARE)
            }
            Mistake::FenceAfterRedrive | Mistake::NotAskedAtTheCall => {
                let back = Bounds {
                    back: Some(QUEUE),
                    ..Bounds::least("rollback", NATS)
                };
                (back, properties::LATE_CALL)
            }
            Mistake::RecorderWaits => {
                let locked = Bounds {
                    events: 2,
                    troubles: Left { locks: 1, ..none },
                    ..Bounds::least("two events", QUEUE)
                };
                (locked, properties::WAITS)
            }
            Mistake::LeaseNotRenewed => {
                let two = Bounds {
                    workers_a_path: 2,
                    ..Bounds::least("two workers", NATS)
                };
                (two, properties::NAMED)
            }
            Mistake::PayloadFromTheMessage => {
                let forged = Bounds {
                    troubles: Left { forged: 1, ..none },
                    ..Bounds::least("a forged message", NATS)
                };
                (forged, properties::BYTES)
            }
            Mistake::RequeueForgetsTheDeath => {
                let dead = Bounds {
                    max_retries: 0,
                    troubles: Left {
                        failures: 1,
                        requeues: 1,
                        ..none
                    },
                    ..Bounds::least("a dead event", SHADOW)
                };
                (dead, properties::DEATH)
            }
            Mistake::TakeoverInOutage => {
                let outage = Bounds {
                    circuit: true,
                    troubles: Left {
                        failures: 1,
                        ..none
                    },
                    ..Bounds::least("an outage", HALF)
                };
                (outage, properties::OUTAGE)
            }
        };
        let mistake = Some(self);
        (Bounds { mistake, ..bounds }, broken)
    }
}
