//! The nouns of a migration: pure values, no I/O, no imports from the floors above.

pub mod address;
mod confirmed;
mod decimal;
mod header;
mod journal;
mod limits;
mod look;
mod mode;
mod number;
mod outgoing;
mod progress;
mod rehearsal;
mod stranger;
mod stream;
mod wave;
mod webhook;

pub use confirmed::{Confirmed, Consent};
pub use decimal::Decimal;
pub use header::{from_header, header_safe};
pub use journal::JournalEntry;
pub use limits::{GATE_NAMES, GateLimits};
pub use look::{Cause, Look, age};
pub use mode::{Mode, Path, PublishMode, Share};
pub use number::{bytes, counted, grouped};
pub use outgoing::{BrokenSecret, callable, header_is_ours, signing_key};
pub use progress::{Listener, Progress};
pub use rehearsal::{Callers, Injury, Rehearsal, WaveAudit};
pub use stranger::{Stranger, Strangers};
pub use stream::{ConsumerDefinition, Difference, OUR_DESCRIPTION, StreamDefinition, millis};
pub use wave::{WaveStatus, WaveStep};
pub use webhook::Webhook;
