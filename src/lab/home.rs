//! The folder of a lab that stays up: which processes belong to it, and how to take exactly those down again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid},
};
use serde::{Deserialize, Serialize};

use super::servers::{Nats, Postgres};
use crate::error::{Context, Error, Result};

const MARKER: &str = "lab.json";

/// A process that was left running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    pub name: String,
    pub pid: u32,
}

/// What `lab.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    pub dir: PathBuf,
    pub shape: String,
    pub seed: u64,
    pub database_url: String,
    pub nats_url: String,
    pub receiver_url: Option<String>,
    pub residents: Vec<Resident>,
}

/// Where a lab stands unless `--dir` says otherwise: one a user.
pub fn default_dir() -> PathBuf {
    std::env::temp_dir().join(format!("wavegate-lab-{}", geteuid()))
}

/// Makes the folder, which must not exist or be empty.
pub fn claim(dir: &Path) -> Result<PathBuf> {
    if dir.join(MARKER).exists() {
        return Err(
            Error::refused(format!("a lab stands in {} already", dir.display())).hint(format!(
                "take it down with `wavegate lab down --dir {}`",
                dir.display()
            )),
        );
    }
    fs::create_dir_all(dir).context(format!("cannot create {}", dir.display()))?;
    let dir = dir
        .canonicalize()
        .context(format!("cannot find {}", dir.display()))?;
    let mut entries = fs::read_dir(&dir).context(format!("cannot read {}", dir.display()))?;
    if entries.next().is_some() {
        return Err(Error::refused(format!("{} is not empty", dir.display()))
            .hint("name a folder of the lab's own with --dir"));
    }
    Ok(dir)
}

impl Home {
    /// Lets the servers live on without us, and writes down who they are.
    pub fn settle(mut self, postgres: Postgres, nats: Nats) -> Result<Home> {
        for (name, pid) in [("nats-server", nats.pid()), ("postgres", postgres.pid())] {
            if let Some(pid) = pid {
                self.residents.push(Resident {
                    name: name.to_string(),
                    pid,
                });
            }
        }
        let text = serde_json::to_string_pretty(&self).context("cannot write the marker")?;
        let path = self.dir.join(MARKER);
        fs::write(&path, text).context(format!("cannot write {}", path.display()))?;
        nats.detach();
        postgres.detach();
        Ok(self)
    }

    /// Reads the marker of a lab that was left up.
    pub fn open(dir: &Path) -> Result<Home> {
        let path = dir.join(MARKER);
        let text = fs::read_to_string(&path).map_err(|cause| {
            Error::refused(format!("there is no lab in {}", dir.display()))
                .because(cause)
                .hint("`wavegate lab up` starts one; --dir names its folder")
        })?;
        let home: Home =
            serde_json::from_str(&text).context(format!("{} is damaged", path.display()))?;
        if home.dir.canonicalize().ok() != dir.canonicalize().ok() {
            return Err(Error::refused(format!(
                "{} belongs to a lab in {}",
                path.display(),
                home.dir.display()
            )));
        }
        Ok(home)
    }

    /// Stops the processes that are still this lab's and removes its folder; the names of those that it stopped.
    pub fn take_down(self) -> Result<Vec<String>> {
        let mut stopped = Vec::new();
        for resident in &self.residents {
            // The pid may be somebody else's by now: only a process that has our folder among its arguments is ours.
            if !works_in(resident.pid, &self.dir) {
                continue;
            }
            end(resident.pid, &self.dir);
            stopped.push(format!("{} ({})", resident.name, resident.pid));
        }
        fs::remove_dir_all(&self.dir).context(format!("cannot remove {}", self.dir.display()))?;
        Ok(stopped)
    }
}

fn works_in(pid: u32, dir: &Path) -> bool {
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_else(|_| {
        std::process::Command::new("ps")
            .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
            .output()
            .map(|output| output.stdout)
            .unwrap_or_default()
    });
    String::from_utf8_lossy(&arguments).contains(&*dir.to_string_lossy())
}

fn end(pid: u32, dir: &Path) {
    let target = Pid::from_raw(pid.cast_signed());
    // SIGINT is PostgreSQL's fast shutdown, and a plain end for the others.
    let _ = kill(target, Signal::SIGINT);
    let deadline = Instant::now() + Duration::from_secs(10);
    while works_in(pid, dir) {
        if Instant::now() > deadline {
            let _ = kill(target, Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
