//! Lays the `gates:` of the defaults and of a wave over the built-in limits.

use std::{sync::Arc, time::Duration};

use super::{
    CommandGate, GateRules, SqlGate,
    file::{CommandFile, GatesFile, SqlFile},
    query,
    span::{Span, Time},
    units::Number,
    words::{GateName, Program},
};
use crate::model::{Gate, GateLimits};

const QUERY_TIMEOUT: Duration = Duration::from_secs(10);
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(60);

/// What is wrong with a gate: path below `gates`, found, wanted.
pub(super) type Wrong = (String, String, &'static str);

/// Sets what `file` gives and leaves the rest.
pub(super) fn merge(
    file: Option<&GatesFile>,
    limits: &mut GateLimits,
    rules: &mut GateRules,
) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let Some(file) = file else { return wrong };
    if let Some(gate) = &file.parity {
        put(&mut limits.parity_horizon, time(gate.horizon));
        limits.parity_lost_after = time(gate.lost_after).or(limits.parity_lost_after);
        rules.common(Gate::Parity, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.traffic {
        limits.traffic_within = time(gate.within).or(limits.traffic_within);
        rules.common(Gate::Traffic, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.same_bytes {
        rules.common(Gate::SameBytes, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.split {
        rules.common(Gate::Split, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.broken {
        rules.common(Gate::Broken, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.success {
        put(
            &mut limits.success_margin,
            gate.margin.map(|percent| percent.0),
        );
        put(&mut limits.min_events, gate.min_events);
        limits.success_min_rate = gate
            .min_rate
            .map(|percent| percent.0)
            .or(limits.success_min_rate);
        limits.block = time(gate.block).or(limits.block);
        rules.common(Gate::Success, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.baseline {
        limits.baseline_margin = gate
            .margin
            .map(|percent| percent.0)
            .or(limits.baseline_margin);
        rules.common(Gate::Baseline, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.latency {
        put(&mut limits.latency_ratio, gate.ratio);
        put(
            &mut limits.latency_quantile,
            gate.quantile.map(|quantile| quantile.0),
        );
        limits.latency_max_p99 = time(gate.max_p99).or(limits.latency_max_p99);
        rules.common(Gate::Latency, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.errors {
        put(&mut limits.errors_per_minute, gate.max_per_minute);
        rules.common(Gate::Errors, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.dead {
        limits.dead_max = gate.max.or(limits.dead_max);
        rules.common(Gate::Dead, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.duplicates {
        limits.duplicates_max = gate.max.or(limits.duplicates_max);
        rules.common(Gate::Duplicates, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.workers {
        put(&mut limits.nats_workers, gate.nats);
        put(&mut limits.queue_workers, gate.queue);
        put(&mut limits.worker_silent_after, time(gate.silent_after));
        limits.workers_stable_for = span(gate.stable_for).or(limits.workers_stable_for);
        rules.common(Gate::Workers, gate.advisory, gate.inconclusive_after);
    }
    if let Some(gate) = &file.backlog {
        put(&mut limits.backlog_queue, gate.queue);
        put(&mut limits.backlog_stream, gate.stream);
        put(&mut limits.backlog_lag, time(gate.lag));
        put(&mut limits.backlog_growth_looks, gate.growth_looks);
        rules.common(Gate::Backlog, gate.advisory, gate.inconclusive_after);
    }
    for (index, gate) in file.sql.iter().flatten().enumerate() {
        let path = format!("sql[{index}]");
        wrong.extend(wrong_bounds(&path, gate));
        if let Some(gate) = sql(gate) {
            rules.own(&mut wrong, &path, &gate.name);
            rules.sql.push(Arc::new(gate));
        }
        rules.common_of(gate.name.as_ref(), gate.advisory, gate.inconclusive_after);
    }
    for (index, gate) in file.command.iter().flatten().enumerate() {
        let path = format!("command[{index}]");
        let program = gate.run.as_ref().and_then(|run| run.first());
        if let Some(Err(no)) = program.map(|program| program.parse::<Program>()) {
            wrong.push((
                format!("{path}.run[0]"),
                no.found,
                "the path or the name of one",
            ));
        }
        if let Some(gate) = command(gate) {
            rules.own(&mut wrong, &path, &gate.name);
            rules.command.push(Arc::new(gate));
        }
        rules.common_of(gate.name.as_ref(), gate.advisory, gate.inconclusive_after);
    }
    wrong
}

impl GateRules {
    /// A gate of the plan's own wants a name that no other gate of the wave has.
    fn own(&self, wrong: &mut Vec<Wrong>, path: &str, name: &str) {
        let sql = self.sql.iter().map(|gate| &gate.name);
        let mut taken = sql.chain(self.command.iter().map(|gate| &gate.name));
        if taken.any(|other| other == name) {
            wrong.push((
                format!("{path}.name"),
                format!("`{name}` twice"),
                "a name of its own for each gate",
            ));
        }
    }

    fn common_of(&mut self, name: Option<&GateName>, advisory: Option<bool>, after: Option<Span>) {
        if let Some(GateName(name)) = name {
            self.common(Gate::Own(name.clone()), advisory, after);
        }
    }

    fn common(&mut self, gate: Gate, advisory: Option<bool>, inconclusive_after: Option<Span>) {
        match advisory {
            Some(true) => _ = self.advisory.insert(gate.clone()),
            Some(false) => _ = self.advisory.remove(&gate),
            None => {}
        }
        if let Some(Span(after)) = inconclusive_after {
            self.inconclusive_after.insert(gate, after);
        }
    }
}

fn put<T>(into: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *into = value;
    }
}

fn span(given: Option<Span>) -> Option<Duration> {
    given.map(|span| span.0)
}

fn time(given: Option<Time>) -> Option<Duration> {
    given.map(|time| time.0)
}

fn sql(file: &SqlFile) -> Option<SqlGate> {
    Some(SqlGate {
        name: file.name.as_ref()?.0.clone(),
        query: file.query.clone()?,
        min: file.min.as_ref().map(|number| number.0.clone()),
        max: file.max.as_ref().map(|number| number.0.clone()),
        timeout: time(file.timeout).unwrap_or(QUERY_TIMEOUT),
    })
}

fn command(file: &CommandFile) -> Option<CommandGate> {
    Some(CommandGate {
        name: file.name.as_ref()?.0.clone(),
        run: file.run.clone().filter(|run| !run.is_empty())?,
        timeout: time(file.timeout).unwrap_or(PROGRAM_TIMEOUT),
    })
}

/// Bounds that no number is within, and a query that is not one.
fn wrong_bounds(path: &str, gate: &SqlFile) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if let (Some(Number(min)), Some(Number(max))) = (&gate.min, &gate.max)
        && min > max
    {
        let found = format!("{min}, above `max`, {max}");
        wrong.push((format!("{path}.min"), found, "at most that"));
    }
    if let Some(found) = gate.query.as_deref().and_then(query::wrong) {
        wrong.push((format!("{path}.query"), found, "one SELECT"));
    }
    wrong
}
