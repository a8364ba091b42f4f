//! Migration 007: its steps, what they want of the catalogue, and how the live catalogue differs.

mod facts;
mod steps;

pub use facts::{
    Difference, Fact, MISSING, Made, Wanted, compare, differences, fault, names, read, wanted,
};
pub use steps::{Step, Way, steps};
