//! Circuits: an endpoint that fails is left alone, costs no attempts, is tried by one request at a time; and Retry-After.

use std::time::{Duration, Instant, SystemTime};

use wavegate::store::delivery::{
    Claim, ClaimHolder, ClaimRequest, ClaimVerdict, Renewal, Seen, claim_nats, claim_queue,
    release, renew,
};

use crate::{
    support::Shape,
    support::plane::Plane,
    worker::claims::{Desk, TEN},
};

/// Attempts that were spent on webhooks of this path of the receiver.
fn spent(paths: &str) -> String {
    format!(
        "SELECT (SELECT coalesce(sum(e.attempt), 0) FROM rule_webhook_events e JOIN rule_webhooks w USING (webhook_id) WHERE w.url ~ '{paths}$')::bigint
              + (SELECT coalesce(sum(q.retry_count + (q.status = 'success')::int), 0) FROM wavegate.queue q JOIN rule_webhooks w USING (webhook_id) WHERE w.url ~ '{paths}$')::bigint"
    )
}

const UNDELIVERED: &str = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
const HELD: &str = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed') + (SELECT count(*) FROM wavegate.queue WHERE status = 'processing')";

/// Waits until both circuits are open for so many seconds, and holds them open from then on, so that a slow machine may take its time.
async fn hold_open(plane: &mut Plane, which: &str, seconds: i32) {
    let hold = format!(
        "UPDATE wavegate.circuit SET open_until = now() + interval '1 hour'
         WHERE {which} AND open_until > now() AND open_until - failed_at BETWEEN interval '{seconds} s' / 2 AND interval '{seconds} s'"
    );
    let end = Instant::now() + Duration::from_secs(120);
    let mut held = 0;
    while held < 2 {
        assert!(
            Instant::now() < end,
            "{which}: {held}\n{}",
            plane.log_text()
        );
        held += plane.run(&hold).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_open_circuit_costs_no_attempts_and_one_request_at_a_time_tries_it() {
    let mut plane = Plane::new(Shape::A).await;
    // The queue's and NATS's: they fail, a little slowly.
    let doors = ["slow-40", "slow-41"];
    let mut ids = Vec::new();
    for (door, path) in doors.into_iter().zip(["queue", "nats"]) {
        plane.receiver.answers(door, 500, None);
        let webhook = plane.webhook(door, path, 0).await;
        ids.extend(plane.emit(webhook, 60).await);
    }
    let (plain, single) = (
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "nats", 0).await,
    );
    // Longer than the backoff that the probes here lead to.
    plane.run("UPDATE rule_webhooks SET max_retries = 10").await;
    let _relay = plane.relay().await;
    let options = ["--concurrency", "8", "--circuit-after", "5"];
    let _worker = plane
        .start(&[&["worker", "--path", "both"][..], &options].concat())
        .await;

    hold_open(&mut plane, "probes = 0", 5).await;
    // What the worker had claimed and not yet called is given back, not spent.
    plane.until(30, HELD, 0).await;
    let calls = |plane: &Plane| doors.map(|door| plane.receiver.count(door));
    let first = calls(&plane);
    assert!(
        first.iter().all(|count| (5..=20).contains(count)),
        "{first:?}"
    );
    let doors_spent = spent("/slow-4[01]");
    let total = |counts: [usize; 2]| i64::try_from(counts[0] + counts[1]).unwrap();
    assert_eq!(plane.number(&doors_spent).await, total(first));

    // The others are not held up meanwhile.
    for webhook in [plain, single] {
        ids.extend(plane.emit(webhook, 20).await);
    }
    let others = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status = 'success')";
    plane.until(30, others, 40).await;
    assert_eq!(calls(&plane), first);
    assert_eq!(plane.number(&doors_spent).await, total(first));

    // Half open: one request each, which fails, and the circuit stays open for twice as long.
    let ajar = "UPDATE wavegate.circuit SET open_until = now()";
    plane.run(ajar).await;
    hold_open(&mut plane, "probes = 1 AND probe IS NULL", 10).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(calls(&plane), first.map(|count| count + 1));
    assert_eq!(plane.number(&doors_spent).await, total(first) + 2);

    // A success closes it.
    for door in doors {
        plane.receiver.answers(door, 200, None);
    }
    plane.run(ajar).await;
    plane.until(60, UNDELIVERED, 0).await;
    plane
        .until(10, "SELECT count(*) FROM wavegate.circuit", 0)
        .await;
    plane.assert_once(&ids);
}

