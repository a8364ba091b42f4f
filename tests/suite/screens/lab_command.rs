//! The lab: the audit tells every kind of damage, the same seed plays the same piece, `lab up` leaves and `lab down` removes.

use std::{
    collections::{HashMap, HashSet},
    process::Command,
    time::Duration,
};

use sqlx::Connection as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wavegate::lab::{
    audit::{Audit, Emitted, compare},
    backdrop::{LabShape, Placed, build},
    receiver::{Hit, Receiver, Record},
    traffic::{Rate, Script, Traffic},
    webhooks,
};

use crate::support::{Schema, Shape, TestDb, unique};

fn emitted(id: &str, wave: &str, position: i32) -> Emitted {
    Emitted {
        event_id: id.to_string(),
        wave: wave.to_string(),
        position,
        dead: false,
        state: "ledger open".to_string(),
    }
}

fn hit(status: Option<u16>) -> Hit {
    Hit {
        number: 1,
        at: Duration::from_millis(1),
        status,
        through_nats: true,
    }
}

fn record(hits: &[(&str, &[Option<u16>])]) -> Record {
    hits.iter()
        .map(|(id, hits)| (id.to_string(), hits.iter().copied().map(hit).collect()))
        .collect()
}

fn audit(hits: &[(&str, &[Option<u16>])], killed: &[&[&str]]) -> Audit {
    let held = killed
        .iter()
        .map(|held| held.iter().map(ToString::to_string).collect())
        .collect();
    compare(
        &[emitted("a", "pilot", 1), emitted("b", "rest", 2)],
        &record(hits),
        &held,
        &HashSet::from(["r".to_string()]),
    )
}

const OK: Option<u16> = Some(200);

#[test]
fn an_audit_of_clean_delivery_holds() {
    let audit = audit(&[("a", &[OK]), ("b", &[Some(503), None, Some(204)])], &[]);
    assert_eq!(audit.waves.len(), 2);
    assert!(audit.waves.iter().all(wavegate::model::WaveAudit::holds));
    assert_eq!((audit.waves[0].emitted, audit.waves[0].delivered), (1, 1));
    assert_eq!((audit.waves[1].delivered, audit.waves[1].retried), (1, 2));
    assert!(audit.examples.is_empty());
}

#[test]
fn an_event_that_never_got_through_is_lost() {
    let audit = audit(&[("a", &[OK]), ("b", &[Some(500), None])], &[]);
    assert_eq!((audit.waves[1].lost, audit.waves[1].delivered), (1, 0));
    assert!(!audit.waves[1].holds());
    assert!(audit.examples[0].starts_with("lost: b"));
}

#[test]
fn two_good_answers_are_a_duplicate_unless_its_worker_was_killed() {
    let twice: &[(&str, &[Option<u16>])] = &[("a", &[OK, OK]), ("b", &[OK])];
    let plain = audit(twice, &[]);
    assert_eq!(
        (plain.waves[0].duplicated, plain.waves[0].ambiguous),
        (1, 0)
    );
    assert!(plain.examples[0].starts_with("duplicated: a"));
    let other = audit(twice, &[&["b"]]);
    assert_eq!(other.waves[0].duplicated, 1);
    let excused = audit(twice, &[&["a", "b"]]);
    assert_eq!(
        (excused.waves[0].duplicated, excused.waves[0].ambiguous),
        (0, 1)
    );
    assert_eq!(excused.waves[1].ambiguous, 0, "it arrived once");
    let thrice = audit(&[("a", &[OK, OK, OK]), ("b", &[OK])], &[&["a"]]);
    assert_eq!(
        (thrice.waves[0].duplicated, thrice.waves[0].ambiguous),
        (1, 1),
        "one kill excuses one"
    );
}

#[test]
fn a_call_cut_off_by_the_kill_counts_as_ambiguous() {
    let audit = audit(&[("a", &[None, OK]), ("b", &[OK])], &[&["a"]]);
    assert_eq!(
        (
            audit.waves[0].duplicated,
            audit.waves[0].ambiguous,
            audit.waves[0].retried
        ),
        (0, 1, 0)
    );
}

#[test]
fn what_nobody_committed_is_a_ghost() {
    let audit = audit(&[("a", &[OK]), ("b", &[OK]), ("r", &[OK])], &[]);
    let last = audit.waves.last().unwrap();
    assert_eq!((last.ghosts, last.emitted), (1, 0));
    assert!(!last.holds());
    assert!(audit.examples[0].contains("its caller rolled back"));
}

