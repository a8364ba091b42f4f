//! `run`: the decision by itself, over weeks of simulated time; then what is carried out, on real servers; then by real processes.

mod alone;
mod carried_out;
mod processes;
mod weeks;
