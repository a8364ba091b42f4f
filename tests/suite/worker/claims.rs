//! Claims, by SQL alone: one holder at a time, nobody waits for anybody, results only from who holds.

use sqlx::{Connection, PgConnection};
use wavegate::store::{
    self, Db,
    delivery::{
        Claim, ClaimHolder, ClaimRequest, ClaimVerdict, Renewal, Seen, claim_nats, claim_queue,
        renew,
    },
    record::{AttemptResult, Recorded, record},
};

use crate::support::{Schema, Shape, TestDb};

/// A webhook of each mode: 1 in queue, 2 in both at share 100, 3 in nats.
pub struct Desk {
    pub test: TestDb,
    pub db: Db,
    pub sql: PgConnection,
}

impl Desk {
    pub async fn new(shape: Shape) -> Desk {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut sql = test.connect().await;
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        let insert = format!(
            "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share) VALUES
             ('plain', 'http://x', 'queue', false, 0), ('hybrid', 'http://x', 'both', true, 100), ('single', 'http://x', 'nats', true, 0)"
        );
        sqlx::query(sqlx::AssertSqlSafe(insert))
            .execute(&mut sql)
            .await
            .unwrap();
        Desk {
            db: test.db().await,
            test,
            sql,
        }
    }

    pub async fn emit(&mut self, webhook: i32) -> String {
        sqlx::query_scalar("SELECT rule_webhook_call_unified($1, '{}') ->> 'event_id'")
            .bind(webhook)
            .fetch_one(&mut self.sql)
            .await
            .unwrap()
    }

    pub async fn run(&mut self, sql: &'static str) {
        sqlx::query(sql).execute(&mut self.sql).await.unwrap();
    }

    pub async fn ask(&self, holder: &ClaimHolder, event: &str, webhook: i32) -> ClaimVerdict {
        let seen = Seen {
            event_id: event.into(),
            webhook_id: webhook,
            copy: 1,
            room: true,
        };
        let mut answers = claim_nats(&self.db, holder, &[seen], true).await.unwrap();
        assert_eq!(answers.len(), 1);
        answers.remove(0).1
    }
}

pub const TEN: ClaimRequest = ClaimRequest {
    limit: 10,
    per_webhook: 10,
    after: i32::MIN,
    full: &[],
    ended: true,
    whole: true,
    except: &[],
    only: None,
    served: None,
};

fn holder(id: &str) -> ClaimHolder {
    ClaimHolder {
        id: id.into(),
        slack_ms: 15_000,
    }
}

fn outcome(claim: &Claim, ok: bool) -> AttemptResult {
    AttemptResult {
        call_id: claim.call_id,
        webhook_id: claim.webhook_id,
        event_id: claim.event_id.clone().filter(|_| claim.in_ledger),
        attempt: claim.attempt,
        ok,
        http_status: Some(if ok { 200 } else { 503 }),
        error: None,
        body: None,
        headers: None,
        took_ms: 1.0,
        asked_ms: None,
        sent: None,
        resent: false,
    }
}

