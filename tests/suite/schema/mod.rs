//! Migration 007, the publisher in SQL, the roles, and sessions.

pub mod causes;
pub mod connect;
pub mod extension;
pub mod guides;
pub mod installed;
pub mod killed;
pub mod names;
pub mod pooler;
pub mod publisher;
pub mod publisher_concurrent;
pub mod publisher_triggers;
pub mod rights;
pub mod roles;
pub mod roles_of_commands;
pub mod row_types;
pub mod sessions;
pub mod sql_files;
pub mod surroundings;
pub mod there_and_back;
pub mod upgrade;
pub mod wanted;
