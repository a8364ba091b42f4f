//! Where the corpus runs in tests: a database of its own on the tests' server, and a nats-server.

use std::path::PathBuf;

use wavegate::lab::{
    processes::{self, Surroundings},
    servers::Nats,
    watch::Watch,
};

use super::scene::{A, B, Ground};
use crate::support::{Schema, Shape, TestDb};

/// What a ground stands on; dropped in this order.
pub struct Servers {
    _watch: Watch,
    _nats: Nats,
    pub db: TestDb,
    _dir: tempfile::TempDir,
}

/// `database`: further words of CREATE DATABASE.
pub async fn prepare(shape: Shape, database: &str) -> (Ground, Servers) {
    let dir = tempfile::tempdir().unwrap();
    let db = match database {
        "" => TestDb::new(shape, Schema::Migrated).await,
        words => TestDb::with(shape, words).await,
    };
    let nats = Nats::start(dir.path(), &[]).unwrap();
    let ground = Ground {
        names: match shape {
            Shape::A => A,
            Shape::B => B,
        },
        surroundings: Surroundings {
            program: program(),
            dir: dir.path().to_path_buf(),
            database_url: db.url.clone(),
            nats_url: nats.url(),
            width: 200,
        },
        logs: dir.path().join("logs"),
    };
    let ensured = processes::run(&ground.surroundings, &["stream", "ensure", "--yes"])
        .await
        .unwrap();
    assert_eq!(ensured.code, 0, "{}", ensured.stderr);
    let servers = Servers {
        _watch: Watch::over(nats.pid(), dir.path()).unwrap(),
        _nats: nats,
        db,
        _dir: dir,
    };
    (ground, servers)
}

/// The program that is tried.
fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_wavegate"))
}
