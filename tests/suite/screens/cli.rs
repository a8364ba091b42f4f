//! The binary itself: help, version, completions, man pages, output, prompts at a real terminal.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use clap::{CommandFactory, ValueEnum};
use wavegate::commands::{Cli, completions, man};

use crate::{
    support::migration::fingerprint,
    support::terminal::{CTRL_C, Terminal, run, wavegate},
    support::{Schema, Shape, TestDb},
};

const NONE: [&str; 0] = [];

#[test]
fn no_arguments_show_the_help_and_are_wrong_usage() {
    for env in [vec![], vec![("DATABASE_URL", "postgres://h/d")]] {
        let said = run(wavegate(NONE).envs(env));
        assert_eq!(said.code, 2);
        assert!(
            said.out.is_empty() && said.err.contains("Usage: wavegate"),
            "{said:?}"
        );
    }
}

#[test]
fn wrong_usage_is_2() {
    for args in [
        vec!["no-such-command"],
        vec!["status", "--no-such-option"],
        vec!["--output", "xml", "status"],
    ] {
        assert_eq!(run(&mut wavegate(&args)).code, 2, "{args:?}");
    }
}

/// Promised within 10 ms, of a release build; the fastest of many, since the machine has other things to do.
#[test]
fn the_version_comes_at_once() {
    let fastest = (0..20).map(|_| {
        let start = Instant::now();
        let said = run(&mut wavegate(["--version"]));
        assert_eq!(
            said.out,
            concat!("wavegate ", env!("CARGO_PKG_VERSION"), "\n")
        );
        start.elapsed()
    });
    let fastest = fastest.min().unwrap();
    let promised = Duration::from_millis(if cfg!(debug_assertions) { 40 } else { 10 });
    assert!(fastest < promised, "{fastest:?}");
}

/// Every command, groups left out, as words: `schema apply`.
fn commands(command: &clap::Command, words: &str, found: &mut Vec<(String, clap::Command)>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let words = format!("{words} {}", sub.get_name()).trim().to_string();
        if sub.has_subcommands() {
            commands(sub, &words, found);
        } else {
            found.push((words, sub.clone()));
        }
    }
}

#[test]
fn every_option_says_what_it_is() {
    let mut all = Vec::new();
    commands(&Cli::command(), "", &mut all);
    assert!(all.len() > 15);
    for (words, command) in all {
        assert!(command.get_about().is_some(), "{words} says nothing");
        let after = command.get_after_help().map(ToString::to_string);
        assert!(
            after.is_some_and(|text| text.contains(&format!("  wavegate {words}"))),
            "{words} shows no example"
        );
        for arg in command.get_arguments() {
            assert!(
                arg.get_help().is_some(),
                "{words}: {} says nothing",
                arg.get_id()
            );
        }
    }
}

#[test]
fn completions_are_those_of_this_version() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for shell in clap_complete::Shell::value_variants() {
        let file = dir.join(completions::file_name(*shell));
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == completions::script(*shell).unwrap(),
            "{} is out of date; write it again: cargo run -- completions --dir completions",
            file.display()
        );
        let printed = run(&mut wavegate(["completions", &shell.to_string()]));
        assert_eq!((printed.code, printed.out), (0, kept));
    }
}

#[test]
fn man_pages_are_those_of_this_version() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/man");
    let pages = man::pages().unwrap();
    let wanted: BTreeSet<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    let kept: BTreeSet<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let how = "remove completions/man and write it again: cargo run -- man --dir completions/man";
    assert_eq!(kept, wanted, "{how}");
    for (name, text) in pages {
        assert!(
            std::fs::read_to_string(dir.join(&name)).unwrap() == text,
            "{name}: {how}"
        );
    }
    let written = tempfile::tempdir().unwrap();
    let target = written.path().join("man1");
    let said = run(wavegate(["man", "--dir"]).arg(&target));
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(std::fs::read_dir(target).unwrap().count(), wanted.len());
}

#[tokio::test]
async fn an_error_is_for_programs_too() {
    let said = run(&mut wavegate([
        "schema",
        "status",
        "--output",
        "json",
        "--database-url",
        "nonsense",
    ]));
    let value: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (value["kind"].as_str(), value["data"]["exit_code"].as_i64()),
        (Some("error"), Some(2))
    );
    assert!(
        said.err
            .starts_with("error: the database URL cannot be read\n  try: "),
        "{said:?}"
    );
}

#[tokio::test]
async fn results_go_to_stdout_and_nothing_else_does() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let with = |args: &[&str]| {
        run(wavegate(["schema", "status"])
            .args(args)
            .env("DATABASE_URL", &db.url))
    };
    let table = with(&[]);
    assert_eq!(table.code, 0, "{table:?}");
    assert!(
        table.err.is_empty() && !table.out.contains('\x1b'),
        "{table:?}"
    );
    for line in table.out.lines() {
        assert!(
            line.chars().count() <= 80 && line == line.trim_end(),
            "{line:?}"
        );
    }
    let json: serde_json::Value = serde_json::from_str(&with(&["-o", "json"]).out).unwrap();
    assert!(json["kind"].is_string() && json["version"].is_number() && !json["data"].is_null());
    assert!(with(&["-o", "markdown"]).out.contains("```"));
    assert!(with(&["-o", "junit"]).out.starts_with("<?xml"));
}

/// `wavegate ... | head -0` is quiet; a full disk is not success.
#[tokio::test]
async fn a_pipe_that_closes_is_quiet_and_a_full_disk_is_not() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let mut command = wavegate(["schema", "status"]);
    command.env("DATABASE_URL", &db.url).stderr(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(141),
        "as any program behind a pipe"
    );
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");

    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("could not be written to stdout"), "{err}");
}

