//! `wavegate run` as a process, with relay, workers and real gates: to the end while drivers freeze and die, and back where NATS dies.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::gates;
use crate::support::{
    Shape,
    plane::{Plane, Process},
    receiver::Receiver,
};

/// Webhooks `p` and `v`, and a plan for them whose days are seconds.
async fn begin(guard: &str) -> (Plane, Vec<i32>, tempfile::TempDir, String) {
    let mut plane = Plane::new(Shape::A).await;
    let (pilot, volume) = (
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "queue", 0).await,
    );
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.yaml");
    let text = format!(
        "version: 1
name: driven
nats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}
defaults:
  soak: 3s
  watch: 1s
  shares: [0, 50, 100]
  takeover_after: 5s
{gates}
{guard}
waves:
  - {{ name: pilot, match: {{ ids: [{pilot}] }}, unattended: true }}
  - {{ name: volume, match: {{ ids: [{volume}] }}, unattended: true }}
",
        gates = gates("200ms", "3s")
    );
    std::fs::write(&plan, text).unwrap();
    (plane, vec![pilot, volume], dir, plan.display().to_string())
}

/// Calls both webhooks until `sql` is true, for so many seconds at most; their events' ids.
async fn traffic_until(
    plane: &mut Plane,
    webhooks: &[i32],
    seconds: u64,
    sql: &str,
) -> Vec<String> {
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let mut ids = Vec::new();
    let condition = format!("SELECT ({sql})::int::bigint");
    while plane.number(&condition).await == 0 {
        assert!(
            tokio::time::Instant::now() < end,
            "never: {sql}\n{}",
            plane.log_text()
        );
        for webhook in webhooks {
            ids.extend(plane.emit(*webhook, 2).await);
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    ids
}

async fn driver(plane: &Plane, plan: &str) -> Process {
    plane.start(&["run", plan, "--yes"]).await
}

fn step(wave: &str, step: &str) -> String {
    format!("EXISTS (SELECT FROM wavegate.wave WHERE name = '{wave}' AND step = '{step}')")
}

/// Two drivers, of which one freezes, thaws and the other is killed: every step is taken once, and every event arrives once.
#[tokio::test]
async fn a_migration_drives_itself_to_its_end_while_drivers_freeze_and_die() {
    let guard = "auto_rollback: { on: [errors], after: 3, every: 1s }";
    let (mut plane, webhooks, _dir, plan) = begin(guard).await;
    let _crew = (plane.relay().await, plane.worker("both").await);
    let one = driver(&plane, &plan).await;
    let mut ids = traffic_until(&mut plane, &webhooks, 60, &step("pilot", "hybrid")).await;
    let other = driver(&plane, &plan).await;
    assert!(
        other.log_text().contains("standing by"),
        "{}",
        other.log_text()
    );
    let said = plane.command(&["run", &plan, "--once", "--yes"]).await;
    assert_eq!(said.code, 5, "{}", said.err);
    one.freeze();
    ids.extend(traffic_until(&mut plane, &webhooks, 60, &step("pilot", "nats")).await);
    one.thaw();
    ids.extend(traffic_until(&mut plane, &webhooks, 60, &step("volume", "hybrid")).await);
    other.kill();
    // PostgreSQL ends every session of the one that is left, as a restart does.
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE application_name LIKE 'wavegate run%' AND datname = current_database()";
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(plane.number(ended).await > 0);
    ids.extend(traffic_until(&mut plane, &webhooks, 90, &step("volume", "finished")).await);
    assert_eq!(one.wait().await, Some(0));
    plane.until_all_delivered(60).await;
    plane.assert_once(&ids);
    let steps =
        "SELECT count(*) FROM wavegate.journal WHERE step IN ('flip.done', 'wave.finished')";
    assert_eq!(plane.number(steps).await, 10);
    let twice = "SELECT count(*) FROM (SELECT FROM wavegate.journal WHERE step IN ('flip.done', 'flip.barrier', 'flip.checked', 'wave.finished')
                 GROUP BY step, wave, before ->> 'step', after ->> 'to' HAVING count(*) > 1) AS t";
    assert_eq!(plane.number(twice).await, 0, "a line stands twice");
    plane.close().await;
}

/// Nobody publishes and delivers by NATS any more: the wave goes back, once somebody is there to deliver from the queue, and the driver says so by its
/// exit code.
#[tokio::test]
async fn where_nats_dies_the_wave_goes_back_and_everything_arrives() {
    let guard = "auto_rollback: { on: [workers], after: 2, every: 1s }";
    let (mut plane, webhooks, dir, plan) = begin(guard).await;
    let (relay, by_nats) = (plane.relay().await, plane.worker("nats").await);
    let by_queue = plane.worker("queue").await;
    let run = driver(&plane, &plan).await;
    let half = "EXISTS (SELECT FROM wavegate.wave WHERE name = 'pilot' AND step = 'hybrid' AND share = 50)";
    let mut ids = traffic_until(&mut plane, &webhooks, 60, half).await;
    // Who stands still waits for the guard, too.
    let said = plane
        .command(&["hold", "--all", "--reason", "month end", "--yes"])
        .await;
    assert_eq!(said.code, 0, "{}", said.err);
    relay.kill();
    by_nats.kill();
    // Whoever cannot reach NATS guards all the same.
    plane.nats.kill();
    ids.extend(traffic_until(&mut plane, &webhooks, 60, &step("pilot", "rolled_back")).await);
    assert_eq!(run.wait().await, Some(7));
    let _crew = by_queue;
    plane.until_all_delivered(60).await;
    plane.assert_once(&ids);
    let fired = "SELECT count(*) FROM wavegate.journal WHERE step = 'guard.fired' AND wave = 'pilot' AND after -> 'gates' = '[\"workers\"]'";
    assert_eq!(plane.number(fired).await, 1);
    // It stays so, and a look says what for.
    let said = plane
        .command(&["run", &plan, "--once", "--yes", "-o", "json"])
        .await;
    assert_eq!(said.code, 4, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("wavegate apply --wave pilot --resume"),
        "{}",
        said.out
    );
    drop(dir);
    plane.close().await;
}

/// Who drives without a plan file goes on by the text that it was amended to.
#[tokio::test]
async fn an_amended_plan_is_gone_on_with() {
    let (mut plane, webhooks, dir, plan) = begin("").await;
    let _crew = (plane.relay().await, plane.worker("both").await);
    let slow = dir.path().join("slow.yaml").display().to_string();
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&slow, text.replace("soak: 3s", "soak: 3h")).unwrap();
    let said = plane
        .command(&["apply", &slow, "--wave", "pilot", "--yes"])
        .await;
    assert_eq!(said.code, 0, "{}", said.err);
    let run = plane.start(&["run", "--yes"]).await;
    let said = plane
        .command(&["plan", &plan, "--amend", "--confirm", "driven"])
        .await;
    assert_eq!(said.code, 0, "{}", said.err);
    let half = "EXISTS (SELECT FROM wavegate.wave WHERE name = 'pilot' AND share = 50)";
    let ids = traffic_until(&mut plane, &webhooks, 60, half).await;
    assert!(run.log_text().contains("amended"), "{}", run.log_text());
    run.kill();
    plane.until_all_delivered(60).await;
    plane.assert_once(&ids);
    plane.close().await;
}

