//! One pool of connections. The one place that says what every session of ours relies on: where names are looked up, how values are
//! read, how long a statement may take (`sql/session`).

use std::{borrow::Cow, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::error::{self, Error, Result};

use super::{
    Shape, database_url, pooler,
    reach::{Reach, Signs},
    renewal::Renewal,
};

/// Sessions of `Db::in_order`: reading, marking, looking, publishing again and logging.
const IN_ORDER: u32 = 6;

/// How to reach PostgreSQL; what is `None` comes from libpq's variables and the passfile.
#[derive(Debug, Clone, Default)]
pub struct DbOptions {
    pub url: Option<String>,
    pub tls_ca: Option<std::path::PathBuf>,
    pub tls_cert: Option<std::path::PathBuf>,
    pub tls_key: Option<std::path::PathBuf>,
    /// How long to wait for a connection.
    pub timeout: Option<Duration>,
    /// Most connections held at once; 8 where `None`.
    pub pool: Option<u32>,
    /// For the data plane, whose statements are about a batch of rows: the planner is told that pages are cached, or it reads a
    /// table of some ten thousand rows for each batch (`random_page_cost`). It waits for a lock for two seconds at most.
    pub batches: bool,
    /// Nobody sits before it, and others are there to take over: stopped in the middle of a transaction, it holds nobody up for long.
    pub unattended: bool,
    /// What is committed may be forgotten by a crash of PostgreSQL a moment later: for who does it again then.
    pub forgetful: bool,
    /// What this process does, for `pg_stat_activity`; `wavegate` and this word are the session's name.
    pub does: Option<&'static str>,
}

/// The rule engine's database.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    in_order: PgPool,
    shape: Shape,
    settings: String,
    timeout: Duration,
    /// Ends with the last clone.
    _renewal: Arc<(Renewal, Option<Reach>)>,
}

impl Db {
    /// Connects and recognises the shape.
    pub async fn connect(options: &DbOptions) -> Result<Db> {
        let connect = connect_options(options)?;
        let timeout = options.timeout.unwrap_or(Duration::from_secs(5));
        let mut first = tokio::time::timeout(timeout, connect.connect())
            .await
            .map_err(|_| {
                unreachable_server(
                    &connect,
                    &format!("no answer within {} s", timeout.as_secs()),
                )
                .away()
            })?
            .map_err(|error| connect_error(&connect, error))?;
        let shape = tokio::time::timeout(timeout, recognise(&mut first, options))
            .await
            .map_err(|_| {
                unreachable_server(
                    &connect,
                    &format!(
                        "logged in, but no answer to the first query within {} s",
                        timeout.as_secs()
                    ),
                )
                .away()
            })??;
        let prepare = settings(options);
        let in_order = format!(
            "{prepare}; {}",
            include_str!("../../sql/relay/in_order.sql")
        );
        let signs = Signs::new();
        let pool = |sessions: u32, prepare: String| {
            let (opened, back) = (signs.clone(), signs.clone());
            PgPoolOptions::new()
                .max_connections(sessions)
                .acquire_timeout(timeout)
                .after_connect(move |connection, _| {
                    let (prepare, opened) = (prepare.clone(), opened.clone());
                    Box::pin(async move {
                        connection.execute(AssertSqlSafe(prepare)).await?;
                        opened.of_life();
                        Ok(())
                    })
                })
                .after_release(move |_, _| {
                    back.of_life();
                    Box::pin(std::future::ready(Ok(true)))
                })
                .connect_lazy_with(connect.clone())
        };
        let (pool, in_order) = (
            pool(options.pool.unwrap_or(8), prepare.clone()),
            pool(IN_ORDER, in_order),
        );
        // The second session is one that the pool opens anyway.
        let apart = async { pooler::refuse(&mut first, &mut *pool.acquire().await?).await };
        tokio::time::timeout(timeout, apart).await.map_err(|_| {
            unreachable_server(
                &connect,
                &format!(
                    "logged in, but two sessions got no answers within {} s",
                    timeout.as_secs()
                ),
            )
        })??;
        let fresh = {
            let options = options.clone();
            move || connect_options(&options)
        };
        let renewal = Renewal::start(fresh.clone(), vec![pool.clone(), in_order.clone()]);
        let reach = options.batches.then(|| Reach::start(fresh, signs));
        Ok(Db {
            pool,
            in_order,
            shape,
            settings: prepare,
            timeout,
            _renewal: Arc::new((renewal, reach)),
        })
    }

