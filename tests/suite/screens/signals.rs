//! Ctrl-C, SIGTERM and SIGHUP mean the same to every command: at a prompt, at work, in a wait, in the middle of a POST.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::Executor;

use crate::{
    flip::command::{Ready, expect},
    support::bench::bench,
    support::plane::Plane,
    support::terminal::{Terminal, wavegate},
    support::{Schema, Shape, TestDb},
};

const ALL: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid.cast_signed()), signal).unwrap();
}

/// A command that runs, with what it has said so far.
struct Running {
    child: Child,
    log: tempfile::NamedTempFile,
}

impl Running {
    fn start(command: &mut Command) -> Running {
        let log = tempfile::NamedTempFile::new().unwrap();
        let child = command.stderr(log.reopen().unwrap()).spawn().unwrap();
        Running { child, log }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    fn until(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.said().contains(text) {
            let over = self.child.try_wait().unwrap();
            assert!(
                Instant::now() < end && over.is_none(),
                "no `{text}` ({over:?}): {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// It listens from its first moments on; before, a signal would end it by itself.
    fn until_it_listens(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        let caught = || {
            let path = format!("/proc/{}/status", self.child.id());
            let status = std::fs::read_to_string(path).unwrap_or_default();
            let mask = status
                .lines()
                .find_map(|line| line.strip_prefix("SigCgt:"))
                .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
                .unwrap_or(0);
            ALL.iter()
                .all(|signal| mask & (1 << (*signal as i32 - 1)) != 0)
        };
        while !caught() {
            assert!(Instant::now() < end, "it never listens: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn code(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), self.said());
            }
            assert!(Instant::now() < end, "still there: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn at_a_prompt_nothing_is_changed() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    for signal in ALL {
        let args = ["schema", "apply", "--i-have-a-backup"];
        let mut terminal = Terminal::start(&args, &[("DATABASE_URL", &db.url)]);
        terminal.wait_for("[y/N] ");
        send(terminal.wavegate(), signal);
        assert_eq!(terminal.wait(), 130, "{signal}: {}", terminal.seen());
        assert!(
            terminal.seen().contains("nothing was changed"),
            "{}",
            terminal.seen()
        );
    }
}

#[test]
fn whoever_waits_for_a_plan_ends() {
    for args in [["plan", "-"], ["apply", "-"], ["gate", "-"]] {
        for signal in ALL {
            let mut running = Running::start(wavegate(args).stdin(Stdio::piped()));
            running.until_it_listens();
            send(running.child.id(), signal);
            let _input = running.child.stdin.take();
            let (code, said) = running.code();
            assert_eq!(code, Some(130), "{args:?} {signal}: {said}");
            assert!(said.contains("interrupted"), "{said}");
        }
    }
}

/// A pipe that nobody empties blocks the thread that would hear the signal.
#[test]
fn whoever_is_blocked_by_a_pipe_ends() {
    let mut running = Running::start(wavegate(["completions", "zsh"]).stdout(Stdio::piped()));
    running.until_it_listens();
    std::thread::sleep(Duration::from_millis(300));
    if running.child.try_wait().unwrap().is_none() {
        send(running.child.id(), Signal::SIGTERM);
    }
    let mut out = running.child.stdout.take().unwrap();
    let (code, said) = running.code();
    let mut text = String::new();
    out.read_to_string(&mut text).unwrap();
    assert!(text.len() > 60_000, "it fits into a pipe: {}", text.len());
    assert_eq!(code, Some(130), "{said}");
}

#[tokio::test]
async fn in_the_barrier_it_says_what_stands() {
    for signal in ALL {
        let mut b = bench(Shape::A, 2).await;
        b.run(
            "UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true, nats_share = 100",
        )
        .await;
        let mut caller = b.test.connect().await;
        caller
            .execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM rule_webhooks")
            .await
            .unwrap();
        let args = ["rollback", "--all", "--yes"];
        let mut running = Running::start(
            wavegate(args)
                .env("DATABASE_URL", &b.test.url)
                .stdout(Stdio::null()),
        );
        running.until("waiting: 1 transaction from before the change, until");
        send(running.child.id(), signal);
        let (code, said) = running.code();
        assert_eq!(code, Some(130), "{signal}: {said}");
        for part in [
            "  stands: ",
            "taken back and fenced",
            "it goes on with barrier and re-drive",
        ] {
            assert!(said.contains(part), "{signal}: {said}");
        }
        let fences = b.text("SELECT count(*)::text FROM rule_nats_fences").await;
        assert_ne!(fences, "0", "the fences stand");
        assert_eq!(said.matches("waiting:").count(), 1, "{said}");
    }
}

/// Every other wait of a command, each left by each signal. Relay and worker end in order, with 0.
#[tokio::test]
async fn every_wait_ends_by_every_signal() {
    let ready = Ready::new(Shape::A).await;
    let plan = ready.path("plan.yaml");
    expect(&ready, 0, &["apply", &plan, "--wave", "first", "--yes"]);
    let url = &ready.b.test.url;
    let other = TestDb::new(Shape::B, Schema::Engine).await;
    let mut blocker = other.connect().await;
    blocker
        .execute("BEGIN; LOCK TABLE rule_webhooks IN ACCESS SHARE MODE")
        .await
        .unwrap();
    // Something is left in the queue of webhooks that no longer use it: drain has what to wait for.
    let mut drained = bench(Shape::A, 2).await;
    drained
        .run("SELECT rule_webhook_enqueue(webhook_id, '{}') FROM rule_webhooks WHERE enabled")
        .await;
    drained
        .run("UPDATE rule_webhooks SET publish_mode = 'nats', nats_enabled = true")
        .await;
    let nowhere = "postgres://nobody@127.0.0.1:9/none";
    let no_nats = "nats://127.0.0.1:9";
    let waits: [(&[&str], &str, &str, &str, i32); 6] = [
        (
            &["drain", "--all", "--wait", "10m"],
            &drained.test.url,
            &ready.nats.url,
            "wait",
            130,
        ),
        (
            &["gate", &plan, "--wave", "first", "--watch", "--every", "1m"],
            url,
            &ready.nats.url,
            "",
            130,
        ),
        (
            &[
                "schema",
                "apply",
                "--yes",
                "--i-have-a-backup",
                "--take-over-functions",
            ],
            &other.url,
            &ready.nats.url,
            "waiting: 04",
            130,
        ),
        (&["relay"], nowhere, no_nats, "wait", 0),
        (&["relay"], url, no_nats, "going on trying", 0),
        (&["worker", "--path", "queue"], nowhere, no_nats, "wait", 0),
    ];
    for (args, database, nats, text, wanted) in waits {
        for signal in ALL {
            let mut command = wavegate(args);
            command
                .env("DATABASE_URL", database)
                .env("NATS_URL", nats)
                .stdout(Stdio::null());
            let mut running = Running::start(&mut command);
            running.until_it_listens();
            running.until(text);
            // It waits, and does not end by itself.
            let look = if signal == Signal::SIGINT { 1500 } else { 200 };
            std::thread::sleep(Duration::from_millis(look));
            let told = running.said();
            assert!(told.matches("waiting:").count() <= 1, "{told}");
            assert!(
                running.child.try_wait().unwrap().is_none(),
                "{args:?}: {}",
                running.said()
            );
            let begin = Instant::now();
            send(running.child.id(), signal);
            let (code, said) = running.code();
            assert_eq!(code, Some(wanted), "{args:?} {signal}: {said}");
            assert!(
                begin.elapsed() < Duration::from_secs(5),
                "{args:?} {signal}: {said}"
            );
        }
    }
}

const OPEN: &str = "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'";

#[tokio::test]
async fn hang_up_lets_a_worker_finish_its_calls() {
    let mut plane = Plane::new(Shape::A).await;
    let plain = plane.webhook("slow-700", "queue", 0).await;
    let ids = plane.emit(plain, 4).await;
    let relay = plane.relay().await;
    let worker = plane.worker("queue").await;
    plane
        .until_at_least(
            20,
            "SELECT count(*) FROM wavegate.queue WHERE status = 'processing'",
            4,
        )
        .await;
    send(worker.pid().cast_unsigned(), Signal::SIGHUP);
    assert_eq!(worker.wait().await, Some(0));
    send(relay.pid().cast_unsigned(), Signal::SIGHUP);
    assert_eq!(relay.wait().await, Some(0));
    let _second = plane.worker("queue").await;
    plane.until(30, OPEN, 0).await;
    plane.assert_once(&ids);
    plane.close().await;
}
