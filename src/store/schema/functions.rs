//! Taking over a function that exists: its header, owner and grants stay, its definition is kept for the way back.

use sqlx::PgConnection;

use super::{Function, SchemaStep, Way};
use crate::{error::Result, store::Shape};

/// The function of a step as it stands in the engine's schema; `object` is its line in `wanted.tsv`.
pub async fn find(
    connection: &mut PgConnection,
    schema: &str,
    object: &str,
) -> Result<Option<Function>, sqlx::Error> {
    let Some((name, types)) = object
        .strip_prefix("function ")
        .and_then(|f| f.strip_suffix(')'))
        .and_then(|f| f.split_once('('))
    else {
        return Ok(None);
    };
    sqlx::query_as(include_str!("../../../sql/schema/function.sql"))
        .bind(schema)
        .bind(name)
        .bind(types)
        .fetch_optional(connection)
        .await
}

/// The name without schema and types, as the steps write it.
pub fn name(object: &str) -> &str {
    let rest = object.strip_prefix("function ").unwrap_or(object);
    rest.split('(').next().unwrap_or(rest)
}

/// Where our own functions look names up: nobody else may create there.
const PATH: &str = "pg_catalog, wavegate, pg_temp";

/// The engine's body names its tables along a path that is not ours.
const UNCHECKED: &str = "SET LOCAL check_function_bodies = off";
const CHECKED: &str = "SET LOCAL check_function_bodies = on";

/// The statements that put our body under the header that was found. `engines`: the engine's own function, where `found` is ours already.
pub fn take_over(
    step: &SchemaStep,
    shape: &Shape,
    object: &str,
    found: &Function,
    engines: Option<&Function>,
) -> Vec<String> {
    let text = step.sql(shape);
    let schema = shape.quoted_schema();
    let engines = if found.is_ours() {
        engines
    } else {
        Some(found)
    };
    let mut statements = Vec::new();
    if let Some(extension) = &found.extension {
        statements.push(format!(
            "ALTER EXTENSION {} DROP FUNCTION {}",
            quoted(extension),
            found.signature
        ));
    }
    let name = name(object);
    if step.way == Way::Wrap
        && let Some(engines) = engines
        && let Some((_, rest)) = engines.definition.split_once('(')
    {
        statements.push(UNCHECKED.to_string());
        statements.push(format!(
            "CREATE OR REPLACE FUNCTION wavegate.engine_{name}({rest}"
        ));
        statements.push(CHECKED.to_string());
        if engines.definer {
            // Ours runs as the owner instead, and calls it; nobody else becomes anybody by it. Without a path of its own it keeps that
            // of the engine's schema, not its caller's.
            let types = object.split_once('(').map_or("", |(_, types)| types);
            let path = if engines.definition.contains("SET search_path TO") {
                String::new()
            } else {
                format!(" SET search_path = {schema}, pg_temp")
            };
            statements.push(format!(
                "ALTER FUNCTION wavegate.engine_{name}({types} SECURITY INVOKER{path}"
            ));
        }
    }
    statements.push(with_header(&text, &format!("{schema}.{name}"), found));
    // Callers whose arguments are NULL go on getting NULL.
    if engines.is_some_and(|engines| is_strict(&engines.definition)) {
        statements.push(format!("ALTER FUNCTION {} STRICT", found.signature));
    }
    if step.way == Way::Wrap && (found.definer || engines.is_some_and(|engines| engines.definer)) {
        statements.push(format!(
            "ALTER FUNCTION {} SECURITY DEFINER SET search_path = {PATH}",
            found.signature
        ));
    }
    statements
}

/// Does a definition of pg_get_functiondef say that NULL arguments are answered with NULL? Its attributes stand on lines of their own.
fn is_strict(definition: &str) -> bool {
    definition
        .lines()
        .take_while(|line| !line.starts_with("AS "))
        .filter(|line| line.starts_with(' ') && !line.starts_with(" SET "))
        .any(|line| line.split(' ').any(|word| word == "STRICT"))
}

/// Our text with the arguments and the result of the function that was found.
fn with_header(text: &str, name: &str, found: &Function) -> String {
    let start = format!("FUNCTION {name}(");
    let Some((before, rest)) = text.split_once(&start) else {
        return text.to_string();
    };
    let Some((_, rest)) = rest.split_once(") RETURNS ") else {
        return text.to_string();
    };
    let Some((_, rest)) = rest.split_once('\n') else {
        return text.to_string();
    };
    format!(
        "{before}{start}{}) RETURNS {}\n{rest}",
        found.arguments, found.result
    )
}

/// The statements that put back what was found: definition, owner, grants, extension.
pub fn restore(found: &Function) -> Vec<String> {
    let mut statements = vec![
        UNCHECKED.to_string(),
        found.definition.clone(),
        CHECKED.to_string(),
        format!(
            "ALTER FUNCTION {} OWNER TO {}",
            found.signature,
            quoted(&found.owner)
        ),
        format!(
            "DO $do$ DECLARE r text; BEGIN FOR r IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END \
             FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE p.oid = {}::regprocedure \
             LOOP EXECUTE 'REVOKE ALL ON FUNCTION {} FROM ' || r; END LOOP; END $do$",
            literal(&found.signature),
            found.signature.replace('\'', "''"),
        ),
    ];
    for grant in &found.grants {
        statements.push(format!(
            "GRANT EXECUTE ON FUNCTION {} TO {}{}",
            found.signature,
            grant.role.as_deref().map_or("PUBLIC".to_string(), quoted),
            if grant.grantable {
                " WITH GRANT OPTION"
            } else {
                ""
            }
        ));
    }
    if let Some(extension) = &found.extension {
        statements.push(format!(
            "ALTER EXTENSION {} ADD FUNCTION {}",
            quoted(extension),
            found.signature
        ));
    }
    statements
}

/// A name as SQL writes it.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_is_read_from_the_attributes_alone() {
        let head = "CREATE OR REPLACE FUNCTION public.f(a text DEFAULT ' STRICT '::text)\n RETURNS jsonb\n LANGUAGE ";
        assert!(is_strict(&format!(
            "{head}c\n STABLE STRICT SECURITY DEFINER\nAS '$libdir/x', $function$f$function$\n"
        )));
        assert!(!is_strict(&format!(
            "{head}plpgsql\nAS $function$\n STRICT \n$function$\n"
        )));
        assert!(!is_strict(&format!(
            "{head}sql\n SET x TO 'a STRICT b'\nAS $function$ $function$\n"
        )));
    }

    #[test]
    fn the_header_that_was_found_stays() {
        let found = Function {
            signature: "public.f(integer, jsonb)".into(),
            definition: String::new(),
            owner: "o".into(),
            arguments: "hook integer, body jsonb DEFAULT '{}'::jsonb".into(),
            result: "bigint".into(),
            definer: false,
            grants: vec![],
            extension: None,
        };
        let text = "-- f\nCREATE OR REPLACE FUNCTION \"s\".f(\n  p_a integer, p_b jsonb\n) RETURNS integer\nLANGUAGE plpgsql AS $$ x $$;\n";
        assert_eq!(
            with_header(text, "\"s\".f", &found),
            "-- f\nCREATE OR REPLACE FUNCTION \"s\".f(hook integer, body jsonb DEFAULT '{}'::jsonb) RETURNS bigint\nLANGUAGE plpgsql AS $$ x $$;\n"
        );
    }
}
