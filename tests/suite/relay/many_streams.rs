//! Several configs and streams at once, subjects and configs that change between events, callers' own ids, and transactions
//! that are taken back in part or end much later.

use futures::future::join_all;
use sqlx::{AssertSqlSafe, Executor};
use wavegate::{
    bus,
    model::{ConsumerDefinition, StreamDefinition},
};

use crate::{support::Shape, support::plane::Plane};

#[tokio::test]
async fn each_config_has_its_own_stream_relay_and_workers() {
    let mut plane = Plane::new(Shape::B).await;
    plane
        .run("SELECT rule_nats_configure('second', p_stream_name => 'SECOND', p_subject_prefix => 'second')")
        .await;
    let bus = plane.bus().await;
    let wanted = StreamDefinition::safe("SECOND", vec!["second.>".into()]);
    bus::ensure_stream(&bus, &wanted).await.unwrap();
    let durable = ConsumerDefinition::new(ConsumerDefinition::NAME);
    bus::ensure_consumer(&bus, "SECOND", &durable)
        .await
        .unwrap();
    let first = plane.webhook("ok", "nats", 0).await;
    let second = plane.webhook("ok", "both", 100).await;
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET nats_config_id = c.config_id, nats_subject = 'second.' || webhook_id
             FROM rule_nats_config c WHERE c.config_name = 'second' AND webhook_id = {second}"
        ))
        .await;
    let _crew = (
        plane.relay().await,
        plane
            .start(&["relay", "--config", "second", "--republish-after", "1"])
            .await,
        plane.worker("nats").await,
        plane
            .start(&["worker", "--path", "nats", "--config", "second"])
            .await,
    );
    let mut ids = Vec::new();
    for round in 0..4 {
        ids.extend(plane.emit(first, 15).await);
        ids.extend(plane.emit(second, 15).await);
        // The first one moves house and subject under traffic: each event goes where its epoch said.
        let target = if round % 2 == 0 {
            "nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'second'), nats_subject = 'second.moved'"
        } else {
            "nats_config_id = NULL, nats_subject = 'webhooks.back.' || mode_epoch"
        };
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET {target} WHERE webhook_id = {first}"
            ))
            .await;
    }
    plane.until_delivered(60).await;
    plane.assert_once(&ids);
    plane
        .until(20, "SELECT count(DISTINCT (webhook_id, message_id)) FROM rule_nats_publish_history WHERE success", 120)
        .await;
    let subjects: Vec<(i64, String)> = sqlx::query_as(
        "SELECT DISTINCT e.epoch, h.subject FROM rule_nats_publish_history h JOIN rule_webhook_events e ON e.event_id = h.message_id
         WHERE h.webhook_id = $1 ORDER BY 1",
    )
    .bind(first)
    .fetch_all(&mut plane.sql)
    .await
    .unwrap();
    let wanted = [
        (0, format!("webhooks.{first}")),
        (1, "second.moved".to_string()),
        (2, "webhooks.back.1".to_string()),
        (3, "second.moved".to_string()),
    ];
    assert_eq!(subjects, wanted);
    let messages = async |name: &str| {
        bus::live_stream(&bus, name)
            .await
            .unwrap()
            .unwrap()
            .messages
    };
    assert_eq!(
        (messages("WEBHOOKS").await, messages("SECOND").await),
        (30, 90)
    );
}

#[tokio::test]
async fn a_callers_own_id_is_one_event_in_every_mode() {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    for (mode, share) in [("queue", 0), ("both", 0), ("both", 50), ("nats", 0)] {
        webhooks.push(plane.webhook("ok", mode, share).await);
    }
    let _crew = (
        plane.relay().await,
        plane.worker("nats").await,
        plane.worker("queue").await,
    );
    let mut callers = Vec::new();
    for caller in 0..6 {
        let mut sql = plane.db.connect().await;
        let webhooks = webhooks.clone();
        callers.push(async move {
            let mut fresh = 0;
            for n in 0..20 {
                for webhook in &webhooks {
                    // Some take it back: then it was no event, and the next one with this id is.
                    let keeps = (n + caller) % 3 != 0;
                    sql.execute("BEGIN").await.unwrap();
                    let duplicate: bool = sqlx::query_scalar(
                        "SELECT (rule_webhook_publish_nats($1, '{}', 'order ' || $2::text) ->> 'duplicate')::boolean",
                    )
                    .bind(webhook)
                    .bind(n.to_string())
                    .fetch_one(&mut sql)
                    .await
                    .unwrap();
                    let end = if keeps { "COMMIT" } else { "ROLLBACK" };
                    sql.execute(end).await.unwrap();
                    fresh += usize::from(keeps && !duplicate);
                }
            }
            fresh
        });
    }
    let fresh: usize = join_all(callers).await.into_iter().sum();
    assert_eq!(fresh, 80, "one of all callers was the first");
    plane.until_delivered(60).await;
    plane
        .until(
            60,
            "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'",
            0,
        )
        .await;
    let ids: Vec<String> = webhooks
        .iter()
        .flat_map(|webhook| (0..20).map(move |n| format!("{webhook}:order%20{n}")))
        .collect();
    plane.assert_once(&ids);
}

