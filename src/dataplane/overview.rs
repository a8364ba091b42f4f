//! Numbers of the whole, beside those of one relay: what stands still anywhere, and who is alive.

use prometheus_client::metrics::{family::Family, gauge::Gauge};

use super::metrics::{Labels, Metrics};

#[derive(Debug)]
pub struct Overview {
    events: Family<Labels, Gauge>,
    age: Family<Labels, Gauge>,
    workers: Family<Labels, Gauge>,
    guard: Gauge,
    at: Gauge,
}

impl Overview {
    pub fn new(metrics: &mut Metrics) -> Overview {
        Overview {
            events: metrics.gauges(
                "trouble_events",
                "What stands still or was given up, by cause: events; for circuit_open and fenced, webhooks",
            ),
            age: metrics.gauges("trouble_age_seconds", "Age of the oldest of each cause; 0: there is none"),
            workers: metrics.gauges("workers_alive", "Workers of each path heard from within 30 s"),
            guard: metrics.gauge(
                "guard_timestamp_seconds",
                "When a guard last looked at the moved wave that it looked at longest ago, since the Unix epoch; 0: at none",
            ),
            at: metrics.gauge("overview_timestamp_seconds", "When these were counted, since the Unix epoch"),
        }
    }

    pub fn trouble(&self, cause: &'static str, events: i64, age_s: i64) {
        let labels = vec![("cause", cause)];
        self.events.get_or_create_owned(&labels).set(events);
        self.age.get_or_create_owned(&labels).set(age_s);
    }

    pub fn alive(&self, path: &'static str, workers: i64) {
        self.workers
            .get_or_create_owned(&vec![("path", path)])
            .set(workers);
    }

    pub fn guarded_at(&self, epoch_s: i64) {
        self.guard.set(epoch_s);
    }

    pub fn looked_at(&self, epoch_s: i64) {
        self.at.set(epoch_s);
    }
}
