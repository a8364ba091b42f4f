//! Walks the YAML tree along the JSON Schema: unknown keys, missing keys, wrong types and units, each with its place. What
//! is faulty is left out of the value it hands on, so that the checks behind it can go on and all faults come at once.

use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;
use yaml_rust2::Yaml as Scalar;

use super::{
    fault::{Faults, did_you_mean},
    units,
    yaml::{Kind, Node, below, fault, short},
};

/// The value of a node without its faulty parts, and all its faults.
pub(super) fn walk(root: &Node, schema: &Value) -> (Yaml, Faults) {
    let mut walker = Walker {
        schema,
        faults: Faults::default(),
    };
    let value = walker
        .node(root, schema, "")
        .unwrap_or_else(|| Yaml::Mapping(Default::default()));
    (value, walker.faults)
}

struct Walker<'a> {
    schema: &'a Value,
    faults: Faults,
}

impl<'a> Walker<'a> {
    /// `None` where the node is faulty itself.
    fn node(&mut self, node: &Node, schema: &'a Value, path: &str) -> Option<Yaml> {
        let schema = self.resolve(schema);
        match (&node.kind, text(schema, "type")) {
            // It was reported where it was read.
            (Kind::Faulty, _) => None,
            (Kind::Map(_), "object") => self.object(node, schema, path),
            (Kind::List(items), "array") => self.list(node, items, schema, path),
            (Kind::Scalar { text, .. }, wanted) if !matches!(wanted, "object" | "array") => {
                self.scalar(node, text, schema, path)
            }
            _ => self.wrong(node, path, node.describe(), &wanted(schema)),
        }
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str);
        name.and_then(|name| self.schema.pointer(name.trim_start_matches('#')))
            .unwrap_or(schema)
    }

    fn wrong<T>(&mut self, node: &Node, path: &str, found: String, wanted: &str) -> Option<T> {
        self.faults.push(fault(node.place, path, &found, wanted));
        None
    }

    fn object(&mut self, node: &Node, schema: &'a Value, path: &str) -> Option<Yaml> {
        let Kind::Map(entries) = &node.kind else {
            return None;
        };
        // Free keys, as in `contacts`, have a schema here; elsewhere it says `false`.
        let free = schema
            .get("additionalProperties")
            .filter(|free| free.is_object());
        let least = schema.get("minProperties").and_then(Value::as_u64);
        if least.is_some_and(|least| (entries.len() as u64) < least) {
            let found = "an empty mapping".to_string();
            return self.wrong(node, path, found, "at least one key");
        }
        let mut value = serde_yaml::Mapping::new();
        for entry in entries {
            let path = below(path, &entry.key);
            let Some(inner) = property(schema, &entry.key).or(free) else {
                let known = schema.get("properties").and_then(Value::as_object);
                let keys: Vec<&str> = known
                    .into_iter()
                    .flat_map(Map::keys)
                    .map(String::as_str)
                    .collect();
                let near = self.near(&entry.key, &keys);
                let found = format!("the unknown key {}", short(&entry.key));
                let wanted = format!("one of {}{near}", keys.join(", "));
                self.faults.push(fault(entry.place, &path, &found, &wanted));
                continue;
            };
            if entry.key.contains('\0') {
                let wanted = "text without it: PostgreSQL keeps none";
                let fault = fault(entry.place, &path, "a NUL character in a key", wanted);
                self.faults.push(fault);
                continue;
            }
            if let Some(inner) = self.node(&entry.value, inner, &path) {
                value.insert(Yaml::from(entry.key.as_str()), inner);
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if entries.iter().all(|entry| entry.key != key) {
                let wanted = property(schema, key).map(|inner| wanted(self.resolve(inner)));
                let found = format!("no key `{key}`");
                let wanted = wanted.unwrap_or_else(|| "it".to_string());
                self.faults
                    .push(fault(node.place, &below(path, key), &found, &wanted));
            }
        }
        Some(Yaml::Mapping(value))
    }

    /// A list of mappings keeps its length, so that later faults name the right index; a list of scalars is whole or not there.
    fn list(&mut self, node: &Node, items: &[Node], schema: &'a Value, path: &str) -> Option<Yaml> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            return self.wrong(
                node,
                path,
                "an empty list".to_string(),
                "at least one entry",
            );
        }
        let most = schema.get("maxItems").and_then(Value::as_u64);
        if let Some(most) = most.filter(|most| items.len() as u64 > *most) {
            let found = format!("a list of {}", items.len());
            return self.wrong(node, path, found, &format!("at most {most} entries"));
        }
        let inner = self.resolve(schema.get("items")?);
        let mappings = text(inner, "type") == "object";
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match self.node(item, inner, &format!("{path}[{index}]")) {
                Some(value) => values.push(Some(value)),
                None if mappings => values.push(Some(Yaml::Mapping(Default::default()))),
                None => values.push(None),
            }
        }
        values
            .into_iter()
            .collect::<Option<Vec<Yaml>>>()
            .map(Yaml::Sequence)
    }

    fn scalar(&mut self, node: &Node, raw: &str, schema: &'a Value, path: &str) -> Option<Yaml> {
        let format = text(schema, "format");
        let scalar = node.scalar().unwrap_or(Scalar::Null);
        if scalar == Scalar::Null {
            return self.wrong(node, path, node.describe(), &wanted(schema));
        }
        if raw.contains('\0') {
            let wanted = "text without it: PostgreSQL keeps none";
            return self.wrong(node, path, "a NUL character".to_string(), wanted);
        }
        if units::is_ours(format) {
            return self.own(node, raw, schema, path, &scalar);
        }
        let value = match (text(schema, "type"), &scalar) {
            ("boolean", Scalar::Boolean(value)) => Yaml::from(*value),
            ("integer", Scalar::Integer(number)) if within(schema, *number as f64) => {
                Yaml::from(*number)
            }
            ("integer", Scalar::Real(number)) => match whole(number) {
                Some(number) if within(schema, number as f64) => Yaml::from(number),
                Some(number) => {
                    let wanted = within_what(schema, number as f64);
                    return self.wrong(node, path, node.describe(), &wanted);
                }
                None => return self.wrong(node, path, node.describe(), &wanted(schema)),
            },
            ("integer", Scalar::Integer(number)) => {
                let wanted = within_what(schema, *number as f64);
                return self.wrong(node, path, node.describe(), &wanted);
            }
            ("number", Scalar::Integer(number)) if within(schema, *number as f64) => {
                Yaml::from(*number as f64)
            }
            ("number", Scalar::Real(number)) => match number.parse::<f64>() {
                Ok(number) if number.is_finite() && within(schema, number) => Yaml::from(number),
                _ => return self.wrong(node, path, node.describe(), &wanted(schema)),
            },
            ("string" | "", Scalar::String(value)) => {
                let choices = choices(schema);
                let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0);
                if !choices.is_empty() && !choices.contains(&value.as_str()) {
                    let near = self.near(value, &choices);
                    let wanted = format!("{}{near}", wanted(schema));
                    return self.wrong(node, path, node.describe(), &wanted);
                }
                if (value.chars().count() as u64) < least {
                    return self.wrong(node, path, "an empty text".to_string(), "some text");
                }
                Yaml::from(value.as_str())
            }
            ("string", Scalar::Integer(_) | Scalar::Real(_) | Scalar::Boolean(_))
                if choices(schema).is_empty() =>
            {
                let wanted = format!("text; in quotes it is: \"{raw}\"");
                return self.wrong(node, path, node.describe(), &wanted);
            }
            _ => return self.wrong(node, path, node.describe(), &wanted(schema)),
        };
        Some(value)
    }

    /// A value with a grammar of its own, which has the first word; then the type that YAML gives it.
    fn own(
        &mut self,
        node: &Node,
        raw: &str,
        schema: &'a Value,
        path: &str,
        scalar: &Scalar,
    ) -> Option<Yaml> {
        if let Some(wrong) = units::wrong(text(schema, "format"), raw) {
            return self.wrong(node, path, wrong.found, &wrong.wanted);
        }
        let fits = match scalar {
            Scalar::String(_) => permits(schema, "string"),
            Scalar::Integer(_) | Scalar::Real(_) => permits(schema, "number"),
            _ => false,
        };
        if !fits {
            let wanted = match permits(schema, "string") {
                true => format!("text; in quotes it is: \"{raw}\""),
                false => "a number, without quotes".to_string(),
            };
            return self.wrong(node, path, node.describe(), &wanted);
        }
        Some(Yaml::from(raw))
    }

    /// What was probably meant; not looked for any more once there are more faults than anybody reads.
    fn near(&self, found: &str, candidates: &[&str]) -> String {
        match self.faults.are_few() {
            true => did_you_mean(found, candidates.iter().copied()),
            false => String::new(),
        }
    }
}

