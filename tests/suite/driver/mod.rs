//! `run`: the decision by itself, over weeks of simulated time; then what is carried out, on real servers; then by real processes.

mod alone;
mod calendar;
mod carried_out;
mod faults;
mod processes;
mod programs;
mod weeks;