    /// A session that no pool has: the pool's sessions know the statements that they have run.
    pub async fn apart(&self) -> std::result::Result<PgConnection, sqlx::Error> {
        let open = async {
            let mut session = self.pool.connect_options().connect().await?;
            session
                .execute(AssertSqlSafe(self.settings.clone()))
                .await?;
            Ok(session)
        };
        tokio::time::timeout(self.timeout, open)
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Sessions whose statements go along the indexes, in the order asked for, whatever the planner expects: left to itself it guesses
    /// a backlog small, and sorts all of it for each batch. None is opened before it is asked for.
    pub fn in_order(&self) -> &PgPool {
        &self.in_order
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// A statement in which `{schema}` stands for the engine's schema: for the tables that have no view of ours. All other names
    /// are found on the search path of our sessions.
    pub fn qualified(&self, statement: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.shape.qualified(statement))
    }
}

/// One script, so that every session of the pool costs one round trip: the path first, so that the rest is looked up along it.
fn settings(options: &DbOptions) -> String {
    // The data plane makes way: whoever holds a lock longer delays what he holds, and nothing else. Its transactions last
    // milliseconds, and it reads what it asks for at once; a command may be stopped for a while, or print to a pager.
    let (lock_timeout, idle_timeout, unread_timeout) = match (options.batches, options.unattended) {
        (true, _) => ("2s", "5s", "15s"),
        (false, true) => ("0", "5s", "15s"),
        (false, false) => ("0", "60s", "0"),
    };
    let settings = include_str!("../../sql/session/settings.sql")
        .replace("{batches}", &options.batches.to_string())
        .replace("{forgetful}", &options.forgetful.to_string())
        .replace("{lock_timeout}", lock_timeout)
        .replace("{idle_timeout}", idle_timeout)
        .replace("{unread_timeout}", unread_timeout);
    format!("{PATH};\n{settings}")
}

const PATH: &str = include_str!("../../sql/session/path.sql");

/// In a session that resolves names as all of ours do; only the schemas that the role itself would look in are remembered.
async fn recognise(connection: &mut PgConnection, options: &DbOptions) -> Result<Shape> {
    let (looked_in, _): (Vec<String>, String) =
        sqlx::query_as(PATH).fetch_one(&mut *connection).await?;
    connection.execute(AssertSqlSafe(settings(options))).await?;
    Shape::recognise(connection, &looked_in).await
}

/// sqlx falls back silently where libpq refuses; for PGSSLMODE that would mean less security than asked for.
fn check_variables(options: &DbOptions) -> Result<()> {
    let unreadable = |name: &str, reads: fn(&str) -> bool, wanted: &str| match std::env::var(name) {
        Ok(value) if !reads(&value) => Err(Error::usage(format!(
            "{name} says `{value}`; wanted {wanted}"
        ))),
        _ => Ok(()),
    };
    unreadable(
        "PGSSLMODE",
        |value| value.parse::<PgSslMode>().is_ok(),
        "disable, allow, prefer, require, verify-ca or verify-full",
    )?;
    if options.url.is_none() {
        unreadable(
            "PGPORT",
            |value| value.parse::<u16>().is_ok(),
            "a port number",
        )?;
    }
    Ok(())
}

/// What one attempt to connect says now; `None` where it succeeds.
pub(super) async fn why_away(options: &PgConnectOptions, timeout: Duration) -> Option<String> {
    match tokio::time::timeout(timeout, options.connect()).await {
        Ok(Ok(session)) => {
            let _ = sqlx::Connection::close(session).await;
            None
        }
        Ok(Err(error)) => Some(connect_error(options, error).to_string()),
        Err(_) => Some(format!("no answer within {} s", timeout.as_secs())),
    }
}

fn connect_options(options: &DbOptions) -> Result<PgConnectOptions> {
    check_variables(options)?;
    let mut connect = match &options.url {
        Some(url) => database_url::read(url)?,
        None => PgConnectOptions::new(),
    };
    let files = [
        (&options.tls_ca, "CA certificate"),
        (&options.tls_cert, "client certificate"),
        (&options.tls_key, "key of the client certificate"),
    ];
    for (file, what) in files {
        if let Some(path) = file {
            std::fs::File::open(path).map_err(|cause| {
                Error::usage(format!("cannot read the {what} {}", path.display())).because(cause)
            })?;
        }
    }
    if let Some(ca) = &options.tls_ca {
        connect = connect.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(ca);
    }
    if let Some(cert) = &options.tls_cert {
        connect = connect.ssl_client_cert(cert);
    }
    if let Some(key) = &options.tls_key {
        connect = connect.ssl_client_key(key);
    }
    Ok(connect
        .application_name(&match options.does {
            Some(does) => format!("wavegate {does}"),
            None => "wavegate".to_string(),
        })
        .disable_statement_logging())
}

fn connect_error(options: &PgConnectOptions, error: sqlx::Error) -> Error {
    let at = |what: &str| Error::failed(format!("PostgreSQL at {} {what}", place(options)));
    let code = error.as_database_error().and_then(|db| db.code());
    match (code.map(Cow::into_owned).as_deref(), &error) {
        (Some("28P01" | "28000"), _) => at(&format!("refused the login of {}", options.get_username()))
            .because(error)
            .hint("check user and password: --database-url, PGUSER, PGPASSWORD or the passfile (only its owner may read it: chmod 600)"),
        (Some("3D000"), _) => at(&format!("has no database {}", options.get_database().unwrap_or("")))
            .hint("check the last part of --database-url, or PGDATABASE")
            .keeps(error),
        (Some(_), _) if error::is_away(&error) => at("takes no connection now").because(error),
        (Some(_), _) => at("refused the connection").because(error),
        // Without the driver's own preface.
        (None, sqlx::Error::Io(cause)) => unreachable_server(options, &cause.to_string()).keeps(error),
        (None, sqlx::Error::Tls(cause)) => unreachable_server(options, &format!("TLS: {cause}")).keeps(error),
        (None, other) => unreachable_server(options, &other.to_string()).keeps(error),
    }
}

fn unreachable_server(options: &PgConnectOptions, why: &str) -> Error {
    Error::failed(format!(
        "cannot reach PostgreSQL at {}: {why}",
        place(options)
    ))
    .hint(
        "is the server running, and does --database-url (or DATABASE_URL, PGHOST, PGPORT) name it?",
    )
}

fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None if options.get_host().contains(':') => {
            format!("[{}]:{}", options.get_host(), options.get_port())
        }
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}