#[test]
fn a_dead_event_is_no_lost_one_and_does_not_hold() {
    let mut event = emitted("a", "pilot", 1);
    event.dead = true;
    let audit = compare(&[event], &HashMap::new(), &Vec::new(), &HashSet::new());
    assert_eq!((audit.waves[0].dead, audit.waves[0].lost), (1, 0));
    assert!(!audit.waves[0].holds());
}

#[test]
fn two_calls_with_one_id_do_not_hide_one_another() {
    let audit = compare(
        &[emitted("a", "pilot", 1), emitted("a", "pilot", 1)],
        &record(&[("a", &[OK])]),
        &Vec::new(),
        &HashSet::new(),
    );
    assert_eq!((audit.waves[0].delivered, audit.waves[0].lost), (1, 1));
}

fn placed(seed: u64) -> Vec<Placed> {
    webhooks::set(seed)
        .into_iter()
        .map(|webhook| Placed {
            webhook_id: webhook.number.into(),
            webhook,
        })
        .collect()
}

#[test]
fn the_same_seed_plays_the_same_piece() {
    assert_eq!(webhooks::set(7), webhooks::set(7));
    assert_ne!(webhooks::set(7), webhooks::set(8));
    let script =
        |seed, session| -> Vec<_> { Script::new(seed, session, &placed(7)).take(500).collect() };
    assert_eq!(script(7, 0), script(7, 0));
    assert_ne!(script(7, 0), script(7, 1));
    assert_ne!(script(7, 0), script(8, 0));
    let deals = script(7, 0);
    assert!(deals.iter().any(|deal| deal.roll_back));
    let set = placed(7);
    let off = deals
        .iter()
        .flat_map(|deal| &deal.calls)
        .any(|(webhook, _)| !set[*webhook].webhook.enabled);
    assert!(!off, "nobody calls a webhook that is switched off");
}

#[test]
fn the_set_has_webhooks_of_all_kinds() {
    let set = webhooks::set(1);
    assert!(set.len() >= 40);
    let names: HashSet<&str> = set.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(names.len(), set.len());
    assert!(set.iter().any(|w| !w.enabled));
    assert!(set.iter().any(|w| w.behaviour.delay_ms() >= 300));
    let methods: HashSet<&str> = set.iter().map(|w| w.method).collect();
    assert!(methods.len() >= 4);
}

/// One request; `target` is a path, or a whole URL as a proxy is asked.
async fn call(receiver: &Receiver, target: &str, id: &str) -> u16 {
    let address = receiver.address();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {target} HTTP/1.1\r\nhost: {address}\r\nwebhook-id: {id}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer[9..12].parse().unwrap()
}

#[tokio::test]
async fn the_receiver_tells_the_paths_apart_and_breaks_one() {
    let receiver = Receiver::start(1, &webhooks::set(1), 0).await.unwrap();
    let proxied = format!("{}/hook/1", receiver.url());
    assert_eq!(call(&receiver, "/hook/1", "q").await, 200);
    assert_eq!(call(&receiver, &proxied, "n").await, 200);
    receiver.cut_off(HashSet::from([1]));
    assert_eq!(call(&receiver, &proxied, "m").await, 503);
    assert_eq!(call(&receiver, "/hook/1", "m").await, 200);
    let other = proxied.replace("/hook/1", "/hook/2");
    assert_eq!(call(&receiver, &other, "o").await, 200);
    receiver.cut_off(HashSet::new());
    assert_eq!(call(&receiver, &proxied, "m").await, 200);
    assert_eq!(receiver.paths(), (4, 6));
    let record = receiver.record();
    let statuses: Vec<_> = record["m"].iter().map(|hit| hit.status).collect();
    assert_eq!(statuses, [Some(503), OK, OK]);
}

#[tokio::test]
async fn a_flaky_endpoint_fails_some_events_once() {
    let set = webhooks::set(3);
    let flaky = set
        .iter()
        .find(|w| matches!(w.behaviour, webhooks::Behaviour::Flaky { .. }))
        .unwrap();
    let receiver = Receiver::start(3, &set, 0).await.unwrap();
    let target = format!("/hook/{}", flaky.number);
    let mut failed = Vec::new();
    for number in 0..300 {
        let id = format!("event-{number}");
        if call(&receiver, &target, &id).await == 500 {
            failed.push(id);
        }
    }
    assert!((1..=20).contains(&failed.len()), "{}", failed.len());
    for id in failed {
        assert_eq!(call(&receiver, &target, &id).await, 200);
    }
}

