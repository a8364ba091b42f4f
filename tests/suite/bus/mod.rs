//! Connections to NATS, its streams and consumers.

pub mod cluster;
pub mod connect;
pub mod doors;
pub mod permissions;
pub mod pull;
pub mod stream;
pub mod tls;
