//! What a user of NATS may not do is told as the cause; the documented permissions are enough for all.

use wavegate::lab::servers::Nats;

use crate::{
    support::Shape,
    support::plane::Plane,
    support::terminal::{run, wavegate},
};

/// The block of docs/connections.md, and users that lack one of its lines.
fn configuration() -> String {
    let docs = include_str!("../../../docs/connections.md");
    let documented = docs
        .split("```")
        .find(|block| block.contains("permissions: {"))
        .unwrap();
    let mute = documented.replace("\"webhooks.>\", ", "");
    let deaf = documented.replace("\"$JS.API.>\"", "\"$JS.API.STREAM.>\", \"$JS.API.INFO\"");
    assert!(mute != documented && deaf != documented);
    let user = |name: &str, permissions: &str| {
        format!("{{ user: {name}, password: {name}, {permissions} }}")
    };
    let users = [
        user("full", documented),
        user("mute", &mute),
        user("deaf", &deaf),
    ];
    format!("authorization {{ users: [ {} ] }}", users.join(",\n"))
}

#[tokio::test]
async fn a_missing_permission_is_the_cause_that_is_told() {
    let mut plane = Plane::new(Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("nats.conf");
    std::fs::write(&file, configuration()).unwrap();
    let nats = Nats::start(dir.path(), &["-c", file.to_str().unwrap()]).unwrap();
    let url = |user: &str| {
        nats.url()
            .replace("nats://", &format!("nats://{user}:{user}@"))
    };
    let (full, mute, deaf) = (url("full"), url("mute"), url("deaf"));
    let database = plane.db.url.clone();
    let command = |url: &str, args: &[&str]| {
        let mut command = wavegate(args);
        command
            .env("DATABASE_URL", &database)
            .env("NATS_URL", url)
            .args(["--connect-timeout", "1"]);
        run(&mut command)
    };
    let said = command(&full, &["stream", "ensure", "--yes"]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = command(&deaf, &["stream", "status"]);
    assert!(
        said.code == 1 && said.err.contains("Permissions Violation"),
        "{said:?}"
    );

    let webhook = plane.webhook("ok", "nats", 0).await;
    let quick = ["--connect-timeout", "1"];
    let relay = ["relay", quick[0], quick[1]];
    let worker = ["worker", "--path", "nats", quick[0], quick[1]];
    let one = plane.start_with(&relay, &[("NATS_URL", &mute)]).await;
    plane.emit(webhook, 1).await;
    let denied = "SELECT count(*) FROM wavegate.relay WHERE last_error LIKE '%Permissions Violation%webhooks.%'";
    plane.until(20, denied, 1).await;
    one.kill();

    let _one = plane.start_with(&worker, &[("NATS_URL", &deaf)]).await;
    let denied = "SELECT count(*) FROM wavegate.worker WHERE last_error LIKE '%Permissions Violation%CONSUMER%'";
    plane.until(20, denied, 1).await;
    let said = command(&full, &["status"]);
    assert!(said.out.contains("Permissions Violation"), "{said:?}");

    // With the documented permissions all of it goes.
    let _relay = plane.start_with(&relay, &[("NATS_URL", &full)]).await;
    let _worker = plane.start_with(&worker, &[("NATS_URL", &full)]).await;
    plane.until_delivered(30).await;
}

#[tokio::test]
async fn a_stream_that_no_server_can_hold_is_refused_before_it_is_made() {
    let mut plane = Plane::new(Shape::A).await;
    for (age, window) in [
        ("18446747674", "120"),
        ("99999999999", "120"),
        ("3600", "-5"),
    ] {
        plane.run("DELETE FROM rule_nats_streams").await;
        plane
            .run(&format!(
                "INSERT INTO rule_nats_streams (config_id, stream_name, subjects, max_age_seconds, duplicate_window_seconds)
                 SELECT config_id, 'WEBHOOKS', '{{webhooks.>}}', {age}, {window} FROM rule_nats_config LIMIT 1"
            ))
            .await;
        let said = plane.command(&["stream", "ensure", "--yes"]).await;
        assert!(
            said.code == 5 && said.err.contains("9223372036"),
            "{age} {window}: {said:?}"
        );
    }
}
