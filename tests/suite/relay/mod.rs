//! Publishing, sweeping, keeping, beside other people's processes.

pub mod example_worker;
pub mod faults;
pub mod foreign_queue;
pub mod independent;
pub mod many_streams;
pub mod metrics;
pub mod partitions;
pub mod pressure;
pub mod publishing;
pub mod retention;
pub mod sweep;
