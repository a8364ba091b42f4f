//! The JSON Schema of a plan, from the types of `file`.

use schemars::{Schema, generate::SchemaSettings, transform::transform_subschemas};
use serde_json::Value;

use super::file::PlanFile;

/// The schema that editors use and that the parser walks; `plans/wavegate.schema.json` holds it.
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .for_deserialize()
        .with_transform(without_null)
        .into_generator()
        .into_root_schema_for::<PlanFile>();
    schema.insert("title".to_string(), Value::from("wavegate plan"));
    schema
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
