//! Claims, calls, results.

pub mod answers;
pub mod both_paths;
pub mod circuits;
pub mod claims;
pub mod dedicated;
pub mod faults;
pub mod guard;
pub mod hosts;
pub mod kept_connections;
pub mod local_trouble;
pub mod outage;
pub mod promise;
pub mod rows;
pub mod secrets;
pub mod stop;
