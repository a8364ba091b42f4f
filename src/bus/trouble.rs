//! Why a connection is down, and what the server refused: the client reconnects silently, and operators want the cause.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_nats::{ConnectErrorKind, Event, Server, ServerError};

use crate::error::Error;

/// The trouble of one connection, shared with the callbacks of its client.
#[derive(Clone)]
pub struct Trouble {
    place: String,
    cause: Arc<Mutex<Option<String>>>,
    denied: Arc<Mutex<Option<(Instant, String)>>>,
}

/// A refusal of longer ago explains no failure of now.
const RECENT: Duration = Duration::from_secs(15);

impl Trouble {
    pub fn new(place: &str) -> Trouble {
        Trouble {
            place: place.to_string(),
            cause: Arc::default(),
            denied: Arc::default(),
        }
    }

    /// What the server has just refused for want of a permission.
    pub fn denied(&self) -> Option<String> {
        let denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, said) = denied.as_ref()?;
        (at.elapsed() < RECENT).then(|| said.clone())
    }

    /// The last cause since the connection was up.
    pub fn cause(&self) -> Option<String> {
        self.lock().clone()
    }

    /// Credentials could not be read.
    pub fn login_failed(&self, error: &Error) {
        let causes = error.causes().iter().map(|cause| format!(": {cause}"));
        self.set(format!("{}{}", error.message(), causes.collect::<String>()));
    }

    /// Before each try: what the tries before it ended with.
    pub fn tried(&self, servers: &[Server]) {
        for server in servers.iter().filter(|server| server.failed_attempts > 0) {
            if let Some(cause) = server.last_error.as_deref().and_then(plain) {
                self.set(cause);
            }
        }
    }

    pub fn happened(&self, event: &Event) {
        match event {
            Event::Connected => *self.lock() = None,
            // An expired or revoked login ends a connection; what is not allowed does not.
            Event::ServerError(ServerError::AuthorizationViolation) => {
                self.set(ConnectErrorKind::AuthorizationViolation.to_string());
            }
            Event::ServerError(ServerError::Other(said)) => {
                if said.to_lowercase().contains("authentication") {
                    self.set(said.clone());
                } else if said.to_lowercase().contains("permissions violation") {
                    self.refused(said);
                } else {
                    tracing::warn!(place = %self.place, "NATS says: {said}");
                }
            }
            Event::ClientError(async_nats::ClientError::Other(said)) => {
                if let Some(cause) = plain(said) {
                    self.set(cause);
                }
            }
            _ => {}
        }
    }

    /// Told once for each new refusal, and again when it has been quiet.
    fn refused(&self, said: &str) {
        let known = self.denied();
        if known.as_deref() != Some(said) {
            tracing::warn!(place = %self.place, "NATS says: {said}");
        }
        *self.denied.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), said.to_string()));
    }

    /// Told once for each new cause.
    fn set(&self, cause: String) {
        let mut known = self.lock();
        if known.as_ref() != Some(&cause) {
            tracing::warn!("not connected to NATS at {}: {cause}", self.place);
            *known = Some(cause);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the client's own preface; `None` where nothing is left that says why.
fn plain(said: &str) -> Option<String> {
    let violation = ConnectErrorKind::AuthorizationViolation.to_string();
    if said.starts_with(&violation) {
        return Some(violation);
    }
    let silent = [
        ConnectErrorKind::Io,
        ConnectErrorKind::Dns,
        ConnectErrorKind::Tls,
        // What could not be read was told by `login_failed`.
        ConnectErrorKind::Authentication,
    ];
    for kind in silent {
        if let Some(rest) = said.strip_prefix(&kind.to_string()) {
            let rest = rest.trim_start_matches([':', ' ']);
            let told = kind == ConnectErrorKind::Authentication || rest.is_empty();
            return (!told).then(|| rest.to_string());
        }
    }
    Some(said.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_without_preface() {
        for (said, cause) in [
            (
                "authorization violation: nats: authorization violation",
                Some("authorization violation"),
            ),
            (
                "IO error: Connection refused (os error 111)",
                Some("Connection refused (os error 111)"),
            ),
            ("IO error", None),
            ("failed signing nonce: x", None),
            ("timed out", Some("timed out")),
        ] {
            assert_eq!(plain(said).as_deref(), cause);
        }
    }
}