/// A whole number that was written otherwise, such as `5.0` and `1e3`: JSON knows no difference.
fn whole(number: &str) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = number.parse::<f64>().ok()?;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// Is this one of the types that the schema names?
fn permits(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(|one| one == name),
        Some(one) => one == name,
        None => false,
    }
}

fn property<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(key)
}

fn text<'a>(schema: &'a Value, key: &str) -> &'a str {
    schema.get(key).and_then(Value::as_str).unwrap_or("")
}

/// The words that are permitted, if the schema lists them: as `enum`, or one by one with a description each.
fn choices(schema: &Value) -> Vec<&str> {
    let plain = schema.get("enum").and_then(Value::as_array);
    let described = schema.get("oneOf").and_then(Value::as_array);
    let listed = plain.into_iter().flatten().filter_map(Value::as_str);
    listed
        .chain(described.into_iter().flatten().flat_map(|choice| {
            let one = choice.get("const").and_then(Value::as_str);
            let many = choice.get("enum").and_then(Value::as_array);
            one.into_iter()
                .chain(many.into_iter().flatten().filter_map(Value::as_str))
        }))
        .collect()
}

/// Least and greatest number.
fn bounds(schema: &Value) -> (Option<f64>, Option<f64>) {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    (bound("minimum"), bound("maximum"))
}

