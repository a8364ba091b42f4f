//! The shape of the crate, checked: imports only go down, only `ui` prints, every SQL file is used,
//! and consent is made in two places alone. The checkers are tested themselves, at the end.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Rooms by floor, from below. A room may import from lower floors and from itself; `error` is open to all.
const FLOORS: [(&str, u8); 11] = [
    ("error", 0),
    ("model", 1),
    ("signals", 1),
    ("plan", 2),
    ("gates", 2),
    ("store", 3),
    ("bus", 3),
    ("engine", 4),
    ("dataplane", 4),
    ("lab", 4),
    ("ui", 4),
];
const TOP: &str = "commands";

const LONGEST: usize = 450;
/// Longer files, each with its reason.
const LONGER: [(&str, &str); 0] = [];

/// Names that several types still share. `Args` is what each command takes; each other name that is told apart leaves the list.
const SHARED_NAMES: &str = "Address Args Arm Beginning Calls Cannot Cell Change Compared Context Crew Dead Decider Difference Done Ending \
    Endpoint Finding Flip Function Hazard Kept Label Lately Left Line OfBlocks Operator Options Part Passed Pause \
    Probe Program Redriven Renewal Request Role Seen Signature Span Standing Status Stuck Surroundings Survey \
    Target Told Trouble Unfinished Wanted Watch Watched Work";

const TOP_LEVEL: &str = "Cargo.toml Cargo.lock LICENSE README.md .gitignore src plans sql tests completions benches docs scripts .ci .config";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Path below the repository and text of every source file.
fn sources() -> Vec<(String, String)> {
    texts("src", "rs")
}

fn texts(folder: &str, extension: &str) -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    let files = files(&root().join(folder), extension);
    files.into_iter().map(read).collect()
}

fn floor(room: &str) -> Option<u8> {
    if room == TOP {
        return Some(5);
    }
    let known = FLOORS.iter().find(|(name, _)| *name == room)?;
    Some(known.1)
}

/// The room of `src/ROOM.rs` or `src/ROOM/...`; `main` and `lib` stand above all rooms.
fn room_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let first = inside.split('/').next().unwrap_or(inside);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Source without comments and without the contents of strings and character literals.
fn code_only(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let Some(skip) = length_of_text(rest) else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        out.push(' ');
        rest = &rest[skip..];
    }
    out
}

/// How long the comment, string or character literal is that begins here; `None` where none does.
fn length_of_text(rest: &str) -> Option<usize> {
    let to = |open: &str, close: &str| {
        let inside = rest.strip_prefix(open)?;
        let end = inside.find(close).map(|end| open.len() + end + close.len());
        Some(end.unwrap_or(rest.len()))
    };
    if rest.starts_with('"') {
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let ends = !escaped && *c == '"';
            escaped = !escaped && *c == '\\';
            ends
        });
        return Some(end.map_or(rest.len(), |(index, _)| index + 1));
    }
    to("//", "\n")
        .or_else(|| to("/*", "*/"))
        .or_else(|| to("r#\"", "\"#"))
        .or_else(|| to("r\"", "\""))
        .or_else(|| to("'\"'", ""))
        .or_else(|| to("'\\''", ""))
        .or_else(|| to("'\\", "'"))
}

