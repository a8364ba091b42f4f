//! Flips: forward step by step, refused on drift, repeated after every possible death.

use std::time::{Duration, Instant};

use wavegate::{
    engine::{back::survey::Scope, barrier::Patience, forward::choice::Target},
    error::{Kind, Result},
    model::{Goal, Share, WaveStep},
    store::{lock, state},
};

use crate::{
    support::Shape,
    support::bench::{Ask, abort_at, actor, bench, next},
};

#[tokio::test]
async fn a_wave_goes_forward_step_by_step() {
    for shape in [Shape::A, Shape::B] {
        let mut b = bench(shape, 3).await;
        let outcome = b.apply("first").await.unwrap();
        assert_eq!(outcome.webhooks, [1, 2, 3]);
        assert_eq!(
            b.standing().await,
            "a_1:both:t:0:webhooks.1:1:5000:1 a_2:both:t:0:webhooks.2:1:5000:1 a_3:both:t:0:webhooks.3:1:5000:1 \
             b_1:queue:f:0:-:-:30000:0 | fenced none | first:hybrid:0:1 second:pending:0:1 | lacking 0"
        );
        b.call_all().await;
        let outcome = b.apply("first").await.unwrap();
        let routes = outcome.routes.unwrap();
        assert_eq!((routes.both_routes, routes.broken), (0, 0), "a new epoch");
        b.call_all().await;
        let outcome = b.apply("first").await.unwrap();
        let drain = outcome.drain.unwrap();
        assert_eq!(
            drain.left(),
            4,
            "two hybrid calls of each enabled webhook wait"
        );
        assert_eq!(
            b.standing().await,
            "a_1:nats:t:100:webhooks.1:1:5000:3 a_2:nats:t:100:webhooks.2:1:5000:3 a_3:nats:t:100:webhooks.3:1:5000:3 \
             b_1:queue:f:0:-:-:30000:0 | fenced none | first:nats:100:1 second:pending:0:1 | lacking 0"
        );
        let lines = b
            .text("SELECT string_agg(step || coalesce(':' || webhook_id, ''), ' ' ORDER BY id) FROM wavegate.journal WHERE step NOT LIKE 'schema%' AND id <= \
                   (SELECT min(id) FROM wavegate.journal WHERE step = 'flip.checked')")
            .await;
        assert_eq!(
            lines,
            "migration.start flip.intent flip.webhook:1 flip.webhook:2 flip.webhook:3 flip.done flip.barrier flip.checked"
        );
    }
}

#[tokio::test]
async fn a_second_wave_waits_for_the_first_and_no_step_is_skipped() {
    let b = bench(Shape::A, 2).await;
    let error = b.apply("second").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotYet, "{error}");
    let asked = |to| Ask {
        to: Some(to),
        ..next("first")
    };
    let patience = Patience::default();
    let error = b
        .apply_as(asked(Target::Nats), &patience)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    let all = Target::Share(Share::ALL);
    b.apply("first").await.unwrap();
    b.apply_as(asked(all), &patience).await.unwrap();
    let error = b.apply_as(asked(all), &patience).await.unwrap_err();
    assert_eq!(
        error.kind(),
        Kind::Refused,
        "nothing done is not success: {error}"
    );
    // Less is always allowed.
    b.apply_as(asked(Target::Share(Share::new(7).unwrap())), &patience)
        .await
        .unwrap();
    let migration = state::load(&b.db).await.unwrap().unwrap();
    assert_eq!(migration.wave("first").unwrap().step, WaveStep::Hybrid(7));
}

#[tokio::test]
async fn drift_is_refused_and_nothing_changes() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    b.run("UPDATE rule_webhooks SET publish_mode = 'queue' WHERE webhook_name = 'a_2'")
        .await;
    let before = b.standing().await;
    let error = b.apply("first").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    let told = "a_2 (2): publish_mode both -> queue";
    assert_eq!(error.causes()[0], told, "{error}");
    assert_eq!(b.standing().await, before);
}

