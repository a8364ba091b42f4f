//! How large a world is explored: who is there, which flips are made, and how many troubles come.

use super::{
    mistake::Mistake,
    world::{
        Circuit, EVENTS, Event, Left, Mode, Poison, Route, Share, Since, Stage, WORKERS, World,
    },
};

#[derive(Clone, Debug)]
pub struct Bounds {
    pub name: &'static str,
    pub events: usize,
    pub workers_a_path: usize,
    pub from: Route,
    /// `None`: nobody flips.
    pub to: Option<Route>,
    /// `None`: nobody takes back.
    pub back: Option<Route>,
    pub moves_waiting: bool,
    pub foreign_worker: bool,
    /// A failed call opens the circuit.
    pub circuit: bool,
    pub poison: Option<Poison>,
    pub troubles: Left,
    /// A failed attempt after so many others is the last.
    pub max_retries: u8,
    pub mistake: Option<Mistake>,
}

pub const fn route(mode: Mode, share: Share) -> Route {
    Route { mode, share }
}

pub const QUEUE: Route = route(Mode::Queue, Share::Zero);
pub const SHADOW: Route = route(Mode::Both, Share::Zero);
pub const HALF: Route = route(Mode::Both, Share::Half);
pub const FULL: Route = route(Mode::Both, Share::Full);
pub const NATS: Route = route(Mode::Nats, Share::Full);
/// Where the hybrid time was a shadow, beside a foreign queue worker.
pub const NATS_FROM_SHADOW: Route = route(Mode::Nats, Share::Zero);

impl Bounds {
    /// One event, one worker a path, no flip, no trouble.
    pub fn least(name: &'static str, from: Route) -> Self {
        Bounds {
            name,
            events: 1,
            workers_a_path: 1,
            from,
            to: None,
            back: None,
            moves_waiting: false,
            foreign_worker: false,
            circuit: false,
            poison: None,
            troubles: Left::default(),
            max_retries: 1,
            mistake: None,
        }
    }

    pub fn first(&self) -> World {
        let mut events = [Event::new(); EVENTS];
        events[0].poison = self.poison;
        World {
            route: self.from,
            fence: false,
            circuit: Circuit::Closed,
            outage_lately: false,
            rollback: Since::Never,
            frozen: [false; WORKERS],
            serving: 0,
            stage: Stage::Idle,
            left: self.troubles,
            events,
            broken: None,
        }
    }

    pub fn workers(&self) -> impl Iterator<Item = usize> {
        self.queue_workers().chain(self.nats_workers())
    }

    pub fn queue_workers(&self) -> std::ops::Range<usize> {
        0..self.workers_a_path
    }

    pub fn nats_workers(&self) -> std::ops::Range<usize> {
        super::world::FIRST_OF_NATS..super::world::FIRST_OF_NATS + self.workers_a_path
    }
}
