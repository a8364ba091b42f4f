//! `wavegate stream`: what rule_nats_streams asks for, what the server has, what it can change, and what can lose messages.

use std::{process::Command, time::Duration};

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use serde_json::Value;
use wavegate::{
    bus::{self, Bus, BusOptions, Layer},
    model::StreamDefinition,
};

use crate::support::{Schema, Shape, TestDb, TestNats};

struct Answer {
    code: i32,
    json: Value,
    told: String,
}

fn wavegate(db: &TestDb, nats: &TestNats, arguments: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(arguments)
        .args(["-o", "json"])
        .env("DATABASE_URL", &db.url)
        .env("NATS_URL", &nats.url)
        .output()
        .unwrap();
    Answer {
        code: output.status.code().unwrap(),
        json: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        told: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn fields(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("{list}"));
    list.iter().map(|d| d["field"].as_str().unwrap()).collect()
}

async fn bus(nats: &TestNats) -> Bus {
    let layer = Layer {
        servers: vec![nats.url.clone()],
        ..Layer::default()
    };
    let options = BusOptions::from_layers(&[layer], Duration::from_secs(5)).unwrap();
    Bus::connect(&options).await.unwrap()
}

#[tokio::test]
async fn every_field_of_the_row_reaches_the_server() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    let nats = TestNats::new();
    let name = nats.prefix.clone();
    let mut sql = db.connect().await;
    let mut run = async |text: String| {
        let query = sqlx::query(sqlx::AssertSqlSafe(text));
        query.execute(&mut sql).await.unwrap();
    };
    // As the engine writes it by itself.
    run(format!(
        "SELECT rule_nats_stream_create('{name}', ARRAY['{}.>'])",
        name.to_lowercase()
    ))
    .await;
    let status = ["stream", "status", "--stream", &name];
    let ensure = ["stream", "ensure", "--stream", &name, "--yes"];
    let missing = wavegate(&db, &nats, &status);
    assert_eq!(missing.code, 5);
    assert_eq!(
        fields(&missing.json["data"]["hazards"]),
        ["max_messages", "max_bytes"]
    );
    let planned = wavegate(&db, &nats, &[&ensure[..], &["--dry-run"]].concat());
    assert_eq!(planned.code, 0, "{}", planned.told);
    let bus = bus(&nats).await;
    assert!(bus::live_stream(&bus, &name).await.unwrap().is_none());

    let made = wavegate(&db, &nats, &ensure);
    assert_eq!(made.code, 0, "{}", made.told);
    assert!(
        made.told
            .contains("warning: max_messages: beyond 1000000 messages the oldest go"),
        "{}",
        made.told
    );
    let live = bus::live_stream(&bus, &name)
        .await
        .unwrap()
        .unwrap()
        .definition;
    assert_eq!(live.max_messages, 1_000_000);
    assert_eq!(live.max_bytes, 1 << 30);
    assert_eq!(live.discard, "old");
    assert_eq!(wavegate(&db, &nats, &status).code, 0);

    run(format!(
        "UPDATE rule_nats_streams SET max_messages = 500, max_bytes = 100000, max_age_seconds = 3600, discard_policy = 'new',
             duplicate_window_seconds = 60, subjects = ARRAY['{0}.>', '{0}_more.*'] WHERE stream_name = '{name}'",
        name.to_lowercase()
    ))
    .await;
    let differs = wavegate(&db, &nats, &status);
    assert_eq!(differs.code, 5);
    let all = [
        "subjects",
        "discard",
        "max_messages",
        "max_bytes",
        "max_age",
        "duplicate_window",
    ];
    let differences = &differs.json["data"]["differences"];
    assert_eq!(fields(differences), all);
    assert!(
        differences
            .as_array()
            .unwrap()
            .iter()
            .all(|d| d["in_place"] == true)
    );
    // Lower than what is set now: said before it is done.
    assert!(
        differences[4]["why"]
            .as_str()
            .unwrap()
            .contains("goes at once")
    );
    let changed = wavegate(&db, &nats, &ensure);
    assert_eq!(changed.code, 0, "{}", changed.told);
    let after = wavegate(&db, &nats, &status);
    assert_eq!(after.code, 0, "{}", after.json);
    assert_eq!(fields(&after.json["data"]["hazards"]), ["max_age"]);
    let live = bus::live_stream(&bus, &name)
        .await
        .unwrap()
        .unwrap()
        .definition;
    assert_eq!(live.duplicate_window, Duration::from_secs(60));
    assert_eq!(live.subjects.len(), 2);

    // What cannot change is refused as a whole, with the reason, and nothing is touched.
    for (change, reason) in [
        ("storage_type = 'memory'", "make the stream anew"),
        ("retention_policy = 'workqueue'", "make the stream anew"),
        ("replicas = 3", "single server"),
    ] {
        run(format!(
            "UPDATE rule_nats_streams SET {change}, max_messages = 400 WHERE stream_name = '{name}'"
        ))
        .await;
        let refused = wavegate(&db, &nats, &ensure);
        assert_eq!(refused.code, 5, "{change}: {}", refused.told);
        assert!(refused.told.contains(reason), "{change}: {}", refused.told);
        let live = bus::live_stream(&bus, &name)
            .await
            .unwrap()
            .unwrap()
            .definition;
        assert_eq!(live.max_messages, 500, "{change}");
        run(format!(
            "UPDATE rule_nats_streams SET storage_type = 'file', retention_policy = 'limits', replicas = 1, max_messages = 500 WHERE stream_name = '{name}'"
        ))
        .await;
    }
    bus.jetstream().delete_stream(&name).await.unwrap();
    run(format!(
        "UPDATE rule_nats_streams SET replicas = 3 WHERE stream_name = '{name}'"
    ))
    .await;
    let alone = wavegate(&db, &nats, &ensure);
    assert_eq!(alone.code, 5, "{}", alone.told);
    assert!(
        alone.told.contains("cannot hold 3 replicas") && alone.told.contains("cluster"),
        "{}",
        alone.told
    );
}