#[tokio::test]
async fn a_change_between_showing_and_flipping_is_refused() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    let url = b.test.url.clone();
    // Between the intent and the transaction somebody moves a webhook.
    let meddle = move |step: &str| -> Result<()> {
        if step == "flip.intent" {
            let url = url.clone();
            let done = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    use sqlx::{Connection, Executor};
                    let mut c = sqlx::PgConnection::connect(&url).await.unwrap();
                    c.execute("UPDATE rule_webhooks SET nats_share = 3 WHERE webhook_id = 2")
                        .await
                        .unwrap();
                });
            });
            done.join().unwrap();
        }
        Ok(())
    };
    let ask = Ask {
        checkpoint: &meddle,
        ..next("first")
    };
    let error = b.apply_as(ask, &Patience::default()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    assert!(error.causes()[0].contains("epoch 1 -> 2"), "{error}");
    assert!(
        b.standing().await.contains("a_1:both:t:0:"),
        "rolled back as a whole"
    );
}

#[tokio::test]
async fn killed_between_any_two_statements_a_repeated_flip_ends_the_same() {
    // The step that clears a fence too: forward, back, forward again.
    let mut wanted = bench(Shape::A, 3).await;
    wanted.apply("first").await.unwrap();
    wanted
        .rollback(Scope::Wave("first".to_string()), Goal::Queue)
        .await
        .unwrap();
    let resume = Ask {
        resume: true,
        ..next("first")
    };
    wanted.apply_as(resume, &Patience::default()).await.unwrap();
    let wanted = wanted.standing().await;
    assert!(wanted.contains("first:hybrid:0:2"), "{wanted}");
    let mut deaths = 0;
    for n in 0.. {
        let mut b = bench(Shape::A, 3).await;
        b.apply("first").await.unwrap();
        b.rollback(Scope::Wave("first".to_string()), Goal::Queue)
            .await
            .unwrap();
        let abort = abort_at(n);
        let ask = Ask {
            checkpoint: &abort,
            ..resume
        };
        let Err(error) = b.apply_as(ask, &Patience::default()).await else {
            break;
        };
        assert!(error.message().starts_with("killed after"), "{error}");
        deaths += 1;
        // A death after the flip leaves a wave that is not rolled back any more: the same command still ends it.
        match b.apply_as(resume, &Patience::default()).await {
            Ok(_) => {}
            // Killed after the last line: everything was done.
            Err(again) => assert!(
                error.message().ends_with("flip.checked"),
                "{error}: {again}"
            ),
        }
        assert_eq!(b.standing().await, wanted, "death {n}: {error}");
    }
    assert!(deaths >= 11, "{deaths} places to die");
}

#[tokio::test]
async fn one_change_at_a_time() {
    let b = bench(Shape::A, 2).await;
    let held = lock::acquire(&b.db, &actor("wavegate apply other.yaml"))
        .await
        .unwrap();
    let error = b.apply("first").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    for part in ["tester", "here", "wavegate apply other.yaml", "since"] {
        assert!(error.message().contains(part), "{error}");
    }
    // A holder that dies frees itself, although its row is still there.
    drop(held);
    let end = Instant::now() + Duration::from_secs(10);
    while let Err(error) = b.apply("first").await {
        assert!(Instant::now() < end, "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn deleted_and_disabled_webhooks_do_not_stop_a_wave() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    b.run("DELETE FROM rule_webhooks WHERE webhook_name = 'a_2'")
        .await;
    b.apply("first").await.unwrap();
    let standing = b.standing().await;
    assert!(standing.contains("a_1:both:t:100:"), "{standing}");
    assert!(
        standing.contains("a_3:both:t:100:"),
        "disabled, flips with its wave: {standing}"
    );
}

#[tokio::test]
async fn ten_thousand_webhooks_flip_in_one_transaction() {
    let mut b = bench(Shape::A, 10_000).await;
    let start = Instant::now();
    b.apply("first").await.unwrap();
    let took = start.elapsed();
    let sets = b
        .text("SELECT count(*) || ' ' || count(DISTINCT xmin::text) FROM rule_webhooks WHERE publish_mode = 'both'")
        .await;
    assert_eq!(sets, "10000 1", "all, by one transaction");
    let lines = b
        .text("SELECT count(*)::text FROM wavegate.journal WHERE step = 'flip.webhook'")
        .await;
    assert_eq!(lines, "10000");
    let again = Instant::now();
    b.apply("first").await.unwrap();
    let again = again.elapsed();
    assert!(
        again < Duration::from_secs(10),
        "first step with the start {took:?}, next step {again:?}"
    );
}
