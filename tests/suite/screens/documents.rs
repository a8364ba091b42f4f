//! The documents' own commands, read from the files and typed at a terminal as they stand there, from top to bottom.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use sqlx::Executor;
use wavegate::{engine::barrier::Patience, lab::servers::Nats, plan::Plan};

use crate::{
    support::bench,
    support::plane::{Plane, STREAM},
    support::{Schema, Shape, TestDb, grant_roles_on, under_role},
};

/// A command of a document, with the heading that it stands under.
#[derive(Debug, Clone)]
struct Typed {
    section: String,
    line: String,
}

/// The lines that begin with a program's name, in blocks of code, without their comments.
fn commands(document: &str) -> Vec<Typed> {
    let (mut section, mut found, mut fenced) = (String::new(), Vec::new(), false);
    for line in document.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.to_string();
        }
        fenced ^= line.starts_with("```");
        let code = if fenced {
            Some(line)
        } else {
            line.strip_prefix("    ")
        };
        let Some(code) = code else { continue };
        let code = code.split(" #").next().unwrap_or_default().trim();
        if ["wavegate ", "psql "]
            .iter()
            .any(|program| code.starts_with(program))
        {
            found.push(Typed {
                section: section.clone(),
                line: code.to_string(),
            });
        }
    }
    found
}

/// A shell in a folder of its own, where `wavegate` is this build, and each command has the session of its documented role.
struct Shell {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
    database: String,
}

/// A process in the background, ended with this value.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Shell {
    fn new(database: &str, nats: &str) -> Shell {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_wavegate"), bin.join("wavegate")).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let env = [
            ("PATH", path.as_str()),
            ("HOME", "/nonexistent"),
            ("TERM", "xterm"),
            ("COLUMNS", "80"),
            ("NATS_URL", nats),
        ];
        Shell {
            dir,
            database: database.to_string(),
            env: env
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .into(),
        }
    }

    /// `line`: what it runs, which says whose session it needs.
    fn command(&self, line: &str, program: &str, args: &[&str]) -> Command {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arguments = words.strip_prefix(&["wavegate"]).unwrap_or_default();
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env("DATABASE_URL", under_role(&self.database, arguments))
            .current_dir(self.dir.path());
        command
    }

    /// Starts a service and waits until it is ready.
    fn start(&self, line: &str) -> Background {
        let log = self
            .dir
            .path()
            .join(format!("{}.log", line.replace([' ', '/'], "-")));
        let mut command = self.command(line, "sh", &["-c", &format!("exec {line}")]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut service = Background(child);
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            if said.contains("ready") {
                return service;
            }
            let ended = service.0.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < end,
                "`{line}`: {ended:?}\n{said}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types a line at a terminal and says yes to whatever it asks: the exit code, and what was shown.
    fn types(&self, line: &str) -> (i32, String) {
        let mut child = self
            .command(line, "script", &["-qefc", line, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script (util-linux) is needed for a terminal");
        let seen = Arc::new(Mutex::new(String::new()));
        let (mut out, sink) = (child.stdout.take().unwrap(), seen.clone());
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut buffer) {
                sink.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        });
        let mut keys = child.stdin.take().unwrap();
        let end = Instant::now() + Duration::from_secs(120);
        let mut answered = 0;
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code().unwrap_or(-1);
            }
            let text = seen.lock().unwrap().clone();
            let new = text.get(answered..).unwrap_or_default();
            let answer = if new.contains("[y/N] ") {
                Some("y".to_string())
            } else if new.ends_with(" to go on: ") {
                let name = new.rsplit_once("Type ").unwrap().1;
                Some(name.trim_end_matches(" to go on: ").to_string() + "\r")
            } else {
                None
            };
            if let Some(answer) = answer {
                answered = text.len();
                keys.write_all(answer.as_bytes()).unwrap();
                keys.flush().unwrap();
            }
            assert!(Instant::now() < end, "`{line}` goes on and on:\n{text}");
            std::thread::sleep(Duration::from_millis(20));
        };
        reader.join().unwrap();
        let text = seen.lock().unwrap().clone();
        (code, text)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }
}

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[tokio::test]
async fn the_ten_commands_of_the_readme_run_on_a_fresh_database() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let mut sql = db.connect().await;
    sql.execute(
        "INSERT INTO rule_webhooks (webhook_name, url) VALUES
            ('page_view_analytics', 'http://127.0.0.1:9/a'), ('debug_log', 'http://127.0.0.1:9/d'),
            ('order_created', 'http://127.0.0.1:9/o'), ('payment_alert', 'http://127.0.0.1:9/p');
         INSERT INTO rule_webhook_calls (webhook_id, status, payload, created_at, completed_at)
         SELECT webhook_id, 'success', '{}', now() - n * interval '1 hour', now() - n * interval '1 hour'
         FROM rule_webhooks, generate_series(1, 40) n",
    )
    .await
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let nats = Nats::start(dir.path(), &[]).unwrap();
    let shell = Shell::new(&db.url, &nats.url());
    let lines: Vec<String> = commands(&document("README.md"))
        .into_iter()
        .filter(|typed| typed.section.contains("in ten commands"))
        .map(|typed| typed.line)
        .collect();
    assert_eq!(lines.len(), 10, "{lines:?}");
    let url = db.url.clone();
    grant_roles_on(&url).await;
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || {
        let mut services = Vec::new();
        for line in lines {
            if ["wavegate relay", "wavegate worker"].contains(&line.as_str()) {
                services.push(shell.start(&line));
                continue;
            }
            let (code, text) = shell.types(&line);
            // A gate right after the first step has no traffic to judge.
            let wanted: &[i32] = if line.starts_with("wavegate gate") {
                &[0, 4]
            } else {
                &[0]
            };
            assert!(wanted.contains(&code), "`{line}`: {code}\n{text}");
            if line.starts_with("wavegate schema apply") {
                runtime.block_on(grant_roles_on(&url));
            }
        }
        assert!(shell.path("plan.yaml").exists());
    });
    done.await.unwrap();
}