fn within(schema: &Value, number: f64) -> bool {
    let (least, most) = bounds(schema);
    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
}

/// What the schema asks for, in words.
fn wanted(schema: &Value) -> String {
    if let Some(only) = schema.get("const") {
        return format!("{only}");
    }
    let format = text(schema, "format");
    if let Some(wrong) = units::wrong(format, "") {
        return wrong.wanted;
    }
    let choices = choices(schema);
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    // Whoever wrote no number at all would only be puzzled by the bounds of a machine.
    let (least, most) = bounds(schema);
    let number = |what: &str| match (
        least.filter(|least| *least > f64::from(i32::MIN)),
        most.filter(|most| *most < f64::from(i32::MAX)),
    ) {
        (Some(least), Some(most)) => format!("{what} from {least} to {most}"),
        (Some(least), None) => format!("{what} of at least {least}"),
        (None, Some(most)) => format!("{what} of at most {most}"),
        (None, None) => what.to_string(),
    };
    match text(schema, "type") {
        "object" => "a mapping".to_string(),
        "array" => "a list, such as [a, b]".to_string(),
        "boolean" => "true or false".to_string(),
        "integer" => number("a whole number"),
        "number" => number("a number"),
        _ => "text".to_string(),
    }
}

/// What a whole number must lie between that does not: with the bound that it is beyond, even where that is a machine's.
fn within_what(schema: &Value, number: f64) -> String {
    match (schema.get("const"), bounds(schema)) {
        (None, (Some(least), Some(most))) if number > most || least < 0.0 => {
            format!("a whole number from {least} to {most}")
        }
        _ => wanted(schema),
    }
}
