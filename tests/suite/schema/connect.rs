//! PostgreSQL that cannot be reached, will not let us in, or is not the rule engine's: one clear sentence, what to try,
//! no secret, in time. And the ways in: variables, passfile, TLS.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, PgConnection};
use wavegate::lab::{
    servers::{Postgres, free_port},
    watch::Watch,
};

use crate::{
    support::terminal::{Said, run, wavegate},
    support::{Schema, Shape, TestDb},
};

const SECRET: &str = "s3cr3t-Password";

/// `schema status` connects, and little else.
fn status(env: &[(&str, &str)]) -> Said {
    let mut command = wavegate(["schema", "status", "--connect-timeout", "1"]);
    run(command.envs(env.iter().copied()))
}

/// It failed with this code, this sentence and a hint; within the time-out; and told no secret.
fn fails(env: &[(&str, &str)], code: i32, sentence: &str, hint: &str) {
    let start = Instant::now();
    let said = status(env);
    assert_eq!(said.code, code, "{said:?}");
    let line = said.err.lines().next().unwrap_or_default();
    assert!(line.starts_with(&format!("error: {sentence}")), "{said:?}");
    assert!(said.err.contains(&format!("  try: {hint}")), "{said:?}");
    assert!(
        !said.err.contains(SECRET) && said.out.is_empty(),
        "{said:?}"
    );
    assert!(start.elapsed() < Duration::from_secs(10), "{said:?}");
}

#[test]
fn a_url_that_cannot_be_read() {
    for url in [
        "nonsense",
        "mysql://u:s3cr3t-Password@h/d",
        "postgres://u:s3cr3t-Password@h:99999/d",
    ] {
        fails(
            &[("DATABASE_URL", url)],
            2,
            "the database URL cannot be read",
            "wanted postgres://USER@HOST:PORT/DATABASE",
        );
    }
}

#[test]
fn variables_that_cannot_be_read() {
    let said = status(&[("PGPORT", "many")]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (2, "error: PGPORT says `many`; wanted a port number\n")
    );
    let said = status(&[("PGSSLMODE", "verify_full"), ("PGHOST", "127.0.0.1")]);
    assert_eq!(said.code, 2);
    assert!(
        said.err
            .contains("PGSSLMODE says `verify_full`; wanted disable"),
        "{said:?}"
    );
}

#[test]
fn a_server_that_is_down() {
    let port = free_port().unwrap();
    let url = format!("postgres://u:{SECRET}@127.0.0.1:{port}/shop");
    fails(
        &[("DATABASE_URL", &url)],
        1,
        &format!("cannot reach PostgreSQL at 127.0.0.1:{port}: "),
        "is the server running",
    );
}

#[test]
fn a_host_that_does_not_exist() {
    fails(
        &[(
            "DATABASE_URL",
            &format!("postgres://u:{SECRET}@no-such-host.invalid/shop"),
        )],
        1,
        "cannot reach PostgreSQL at no-such-host.invalid:5432",
        "is the server running",
    );
}

#[test]
fn a_listener_that_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    fails(
        &[(
            "DATABASE_URL",
            &format!("postgres://u:{SECRET}@127.0.0.1:{port}/shop"),
        )],
        1,
        &format!("cannot reach PostgreSQL at 127.0.0.1:{port}: no answer within 1 s"),
        "is the server running",
    );
}

#[tokio::test]
async fn a_database_that_does_not_exist_and_one_without_the_engine() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    fails(
        &[("DATABASE_URL", &format!("{}_not", db.url))],
        1,
        "PostgreSQL at 127.0.0.1:",
        "check the last part of --database-url",
    );
    let empty = db.url.replace(&db.name, "postgres");
    fails(
        &[("DATABASE_URL", &empty)],
        5,
        "this database has no table rule_webhooks",
        "check the database name in --database-url",
    );
}

#[tokio::test]
async fn the_ways_in_without_a_url() {
    let db = TestDb::new(Shape::B, Schema::Engine).await;
    let port = db
        .url
        .rsplit(':')
        .next()
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let variables = [
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", port),
        ("PGUSER", "postgres"),
        ("PGDATABASE", &db.name),
    ];
    let said = status(&variables);
    assert_eq!(said.code, 0, "{said:?}");
}

/// A server of this test's own that trusts `postgres` alone.
struct Strict {
    server: Postgres,
    _watch: Watch,
    dir: tempfile::TempDir,
}

impl Strict {
    /// `rule` is the line of pg_hba.conf for the role `strict`, who has a password.
    async fn start(dir: tempfile::TempDir, rule: &str, settings: &[&str]) -> Strict {
        let hba = dir.path().join("hba");
        let rules = format!("host all postgres 127.0.0.1/32 trust\n{rule}\n");
        std::fs::write(&hba, rules).unwrap();
        let hba = format!("hba_file = '{}'", hba.display());
        let mut lines = vec![hba.as_str()];
        lines.extend(settings);
        let server = Postgres::start(dir.path(), &lines).unwrap();
        let mut c = PgConnection::connect(&server.url("postgres"))
            .await
            .unwrap();
        c.execute(include_str!("../../../sql/lab/engine_a.sql"))
            .await
            .unwrap();
        // Not the default before PostgreSQL 14.
        c.execute("SET password_encryption = 'scram-sha-256'")
            .await
            .unwrap();
        let role = format!("CREATE ROLE strict LOGIN SUPERUSER PASSWORD '{SECRET}'");
        c.execute(sqlx::AssertSqlSafe(role)).await.unwrap();
        Strict {
            _watch: Watch::over(server.pid(), dir.path()).unwrap(),
            server,
            dir,
        }
    }

