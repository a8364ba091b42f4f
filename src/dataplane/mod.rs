//! The data plane: relay, workers, delivery. Prints nothing; logs by `tracing`.
