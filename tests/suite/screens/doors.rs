//! What operators and pipelines meet at the door: a newer schema, a name that may mean two, nothing to do, a server that takes no
//! writes or is away, errors for programs.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;

use crate::{
    support::bench::{Bench, PLAN, bench},
    support::terminal::{CTRL_C, Said, Terminal, run, wavegate},
    support::{Schema, Shape, TestDb},
};

/// Nobody listens there.
const NOWHERE: &str = "nats://127.0.0.1:2";

fn with(url: &str, args: &[&str]) -> Said {
    let mut command = wavegate(args);
    run(command.env("DATABASE_URL", url).env("NATS_URL", NOWHERE))
}

fn plan() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), PLAN).unwrap();
    file
}

/// What a change would leave.
async fn traces(b: &mut Bench) -> String {
    b.text(
        "SELECT concat_ws(' ', (SELECT string_agg(w::text, ' ' ORDER BY webhook_id) FROM wavegate.webhooks w),
                (SELECT count(*) FROM rule_nats_fences), (SELECT count(*) FROM wavegate.journal),
                (SELECT count(*) FROM wavegate.migration), (SELECT count(*) FROM wavegate.gate_result))",
    )
    .await
}

#[tokio::test]
async fn a_newer_schema_is_not_written_and_looks_say_so() {
    let mut b = bench(Shape::A, 2).await;
    b.run("UPDATE wavegate.schema_version SET version = 99")
        .await;
    let before = traces(&mut b).await;
    let name = b.test.name.clone();
    let file = plan();
    let path = file.path().to_str().unwrap();
    for args in [
        vec!["apply", path, "--yes"],
        vec!["rollback", "--all", "--yes"],
        vec!["redrive", "--all", "--yes"],
        vec!["dead", "requeue", "--all", "--yes"],
        vec!["dead", "discard", "--all", "--confirm", "all"],
        vec!["schema", "apply", "--i-have-a-backup", "--yes"],
        vec!["schema", "revert", "--confirm", &name],
        vec!["stream", "ensure", "--yes"],
        vec!["relay"],
        vec!["worker"],
    ] {
        let said = with(&b.test.url, &args);
        assert_eq!(said.code, 5, "{args:?}: {}", said.err);
        assert!(
            said.err.contains("schema version 99"),
            "{args:?}: {}",
            said.err
        );
        assert_eq!(traces(&mut b).await, before, "{args:?}");
    }
    for (args, code) in [
        (vec!["status"], 0),
        (vec!["history"], 0),
        (vec!["audit"], 0),
        (vec!["dead", "list"], 0),
        (vec!["drain", "--all"], 4),
        (vec!["plan", path], 0),
        (vec!["schema", "status"], 0),
        (vec!["schema", "verify"], 5),
    ] {
        let said = with(&b.test.url, &args);
        assert_eq!(said.code, code, "{args:?}: {} {}", said.out, said.err);
        assert!(
            said.err.contains("schema version 99"),
            "{args:?}: {}",
            said.err
        );
    }
    let said = with(&b.test.url, &["schema", "verify"]);
    assert!(said.out.contains("schema version"), "{}", said.out);
}

