//! The documents' own commands, read from the files and typed at a terminal as they stand there, from top to bottom.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use sqlx::Executor;
use wavegate::lab::servers::Nats;

use crate::support::{Schema, Shape, TestDb};

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

/// A shell in a folder of its own, where `wavegate` is this build.
struct Shell {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
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
            ("DATABASE_URL", database),
            ("NATS_URL", nats),
        ];
        Shell {
            dir,
            env: env
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .into(),
        }
    }

    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.dir.path());
        command
    }

    /// Starts a service and waits until it is ready.
    fn start(&self, line: &str) -> Background {
        let log = self
            .dir
            .path()
            .join(format!("{}.log", line.replace([' ', '/'], "-")));
        let mut command = self.command("sh", &["-c", &format!("exec {line}")]);
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
            .command("script", &["-qefc", line, "/dev/null"])
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
        }
        assert!(shell.path("plan.yaml").exists());
    });
    done.await.unwrap();
}

/// The README shows what the snapshots hold. `UPDATE_README=1` writes it there.
#[test]
fn the_screens_of_the_readme_are_those_of_the_snapshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let screens: Vec<String> = ["screens_gate__gate_80", "screens_flips__status_80"]
        .iter()
        .map(|name| {
            let file = folder.join(format!("tests/suite/snapshots/suite__{name}.snap"));
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