#[tokio::test]
async fn only_the_holder_renews_and_records() {
    for shape in [Shape::A, Shape::B] {
        let mut desk = Desk::new(shape).await;
        desk.emit(1).await;
        desk.emit(2).await;
        desk.run("UPDATE wavegate.queue SET scheduled_at = now()")
            .await;
        let (a, b) = (holder("a"), holder("b"));
        let claims = claim_queue(&desk.db, &a, &TEN).await.unwrap().claims;
        assert_eq!(claims.len(), 2);
        assert!(
            claim_queue(&desk.db, &b, &TEN)
                .await
                .unwrap()
                .claims
                .is_empty()
        );
        for claim in &claims {
            assert_eq!(
                renew(&desk.db, "a", claim, 60_000).await.unwrap(),
                Renewal::Held
            );
            assert_eq!(
                renew(&desk.db, "b", claim, 60_000).await.unwrap(),
                Renewal::Lost
            );
            let nothing = Recorded::default();
            assert_eq!(
                record(&desk.db, "b", &[outcome(claim, true)], 10)
                    .await
                    .unwrap(),
                nothing
            );
            let stale = Claim {
                attempt: claim.attempt + 1,
                ..claim.clone()
            };
            assert_eq!(
                renew(&desk.db, "a", &stale, 60_000).await.unwrap(),
                Renewal::Lost
            );
            assert_eq!(
                record(&desk.db, "a", &[outcome(&stale, true)], 10)
                    .await
                    .unwrap(),
                nothing
            );
        }
        let results: Vec<AttemptResult> = claims.iter().map(|claim| outcome(claim, true)).collect();
        let recorded = record(&desk.db, "a", &results, 10).await.unwrap();
        assert_eq!((recorded.delivered, recorded.retrying), (2, 0));
        assert_eq!(
            record(&desk.db, "a", &results, 10).await.unwrap(),
            Recorded::default()
        );
    }
}

#[tokio::test]
async fn a_claim_that_ended_is_taken_over_and_its_holder_has_no_say_any_more() {
    let mut desk = Desk::new(Shape::A).await;
    let event = desk.emit(2).await;
    let (a, b) = (holder("a"), holder("b"));
    let ClaimVerdict::Claimed(first, _) = desk.ask(&a, &event, 2).await else {
        panic!("not claimed");
    };
    assert!(matches!(
        desk.ask(&b, &event, 2).await,
        ClaimVerdict::Denied
    ));
    desk.run("UPDATE rule_webhook_events SET lease_until = now() - interval '1 ms'")
        .await;
    // The queue row's own lease must be over too: both are written together.
    assert!(matches!(
        desk.ask(&b, &event, 2).await,
        ClaimVerdict::Denied
    ));
    desk.run("UPDATE wavegate.queue SET started_at = now() - interval '20 s', lease_until = now() - interval '1 ms'").await;
    let taken = claim_queue(&desk.db, &b, &TEN).await.unwrap().claims;
    assert_eq!((taken.len(), taken[0].attempt), (1, 2));
    let late = record(&desk.db, "a", &[outcome(&first, false)], 10)
        .await
        .unwrap();
    assert_eq!(late, Recorded::default());
    let done = record(&desk.db, "b", &[outcome(&taken[0], true)], 10)
        .await
        .unwrap();
    assert_eq!(done.delivered, 1);
    assert!(matches!(
        desk.ask(&a, &event, 2).await,
        ClaimVerdict::Closed
    ));
}

