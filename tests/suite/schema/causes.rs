//! An error keeps its cause. What PostgreSQL answered is asked there, whatever sentence stands above it; values are never shown.

use std::error::Error as _;

use sqlx::{Executor, PgConnection};
use wavegate::{
    error::{Context, Error},
    store::{Db, DbOptions},
};

use crate::support::{Schema, Shape, TestDb};

async fn refused(c: &mut PgConnection, sql: &'static str) -> sqlx::Error {
    c.execute(sql).await.unwrap_err()
}

#[tokio::test]
async fn the_answer_of_postgresql_is_known_behind_any_sentence() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = test.connect().await;

    let error = Error::from(refused(&mut c, "SELECT * FROM no_such_table").await);
    assert_eq!(error.sqlstate(), Some("42P01"));
    assert!(error.is_denial() && error.is_temporary() && !error.is_away());

    let cause = refused(&mut c, "SELECT 1 / 0").await;
    let said = format!("no sum: {cause}");
    let error = Err::<(), _>(cause).context("no sum").unwrap_err();
    assert_eq!(error.sqlstate(), Some("22012"));
    assert!(!error.is_temporary());
    assert_eq!(error.to_string(), said);
    // As the cause of another error it is said once, and known all the same.
    let outer = Error::failed("no report").because(error);
    assert_eq!(outer.to_string(), format!("no report: {said}"));
    assert_eq!(outer.sqlstate(), Some("22012"));

    let options = DbOptions {
        url: Some(format!("{}_gone", test.url)),
        ..DbOptions::default()
    };
    let error = Db::connect(&options).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("3D000"), "{error}");
    assert!(!error.is_away());
}

#[tokio::test]
async fn what_a_row_held_is_in_the_cause_alone() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = test.connect().await;
    c.execute("CREATE TEMP TABLE shut (word text CHECK (word = ''))")
        .await
        .unwrap();
    let cause = refused(&mut c, "INSERT INTO shut VALUES ('s3cr3t-Password')").await;
    assert!(format!("{cause:?}").contains("s3cr3t"));
    let error = Error::failed("nothing was written").because(Error::from(cause));
    let source = error.source().unwrap();
    for shown in [
        format!("{error}"),
        format!("{error:?}"),
        format!("{source:?}"),
    ] {
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
    assert_eq!(error.sqlstate(), Some("23514"));
}
