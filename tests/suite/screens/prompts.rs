//! Ctrl-C and no at the prompts of commands that change webhooks, streams and schema: nothing is changed.

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{
    support::terminal::{CTRL_C, Terminal},
    support::{Schema, Shape, TestDb, TestNats},
};

/// What a change would leave in the database.
async fn traces(c: &mut PgConnection) -> String {
    sqlx::query_scalar(
        "SELECT concat_ws(' ', (SELECT string_agg(w::text, ' ' ORDER BY webhook_id) FROM wavegate.webhooks w),
                (SELECT count(*) FROM rule_nats_fences), (SELECT count(*) FROM wavegate.journal),
                (SELECT count(*) FROM wavegate.migration), (SELECT count(*) FROM wavegate.lock))",
    )
    .fetch_one(c)
    .await
    .unwrap()
}

async fn hybrid(shape: Shape) -> TestDb {
    let db = TestDb::new(shape, Schema::Migrated).await;
    let url = if shape == Shape::A {
        "url"
    } else {
        "webhook_url"
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share) VALUES ('pay', 'http://127.0.0.1:1/', 'both', true, 100)"
    );
    db.connect()
        .await
        .execute(AssertSqlSafe(insert))
        .await
        .unwrap();
    db
}

#[tokio::test]
async fn rollback_and_revert_asked_and_not_agreed_to() {
    let db = hybrid(Shape::A).await;
    let mut c = db.connect().await;
    let before = traces(&mut c).await;
    for (args, question) in [
        (vec!["rollback", "--all"], "[y/N] "),
        (
            vec!["rollback", "--webhook", "pay", "--to", "queue"],
            "[y/N] ",
        ),
        (vec!["rollback", "--all", "--level", "3"], "to go on: "),
    ] {
        for (key, code) in [(CTRL_C, 130), ("\r", 6)] {
            let mut terminal = Terminal::start(&args, &[("DATABASE_URL", &db.url)]);
            terminal.wait_for(question);
            terminal.press(key);
            assert_eq!(terminal.wait(), code, "{args:?}: {}", terminal.seen());
            assert_eq!(traces(&mut c).await, before, "{args:?} after {code}");
        }
    }
}

#[tokio::test]
async fn stream_ensure_asked_and_not_agreed_to() {
    let (db, nats) = (hybrid(Shape::B).await, TestNats::new());
    let args = ["stream", "ensure", "--stream", &nats.prefix];
    for (key, code) in [(CTRL_C, 130), ("n", 6)] {
        let env = [
            ("DATABASE_URL", db.url.as_str()),
            ("NATS_URL", nats.url.as_str()),
        ];
        let mut terminal = Terminal::start(&args, &env);
        terminal.wait_for("[y/N] ");
        terminal.press(key);
        assert_eq!(terminal.wait(), code, "{}", terminal.seen());
        let client = async_nats::connect(&nats.url).await.unwrap();
        let stream = async_nats::jetstream::new(client)
            .get_stream(&nats.prefix)
            .await;
        assert!(stream.is_err(), "the stream was made after {code}");
    }
}
