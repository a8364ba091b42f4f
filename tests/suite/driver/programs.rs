//! The programs of a plan, by `run --once` as a process: what they are told, and what those that fail, hang, fork or never stop talking do to
//! a step and to whoever waits for it.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::support::{Shape, plane::Plane, terminal::Said};

/// Of each program.
const TIMEOUT: Duration = Duration::from_secs(2);

struct Stage {
    plane: Plane,
    plan: String,
    dir: tempfile::TempDir,
}

fn program(dir: &Path, name: &str, lines: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

impl Stage {
    async fn new() -> Stage {
        let mut plane = Plane::new(Shape::A).await;
        let webhook = plane.webhook("ok", "queue", 0).await;
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        let told = at.join("told");
        let tell = program(
            at,
            "tell",
            &format!("cat >>{0}; echo >>{0}", told.display()),
        );
        let before = program(at, "before", "exit 1");
        let after = program(at, "after", "echo no chat >&2; exit 3");
        let plan = at.join("plan.yaml");
        let text = format!(
            "version: 1
name: told
nats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}
contacts: {{ nats: \"#messaging\" }}
hooks:
  before_step: [{tell}, {before}]
  after_step: [{tell}, {after}]
  on_fail: [{tell}]
  timeout: 2s
defaults: {{ soak: 1h, watch: 1h, gates: {{ workers: {{ nats: 1, queue: 1 }} }} }}
waves:
  - {{ name: pilot, match: {{ ids: [{webhook}] }}, unattended: true }}
",
            tell = tell.display(),
            before = before.display(),
            after = after.display(),
        );
        std::fs::write(&plan, text).unwrap();
        Stage {
            plan: plan.display().to_string(),
            plane,
            dir,
        }
    }

    fn before(&self, lines: &str) {
        program(self.dir.path(), "before", lines);
    }

    async fn once(&self) -> Said {
        self.plane
            .command_with(
                &["run", &self.plan, "--once", "--yes"],
                &[("COLUMNS", "4000")],
            )
            .await
    }

    /// Everything that was told since the last time, as JSON.
    fn told(&self) -> Vec<serde_json::Value> {
        let path = self.dir.path().join("told");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        let lines = text.lines().filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn what_a_program_does_stops_a_step_at_most() {
    let mut stage = Stage::new().await;
    let _crew = (stage.plane.relay().await, stage.plane.worker("both").await);
    let pid = stage.dir.path().join("pid");
    // Fails; hangs; leaves a child behind that hangs; talks without end; is not there.
    let hangs = "sleep 600";
    let forks = format!("sleep 601 & echo $! >{}; wait", pid.display());
    for (lines, why) in [
        ("echo month end >&2; exit 1", "month end"),
        (hangs, "within 2 s"),
        (&*forks, "within 2 s"),
        ("exec yes", "before"),
    ] {
        stage.before(lines);
        let begun = Instant::now();
        let said = stage.once().await;
        assert!(
            begun.elapsed() < 8 * TIMEOUT,
            "{lines}: {:?}",
            begun.elapsed()
        );
        assert_eq!(said.code, 4, "{lines}: {}{}", said.out, said.err);
        let all = said.out + &said.err;
        assert!(
            all.contains("before_step stops it") && all.contains(why),
            "{lines}: {all}"
        );
        assert_eq!(
            stage
                .plane
                .number("SELECT count(*) FROM wavegate.journal WHERE step = 'flip.done'")
                .await,
            0
        );
    }
    let child = std::fs::read_to_string(pid).unwrap();
    // A dead one may wait for somebody to ask after it.
    let state = std::fs::read_to_string(format!("/proc/{}/status", child.trim()));
    assert!(
        state.is_err() || state.is_ok_and(|text| text.contains("State:\tZ")),
        "its child lives on"
    );
    let told = stage.told();
    let of = |occasion: &str| {
        told.iter()
            .filter(|one| one["occasion"] == occasion)
            .count()
    };
    assert_eq!(of("before_step"), 4, "{told:?}");
    assert_eq!(
        (&told[0]["plan"], &told[0]["contacts"]["nats"]),
        (&"told".into(), &"#messaging".into())
    );
    assert_eq!(
        (&told[0]["wave"], &told[0]["from"]),
        (&"pilot".into(), &"pending".into())
    );
    assert_eq!(of("after_step"), 0);

    // It goes, and what fails behind it is shown and undoes nothing.
    stage.before("exit 0");
    let said = stage.once().await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let all = said.out + &said.err;
    assert!(all.contains("no chat"), "{all}");
    assert_eq!(
        stage
            .plane
            .number("SELECT count(*) FROM wavegate.journal WHERE step = 'flip.done'")
            .await,
        1
    );
    let told = stage.told();
    assert!(
        told.iter()
            .any(|one| one["occasion"] == "after_step" && one["wave"] == "pilot"),
        "{told:?}"
    );
    stage.plane.close().await;
}
