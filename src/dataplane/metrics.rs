//! The names of what this process counts, and their text for Prometheus. Knows nothing of what the numbers mean to others.

use std::{
    sync::atomic::AtomicU64,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

use super::worker::{CallCounts, Reason};
use super::{
    counters::{Counters, Notes, rss_bytes},
    overview::Overview,
};
use crate::{bus::Bus, model::Path};

/// Few and fixed: never a webhook or an event.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// The text format that every scraper reads.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// From half a millisecond to the longest deadline of a webhook.
const CALL: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0,
];
/// From a millisecond to a day: an event may wait for its endpoint.
const END_TO_END: [f64; 17] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0,
    10_800.0, 86_400.0,
];

/// Everything that one process tells.
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    pub fn new() -> Metrics {
        let mut registry = Registry::default();
        registry.register(
            "wavegate_build",
            "Version of this process",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        let start_time = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64());
        registry.register_collector(Box::new(Process { start_time }));
        Metrics { registry }
    }

    /// Is the connection to NATS up? Looked at when asked.
    pub fn watch(&mut self, bus: &Bus) {
        self.registry
            .register_collector(Box::new(Connection(bus.clone())));
    }

    /// In the text format of Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut text, &self.registry);
        classic(&text)
    }

    fn counters(&mut self, name: &str, help: &str) -> Family<Labels, Counter> {
        let family = Family::default();
        self.registry
            .register(format!("wavegate_{name}"), help, family.clone());
        family
    }

    fn counter(&mut self, name: &str, help: &str) -> Counter {
        let counter = Counter::default();
        self.registry
            .register(format!("wavegate_{name}"), help, counter.clone());
        counter
    }

    pub(super) fn gauges(&mut self, name: &str, help: &str) -> Family<Labels, Gauge> {
        let family = Family::default();
        self.registry
            .register(format!("wavegate_{name}"), help, family.clone());
        family
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::default();
        self.registry
            .register(format!("wavegate_{name}"), help, gauge.clone());
        gauge
    }

    fn seconds(&mut self, name: &str, help: &str, new: fn() -> Histogram) -> Seconds {
        let family = Family::new_with_constructor(new);
        self.registry.register_with_unit(
            format!("wavegate_{name}"),
            help,
            Unit::Seconds,
            family.clone(),
        );
        family
    }
}

type Seconds = Family<Labels, Histogram, fn() -> Histogram>;

/// What a worker counts, for each of its paths.
pub struct WorkerMetrics {
    attempts: Family<Labels, Counter>,
    claims: Family<Labels, Counter>,
    takeovers: Family<Labels, Counter>,
    ambiguous: Family<Labels, Counter>,
    in_flight: Family<Labels, Gauge>,
    duration: Seconds,
    latency: Seconds,
    received: Counter,
    acked: Counter,
    redelivered: Counter,
    strange: Counter,
    other_bytes: Counter,
    stuck: Family<Labels, Counter>,
    waiting: Family<Labels, Gauge>,
    calls: CallCounts,
}

impl WorkerMetrics {
    pub fn new(metrics: &mut Metrics) -> WorkerMetrics {
        WorkerMetrics {
            attempts: metrics.counters(
                "attempts",
                "Attempts by path and outcome; lost: the result came after the lease had ended",
            ),
            claims: metrics.counters("claims", "Attempts claimed"),
            takeovers: metrics.counters(
                "takeovers",
                "Claims of events that preferred the other path",
            ),
            ambiguous: metrics.counters(
                "ambiguous",
                "Claims taken over from a worker that died without a result: the endpoint may have had that attempt",
            ),
            in_flight: metrics.gauges("in_flight", "Attempts claimed whose result is not yet written"),
            duration: metrics.seconds("attempt_duration", "How long the HTTP call took", || {
                Histogram::new(CALL)
            }),
            latency: metrics.seconds(
                "delivery_latency",
                "From the creation of an event to its delivery, by the clock of the database",
                || Histogram::new(END_TO_END),
            ),
            received: metrics.counter("messages_received", "Messages received from the stream"),
            acked: metrics.counter("messages_acked", "Messages acknowledged to the stream"),
            redelivered: metrics.counter(
                "messages_redelivered",
                "Messages that the stream had handed out before",
            ),
            strange: metrics.counter(
                "messages_strange",
                "Messages that wavegate did not publish, or of an event that this database does not have",
            ),
            other_bytes: metrics.counter(
                "messages_other_bytes",
                "Messages whose payload is not the one that their event was born with; PostgreSQL's is sent",
            ),
            stuck: metrics.counters(
                "stuck",
                "Events set aside because they cannot be read, claimed or written; `wavegate dead list` names them",
            ),
            waiting: metrics.gauges(
                "results_waiting",
                "Results that cannot be written now: somebody has locked the row, or PostgreSQL refuses them",
            ),
            calls: call_counts(metrics),
        }
    }

