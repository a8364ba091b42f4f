//! Processes of the lab: relays and workers as real processes of this very binary, and the operator's commands one at a time.
//! Each runs in a process group of its own, so that a Ctrl-C at the terminal reaches the lab alone and the order stays ours.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::error::{Context, Error, Result};

/// What every process of the lab is told by its environment: never by its arguments.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub program: PathBuf,
    /// Where commands run.
    pub dir: PathBuf,
    pub database_url: String,
    pub nats_url: String,
    pub width: u16,
}

impl Surroundings {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .current_dir(&self.dir)
            .env("DATABASE_URL", &self.database_url)
            .env("NATS_URL", &self.nats_url)
            .env("COLUMNS", self.width.to_string())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .process_group(0);
        // What the operator's own shell says about other servers must not leak in.
        for name in [
            "NATS_CONTEXT",
            "NATS_USER",
            "NATS_PASSWORD",
            "NATS_CREDS",
            "NATS_NKEY",
            "NATS_CA",
            "NATS_CERT",
            "NATS_KEY",
            "http_proxy",
            "HTTP_PROXY",
            "all_proxy",
            "ALL_PROXY",
            "no_proxy",
            "NO_PROXY",
        ] {
            command.env_remove(name);
        }
        command
    }
}

/// What a command said, and its exit code (130 where a signal ended it).
#[derive(Debug, Clone)]
pub struct CommandOutcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs one command to its end.
pub async fn run(surroundings: &Surroundings, args: &[&str]) -> Result<CommandOutcome> {
    let mut command = tokio::process::Command::from(surroundings.command(args));
    let output = command
        .kill_on_drop(true)
        .output()
        .await
        .context(format!("wavegate {} did not start", args.join(" ")))?;
    Ok(CommandOutcome {
        code: output.status.code().unwrap_or(130),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A process that runs until it is stopped; dropped, it is killed.
#[derive(Debug)]
pub struct Process {
    pub name: String,
    child: Child,
    log: PathBuf,
    kept: bool,
}

impl Process {
    /// Starts `wavegate ARGS`, its output in `logs/NAME.log`. `proxy` is the way to all HTTP endpoints.
    pub fn start(
        surroundings: &Surroundings,
        logs: &Path,
        name: &str,
        args: &[&str],
        proxy: Option<&str>,
    ) -> Result<Process> {
        fs::create_dir_all(logs).context(format!("cannot create {}", logs.display()))?;
        let log = logs.join(format!("{name}.log"));
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .context(format!("cannot write {}", log.display()))?;
        let mut command = surroundings.command(args);
        if let Some(proxy) = proxy {
            // Preflight's own endpoint listens at 127.0.0.1, and is none of the lab's.
            command
                .arg("--env-proxy")
                .env("http_proxy", proxy)
                .env("no_proxy", "127.0.0.1");
        }
        let child = command
            .stdout(file.try_clone().context("cannot share the log")?)
            .stderr(file)
            .spawn()
            .context(format!("{name} did not start"))?;
        Ok(Process {
            name: name.to_string(),
            child,
            log,
            kept: false,
        })
    }

    /// Waits for the line that says `ready`.
    pub async fn ready(&mut self, within: Duration) -> Result<()> {
        let end = Instant::now() + within;
        loop {
            let text = fs::read_to_string(&self.log).unwrap_or_default();
            if text.lines().any(|line| line.contains("ready")) {
                return Ok(());
            }
            let died = !matches!(self.child.try_wait(), Ok(None));
            if died || Instant::now() > end {
                let lines: Vec<&str> = text.lines().collect();
                let tail = lines[lines.len().saturating_sub(5)..].join(" / ");
                let what = if died {
                    "ended"
                } else {
                    "was not ready in time"
                };
                return Err(Error::failed(format!("{} {what}: {tail}", self.name)));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), signal);
    }

    /// SIGSTOP: it stands still, and so does what it holds.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Its exit code once it has ended (130 where a signal ended it).
    pub fn code(&mut self) -> Option<i32> {
        let status = self.child.try_wait().ok()??;
        Some(status.code().unwrap_or(130))
    }

    /// All that it has said.
    pub fn said(&self) -> Result<String> {
        fs::read_to_string(&self.log).context(format!("cannot read {}", self.log.display()))
    }

    /// Lives still?
    pub fn alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.end();
    }

    /// Lets it live on without us.
    pub fn detach(mut self) {
        self.kept = true;
    }

    fn end(&mut self) {
        if !self.kept {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// SIGTERM: it finishes what it holds.
    pub fn ask_to_stop(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Waits for its end; an error where it had to be killed or did not end with 0.
    pub async fn ended(mut self, within: Duration) -> Result<()> {
        let end = Instant::now() + within;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    return Err(Error::failed(format!("{} ended with {status}", self.name)));
                }
                _ if Instant::now() > end => {
                    return Err(Error::failed(format!(
                        "{} did not stop within {} s",
                        self.name,
                        within.as_secs()
                    )));
                }
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
