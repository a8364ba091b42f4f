//! Verdicts from measured numbers. Pure; measuring is `store`, deciding is here.

mod verdict;

pub use verdict::{GateResult, Report, Verdict};