/// The first names after every `crate::` (groups opened up), and rooms reached by climbing with `super::super::`.
fn imports(text: &str) -> BTreeSet<String> {
    let words: Vec<String> = code_only(text)
        .split_whitespace()
        .map(str::to_string)
        .collect();
    let code = words.join(" ").replace(" ::", "::").replace(":: ", "::");
    let mut rooms = BTreeSet::new();
    for (index, start) in code.match_indices("crate::") {
        // `xcrate::` is no path of ours.
        if code[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        rooms.extend(first_names(&code[index + start.len()..]));
    }
    for (index, start) in code.match_indices("super::super::") {
        let rest = code[index + start.len()..].trim_start_matches("super::");
        rooms.extend(
            first_names(rest)
                .into_iter()
                .filter(|name| floor(name).is_some()),
        );
    }
    rooms
}

/// `a::b` gives a; `{a::{b, c}, d}` gives a and d.
fn first_names(path: &str) -> Vec<String> {
    let identifier = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![identifier(path)];
    };
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0, true);
    for (index, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && !c.is_whitespace() => {
                names.push(identifier(&group[index..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}

/// What is wrong with the imports of one file, if anything.
fn wrong_imports(path: &str, text: &str) -> Vec<String> {
    let room = room_of(path);
    let from = match room {
        "main" | "lib" => 6,
        _ => match floor(room) {
            Some(floor) => floor,
            None => return vec![format!("{path}: {room} stands on no floor")],
        },
    };
    imports(text)
        .into_iter()
        .filter(|to| to != room && to != "error")
        .filter(|to| floor(to).is_none_or(|to| to >= from))
        .map(|to| format!("{path}: {room} imports {to}"))
        .collect()
}

/// Lines of code (no comments, no strings) that hold one of `words`.
fn holds(path: &str, text: &str, words: &[&str]) -> Vec<String> {
    let code = code_only(text);
    words
        .iter()
        .filter(|word| {
            code.match_indices(**word).any(|(index, _)| {
                !code[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        })
        .map(|word| format!("{path}: {word}"))
        .collect()
}

fn none(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn documents_are_wrapped() {
    let mut documents = files(&root().join("docs"), "md");
    documents.extend([root().join("README.md"), root().join("sql/README.md")]);
    let mut faults = Vec::new();
    for path in documents {
        let (mut fenced, text) = (false, fs::read_to_string(&path).unwrap());
        for (line, number) in text.lines().zip(1..) {
            fenced ^= line.trim_start().starts_with("```");
            // Tables and code cannot be wrapped.
            let code = fenced || line.starts_with("    ");
            if !code && !line.trim_start().starts_with('|') && line.chars().count() > 120 {
                faults.push(format!("{}:{number}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "longer than 120: {faults:?}");
}

#[test]
fn no_file_of_the_tests_is_forgotten() {
    // Cargo finds main.rs; every other file is compiled only if the file above it names it.
    let suite = root().join("tests/suite");
    let mut forgotten = Vec::new();
    for path in files(&suite, "rs") {
        let (folder, stem) = (path.parent().unwrap(), path.file_stem().unwrap());
        let (above, name) = match (stem == "mod", folder == suite) {
            (false, true) if stem == "main" => continue,
            (false, true) => (suite.join("main.rs"), stem),
            (false, false) => (folder.join("mod.rs"), stem),
            (true, _) if folder.parent() == Some(&suite) => {
                (suite.join("main.rs"), folder.file_name().unwrap())
            }
            (true, _) => {
                let above = folder.parent().unwrap().join("mod.rs");
                (above, folder.file_name().unwrap())
            }
        };
        let line = format!("mod {};", name.to_str().unwrap());
        let named = fs::read_to_string(above).unwrap_or_default();
        if !named.lines().any(|l| l.trim_start_matches("pub ") == line) {
            forgotten.push(path);
        }
    }
    assert!(forgotten.is_empty(), "not compiled: {forgotten:?}");
}

#[test]
fn imports_only_go_down() {
    let sources = sources();
    assert!(sources.len() > 20, "the sources were not found");
    none(
        sources
            .iter()
            .flat_map(|(path, text)| wrong_imports(path, text)),
    );
}

#[test]
fn consent_is_made_by_prompt_and_guard_alone() {
    let may = [
        "src/ui/prompt.rs",
        "src/engine/driver/guard.rs",
        "src/model/confirmed.rs",
    ];
    none(
        sources()
            .iter()
            .filter(|(path, _)| !may.contains(&path.as_str()))
            .flat_map(|(path, text)| holds(path, text, &["Confirmed::by", "Confirmed("])),
    );
}

#[test]
fn the_names_of_the_journal_stand_in_one_place() {
    let names: Vec<String> = wavegate::model::EntryKind::ALL
        .iter()
        .flat_map(|kind| [format!("\"{kind}\""), format!("'{kind}'")])
        .collect();
    let (source, sql) = (sources(), texts("sql", "sql"));
    assert!(sql.len() > 50, "the statements were not found");
    let elsewhere = source.iter().chain(&sql);
    none(
        elsewhere
            .filter(|(path, _)| path != "src/model/journal/mod.rs")
            .flat_map(|(path, text)| {
                let found = names.iter().filter(|name| text.contains(name.as_str()));
                found.map(move |name| format!("{path}: {name}"))
            }),
    );
}

/// Where gates are meant; elsewhere their names are words like others. A name before a colon is a key of JSON.
#[test]
fn the_names_of_the_gates_stand_in_one_place() {
    let rooms = ["src/gates/", "src/engine/gatekeeper/", "src/plan/"];
    let sources = sources();
    let meant = sources
        .iter()
        .filter(|(path, _)| rooms.iter().any(|room| path.starts_with(room)));
    none(meant.flat_map(|(path, text)| {
        let gates = wavegate::model::Gate::ALL.iter();
        gates.flat_map(move |gate| {
            let name = format!("\"{gate}\"");
            let found = text
                .match_indices(&name)
                .filter(|(at, name)| !text[at + name.len()..].starts_with(':'));
            let found: Vec<String> = found
                .map(|(at, _)| format!("{path}, byte {at}: {gate}"))
                .collect();
            found
        })
    }));
}

/// JSON is read where it is stored. What was read another way is not searched by key again: only what was kept by another version is
/// handed on as it stands, and facts are listed.
#[test]
fn judgement_and_engine_know_no_json() {
    let keeps = ["src/gates/evidence.rs", "src/gates/explain/facts.rs"];
    let word = |text: &str| {
        code_only(text)
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == "Value")
    };
    let rooms = ["src/gates/", "src/engine/"];
    let judging = sources().into_iter().filter(|(path, _)| {
        rooms.iter().any(|room| path.starts_with(room)) && !keeps.contains(&path.as_str())
    });
    none(judging.filter(|(_, text)| word(text)).map(|(path, _)| path));
}

#[test]
fn forward_and_back_go_one_way() {
    let ways = [
        "executor::carry_out",
        "executor::complete",
        "executor::finish",
        "undo::carry_out",
        "redrive::carry_out",
        "prepare::prepare",
    ];
    let tests = texts("tests", "rs");
    none(
        sources()
            .into_iter()
            .chain(tests)
            .filter(|(path, _)| {
                ![
                    "src/engine/forward/mod.rs",
                    "src/engine/back/mod.rs",
                    "tests/layout.rs",
                ]
                .contains(&path.as_str())
            })
            .flat_map(|(path, text)| holds(&path, &text, &ways)),
    );
}

#[test]
fn only_ui_prints() {
    let words = "println! print! eprintln! eprint! dbg! stdout() stderr()";
    let words: Vec<&str> = words.split(' ').collect();
    none(
        sources()
            .iter()
            .filter(|(path, _)| room_of(path) != "ui")
            .flat_map(|(path, text)| holds(path, text, &words)),
    );
}

/// And what it shows of NATS stands on one page.
#[test]
fn only_bus_knows_nats() {
    let sources = sources();
    let others = sources.iter().filter(|(path, _)| room_of(path) != "bus");
    none(others.flat_map(|(path, text)| holds(path, text, &["async_nats"])));
    let page = sources.iter().find(|(path, _)| path == "src/bus/mod.rs");
    let (_, page) = page.unwrap();
    assert!(
        page.lines().count() <= 80 && !page.contains("pub mod"),
        "{page}"
    );
}

#[test]
fn no_two_types_share_a_name() {
    let (mut names, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for (_, text) in sources() {
        for line in code_only(&text).lines() {
            let mut words = line
                .trim_start()
                .split(|c: char| !c.is_alphanumeric() && c != '_');
            let kind = (words.next(), words.next());
            if let (Some("pub"), Some("struct" | "enum" | "trait" | "type")) = kind {
                let name = words.next().unwrap().to_string();
                // A macro's parameter has none.
                if !name.is_empty() && !names.insert(name.clone()) {
                    shared.insert(name);
                }
            }
        }
    }
    let allowed: BTreeSet<String> = SHARED_NAMES.split(' ').map(str::to_string).collect();
    let differ: Vec<_> = shared.symmetric_difference(&allowed).collect();
    assert!(differ.is_empty(), "shared, or no longer: {differ:?}");
}

#[test]
fn no_file_needs_a_table_of_contents() {
    none(
        sources()
            .iter()
            .filter(|(path, _)| !LONGER.iter().any(|(longer, _)| longer == path))
            .filter(|(_, text)| text.lines().count() > LONGEST)
            .map(|(path, text)| format!("{path}: {} lines", text.lines().count())),
    );
}

#[test]
fn every_module_says_what_it_is() {
    none(
        sources()
            .iter()
            .filter(|(_, text)| !text.starts_with("//! "))
            .map(|(path, _)| format!("{path} does not begin with //!")),
    );
}

/// What git tracks; in an unpacked archive, what lies there.
#[test]
fn the_top_level_holds_what_was_agreed() {
    let git = std::process::Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    let names: BTreeSet<String> = match git {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout)
            .unwrap()
            .split_terminator('\0')
            .filter_map(|path| path.split('/').next().map(str::to_string))
            .collect(),
        _ => fs::read_dir(root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "target")
            .collect(),
    };
    assert!(names.contains("Cargo.toml"));
    none(
        names
            .into_iter()
            .filter(|name| !TOP_LEVEL.split(' ').any(|agreed| agreed == name)),
    );
}

#[test]
fn every_sql_file_is_bound_and_says_what_it_asks() {
    let sources = sources();
    let mut faults = Vec::new();
    for file in files(&root().join("sql"), "sql") {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        if !text.starts_with("-- ") {
            faults.push(format!("{name} does not begin with a comment"));
        }
        // The lab's scripts are whole files of the engine; the steps of 007 have a test of their own.
        if name.starts_with("sql/007/") || name.starts_with("sql/lab/") {
            continue;
        }
        if !sources.iter().any(|(_, text)| binds(text, &name)) {
            faults.push(format!("{name} is bound by no include_str!"));
        }
    }
    none(faults);
}

/// `apply` goes along the list, `revert` along the numbers.
#[test]
fn every_step_of_007_is_registered_in_the_order_of_its_number() {
    let list = fs::read_to_string(root().join("src/store/schema/steps.rs")).unwrap();
    let registered: Vec<&str> = list
        .split("step!(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let number = |name: &str| name.split('_').next().unwrap().parse::<u32>().unwrap();
    assert!(
        registered.is_sorted_by_key(|name| number(name)),
        "{registered:?}"
    );
    let written: BTreeSet<String> = files(&root().join("sql/007"), "sql")
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_string())
        .collect();
    let registered: BTreeSet<String> = registered.into_iter().map(str::to_string).collect();
    let differ: Vec<_> = written.symmetric_difference(&registered).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

/// The document has a line for each gate.
#[test]
fn every_gate_is_documented() {
    let text = fs::read_to_string(root().join("docs/gates.md")).unwrap();
    none(
        wavegate::model::Gate::ALL
            .iter()
            .filter(|gate| !text.contains(&format!("| `{gate}` |")))
            .map(|gate| format!("docs/gates.md has no row for {gate}")),
    );
}

fn binds(text: &str, name: &str) -> bool {
    let path = format!("../{name}\"");
    text.match_indices(&path).any(|(index, _)| {
        text[..index]
            .rfind("include_str!")
            .is_some_and(|start| !text[start..index].contains(')'))
    })
}

mod the_checkers {
    use super::*;

    #[test]
    fn see_imports_that_go_up_or_sideways() {
        let wrong = |path, text| wrong_imports(path, text);
        assert_eq!(
            wrong(
                "src/store/flip.rs",
                "use crate::{error::Result, engine::{planner, x}, model::Mode};"
            ),
            ["src/store/flip.rs: store imports engine"]
        );
        assert_eq!(
            wrong("src/plan/lint.rs", "fn f(x: &dyn crate :: gates::Gate) {}"),
            ["src/plan/lint.rs: plan imports gates"]
        );
        assert_eq!(
            wrong("src/engine/x.rs", "use super::super::ui::Ui;"),
            ["src/engine/x.rs: engine imports ui"]
        );
        assert_eq!(
            wrong("src/lab/x.rs", "pub(crate) use crate::dataplane;"),
            ["src/lab/x.rs: lab imports dataplane"]
        );
        assert_eq!(
            wrong("src/error.rs", "use crate::model::Mode;"),
            ["src/error.rs: error imports model"]
        );
        assert_eq!(
            wrong("src/attic/x.rs", ""),
            ["src/attic/x.rs: attic stands on no floor"]
        );
    }

    #[test]
    fn let_imports_that_go_down_pass() {
        let text = "use crate::{\n    error::{Error, Result},\n    model::{Mode, Path},\n    ui::{Screen, Style},\n};\n\
                    // crate::commands in a comment\nlet s = \"crate::commands\";";
        assert!(wrong_imports("src/commands/x.rs", text).is_empty());
        assert!(wrong_imports("src/main.rs", "wavegate::commands::main()").is_empty());
        assert!(wrong_imports("src/store/x.rs", "use crate::store::Db; use super::Db;").is_empty());
    }

    #[test]
    fn look_at_code_alone() {
        let text = "// println!\n/* dbg! */ let a = \"print!(\\\" \"; let b = r#\"eprint!\"#; let c = '\"'; my_print!();";
        assert!(holds("x", text, &["println!", "dbg!", "print!", "eprint!"]).is_empty());
        assert_eq!(
            holds("x", "let q = '\"'; println!()", &["println!"]),
            ["x: println!"]
        );
        assert_eq!(
            holds(
                "x",
                "let c = model::Confirmed::by(Consent::Flag);",
                &["Confirmed::by"]
            ),
            ["x: Confirmed::by"]
        );
    }

    #[test]
    fn know_a_binding_from_a_mention() {
        let bound = "sqlx::query(include_str!(\"../../sql/flip/read.sql\"))";
        assert!(binds(bound, "sql/flip/read.sql"));
        assert!(!binds(
            "see \"../../sql/flip/read.sql\"",
            "sql/flip/read.sql"
        ));
        assert!(!binds(bound, "sql/flip/write.sql"));
    }
}

/// The walks of `docs/maintain/architecture.md` enter each folder once, and name no path that is gone.
#[test]
fn the_walks_enter_each_folder_once() {
    let text = fs::read_to_string(root().join("docs/maintain/architecture.md")).unwrap();
    let (_, walks) = text.split_once("\n## ").unwrap();
    let named: Vec<&str> = walks
        .split('`')
        .filter(|word| word.starts_with("src/") || word.starts_with("sql/"))
        .collect();
    for path in &named {
        assert!(root().join(path).exists(), "{path}");
    }
    let mut folders = folders(&root().join("src"));
    assert!(folders.len() > 20, "the folders were not found");
    folders.retain(|folder| named.iter().filter(|path| *path == folder).count() != 1);
    assert_eq!(folders, [""; 0], "not entered, or more than once");
}

/// Folders below, as `src/a/b`.
fn folders(within: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(within).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.push(path.strip_prefix(root()).unwrap().display().to_string());
            found.extend(folders(&path));
        }
    }
    found
}
