//! A signing secret signs, and is seen nowhere: not in the stream, the tables, the logs, the metrics, the arguments.

use crate::{
    relay::metrics::address,
    support::Shape,
    support::exposition::get,
    support::plane::{Plane, STREAM},
    worker::both_paths::signature,
};

/// The one that `signature` knows.
const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// In which tables does this text stand?
async fn tables_with(plane: &mut Plane, text: &str) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'm') AND c.relnamespace IN ('public'::regnamespace, 'wavegate'::regnamespace)",
    )
    .fetch_all(&mut plane.sql)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{text}%'");
        if plane.number(&sql).await > 0 {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn a_signing_secret_signs_and_is_seen_nowhere() {
    let mut plane = Plane::new(Shape::A).await;
    let webhooks = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("fail-1", "both", 50).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    plane
        .run(&format!(
            "INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value)
             SELECT webhook_id, 'signing_secret', 'whsec_{KEY}' FROM rule_webhooks"
        ))
        .await;
    let listen = ["-vv", "--listen", "127.0.0.1:0"];
    let processes = [
        plane.start(&[&["relay"][..], &listen].concat()).await,
        plane
            .start(&[&["worker", "--path", "both"][..], &listen].concat())
            .await,
    ];
    let mut ids = Vec::new();
    for webhook in webhooks {
        ids.extend(plane.emit(webhook, 6).await);
    }
    let open = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
    plane.until(60, open, 0).await;
    plane.assert_once(&ids);
    for call in plane.receiver.calls() {
        let header = |name: &str| call.headers[name].to_str().unwrap();
        let signed = format!("{}.{}.{}", call.id, header("webhook-timestamp"), call.body);
        assert_eq!(header("webhook-signature"), signature(&signed));
        assert!(!format!("{call:?}").contains(KEY));
    }
    let said = plane.command(&["rollback", "--all", "--yes", "-vv"]).await;
    assert!(
        said.code == 0 && !format!("{said:?}").contains(KEY),
        "{said:?}"
    );

    // Where it belongs, and nowhere else; what stands elsewhere is found.
    assert_eq!(
        tables_with(&mut plane, KEY).await,
        ["rule_webhook_secrets"],
        "only there"
    );
    let journal = tables_with(&mut plane, "rollback").await;
    assert!(
        journal.contains(&"wavegate.journal".to_string()),
        "{journal:?}"
    );
    let bus = plane.bus().await;
    let mut stream = bus.jetstream().get_stream(STREAM).await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    assert!(last >= 12, "{last}");
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let text = format!(
            "{:?} {}",
            message.headers,
            String::from_utf8_lossy(&message.payload)
        );
        assert!(
            text.contains("NatsMessageId") && !text.contains(KEY),
            "{text}"
        );
    }
    for process in processes {
        let at = address(&process);
        for page in ["/metrics", "/ready", "/health"] {
            assert!(!get(&at, page).body.contains(KEY));
        }
        let proc = format!("/proc/{}", process.pid());
        let arguments = std::fs::read_to_string(format!("{proc}/cmdline")).unwrap();
        assert!(arguments.contains("--listen") && !arguments.contains(KEY));
        let log = process.log_text();
        assert!(log.contains("DEBUG") && !log.contains(KEY));
        assert!(process.stop().await);
    }
}