#[tokio::test]
async fn settings_that_nobody_wrote_down_are_warned_of() {
    let db = TestDb::new(Shape::B, Schema::Migrated).await;
    let nats = TestNats::new();
    let name = nats.prefix.clone();
    let bus = bus(&nats).await;
    let config = Config {
        name: name.clone(),
        subjects: vec![format!("{}.>", name.to_lowercase())],
        max_messages_per_subject: 10,
        no_ack: true,
        duplicate_window: Duration::from_secs(1),
        ..Config::default()
    };
    let made = bus.jetstream().create_stream(config).await.unwrap();
    let consumer = async_nats::jetstream::consumer::pull::Config {
        durable_name: Some("wavegate".into()),
        max_deliver: 5,
        inactive_threshold: Duration::from_secs(3_600),
        ..Default::default()
    };
    made.create_consumer(consumer).await.unwrap();
    let status = wavegate(&db, &nats, &["stream", "status", "--stream", &name]);
    let hazards = &status.json["data"]["hazards"];
    assert_eq!(
        fields(hazards),
        [
            "duplicate_window",
            "no_ack",
            "max_msgs_per_subject",
            "max_deliver",
            "inactive_threshold"
        ]
    );
    bus.jetstream().delete_stream(&name).await.unwrap();
}

/// What `stream status` says can change is what this very server changes, field by field.
#[tokio::test]
async fn what_can_change_is_what_the_server_changes() {
    let nats = TestNats::new();
    let bus = bus(&nats).await;
    type Change = fn(&mut StreamDefinition);
    let changes: [(&str, &str, Change); 11] = [
        ("limits", "subjects", |w| {
            w.subjects.push(format!("{}_other", w.name.to_lowercase()))
        }),
        ("limits", "storage", |w| w.storage = "memory".into()),
        ("limits", "retention", |w| w.retention = "interest".into()),
        ("limits", "retention", |w| w.retention = "workqueue".into()),
        ("interest", "retention", |w| w.retention = "limits".into()),
        ("workqueue", "retention", |w| w.retention = "limits".into()),
        ("limits", "discard", |w| w.discard = "old".into()),
        ("limits", "max_messages", |w| w.max_messages = 7),
        ("limits", "max_age", |w| {
            w.max_age = Duration::from_secs(86_400)
        }),
        ("limits", "replicas", |w| w.replicas = 3),
        ("limits", "duplicate_window", |w| {
            w.duplicate_window = Duration::from_secs(300)
        }),
    ];
    for (number, (from, field, change)) in changes.into_iter().enumerate() {
        let name = format!("{}_{number}", nats.prefix);
        let subject = format!("{}_{number}.a.>", nats.prefix.to_lowercase());
        let mut wanted = StreamDefinition::safe(&name, vec![subject]);
        wanted.retention = from.into();
        bus::ensure_stream(&bus, &wanted).await.unwrap();
        change(&mut wanted);
        let live = bus::live_stream(&bus, &name).await.unwrap().unwrap();
        let told = bus::stream_changes(&wanted, &live);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].field, field);
        let handle = bus.jetstream().get_stream(&name).await.unwrap();
        let mut config = handle.cached_info().config.clone();
        config.subjects = wanted.subjects.clone();
        config.storage = match wanted.storage.as_str() {
            "memory" => StorageType::Memory,
            _ => StorageType::File,
        };
        config.retention = match wanted.retention.as_str() {
            "interest" => RetentionPolicy::Interest,
            "workqueue" => RetentionPolicy::WorkQueue,
            _ => RetentionPolicy::Limits,
        };
        config.discard = match wanted.discard.as_str() {
            "old" => DiscardPolicy::Old,
            _ => DiscardPolicy::New,
        };
        config.max_messages = wanted.max_messages;
        config.max_age = wanted.max_age;
        config.num_replicas = wanted.replicas;
        config.duplicate_window = wanted.duplicate_window;
        let done = bus.jetstream().update_stream(config).await;
        // A single server of 2.9 says yes to more replicas, and makes none.
        if field != "replicas" {
            assert_eq!(
                done.is_ok(),
                told[0].in_place,
                "{from}: {field} on {}: {:?}, {told:?}",
                live.server,
                done.err()
            );
        } else {
            assert!(!told[0].in_place, "{told:?}");
        }
        bus.jetstream().delete_stream(&name).await.unwrap();
    }
}
