//! `run`: the decision by itself, over weeks of simulated time; then what is carried out, on real servers; then by real processes.

mod alone;
mod calendar;
mod carried_out;
mod faults;
mod processes;
mod programs;
mod weeks;

/// Gates of a plan whose days are seconds: the length of a block, and after what silence a worker counts as gone.
fn gates(block: &str, silent_after: &str) -> String {
    format!(
        "  gates:
    parity: {{ horizon: 2s, lost_after: 5m }}
    success: {{ margin: 30%, min_events: 20, block: {block} }}
    baseline: {{ margin: 30% }}
    latency: {{ ratio: 0.01, quantile: p50 }}
    errors: {{ max_per_minute: 6000 }}
    workers: {{ nats: 1, queue: 1, silent_after: {silent_after} }}
    backlog: {{ queue: 100000, stream: 100000, lag: 1m }}"
    )
}