#[tokio::test]
async fn claims_wait_for_nobody_and_a_foreign_worker_keeps_its_row() {
    let mut desk = Desk::new(Shape::A).await;
    let event = desk.emit(2).await;
    let single = desk.emit(3).await;
    desk.run("UPDATE wavegate.queue SET scheduled_at = now()")
        .await;
    let ours = holder("a");
    let mut foreign = desk.test.connect().await;
    let mut transaction = foreign.begin().await.unwrap();
    sqlx::query("UPDATE rule_webhook_calls SET status = 'processing', started_at = now()")
        .execute(&mut *transaction)
        .await
        .unwrap();
    // It has not committed; nobody waits for it, and nobody takes its row.
    assert!(
        claim_queue(&desk.db, &ours, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    assert!(matches!(
        desk.ask(&ours, &event, 2).await,
        ClaimVerdict::Denied
    ));
    sqlx::query("SELECT 1 FROM rule_webhook_events WHERE event_id = $1 FOR UPDATE")
        .bind(&single)
        .execute(&mut *transaction)
        .await
        .unwrap();
    assert!(matches!(
        desk.ask(&ours, &single, 3).await,
        ClaimVerdict::Busy
    ));
    transaction.commit().await.unwrap();
    assert!(
        claim_queue(&desk.db, &ours, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    assert!(matches!(
        desk.ask(&ours, &event, 2).await,
        ClaimVerdict::Denied
    ));
    assert!(matches!(
        desk.ask(&ours, &single, 3).await,
        ClaimVerdict::Claimed(_, _)
    ));
    // Even long after, a row that somebody else processes is theirs.
    desk.run("UPDATE rule_webhook_calls SET started_at = now() - interval '1 day'")
        .await;
    assert!(
        claim_queue(&desk.db, &ours, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    // Their result closes the event before the sweeper has read it.
    desk.run("UPDATE rule_webhook_calls SET status = 'failed'")
        .await;
    desk.run("UPDATE rule_webhook_calls SET status = 'pending'")
        .await;
    assert!(
        claim_queue(&desk.db, &ours, &TEN)
            .await
            .unwrap()
            .claims
            .is_empty()
    );
    wavegate::store::sweep::foreign_results(&desk.db)
        .await
        .unwrap();
    assert_eq!(
        claim_queue(&desk.db, &ours, &TEN)
            .await
            .unwrap()
            .claims
            .len(),
        1
    );
    assert!(matches!(
        desk.ask(&ours, "nobody", 3).await,
        ClaimVerdict::Unknown
    ));
}

/// The lease ran out, the relay finds the event void and gives it a queue row, and at that very moment the result comes after all.
#[tokio::test]
async fn a_result_that_comes_after_the_relay_closes_the_new_queue_row() {
    for (ok, ends) in [(true, "success delivered"), (false, "failed dead")] {
        let mut desk = Desk::new(Shape::A).await;
        desk.run("UPDATE rule_webhooks SET max_retries = 0").await;
        let event = desk.emit(3).await;
        let ClaimVerdict::Claimed(claim, _) = desk.ask(&holder("a"), &event, 3).await else {
            panic!("not claimed");
        };
        desk.run("UPDATE rule_webhook_events SET lease_until = now() - interval '1 s'")
            .await;
        let copy = store::outbox::Copy {
            seq: 1,
            event_id: event.clone(),
            webhook_id: 3,
            copy: 2,
            subject: "s".into(),
            payload: "{}".into(),
            read_at: chrono::Utc::now(),
        };
        let mut relay = desk.test.connect().await;
        let mut relay = relay.begin().await.unwrap();
        store::outbox::mark_void(&mut *relay, &[(copy.event_id.as_str(), "too large")])
            .await
            .unwrap();
        let result = [outcome(&claim, ok)];
        let locked = record(&desk.db, "a", &result, 10).await.unwrap();
        assert_eq!(locked.locked, [claim.call_id], "nobody is waited for");
        relay.commit().await.unwrap();
        record(&desk.db, "a", &result, 10).await.unwrap();
        let now: String = sqlx::query_scalar(
            "SELECT q.status || ' ' || e.state FROM wavegate.queue q JOIN rule_webhook_events e USING (event_id)",
        )
        .fetch_one(&mut desk.sql)
        .await
        .unwrap();
        assert_eq!(now, ends);
    }
}

#[tokio::test]
async fn a_webhook_without_a_deadline_has_the_engines_default() {
    let mut desk = Desk::new(Shape::A).await;
    desk.run("UPDATE rule_webhooks SET timeout_ms = NULL").await;
    let event = desk.emit(3).await;
    let holder = ClaimHolder {
        id: "w".into(),
        slack_ms: 1000,
    };
    let ClaimVerdict::Claimed(claim, _) = desk.ask(&holder, &event, 3).await else {
        panic!("not claimed");
    };
    assert_eq!(claim.timeout_ms, 5000);
    let endless: i64 =
        sqlx::query_scalar("SELECT count(*) FROM rule_webhook_events WHERE lease_until IS NULL")
            .fetch_one(&mut desk.sql)
            .await
            .unwrap();
    assert_eq!(endless, 0);
}