/// One that freezes in the middle of a transaction holds what the gates have counted, and yet another one goes on within seconds.
#[tokio::test]
async fn a_driver_frozen_in_a_transaction_stops_nobody() {
    let guard = "auto_rollback: { on: [errors], after: 3, every: 1s }";
    let (mut plane, webhooks, _dir, plan) = begin(guard).await;
    let _crew = (plane.relay().await, plane.worker("both").await);
    let one = driver(&plane, &plan).await;
    traffic_until(&mut plane, &webhooks, 60, &step("pilot", "hybrid")).await;
    let within = "SELECT count(*) FROM pg_stat_activity a JOIN pg_locks l USING (pid)
                  WHERE a.application_name LIKE 'wavegate run%' AND a.datname = current_database() AND a.state = 'idle in transaction'
                    AND l.relation = 'wavegate.tally'::regclass AND l.mode = 'RowExclusiveLock'";
    let end = tokio::time::Instant::now() + Duration::from_secs(120);
    loop {
        one.freeze();
        // What it had sent is done by then.
        tokio::time::sleep(Duration::from_millis(60)).await;
        if plane.number(within).await > 0 {
            break;
        }
        one.thaw();
        assert!(tokio::time::Instant::now() < end, "never in a transaction");
        let pause = Duration::from_millis(fastrand::u64(1..60));
        tokio::time::sleep(pause).await;
    }
    let other = driver(&plane, &plan).await;
    let half = "EXISTS (SELECT FROM wavegate.wave WHERE name = 'pilot' AND step = 'hybrid' AND share = 50)";
    traffic_until(&mut plane, &webhooks, 40, half).await;
    drop((one, other));
    plane.close().await;
}

/// The program that docs/run.md has for a chat, with the message that it has for an example: both as they stand there.
#[tokio::test]
async fn the_documented_notice_reaches_a_chat() {
    let docs = include_str!("../../../docs/run.md");
    let block = |fence: &str| {
        let (_, rest) = docs.split_once(&format!("```{fence}\n")).unwrap();
        rest.split_once("```").unwrap().0.to_string()
    };
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("notify.sh");
    std::fs::write(&program, block("sh")).unwrap();
    let chat = Receiver::start().await;
    let mut notice = tokio::process::Command::new("sh")
        .arg(&program)
        .env("CHAT_URL", format!("{}/chat", chat.url))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut input = notice.stdin.take().unwrap();
    input.write_all(block("json").as_bytes()).await.unwrap();
    drop(input);
    assert!(notice.wait().await.unwrap().success());
    let said: Vec<String> = chat.calls().into_iter().map(|call| call.body).collect();
    let text = "on_rollback prod-2026q4 pilot: errors failed 2 times in a row";
    assert_eq!(said, [format!("{{\"text\": \"{text}\"}}")]);
}
