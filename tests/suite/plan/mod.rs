//! Plans: parsed, drafted, refused, and what comes next.

pub mod command;
pub mod corpus;
pub mod doors;
pub mod members;
pub mod parse;
pub mod steps;
