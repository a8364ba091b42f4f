//! Everything that a gate measured, by name: its inputs, flattened.

use serde_json::Value;

use super::trim;
use crate::{
    gates::evidence::Evidence,
    model::{
        duration::{of_ms, words},
        grouped,
    },
};

/// Lists are shown up to here.
const SHOWN: usize = 12;

pub(super) fn of(inputs: &Evidence) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    flatten("", &serde_json::json!(inputs), &mut facts);
    facts
}

fn flatten(name: &str, value: &Value, facts: &mut Vec<(String, String)>) {
    let under = |key: &str| {
        let key = key.replace('_', " ");
        if name.is_empty() {
            key
        } else {
            format!("{name} {key}")
        }
    };
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&under(key), value, facts);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object()) => {
            for (index, item) in items.iter().take(SHOWN).enumerate() {
                flatten(&under(&(index + 1).to_string()), item, facts);
            }
            if items.len() > SHOWN {
                facts.push((
                    name.to_string(),
                    format!("and {} more", items.len() - SHOWN),
                ));
            }
        }
        Value::Array(items) => {
            let shown: Vec<String> = items.iter().take(SHOWN).map(|i| word(name, i)).collect();
            let more = match items.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let text = if shown.is_empty() {
                "none".to_string()
            } else {
                shown.join(", ") + &more
            };
            facts.push((name.to_string(), text));
        }
        single => {
            let label = name
                .strip_suffix(" ms")
                .or_else(|| name.strip_suffix(" s"))
                .unwrap_or(name);
            facts.push((label.to_string(), word(name, single)));
        }
    }
}

fn word(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "unknown".to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_string(),
        Value::String(text) => text.clone(),
        Value::Number(n) => {
            let float = n.as_f64().unwrap_or_default();
            if name.ends_with(" ms") {
                of_ms(float)
            } else if name.ends_with(" s") {
                std::time::Duration::try_from_secs_f64(float).map_or_else(|_| trim(float), words)
            } else if name.ends_with(" id") || name.ends_with("pooled only") {
                n.to_string()
            } else {
                n.as_i64().map_or_else(|| trim(float), grouped)
            }
        }
        other => other.to_string(),
    }
}
