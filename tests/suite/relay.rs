//! Publishing: only what was committed, permanent refusals, and what is refused.

use crate::{plane::Plane, support::Shape};

#[tokio::test]
async fn what_was_committed_is_published_and_nothing_else() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    // Somebody's hand takes one off the list: it is found again.
    plane.emit(webhook, 1).await;
    plane.run("DELETE FROM wavegate.unpublished").await;
    let _relay = plane.relay().await;
    plane.run("BEGIN").await;
    plane.emit(webhook, 5).await;
    plane.run("ROLLBACK").await;
    plane.emit(webhook, 1).await;
    plane
        .until(
            10,
            "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL",
            2,
        )
        .await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.unpublished")
            .await,
        0
    );
    let bus = plane.bus().await;
    let live = wavegate::bus::stream::live(&bus, crate::plane::STREAM)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.messages, 2);
}

#[tokio::test]
async fn what_nats_can_never_carry_goes_to_the_queue_and_holds_nothing_up() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let single = plane.webhook("ok", "nats", 0).await;
        let hybrid = plane.webhook("ok", "both", 100).await;
        let lost = plane.webhook("ok", "nats", 0).await;
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET nats_subject = 'webhooks..x' WHERE webhook_id = {lost}"
            ))
            .await;
        let _processes = (plane.relay().await, plane.worker("both").await);
        for webhook in [single, hybrid] {
            plane
                .run(&format!(
                    "SELECT rule_webhook_call_unified({webhook}, jsonb_build_object('x', repeat('x', 1200000)))"
                ))
                .await;
        }
        plane.emit(lost, 1).await;
        plane.emit(single, 5).await;
        plane.until_delivered(20).await;
        let void = "SELECT count(*) FROM rule_webhook_events WHERE void_reason IS NOT NULL AND path = 'queue' AND has_queue_row";
        assert_eq!(plane.number(void).await, 3);
        let told = "SELECT count(*) FROM rule_nats_publish_history WHERE NOT success AND error_message <> ''";
        // The log is written beside the deliveries, not before them.
        plane.until(10, told, 3).await;
        assert_eq!(plane.receiver.successes().len(), 8);
        plane
            .until(5, "SELECT count(*) FROM rule_nats_outbox", 0)
            .await;
    }
}

#[tokio::test]
async fn without_the_schema_nothing_starts() {
    let db = crate::support::TestDb::new(Shape::A, crate::support::Schema::Engine).await;
    for command in [&["relay"][..], &["worker", "--path", "queue"]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(command)
            .env("DATABASE_URL", &db.url)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{text}");
        assert!(text.contains("wavegate schema apply"), "{text}");
    }
}

#[tokio::test]
async fn a_schema_version_that_nobody_knows_is_refused_and_the_one_before_is_accepted() {
    let mut plane = Plane::new(Shape::A).await;
    let _before = {
        plane
            .run("UPDATE wavegate.schema_version SET version = version - 1")
            .await;
        (plane.relay().await, plane.worker("queue").await)
    };
    plane
        .run("UPDATE wavegate.schema_version SET version = version + 2")
        .await;
    for command in [&["relay"][..], &["worker", "--path", "both"]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(command)
            .env("DATABASE_URL", &plane.db.url)
            .env("NATS_URL", plane.nats.url())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{text}");
        assert!(
            text.contains("schema version 2") && text.contains("knows 1 and 0"),
            "{text}"
        );
        assert!(text.contains("as new as"), "{text}");
    }
}
