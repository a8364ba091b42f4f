//! How the figures that decide moved over the answers that were kept.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::number;
use crate::gates::{Said, Verdict};
use crate::model::Gate;

/// In what a figure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Out of 100 deliveries.
    Points,
    Milliseconds,
    Seconds,
    Count,
}

/// One figure over time.
#[derive(Debug, Clone, Serialize)]
pub struct Course {
    /// What it is, and where it should be.
    pub what: String,
    pub unit: Unit,
    pub points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    pub at: DateTime<Utc>,
    pub verdict: Verdict,
    /// `None` where it was not known or has no end.
    pub value: Option<f64>,
    pub limit: Option<f64>,
}

/// A figure: where it stands in the inputs, and where its limit does.
struct Figure {
    what: &'static str,
    unit: Unit,
    value: fn(&Value) -> Option<f64>,
    limit: fn(&Value) -> Option<f64>,
}

pub(super) fn of(gate: &Gate, said: &[Said]) -> Vec<Course> {
    let courses: Vec<Course> = figures(gate)
        .into_iter()
        .map(|figure| Course {
            what: figure.what.to_string(),
            unit: figure.unit,
            points: points(said, figure.value, figure.limit),
        })
        .filter(|course| course.points.iter().any(|point| point.value.is_some()))
        .collect();
    if !courses.is_empty() || said.is_empty() {
        return courses;
    }
    vec![Course {
        what: "what it said".to_string(),
        unit: Unit::Count,
        points: points(said, |_| None, |_| None),
    }]
}

fn points(
    said: &[Said],
    value: fn(&Value) -> Option<f64>,
    limit: fn(&Value) -> Option<f64>,
) -> Vec<Point> {
    said.iter()
        .map(|said| Point {
            at: said.until,
            verdict: said.verdict,
            value: value(&said.inputs),
            limit: limit(&said.inputs),
        })
        .collect()
}

/// A bound beyond all of them says nothing: unknown.
fn out_of_100(inputs: &Value, pointer: &str) -> Option<f64> {
    Some(number(inputs, pointer)? * 100.0).filter(|points| *points < 100.0)
}

fn figures(gate: &Gate) -> Vec<Figure> {
    let figure = |what, unit, value, limit| Figure {
        what,
        unit,
        value,
        limit,
    };
    match gate {
        Gate::Success => vec![
            figure(
                "by how many of 100 NATS may fail more, judged by events; a pass needs it left of the mark",
                Unit::Points,
                |v| out_of_100(v, "/events/upper"),
                |v| Some(number(v, "/margin")? * 100.0),
            ),
            figure(
                "the same, judged by blocks of time",
                Unit::Points,
                |v| out_of_100(v, "/blocks/upper"),
                |v| Some(number(v, "/margin")? * 100.0),
            ),
        ],
        Gate::Baseline => vec![figure(
            "how many of 100 NATS may fail; a pass needs it left of the mark",
            Unit::Points,
            |v| out_of_100(v, "/all/upper"),
            |v| Some(number(v, "/all/pass_below")? * 100.0),
        )],
        Gate::Latency => vec![figure(
            "how slow NATS may be; a pass needs it left of the mark, the queue's own time as far as the plan allows",
            Unit::Milliseconds,
            |v| number(v, "/nats/upper_ms"),
            |v| Some(number(v, "/queue/lower_ms")? / number(v, "/ratio").filter(|r| *r > 0.0)?),
        )],
        Gate::Errors => vec![figure(
            "failures a minute beyond what the queue's rate explains",
            Unit::Count,
            |v| Some(number(v, "/per_minute")? - number(v, "/explained")?),
            |v| number(v, "/limit"),
        )],
        Gate::Parity => vec![figure(
            "events that are missing",
            Unit::Count,
            |v| number(v, "/missing"),
            |_| Some(0.0),
        )],
        Gate::Routed => vec![figure(
            "queue rows that came past the functions",
            Unit::Count,
            |v| number(v, "/unrouted"),
            |_| Some(0.0),
        )],
        Gate::Backlog => vec![
            figure(
                "queue rows that are due and wait",
                Unit::Count,
                |v| number(v, "/queue_due"),
                |v| number(v, "/limits/queue"),
            ),
            figure(
                "messages that wait in the stream",
                Unit::Count,
                |v| Some(number(v, "/stream/pending")? + number(v, "/stream/unacked")?),
                |v| number(v, "/limits/stream"),
            ),
            figure(
                "how far the relay is behind",
                Unit::Milliseconds,
                |v| number(v, "/stream/lag_ms"),
                |v| number(v, "/limits/lag_ms"),
            ),
        ],
        Gate::Drain => vec![figure(
            "rows left in the queue",
            Unit::Count,
            |v| Some(number(v, "/pending")? + number(v, "/processing")? + number(v, "/retrying")?),
            |_| Some(0.0),
        )],
        Gate::Soak => vec![figure(
            "time in this step; it is over at the mark",
            Unit::Seconds,
            |v| number(v, "/passed_s"),
            |v| number(v, "/wanted_s"),
        )],
        _ => Vec::new(),
    }
}
