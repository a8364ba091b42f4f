//! Tests on real servers, one binary so that it links once.
#![allow(clippy::unwrap_used)]

mod bus;
mod chaos;
mod corpus;
mod driver;
mod events;
mod flip;
mod gates;
mod plan;
mod relay;
mod schema;
mod screens;
mod support;
mod worker;
