//! A database that version 83da30c installed, in mid-migration, is brought up by `schema apply` under traffic, and loses nothing.
//! `fixtures/83da30c_{a,b}.sql` is such a database, dumped: webhooks in queue, both and nats, one taken back and fenced, and events in
//! every state, some claimed by workers that are gone.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{AssertSqlSafe, Executor};

use crate::{
    support::plane::Plane,
    support::{Schema, Shape, TestDb},
};

async fn old(shape: Shape) -> Plane {
    let db = TestDb::new(shape, Schema::Engine).await;
    let mut c = db.connect().await;
    let dump = match shape {
        Shape::A => include_str!("fixtures/83da30c_a.sql"),
        Shape::B => include_str!("fixtures/83da30c_b.sql"),
    };
    c.execute(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC",
    )
    .await
    .unwrap();
    c.execute(dump).await.unwrap();
    Plane::on(db, shape).await
}

#[tokio::test]
async fn a_database_of_the_version_before_is_brought_up_under_traffic_and_delivers_everything_once()
{
    for shape in [Shape::A, Shape::B] {
        let mut plane = old(shape).await;
        let receiver = plane.receiver.url.clone();
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET {url} = replace({url}, 'http://receiver.invalid', '{receiver}')"
            ))
            .await;
        // What this program cannot serve yet it refuses, and says what to do.
        for command in [&["relay"][..], &["worker"], &["worker", "--path", "queue"]] {
            let said = plane.command(command).await;
            assert_eq!(said.code, 5, "{said:?}");
            assert!(
                said.err.contains("schema version 1") && said.err.contains("wavegate schema apply"),
                "{said:?}"
            );
        }

        let stop = Arc::new(AtomicBool::new(false));
        let mut caller = plane.db.connect().await;
        let traffic = tokio::spawn({
            let stop = stop.clone();
            async move {
                let mut n = 0;
                while !stop.load(Ordering::Relaxed) {
                    let call = format!(
                        "SELECT rule_webhook_enqueue({}, '{{\"n\": {n}}}')",
                        n % 6 + 1
                    );
                    caller.execute(AssertSqlSafe(call)).await.unwrap();
                    n += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                n
            }
        });
        let said = plane
            .command(&["schema", "apply", "--yes", "--i-have-a-backup"])
            .await;
        assert_eq!(said.code, 0, "{said:?}");
        stop.store(true, Ordering::Relaxed);
        assert!(traffic.await.unwrap() > 0);
        let said = plane.command(&["schema", "verify"]).await;
        assert_eq!(said.code, 0, "{said:?}");
        let again = plane.command(&["schema", "apply", "--yes"]).await;
        assert!(again.err.contains("nothing to do"), "{again:?}");
        assert_eq!(
            plane
                .number("SELECT version::bigint FROM wavegate.schema_version")
                .await,
            6
        );
        // The wrapped functions of the engine go on, and are not wrapped twice.
        let own = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'engine\\_rule%' AND prosrc LIKE '%wavegate.%'";
        assert_eq!(plane.number(own).await, 0);
        plane.run("SELECT rule_webhook_call_status(c.call_id::int), rule_webhook_retry(c.call_id::int) FROM wavegate.queue c WHERE status = 'success'").await;

        let dead = plane
            .number("SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'dead') + (SELECT count(*) FROM wavegate.queue WHERE status = 'failed' AND event_id IS NOT NULL AND two_route IS NULL)")
            .await;
        assert!(dead > 0);
        let _relay = plane.relay().await;
        let _worker = plane.worker("both").await;
        plane
            .until(
                60,
                "SELECT count(*) FROM rule_webhook_events WHERE NOT ended",
                0,
            )
            .await;
        plane
            .until(
                60,
                "SELECT count(*) FROM wavegate.queue WHERE status NOT IN ('success', 'failed')",
                0,
            )
            .await;
        let after = plane
            .number("SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'dead') + (SELECT count(*) FROM wavegate.queue WHERE status = 'failed' AND event_id IS NOT NULL AND two_route IS NULL)")
            .await;
        assert_eq!(after, dead);
        let twice: BTreeMap<String, usize> = plane
            .receiver
            .successes()
            .into_iter()
            .filter(|(_, times)| *times > 1)
            .collect();
        assert!(twice.is_empty(), "{twice:?}");
        let said = plane.command(&["audit"]).await;
        assert_eq!(said.code, 0, "{said:?}");
    }
}
