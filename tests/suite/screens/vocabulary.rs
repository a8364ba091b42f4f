//! The JSON of every screen that has a snapshot, held against the kept schema of its kind (docs/json.schema.json), and the words in it
//! against the vocabulary. `UPDATE_WANTED=1` adds what is new to the schema.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value, json};
use wavegate::ui::{Output, Screen, Style, render};

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.schema.json");

/// Objects whose keys are data and not words of ours.
const FREE: [&str; 6] = [
    "before",
    "after",
    "inputs",
    "payload",
    "headers",
    "queue_row",
];

/// Every snapshot of a JSON envelope.
fn documents() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/screens/snapshots");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".snap") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let Some(body) = text.splitn(3, "---\n").nth(2) else {
            continue;
        };
        if let Ok(value) = serde_json::from_str::<Value>(body)
            && value["kind"].is_string()
        {
            found.push((name, value));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// What programs read of a screen, for its snapshot.
pub fn json(screen: &impl Screen) -> String {
    let json = render(screen, Output::Json, &Style::plain(80));
    let json: Value = serde_json::from_str(&json).unwrap();
    serde_json::to_string_pretty(&json).unwrap()
}

/// On a narrow terminal: no line is too long, unless it is one word, and no text is broken into letters.
pub fn readable_at_40(screen: &impl Screen, name: &str) {
    let text = render(screen, Output::Table, &Style::plain(40));
    for line in text.lines() {
        // A command stays in one piece, so that it can be copied.
        let command = line.trim_start().starts_with("wavegate ");
        let long = line.chars().count() > 40 && line.split_whitespace().count() > 2 && !command;
        assert!(!long, "{name} at 40: {line}\n{text}");
    }
    let letters = text
        .lines()
        .filter(|line| {
            line.split_whitespace()
                .all(|word| word.chars().count() <= 2)
        })
        .filter(|line| line.chars().any(char::is_alphabetic))
        .count();
    assert!(letters < 3, "{name} at 40 is broken into letters:\n{text}");
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn types(schema: &Value) -> Vec<String> {
    match &schema["type"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many
            .iter()
            .map(|one| one.as_str().unwrap().to_string())
            .collect(),
        _ => Vec::new(),
    }
}

/// Draws `schema` so wide that `value` fits.
fn widen(schema: &mut Value, value: &Value, new: bool) {
    let mut known = types(schema);
    if !known.iter().any(|one| one == type_of(value)) {
        known.push(type_of(value).to_string());
        known.sort();
    }
    schema["type"] = match known.as_slice() {
        [one] => json!(one),
        many => json!(many),
    };
    match value {
        Value::Array(items) => {
            for item in items {
                let first = schema["items"].is_null();
                widen(&mut schema["items"], item, first);
            }
        }
        Value::Object(fields) => {
            let fresh = schema["properties"].is_null();
            let before: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
            let required: Vec<Value> = match new && fresh {
                true => fields.keys().map(|key| json!(key)).collect(),
                false => before
                    .into_iter()
                    .filter(|key| fields.contains_key(key.as_str().unwrap()))
                    .collect(),
            };
            schema["required"] = json!(required);
            schema["additionalProperties"] = json!(false);
            for (key, field) in fields {
                let first = schema["properties"][key].is_null();
                match FREE.contains(&key.as_str()) && field.is_object() {
                    true => schema["properties"][key] = json!({ "type": ["object", "null"] }),
                    false => widen(&mut schema["properties"][key], field, first),
                }
            }
        }
        _ => {}
    }
}

/// What of JSON Schema the kept file uses.
fn misfits(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let known = types(schema);
    let fits = known
        .iter()
        .any(|one| one == type_of(value) || one == "number" && type_of(value) == "integer");
    if !fits {
        faults.push(format!("{place}: {} is none of {known:?}", type_of(value)));
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                misfits(&schema["items"], item, &format!("{place}[]"), faults);
            }
        }
        Value::Object(fields) if schema["properties"].is_object() => {
            let properties = schema["properties"].as_object().unwrap();
            for key in schema["required"].as_array().into_iter().flatten() {
                if !fields.contains_key(key.as_str().unwrap()) {
                    faults.push(format!("{place}: {key} is missing"));
                }
            }
            for (key, field) in fields {
                match properties.get(key) {
                    Some(property) => misfits(property, field, &format!("{place}.{key}"), faults),
                    None if schema["additionalProperties"] == json!(false) => {
                        faults.push(format!("{place}: {key} is not in the schema"));
                    }
                    None => {}
                }
            }
        }
        _ => {}
    }
}