#[tokio::test]
async fn what_an_endpoint_asks_for_by_retry_after_is_kept_by_all_its_events() {
    let mut plane = Plane::new(Shape::B).await;
    let by_queue = plane.webhook("seconds", "queue", 0).await;
    let by_nats = plane.webhook("date", "nats", 0).await;
    // One call at a time: nothing is on its way when the first answer comes, but more is claimed.
    let options = ["--path", "both", "--concurrency", "1", "--per-host", "0"];
    let _processes = (
        plane.relay().await,
        plane.start(&[&["worker"][..], &options].concat()).await,
    );
    let until = chrono::Utc::now() + chrono::TimeDelta::seconds(5);
    let date = until.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    plane.receiver.answers("seconds", 429, Some("2"));
    plane.receiver.answers("date", 503, Some(&date));
    for webhook in [by_queue, by_nats] {
        plane
            .run(&format!(
                "SELECT rule_webhook_call_unified({webhook}, '{{}}') FROM generate_series(1, 8)"
            ))
            .await;
    }
    let end = Instant::now() + Duration::from_secs(120);
    for path in ["seconds", "date"] {
        while plane.receiver.count(path) == 0 {
            assert!(Instant::now() < end, "{}", plane.log_text());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        plane.receiver.answers(path, 200, None);
    }
    plane.until(60, UNDELIVERED, 0).await;
    let successes = plane.receiver.successes();
    assert!(successes.len() == 16 && successes.values().all(|count| *count == 1));
    let calls = plane.receiver.calls();
    let of = |path: &str| {
        let mut calls: Vec<_> = calls.iter().filter(|call| call.path == path).collect();
        calls.sort_by_key(|call| call.came);
        calls
    };
    let (seconds, date) = (of("seconds"), of("date"));
    let waited = seconds[1].came - seconds[0].left;
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
    let came = SystemTime::now() - date[1].came.elapsed();
    let asked = SystemTime::UNIX_EPOCH + Duration::from_secs(until.timestamp().try_into().unwrap());
    assert!(came >= asked, "{:?} early", asked.duration_since(came));
    // One attempt each was refused; the others have spent none on waiting.
    assert_eq!((seconds.len(), date.len()), (9, 9));
    let spent = "SELECT (SELECT sum(attempt) FROM rule_webhook_events) + (SELECT sum(retry_count + 1) FROM wavegate.queue)";
    assert_eq!(plane.number(spent).await, 18);
}

fn worker(id: &str) -> ClaimHolder {
    ClaimHolder {
        id: id.to_string(),
        slack_ms: 15_000,
    }
}

fn claimed(verdict: ClaimVerdict) -> Option<Claim> {
    match verdict {
        ClaimVerdict::Claimed(claim, _) => Some(*claim),
        _ => None,
    }
}

/// The circuit of a webhook: how many probes, which call has the turn, and whether it is open now.
async fn circuit(desk: &mut Desk, webhook: i32) -> (i32, Option<i64>, bool) {
    sqlx::query_as("SELECT probes, probe, open_until > clock_timestamp() FROM wavegate.circuit WHERE webhook_id = $1")
        .bind(webhook)
        .fetch_one(&mut desk.sql)
        .await
        .unwrap()
}

const HALF_OPEN: &str = "INSERT INTO wavegate.circuit (webhook_id, failures, opened_at, open_until)
     SELECT n, 9, now(), now() - interval '1 s' - n * interval '1 ms' FROM generate_series(1, 3) n";

#[tokio::test]
async fn the_turn_at_a_half_open_circuit_is_kept_by_renewing_and_given_on() {
    let mut desk = Desk::new(Shape::A).await;
    let (one, two) = (worker("one"), worker("two"));
    let before = desk.emit(3).await;
    let held = claimed(desk.ask(&one, &before, 3).await).unwrap();
    let events = [desk.emit(3).await, desk.emit(3).await, desk.emit(3).await];
    desk.run(HALF_OPEN).await;

    // A batch gets one turn, and nobody else a second one.
    let seen = events.clone().map(|event_id| Seen {
        event_id,
        webhook_id: 3,
        copy: 1,
        room: true,
    });
    let answers = claim_nats(&desk.db, &one, &seen, true).await.unwrap();
    let mut claims: Vec<Claim> = answers.into_iter().filter_map(|a| claimed(a.1)).collect();
    let probe = claims.pop().unwrap();
    assert!(claims.is_empty());
    assert_eq!(circuit(&mut desk, 3).await, (1, Some(probe.call_id), true));
    let others: Vec<&String> = events
        .iter()
        .filter(|id| Some(*id) != probe.event_id.as_ref())
        .collect();
    assert!(claimed(desk.ask(&two, others[0], 3).await).is_none());

    // It takes long: whoever renews the claim keeps the turn; renewing another claim of the webhook does not.
    desk.run("UPDATE wavegate.circuit SET open_until = now() - interval '1 ms'")
        .await;
    assert_eq!(
        renew(&desk.db, "one", &held, 60_000).await.unwrap(),
        Renewal::Held
    );
    assert_eq!(circuit(&mut desk, 3).await, (1, Some(probe.call_id), false));
    assert_eq!(
        renew(&desk.db, "one", &probe, 60_000).await.unwrap(),
        Renewal::Held
    );
    assert_eq!(circuit(&mut desk, 3).await, (1, Some(probe.call_id), true));
    assert!(claimed(desk.ask(&two, others[0], 3).await).is_none());

    // Given back uncalled, it is the next one's, and counts as none.
    let mut ours = desk.db.pool().acquire().await.unwrap();
    release(&mut ours, "one", &probe).await.unwrap();
    assert_eq!(circuit(&mut desk, 3).await, (0, None, false));
    let next = claimed(desk.ask(&two, others[0], 3).await).unwrap();
    assert_eq!(circuit(&mut desk, 3).await, (1, Some(next.call_id), true));

    // Who has it dies: when his lease ends another event has the turn.
    desk.run("UPDATE wavegate.circuit SET open_until = now() - interval '1 ms'")
        .await;
    let last = claimed(desk.ask(&one, others[1], 3).await).unwrap();
    assert_eq!(circuit(&mut desk, 3).await, (2, Some(last.call_id), true));
}

#[tokio::test]
async fn both_paths_share_the_turn_and_an_idle_webhook_takes_none() {
    let mut desk = Desk::new(Shape::B).await;
    let (one, two) = (worker("one"), worker("two"));
    desk.run(HALF_OPEN).await;
    let ids = [desk.emit(1).await, desk.emit(1).await];
    // 2 and 3 were open before 1, and have nothing to send.
    let first = ClaimRequest { limit: 1, ..TEN };
    let claims = claim_queue(&desk.db, &one, &first).await.unwrap().claims;
    let probe = &claims[0];
    assert_eq!((claims.len(), probe.webhook_id), (1, 1));
    assert_eq!(circuit(&mut desk, 1).await, (1, Some(probe.call_id), true));
    assert!(
        claim_queue(&desk.db, &two, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    desk.run(
        "UPDATE wavegate.circuit SET open_until = now() - interval '1 ms' WHERE webhook_id = 1",
    )
    .await;
    assert_eq!(
        renew(&desk.db, "one", probe, 60_000).await.unwrap(),
        Renewal::Held
    );
    assert!(
        claim_queue(&desk.db, &two, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    let mut ours = desk.db.pool().acquire().await.unwrap();
    release(&mut ours, "one", probe).await.unwrap();
    assert_eq!(circuit(&mut desk, 1).await, (0, None, false));
    let claims = claim_queue(&desk.db, &two, &TEN).await.unwrap().claims;
    assert_eq!(claims.len(), 1, "one of {ids:?}");

    // An event that NATS tries keeps the queue's hands off the webhook.
    let hybrid = [desk.emit(2).await, desk.emit(2).await];
    desk.run("UPDATE wavegate.queue SET scheduled_at = now() WHERE webhook_id = 2")
        .await;
    let probe = claimed(desk.ask(&one, &hybrid[0], 2).await).unwrap();
    assert!(
        claim_queue(&desk.db, &two, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    release(&mut ours, "one", &probe).await.unwrap();
    // What NATS prefers is NATS's to try, for a takeover time after the circuit's rest.
    let claims = claim_queue(&desk.db, &two, &TEN).await.unwrap().claims;
    assert!(claims.is_empty(), "{claims:?}");
    desk.run(
        "UPDATE wavegate.circuit SET open_until = now() - interval '31 s' WHERE webhook_id = 2",
    )
    .await;
    let claims = claim_queue(&desk.db, &two, &TEN).await.unwrap().claims;
    assert_eq!((claims.len(), claims[0].webhook_id), (1, 2));
    assert!(claimed(desk.ask(&one, &hybrid[1], 2).await).is_none());
}
