//! Carries a migration out: plan, flip, barrier, roll back. Tells what it does by `Progress`, prints nothing.

pub mod gatekeeper;
pub mod planner;
pub mod schema;
