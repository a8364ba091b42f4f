//! The tables.

pub mod answers;
pub mod databases;
pub mod limits;
pub mod locks;
pub mod messages;
pub mod payloads;
pub mod rows;
pub mod settings;
