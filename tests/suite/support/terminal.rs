//! The binary as people and pipelines run it: with a clean environment, in a pipe or at a real terminal.

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// wavegate with nothing of the developer's own environment.
pub fn wavegate<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wavegate"));
    command.args(args).stdin(Stdio::null());
    clean(&mut command);
    command
}

fn clean(command: &mut Command) {
    command.env_clear();
    for name in ["PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // No passfile, no NATS contexts.
    command.env("HOME", "/nonexistent").env("COLUMNS", "80");
}

/// What a finished process left.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn run(command: &mut Command) -> Said {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Said {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// wavegate at a pseudo-terminal, made by `script` of util-linux.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    seen: Arc<Mutex<String>>,
}

impl Terminal {
    /// `env` comes on top of a clean environment. The arguments must be plain words.
    pub fn start(args: &[&str], env: &[(&str, &str)]) -> Terminal {
        let mut line = env!("CARGO_BIN_EXE_wavegate").to_string();
        for arg in args {
            assert!(!arg.contains(['\'', '\n']), "{arg}");
            line.push_str(&format!(" '{arg}'"));
        }
        let mut command = Command::new("script");
        command.args(["-qefc", &line, "/dev/null"]);
        clean(&mut command);
        let mut child = command
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script (util-linux) is needed for a terminal");
        let seen = Arc::new(Mutex::new(String::new()));
        let (mut out, sink) = (child.stdout.take().unwrap(), seen.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = out.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..n]);
                sink.lock().unwrap().push_str(&text);
            }
        });
        Terminal {
            keys: child.stdin.take().unwrap(),
            child,
            seen,
        }
    }

    pub fn seen(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    /// The process id of wavegate itself, below `script` and its shell.
    pub fn wavegate(&self) -> u32 {
        let mut pid = self.child.id();
        loop {
            let path = format!("/proc/{pid}/task/{pid}/children");
            let children = std::fs::read_to_string(path).unwrap_or_default();
            match children.split_whitespace().next() {
                Some(child) => pid = child.parse().unwrap(),
                None => return pid,
            }
        }
    }

    /// Waits until `text` was shown.
    pub fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.seen().contains(text) {
            let over = self.child.try_wait().unwrap().is_some();
            assert!(
                Instant::now() < end && !over,
                "no `{text}` in:\n{}",
                self.seen()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The exit code of wavegate.
    pub fn wait(&mut self) -> i32 {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < end, "still running:\n{}", self.seen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub const CTRL_C: &str = "\x03";
