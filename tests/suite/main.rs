//! Tests on real servers, one binary so that it links once.
#![allow(clippy::unwrap_used)]

mod barrier;
mod bench;
mod bus;
mod cli;
mod connect;
mod flip;
mod gates_evaluate;
mod gates_measure;
mod gates_verdicts;
mod lab;
mod plan_command;
mod plan_members;
mod plan_parse;
mod plane;
mod preflight;
mod privileges;
mod publish;
mod publish_concurrent;
mod publish_triggers;
mod receiver;
mod relay;
mod rollback;
mod schema;
mod schema_extension;
mod schema_kill;
mod schema_wanted;
mod screens_lab;
mod screens_plan;
mod screens_stream;
mod servers;
mod support;
mod sweep;
mod terminal;
mod worker;
mod worker_faults;
