//! The gates, by name: those that are built in, and those of a plan's own.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! gates {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// One question about a wave before a step.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Gate {
            $($(#[$doc])* $variant,)*
            /// Of the plan's own; never by the name of one that is built in.
            Own(String),
        }

        impl Gate {
            /// Those that are built in.
            pub const ALL: &[Gate] = &[$(Gate::$variant),*];

            pub fn as_str(&self) -> &str {
                match self {
                    $(Gate::$variant => $name,)*
                    Gate::Own(name) => name,
                }
            }
        }
    };
}

gates! {
    Schema = "schema",
    Stream = "stream",
    Consumer = "consumer",
    Subjects = "subjects",
    Headroom = "headroom",
    HybridComplete = "hybrid_complete",
    Routed = "routed",
    Traffic = "traffic",
    Parity = "parity",
    SameBytes = "same_bytes",
    Split = "split",
    Broken = "broken",
    Success = "success",
    MinRate = "min_rate",
    Baseline = "baseline",
    Latency = "latency",
    Errors = "errors",
    Dead = "dead",
    Duplicates = "duplicates",
    Workers = "workers",
    Backlog = "backlog",
    Drain = "drain",
    Soak = "soak",
    Window = "window",
    Signoff = "signoff",
}

impl Gate {
    /// The one of this name.
    pub fn named(name: &str) -> Gate {
        let built_in = Gate::ALL.iter().find(|gate| gate.as_str() == name);
        built_in
            .cloned()
            .unwrap_or_else(|| Gate::Own(name.to_string()))
    }

    pub fn is_built_in(&self) -> bool {
        !matches!(self, Gate::Own(_))
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Gate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// As it is stored.
impl From<String> for Gate {
    fn from(name: String) -> Self {
        Gate::named(&name)
    }
}

impl From<&str> for Gate {
    fn from(name: &str) -> Self {
        Gate::named(name)
    }
}

impl From<&Gate> for Gate {
    fn from(gate: &Gate) -> Self {
        gate.clone()
    }
}

impl PartialEq<&str> for Gate {
    fn eq(&self, name: &&str) -> bool {
        self.as_str() == *name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_is_found_by_its_name() {
        for gate in Gate::ALL {
            assert!(gate.is_built_in() && Gate::named(gate.as_str()) == *gate);
        }
        assert_eq!(Gate::named("orders"), Gate::Own("orders".to_string()));
    }
}
