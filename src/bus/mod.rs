//! NATS: connection, stream, consumer. Knows nothing of PostgreSQL.

pub mod changes;
mod connect;
pub mod consumer;
mod context_file;
pub mod envelope;
pub mod hazards;
pub mod inventory;
mod options;
pub mod publish;
mod pull;
pub mod scan;
pub mod stream;

pub use connect::Bus;
pub use context_file::{read as read_context, seed as read_seed};
pub use options::{Auth, BusOptions, Layer, Tls};
pub use pull::Puller;