    /// What is counted of calls beside attempts.
    pub fn calls(&self) -> CallCounts {
        self.calls.clone()
    }

    /// The counters of one path; all its series exist from here on.
    pub fn of(&self, path: Path) -> Counters {
        let path = [("path", path.as_str())];
        let outcome = |name| {
            let labels = vec![path[0], ("outcome", name)];
            self.attempts.get_or_create_owned(&labels)
        };
        let path = path.to_vec();
        Counters {
            claimed: self.claims.get_or_create_owned(&path),
            took_over: self.takeovers.get_or_create_owned(&path),
            ambiguous: self.ambiguous.get_or_create_owned(&path),
            delivered: outcome("delivered"),
            retrying: outcome("retrying"),
            dead: outcome("dead"),
            lost: outcome("lost"),
            received: self.received.clone(),
            acked: self.acked.clone(),
            redelivered: self.redelivered.clone(),
            strange: self.strange.clone(),
            other_bytes: self.other_bytes.clone(),
            stuck: self.stuck.get_or_create_owned(&path),
            waiting: self.waiting.get_or_create_owned(&path),
            in_flight: self.in_flight.get_or_create_owned(&path),
            duration: self.duration.get_or_create_owned(&path),
            latency: self.latency.get_or_create_owned(&path),
            notes: Notes::default(),
        }
    }
}

fn call_counts(metrics: &mut Metrics) -> CallCounts {
    let trouble = metrics.counters(
        "worker_local_trouble",
        "Calls not made for trouble of this worker's own, or an unusable signing secret; no attempt is spent",
    );
    let of = |reason: Reason| trouble.get_or_create_owned(&vec![("reason", reason.as_str())]);
    CallCounts {
        local_trouble: Reason::ALL.map(of),
        retried: metrics.counter(
            "worker_retried_connections",
            "Calls made again at once because a kept connection was closed without an answer: the endpoint may have had them",
        ),
    }
}

/// What a relay counts.
#[derive(Debug)]
pub struct RelayMetrics {
    pub published: Counter,
    /// NATS can never carry them.
    pub refused: Counter,
    /// Tried again later.
    pub failed: Counter,
    pub republished: Counter,
    /// Seconds from sending to the stream's acknowledgement.
    pub ack: Histogram,
    pub in_flight: Gauge,
    pub lag: Gauge<f64, AtomicU64>,
    pub unpublished: Gauge,
    pub partitions: Gauge,
    /// Whatever went wrong at this relay: PostgreSQL, NATS, reading, marking.
    pub troubles: Counter,
    /// When the last pass of retention that did everything ended.
    pub retained: Gauge,
    pub overview: Overview,
}

