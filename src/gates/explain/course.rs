//! How the figures that decide moved over the answers that were kept.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::gates::{Said, Verdict};

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

/// A figure of one answer.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// What it is, and where it should be.
    pub what: &'static str,
    pub unit: Unit,
    pub value: Option<f64>,
    pub limit: Option<f64>,
}

pub(super) fn of(said: &[Said]) -> Vec<Course> {
    let figures: Vec<Vec<Figure>> = said
        .iter()
        .map(|said| said.inputs.found.figures())
        .collect();
    let kinds = figures.iter().max_by_key(|figures| figures.len());
    let courses: Vec<Course> = kinds
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, kind)| Course {
            what: kind.what.to_string(),
            unit: kind.unit,
            points: points(said, |look| figures[look].get(index).copied()),
        })
        .filter(|course| course.points.iter().any(|point| point.value.is_some()))
        .collect();
    if !courses.is_empty() || said.is_empty() {
        return courses;
    }
    vec![Course {
        what: "what it said".to_string(),
        unit: Unit::Count,
        points: points(said, |_| None),
    }]
}

fn points(said: &[Said], figure: impl Fn(usize) -> Option<Figure>) -> Vec<Point> {
    let point = |(look, said): (usize, &Said)| Point {
        at: said.until,
        verdict: said.verdict,
        value: figure(look).and_then(|figure| figure.value),
        limit: figure(look).and_then(|figure| figure.limit),
    };
    said.iter().enumerate().map(point).collect()
}
