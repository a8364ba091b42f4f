//! The JSON Schema of a plan, from the types of `file`.

use std::sync::OnceLock;

use schemars::{Schema, generate::SchemaSettings, transform::transform_subschemas};
use serde_json::{Value, json};

use super::{
    file::PlanFile,
    yaml::{MOST_ITEMS, MOST_KEYS},
};

/// The greatest whole number that every reader of JSON keeps.
const LARGEST: i64 = (1 << 53) - 1;
/// PostgreSQL keeps no text with a NUL.
const NO_NUL: &str = "^[^\\u0000]*$";

/// The schema that editors use and that the parser walks; `plans/wavegate.schema.json` holds it.
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .for_deserialize()
        .with_transform(without_null)
        .with_transform(bounded)
        .into_generator()
        .into_root_schema_for::<PlanFile>();
    schema.insert("title".to_string(), Value::from("wavegate plan"));
    schema
}

/// The same, made once.
pub(super) fn kept() -> &'static Value {
    static KEPT: OnceLock<Value> = OnceLock::new();
    KEPT.get_or_init(|| schema().as_value().clone())
}

/// The text of `plans/wavegate.schema.json`.
pub fn schema_text() -> String {
    format!("{:#}\n", schema().as_value())
}

/// An optional key may be left out, not set to nothing: `null` goes from every type.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_string(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            for (key, value) in only {
                // A description beside the key says more than the one of the type.
                if schema.get(&key).is_none() {
                    schema.insert(key, value);
                }
            }
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    transform_subschemas(&mut without_null, schema);
}

/// What the types do not say of themselves: whole numbers have two ends, lists are not endless, and no text holds a NUL. The
/// parser reads its own bounds from here.
fn bounded(schema: &mut Schema) {
    let word = |schema: &Schema, key: &str| {
        let value = schema.get(key).and_then(Value::as_str);
        value.unwrap_or_default().to_string()
    };
    let (kind, format) = (word(schema, "type"), word(schema, "format"));
    let free = schema
        .get("additionalProperties")
        .is_some_and(Value::is_object);
    let mut bound = |key: &str, value: Value| {
        if schema.get(key).is_none() {
            schema.insert(key.to_string(), value);
        }
    };
    match kind.as_str() {
        "array" => bound("maxItems", json!(MOST_ITEMS)),
        "object" if free => {
            bound("maxProperties", json!(MOST_KEYS));
            bound("propertyNames", json!({ "pattern": NO_NUL }));
        }
        "integer" => {
            let (least, most) = match format.as_str() {
                "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
                "uint8" => (0, i64::from(u8::MAX)),
                "uint32" => (0, i64::from(u32::MAX)),
                "uint64" => (0, LARGEST),
                _ => (-LARGEST, LARGEST),
            };
            bound("minimum", json!(least));
            bound("maximum", json!(most));
        }
        "string" => {
            let said = ["format", "enum", "const", "pattern"];
            if said.iter().all(|key| schema.get(*key).is_none()) {
                schema.insert("pattern".to_string(), json!(NO_NUL));
            }
        }
        _ => {}
    }
    transform_subschemas(&mut bounded, schema);
}