    fn url(&self, password: &str) -> String {
        format!(
            "postgres://strict{password}@127.0.0.1:{}/postgres",
            self.server.port()
        )
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_passfile() {
    let dir = tempfile::tempdir().unwrap();
    let db = Strict::start(dir, "host all strict 127.0.0.1/32 scram-sha-256", &[]).await;
    let place = format!("127.0.0.1:{}", db.server.port());
    let refused = format!("PostgreSQL at {place} refused the login of strict");
    let wrong = db.url(&format!(":{SECRET}-not"));
    fails(
        &[("DATABASE_URL", &wrong)],
        1,
        &refused,
        "check user and password",
    );
    assert_eq!(
        status(&[("DATABASE_URL", &db.url(&format!(":{SECRET}")))]).code,
        0
    );

    // Without a password in the URL, the passfile has it: PGPASSFILE, else ~/.pgpass.
    let url = db.url("");
    let passfile = db.dir.path().join(".pgpass");
    let port = db.server.port();
    let write = |mode, text: &str| {
        std::fs::write(&passfile, text).unwrap();
        std::fs::set_permissions(&passfile, PermissionsExt::from_mode(mode)).unwrap();
    };
    let good = format!("127.0.0.1:{port}:*:strict:{SECRET}\n");
    let named = [
        ("DATABASE_URL", url.as_str()),
        ("PGPASSFILE", passfile.to_str().unwrap()),
    ];
    write(0o600, &good);
    assert_eq!(status(&named).code, 0);
    let home = [
        ("DATABASE_URL", url.as_str()),
        ("HOME", db.dir.path().to_str().unwrap()),
    ];
    assert_eq!(status(&home).code, 0);
    let variables = [
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", &port.to_string()),
        ("PGUSER", "strict"),
        ("PGDATABASE", "postgres"),
        ("PGPASSFILE", passfile.to_str().unwrap()),
    ];
    assert_eq!(status(&variables).code, 0);
    // Open to others, or not readable: as if it were not there, and its text is not shown.
    write(0o644, &good);
    assert_eq!(status(&named).code, 1);
    write(0o600, &format!("one-field-only-{SECRET}\n"));
    let said = status(&named);
    assert_eq!(said.code, 1);
    assert!(!said.err.contains(SECRET), "{said:?}");
}

#[tokio::test]
async fn a_renewed_passfile_is_taken_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let db = Strict::start(dir, "host all strict 127.0.0.1/32 scram-sha-256", &[]).await;
    let mut root = PgConnection::connect(&db.server.url("postgres"))
        .await
        .unwrap();
    let port = db.server.port();
    let passfile = db.dir.path().join(".pgpass");
    let write = |password: &str| {
        // Another file in its place, as tools that renew secrets do it.
        let fresh = passfile.with_extension("new");
        std::fs::write(&fresh, format!("127.0.0.1:{port}:*:strict:{password}\n")).unwrap();
        std::fs::set_permissions(&fresh, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::rename(&fresh, &passfile).unwrap();
    };
    write(SECRET);
    let said = run(wavegate([
        "schema",
        "apply",
        "--yes",
        "--take-over-functions",
        "--i-have-a-backup",
    ])
    .envs([
        ("DATABASE_URL", db.url("").as_str()),
        ("PGPASSFILE", passfile.to_str().unwrap()),
    ]));
    assert_eq!(said.code, 0, "{said:?}");
    let log = db.dir.path().join("log-of-worker");
    let mut worker = Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(["worker", "--path", "queue"])
        .env("DATABASE_URL", db.url(""))
        .env("PGPASSFILE", &passfile)
        .stderr(std::fs::File::create(&log).unwrap())
        .stdin(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let alive =
        "SELECT count(*) FROM wavegate.worker WHERE seen_at > clock_timestamp() - interval '3 s'";
    let end = Instant::now() + Duration::from_secs(100);
    let mut renewed = false;
    let result = loop {
        let count: i64 = sqlx::query_scalar(alive)
            .fetch_one(&mut root)
            .await
            .unwrap();
        let text = std::fs::read_to_string(&log).unwrap();
        if count == 1 && !renewed {
            // The oldest servers would make an md5 hash, which this pg_hba.conf does not take.
            root.execute(
                "SET password_encryption = 'scram-sha-256'; ALTER ROLE strict PASSWORD 'another'",
            )
            .await
            .unwrap();
            root.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'strict'",
            )
            .await
            .unwrap();
            renewed = true;
        } else if renewed && text.contains("password authentication failed") {
            // The refusal is in the log; now the file has the new one.
            write("another");
            let before: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'strict'",
            )
            .fetch_one(&mut root)
            .await
            .unwrap();
            if before > 0 && count == 1 {
                break Ok(());
            }
        }
        if Instant::now() > end || worker.try_wait().unwrap().is_some() {
            break Err(text);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    worker.kill().unwrap();
    worker.wait().unwrap();
    result.unwrap();
}

#[tokio::test]
#[allow(clippy::print_stderr)]
async fn an_address_of_version_six() {
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("this machine has no ::1: not tested");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let settings = ["listen_addresses = '127.0.0.1,::1'"];
    let db = Strict::start(dir, "host all strict ::1/128 scram-sha-256", &settings).await;
    let place = format!("[::1]:{}", db.server.port());
    let url = format!("postgres://strict:{SECRET}@{place}/postgres");
    let said = status(&[("DATABASE_URL", &url)]);
    assert_eq!(said.code, 0, "{said:?}");
    let wrong = url.replace(SECRET, &format!("{SECRET}-not"));
    let sentence = format!("PostgreSQL at {place} refused the login of strict");
    fails(
        &[("DATABASE_URL", &wrong)],
        1,
        &sentence,
        "check user and password",
    );
}

#[test]
fn several_hosts_are_refused_in_words() {
    let url = format!("postgres://u:{SECRET}@one:5432,two:5432/shop");
    fails(
        &[("DATABASE_URL", &url)],
        2,
        "the database URL names several hosts; wavegate connects to one",
        "name the server that takes writes",
    );
}

/// A certificate of `name`, signed by our CA, as NAME.crt and NAME.key.
fn certificate(dir: &Path, name: &str, alternative: &str) {
    let openssl = |args: &str| {
        let output = Command::new("openssl")
            .args(args.split(' '))
            .current_dir(dir)
            .output()
            .unwrap();
        assert!(output.status.success(), "openssl {args}: {output:?}");
    };
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    if !dir.join("ca.crt").exists() {
        openssl(&format!(
            "req -x509 {new} -keyout ca.key -out ca.crt -days 2 -subj /CN=ca"
        ));
    }
    openssl(&format!(
        "req {new} -keyout {name}.key -out {name}.csr -subj /CN={name}"
    ));
    std::fs::write(dir.join("ext"), format!("subjectAltName={alternative}\n")).unwrap();
    openssl(&format!(
        "x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out {name}.crt -days 2 -extfile ext"
    ));
}

#[tokio::test]
#[allow(clippy::print_stderr)]
async fn tls_with_an_authority_and_a_client_certificate() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("openssl is not installed: TLS not tested");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_owned();
    certificate(&path, "server", "IP:127.0.0.1");
    certificate(&path, "strict", "DNS:strict");
    certificate(&path, "mallory", "DNS:mallory");
    // The server runs as an ordinary user and wants its key to itself.
    let key = path.join("server.key");
    if let (true, Ok(Some(user))) = (
        nix::unistd::geteuid().is_root(),
        nix::unistd::User::from_name("postgres"),
    ) {
        std::os::unix::fs::chown(&key, Some(user.uid.as_raw()), None).unwrap();
    }
    let file = |name: &str| path.join(name).to_str().unwrap().to_string();
    let settings = [
        "ssl = on".to_string(),
        format!("ssl_ca_file = '{}'", file("ca.crt")),
        format!("ssl_cert_file = '{}'", file("server.crt")),
        format!("ssl_key_file = '{}'", file("server.key")),
    ];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let db = Strict::start(dir, "hostssl all strict 127.0.0.1/32 cert", &settings).await;
    let (url, ca) = (db.url(""), file("ca.crt"));
    let with = |cert: &str, url: &str| {
        status(&[
            ("DATABASE_URL", url),
            ("WAVEGATE_DATABASE_CA", &ca),
            ("WAVEGATE_DATABASE_CERT", &file(&format!("{cert}.crt"))),
            ("WAVEGATE_DATABASE_KEY", &file(&format!("{cert}.key"))),
        ])
    };
    let said = with("strict", &url);
    assert_eq!(said.code, 0, "{said:?}");
    // Somebody else's certificate, none, a name that the server's certificate does not bear, an authority that did not sign.
    let said = with("mallory", &url);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("refused the login of strict"), "{said:?}");
    let said = status(&[("DATABASE_URL", &url), ("WAVEGATE_DATABASE_CA", &ca)]);
    assert_eq!(said.code, 1, "{said:?}");
    let said = with("strict", &url.replace("127.0.0.1", "localhost"));
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("certificate"), "{said:?}");
    let said = status(&[
        ("DATABASE_URL", &url),
        ("WAVEGATE_DATABASE_CA", &file("mallory.crt")),
    ]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("certificate"), "{said:?}");
    // A file that is not there is named.
    let said = status(&[
        ("DATABASE_URL", &url),
        ("WAVEGATE_DATABASE_CA", "/nonexistent/ca.crt"),
    ]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("/nonexistent/ca.crt"), "{said:?}");
}
