//! The one error type: what was found, what was wanted, what to do.
//! It knows nothing of the rest of the crate; `ui` is the only printer.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use sqlx::postgres::PgDatabaseError;

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
    /// Ctrl-C, SIGTERM or SIGHUP.
    Interrupted,
    /// Whoever read the result went away, as `head` does.
    Unread,
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
            Kind::Unread => 141,
        }
    }
}

/// Any error that may be the cause of another.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An error with its kind, the chain of causes and what to try.
pub struct Error {
    kind: Kind,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
    /// What the command had done for good by then.
    stands: Option<Box<str>>,
    /// To be asked, not to be shown: `causes` has its words, and it may quote values of a row.
    source: Option<BoxError>,
    away: bool,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            stands: None,
            source: None,
            away: false,
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
    pub fn because(mut self, cause: impl Into<BoxError>) -> Self {
        let cause = cause.into();
        for error in chain(Some(&*cause)) {
            let text = error.to_string();
            let known =
                self.message.contains(&text) || self.causes.iter().any(|c| c.contains(&text));
            if !known {
                self.causes.push(text);
            }
            if error.is::<Error>() {
                // It has named its causes itself.
                break;
            }
        }
        self.keeps(cause)
    }

    /// Keeps a cause whose words stand in the message already.
    #[must_use]
    pub fn keeps(mut self, cause: impl Into<BoxError>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// Adds a cause in words of our own, for example one line of a difference.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.causes.push(text.into());
        self
    }

    /// The first ten of these lines, and how many more there are.
    #[must_use]
    pub fn list(self, lines: &[String]) -> Self {
        let error = lines.iter().take(10).cloned().fold(self, Error::detail);
        match lines.len() {
            0..=10 => error,
            many => error.detail(format!("and {} more", many - 10)),
        }
    }

    /// Says what the command had done for good before it ended.
    #[must_use]
    pub fn stands(mut self, what: impl Into<String>) -> Self {
        self.stands = Some(what.into().into_boxed_str());
        self
    }

    /// What was done for good, where it was not everything.
    pub fn what_stands(&self) -> Option<&str> {
        self.stands.as_deref()
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

    /// What PostgreSQL answered, if it did.
    pub fn sqlstate(&self) -> Option<&str> {
        self.answer().map(PgDatabaseError::code)
    }

    /// The whole answer of PostgreSQL, if it gave one. It may quote values of a row.
    pub fn answer(&self) -> Option<&PgDatabaseError> {
        self.driver().and_then(answer)
    }

    /// The server is away, though no driver says so: it does not answer, or takes no writes now.
    #[must_use]
    pub fn away(mut self) -> Self {
        self.away = true;
        self
    }

    /// Does waiting for the server make sense?
    pub fn is_away(&self) -> bool {
        self.away || self.driver().is_some_and(is_away)
    }

    /// Did somebody else hold a lock for too long, so that the same is worth another try?
    pub fn is_busy(&self) -> bool {
        matches!(self.sqlstate(), Some("55P03" | "40P01" | "40001"))
    }

    /// May the same succeed later, as it is? `false` only where PostgreSQL refuses a row, or nobody can read it: then a batch is
    /// worth splitting. A lock, a lost connection, a missing right, a missing table are nobody's row.
    pub fn is_temporary(&self) -> bool {
        use sqlx::Error::{ColumnDecode, Decode, Encode};
        let unreadable = matches!(
            self.driver(),
            Some(Decode(_) | ColumnDecode { .. } | Encode(_))
        );
        !unreadable && !self.sqlstate().is_some_and(blames_the_row)
    }

    /// A right, a table, a function is missing: everybody's trouble, or that of an application's trigger which only some rows meet.
    /// What is denied again and again is worth trying row by row, and is never given up: a person grants what is missing.
    pub fn is_denial(&self) -> bool {
        self.sqlstate().is_some_and(|code| code.starts_with("42"))
    }

    /// What the driver of PostgreSQL said, somewhere below.
    fn driver(&self) -> Option<&sqlx::Error> {
        chain(std::error::Error::source(self)).find_map(|error| error.downcast_ref())
    }
}

/// An error and what is below it.
fn chain<'a>(
    error: Option<&'a (dyn std::error::Error + 'static)>,
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(error, |error| error.source())
}

/// PostgreSQL cannot be reached, or it starts, stops or is full: the same may succeed in a moment.
pub fn is_away(error: &sqlx::Error) -> bool {
    let code = answer(error).map(PgDatabaseError::code);
    matches!(error, sqlx::Error::Io(_))
        || matches!(code, Some("57P03" | "57P01" | "57P02" | "53300"))
}

