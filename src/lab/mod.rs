//! The disposable rehearsal: servers, webhooks, a receiver, traffic, and a whole migration by the real commands.
//! Everything that wavegate itself does runs as a process of its own; nothing of engine or data plane is called here.

pub mod audit;
pub mod backdrop;
pub mod demo;
pub mod home;
pub mod processes;
pub mod receiver;
pub mod scenario;
pub mod servers;
pub mod stage;
pub mod traffic;
pub mod up;
pub mod watch;
pub mod webhooks;
