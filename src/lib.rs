//! wavegate moves webhooks from a PostgreSQL queue to NATS JetStream, wave by wave, and back.
//!
//! Five floors; imports only go down (`tests/layout.rs` guards it):
//! `commands` - `engine`, `dataplane`, `lab` (`ui` beside them) - `store`, `bus` - `plan`, `gates` - `model`, `signals`.

pub mod bus;
pub mod commands;
pub mod dataplane;
pub mod engine;
pub mod error;
pub mod gates;
pub mod lab;
pub mod model;
pub mod plan;
pub mod signals;
pub mod store;
pub mod ui;
