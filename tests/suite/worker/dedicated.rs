//! Dedicated workers: they deliver for some webhooks and for no other, on both paths, and whoever asks who would deliver all does not
//! count them.

use crate::{
    support::Shape,
    support::plane::{Plane, Process},
};

/// A migration with the waves `critical`, `rest` and `empty`.
async fn waves(plane: &mut Plane) {
    plane
        .run("INSERT INTO wavegate.migration (migration_id, name, plan, plan_hash) VALUES (1, 'm', '', '')")
        .await;
    plane
        .run("INSERT INTO wavegate.wave (migration_id, position, name) VALUES (1, 1, 'critical'), (1, 2, 'rest'), (1, 3, 'empty')")
        .await;
}

async fn join(plane: &mut Plane, webhook: i32, position: i32) {
    let sql = format!(
        "INSERT INTO wavegate.member (migration_id, webhook_id, position, webhook_name, found) VALUES (1, {webhook}, {position}, 'w', '{{}}')
         ON CONFLICT (migration_id, webhook_id) DO UPDATE SET position = excluded.position"
    );
    plane.run(&sql).await;
}

async fn dedicated(plane: &Plane, to: &[&str]) -> Process {
    plane.start(&[&["worker"], to].concat()).await
}

/// Waits until every event of these webhooks is delivered.
async fn until_all(plane: &mut Plane, webhooks: &[i32]) {
    let open = format!(
        "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered' AND webhook_id = ANY (ARRAY{webhooks:?}))
              + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success' AND webhook_id = ANY (ARRAY{webhooks:?}))"
    );
    plane.until(60, &open, 0).await;
}

