//! The disposable rehearsal: real servers, a receiver, traffic, faults and an audit.
//! It runs the other commands as real processes and knows none of their code.

pub mod servers;
