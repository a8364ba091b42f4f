//! Runs a program of the plan's own, in a process group of its own: JSON on its input, its output kept up to a limit, and the whole
//! group ended when its time is over. No shell; the environment is the operator's, and a mark by which what leaves the group is found.

use std::{
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::Notify,
    task::JoinSet,
};

use crate::gates::own::{End, Ran};

/// In the environment of a program and of all that it starts.
const MARK: &str = "WAVEGATE_GATE_RUN";
/// Of both streams together; more is no answer.
const MOST: usize = 1 << 20;
/// After SIGTERM, and after the program's own end for what is still in its pipes.
const GRACE: Duration = Duration::from_secs(2);

/// Runs `run` (program and arguments) with `input` on its standard input, for at most `timeout`. Never fails: what went wrong is its end.
pub(in crate::engine) async fn run(run: &[String], input: String, timeout: Duration) -> Ran {
    let began = Instant::now();
    let output = Arc::new(Output::default());
    let marked = Marked(format!("{}-{:016x}", std::process::id(), fastrand::u64(..)));
    let end = match spawn(run, &marked) {
        Ok(child) => watch(child, input, timeout, &output).await,
        Err(why) => End::NotStarted(why),
    };
    drop(marked);
    let taken = |bytes: &Mutex<Vec<u8>>| {
        std::mem::take(&mut *bytes.lock().unwrap_or_else(PoisonError::into_inner))
    };
    Ran {
        end,
        took: began.elapsed(),
        stdout: taken(&output.stdout),
        stderr: taken(&output.stderr),
    }
}

fn spawn(run: &[String], marked: &Marked) -> Result<Child, String> {
    let (program, arguments) = run.split_first().ok_or("no program is named")?;
    Command::new(program)
        .args(arguments)
        .env(MARK, &marked.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())
}

/// What has this in its environment; whatever of it is left when this is dropped is killed. A session of its own (`setsid`) leaves
/// the group, not the environment. Linux shows it; elsewhere nobody is found.
struct Marked(String);

/// Who becomes another program at this moment shows no environment: then it is looked at again, so often and after so long.
const AGAIN: u32 = 5;
const MOMENT: Duration = Duration::from_millis(10);

impl Drop for Marked {
    fn drop(&mut self) {
        for _ in 0..AGAIN {
            if !self.kill_all() {
                break;
            }
            std::thread::sleep(MOMENT);
        }
    }
}

impl Marked {
    /// Kills what shows the mark. Is there anybody who shows nothing?
    fn kill_all(&self) -> bool {
        let mark = format!("{MARK}={}", self.0);
        let mut in_doubt = false;
        let has_mark = |environment: &[u8]| {
            let mut variables = environment.split(|byte| *byte == 0);
            variables.any(|variable| variable == mark.as_bytes())
        };
        for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let pid = process
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let Some((pid, environment)) =
                pid.zip(std::fs::read(process.path().join("environ")).ok())
            else {
                continue;
            };
            if has_mark(&environment) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
            // The kernel's own have no program.
            in_doubt |=
                environment.is_empty() && std::fs::read_link(process.path().join("exe")).is_ok();
        }
        in_doubt
    }
}

#[derive(Default)]
struct Output {
    stdout: Mutex<Vec<u8>>,
    stderr: Mutex<Vec<u8>>,
    bytes: AtomicUsize,
    too_much: Notify,
}

/// The group of a program; whatever of it is left when this is dropped is killed.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // Nobody left in it is what is wanted.
            let _ = killpg(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

async fn watch(mut child: Child, input: String, timeout: Duration, output: &Arc<Output>) -> End {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let mut group = Group(id.map(Pid::from_raw));
    let mut pipes = JoinSet::new();
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input is none the worse for it.
        pipes.spawn(async move {
            let _ = stdin.write_all(input.as_bytes()).await;
        });
    }
    if let Some(stdout) = child.stdout.take() {
        pipes.spawn(read(stdout, output.clone(), |output| &output.stdout));
    }
    if let Some(stderr) = child.stderr.take() {
        pipes.spawn(read(stderr, output.clone(), |output| &output.stderr));
    }
    let ended = tokio::select! {
        status = child.wait() => ended(status),
        () = tokio::time::sleep(timeout) => End::TimedOut(timeout),
        () = output.too_much.notified() => End::TooMuch(MOST),
    };
    if matches!(ended, End::TimedOut(_) | End::TooMuch(_)) {
        group.signal(Signal::SIGTERM);
        let _ = tokio::time::timeout(GRACE, child.wait()).await;
        return ended;
    }
    // What it started may hold the pipes open, and is ended with it; where they are closed, nobody is left.
    let closed = async { while pipes.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, closed).await.is_ok() {
        group.0 = None;
    }
    match output.bytes.load(Ordering::Relaxed) > MOST {
        true => End::TooMuch(MOST),
        false => ended,
    }
}

fn ended(status: std::io::Result<ExitStatus>) -> End {
    use std::os::unix::process::ExitStatusExt;
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => End::Code(code),
            (None, Some(signal)) => End::Signal(signal),
            (None, None) => End::NotStarted("its end is not known".to_string()),
        },
        Err(error) => End::NotStarted(error.to_string()),
    }
}

/// Keeps what comes, until both streams together are over the limit.
async fn read(
    mut pipe: impl AsyncRead + Unpin,
    output: Arc<Output>,
    into: fn(&Output) -> &Mutex<Vec<u8>>,
) {
    let mut buffer = vec![0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        if output.bytes.fetch_add(count, Ordering::Relaxed) + count > MOST {
            output.too_much.notify_one();
            return;
        }
        let mut kept = into(&output).lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..count]);
    }
}