/// PostgreSQL's own answer.
fn answer(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
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

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("causes", &self.causes)
            .field("hints", &self.hints)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|cause| cause as _)
    }
}

/// A query that was not expected to fail; connection errors are told apart in `store`.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let Some(pooled) = pooled(&error) {
            return pooled;
        }
        let said = Error::failed("PostgreSQL did not carry out a query");
        let said = match (answer(&error), away()) {
            // Without the driver's preface and the server's line number, which is of no use to anybody who has not got its source.
            (Some(answer), _) => said.detail(answer.message()).keeps(error),
            // Why no session can be had says more than that one was waited for.
            (None, Some(why)) if matches!(error, sqlx::Error::PoolTimedOut) => {
                said.detail(why).keeps(error)
            }
            _ => said.because(error),
        };
        let routine = said.answer().and_then(PgDatabaseError::routine);
        if routine == Some("check_enable_rls") {
            // Said as a cause, so that logs have it too.
            return said
                .detail("row-level security would hide rows from this role, and what is not seen would not be delivered")
                .hint("ALTER TABLE ... DISABLE ROW LEVEL SECURITY, or NO FORCE ROW LEVEL SECURITY and let the table's owner own wavegate's views");
        }
        match said.sqlstate() {
            Some("25006") => said
                .detail("this server takes no writes: it is a standby, or default_transaction_read_only is on")
                .hint("let --database-url name the primary; `SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')` tells which it is"),
            Some("42501") => said.hint("`wavegate schema roles` prints what each role may do; the owner of the tables runs it"),
            Some("42P01" | "42703" | "42883") => said.hint("is the schema as new as this program? `wavegate schema status` shows it, `wavegate schema apply` brings it up"),
            _ => said,
        }
    }
}

/// Why no session can be had, as it was last seen; for errors that say only that one was waited for.
static AWAY: RwLock<Option<String>> = RwLock::new(None);

/// Says why PostgreSQL cannot be reached, or that it can.
pub fn set_away(why: Option<String>) {
    *AWAY.write().unwrap_or_else(PoisonError::into_inner) = why;
}

fn away() -> Option<String> {
    AWAY.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// A prepared statement that is already there, or not any more, is somebody else's: sessions are mixed up on the way.
fn pooled(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let answer = answer(error.downcast_ref()?)?;
    ["42P05", "26000"]
        .contains(&answer.code())
        .then(Error::pooled)
}

/// Is an answer with this SQLSTATE about what was asked, and not about the state of server, session, locks, tables or rights?
fn blames_the_row(sqlstate: &str) -> bool {
    const NOT_ITS_FAULT: [&str; 18] = [
        // Whole classes: connection, transaction state, login, database, schema, serialization and deadlock, operator, I/O.
        "08", "25", "28", "3D", "3F", "40", "57", "58",
        // A changed table under a prepared statement; missing rights, tables, columns, functions, objects.
        "0A000", "42501", "42P01", "42703", "42883", "42704",
        // Disk full, too many connections, too many files and the like; a lock that is held; an object in use.
        "53100", "53300", "55P03", "55006",
    ];
    !NOT_ITS_FAULT.iter().any(|code| sqlstate.starts_with(code))
}

/// Adds the context of a failure.
pub trait Context<T> {
    fn context(self, message: impl Into<String>) -> Result<T>;
}

impl<T, E: std::error::Error + Send + Sync + 'static> Context<T> for std::result::Result<T, E> {
    fn context(self, message: impl Into<String>) -> Result<T> {
        self.map_err(|cause| match pooled(&cause) {
            Some(pooled) => pooled,
            None => Error::failed(message).because(cause),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_blamed_for_what_is_about_it_alone() {
        for state in [
            "22P05", "23514", "54000", "P0001", "XX000", "53200", "22003",
        ] {
            assert!(blames_the_row(state), "{state}");
        }
        for state in [
            "08006", "57014", "57P01", "40001", "40P01", "55P03", "53100", "53300", "25006",
            "42501", "42P01",
        ] {
            assert!(!blames_the_row(state), "{state}");
        }
        let reset = || sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert!(Error::from(reset()).is_away() && Error::failed("no").because(reset()).is_away());
        assert!(
            !Error::failed("no file")
                .because(std::io::Error::other("x"))
                .is_away()
        );
        assert!(Error::from(sqlx::Error::PoolTimedOut).is_temporary());
        assert!(Error::failed("NATS is away").is_temporary());
        assert!(!Error::from(sqlx::Error::Decode("no UTF-8".into())).is_temporary());
    }
}
