//! What a statement answers has the columns, and they the types, of the row that reads them. Which statement goes with which row
//! stands in the source alone: `query_as` names the file, and `let`, the turbofish or the function's result the row.

use std::{collections::BTreeMap, fs, path::Path};

use sqlx::{AssertSqlSafe, Column, Executor, PgConnection, SqlSafeStr, Statement, TypeInfo};

use super::sql_files::files;
use crate::support::{Schema, Shape, TestDb};

/// A statement and what reads its rows.
#[derive(Debug)]
struct Reading {
    source: String,
    sql: String,
    row: String,
}

/// Name (empty in a tuple) and type.
type Fields = Vec<(String, String)>;

/// A type as it is written, without lines.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cut at the commas that no bracket holds.
fn parts(list: &str) -> Vec<String> {
    let (mut depth, mut found) = (0, vec![String::new()]);
    for c in list.chars() {
        depth += i32::from("<([{".contains(c)) - i32::from(">)]}".contains(c));
        match c {
            ',' if depth == 0 => found.push(String::new()),
            c => found.last_mut().unwrap().push(c),
        }
    }
    let trimmed = found.iter().map(|part| part.trim().to_string());
    trimmed.filter(|part| !part.is_empty()).collect()
}

/// `X` of `Result<Vec<X>>`, `Option<X>` and so on.
fn row_of(answer: &str) -> String {
    let answer = answer.trim().trim_start_matches("sqlx::");
    for around in ["Result<", "Vec<", "Option<"] {
        if let Some(inside) = answer.strip_prefix(around) {
            return row_of(&parts(inside.strip_suffix('>').unwrap())[0]);
        }
    }
    answer.to_string()
}

/// A tuple may have a name in its function: `type Row = (...)`.
fn alias(function: &str, row: String) -> String {
    let named = function.split_once(&format!("type {row} = "));
    named.map_or(row, |(_, of)| plain(of.split(';').next().unwrap()))
}

/// The structs that derive `FromRow`, by file and name.
fn rows(source: &str, text: &str, found: &mut BTreeMap<(String, String), Fields>) {
    for rest in text.split("#[derive(").skip(1) {
        let (derived, rest) = rest.split_once(")]").unwrap();
        if !derived.contains("FromRow") {
            continue;
        }
        let (_, rest) = rest.split_once("struct ").unwrap();
        let (head, body) = rest.split_once('{').unwrap();
        let name = head.split(['<', ' ']).next().unwrap().to_string();
        let body = body.split_once("\n}").unwrap().0;
        let code: String = body
            .lines()
            .filter(|l| !l.trim().starts_with("//"))
            .collect();
        let fields = parts(&code).into_iter().map(|field| {
            let attributes = field.rfind(")]").map_or("", |end| &field[..end]);
            let bare = field[attributes.len()..].trim_start_matches(")]");
            let (name, of) = bare.split_once(": ").unwrap();
            let name = name.trim().rsplit(' ').next().unwrap();
            let of = plain(of);
            match attributes {
                a if a.contains("sqlx(flatten") => ("flatten".to_string(), of),
                a if a.contains("sqlx(json") => (name.to_string(), "Json<>".to_string()),
                a if a.contains("sqlx(default") => (format!("{name}?"), of),
                _ => (name.to_string(), of),
            }
        });
        found.insert((source.to_string(), name), fields.collect());
    }
}