/// Callers before migration 007 and after it: each committed call is noted, each rolled back one is known.
#[tokio::test]
async fn callers_note_what_they_committed() {
    for (shape, lab_shape) in [(Shape::A, LabShape::A), (Shape::B, LabShape::B)] {
        let db = TestDb::new(shape, Schema::Engine).await;
        let name = unique("lab");
        let url = db.url.replace(&db.name, &name);
        let set = webhooks::set(5);
        let placed = build(&db.url, &url, lab_shape, &set, "http://127.0.0.1:9", 0.1)
            .await
            .unwrap();
        let rate = Rate {
            seed: 5,
            sessions: 2,
            per_second: 400.0,
        };
        let traffic = Traffic::start(&url, &placed, rate).await.unwrap();
        while traffic.committed() < 50 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (callers, _) = traffic.stop().await.unwrap();
        assert_eq!(callers.first_error, None);
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        let noted: i64 = sqlx::query_scalar("SELECT count(*) FROM lab.emitted")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(noted.cast_unsigned(), callers.committed);
        crate::support::migrate(&url).await;
        let rate = Rate { seed: 6, ..rate };
        let traffic = Traffic::start(&url, &placed, rate).await.unwrap();
        traffic.use_unified();
        while traffic.committed() < 50 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let (after, rolled_back) = traffic.stop().await.unwrap();
        assert_eq!(after.first_error, None);
        let rows: Vec<Emitted> = sqlx::query_as(include_str!("../../../sql/lab/emitted.sql"))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        assert_eq!(rows.len() as u64, callers.committed + after.committed);
        let ids: HashSet<&String> = rows.iter().map(|row| &row.event_id).collect();
        assert_eq!(ids.len(), rows.len(), "one id each");
        assert!(ids.iter().all(|id| !rolled_back.contains(*id)));
        let old = ids.iter().filter(|id| id.starts_with("call-")).count();
        assert_eq!(old as u64, callers.committed, "born before event ids were");
    }
}

#[test]
fn a_lab_stays_up_and_goes_down() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("lab");
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(["--output", "json", "lab"])
            .args(args)
            .arg("--dir")
            .arg(&dir)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), text)
    };
    assert_eq!(run(&["down"]).0, 5, "there is none yet");
    let (code, text) = run(&["up"]);
    assert_eq!(code, 0);
    let screen: serde_json::Value = serde_json::from_str(&text).unwrap();
    let nats = screen["data"]["nats_url"].as_str().unwrap().to_string();
    let address = nats.replace("nats://", "");
    assert!(std::net::TcpStream::connect(&address).is_ok());
    assert_eq!(run(&["up"]).0, 5, "one at a time");
    assert_eq!(run(&["traffic", "--rate", "100", "--seconds", "1"]).0, 0);
    assert_eq!(run(&["down"]).0, 0);
    assert!(std::net::TcpStream::connect(&address).is_err());
    assert!(!dir.exists());
}

/// The whole migration in small, with every kill and the rollback: on the layout of the guides, since `scripts/demo` plays the other.
#[test]
fn a_rehearsal_in_small_holds() {
    let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(["--output", "json", "lab", "demo"])
        .args(["--seed", "7", "--scale", "0.2", "--shape", "b"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}\n{text}");
    let screen: serde_json::Value = serde_json::from_str(&text).unwrap();
    let data = &screen["data"];
    assert_eq!(data["holds"], true);
    assert!(data["total"]["emitted"].as_u64().unwrap() > 1000, "{data}");
    assert_eq!(data["total"]["emitted"], data["total"]["delivered"]);
    assert_eq!(data["injuries"].as_array().unwrap().len(), 4);
    assert_eq!(data["waves"].as_array().unwrap().len(), 6);
    assert!(told.contains("ROLLED BACK: wave standard"), "{told}");
    assert!(told.contains("$ wavegate approve"), "{told}");
    // With the audit 150 lines, besides what a slow machine warns of.
    let lines = told.lines().filter(|line| !line.contains(" WARN "));
    assert!(lines.count() <= 123, "{told}");
}
