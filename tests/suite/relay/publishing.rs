//! Publishing: only what was committed, permanent refusals, and what is refused.

use wavegate::{
    bus,
    model::StreamDefinition,
    store::{
        self,
        history::{self, Published},
    },
};

use crate::{
    support::Shape,
    support::plane::{Plane, STREAM},
};

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
    let live = wavegate::bus::live_stream(&bus, crate::support::plane::STREAM)
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

/// The operator's hand gave it a subject that the stream was never to have: its events would wait for ever, and with them the gate
/// `backlog`, which then refuses the flip that would mend it.
#[tokio::test]
async fn a_subject_outside_the_stream_goes_to_the_queue() {
    let mut plane = Plane::new(Shape::A).await;
    let outside = plane.webhook("ok", "both", 100).await;
    let inside = plane.webhook("ok", "nats", 0).await;
    let subject = |webhook: i32, subject: &str| {
        format!("UPDATE rule_webhooks SET nats_subject = '{subject}' WHERE webhook_id = {webhook}")
    };
    plane.run(&subject(outside, "orders.new")).await;
    let _processes = (plane.relay().await, plane.worker("both").await);
    let mut ids = plane.emit(outside, 3).await;
    ids.extend(plane.emit(inside, 3).await);
    plane.until_delivered(30).await;
    let void = "SELECT count(*) FROM rule_webhook_events WHERE path = 'queue'
                AND void_reason = 'the subject `orders.new` is not in the stream'";
    assert_eq!(plane.number(void).await, 3);
    let waits = "SELECT count(*) FROM wavegate.unpublished";
    assert_eq!(plane.number(waits).await, 0);
    let lag = "SELECT coalesce(max(lag_ms), 1) FROM wavegate.relay";
    plane.until(10, lag, 0).await;
    plane.run(&subject(outside, "webhooks.orders")).await;
    ids.extend(plane.emit(outside, 3).await);
    plane.until_delivered(30).await;
    let carried = format!(
        "SELECT count(*) FROM rule_webhook_events WHERE webhook_id = {outside} AND path = 'nats' AND void_reason IS NULL"
    );
    assert_eq!(plane.number(&carried).await, 3);
    plane.assert_once(&ids);
}

/// A stream that has lost a subject that it should have is mended; what waits for it is published then, and nothing is void.
#[tokio::test]
async fn a_stream_that_lacks_what_it_should_take_is_waited_for() {
    let mut plane = Plane::bare(
        crate::support::TestDb::new(Shape::A, crate::support::Schema::Migrated).await,
        Shape::A,
    )
    .await;
    let bus = plane.bus().await;
    let ensure = async |subjects: &str| {
        let wanted = StreamDefinition::safe(STREAM, vec![subjects.into()]);
        bus::ensure_stream(&bus, &wanted).await.unwrap();
    };
    ensure("webhooks.none").await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let relay = plane.relay().await;
    plane.emit(webhook, 3).await;
    // Longer than the relay needs to ask the stream.
    plane
        .until_at_least(
            30,
            "SELECT coalesce(max(lag_ms), 0) FROM wavegate.relay",
            8000,
        )
        .await;
    assert!(relay.log_text().contains("no stream takes this subject"));
    ensure("webhooks.>").await;
    plane.until(30, "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL AND void_reason IS NULL", 3).await;
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
async fn a_schema_version_that_this_program_does_not_know_is_refused() {
    let mut plane = Plane::new(Shape::A).await;
    for (command, (version, does)) in [&["relay"][..], &["worker", "--path", "both"]]
        .into_iter()
        .flat_map(|command| [(1, "schema apply"), (7, "as new as")].map(|case| (command, case)))
    {
        plane
            .run(match version {
                1 => "UPDATE wavegate.schema_version SET version = 1",
                _ => "UPDATE wavegate.schema_version SET version = 7",
            })
            .await;
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(command)
            .env("DATABASE_URL", &plane.db.url)
            .env("NATS_URL", plane.nats.url())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{text}");
        assert!(
            text.contains(&format!("schema version {version}")) && text.contains("knows 6"),
            "{text}"
        );
        assert!(text.contains(does), "{text}");
    }
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Line {
    message_id: String,
    subject: String,
    payload: String,
    sequence_number: Option<i64>,
    success: bool,
    error_message: Option<String>,
    latency_ms: f64,
}

/// Nothing of a text is lost on its way into the history, and a webhook that is gone takes nobody else's lines along.
#[tokio::test]
async fn the_history_holds_every_line_as_it_was() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let db = plane.db.db().await;
    let payload = r#"{"text": "tab\t line\n quote\" back\\slash \\N \\. ü 😀"}"#;
    let why = "tab\there\nand\r\\N, \\.";
    let copy = |webhook_id, event_id: &str| store::outbox::Copy {
        seq: 1,
        event_id: event_id.into(),
        webhook_id,
        copy: 1,
        subject: "webhooks.a\\b".into(),
        payload: payload.into(),
        read_at: chrono::Utc::now(),
    };
    let (kept, refused, gone) = (copy(webhook, "a\\1"), copy(webhook, "b"), copy(-1, "c"));
    fn line<'a>(copy: &'a store::outbox::Copy, outcome: Result<i64, &'a str>) -> Published<'a> {
        Published {
            copy,
            outcome,
            latency_ms: 1.5e300,
        }
    }
    for round in [
        &[line(&kept, Ok(7)), line(&refused, Err(why))][..],
        &[
            line(&kept, Ok(8)),
            line(&gone, Ok(9)),
            line(&refused, Err(why)),
        ],
    ] {
        history::log(&db, round).await.unwrap();
    }
    let found: Vec<Line> = sqlx::query_as(
        "SELECT message_id, subject, payload::text, sequence_number, success, error_message, latency_ms::float8
         FROM rule_nats_publish_history ORDER BY sequence_number, publish_id",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    let expected = |copy: &store::outbox::Copy, sequence: Option<i64>, error: Option<&str>| Line {
        message_id: copy.event_id.clone(),
        subject: copy.subject.clone(),
        payload: payload.to_string(),
        sequence_number: sequence,
        success: error.is_none(),
        error_message: error.map(String::from),
        // The line of a webhook that is gone made its batch go another way.
        latency_ms: 99_999_999.99,
    };
    assert_eq!(
        found,
        [
            expected(&kept, Some(7), None),
            expected(&kept, Some(8), None),
            expected(&refused, None, Some(why)),
            expected(&refused, None, Some(why)),
        ]
    );

    let measured = [
        (0.0, 0.0),
        (-1.0, 0.0),
        (f64::NAN, 0.0),
        (0.004, 0.0),
        (0.006, 0.01),
        (9.9, 9.9),
        (10_000.0, 10_000.0),
        (12_340_000.07, 12_340_000.07),
        (99_999_999.99, 99_999_999.99),
        (100_000_000.0, 99_999_999.99),
    ];
    let lines: Vec<_> = (100..)
        .zip(measured)
        .map(|(sequence, (latency_ms, _))| Published {
            latency_ms,
            ..line(&kept, Ok(sequence))
        })
        .collect();
    history::log(&db, &lines).await.unwrap();
    let written: Vec<f64> = sqlx::query_scalar(
        "SELECT latency_ms::float8 FROM rule_nats_publish_history WHERE sequence_number >= 100 ORDER BY sequence_number",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    assert_eq!(written, measured.map(|(_, written)| written));
}
