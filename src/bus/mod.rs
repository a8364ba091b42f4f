//! NATS: connection, stream, consumer. Knows nothing of PostgreSQL.