#[tokio::test]
async fn colour_at_a_terminal_unless_it_is_unwanted() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let seen = |env: &[(&str, &str)]| {
        let mut all = vec![("DATABASE_URL", db.url.as_str())];
        all.extend(env);
        let mut terminal = Terminal::start(&["schema", "status"], &all);
        assert_eq!(terminal.wait(), 0, "{}", terminal.seen());
        terminal.seen()
    };
    assert!(seen(&[]).contains('\x1b'));
    assert!(!seen(&[("NO_COLOR", "1")]).contains('\x1b'));
    assert!(!seen(&[("TERM", "dumb")]).contains('\x1b'));
}

/// Asks at a terminal, answers, and compares the catalogue before and after.
async fn answered(shape: Shape, args: &[&str], dialogue: &[(&str, &str)]) -> (i32, String) {
    let db = TestDb::new(shape, Schema::Engine).await;
    let before = fingerprint(&db.url).await;
    let mut terminal = Terminal::start(args, &[("DATABASE_URL", &db.url)]);
    for (question, keys) in dialogue {
        terminal.wait_for(question);
        terminal.press(keys);
    }
    let code = terminal.wait();
    assert_eq!(fingerprint(&db.url).await, before, "{}", terminal.seen());
    (code, terminal.seen())
}

#[tokio::test]
async fn ctrl_c_at_a_prompt_is_130_and_changes_nothing() {
    let apply = ["schema", "apply", "--take-over-functions"];
    let typed = "Type backup to go on: ";
    let (code, seen) = answered(Shape::B, &apply, &[(typed, CTRL_C)]).await;
    assert_eq!(code, 130, "{seen}");
    assert!(seen.contains("interrupted; nothing was changed"), "{seen}");
    let (code, seen) = answered(Shape::B, &apply, &[(typed, "bac"), ("bac", CTRL_C)]).await;
    assert_eq!(code, 130, "{seen}");
    let (code, seen) = answered(Shape::B, &apply, &[(typed, "backup\r"), ("[y/N] ", CTRL_C)]).await;
    assert_eq!(code, 130, "{seen}");
}

#[tokio::test]
async fn no_and_anything_else_is_6_and_changes_nothing() {
    let agreed = "--take-over-functions";
    let apply = ["schema", "apply", "--i-have-a-backup", agreed];
    let asks = ["schema", "apply", agreed];
    for key in ["n", "\r", "\x1b", "x"] {
        let (code, seen) = answered(Shape::B, &apply, &[("[y/N] ", key)]).await;
        assert_eq!(code, 6, "{key:?}: {seen}");
        assert!(seen.contains("declined; nothing was changed"), "{seen}");
    }
    let typed = "Type backup to go on: ";
    for text in ["back\r", "\r", "y\r"] {
        let (code, seen) = answered(Shape::B, &asks, &[(typed, text)]).await;
        assert_eq!(code, 6, "{text:?}: {seen}");
    }
    // A slip of the finger can be taken back.
    let corrected = [(typed, "backuo\x7fp\r"), ("[y/N] ", "n")];
    let (code, seen) = answered(Shape::B, &asks, &corrected).await;
    assert_eq!(code, 6, "{seen}");
}

#[tokio::test]
async fn nobody_to_ask_is_6_and_says_which_flag_would_do() {
    let db = TestDb::new(Shape::B, Schema::Engine).await;
    let before = fingerprint(&db.url).await;
    let apply = |args: &[&str]| {
        run(wavegate(["schema", "apply", "--take-over-functions"])
            .args(args)
            .env("DATABASE_URL", &db.url))
    };
    let said = apply(&["--yes"]);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(
        said.err
            .contains("  try: say so beforehand with --confirm backup"),
        "{said:?}"
    );
    let said = apply(&["--confirm", "backups"]);
    assert_eq!(said.code, 6, "{said:?}");
    let said = apply(&["--i-have-a-backup"]);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(
        said.err.contains("  try: say so beforehand with --yes"),
        "{said:?}"
    );
    assert_eq!(fingerprint(&db.url).await, before);
}

#[tokio::test]
async fn a_yes_at_the_prompt_is_carried_out() {
    let db = TestDb::new(Shape::B, Schema::Engine).await;
    let args = [
        "schema",
        "apply",
        "--i-have-a-backup",
        "--take-over-functions",
    ];
    let mut terminal = Terminal::start(&args, &[("DATABASE_URL", &db.url)]);
    terminal.wait_for("[y/N] ");
    terminal.press("y");
    assert_eq!(terminal.wait(), 0, "{}", terminal.seen());
    let said = run(wavegate(["schema", "verify"]).env("DATABASE_URL", &db.url));
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test]
async fn quiet_leaves_the_result_alone() {
    let db = TestDb::new(Shape::B, Schema::Engine).await;
    let args = [
        "schema",
        "apply",
        "--i-have-a-backup",
        "--take-over-functions",
        "--yes",
    ];
    let loud = run(wavegate(args).arg("--dry-run").env("DATABASE_URL", &db.url));
    assert!(
        loud.code == 0 && loud.err.contains("nothing was changed"),
        "{loud:?}"
    );
    let said = run(wavegate(args).arg("--quiet").env("DATABASE_URL", &db.url));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
}

#[test]
fn every_kind_of_screen_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(root.join("docs/json.md")).unwrap();
    let mut kinds = 0;
    for entry in std::fs::read_dir(root.join("src/ui")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for rest in text.split("const KIND: &'static str = \"").skip(1) {
            let kind = rest.split('"').next().unwrap();
            kinds += 1;
            assert!(
                document.contains(&format!("| `{kind}` |")),
                "docs/json.md does not know the kind `{kind}` of {}",
                path.display()
            );
        }
    }
    assert!(kinds > 10);
}