/// The README shows what the snapshots hold. `UPDATE_README=1` writes it there.
#[test]
fn the_screens_of_the_readme_are_those_of_the_snapshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let screens: Vec<String> = ["gate__gate_80", "flips__status_80"]
        .iter()
        .map(|name| {
            let file = folder.join(format!(
                "tests/suite/screens/snapshots/suite__screens__{name}.snap"
            ));
            let text = std::fs::read_to_string(file).unwrap();
            let (_, screen) = text[4..].split_once("\n---\n").unwrap();
            screen.trim_end().to_string()
        })
        .collect();
    let wanted = format!("```\n{}\n```\n", screens.join("\n\n"));
    let readme = document("README.md");
    let (before, rest) = readme.split_once("What it looks like").unwrap();
    let (about, rest) = rest.split_once("\n\n").unwrap();
    let (_, after) = rest.split_once("\n```\n").unwrap();
    let made = format!("{before}What it looks like{about}\n\n{wanted}{after}");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(folder.join("README.md"), made).unwrap();
    } else {
        assert!(
            readme == made,
            "README.md shows other screens: run with UPDATE_README=1"
        );
    }
}

/// A migration that has begun: webhooks, relay, both workers, and one wave in mode `both`.
struct Story {
    plane: Plane,
    shell: Shell,
    services: Vec<Background>,
}

/// The first of a plan is the one that has begun.
const WAVES: [(&str, &str); 4] = [
    ("critical", "webhooks: [payment_alert, payout_done]"),
    ("volume", "webhooks: [page_view, search_done]"),
    ("old", "webhooks: [old_shop]"),
    ("pilot", "webhooks: [mail_sent]"),
];

const SERVICES: [&str; 3] = [
    "wavegate relay",
    "wavegate worker --path nats",
    "wavegate worker --path queue",
];

impl Story {
    async fn of(first: &str) -> Story {
        let mut plane = Plane::new(Shape::A).await;
        plane.receiver.answers("fail", 500, None);
        for (id, name, path) in [
            (1, "page_view", "ok"),
            (2, "search_done", "ok"),
            (3, "mail_sent", "ok"),
            (5, "old_shop", "fail"),
            (7, "payment_alert", "fail"),
            (8, "payout_done", "ok"),
        ] {
            let url = format!("{}/{path}", plane.receiver.url);
            plane
                .run(&format!(
                    "INSERT INTO rule_webhooks (webhook_id, webhook_name, url, max_retries, retry_delay_ms, enabled)
                     VALUES ({id}, '{name}', '{url}', 0, 50, {})",
                    first != "old" || name != "old_shop"
                ))
                .await;
        }
        plane
            .run("SELECT setval(pg_get_serial_sequence('rule_webhooks', 'webhook_id'), 100)")
            .await;
        let shell = Shell::new(&plane.db.url, &plane.nats.url());
        let mut waves = WAVES.to_vec();
        waves.sort_by_key(|(name, _)| *name != first);
        let waves: String = waves
            .iter()
            .map(|(name, members)| format!("  - {{ name: {name}, {members} }}\n"))
            .collect();
        let text = format!(
            "version: 1\nname: story\nnats: {{ stream: {STREAM}, subject: \"webhooks.{{id}}\" }}\n\
             defaults:\n  soak: 1s\n  watch: 1s\n  shares: [0, 100]\n  gates: {{ workers: {{ nats: 1, queue: 1 }} }}\nwaves:\n{waves}"
        );
        std::fs::write(shell.path("plan.yaml"), &text).unwrap();
        let services = SERVICES.map(|line| shell.start(line)).into();
        let db = crate::support::open(&plane.db.url).await;
        let plan = Plan::parse(&text).unwrap();
        // The recipes of the wave volume are for the end of its hybrid.
        for _ in 0..if first == "volume" { 2 } else { 1 } {
            bench::apply_on(&db, &plan, bench::next(first), &Patience::default())
                .await
                .unwrap();
        }
        db.pool().close().await;
        plane.emit(1, 3).await;
        plane.emit(8, 3).await;
        plane.emit(3, 3).await;
        plane
            .until(
                30,
                "SELECT count(*) FROM wavegate.queue q JOIN wavegate.webhooks w USING (webhook_id)
                 WHERE q.status IN ('pending', 'processing', 'retrying') AND w.enabled",
                0,
            )
            .await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        Story {
            plane,
            shell,
            services,
        }
    }
}

