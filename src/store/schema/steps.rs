//! The numbered steps of migration 007, in order, each with the way in which it is carried out.

use crate::store::{QueueShape, Shape};

/// How a step reaches its aim; every way may be repeated after a kill at any point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Idempotent statements in one transaction; they run again when their text has changed.
    Make,
    /// Statements in one transaction, only where the object is not there yet: the engine's own is left alone.
    Add,
    /// Checks the rows behind a NOT VALID constraint.
    Validate,
    /// One index, built CONCURRENTLY unless its table is empty.
    Index,
    /// One function, which replaces the engine's of the same name and argument types.
    Function,
    /// Likewise, but only where the engine has it; its own body goes on under a name in `wavegate`.
    Wrap,
}

/// One file of `sql/007`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaStep {
    /// The file's name without `.sql`: number and noun.
    pub name: &'static str,
    pub way: Way,
    text: &'static str,
    only: Option<QueueShape>,
}

macro_rules! step {
    ($name:literal, $way:ident) => {
        SchemaStep {
            name: $name,
            way: Way::$way,
            text: include_str!(concat!("../../../sql/007/", $name, ".sql")),
            only: None,
        }
    };
    ($name:literal, $way:ident, $shape:ident) => {
        SchemaStep {
            only: Some(QueueShape::$shape),
            ..step!($name, $way)
        }
    };
}

const STEPS: &[SchemaStep] = &[
    step!("01_wavegate", Make),
    step!("02_nats_config", Make),
    step!("03_nats_streams", Make),
    step!("04_webhook_columns", Make),
    step!("05_publish_mode", Add),
    step!("06_publish_mode_validate", Validate),
    step!("07_webhook_config", Add),
    step!("08_webhook_config_validate", Validate),
    step!("09_publish_history", Make),
    step!("10_consumer_stats", Make),
    step!("11_history_by_webhook", Index),
    step!("12_history_by_time", Index),
    step!("13_history_by_expiry", Index),
    step!("14_publish_summary", Add),
    step!("15_recent_failures", Add),
    step!("16_performance_stats", Add),
    step!("17_cleanup_old_history", Add),
    step!("18_cleanup_expired", Add),
    step!("19_configure", Add),
    step!("20_stream_create", Add),
    step!("21_enable_nats", Add),
    step!("22_disable_nats", Add),
    step!("23_stats", Add),
    step!("24_config_info", Add),
    step!("25_webhooks_list", Add),
    step!("26_consumer_update_stats", Add),
    step!("30_route_columns", Make),
    step!("31_share", Add),
    step!("32_share_validate", Validate),
    step!("33_queue_columns", Make),
    step!("34_ledger", Make),
    step!("35_data_plane", Make),
    step!("36_state", Make),
    step!("37_views", Make),
    step!("38_queue_event", Index),
    step!("39_grants", Make),
    step!("40_publish", Make),
    step!("41_epoch", Make),
    step!("42_webhook_guard", Make),
    step!("43_queue_triggers", Make),
    step!("44_nats_health", Make),
    step!("45_ambiguous", Make),
    step!("46_circuit", Make),
    step!("47_queue_due", Index),
    step!("48_independent", Make),
    step!("49_tally", Make),
    step!("50_call_unified", Function),
    step!("51_enqueue", Function),
    step!("52_publish_nats", Function),
    step!("53_nats_init", Function),
    step!("54_nats_health_check", Function),
    step!("55_nats_test_connection", Function),
    step!("56_call_status", Wrap),
    step!("57_retry", Wrap),
    step!("60_guide_queue", Add, A),
    step!("61_migration_status", Add),
    step!("62_worker_realtime_stats", Add),
    step!("64_gate_looks", Make),
    step!("65_steady", Make),
    step!("66_queue_unrouted", Index),
    step!("70_event_state", Add),
    step!("71_event_state_validate", Validate),
    step!("72_event_state_before", Make),
    step!("73_claims", Make),
    step!("74_names", Make),
    step!("80_relay_config", Make),
    step!("81_strict", Make),
    step!("82_deaths", Make),
    step!("83_events_by_seq", Index),
    step!("84_tally_by_webhook", Make),
    step!("85_queue_unrouted_number", Index),
    step!("86_takeover_clock", Make),
    step!("87_driver", Make),
    step!("88_tally_spans", Make),
    step!("89_requeued", Make),
    step!("90_events_requeued", Index),
    step!("91_tally_dead", Make),
    step!("99_version", Make),
];

impl SchemaStep {
    /// The number in front of the name: the step's place for ever.
    pub fn position(&self) -> i32 {
        self.name
            .split('_')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or_default()
    }

    /// What the file's first line says, without its full stop.
    pub fn title(&self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        line.trim_start_matches("-- ").trim_end_matches('.')
    }

    /// The statements for this shape: only the schema and the names of the queue and of three columns differ.
    pub fn sql(&self, shape: &Shape) -> String {
        shape.qualified(&self.unplaced(shape))
    }

    /// The same with `{schema}` still in it.
    pub fn unplaced(&self, shape: &Shape) -> String {
        let (queue, queue_id, url, method) = match shape.queue {
            QueueShape::A => ("rule_webhook_calls", "call_id", "url", "method"),
            QueueShape::B => (
                "rule_webhook_queue",
                "queue_id",
                "webhook_url",
                "http_method",
            ),
        };
        self.text
            .replace("{queue}", queue)
            .replace("{queue_id}", queue_id)
            .replace("{url}", url)
            .replace("{method}", method)
    }
}

/// The steps of this shape, in order.
pub fn steps(shape: &Shape) -> impl Iterator<Item = &'static SchemaStep> + use<> {
    let queue = shape.queue;
    STEPS
        .iter()
        .filter(move |step| step.only.is_none_or(|only| only == queue))
}
