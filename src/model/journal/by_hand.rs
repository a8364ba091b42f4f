//! What became of changes by hand.

use serde::{Deserialize, Serialize};

use crate::model::Consent;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Restore {
    /// The webhooks that go back to what wavegate wrote.
    pub ids: Vec<i32>,
    /// The time of the wave's step begins anew.
    pub anew: bool,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Adopt {
    pub scope: String,
    /// These stand as they are.
    pub ids: Vec<i32>,
    /// These are in the queue: a rollback of each follows.
    pub taken_back: Vec<i32>,
    pub consent: Consent,
}
