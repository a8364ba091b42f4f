//! NATS, in the words of any broker: a connection, messages that are published and acknowledged, messages that are pulled and
//! answered, a stream and the place of each reader in it. This page is all that the rest of the code sees of it.
//! Knows nothing of PostgreSQL.

mod changes;
mod connect;
mod consumer;
mod context_file;
mod envelope;
mod hazards;
mod inventory;
mod login;
mod options;
mod publish;
mod pull;
mod scan;
mod stream;
mod trouble;

// The connection: where the servers are, and who we are.
pub use connect::Bus;
pub use context_file::read as read_context;
pub use inventory::{ServerFacts, server as server_facts};
pub use login::{Auth, Secret};
pub use options::{BusOptions, Layer, Tls};

// Publishing: the stream acknowledges each message, or refuses it.
pub use envelope::{unwrap as unwrap_envelope, wrap as wrap_envelope};
pub use publish::{Acknowledgements, Label, Publisher, Refusal, pipeline};

// Pulling: each message is acknowledged, given back, or said to be in work.
pub use async_nats::jetstream::{AckKind, Message, message::Acker};
pub use pull::Puller;

// The stream: its definition, how it stands, what it lost, and what may harm it.
pub use changes::differences as stream_changes;
pub use hazards::{
    Hazard, of_consumer as hazards_of_consumer, of_definition as hazards_of_definition,
    of_stream as hazards_of_stream,
};
pub use inventory::clock as stream_clock;
pub use scan::{Scan, Seen, newest as newest_messages};
pub use stream::{
    Ensured, Extent, LiveStream, compare as compare_streams, ensure as ensure_stream,
    extent as stream_extent, holes as stream_holes, live as live_stream, refusal as stream_refusal,
};

// The consumer: its definition, and its place in the stream.
pub use consumer::{
    LiveConsumer, compare as compare_consumers, ensure as ensure_consumer,
    ensure_beside as ensure_consumer_beside, live as live_consumer, open as open_consumer,
    waits_since,
};
pub use inventory::consumers as consumer_names;
