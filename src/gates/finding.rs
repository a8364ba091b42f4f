//! What one readiness check found. A check that could not run is a warning that says why, never ok.

use serde::Serialize;

/// How much a finding matters: the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Warn,
    /// Migrating on would lose or double events, or stop at the first step.
    Block,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Block => "block",
        }
    }
}

/// One row of `preflight`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: String,
    pub status: Status,
    pub found: String,
    pub wanted: String,
    /// What to do; empty when ok.
    pub remedy: String,
}

impl Finding {
    pub fn ok(check: &str, found: impl Into<String>, wanted: impl Into<String>) -> Self {
        Finding {
            check: check.to_string(),
            status: Status::Ok,
            found: found.into(),
            wanted: wanted.into(),
            remedy: String::new(),
        }
    }

    pub fn warn(
        check: &str,
        found: impl Into<String>,
        wanted: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding {
            check: check.to_string(),
            status: Status::Warn,
            found: found.into(),
            wanted: wanted.into(),
            remedy: remedy.into(),
        }
    }

    pub fn block(
        check: &str,
        found: impl Into<String>,
        wanted: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding {
            status: Status::Block,
            ..Finding::warn(check, found, wanted, remedy)
        }
    }

    /// The check could not run.
    pub fn is_unknown(&self) -> bool {
        self.status == Status::Warn && self.found.starts_with(UNKNOWN)
    }

    /// The check itself failed.
    pub fn unknown(check: &str, why: impl std::fmt::Display) -> Self {
        Finding::warn(
            check,
            format!("{UNKNOWN}{why}"),
            "a check that runs",
            "repair the cause, then run preflight again",
        )
    }
}

/// How a finding begins whose check could not run.
const UNKNOWN: &str = "could not be checked: ";

/// The most serious status; a list without findings is a warning, since nothing was checked.
pub fn worst(findings: &[Finding]) -> Status {
    findings
        .iter()
        .map(|finding| finding.status)
        .max()
        .unwrap_or(Status::Warn)
}
