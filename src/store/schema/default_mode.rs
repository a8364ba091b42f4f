//! The mode in which webhooks made later begin. Migration 007 says `queue`; where a migration is over, the owner of the tables may say
//! `nats`.

use crate::store::Shape;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultMode {
    Queue,
    Nats,
}

impl DefaultMode {
    /// One statement, for the owner of the tables.
    pub fn statement(self, shape: &Shape) -> String {
        let (mode, enabled) = match self {
            DefaultMode::Queue => ("queue", "false"),
            DefaultMode::Nats => ("nats", "true"),
        };
        let text = include_str!("../../../sql/schema/default_mode.sql");
        let statement: Vec<&str> = text.lines().filter(|l| !l.starts_with("--")).collect();
        let statement = statement.join(" ");
        shape.qualified(
            &statement
                .replace("{mode}", mode)
                .replace("{enabled}", enabled),
        )
    }
}
