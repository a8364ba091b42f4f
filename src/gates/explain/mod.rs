//! What a gate's answer means: first in everyday words, then what was measured, then the mathematics with the numbers in it.
//! Reads the inputs as they are kept, so that an answer of last week explains itself too. Pure.

mod compared;
mod counted;
mod course;
mod facts;

pub use course::{Course, Point, Unit};

use serde::Serialize;
use serde_json::Value;

use super::{GateResult, Said, Verdict};
use crate::model::Gate;

/// One gate's answer, taken apart.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    pub wave: String,
    /// The step that the gate guards, in words.
    pub step: String,
    pub gate: Gate,
    pub verdict: Verdict,
    pub reason: String,
    /// What the gate wants to know.
    pub question: String,
    /// What was found, for somebody who knows no statistics; one paragraph each.
    pub plainly: Vec<String>,
    /// What would change the verdict.
    pub remedy: String,
    /// Everything measured, by name.
    pub facts: Vec<(String, String)>,
    /// How the verdict comes about, with the numbers in it.
    pub formula: Vec<String>,
    /// The figures that decide, as they moved.
    pub courses: Vec<Course>,
}

/// `said` are the answers of this gate to this step so far, oldest first, the present one among them.
pub fn explain(wave: &str, step: &str, result: &GateResult, said: &[Said]) -> Explanation {
    let told = Told::of(result);
    Explanation {
        wave: wave.to_string(),
        step: step.to_string(),
        gate: result.gate.clone(),
        verdict: result.verdict,
        reason: result.reason.clone(),
        question: question(&result.gate, result.inputs["kind"].as_str()).to_string(),
        plainly: told.plainly,
        remedy: result.remedy.clone(),
        facts: facts::of(&result.inputs),
        formula: told.formula,
        courses: course::of(&result.gate, said),
    }
}

/// What is said about one gate's numbers.
#[derive(Debug, Default)]
struct Told {
    plainly: Vec<String>,
    formula: Vec<String>,
}

impl Told {
    fn of(result: &GateResult) -> Told {
        if result.inputs.get("error").is_some() {
            return Told {
                plainly: vec![
                    "It could not be measured, so nobody knows. What is not known never counts as good: the wave waits. \
                     Waiting alone does not help here; the cause must be repaired."
                        .to_string(),
                ],
                formula: vec!["no measurement: not yet, whatever the numbers were before".to_string()],
            };
        }
        match &result.gate {
            Gate::Success => compared::success(result),
            Gate::Baseline => compared::baseline(result),
            Gate::Latency => compared::latency(result),
            _ => counted::told(result),
        }
    }
}

/// What each gate asks, in everyday words; `kind` tells the plan's own ones apart.
pub fn question(gate: &Gate, kind: Option<&str>) -> &'static str {
    match gate {
        Gate::Schema => "Does the database hold everything that wavegate put there, unchanged?",
        Gate::Stream => "Is the NATS stream there, with the settings that keep events safe?",
        Gate::Consumer => {
            "Is the place in NATS from which the workers read there, with the right settings?"
        }
        Gate::Subjects => {
            "Does every webhook have its own address in NATS, and does the stream take it?"
        }
        Gate::HybridComplete => {
            "Is every webhook of the wave in the mode and at the share where it should be?"
        }
        Gate::Routed => {
            "Does all traffic use the functions that wavegate knows, or does somebody write into the queue past them?"
        }
        Gate::Parity => "Has every single event arrived, or at least come to an end that is known?",
        Gate::Success => {
            "Does NATS fail more deliveries than the queue does, by more than the plan allows?"
        }
        Gate::Baseline => {
            "Does NATS fail more deliveries than the queue did before, by more than the plan allows?"
        }
        Gate::Latency => "Do events arrive by NATS fast enough, compared with the queue?",
        Gate::Errors => {
            "Does NATS run into more errors right now than the queue's own rate explains?"
        }
        Gate::MinRate => "Do enough deliveries by NATS succeed, whatever the queue does?",
        Gate::Dead => "Have more events been given up than the plan allows?",
        Gate::Duplicates => "Have more events arrived twice than the plan allows?",
        Gate::Workers => {
            "Are the processes that carry and deliver events alive, and enough of them?"
        }
        Gate::Backlog => "Does work pile up anywhere?",
        Gate::Headroom => {
            "If all workers stopped, would the NATS stream hold the events for a while?"
        }
        Gate::Drain => "Is the queue empty, so that nothing of this wave is left in it?",
        Gate::Soak => "Has the wave stayed long enough where it is?",
        Gate::Window => "Is now a time at which the plan allows changes?",
        Gate::Signoff => "Have the people whom the plan names agreed?",
        Gate::Own(_) => match kind {
            Some("sql") => "What does the plan's own query say?",
            Some("command") => "What does the plan's own program say?",
            _ => "Does the plan's own condition hold?",
        },
    }
}

/// A number of the inputs, by JSON pointer.
fn number(inputs: &Value, pointer: &str) -> Option<f64> {
    inputs.pointer(pointer).and_then(Value::as_f64)
}

/// A count of the inputs; zero where it is not told.
fn count(inputs: &Value, pointer: &str) -> i64 {
    inputs
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

fn list<'v>(inputs: &'v Value, pointer: &str) -> &'v [Value] {
    inputs
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
