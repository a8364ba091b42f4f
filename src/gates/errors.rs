//! `errors`: failures per minute of the NATS arm beyond what the queue arm's rate explains, lately.

use serde::{Deserialize, Serialize};

use super::{
    ArmCounts, Counts, Endpoint, GateResult, Names, Verdict,
    explain::{Explains, Figure, Told, Unit, trim},
};
use crate::model::{Gate, GateLimits, grouped};

/// What failed lately.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lately {
    pub minutes: f64,
    pub limit: f64,
    pub per_minute: f64,
    /// Beyond what the queue's rate explains.
    pub excess: f64,
    pub explained: f64,
    pub nats: Arm,
    pub queue: Arm,
    /// Those whose circuit is open.
    pub endpoints: Vec<Endpoint>,
    pub newest: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Arm {
    pub events: i64,
    pub failures: i64,
    pub dead: i64,
}

impl Explains for Lately {
    fn speaks_against(&self) -> bool {
        !self.endpoints.is_empty()
    }

    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let Lately { minutes, .. } = self;
        let plainly = format!(
            "In the last {} min, {} attempts of events that NATS should deliver failed: {:.1} a minute. If these endpoints fail for everybody, \
             the queue's own rate explains {:.1} of them. The rest is due to NATS; {} a minute are allowed.",
            trim(minutes.round()),
            grouped(self.nats.failures),
            self.per_minute,
            self.explained,
            trim(self.limit)
        );
        let formula = format!(
            "failures(NATS) / minutes - failures(queue) / events(queue) * events(NATS) / minutes = {} / {minutes:.1} - {} / {} * {} / {minutes:.1} = {:.1}; fail above {}",
            self.nats.failures,
            self.queue.failures,
            self.queue.events,
            self.nats.events,
            self.per_minute - self.explained,
            trim(self.limit)
        );
        Told::plain(plainly, &formula, verdict)
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure {
            what: "failures a minute beyond what the queue's rate explains",
            unit: Unit::Count,
            value: Some(self.per_minute - self.explained),
            limit: Some(self.limit),
        }]
    }
}

/// Both arms failing alike at one endpoint is the endpoint's doing: inconclusive, not the path's fault. While its circuit is open
/// nobody tries it, so that quiet says nothing.
pub fn verdict(counts: &Counts, limits: &GateLimits) -> GateResult {
    let gate = &Gate::Errors;
    let (nats, queue) = (&counts.lately.nats, &counts.lately.queue);
    let minutes = counts.lately.minutes.max(1.0);
    let elsewhere = elsewhere(counts);
    let alike = |e: &&Endpoint| fails_alike(e, elsewhere);
    let blameless: Vec<&Endpoint> = counts.lately.endpoints.iter().filter(alike).collect();
    let of = |field: fn(&Endpoint) -> i64| blameless.iter().map(|e| field(e)).sum::<i64>();
    // What is left of the arms without the endpoints that fail for everybody.
    let path = Rates {
        nats_events: nats.events - of(|e| e.nats_events),
        nats_failures: nats.failures - of(|e| e.nats_failures),
        queue_events: queue.events - of(|e| e.queue_events),
        queue_failures: queue.failures - of(|e| e.queue_failures),
    };
    let plain = nats.failures as f64 / minutes;
    let excess = path.excess() / minutes;
    let newest = nats.error().or_else(|| queue.error());
    let inputs = Lately {
        minutes,
        limit: limits.errors_per_minute,
        per_minute: plain,
        excess,
        explained: plain - excess,
        nats: Arm {
            events: nats.events,
            failures: nats.failures,
            dead: counts.nats_arm.dead,
        },
        queue: Arm {
            events: queue.events,
            failures: queue.failures,
            dead: counts.queue_arm.dead,
        },
        endpoints: counts.lately.endpoints.clone(),
        newest: newest.clone(),
    };
    let tail = newest.map_or(String::new(), |text| {
        format!("; newest: {}", shorten(&text, 120))
    });
    if excess > limits.errors_per_minute {
        return GateResult::fail(
            gate,
            format!(
                "{plain:.1} failures/min by NATS, {excess:.1} beyond the queue's rate; limit {:.1}{tail}",
                limits.errors_per_minute
            ),
            format!(
                "repair what the newest error says, or `wavegate rollback --wave {}`",
                counts.wave
            ),
            inputs,
        );
    }
    if let Some(first) = counts.lately.endpoints.first() {
        let error = first.error.as_deref().map_or(String::new(), |text| {
            format!(": {}", shorten(&one_line(text), 120))
        });
        let more = match counts.lately.endpoints.len() {
            1 => String::new(),
            n => format!(" and of {} others", n - 1),
        };
        return GateResult::inconclusive(
            gate,
            format!(
                "endpoint: the circuit of webhook {}{more} is open: it fails for everybody{error}",
                counts.names.of(first.webhook_id)
            ),
            "repair the endpoint or disable the webhook (disabled ones count in no gate), then look again",
            inputs,
        );
    }
    if plain > limits.errors_per_minute {
        return GateResult::inconclusive(
            gate,
            format!("endpoint: both paths fail alike, NATS {plain:.1}/min{tail}"),
            "the endpoint fails for everybody: repair it, then look again",
            inputs,
        );
    }
    if counts.events() == 0 {
        return GateResult::inconclusive(
            gate,
            "no event since the step began",
            "wait for traffic",
            inputs,
        );
    }
    if nats.events + queue.events == 0 {
        return GateResult::pass(
            gate,
            format!(
                "quiet for {minutes:.0} min; {} events since the step began, {} failed",
                grouped(counts.events()),
                grouped(counts.both(ArmCounts::failed))
            ),
            inputs,
        );
    }
    GateResult::pass(
        gate,
        format!(
            "{plain:.1} failures/min by NATS over {minutes:.0} min; limit {:.1}{tail}",
            limits.errors_per_minute
        ),
        inputs,
    )
}

/// Events and failures of both arms, lately.
struct Rates {
    nats_events: i64,
    nats_failures: i64,
    queue_events: i64,
    queue_failures: i64,
}

impl Rates {
    /// Failures of NATS beyond what the queue's rate explains.
    fn excess(&self) -> f64 {
        let explained = if self.queue_events <= 0 {
            0.0
        } else {
            self.queue_failures as f64 / self.queue_events as f64 * self.nats_events as f64
        };
        self.nats_failures as f64 - explained
    }
}

/// How often NATS fails at the endpoints whose circuits are closed; `None` where it has tried none of them lately.
fn elsewhere(counts: &Counts) -> Option<f64> {
    let open = |field: fn(&Endpoint) -> i64| counts.lately.endpoints.iter().map(field).sum::<i64>();
    let events = counts.lately.nats.events - open(|e| e.nats_events);
    let failures = counts.lately.nats.failures - open(|e| e.nats_failures);
    (events > 0).then(|| rate(failures, events))
}

/// NATS is not to blame for an endpoint with an open circuit, unless the queue fares twice as well there. Where the queue did not
/// try, NATS must fare twice as well elsewhere: else it may be the path that is broken.
fn fails_alike(endpoint: &Endpoint, elsewhere: Option<f64>) -> bool {
    let here = rate(endpoint.nats_failures, endpoint.nats_events);
    match endpoint.queue_events {
        0 => elsewhere.is_some_and(|elsewhere| 2.0 * elsewhere <= here),
        events => 2.0 * rate(endpoint.queue_failures, events) >= here,
    }
}

fn rate(failures: i64, events: i64) -> f64 {
    failures as f64 / events.max(1) as f64
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `most` characters, with an ellipsis where something was cut.
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{cut}…")
}