/// Those that read their columns one by one; a column may be anything.
fn by_hand(source: &str, text: &str, found: &mut BTreeMap<(String, String), Fields>) {
    for rest in text.split("impl FromRow<'_, PgRow> for ").skip(1) {
        let (name, body) = rest.split_once(' ').unwrap();
        let body = body.split("\n}").next().unwrap();
        let columns = body
            .split("(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let fields = columns.map(|column| (column.to_string(), "_".to_string()));
        found.insert((source.to_string(), name.to_string()), fields.collect());
    }
}

/// Every `query_as` of a source, with its files.
fn readings(source: &str, text: &str, faults: &mut Vec<String>) -> Vec<Reading> {
    let mut found = Vec::new();
    for (at, word) in text.match_indices("sqlx::query_as") {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let function = &before[before.rfind("fn ").unwrap()..];
        let turbofish = after
            .strip_prefix("::<_, ")
            .and_then(|rest| rest.split_once(">("));
        let arguments = turbofish.map_or_else(|| &after[1..], |(_, arguments)| arguments);
        let statement = &before[before.rfind([';', '{', '}']).unwrap() + 1..];
        let row = if let Some((row, _)) = turbofish {
            row.to_string()
        } else if let Some((_, binding)) = statement.split_once("let ") {
            binding
                .split_once(": ")
                .and_then(|(_, of)| of.rsplit_once(" ="))
                .map_or("_".to_string(), |(of, _)| plain(of))
        } else {
            let head = function.split_once(" {\n").unwrap_or((function, "")).0;
            head.rsplit_once("-> ")
                .map_or("_".to_string(), |(_, of)| plain(of))
        };
        let ends =
            [".bind(", ".fetch", ";"].map(|end| arguments.find(end).unwrap_or(arguments.len()));
        let argument = &arguments[..ends.into_iter().min().unwrap()];
        let own = argument
            .find("include_str!(")
            .map(|start| &argument[start..]);
        let constant = format!(
            "const {}: &str = ",
            argument.trim_end_matches([')', '\n', ' '])
        );
        let constant = text
            .split_once(&constant)
            .map(|(_, rest)| &rest[..rest.find(';').unwrap()]);
        // Or by a variable of the same function.
        let paths = match own.or(constant) {
            Some(named) => bound(named, true),
            None => bound(function, false),
        };
        if paths.is_empty() {
            faults.push(format!(
                "{source}: which file does this read? {}",
                plain(argument)
            ));
        }
        found.extend(paths.into_iter().map(|path| Reading {
            source: source.to_string(),
            sql: path.trim_start_matches("../").to_string(),
            row: alias(function, row_of(&row)),
        }));
    }
    found
}

/// The files that a text binds; `asked`: by a call, not for a variable.
fn bound(text: &str, asked: bool) -> Vec<&str> {
    let words = text.match_indices("include_str!(\"");
    let of_interest = words.filter(|(at, _)| {
        let before = &text[..*at];
        asked || !before.ends_with('(') || before.ends_with(".qualified(")
    });
    of_interest
        .filter_map(|(at, word)| text[at + word.len()..].split('"').next())
        .collect()
}

/// What PostgreSQL may answer for a field of this type; `None`: anything.
fn answers(of: &str) -> Option<Vec<String>> {
    let inside = |around: &str| {
        of.strip_prefix(around)
            .and_then(|rest| rest.strip_suffix('>'))
    };
    if let Some(of) = inside("Option<") {
        return answers(of);
    }
    let names = match of {
        "i16" => "INT2",
        "i32" => "INT4",
        "i64" => "INT8",
        "f64" => "FLOAT8",
        "bool" => "BOOL",
        "Vec<u8>" => "BYTEA",
        "String" | "Path" => "TEXT VARCHAR NAME BPCHAR",
        "DateTime<Utc>" => "TIMESTAMPTZ",
        "Value" | "serde_json::Value" => "JSON JSONB",
        json if json.starts_with("Json<") => "JSON JSONB",
        generic if generic.len() == 1 => return None,
        _ => match inside("Vec<") {
            Some(of) => {
                let of = answers(of)?.into_iter();
                return Some(of.map(|name| format!("{name}[]")).collect());
            }
            None => "a type that this test knows",
        },
    };
    Some(names.split(' ').map(str::to_string).collect())
}

/// The fields of a row, also those of the rows within it.
fn fields(known: &BTreeMap<(String, String), Fields>, source: &str, row: &str) -> Option<Fields> {
    if let Some(tuple) = row.strip_prefix('(') {
        let types = parts(tuple.strip_suffix(')')?);
        return Some(types.into_iter().map(|of| (String::new(), of)).collect());
    }
    let name = row.split('<').next()?.rsplit("::").next()?;
    // In this file; or else under a name that is there once, in this folder or anywhere.
    let folder = &source[..source.rfind('/')?];
    let once = |within: &str| {
        let mut found = known
            .iter()
            .filter(|((file, it), _)| it == name && file.starts_with(within));
        found.next().filter(|_| found.next().is_none())
    };
    let (_, written) = [source, folder, ""].into_iter().find_map(once)?;
    let mut all = Fields::new();
    for (field, of) in written {
        match field.as_str() {
            "flatten" => all.extend(fields(known, source, of)?),
            _ => all.push((field.clone(), of.clone())),
        }
    }
    Some(all)
}

/// What is wrong with these columns for this row.
fn differences(columns: &[(String, String)], fields: &Fields) -> Vec<String> {
    let mut faults = Vec::new();
    let tuple = fields.iter().all(|(name, _)| name.is_empty());
    if tuple && columns.len() != fields.len() {
        faults.push(format!(
            "{} columns, {} are read",
            columns.len(),
            fields.len()
        ));
    }
    for (at, (name, of)) in fields.iter().enumerate() {
        let named = name.trim_end_matches('?');
        let column = match tuple {
            true => columns.get(at),
            false => columns.iter().find(|(column, _)| column == named),
        };
        match column {
            Some((column, is)) if answers(of).is_some_and(|all| !all.contains(is)) => {
                faults.push(format!("{column} is {is}, and is read as {of}"));
            }
            None if !name.ends_with('?') => faults.push(format!("there is no column {name}")),
            _ => {}
        }
    }
    let read = |column: &str| {
        fields
            .iter()
            .any(|(name, _)| name.trim_end_matches('?') == column)
    };
    let unread = columns.iter().filter(|(column, _)| !tuple && !read(column));
    faults.extend(unread.map(|(column, _)| format!("nobody reads {column}")));
    faults
}

async fn columns(c: &mut PgConnection, sql: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    let prepared = c
        .prepare(AssertSqlSafe(sql.to_string()).into_sql_str())
        .await?;
    let columns = prepared.columns().iter();
    Ok(columns
        .map(|c| (c.name().to_string(), c.type_info().name().to_string()))
        .collect())
}

#[tokio::test]
async fn what_is_answered_fits_the_row_that_reads_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut sources, mut known, mut faults) = (Vec::new(), BTreeMap::new(), Vec::new());
    files(&root.join("src"), "rs", &mut sources);
    let texts: Vec<(String, String)> = sources
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            // What begins on the line after its bracket, begins at it.
            let text = text.split("(\n").map(str::trim_start).collect::<Vec<_>>();
            (path.display().to_string(), text.join("("))
        })
        .collect();
    for (source, text) in &texts {
        rows(source, text, &mut known);
        by_hand(source, text, &mut known);
    }
    let readings: Vec<Reading> = texts
        .iter()
        .flat_map(|(source, text)| readings(source, text, &mut faults))
        .collect();
    assert!(readings.len() > 90, "the statements were not found");
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        c.execute("SET search_path = pg_catalog, wavegate, pg_temp")
            .await
            .unwrap();
        for Reading { source, sql, row } in &readings {
            if !super::sql_files::prepares(sql, shape) {
                continue;
            }
            let text = fs::read_to_string(root.join(sql))
                .unwrap()
                .replace("{schema}", "public");
            let found = columns(&mut c, &text).await.unwrap();
            let wrong = match fields(&known, source, row) {
                Some(fields) => differences(&found, &fields),
                None => vec![format!("what is {row}?")],
            };
            faults.extend(
                wrong
                    .iter()
                    .map(|it| format!("{shape:?} {sql}, {source}: {it}")),
            );
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
