//! Every statement that the program sends prepares on a migrated database of either shape.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::support::{Schema, Shape, TestDb};

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "sql") {
            found.push(path);
        }
    }
}

/// Scripts and statements that PREPARE does not take: DDL, locks, the begin of a transaction.
fn is_script(path: &Path) -> bool {
    let path = path.to_str().unwrap();
    [
        "/sql/007/",
        "/sql/lab/",
        "/sql/schema/lock_ledger.sql",
        "/sql/audit/snapshot.sql",
        "/sql/relay/copy_history.sql",
    ]
    .iter()
    .any(|part| path.contains(part))
}

#[tokio::test]
async fn every_statement_prepares_on_both_shapes() {
    let mut all = Vec::new();
    files(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sql")),
        &mut all,
    );
    all.sort();
    let mut faults = Vec::new();
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        c.execute("SET search_path = public, pg_temp")
            .await
            .unwrap();
        let other = if shape == Shape::A {
            "_b.sql"
        } else {
            "_a.sql"
        };
        for path in all
            .iter()
            .filter(|path| !is_script(path) && !path.to_str().unwrap().ends_with(other))
        {
            let text = std::fs::read_to_string(path).unwrap();
            let name = path
                .strip_prefix(env!("CARGO_MANIFEST_DIR"))
                .unwrap()
                .display();
            if !text.starts_with("-- ") {
                faults.push(format!("{name}: the first line asks no question"));
            }
            if let Err(error) = prepare(&mut c, &text).await {
                faults.push(format!("{shape:?} {name}: {error}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn prepare(c: &mut PgConnection, text: &str) -> Result<(), sqlx::Error> {
    c.execute(AssertSqlSafe(format!(
        "PREPARE question AS {}",
        text.trim_end().trim_end_matches(';')
    )))
    .await?;
    c.execute("DEALLOCATE question").await.map(|_| ())
}
