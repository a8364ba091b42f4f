//! Connections, stream and consumer against a real nats-server.

use std::time::{Duration, Instant};

use wavegate::{
    bus::{self, Auth, Bus, BusOptions, Layer},
    error::Kind,
    lab::servers::{Nats, free_port},
    model::{ConsumerDefinition, StreamDefinition},
};

use crate::support::TestNats;

fn options(url: &str, auth: Option<Auth>) -> BusOptions {
    let layer = Layer {
        servers: vec![url.into()],
        auth,
        ..Layer::default()
    };
    BusOptions::from_layers(&[layer], Duration::from_secs(2)).unwrap()
}

#[tokio::test]
async fn stream_and_consumer_are_made_kept_and_changed_in_place() {
    let nats = TestNats::new();
    let bus = Bus::connect(&options(&nats.url, None)).await.unwrap();
    let name = nats.prefix.clone();
    let subject = format!("{}.>", name.to_lowercase());
    let mut wanted = StreamDefinition::safe(&name, vec![subject]);
    assert!(bus::live_stream(&bus, &name).await.unwrap().is_none());
    assert!(
        bus::live_consumer(&bus, &name, "wavegate")
            .await
            .unwrap()
            .is_none()
    );
    let done = bus::ensure_stream(&bus, &wanted).await.unwrap();
    assert_eq!(done, bus::Ensured::Created);
    let done = bus::ensure_stream(&bus, &wanted).await.unwrap();
    assert_eq!(done, bus::Ensured::Unchanged);
    wanted.max_bytes = 1 << 30;
    let live = bus::live_stream(&bus, &name).await.unwrap().unwrap();
    let fields: Vec<_> = bus::compare_streams(&wanted, &live.definition)
        .iter()
        .map(|d| d.field)
        .collect();
    assert_eq!(fields, ["max_bytes"]);
    let done = bus::ensure_stream(&bus, &wanted).await.unwrap();
    assert_eq!(done, bus::Ensured::Updated);

    let durable = ConsumerDefinition::new("wavegate");
    let made = bus::ensure_consumer(&bus, &name, &durable).await.unwrap();
    assert_eq!(made, bus::Ensured::Created);
    let kept = bus::ensure_consumer(&bus, &name, &durable).await.unwrap();
    assert_eq!(kept, bus::Ensured::Unchanged);
    let longer = ConsumerDefinition {
        ack_wait: Duration::from_secs(300),
        ..durable.clone()
    };
    let changed = bus::ensure_consumer(&bus, &name, &longer).await.unwrap();
    assert_eq!(changed, bus::Ensured::Updated);
    let live = bus::live_consumer(&bus, &name, "wavegate")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.definition, longer);
    assert_eq!(bus::compare_consumers(&durable, &live), []);
}

#[tokio::test]
async fn a_stream_of_somebody_else_is_refused_and_left_alone() {
    let nats = TestNats::new();
    let bus = Bus::connect(&options(&nats.url, None)).await.unwrap();
    let name = nats.prefix.clone();
    let prefix = name.to_lowercase();
    let theirs = StreamDefinition {
        description: "orders of the shop".into(),
        ..StreamDefinition::safe(&name, vec![format!("{prefix}.orders.>")])
    };
    bus::ensure_stream(&bus, &theirs).await.unwrap();
    let ours = StreamDefinition::safe(&name, vec![format!("{prefix}.webhooks.>")]);
    let error = bus::ensure_stream(&bus, &ours).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        error.message().contains("belongs to someone else"),
        "{error}"
    );
    assert!(!error.hints().is_empty());
    let live = bus::live_stream(&bus, &name).await.unwrap().unwrap();
    assert_eq!(bus::compare_streams(&theirs, &live.definition), []);

    let overlapping = StreamDefinition::safe(&format!("{name}_2"), vec![format!("{prefix}.>")]);
    let error = bus::ensure_stream(&bus, &overlapping).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(error.message().contains("overlap"), "{error}");

    let memory = StreamDefinition {
        storage: "memory".into(),
        ..theirs
    };
    let error = bus::ensure_stream(&bus, &memory).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(error.message().contains("storage"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_down_is_told_within_the_time_out() {
    let url = format!("nats://joe:hunter2@127.0.0.1:{}", free_port().unwrap());
    let begin = Instant::now();
    let error = Bus::connect(&options(&url, None)).await.err().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(15));
    assert!(
        error
            .message()
            .starts_with("cannot reach NATS at nats://127.0.0.1"),
        "{error}"
    );
    assert!(!error.to_string().contains("hunter2"));
    assert!(!error.hints().is_empty());
}

#[tokio::test]
async fn wrong_credentials_and_missing_jetstream_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Nats::start(dir.path(), &["--auth", "s3cret"]).unwrap();
    let wrong = Some(Auth::Token("nonsense".into()));
    let error = Bus::connect(&options(&server.url(), wrong))
        .await
        .err()
        .unwrap();
    assert!(
        error.message().contains("refused the login with a token"),
        "{error}"
    );
    assert!(!error.to_string().contains("nonsense"));
    let right = Some(Auth::Token("s3cret".into()));
    Bus::connect(&options(&server.url(), right)).await.unwrap();
    drop(server);

    let conf = dir.path().join("plain.conf");
    let port = free_port().unwrap();
    std::fs::write(&conf, format!("listen: \"127.0.0.1:{port}\"\n")).unwrap();
    let binary = std::env::var_os("WAVEGATE_NATS_SERVER").unwrap_or_else(|| "nats-server".into());
    let mut plain = std::process::Command::new(binary)
        .arg("-c")
        .arg(&conf)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let url = format!("nats://127.0.0.1:{port}");
    let error = Bus::connect(&options(&url, None)).await.err().unwrap();
    plain.kill().unwrap();
    plain.wait().unwrap();
    assert!(error.message().contains("no JetStream"), "{error}");
}