#[tokio::test]
async fn a_word_that_may_mean_two_webhooks_is_refused() {
    let mut b = bench(Shape::A, 2).await;
    b.run(
        "UPDATE rule_webhooks SET webhook_name = '2' WHERE webhook_id = 1;
           UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true, nats_share = 100",
    )
    .await;
    let look = |word: &str| {
        with(
            &b.test.url,
            &["rollback", "--webhook", word, "--dry-run", "-o", "json"],
        )
    };
    let said = look("2");
    assert_eq!(said.code, 5, "{}", said.err);
    for part in ["more than one", "--webhook name:2", "--webhook id:2"] {
        assert!(said.err.contains(part), "{}", said.err);
    }
    for (word, id) in [("id:2", 2), ("name:2", 1), ("id:1", 1), ("1", 1)] {
        let said = look(word);
        assert_eq!(said.code, 0, "{word}: {}", said.err);
        let data: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
        let wanted = serde_json::json!(id);
        assert!(
            data["data"]
                .to_string()
                .contains(&format!("\"webhook_id\":{wanted}")),
            "{word}: {data}"
        );
    }
    for args in [
        vec!["history", "--webhook", "2"],
        vec!["audit", "--webhook", "2"],
        vec!["dead", "list", "--webhook", "2"],
        vec!["drain", "--webhook", "2"],
    ] {
        assert_eq!(with(&b.test.url, &args).code, 5, "{args:?}");
    }
    // What is near is named.
    let said = with(&b.test.url, &["drain", "--webhook", "a_3"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean `a_2`?"), "{}", said.err);
    let said = with(&b.test.url, &["rollback", "pilot"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--wave pilot"), "{}", said.err);
}

#[tokio::test]
async fn nothing_done_is_not_success() {
    let b = bench(Shape::A, 2).await;
    let empty = TestDb::new(Shape::A, Schema::Engine).await;
    for (url, code, args) in [
        (&b.test.url, 2, vec!["history", "--wave", "nope"]),
        (&b.test.url, 5, vec!["rollback", "--all", "--yes"]),
        (&b.test.url, 5, vec!["dead", "requeue", "--all", "--yes"]),
        (&empty.url, 5, vec!["schema", "revert", "--yes"]),
    ] {
        let args = [args, vec!["-o", "json"]].concat();
        let said = with(url, &args);
        assert_eq!(said.code, code, "{args:?}: {}", said.err);
        let json: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        assert_eq!(json["kind"], "error", "{args:?}");
        assert_eq!(json["data"]["exit_code"], code, "{args:?}");
    }
}

/// A wave of deleted webhooks goes back once; after that there is nothing to do.
#[tokio::test]
async fn a_wave_goes_back_once() {
    let mut b = bench(Shape::A, 1).await;
    b.apply("first").await.unwrap();
    b.run("DELETE FROM rule_webhooks WHERE webhook_name LIKE 'a%'")
        .await;
    let args = ["rollback", "--wave", "first", "--yes"];
    assert_eq!(with(&b.test.url, &args).code, 0, "its state changes");
    let again = with(&b.test.url, &args);
    assert_eq!(again.code, 5, "{} {}", again.out, again.err);
}

#[tokio::test]
async fn a_look_where_nothing_may_be_written_leaves_no_record() {
    let mut b = bench(Shape::A, 2).await;
    let file = plan();
    let path = file.path().to_str().unwrap();
    let kept = "SELECT count(*)::text FROM wavegate.gate_result";
    with(&b.test.url, &["gate", path, "--dry-run"]);
    assert_eq!(b.text(kept).await, "0", "--dry-run leaves none");
    with(&b.test.url, &["gate", path]);
    let some = b.text(kept).await;
    assert_ne!(some, "0");
    let read_only = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on",
        b.test.name
    );
    b.run(&read_only).await;
    let said = with(&b.test.url, &["gate", path]);
    assert!([3, 4].contains(&said.code), "{} {}", said.code, said.err);
    assert!(said.err.contains("a look without a record"), "{}", said.err);
    assert!(
        said.out.contains("FAIL") || said.out.contains("not yet"),
        "{}",
        said.out
    );
    assert_eq!(b.text(kept).await, some);
    // The data plane waits, and is not ready.
    for args in [["relay"], ["worker"]] {
        let mut command = wavegate(args);
        command
            .env("DATABASE_URL", &b.test.url)
            .env("NATS_URL", NOWHERE);
        waits(&mut command, "takes no writes");
    }
}

/// It says what it waits for, never that it is ready, and stops in order.
fn waits(command: &mut std::process::Command, why: &str) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // Before that, a line about its limits.
    let first = lines
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.contains("waits for PostgreSQL"))
        .unwrap();
    assert!(first.contains(why), "{first}");
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it left");
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
    assert!(!rest.iter().any(|line| line.contains("ready")), "{rest:?}");
}

#[test]
fn relay_and_worker_wait_for_a_server_that_is_away() {
    for command in ["relay", "worker"] {
        let mut command = wavegate([command, "--log-format", "json"]);
        command.env("DATABASE_URL", "postgres://u@127.0.0.1:2/db");
        waits(&mut command, "Connection refused");
    }
    let mut command = wavegate(["relay", "--log-format", "json"]);
    command.env("DATABASE_URL", "postgres://u@127.0.0.1:2/db");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let json: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(json["level"], "WARN", "{line}");
}

#[tokio::test]
async fn errors_are_there_for_programs_too() {
    let usage = |args: &[&str]| with("postgres://u@127.0.0.1:2/db", args);
    for args in [
        vec!["status", "--nope", "-o", "json"],
        vec!["-ojson", "no-such-command"],
        vec!["apply", "--output=json", "--nope"],
        vec!["gate", "-o", "json", "a", "b"],
    ] {
        let said = usage(&args);
        assert_eq!(said.code, 2, "{args:?}");
        let json: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(json["data"]["exit_code"], 2, "{args:?}");
        assert!(!json["data"]["message"].as_str().unwrap().is_empty());
        assert!(
            said.err.contains("Usage") || said.err.contains("error"),
            "{}",
            said.err
        );
    }
    let file = plan();
    let path = file.path().to_str().unwrap();
    for command in [vec!["gate", path], vec!["status"], vec!["plan", "/no/such"]] {
        let said = usage(&[command.clone(), vec!["-o", "junit"]].concat());
        let report = roxmltree::Document::parse(&said.out).unwrap();
        let failures = report.root_element().attribute("failures");
        assert_eq!(failures, Some("1"), "{command:?}: {}", said.out);
        let said = usage(&[command.clone(), vec!["-o", "markdown"]].concat());
        assert!(said.out.contains("error: "), "{command:?}: {}", said.out);
    }
}

#[tokio::test]
async fn a_watch_whose_reader_has_gone_ends() {
    let b = bench(Shape::A, 2).await;
    let file = plan();
    let path = file.path().to_str().unwrap();
    let args = ["gate", path, "--watch", "--until", "never", "--every", "1s"];
    let mut child = wavegate(args)
        .env("DATABASE_URL", &b.test.url)
        .env("NATS_URL", NOWHERE)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    drop(out);
    let end = std::time::Instant::now() + Duration::from_secs(60);
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if std::time::Instant::now() > end {
            child.kill().unwrap();
            panic!("it goes on for nobody");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(141));
}

/// The Enter behind a `y` is not the answer to the next question.
#[tokio::test]
async fn a_y_with_enter_answers_one_question() {
    let db = TestDb::new(Shape::B, Schema::Engine).await;
    let args = ["schema", "apply", "--i-have-a-backup"];
    let mut terminal = Terminal::start(&args, &[("DATABASE_URL", &db.url)]);
    terminal.wait_for("Replace ");
    terminal.wait_for("[y/N] ");
    terminal.press("y");
    terminal.wait_for("to database ");
    terminal.press("\r");
    terminal.wait_for("(y or n) ");
    terminal.press(CTRL_C);
    assert_eq!(terminal.wait(), 130, "{}", terminal.seen());
}

/// PostgreSQL knows who is who.
#[tokio::test]
async fn sessions_say_which_command_they_are() {
    let b = bench(Shape::A, 1).await;
    let options = |does| wavegate::store::DbOptions {
        url: Some(b.test.url.clone()),
        does,
        ..Default::default()
    };
    for (does, wanted) in [(Some("relay"), "wavegate relay"), (None, "wavegate")] {
        let db = wavegate::store::Db::connect(&options(does)).await.unwrap();
        let name: String = sqlx::query_scalar("SELECT current_setting('application_name')")
            .fetch_one(db.pool())
            .await
            .unwrap();
        assert_eq!(name, wanted);
    }
}

/// Every command that a message names can be typed as it stands, with a value for each word in capitals: in backticks, or as a whole
/// text of its own. A word alone names a command and is none.
#[test]
fn every_hint_can_be_typed() {
    use clap::{CommandFactory, Parser};
    let mut typed = 0;
    let mut faults = Vec::new();
    for path in sources(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src"
    ))) {
        let text: String = std::fs::read_to_string(&path)
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        let commands = text.split(['`', '"', '(', ')', '\n']).filter_map(|part| {
            let rest = part.strip_prefix("wavegate ")?;
            let first = rest.split(' ').next()?;
            // A sentence that begins with the name is no command.
            let known = wavegate::commands::Cli::command()
                .get_subcommands()
                .any(|command| command.get_name() == first);
            let prose = [';', ',', '|', '>', '<', '\\']
                .iter()
                .any(|c| rest.contains(*c));
            (known && !prose && rest.contains(' ')).then_some(part)
        });
        for part in commands {
            // In examples the explanation follows after two spaces.
            let part = part.split("  ").next().unwrap_or_default();
            let part = part.trim_end_matches(['&', ' ']);
            // What stands between single quotes is one word.
            let words: Vec<String> = part
                .split('\'')
                .enumerate()
                .flat_map(|(number, piece)| match number % 2 {
                    0 => piece.split_whitespace().map(value_for).collect(),
                    _ => vec![piece.to_string()],
                })
                .collect();
            typed += 1;
            if let Err(error) = wavegate::commands::Cli::try_parse_from(&words)
                && error.use_stderr()
            {
                faults.push(format!("{}: {part}: {}", path.display(), error.kind()));
            }
        }
    }
    assert!(typed > 60, "{typed}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What stands for a value becomes one.
fn value_for(word: &str) -> String {
    match word {
        "{path}" => "queue".to_string(),
        word if word.starts_with('{') || word.chars().all(|c| c.is_ascii_uppercase()) => {
            "7".to_string()
        }
        word => word.trim_end_matches(['.', ':']).to_string(),
    }
}

fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}
