//! Where every event is: counted, dead, unknown.

pub mod audit;
pub mod dead;
pub mod strangers;
