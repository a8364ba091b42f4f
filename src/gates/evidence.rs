//! What a gate measured. Each gate has a type of its own, in its file; here they are one, as it is kept and shown.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned, ser::Error as _};
use serde_json::{Map, Value};

use super::{
    Names, Verdict, backlog, baseline, broken, errors,
    explain::{Explains, Figure, Told},
    hybrid, latency, own, parity, place, plain, same_bytes, signoff, soak, split, success, traffic,
    window, workers,
};
use crate::model::Gate;

/// The evidence of one answer, with what the plan says of any gate.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub found: Found,
    /// The gate is shown, and decides nothing.
    pub advisory: bool,
    /// When its patience ends, where the plan says how long it may stay inconclusive.
    pub inconclusive_until: Option<DateTime<Utc>>,
}

/// Written as fields beside those of the gate itself, where they say anything.
#[derive(Serialize, Deserialize)]
struct Beside {
    #[serde(default, skip_serializing_if = "is_false")]
    advisory: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inconclusive_until: Option<DateTime<Utc>>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// A gate that could not be measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmeasured {
    pub error: String,
}

impl Explains for Unmeasured {}

macro_rules! evidence {
    ($($name:ident($type:ty)),* $(,)?) => {
        /// What was measured, by the gate that measured it.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Found {
            $($name($type),)*
            /// Kept in a shape that this version does not know: shown as it stands.
            Unknown(Kept),
        }

        $(impl From<$type> for Evidence {
            fn from(found: $type) -> Evidence {
                Evidence { found: Found::$name(found), advisory: false, inconclusive_until: None }
            }
        })*

        impl Found {
            /// What is said of it, for a person.
            pub(super) fn told(&self, verdict: Verdict, names: &Names) -> Told {
                match self {
                    $(Found::$name(found) => found.told(verdict, names),)*
                    Found::Unknown(_) => Told {
                        plainly: vec!["Another version of wavegate kept this; what it measured stands below.".to_string()],
                        formula: Vec::new(),
                    },
                }
            }

            pub(super) fn speaks_against(&self) -> bool {
                match self {
                    $(Found::$name(found) => found.speaks_against(),)*
                    Found::Unknown(_) => false,
                }
            }

            /// The figures that decide, with their limits.
            pub(super) fn figures(&self) -> Vec<Figure> {
                match self {
                    $(Found::$name(found) => found.figures(),)*
                    Found::Unknown(_) => Vec::new(),
                }
            }
        }
    };
}

evidence! {
    Place(place::Differences),
    Headroom(place::Headroom),
    HybridComplete(hybrid::Complete),
    Routed(hybrid::Routed),
    Parity(parity::Census),
    Traffic(traffic::Newest),
    SameBytes(same_bytes::Bytes),
    Split(split::Lots),
    Broken(broken::OneArmed),
    Success(success::Compared),
    Baseline(baseline::Compared),
    Latency(latency::Compared),
    Errors(errors::Lately),
    MinRate(plain::MinRate),
    Dead(plain::Dead),
    Duplicates(plain::Duplicates),
    Workers(workers::Present),
    Backlog(backlog::Piled),
    Drain(backlog::Drained),
    Soak(soak::Passed),
    Window(window::Permission),
    Signoff(signoff::Signed),
    Query(own::Query),
    Program(own::Program),
    Unmeasured(Unmeasured),
}

/// Another version's evidence.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Kept(Value);

impl Evidence {
    /// Why it could not be measured.
    pub fn error(&self) -> Option<&str> {
        match &self.found {
            Found::Unmeasured(unmeasured) => Some(&unmeasured.error),
            Found::Query(query) => query.error.as_deref(),
            Found::Unknown(Kept(Value::Object(fields))) => fields.get("error")?.as_str(),
            _ => None,
        }
    }

    /// What this gate kept once. What it cannot read stays as it is.
    pub fn read(gate: &Gate, kept: Value) -> Evidence {
        fn as_one<T: DeserializeOwned + Into<Evidence>>(
            kept: &Map<String, Value>,
        ) -> Option<Evidence> {
            let read = T::deserialize(kept);
            read.ok().map(Into::into)
        }
        let Value::Object(mut fields) = kept else {
            return Evidence::unknown(kept);
        };
        let whole = fields.clone();
        let Ok(beside) = Beside::deserialize(&fields) else {
            return Evidence::unknown(Value::Object(whole));
        };
        fields.remove("advisory");
        fields.remove("inconclusive_until");
        let read = as_one::<Unmeasured>(&fields).or_else(|| match gate {
            Gate::Schema | Gate::Stream | Gate::Consumer | Gate::Subjects => {
                as_one::<place::Differences>(&fields)
            }
            Gate::Headroom => as_one::<place::Headroom>(&fields),
            Gate::HybridComplete => as_one::<hybrid::Complete>(&fields),
            Gate::Routed => as_one::<hybrid::Routed>(&fields),
            Gate::Parity => as_one::<parity::Census>(&fields),
            Gate::Traffic => as_one::<traffic::Newest>(&fields),
            Gate::SameBytes => as_one::<same_bytes::Bytes>(&fields),
            Gate::Split => as_one::<split::Lots>(&fields),
            Gate::Broken => as_one::<broken::OneArmed>(&fields),
            Gate::Success => as_one::<success::Compared>(&fields),
            Gate::Baseline => as_one::<baseline::Compared>(&fields),
            Gate::Latency => as_one::<latency::Compared>(&fields),
            Gate::Errors => as_one::<errors::Lately>(&fields),
            Gate::MinRate => as_one::<plain::MinRate>(&fields),
            Gate::Dead => as_one::<plain::Dead>(&fields),
            Gate::Duplicates => as_one::<plain::Duplicates>(&fields),
            Gate::Workers => as_one::<workers::Present>(&fields),
            Gate::Backlog => as_one::<backlog::Piled>(&fields),
            Gate::Drain => as_one::<backlog::Drained>(&fields),
            Gate::Soak => as_one::<soak::Passed>(&fields),
            Gate::Window => as_one::<window::Permission>(&fields),
            Gate::Signoff => as_one::<signoff::Signed>(&fields),
            Gate::Own(_) => {
                as_one::<own::Query>(&fields).or_else(|| as_one::<own::Program>(&fields))
            }
        });
        match read {
            Some(read) => Evidence {
                advisory: beside.advisory,
                inconclusive_until: beside.inconclusive_until,
                ..read
            },
            None => Evidence::unknown(Value::Object(whole)),
        }
    }

    fn unknown(kept: Value) -> Evidence {
        Evidence {
            advisory: kept["advisory"] == Value::Bool(true),
            found: Found::Unknown(Kept(kept)),
            inconclusive_until: None,
        }
    }

    /// As it is kept: one object, its keys in the order of the alphabet.
    fn whole(&self) -> serde_json::Result<Value> {
        let mut found = serde_json::to_value(&self.found)?;
        if let Value::Object(fields) = &mut found {
            let beside = serde_json::to_value(Beside {
                advisory: self.advisory,
                inconclusive_until: self.inconclusive_until,
            })?;
            if let Value::Object(beside) = beside {
                fields.extend(beside);
            }
        }
        Ok(found)
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.whole()
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}
