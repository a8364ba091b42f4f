//! What ends this process from outside. Ctrl-C, SIGTERM and SIGHUP mean the same everywhere: end in order.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Context, Error, Kind, Result};

/// Which one it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Interrupt,
    Terminate,
    HangUp,
}

impl Ending {
    pub fn name(self) -> &'static str {
        match self {
            Ending::Interrupt => "SIGINT",
            Ending::Terminate => "SIGTERM",
            Ending::HangUp => "SIGHUP",
        }
    }

    /// The error of a command that ends by it.
    pub fn error(self, what: &str) -> Error {
        let by = match self {
            Ending::Interrupt => String::new(),
            other => format!(" by {}", other.name()),
        };
        Error::new(Kind::Interrupted, format!("interrupted{by}{what}"))
    }
}

/// From the moment it exists, none of the signals ends the process by itself.
pub struct Endings {
    interrupt: Signal,
    terminate: Signal,
    /// `None` under `nohup`, which asks us to outlive the terminal.
    hang_up: Option<Signal>,
}

impl Endings {
    pub fn listen() -> Result<Endings> {
        let hear = |kind| signal(kind).context("cannot listen to signals");
        Ok(Endings {
            interrupt: hear(SignalKind::interrupt())?,
            terminate: hear(SignalKind::terminate())?,
            hang_up: match hang_up_is_ignored() {
                true => None,
                false => Some(hear(SignalKind::hangup())?),
            },
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Ending {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Ending::Interrupt,
            _ = self.terminate.recv() => Ending::Terminate,
            _ = hang_up => Ending::HangUp,
        }
    }
}

/// Listening would undo what `nohup` did. Without `/proc` nobody can be asked, and we listen.
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, SignalKind::hangup())
}

fn ignores(status: &str, kind: SignalKind) -> bool {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    mask & (1 << (kind.as_raw_value() - 1)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nohup_ignores_stays_ignored() {
        let of = |mask: &str| ignores(&format!("Pid:\t7\nSigIgn:\t{mask}\n"), SignalKind::hangup());
        assert!(of("0000000000000001"));
        assert!(!of("0000000000001000"));
        assert!(!ignores("", SignalKind::hangup()));
    }
}