#[tokio::test]
async fn only_what_is_committed_is_published_whenever_that_comes() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let mut webhooks = Vec::new();
        for (mode, share) in [("queue", 0), ("both", 50), ("nats", 0)] {
            webhooks.push(plane.webhook("ok", mode, share).await);
        }
        let _crew = (
            plane.relay().await,
            plane.worker("nats").await,
            plane.worker("queue").await,
        );
        let mut sql = plane.db.connect().await;
        for webhook in &webhooks {
            let call = |what: &str| {
                format!(
                    "SELECT rule_webhook_call_unified({webhook}, '{{\"n\": \"{webhook} {what}\"}}');"
                )
            };
            let caught = format!(
                "DO $do$ BEGIN PERFORM rule_webhook_call_unified({webhook}, '{{\"n\": \"taken back by an error\"}}'); RAISE 'no';
                 EXCEPTION WHEN OTHERS THEN PERFORM rule_webhook_call_unified({webhook}, '{{\"n\": \"{webhook} after the error\"}}'); END $do$;"
            );
            let script = [
                "BEGIN;",
                &call("first"),
                "SAVEPOINT a;",
                &call("taken back"),
                "SAVEPOINT b;",
                &call("taken back too"),
                "ROLLBACK TO a;",
                &call("after a"),
                "RELEASE a;",
                &caught,
                "COMMIT;",
                "BEGIN;",
                &call("rolled back"),
                "ROLLBACK;",
                "BEGIN;",
                &call("prepared"),
                &format!("PREPARE TRANSACTION 'keep {} {webhook}';", plane.db.name),
                "BEGIN;",
                &call("prepared and taken back"),
                &format!("PREPARE TRANSACTION 'drop {} {webhook}';", plane.db.name),
            ]
            .join("\n");
            sqlx::raw_sql(AssertSqlSafe(script))
                .execute(&mut sql)
                .await
                .unwrap();
        }
        let receiver = plane.receiver.clone();
        let wait = |calls: usize| {
            let receiver = receiver.clone();
            async move {
                let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
                while receiver.calls().len() < calls {
                    assert!(std::time::Instant::now() < end, "{:?}", receiver.calls());
                    tokio::time::sleep(std::time::Duration::from_millis(25)).await;
                }
            }
        };
        wait(9).await;
        // Later events pass those that are still prepared; a full look finds them when their time comes.
        let later = plane.emit(webhooks[2], 30).await;
        plane.until_delivered(60).await;
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        assert_eq!(plane.receiver.calls().len(), 9 + later.len());
        for webhook in &webhooks {
            for end in [
                format!("COMMIT PREPARED 'keep {} {webhook}'", plane.db.name),
                format!("ROLLBACK PREPARED 'drop {} {webhook}'", plane.db.name),
            ] {
                sql.execute(AssertSqlSafe(end)).await.unwrap();
            }
        }
        wait(12 + later.len()).await;
        plane.until_delivered(60).await;
        let mut bodies: Vec<String> = plane
            .receiver
            .calls()
            .into_iter()
            .filter(|call| !later.contains(&call.id))
            .map(|call| {
                let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
                body["n"].as_str().unwrap().to_string()
            })
            .collect();
        bodies.sort();
        let mut wanted: Vec<String> = webhooks
            .iter()
            .flat_map(|w| {
                ["first", "after a", "after the error", "prepared"]
                    .map(|what| format!("{w} {what}"))
            })
            .collect();
        wanted.sort();
        assert_eq!(bodies, wanted);
        plane.close().await;
    }
}
