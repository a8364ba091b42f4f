//! What a gate's answer means: first in everyday words, then what was measured, then the mathematics with the numbers in it.
//! Of what is kept, too: an answer of last week explains itself. Each gate has its words in its own file. Pure.

mod course;
mod facts;
pub(super) mod words;

pub use course::{Course, Figure, Point, Unit};
pub(super) use words::trim;

use serde::{Deserialize, Deserializer, Serialize};

use super::{GateResult, Names, Said, Verdict, evidence::Found};
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

/// `said` are the answers of this gate to this step so far, oldest first, the present one among them. `names`: of the webhooks.
pub fn explain(
    wave: &str,
    step: &str,
    result: &GateResult,
    said: &[Said],
    names: &Names,
) -> Explanation {
    let told = Told::of(result, names);
    Explanation {
        wave: wave.to_string(),
        step: step.to_string(),
        gate: result.gate.clone(),
        verdict: result.verdict,
        reason: result.reason.clone(),
        question: question(&result.gate, &result.inputs.found).to_string(),
        plainly: told.plainly,
        remedy: result.remedy.clone(),
        facts: facts::of(&result.inputs, names),
        formula: told.formula,
        courses: course::of(said),
    }
}

/// What a gate measured says of itself.
pub(super) trait Explains {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        Told::plain(String::new(), "", verdict)
    }

    /// Does what was found look bad? Then it is no mere lack of evidence.
    fn speaks_against(&self) -> bool {
        false
    }

    /// The figures that decide, to be followed over time.
    fn figures(&self) -> Vec<Figure> {
        Vec::new()
    }
}

/// What is said about one gate's numbers.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub plainly: Vec<String>,
    pub formula: Vec<String>,
}

impl Told {
    fn of(result: &GateResult, names: &Names) -> Told {
        if result.inputs.error().is_some() {
            return Told {
                plainly: vec![
                    "It could not be measured, so nobody knows. What is not known never counts as good: the wave waits. \
                     Waiting alone does not help here; the cause must be repaired."
                        .to_string(),
                ],
                formula: vec!["no measurement: not yet, whatever the numbers were before".to_string()],
            };
        }
        result.inputs.found.told(result.verdict, names)
    }

    /// Of a gate that counts, compares with a limit or looks whether something is in place; a reason may say it all.
    pub fn plain(found: String, formula: &str, verdict: Verdict) -> Told {
        let lines = [found, standing(verdict).to_string()];
        let formula = Some(formula.to_string());
        Told {
            plainly: lines.into_iter().filter(|line| !line.is_empty()).collect(),
            formula: formula
                .into_iter()
                .filter(|line| !line.is_empty())
                .collect(),
        }
    }
}

fn standing(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "That is as it should be: pass.",
        Verdict::Fail => {
            "That is not as it should be: fail. It stays so until somebody repairs it."
        }
        Verdict::Inconclusive => {
            "That is neither good nor bad yet, and what is not known to be good holds the wave."
        }
    }
}

/// What has an end and can be told.
pub(super) fn known(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// JSON has no infinity: it is kept as null.
pub(super) fn number_or_nan<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// What each gate asks, in everyday words; what was found tells the plan's own ones apart.
pub fn question(gate: &Gate, found: &Found) -> &'static str {
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
        Gate::Traffic => "Does what was counted tell of today, and of every webhook?",
        Gate::SameBytes => "Was every event sent exactly as it was born?",
        Gate::Split => "Is it left to chance, as it should be, which path delivers an event?",
        Gate::Broken => "Is there a webhook of which one path delivers nothing at all?",
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
        Gate::Own(_) => match found {
            Found::Query(_) => "What does the plan's own query say?",
            Found::Program(_) => "What does the plan's own program say?",
            _ => "Does the plan's own condition hold?",
        },
    }
}
