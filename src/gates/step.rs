//! Which gates guard which step of a wave.

use crate::model::{GateLimits, Mode, WaveStep};

/// The kinds of steps, as far as gates differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// queue -> both: nothing has been measured yet.
    Enter,
    /// both -> both with a larger share; the field is the share that the wave has now.
    Share(u8),
    /// both -> nats; the field is the share that the wave has now.
    Leave(u8),
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

    /// The gates in the order in which they are shown.
    pub fn gates(self) -> Vec<&'static str> {
        match self {
            Guarded::Enter => vec![
                "schema", "stream", "consumer", "subjects", "workers", "backlog",
            ],
            Guarded::Share(now) => hybrid(now),
            Guarded::Leave(now) => {
                let mut gates = hybrid(now);
                gates.insert(gates.len() - 1, "headroom");
                gates
            }
            Guarded::Watch => vec![
                "schema", "stream", "consumer", "parity", "baseline", "latency", "errors",
                "workers", "backlog", "drain", "soak",
            ],
            Guarded::Back => vec!["schema", "workers"],
        }
    }
}

impl Guarded {
    /// The gates of the step, and those that the plan asks for beside them.
    pub fn asked(self, limits: &GateLimits, windows: bool, signoff: bool) -> Vec<&'static str> {
        let mut gates = Vec::new();
        for gate in self.gates() {
            gates.push(gate);
            match gate {
                "success" | "baseline" if limits.success_min_rate.is_some() => {
                    gates.push("min_rate")
                }
                "errors" => {
                    gates.extend(limits.dead_max.map(|_| "dead"));
                    gates.extend(limits.duplicates_max.map(|_| "duplicates"));
                }
                _ => {}
            }
        }
        // The end of a watch moves no traffic.
        if windows && self.is_forward() && self != Guarded::Watch {
            gates.push("window");
        }
        if signoff && self.is_forward() {
            gates.push("signoff");
        }
        gates
    }

    /// Away from the queue, or to the end: whatever the plan asks for guards it.
    pub fn is_forward(self) -> bool {
        self != Guarded::Back
    }
}

/// At share 0 every event is the queue's: there is nothing to compare yet. At 100 there is no other arm.
fn hybrid(share: u8) -> Vec<&'static str> {
    let mut gates = vec![
        "schema",
        "stream",
        "consumer",
        "subjects",
        "hybrid_complete",
        "routed",
        "parity",
    ];
    match share {
        0 => {}
        1..100 => gates.extend(["success", "latency"]),
        _ => gates.extend(["baseline", "latency"]),
    }
    gates.extend(["errors", "workers", "backlog", "soak"]);
    gates
}
