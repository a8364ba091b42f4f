//! The screen of `stream`, as it is.

use std::time::Duration;

use wavegate::{
    bus::{self, Ensured, LiveConsumer, LiveStream},
    model::{ConsumerDefinition, StreamDefinition},
    ui::{Screen, StreamScreen, Style},
};

fn screen(live: Option<StreamDefinition>) -> StreamScreen {
    let wanted = StreamDefinition::safe("WEBHOOKS", vec!["webhooks.>".into()]);
    let wanted_consumer = ConsumerDefinition::new(ConsumerDefinition::NAME);
    let live = live.map(|definition| LiveStream {
        definition,
        per_subject: -1,
        no_ack: false,
        max_message_bytes: -1,
        created: chrono::DateTime::UNIX_EPOCH,
        messages: 90_415,
        bytes: 31_645_250,
        first_seq: 1,
        last_seq: 90_415,
        consumers: 1,
        read_only: false,
        server: "2.9.10".into(),
        clustered: false,
    });
    StreamScreen {
        place: "nats://10.0.0.5:4222".into(),
        differences: live
            .as_ref()
            .map(|live| bus::stream_changes(&wanted, live))
            .unwrap_or_default(),
        live_consumer: live.as_ref().map(|_| LiveConsumer {
            definition: wanted_consumer.clone(),
            usable: true,
            filter: String::new(),
            pending: 12,
            ack_pending: 3,
            redelivered: 1,
            ack_floor: 90_400,
            last_ack: None,
            delivered: 90_403,
            inactive_threshold: Duration::ZERO,
            waiting: 2,
        }),
        hazards: live
            .as_ref()
            .map(bus::hazards_of_stream)
            .unwrap_or_default(),
        live,
        consumer_differences: Vec::new(),
        wanted,
        wanted_consumer,
        done: None,
    }
}

#[test]
fn as_wanted() {
    let mut good = screen(Some(screen(None).wanted));
    good.done = Some((Ensured::Created, Ensured::Unchanged));
    assert!(good.is_as_wanted());
    insta::assert_snapshot!("stream_as_wanted_80", good.draw(&Style::plain(80)));
    insta::assert_snapshot!("stream_as_wanted_120", good.draw(&Style::plain(120)));
}

#[test]
fn different_and_missing() {
    let mut live = screen(None).wanted;
    live.storage = "memory".into();
    live.discard = "old".into();
    live.max_bytes = 1 << 30;
    live.retention = "interest".into();
    live.replicas = 3;
    live.max_age = Duration::ZERO;
    let bad = screen(Some(live));
    assert!(!bad.is_as_wanted());
    insta::assert_snapshot!("stream_differs_80", bad.draw(&Style::plain(80)));
    insta::assert_snapshot!("stream_differs_120", bad.draw(&Style::plain(120)));
    insta::assert_snapshot!("stream_missing_80", screen(None).draw(&Style::plain(80)));
    insta::assert_snapshot!(
        "stream_differs_json",
        crate::screens::vocabulary::json(&bad)
    );
    insta::assert_snapshot!(
        "stream_missing_json",
        crate::screens::vocabulary::json(&screen(None))
    );
    let json = bad.json();
    assert_eq!(json["as_wanted"], false);
    assert_eq!(json["differences"][0]["field"], "storage");
}
