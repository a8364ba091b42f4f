//! Re-drive and what else the leader sweeps, by SQL alone.

use sqlx::{PgConnection, Row};
use wavegate::store::{Db, DbOptions, redrive};

use crate::support::{Schema, Shape, TestDb};

async fn webhook(c: &mut PgConnection, shape: Shape, name: &str, mode: &str, share: i16) -> i32 {
    let url = if shape == Shape::A {
        "url"
    } else {
        "webhook_url"
    };
    let sql = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share)
         VALUES ($1, 'http://127.0.0.1:9/', $2, $2 <> 'queue', $3) RETURNING webhook_id"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(name)
        .bind(mode)
        .bind(share)
        .fetch_one(c)
        .await
        .unwrap()
}

async fn call(c: &mut PgConnection, webhook: i32) -> String {
    sqlx::query_scalar("SELECT rule_webhook_call_unified($1, '{\"a\": 1}') ->> 'event_id'")
        .bind(webhook)
        .fetch_one(c)
        .await
        .unwrap()
}

async fn db(test: &TestDb) -> Db {
    let options = DbOptions {
        url: Some(test.url.clone()),
        ..DbOptions::default()
    };
    Db::connect(&options).await.unwrap()
}

#[tokio::test]
async fn redrive_gives_every_undelivered_event_a_due_queue_row() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let hybrid = webhook(&mut c, shape, "hybrid", "both", 100).await;
        let single = webhook(&mut c, shape, "single", "nats", 0).await;
        let other = webhook(&mut c, shape, "other", "nats", 0).await;
        let deferred = call(&mut c, hybrid).await;
        let alone = call(&mut c, single).await;
        let held = call(&mut c, single).await;
        call(&mut c, other).await;
        sqlx::query(
            "UPDATE rule_webhook_events SET state = 'claimed', claimed_by = 'w', attempt = 1, lease_until = now() + interval '1 min' WHERE event_id = $1",
        )
        .bind(&held)
        .execute(&mut c)
        .await
        .unwrap();
        let db = db(&test).await;
        let mut ours = db.pool().acquire().await.unwrap();
        let both = [hybrid, single];
        assert_eq!(
            redrive::unaccounted(&mut ours, Some(&both)).await.unwrap(),
            2
        );
        assert_eq!(
            redrive::pull_forward(&mut ours, Some(&both)).await.unwrap(),
            1
        );
        assert_eq!(
            redrive::pull_forward(&mut ours, Some(&both)).await.unwrap(),
            0
        );
        // The one with a live lease stays with its worker.
        assert_eq!(
            redrive::enqueue_undelivered(&mut ours, Some(&both))
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            redrive::enqueue_undelivered(&mut ours, Some(&both))
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            redrive::unaccounted(&mut ours, Some(&both)).await.unwrap(),
            1
        );
        let due: Vec<String> = sqlx::query_scalar(
            "SELECT e.event_id FROM wavegate.queue q JOIN rule_webhook_events e ON e.call_id = q.call_id AND e.event_id = q.event_id
             WHERE q.status = 'pending' AND q.scheduled_at <= now() AND q.two_route AND e.has_queue_row ORDER BY e.seq",
        )
        .fetch_all(&mut c)
        .await
        .unwrap();
        assert_eq!(due, [deferred, alone]);
        // Its lease ends after one attempt: it comes back as a retry, and only now is everything accounted for.
        sqlx::query("UPDATE rule_webhook_events SET lease_until = now() - interval '1 s' WHERE event_id = $1")
            .bind(&held)
            .execute(&mut c)
            .await
            .unwrap();
        // NULL means the fenced ones.
        sqlx::query("INSERT INTO rule_nats_fences (webhook_id) VALUES ($1)")
            .bind(single)
            .execute(&mut c)
            .await
            .unwrap();
        assert_eq!(
            redrive::enqueue_undelivered(&mut ours, None).await.unwrap(),
            1
        );
        assert_eq!(redrive::unaccounted(&mut ours, None).await.unwrap(), 0);
        let row = sqlx::query("SELECT status, retry_count FROM wavegate.queue WHERE event_id = $1")
            .bind(&held)
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), "retrying");
        assert_eq!(row.get::<i32, _>(1), 1);
    }
}
