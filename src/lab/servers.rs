//! A PostgreSQL and a nats-server of our own, in a temporary folder, on free ports of the loopback address.
//! Dropped, they are gone. Tests use them too.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};

use crate::error::{Context, Error, Result};

/// Folder that holds `initdb` and `postgres`, when not the newest below `/usr/lib/postgresql`.
pub const POSTGRES_BIN: &str = "WAVEGATE_POSTGRES_BIN";
/// The nats-server binary, when not the one on the PATH.
pub const NATS_SERVER: &str = "WAVEGATE_NATS_SERVER";

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A PostgreSQL cluster with superuser `postgres`, trusted on the loopback address only.
#[derive(Debug)]
pub struct Postgres {
    dir: PathBuf,
    bin: PathBuf,
    port: u16,
    child: Option<Child>,
    kept: bool,
}

impl Postgres {
    /// Makes a cluster below `dir` and starts it; `settings` are further lines of `postgresql.conf`.
    pub fn start(dir: &Path, settings: &[&str]) -> Result<Self> {
        let bin = postgres_bin()?;
        let dir = dir.join("postgres");
        fs::create_dir_all(&dir).context(format!("cannot create {}", dir.display()))?;
        open_to_ordinary_user(&dir)?;
        let output = as_ordinary_user(&mut Command::new(bin.join("initdb")))
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-locale",
                "-D",
            ])
            .arg(dir.join("data"))
            .current_dir(&dir)
            .output()
            .context("initdb did not start")?;
        if !output.status.success() {
            return Err(Error::failed(format!(
                "initdb failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )));
        }
        let port = free_port()?;
        let mut conf = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 300\n\
             fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 128MB\n\
             max_prepared_transactions = 10\nlog_min_messages = warning\nlogging_collector = off\n"
        );
        for line in settings {
            conf.push_str(line);
            conf.push('\n');
        }
        let path = dir.join("data/postgresql.auto.conf");
        fs::write(&path, conf).context(format!("cannot write {}", path.display()))?;
        let mut server = Postgres {
            dir,
            bin,
            port,
            child: None,
            kept: false,
        };
        server.resume()?;
        Ok(server)
    }

    /// Starts the server process again after `stop` or `kill`.
    pub fn resume(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.join("log"))
            .context("cannot open the log of PostgreSQL")?;
        let child = as_ordinary_user(&mut Command::new(self.bin.join("postgres")))
            .arg("-D")
            .arg(self.dir.join("data"))
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("cannot share the log")?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .context("postgres did not start")?;
        self.child = Some(child);
        let end = Instant::now() + START_TIMEOUT;
        while !self.ready() {
            let died = self
                .child
                .as_mut()
                .is_some_and(|c| matches!(c.try_wait(), Ok(Some(_))));
            if died || Instant::now() > end {
                let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(5).collect();
                return Err(Error::failed(format!(
                    "PostgreSQL did not come up: {}",
                    tail.join(" / ")
                )));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The postmaster writes `ready` into its pid file when it takes connections.
    fn ready(&self) -> bool {
        fs::read_to_string(self.dir.join("data/postmaster.pid")).is_ok_and(|text| {
            text.lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready")
        })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// A URL of one of its databases, as the superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Immediate shutdown: backends are killed, and the next start recovers from the log.
    pub fn kill(&mut self) {
        self.end(Signal::SIGQUIT);
    }

    /// Lets the server and its files live on without us.
    pub fn detach(mut self) {
        self.child = None;
        self.kept = true;
    }

    fn end(&mut self, signal: Signal) {
        if let Some(mut child) = self.child.take() {
            stop(&mut child, signal);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.kept {
            self.end(Signal::SIGQUIT);
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// A nats-server with JetStream on files.
#[derive(Debug)]
pub struct Nats {
    dir: PathBuf,
    port: u16,
    args: Vec<String>,
    child: Option<Child>,
    kept: bool,
}

impl Nats {
    /// Starts a server whose storage lies below `dir`; `args` are further arguments of nats-server.
    pub fn start(dir: &Path, args: &[&str]) -> Result<Self> {
        let dir = dir.join("nats");
        fs::create_dir_all(&dir).context(format!("cannot create {}", dir.display()))?;
        let args = args.iter().map(ToString::to_string).collect();
        let mut server = Nats {
            dir,
            port: free_port()?,
            args,
            child: None,
            kept: false,
        };
        server.resume()?;
        Ok(server)
    }

    /// Starts the server process again on the same port and storage.
    pub fn resume(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.join("log"))
            .context("cannot open the log of nats-server")?;
        let binary = std::env::var_os(NATS_SERVER).unwrap_or_else(|| "nats-server".into());
        let child = Command::new(&binary)
            .args([
                "-js",
                "-a",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-sd",
            ])
            .arg(self.dir.join("store"))
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("cannot share the log")?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|cause| {
                Error::failed(format!(
                    "nats-server did not start ({})",
                    binary.to_string_lossy()
                ))
                .because(cause)
                .hint(format!(
                    "install the package nats-server, or set {NATS_SERVER} to its binary"
                ))
            })?;
        self.child = Some(child);
        let end = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if Instant::now() > end {
                return Err(Error::failed("nats-server did not come up within 30 s"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            stop(&mut child, Signal::SIGKILL);
        }
    }

    /// Lets the server and its files live on without us.
    pub fn detach(mut self) {
        self.child = None;
        self.kept = true;
    }

    /// Throws the storage away; only while the server is down.
    pub fn forget(&self) -> Result<()> {
        let store = self.dir.join("store");
        match fs::remove_dir_all(&store) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context(format!("cannot remove {}", store.display()))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if !self.kept {
            self.kill();
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// A TCP port of the loopback address that was free a moment ago.
pub fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).context("no free port on the loopback address")?;
    Ok(listener
        .local_addr()
        .context("no address of a new listener")?
        .port())
}

fn stop(child: &mut Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().cast_signed());
    let _ = kill(pid, signal);
    let end = Instant::now() + Duration::from_secs(10);
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() > end {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn postgres_bin() -> Result<PathBuf> {
    if let Some(bin) = std::env::var_os(POSTGRES_BIN) {
        return Ok(bin.into());
    }
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    if let Some((_, bin)) = versions.pop() {
        return Ok(bin);
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .find(|dir| dir.join("initdb").exists() && dir.join("postgres").exists())
        .ok_or_else(|| {
            Error::failed("no PostgreSQL server binaries found").hint(format!(
                "install the package postgresql, or set {POSTGRES_BIN} to the folder of initdb"
            ))
        })
}

/// PostgreSQL refuses to run as root; then it runs as `postgres` or, failing that, `nobody`.
fn ordinary_user() -> Option<User> {
    if !geteuid().is_root() {
        return None;
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
}

fn as_ordinary_user(command: &mut Command) -> &mut Command {
    if let Some(user) = ordinary_user() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

fn open_to_ordinary_user(dir: &Path) -> Result<()> {
    let Some(user) = ordinary_user() else {
        return Ok(());
    };
    std::os::unix::fs::chown(dir, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
        .context(format!("cannot give {} to {}", dir.display(), user.name))?;
    use std::os::unix::fs::PermissionsExt;
    for ancestor in dir
        .ancestors()
        .skip(1)
        .filter(|a| a.starts_with(std::env::temp_dir()) && *a != std::env::temp_dir())
    {
        fs::set_permissions(ancestor, fs::Permissions::from_mode(0o755)).context(format!(
            "cannot open {} to {}",
            ancestor.display(),
            user.name
        ))?;
    }
    Ok(())
}
