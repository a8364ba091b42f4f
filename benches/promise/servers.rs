//! A PostgreSQL and a nats-server for one proof, as durable as in production, with what the tried program itself installs.

use std::path::PathBuf;

use sqlx::{Connection, Executor, PgConnection};
use wavegate::lab::{
    processes::{self, Surroundings},
    servers::{Nats, Postgres},
    watch::Watch,
};

use crate::{
    COPIES,
    common::option,
    scene::{A, Ground, Scene},
};

/// Dropped in this order.
pub struct Servers {
    _watches: Vec<Watch>,
    _nats: Nats,
    _postgres: Postgres,
    _dir: tempfile::TempDir,
}

const DURABLE: &[&str] = &[
    "fsync = on",
    "synchronous_commit = on",
    "full_page_writes = on",
];

/// `database`: further words of CREATE DATABASE. `copies`: healthy webhooks in each mode.
pub async fn stage(database: &str, copies: usize) -> (Scene, Servers) {
    let dir = tempfile::tempdir().unwrap();
    let postgres = Postgres::start(dir.path(), DURABLE).unwrap();
    let nats = Nats::start(dir.path(), &[]).unwrap();
    let mut admin = PgConnection::connect(&postgres.url("postgres"))
        .await
        .unwrap();
    let create = format!("CREATE DATABASE promise {database}");
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    let url = postgres.url("promise");
    let mut sql = PgConnection::connect(&url).await.unwrap();
    sql.execute(include_str!("../../sql/lab/engine_a.sql"))
        .await
        .unwrap();
    let ground = Ground {
        names: A,
        surroundings: Surroundings {
            program: program(),
            dir: dir.path().to_path_buf(),
            database_url: url,
            nats_url: nats.url(),
            width: 200,
        },
        logs: dir.path().join("logs"),
    };
    let install: [&[&str]; 2] = [
        &[
            "schema",
            "apply",
            "--i-have-a-backup",
            "--take-over-functions",
            "--yes",
        ],
        &["stream", "ensure", "--yes"],
    ];
    for args in install {
        let done = processes::run(&ground.surroundings, args).await.unwrap();
        assert_eq!(done.code, 0, "{args:?}: {} {}", done.stdout, done.stderr);
    }
    let servers = Servers {
        _watches: vec![
            Watch::over(nats.pid(), dir.path()).unwrap(),
            Watch::over(postgres.pid(), dir.path()).unwrap(),
        ],
        _nats: nats,
        _postgres: postgres,
        _dir: dir,
    };
    (Scene::new(ground, &[], copies).await, servers)
}

pub async fn ordinary() -> (Scene, Servers) {
    stage("", COPIES).await
}

/// The program that is tried: `--program FILE`, or this build's own.
fn program() -> PathBuf {
    let own = env!("CARGO_BIN_EXE_wavegate").to_string();
    PathBuf::from(option("program", own))
}