impl RelayMetrics {
    pub fn new(metrics: &mut Metrics) -> RelayMetrics {
        let publishes = metrics.counters(
            "publishes",
            "Copies sent to the stream by outcome; refused: NATS can never carry it; failed: tried again",
        );
        let outcome = |name| publishes.get_or_create_owned(&vec![("outcome", name)]);
        let (published, refused, failed) =
            (outcome("published"), outcome("refused"), outcome("failed"));
        let ack = Histogram::new(CALL);
        let (in_flight, unpublished, partitions) =
            (Gauge::default(), Gauge::default(), Gauge::default());
        let lag = Gauge::default();
        let registry = &mut metrics.registry;
        registry.register_with_unit(
            "wavegate_publish_ack",
            "From sending a copy to its acknowledgement by the stream",
            Unit::Seconds,
            ack.clone(),
        );
        registry.register(
            "wavegate_publishes_in_flight",
            "Copies sent whose acknowledgement is not yet noted",
            in_flight.clone(),
        );
        registry.register_with_unit(
            "wavegate_relay_lag",
            "Age of the oldest event of this relay's partitions that waits to be published",
            Unit::Seconds,
            lag.clone(),
        );
        registry.register(
            "wavegate_unpublished_events",
            "Events of this relay's partitions that wait to be published; of each partition at most 10000 are counted",
            unpublished.clone(),
        );
        registry.register(
            "wavegate_partitions_held",
            "Partitions that this relay publishes",
            partitions.clone(),
        );
        RelayMetrics {
            published,
            refused,
            failed,
            republished: metrics.counter(
                "republished",
                "Copies published again because the last one cannot come any more",
            ),
            ack,
            in_flight,
            lag,
            unpublished,
            partitions,
            troubles: metrics.counter(
                "relay_troubles",
                "What went wrong at this relay, once for each new reason; its log and its heartbeat say what",
            ),
            retained: metrics.gauge(
                "retention_timestamp_seconds",
                "When the last whole pass of retention of this relay ended, since the Unix epoch; 0: none yet",
            ),
            overview: Overview::new(metrics),
        }
    }
}

#[derive(Debug)]
struct Process {
    start_time: f64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        if let Some(bytes) = rss_bytes() {
            gauge(
                &mut encoder,
                "process_resident_memory_bytes",
                "Resident memory of this process",
                &ConstGauge::new(bytes),
            )?;
        }
        gauge(
            &mut encoder,
            "process_start_time_seconds",
            "When this process started, since the Unix epoch",
            &ConstGauge::new(self.start_time),
        )
    }
}

struct Connection(Bus);

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.place())
    }
}

impl Collector for Connection {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        gauge(
            &mut encoder,
            "wavegate_nats_connected",
            "1 while the connection to NATS is up",
            &ConstGauge::new(i64::from(self.0.is_up())),
        )
    }
}

fn gauge(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    value: &impl EncodeMetric,
) -> Result<(), std::fmt::Error> {
    value.encode(encoder.encode_descriptor(name, help, None, value.metric_type())?)
}

/// OpenMetrics names a counter's family without `_total` and knows infos, units and an end; the older text format, which
/// everything reads, does not.
fn classic(open_metrics: &str) -> String {
    let suffix = |kind| match kind {
        "counter" => "_total",
        "info" => "_info",
        _ => "",
    };
    let mut text = String::with_capacity(open_metrics.len() + 256);
    let mut lines = open_metrics.lines().peekable();
    while let Some(line) = lines.next() {
        let help = line
            .strip_prefix("# HELP ")
            .and_then(|rest| rest.split_once(' '));
        let kind = lines.peek().and_then(|next| next.rsplit(' ').next());
        if let (Some((name, help)), Some(kind)) = (help, kind) {
            let shown = if kind == "info" { "gauge" } else { kind };
            let suffix = suffix(kind);
            text += &format!("# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {shown}\n");
            lines.next();
        } else if !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_classic_one() {
        let open_metrics = "# HELP a Things.\n# TYPE a counter\na_total{path=\"queue\"} 3\n\
                            # HELP t_seconds Time.\n# TYPE t_seconds histogram\n# UNIT t_seconds seconds\nt_seconds_sum 1.5\n\
                            # HELP b Build.\n# TYPE b info\nb_info{version=\"1\"} 1\n# EOF\n";
        assert_eq!(
            classic(open_metrics),
            "# HELP a_total Things.\n# TYPE a_total counter\na_total{path=\"queue\"} 3\n\
             # HELP t_seconds Time.\n# TYPE t_seconds histogram\nt_seconds_sum 1.5\n\
             # HELP b_info Build.\n# TYPE b_info gauge\nb_info{version=\"1\"} 1\n"
        );
    }
}
