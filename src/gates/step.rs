//! Which gates guard which step of a wave.

use crate::model::{Gate, GateLimits, Mode, WaveStep};

/// The kinds of steps, as far as gates differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// queue -> both: nothing has been measured yet.
    Enter,
    /// both -> both with a larger share; the field is the share that the wave has now.
    Share(u8),
    /// both -> nats; the field is the share that the wave has now.
    Leave(u8),
    /// Webhooks that were taken back alone come to where their wave is: the share that it has now, `None` in nats.
    Join(Option<u8>),
    /// nats -> finished.
    Watch,
    /// A smaller share, or nats -> both: towards the queue, which only needs somebody to read it.
    Back,
}

impl Guarded {
    /// From where the wave stands and where it is asked to go.
    pub fn between(from: WaveStep, to: Mode) -> Self {
        match (from, to) {
            (WaveStep::Pending | WaveStep::RolledBack, Mode::Both(_) | Mode::Nats) => {
                Guarded::Enter
            }
            (WaveStep::Hybrid(now), Mode::Both(next)) if next.percent() >= now => {
                Guarded::Share(now)
            }
            (WaveStep::Hybrid(now), Mode::Nats) => Guarded::Leave(now),
            (WaveStep::Nats | WaveStep::Finished, Mode::Nats) => Guarded::Watch,
            (_, Mode::Both(_) | Mode::Queue) => Guarded::Back,
        }
    }

    /// For webhooks that come back to where their wave is.
    pub fn joining(at: WaveStep) -> Self {
        match at {
            WaveStep::Hybrid(share) => Guarded::Join(Some(share)),
            WaveStep::Nats | WaveStep::Finished => Guarded::Join(None),
            WaveStep::Pending | WaveStep::RolledBack => Guarded::Enter,
        }
    }

    /// The gates in the order in which they are shown.
    pub fn gates(self) -> Vec<Gate> {
        match self {
            Guarded::Enter => vec![
                Gate::Schema,
                Gate::Stream,
                Gate::Consumer,
                Gate::Subjects,
                Gate::Workers,
                Gate::Backlog,
            ],
            Guarded::Share(now) => hybrid(now),
            Guarded::Leave(now) => {
                let mut gates = hybrid(now);
                gates.insert(gates.len() - 1, Gate::Headroom);
                gates
            }
            Guarded::Watch => vec![
                Gate::Schema,
                Gate::Stream,
                Gate::Consumer,
                Gate::Traffic,
                Gate::Parity,
                Gate::SameBytes,
                Gate::Baseline,
                Gate::Latency,
                Gate::Errors,
                Gate::Workers,
                Gate::Backlog,
                Gate::Drain,
                Gate::Soak,
            ],
            Guarded::Join(share) => join(share),
            Guarded::Back => vec![Gate::Schema, Gate::Workers],
        }
    }
}

/// What the step does not mend by itself. Whether the wave may go further is asked when it does.
fn join(share: Option<u8>) -> Vec<Gate> {
    let mut gates = vec![Gate::Schema, Gate::Stream, Gate::Consumer, Gate::Subjects];
    if share.is_some() {
        gates.push(Gate::HybridComplete);
    }
    gates.extend([Gate::Parity, Gate::Errors, Gate::Workers, Gate::Backlog]);
    if share.is_none() {
        gates.push(Gate::Headroom);
    }
    gates
}

impl Guarded {
    /// The gates of the step, and those that the plan asks for beside them.
    pub fn asked(self, limits: &GateLimits, windows: bool, signoff: bool) -> Vec<Gate> {
        let mut gates = Vec::new();
        for gate in self.gates() {
            gates.push(gate.clone());
            match gate {
                Gate::Success | Gate::Baseline if limits.success_min_rate.is_some() => {
                    gates.push(Gate::MinRate)
                }
                Gate::Errors => {
                    gates.extend(limits.dead_max.map(|_| Gate::Dead));
                    gates.extend(limits.duplicates_max.map(|_| Gate::Duplicates));
                }
                _ => {}
            }
        }
        // The end of a watch moves no traffic.
        if windows && self.is_forward() && self != Guarded::Watch {
            gates.push(Gate::Window);
        }
        // Signatures are for leaving a step.
        if signoff && self.is_forward() && !matches!(self, Guarded::Join(_)) {
            gates.push(Gate::Signoff);
        }
        gates
    }

    /// Away from the queue, or to the end: whatever the plan asks for guards it.
    pub fn is_forward(self) -> bool {
        self != Guarded::Back
    }
}

/// At share 0 every event is the queue's: there is nothing to compare yet. At 100 there is no other arm.
fn hybrid(share: u8) -> Vec<Gate> {
    let mut gates = vec![
        Gate::Schema,
        Gate::Stream,
        Gate::Consumer,
        Gate::Subjects,
        Gate::HybridComplete,
        Gate::Routed,
        Gate::Traffic,
        Gate::Parity,
    ];
    match share {
        0 => {}
        1..100 => gates.extend([
            Gate::SameBytes,
            Gate::Split,
            Gate::Broken,
            Gate::Success,
            Gate::Latency,
        ]),
        _ => gates.extend([Gate::SameBytes, Gate::Baseline, Gate::Latency]),
    }
    gates.extend([Gate::Errors, Gate::Workers, Gate::Backlog, Gate::Soak]);
    gates
}

/// Does it look at events or webhooks of the wave, so that it needs some?
pub fn needs_webhooks(gate: &Gate) -> bool {
    match gate {
        Gate::HybridComplete
        | Gate::Traffic
        | Gate::Parity
        | Gate::Errors
        | Gate::Headroom
        | Gate::Dead
        | Gate::Duplicates => true,
        Gate::Schema
        | Gate::Stream
        | Gate::Consumer
        | Gate::Subjects
        | Gate::Routed
        | Gate::SameBytes
        | Gate::Split
        | Gate::Broken
        | Gate::Success
        | Gate::MinRate
        | Gate::Baseline
        | Gate::Latency
        | Gate::Workers
        | Gate::Backlog
        | Gate::Drain
        | Gate::Soak
        | Gate::Window
        | Gate::Signoff
        | Gate::Own(_) => false,
    }
}
