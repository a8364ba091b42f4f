//! NATS: connection, stream, consumer. Knows nothing of PostgreSQL.

pub mod changes;
mod connect;
pub mod consumer;
mod context_file;
mod login;

pub mod envelope;
pub mod hazards;
pub mod inventory;
mod options;
pub mod publish;
mod pull;
pub mod scan;
pub mod stream;
mod trouble;

pub use connect::Bus;
pub use context_file::read as read_context;
pub use login::{Auth, Secret};
pub use options::{BusOptions, Layer, Tls};
pub use pull::Puller;
