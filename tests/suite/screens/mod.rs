//! What people and programs see and type.

pub mod attention;
pub mod audit;
pub mod cli;
pub mod dead;
pub mod documents;
pub mod doors;
pub mod drain;
pub mod endings;
pub mod flips;
pub mod gate;
pub mod lab;
pub mod lab_command;
pub mod plan;
pub mod prompts;
pub mod run;
pub mod schema;
pub mod signals;
pub mod status;
pub mod stream;
pub mod vocabulary;