fn kept() -> Value {
    let text = std::fs::read_to_string(KEPT).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|_| {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "What `wavegate --output json` writes, a line each; `$defs` has the `data` of each kind",
            "type": "object",
            "required": ["kind", "version", "data"],
            "properties": { "kind": { "type": "string" }, "version": { "type": "integer" }, "data": {} },
            "$defs": {},
        })
    })
}

#[test]
fn every_json_fits_its_schema() {
    let documents = documents();
    let mut kept = kept();
    if std::env::var_os("UPDATE_WANTED").is_some() {
        for (_, document) in &documents {
            let kind = document["kind"].as_str().unwrap();
            let new = kept["$defs"][kind].is_null();
            widen(&mut kept["$defs"][kind], &document["data"], new);
        }
        let text = serde_json::to_string_pretty(&kept).unwrap() + "\n";
        std::fs::write(KEPT, text).unwrap();
    }
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut faults = Vec::new();
    for (name, document) in &documents {
        let kind = document["kind"].as_str().unwrap();
        *kinds.entry(kind.to_string()).or_default() += 1;
        match kept["$defs"].get(kind) {
            Some(schema) => misfits(schema, &document["data"], name, &mut faults),
            None => faults.push(format!("{name}: no schema for the kind {kind}")),
        }
    }
    assert!(kinds.len() >= 24, "{kinds:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// One word for one thing, and the unit of a length of time in its name.
#[test]
fn fields_have_one_vocabulary() {
    let mut faults = Vec::new();
    for (name, document) in documents() {
        words(&document["data"], &name, &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn words(value: &Value, place: &str, faults: &mut Vec<String>) {
    const UNITS: [&str; 5] = ["_s", "_secs", "_seconds", "_minutes", "_us"];
    match value {
        Value::Array(items) => items.iter().for_each(|item| words(item, place, faults)),
        Value::Object(fields) => {
            if fields.contains_key("secs") && fields.contains_key("nanos") {
                faults.push(format!("{place}: secs and nanos; wanted _ms"));
            }
            for (key, field) in fields {
                if UNITS.iter().any(|unit| key.ends_with(unit)) {
                    faults.push(format!("{place}: {key}; lengths of time are in _ms"));
                }
                if key.ends_with("_at") && !(field.is_string() || field.is_null()) {
                    faults.push(format!("{place}: {key} is no time"));
                }
                if !FREE.contains(&key.as_str()) {
                    words(field, &format!("{place}.{key}"), faults);
                }
            }
        }
        _ => {}
    }
}

/// The schema itself widens and refuses as it should.
#[test]
fn the_schema_is_held_against_what_comes() {
    let mut schema = Value::Object(Map::new());
    widen(&mut schema, &json!({ "a": 1, "b": [{ "c": "x" }] }), true);
    widen(&mut schema, &json!({ "a": null, "b": [] }), false);
    let faults = |value: Value| {
        let mut faults = Vec::new();
        misfits(&schema, &value, "it", &mut faults);
        faults.len()
    };
    assert_eq!(faults(json!({ "a": 2, "b": [{ "c": "y" }] })), 0);
    assert_eq!(faults(json!({ "a": null, "b": [] })), 0);
    assert_eq!(faults(json!({ "a": "2", "b": [{ "d": "y" }] })), 3);
    assert_eq!(faults(json!({ "a": 2 })), 1);
}
