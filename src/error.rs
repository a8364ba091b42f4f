//! The one error type: what was found, what was wanted, what to do.
//! It knows nothing of the rest of the crate; `ui` is the only printer.

use std::fmt;

/// The result of everything that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What an error means to the caller; each kind has one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something went wrong: a server is down, a query failed.
    Failed,
    /// Wrong arguments or a faulty plan.
    Usage,
    /// A gate said fail.
    GateFailed,
    /// Inconclusive, soaking, outside the window, unsigned: ask again later.
    NotYet,
    /// Drift, stale approval, lock held, danger: wavegate will not do it.
    Refused,
    /// The operator said no, or there was nobody to ask.
    Declined,
    /// The automatic rollback fired.
    RolledBack,
    /// Ctrl-C.
    Interrupted,
}

impl Kind {
    /// The documented process exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::GateFailed => 3,
            Kind::NotYet => 4,
            Kind::Refused => 5,
            Kind::Declined => 6,
            Kind::RolledBack => 7,
            Kind::Interrupted => 130,
        }
    }
}

/// An error with its kind, the chain of causes and what to try.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
        }
    }

    pub fn failed(message: impl Into<String>) -> Self {
        Error::new(Kind::Failed, message)
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, message)
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Error::new(Kind::Refused, message)
    }

    pub fn not_yet(message: impl Into<String>) -> Self {
        Error::new(Kind::NotYet, message)
    }

    /// A proxy that pools transactions.
    pub fn pooled() -> Self {
        Error::refused("between wavegate and PostgreSQL sits a proxy that pools transactions; wavegate needs sessions of its own, for locks and settings")
            .hint("point --database-url at PostgreSQL itself, or at a pool in session mode")
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a cause and, below it, the causes of that cause; a text that already appeared is left out.
    #[must_use]
    pub fn because(mut self, cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            let text = error.to_string();
            let known =
                self.message.contains(&text) || self.causes.iter().any(|c| c.contains(&text));
            if !known {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    /// Adds a cause in words of our own, for example one line of a difference.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.causes.push(text.into());
        self
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// A query that was not expected to fail; connection errors are told apart in `store`.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match pooled(&error) {
            Some(pooled) => pooled,
            None => Error::failed("PostgreSQL did not carry out a query").because(&error),
        }
    }
}

/// A prepared statement that is already there, or not any more, is somebody else's: sessions are mixed up on the way.
fn pooled(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let code = error
        .downcast_ref::<sqlx::Error>()?
        .as_database_error()?
        .code()?;
    ["42P05", "26000"]
        .contains(&code.as_ref())
        .then(Error::pooled)
}

/// Adds the context of a failure.
pub trait Context<T> {
    fn context(self, message: impl Into<String>) -> Result<T>;
}

impl<T, E: std::error::Error + 'static> Context<T> for std::result::Result<T, E> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.map_err(|cause| match pooled(&cause) {
            Some(pooled) => pooled,
            None => Error::failed(message).because(&cause),
        })
    }
}
