//! Everything that a gate measured, by name: its inputs, flattened.

use serde_json::Value;

use super::trim;
use crate::{
    gates::{Names, evidence::Evidence},
    model::{
        duration::{of_ms, words},
        grouped,
    },
};

/// Lists are shown up to here.
const SHOWN: usize = 12;
/// Fields that hold webhooks, one or a list, end so.
const WEBHOOKS: [&str; 5] = [
    "webhook id",
    "pooled only",
    "unmeasured",
    "unseen",
    "untimed",
];

pub(super) fn of(inputs: &Evidence, names: &Names) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    flatten("", &serde_json::json!(inputs), names, &mut facts);
    facts
}

fn flatten(name: &str, value: &Value, names: &Names, facts: &mut Vec<(String, String)>) {
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
                flatten(&under(key), value, names, facts);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object()) => {
            for (index, item) in items.iter().take(SHOWN).enumerate() {
                flatten(&under(&(index + 1).to_string()), item, names, facts);
            }
            if items.len() > SHOWN {
                facts.push((
                    name.to_string(),
                    format!("and {} more", items.len() - SHOWN),
                ));
            }
        }
        Value::Array(items) => {
            let shown: Vec<String> = items
                .iter()
                .take(SHOWN)
                .map(|item| word(name, item, names))
                .collect();
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
            facts.push((label.to_string(), word(name, single, names)));
        }
    }
}

fn word(name: &str, value: &Value, names: &Names) -> String {
    match value {
        Value::Null => "unknown".to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_string(),
        Value::String(text) => text.clone(),
        Value::Number(n) => {
            let float = n.as_f64().unwrap_or_default();
            let webhook = n.as_i64().and_then(|id| i32::try_from(id).ok());
            let webhook = webhook.filter(|_| WEBHOOKS.iter().any(|end| name.ends_with(end)));
            if let Some(webhook) = webhook {
                names.of(webhook)
            } else if name.ends_with(" ms") {
                of_ms(float)
            } else if name.ends_with(" s") {
                std::time::Duration::try_from_secs_f64(float).map_or_else(|_| trim(float), words)
            } else if name.ends_with(" id") {
                n.to_string()
            } else {
                n.as_i64().map_or_else(|| trim(float), grouped)
            }
        }
        other => other.to_string(),
    }
}
