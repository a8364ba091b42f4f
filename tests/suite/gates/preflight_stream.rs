//! Preflight sees what is planted in NATS: streams that lose messages, foreign consumers, subjects, silence.

use wavegate::{
    engine::preflight::{self, Inputs},
    gates::Status,
    plan::Plan,
    store::clock,
};

use crate::{
    gates::preflight::{find, names, world},
    support::Shape,
};

#[tokio::test]
async fn a_stream_that_loses_messages_is_named() {
    let mut w = world(Shape::A).await;
    let stream = w.nats.prefix.clone();
    let prefix = stream.to_lowercase();
    let jetstream = w.bus.jetstream().clone();
    jetstream.delete_stream(&stream).await.unwrap();
    let findings = w.check().await;
    names(&findings, "stream", Status::Block, "there is no stream");
    names(&findings, "consumer", Status::Block, "there is no consumer");
    names(
        &findings,
        "foreign consumers",
        Status::Warn,
        "no stream yet",
    );

    // The engine's own defaults: discard old at a million messages or a gigabyte.
    w.sql(&format!(
        "SELECT rule_nats_stream_create('{stream}', ARRAY['{prefix}.>'])"
    ))
    .await;
    names(
        &w.check().await,
        "stream limits",
        Status::Block,
        "beyond 1000000 messages",
    );

    let config = async_nats::jetstream::stream::Config {
        name: stream.clone(),
        subjects: vec![format!("{prefix}.other")],
        storage: async_nats::jetstream::stream::StorageType::Memory,
        max_age: std::time::Duration::from_secs(3_600),
        duplicate_window: std::time::Duration::from_secs(1),
        ..Default::default()
    };
    let made = jetstream.create_stream(config).await.unwrap();
    let pull = async_nats::jetstream::consumer::pull::Config {
        durable_name: Some("wavegate".into()),
        max_deliver: 3,
        ack_wait: std::time::Duration::from_secs(5),
        ..Default::default()
    };
    made.create_consumer(pull.clone()).await.unwrap();
    let theirs = async_nats::jetstream::consumer::pull::Config {
        durable_name: Some("webhook-worker-1".into()),
        ..pull
    };
    made.create_consumer(theirs).await.unwrap();
    let findings = w.check().await;
    names(&findings, "stream", Status::Block, "storage is memory");
    for part in [
        "memory storage",
        "messages go after 1 h",
        "a duplicate window of 1 s",
    ] {
        names(&findings, "stream limits", Status::Block, part);
    }
    names(&findings, "consumer", Status::Block, "max_deliver is 3");
    names(
        &findings,
        "consumer",
        Status::Block,
        "is no longer than the slowest call (5 s)",
    );
    names(
        &findings,
        "foreign consumers",
        Status::Warn,
        "webhook-worker-1",
    );
    names(
        &findings,
        "subjects",
        Status::Block,
        &format!("{prefix}.1 is not in the stream"),
    );

    let independent = w
        .plan
        .text()
        .replace("defaults:", "delivery: independent\ndefaults:")
        .replace("shares: [0, 10, 50, 100]", "shares: [0]");
    let findings = w.check_with(&Plan::parse(&independent).unwrap()).await;
    let finding = find(&findings, "foreign consumers");
    assert!(finding.remedy.contains("POSTed twice"), "{finding:?}");
    jetstream.delete_stream(&stream).await.unwrap();
}

#[tokio::test]
async fn names_that_become_one_subject_are_named() {
    let mut w = world(Shape::A).await;
    w.sql("UPDATE rule_webhooks SET webhook_name = CASE webhook_id WHEN 1 THEN 'User Created' ELSE 'user created' END")
        .await;
    let text = w.plan.text().replace("{id}", "{name}");
    let findings = w.check_with(&Plan::parse(&text).unwrap()).await;
    let finding = find(&findings, "subjects");
    assert_eq!(finding.status, Status::Block, "{finding:?}");
}

#[tokio::test]
async fn a_nats_that_does_not_answer_is_named_with_its_settings() {
    let mut w = world(Shape::A).await;
    w.sql(
        "UPDATE rule_nats_config SET auth_type = 'token', auth_token = 'hush', tls_enabled = true",
    )
    .await;
    let inputs = Inputs {
        db: &w.db,
        bus: Err("cannot reach NATS at x:4222".into()),
        plan: &w.plan,
        backup: true,
        now: clock::now(&w.db).await.unwrap(),
    };
    let findings = preflight::check(&inputs, &|_| {}).await;
    names(
        &findings,
        "nats",
        Status::Block,
        "auth_type token, tls_enabled",
    );
    assert!(findings.iter().all(|f| !f.found.contains("hush")));
    for check in [
        "stream",
        "consumer",
        "payload size",
        "foreign consumers",
        "disk of JetStream",
        "clocks",
    ] {
        assert_eq!(find(&findings, check).status, Status::Warn, "{check}");
    }
}
