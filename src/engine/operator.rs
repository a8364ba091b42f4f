//! Who stands beside a change: sees what is about to happen, and agrees or stops it.

use std::{future::Future, time::Duration};

use super::back::{
    redrive::{self, Redriven},
    survey::Survey,
    undo::{Manner, Undone},
};
use super::forward::Proposal;
use super::forward::executor::Unfinished;
use crate::{
    error::Result,
    gates::Report,
    model::{Ask, Confirmed},
    store::schema::{Obstacles, Status},
};

/// A person at a terminal, a driver, a test.
pub trait Operator {
    fn see(&self, scene: &Scene<'_>);

    fn agree(&self, question: &str, ask: Ask) -> impl Future<Output = Result<Confirmed>>;
}

/// What there is to see, in the order in which it comes.
#[derive(Debug)]
pub enum Scene<'a> {
    /// A flip that an earlier run committed comes to its end.
    Completion(&'a Unfinished),
    /// Before a flip.
    Flip {
        plan: &'a str,
        proposal: &'a Proposal,
    },
    /// A wave was watched long enough.
    Finish { plan: &'a str, report: &'a Report },
    /// Before a rollback.
    Rollback {
        survey: &'a Survey,
        asked_to_drain: bool,
    },
    /// Before migration 007 goes.
    Removal {
        status: &'a Status,
        obstacles: &'a Obstacles,
    },
    /// No queue worker is alive; `fenced`: and those of NATS are about to stop.
    Silence { fenced: bool },
    /// After a rollback.
    Undone {
        survey: &'a Survey,
        manner: &'a Manner,
        undone: &'a Undone,
        took: Duration,
    },
    /// Before a re-drive.
    Redrive(&'a redrive::Survey),
    /// After it.
    Redriven {
        survey: &'a redrive::Survey,
        redriven: Redriven,
        took: Duration,
    },
}