/// How the runbook's commands end, section by section. `Fresh`: what follows is told as an alternative.
enum Ends {
    With(&'static [i32]),
    Fresh,
}
use Ends::{Fresh, With};

const DONE: Ends = With(&[0]);
const NOT_YET: Ends = With(&[4]);
/// Traffic of a few seconds proves nothing to the gates.
const DONE_OR_NOT_YET: Ends = With(&[0, 4]);

const RUNBOOK: &[(&str, &str, &[Ends])] = &[
    ("One webhook misbehaves", "critical", &[DONE, DONE, DONE]),
    ("A wave misbehaves", "critical", &[DONE, DONE]),
    ("Everything, now", "critical", &[DONE]),
    (
        "No queue worker is alive",
        "critical",
        &[DONE, DONE, Fresh, DONE, DONE],
    ),
    ("Re-drive alone", "critical", &[DONE]),
    // Not while webhooks are in mode both.
    (
        "May the queue workers be stopped?",
        "volume",
        &[NOT_YET, NOT_YET],
    ),
    (
        "Calls of next week sit in the queue",
        "volume",
        &[DONE_OR_NOT_YET],
    ),
    (
        "The barrier times out (exit code 4)",
        "volume",
        &[DONE_OR_NOT_YET],
    ),
    (
        "Somebody changed a webhook by hand",
        "critical",
        &[DONE, DONE, DONE, DONE],
    ),
    (
        "The plan was changed (exit code 5)",
        "volume",
        // The file is restored: nothing to amend.
        &[DONE_OR_NOT_YET, DONE, DONE, DONE],
    ),
    (
        "Has every event arrived?",
        "critical",
        &[DONE, DONE, DONE, DONE],
    ),
    (
        "Events are dead",
        "critical",
        &[DONE, DONE, DONE, DONE, DONE],
    ),
    ("A wave has nothing to judge", "old", &[DONE]),
    ("Ending a migration half way", "critical", &[DONE, DONE]),
    ("Leaving for good", "critical", &[DONE]),
];

#[tokio::test]
async fn the_recipes_of_the_runbook_run_as_they_stand_there() {
    let typed = commands(&document("docs/runbook.md"));
    let sections: std::collections::BTreeSet<&str> =
        typed.iter().map(|typed| typed.section.as_str()).collect();
    let known: std::collections::BTreeSet<&str> =
        RUNBOOK.iter().map(|(section, ..)| *section).collect();
    assert_eq!(
        sections, known,
        "each section with commands has its ends here"
    );
    let mut faults = Vec::new();
    for (section, first, ends) in RUNBOOK {
        let mut lines = typed.iter().filter(|typed| typed.section == *section);
        let mut story = Story::of(first).await;
        let mut told = String::new();
        if *section == "Events are dead" {
            // Recipes name one event, and a shop that is gone.
            story
                .plane
                .run("SELECT rule_webhook_publish_nats(7, '{}', 'order-4711')")
                .await;
            story.plane.emit(5, 1).await;
            let died = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE webhook_id = 7 AND dead)
                             + (SELECT count(*) FROM wavegate.queue WHERE webhook_id = 5 AND status = 'failed')";
            story.plane.until(30, died, 2).await;
        }
        if *section == "Somebody changed a webhook by hand" {
            let hand = "UPDATE rule_webhooks SET nats_share = 30 WHERE webhook_id = 7";
            story.plane.run(hand).await;
            story.plane.run("SELECT rule_webhook_disable_nats(8)").await;
        }
        if *section == "Leaving for good" {
            story.services.clear();
            let gone = "SELECT count(*) FROM pg_stat_activity WHERE application_name ~ 'relay|worker' AND datname = current_database()";
            story.plane.until(30, gone, 0).await;
            // They were killed; what they would have said with their last words is said for them.
            for who in ["relay", "worker"] {
                let goodbye = format!("UPDATE wavegate.{who} SET stopped_at = now()");
                story.plane.run(&goodbye).await;
            }
        }
        for end in *ends {
            let With(codes) = end else {
                story = Story::of(first).await;
                continue;
            };
            let line = lines.next().expect(section).line.clone();
            if let Some(service) = line.strip_suffix(" &") {
                story.services.push(story.shell.start(service));
                continue;
            }
            let shell = story.shell;
            let (shell, code, text, typed) = tokio::task::spawn_blocking(move || {
                let (code, text) = shell.types(&line);
                (shell, code, text, line)
            })
            .await
            .unwrap();
            story.shell = shell;
            told.push_str(&format!("$ {typed}\n{text}"));
            if !codes.contains(&code) {
                faults.push(format!("{section}: the last ended with {code}\n{told}"));
            }
        }
        assert!(lines.next().is_none(), "{section}: more commands than ends");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The scripts of a document, each a block of shell, and the `run` steps of its workflow files.
fn scripts(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let blocks = document.split("\n```").skip(1).step_by(2);
    for block in blocks {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "sh" => found.push(text.to_string()),
            "yaml" => {
                let workflow: serde_json::Value = serde_yaml::from_str(text).unwrap();
                let steps = workflow["jobs"]["step"]["steps"].as_array().unwrap();
                let runs = steps.iter().filter_map(|step| step["run"].as_str());
                found.extend(runs.map(ToString::to_string));
            }
            _ => {}
        }
    }
    found
}

/// How the scripts of docs/ci.md end, in their order, while the wave soaks and its gates have little to judge. The one that moves to nats
/// is for a person to start.
const PIPELINES: &[(&str, &[i32])] = &[
    ("gates.xml || code=$?", &[0]),
    ("--watch", &[0, 3, 4, 124]),
    ("gate history", &[0]),
    ("step.json", &[0]),
    ("GITHUB_STEP_SUMMARY", &[0]),
    ("--confirm", &[4]),
    ("preflight", &[0]),
];

#[tokio::test]
async fn the_recipes_for_pipelines_run_as_they_stand_there() {
    let scripts = scripts(&document("docs/ci.md"));
    assert_eq!(scripts.len(), PIPELINES.len(), "{scripts:#?}");
    let Story {
        plane,
        mut shell,
        services,
    } = Story::of("pilot").await;
    for file in ["summary.md", "output.txt"] {
        std::fs::write(shell.path(file), "").unwrap();
    }
    for (name, file) in [
        ("GITHUB_STEP_SUMMARY", "summary.md"),
        ("GITHUB_OUTPUT", "output.txt"),
    ] {
        let path = shell.path(file).display().to_string();
        shell.env.push((name.to_string(), path));
    }
    let done = tokio::task::spawn_blocking(move || {
        for (script, (mark, codes)) in scripts.iter().zip(PIPELINES) {
            assert!(script.contains(mark), "{mark}: {script}");
            // Whoever starts a workflow fills in what it asks for; an hour is long for a test.
            let script = script
                .replace("${{ inputs.confirm }}", "pilot")
                .replace("timeout 1h", "timeout 8s");
            let output = shell
                .command("wavegate apply", "bash", &["-e", "-c", &script])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            let code = output.status.code().unwrap();
            assert!(
                codes.contains(&code),
                "{code}: {script}\n{}\n{}",
                String::from_utf8_lossy(&said),
                std::fs::read_to_string(shell.path("preflight.xml")).unwrap_or_default()
            );
        }
        let wrote = |file: &str| std::fs::read_to_string(shell.path(file)).unwrap();
        for file in ["gates.xml", "preflight.xml"] {
            assert!(
                wrote(file).contains("<testsuite"),
                "{file}: {:?}",
                wrote(file)
            );
        }
        let _: serde_json::Value = serde_json::from_str(&wrote("verdicts.json")).unwrap();
        let _: serde_json::Value = serde_json::from_str(&wrote("step.json")).unwrap();
        assert!(wrote("summary.md").contains("pilot"));
        assert!(wrote("output.txt").starts_with("code="));
    });
    done.await.unwrap();
    drop(services);
    plane.close().await;
}