#[tokio::test]
async fn it_delivers_its_own_events_and_no_others_on_both_paths() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        waves(&mut plane).await;
        let mut mine = vec![
            plane.webhook("ok", "queue", 0).await,
            plane.webhook("ok", "both", 50).await,
            plane.webhook("ok", "nats", 0).await,
            // Its retry must come without an ordinary worker, too.
            plane.webhook("fail-1", "nats", 0).await,
        ];
        for webhook in &mine {
            join(&mut plane, *webhook, 1).await;
        }
        let named = plane.webhook("ok", "nats", 0).await;
        mine.push(named);
        let others = [
            plane.webhook("ok", "queue", 0).await,
            plane.webhook("ok", "both", 50).await,
            plane.webhook("ok", "nats", 0).await,
        ];
        join(&mut plane, others[0], 2).await;
        let _relay = plane.relay().await;
        // What the ordinary workers have done stays done, and what waits when they go is taken.
        let ordinary = dedicated(&plane, &[]).await;
        let (mut ids, mut theirs) = (Vec::new(), Vec::new());
        for webhook in mine.iter().chain(&others) {
            ids.extend(plane.emit(*webhook, 5).await);
        }
        until_all(&mut plane, &[&mine[..], &others].concat()).await;
        plane.until_acknowledged(10).await;
        assert!(ordinary.stop().await);
        for webhook in &mine {
            ids.extend(plane.emit(*webhook, 10).await);
        }
        for webhook in &others {
            theirs.extend(plane.emit(*webhook, 10).await);
        }
        let name = format!("id:{named}");
        let to = ["--wave", "critical", "--webhook", &name];
        let one = dedicated(&plane, &to).await;
        let two = dedicated(&plane, &to).await;
        for webhook in &mine {
            ids.extend(plane.emit(*webhook, 10).await);
        }
        until_all(&mut plane, &mine).await;
        plane.assert_once(&ids);
        // Nobody else's was touched, and nobody is there for all.
        let touched = format!(
            "SELECT (SELECT count(*) FROM rule_webhook_events WHERE event_id = ANY (ARRAY{theirs:?}) AND attempt > 0)
                  + (SELECT count(*) FROM wavegate.queue WHERE status <> 'pending' AND event_id = ANY (ARRAY{theirs:?}))"
        )
        .replace('"', "'");
        assert_eq!(plane.number(&touched).await, 0);
        let said = plane.command(&["status", "--output", "json"]).await;
        let alive = r#""dedicated_workers":4"#;
        assert!(said.out.contains(alive), "{}", said.out);
        assert!(said.out.contains(r#""queue_workers":0"#), "{}", said.out);
        assert!(said.out.contains(r#""nats_workers":0"#), "{}", said.out);
        // An ordinary worker serves all, beside them.
        let _ordinary = dedicated(&plane, &[]).await;
        for webhook in mine.iter().chain(&others) {
            ids.extend(plane.emit(*webhook, 10).await);
        }
        until_all(&mut plane, &[&mine[..], &others].concat()).await;
        ids.extend(theirs);
        plane.assert_once(&ids);
        plane.until_acknowledged(10).await;
        for worker in [one, two] {
            assert!(worker.stop().await);
        }
    }
}

#[tokio::test]
async fn what_holds_up_the_others_does_not_hold_up_its_own() {
    let mut plane = Plane::new(Shape::A).await;
    let slow = [
        plane.webhook("slow-50000", "queue", 0).await,
        plane.webhook("slow-50000", "nats", 0).await,
    ];
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 60000")
        .await;
    let critical = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    let _relay = plane.relay().await;
    let _ordinary = dedicated(&plane, &["--concurrency", "2", "--per-host", "0"]).await;
    for webhook in slow {
        plane.emit(webhook, 30).await;
    }
    // Every place of the ordinary worker is taken, on both paths.
    let held = "SELECT least((SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed'), 8)
                     + least((SELECT count(*) FROM wavegate.queue WHERE status = 'processing'), 8)";
    plane.until(30, held, 16).await;
    let names = critical.map(|id| format!("id:{id}"));
    let _dedicated = dedicated(&plane, &["--webhook", &names[0], "--webhook", &names[1]]).await;
    let mut ids = Vec::new();
    for webhook in critical {
        ids.extend(plane.emit(webhook, 20).await);
    }
    until_all(&mut plane, &critical).await;
    let successes = plane.receiver.successes();
    let once = |id: &String| successes.get(id) == Some(&1);
    assert!(ids.iter().all(once), "{successes:?}");
    let waiting = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered')
                        + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
    assert!(plane.number(waiting).await > 0, "the others came first");
}

#[tokio::test]
async fn it_follows_its_wave() {
    let mut plane = Plane::new(Shape::B).await;
    waves(&mut plane).await;
    let first = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    let second = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    let _relay = plane.relay().await;
    let worker = dedicated(&plane, &["--wave", "empty"]).await;
    let mut ids = Vec::new();
    // Webhooks come into a wave that had none; what waited before is theirs too.
    for webhook in first {
        ids.extend(plane.emit(webhook, 5).await);
        join(&mut plane, webhook, 3).await;
    }
    until_all(&mut plane, &first).await;
    // Another name and another subject are the same webhook.
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET webhook_name = 'renamed ' || webhook_id, nats_subject = 'webhooks.renamed.' || webhook_id
             WHERE webhook_id = ANY (ARRAY{first:?})"
        ))
        .await;
    for webhook in first {
        ids.extend(plane.emit(webhook, 5).await);
    }
    until_all(&mut plane, &first).await;
    // They go to another wave, others come.
    for webhook in first {
        join(&mut plane, webhook, 2).await;
    }
    for webhook in second {
        join(&mut plane, webhook, 3).await;
        ids.extend(plane.emit(webhook, 5).await);
    }
    until_all(&mut plane, &second).await;
    plane.assert_once(&ids);
    let mut left = Vec::new();
    for webhook in first {
        left.extend(plane.emit(webhook, 5).await);
    }
    for webhook in second {
        ids.extend(plane.emit(webhook, 5).await);
    }
    until_all(&mut plane, &second).await;
    plane.assert_once(&ids);
    // An ordinary worker has those that left. All are deleted: the dedicated one waits, and ends in order.
    let _ordinary = dedicated(&plane, &[]).await;
    until_all(&mut plane, &first).await;
    plane.assert_once(&[ids, left].concat());
    let all = [first, second].concat();
    plane
        .run(&format!(
            "DELETE FROM wavegate.queue WHERE webhook_id = ANY (ARRAY{all:?})"
        ))
        .await;
    plane
        .run(&format!(
            "DELETE FROM rule_webhooks WHERE webhook_id = ANY (ARRAY{all:?})"
        ))
        .await;
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !worker.log_text().contains("no webhook to serve; waiting")
        || worker.log_text().matches("no webhook to serve").count() < 2
    {
        assert!(std::time::Instant::now() < end, "{}", worker.log_text());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(worker.stop().await);
}

#[tokio::test]
async fn names_that_lead_nowhere_are_told_at_once() {
    let mut plane = Plane::new(Shape::A).await;
    let ids = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "queue", 0).await,
    ];
    let said = plane.command(&["worker", "--wave", "critical"]).await;
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("no migration has begun"), "{}", said.err);
    waves(&mut plane).await;
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET webhook_name = '{}' WHERE webhook_id = {}",
            ids[1], ids[0]
        ))
        .await;
    let two = ids[1].to_string();
    let wrong = [
        "worker",
        "--path",
        "queue",
        "--wave",
        "critcal",
        "--wave",
        "rest",
        "--wave",
        "gone",
        "--webhook",
        "nobody",
        "--webhook",
        &two,
    ];
    let said = plane.command(&wrong).await;
    assert_eq!(said.code, 2, "{}", said.err);
    for part in [
        "4 names lead nowhere",
        "`critcal` (did you mean `critical`?)",
        "no wave `gone`",
        "`nobody`",
        "may mean more than one webhook",
    ] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    assert!(!said.err.contains("`rest`"), "{}", said.err);
    let fine = ["worker", "--wave", "rest", "--webhook", "id:1", "--dry-run"];
    let said = plane.command(&fine).await;
    assert_eq!(said.code, 0, "{}", said.err);
}

/// A stream that allows one reader of a message is not narrowed behind its back.
#[tokio::test]
async fn a_work_queue_has_no_place_for_it() {
    let plane = Plane::new(Shape::A).await;
    let mut plane = plane;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let bus = plane.bus().await;
    bus.jetstream()
        .delete_stream(crate::support::plane::STREAM)
        .await
        .unwrap();
    let wanted = wavegate::model::StreamDefinition {
        retention: "workqueue".into(),
        ..wavegate::model::StreamDefinition::safe(
            crate::support::plane::STREAM,
            vec!["webhooks.>".into()],
        )
    };
    wavegate::bus::ensure_stream(&bus, &wanted).await.unwrap();
    let worker = dedicated(
        &plane,
        &["--path", "nats", "--webhook", &format!("id:{webhook}")],
    )
    .await;
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !worker.log_text().contains("retention workqueue") {
        assert!(std::time::Instant::now() < end, "{}", worker.log_text());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(worker.stop().await);
}
