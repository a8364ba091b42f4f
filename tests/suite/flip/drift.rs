//! What somebody changes by hand while a migration runs: shown, in nobody's way but its wave's, put back or adopted, and the same after
//! any death.

use wavegate::{
    engine::{
        Checkpoint, Work,
        back::survey::Scope,
        barrier::Patience,
        drift::{self, Survey, adopt, restore},
        no_checkpoint, unfinished,
    },
    error::{Kind, Result},
    model::{Ask as Question, Cause, Goal},
    store::{flip, state},
};

use crate::{
    flip::command::{Ready, expect},
    support::Shape,
    support::bench::{Agreeable, Ask, Bench, abort_at, actor, apply_on, bench, next, quiet},
    support::migration::consent,
    support::plane::Plane,
};

fn one(name: &str) -> Scope {
    Scope::Webhook(name.to_string())
}

fn first() -> Scope {
    Scope::Wave("first".to_string())
}

async fn shown(b: &Bench, scope: Scope) -> Survey {
    drift::survey(&b.db, scope).await.unwrap()
}

async fn restore_shown(b: &Bench, shown: &Survey, checkpoint: Checkpoint<'_>) -> Result<()> {
    let actor = actor("wavegate restore");
    let work = Work {
        db: &b.db,
        actor: &actor,
        listener: &quiet,
        checkpoint,
    };
    let agreed = (!shown.drifts.is_empty()).then(consent);
    restore::carry_out(&work, shown, &Patience::default(), agreed)
        .await
        .map(drop)
}

async fn adopt_shown(b: &Bench, shown: &Survey, checkpoint: Checkpoint<'_>) -> Result<()> {
    let actor = actor("wavegate adopt");
    let work = Work {
        db: &b.db,
        actor: &actor,
        listener: &quiet,
        checkpoint,
    };
    adopt::carry_out(&work, shown, &Patience::default(), &Agreeable, consent()).await
}

async fn restored(b: &Bench, scope: Scope) -> Result<()> {
    restore_shown(b, &shown(b, scope).await, &no_checkpoint).await
}

async fn adopted(b: &Bench, scope: Scope) -> Result<()> {
    adopt_shown(b, &shown(b, scope).await, &no_checkpoint).await
}

/// What is drift now, and what is not ended.
async fn left(b: &Bench) -> (Vec<String>, usize) {
    let migration = state::load(&b.db).await.unwrap().unwrap();
    let drifts = flip::drifted(&b.db, migration.id).await.unwrap();
    let unfinished = unfinished::read(&b.db, Some(&migration)).await.unwrap();
    (
        drifts.iter().map(|one| one.said()).collect(),
        unfinished.len(),
    )
}

async fn nothing_left(b: &Bench) {
    assert_eq!(left(b).await, (Vec::new(), 0));
}

/// `first` in nats, and what was called there.
async fn in_nats() -> Bench {
    let mut b = bench(Shape::A, 3).await;
    for _ in 0..3 {
        b.apply("first").await.unwrap();
    }
    b.call_all().await;
    b
}

#[tokio::test]
async fn it_is_shown_and_put_back_and_the_next_step_goes() {
    for shape in [Shape::A, Shape::B] {
        let mut r = Ready::new(shape).await;
        let plan = r.path("plan.yaml");
        let plan = plan.as_str();
        let said = expect(&r, 5, &["restore", "--all", "--yes"]);
        assert!(said.err.contains("no migration is under way"), "{said:?}");
        expect(&r, 0, &["apply", plan, "--wave", "first", "--yes"]);
        let before = r.b.standing().await;
        expect(&r, 5, &["restore", "--all", "--yes"]);
        expect(&r, 5, &["adopt", "--wave", "first", "--yes"]);
        r.b.run("UPDATE rule_webhooks SET nats_share = 40 WHERE webhook_name = 'a_1';
                 UPDATE rule_webhooks SET nats_subject = 'else.where', nats_takeover_after_ms = 9 WHERE webhook_name = 'a_2'")
            .await;
        let said = expect(&r, 0, &["status"]);
        assert!(
            said.out
                .contains("changed by hand: 2 webhooks of wave first (a_1, a_2)")
                && said.out.contains("wavegate restore --wave first"),
            "{}",
            said.out
        );
        let said = expect(&r, 0, &["status", "--wave", "first"]);
        for wanted in ["nats_share", "40", "else.where", "nats_takeover_after_ms"] {
            assert!(said.out.contains(wanted), "{wanted}: {}", said.out);
        }
        let said = expect(&r, 0, &["-o", "json", "status", "--wave", "first"]);
        let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(
            json["data"]["changed"][0]["columns"],
            serde_json::json!([{ "column": "nats_share", "wrote": "0", "now": "40" }])
        );
        // Nobody goes on over it, and whoever waits says what for.
        let said = expect(&r, 5, &["apply", plan, "--wave", "first", "--yes"]);
        for wanted in [
            "a_1 of wave first was changed by hand",
            "nats_share 0 -> 40",
            "wavegate restore --webhook a_1",
            "wavegate adopt --webhook a_1",
        ] {
            assert!(said.err.contains(wanted), "{wanted}: {}", said.err);
        }
        let said = expect(&r, 4, &["run", plan, "--once", "--yes"]);
        assert!(
            said.out.contains("first: wavegate restore --webhook a_1"),
            "{}",
            said.out
        );
        expect(&r, 6, &["restore", "--webhook", "a_1"]);
        let said = expect(&r, 0, &["restore", "--webhook", "a_1", "--dry-run"]);
        assert!(
            said.out.contains("soak of wave first begins anew"),
            "{}",
            said.out
        );
        let said = expect(&r, 5, &["adopt", "--wave", "first", "--yes"]);
        assert!(
            said.err.contains("wave first is hybrid 0 %"),
            "{}",
            said.err
        );
        expect(&r, 0, &["restore", "--webhook", "a_1", "--yes"]);
        expect(&r, 5, &["restore", "--webhook", "a_1", "--yes"]);
        let said = expect(&r, 0, &["status"]);
        assert!(
            said.out.contains("1 webhook of wave first (a_2)"),
            "{}",
            said.out
        );
        expect(&r, 0, &["restore", "--all", "--yes"]);
        let epochless = |text: &str| -> String {
            let words = text.split(' ').map(|word| match word.split(':').count() {
                8 => word.rsplit_once(':').unwrap().0,
                _ => word,
            });
            words.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(epochless(&r.b.standing().await), epochless(&before));
        let said = expect(&r, 0, &["status"]);
        assert!(!said.out.contains("changed by hand"), "{}", said.out);
        let said = expect(&r, 0, &["history"]);
        assert!(said.out.contains("1 webhook put back"), "{}", said.out);
        nothing_left(&r.b).await;
        // Now it waits for its gates, and for nothing else.
        expect(&r, 4, &["apply", plan, "--wave", "first", "--yes"]);
    }
}

#[tokio::test]
async fn what_is_no_drift() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    nothing_left(&b).await;
    // Changed and changed back, disabled, renamed, and a column that routes nothing.
    b.run(
        "UPDATE rule_webhooks SET publish_mode = 'queue' WHERE webhook_id = 1;
         UPDATE rule_webhooks SET publish_mode = 'both' WHERE webhook_id = 1;
         UPDATE rule_webhooks SET enabled = NOT enabled, webhook_name = 'other_' || webhook_id WHERE webhook_id < 3",
    )
    .await;
    nothing_left(&b).await;
    b.run("UPDATE rule_webhooks SET nats_share = 3 WHERE webhook_id IN (2, 3)")
        .await;
    let said = vec![
        "other_2 (2): nats_share 0 -> 3".to_string(),
        "a_3 (3): nats_share 0 -> 3".to_string(),
    ];
    assert_eq!(left(&b).await.0, said, "by its name of today");
    b.run("DELETE FROM rule_webhooks WHERE webhook_id = 3")
        .await;
    assert_eq!(left(&b).await.0, said[..1]);
    // What a rollback does to it is wavegate's, also where it was so already.
    b.run("SELECT rule_webhook_disable_nats(1)").await;
    b.run("UPDATE rule_webhooks SET nats_subject = NULL, nats_config_id = NULL, nats_takeover_after_ms = 30000 WHERE webhook_id = 1")
        .await;
    assert_eq!(left(&b).await.0.len(), 2);
    b.rollback(first(), Goal::Queue).await.unwrap();
    nothing_left(&b).await;
    let standing = b.standing().await;
    assert!(standing.contains("fenced 1,2 |"), "{standing}");
    // And of a wave that has not begun, what was found counts.
    b.run("UPDATE rule_webhooks SET nats_subject = 'mine' WHERE webhook_name = 'b_1'")
        .await;
    assert_eq!(left(&b).await.0, ["b_1 (4): nats_subject - -> mine"]);
    restored(&b, one("b_1")).await.unwrap();
    nothing_left(&b).await;
}

#[tokio::test]
async fn what_is_in_the_queue_by_hand_is_adopted_as_taken_back_alone() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    // Nothing of it is undelivered: there is nothing that a rollback would have to move.
    b.run("SELECT rule_webhook_disable_nats(2)").await;
    let error = b.apply("first").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    let error = adopted(&b, one("b_1")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    adopted(&b, first()).await.unwrap();
    nothing_left(&b).await;
    let standing = b.standing().await;
    assert!(
        standing.contains("a_2:queue:f:0:-:-:30000:") && standing.contains("fenced 2 |"),
        "{standing}"
    );
    let outcome = b.apply("first").await.unwrap();
    assert_eq!(outcome.webhooks, [1, 3], "its wave goes on without it");
    let resume = Ask {
        resume: true,
        ..next("first")
    };
    let outcome = b.apply_as(resume, &Patience::default()).await.unwrap();
    assert_eq!(outcome.webhooks, [2]);
    nothing_left(&b).await;
    let told = b
        .text("SELECT string_agg(DISTINCT command, '; ') FROM wavegate.journal WHERE step LIKE 'rollback.%'")
        .await;
    assert_eq!(
        told,
        "wavegate adopt: wavegate rollback --webhook a_2 --to queue"
    );
}

#[tokio::test]
async fn what_changes_no_route_is_adopted_by_a_line_and_stops_nobody() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    let entered = "SELECT entered_at::text FROM wavegate.wave WHERE name = 'first'";
    let since = b.text(entered).await;
    b.run("UPDATE rule_webhooks SET nats_subject = 'else.where', nats_takeover_after_ms = 9 WHERE webhook_id = 1")
        .await;
    let survey = shown(&b, first()).await;
    assert_eq!(
        adopt::follows(&survey),
        ["The next step of wave first writes again what the plan says: change the plan too."]
    );
    assert!(restore::anew(&survey).is_empty());
    adopted(&b, first()).await.unwrap();
    nothing_left(&b).await;
    let standing = b.standing().await;
    assert!(
        standing.contains("a_1:both:t:0:else.where:1:9:") && standing.contains("fenced none"),
        "{standing}"
    );
    // And against what was adopted, the next change by hand is one again.
    b.run("UPDATE rule_webhooks SET nats_subject = 'third' WHERE webhook_id = 1")
        .await;
    restored(&b, first()).await.unwrap();
    assert!(b.standing().await.contains("a_1:both:t:0:else.where:1:9:"));
    assert_eq!(b.text(entered).await, since, "a subject costs no soak");
    b.apply("first").await.unwrap();
    assert!(
        b.standing()
            .await
            .contains("a_1:both:t:100:webhooks.1:1:5000:")
    );
    nothing_left(&b).await;
}

#[tokio::test]
async fn what_may_not_stand_or_be_put_back_is_named_with_its_way_out() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    // Further than its wave: no adoption, and back without a question that a name answers.
    b.run("UPDATE rule_webhooks SET publish_mode = 'nats' WHERE webhook_id = 1")
        .await;
    let error = adopted(&b, first()).await.unwrap_err();
    let told = error.causes().join("\n");
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        told.contains("a_1 (1): publish_mode both -> nats, and wave first is hybrid 0 %"),
        "{told}"
    );
    assert_eq!(restore::ask(&shown(&b, first()).await), Question::Yes);
    // Two at once, and one of them fenced.
    b.rollback(one("a_2"), Goal::Both).await.unwrap();
    b.run("UPDATE rule_webhooks SET nats_share = 30 WHERE webhook_id = 2")
        .await;
    let before = b.standing().await;
    let error = restored(&b, first()).await.unwrap_err();
    let told = error.causes().join("\n");
    assert!(told.contains("a fence stands for a_2"), "{told}");
    // Out of the queue by hand.
    b.run("UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true WHERE webhook_name = 'b_1'")
        .await;
    let error = restored(&b, Scope::All).await.unwrap_err();
    let told = error.causes().join("\n");
    assert!(
        told.contains("`wavegate rollback --webhook b_1 --to queue`") && told.contains("a_2"),
        "{told}"
    );
    assert_eq!(
        b.standing().await.split(" b_1").next(),
        before.split(" b_1").next()
    );
    let entered = "SELECT entered_at::text FROM wavegate.wave WHERE name = 'first'";
    let since = b.text(entered).await;
    restored(&b, one("a_1")).await.unwrap();
    assert!(
        b.text(entered).await > since,
        "nobody gets less than a whole soak"
    );
    b.rollback(one("a_2"), Goal::Both).await.unwrap();
    b.rollback(one("b_1"), Goal::Queue).await.unwrap();
    nothing_left(&b).await;
    // Into nats, its name is typed.
    for _ in 0..2 {
        b.apply("first").await.unwrap();
    }
    b.run("SELECT rule_webhook_disable_nats(3)").await;
    for (scope, name) in [
        (one("a_3"), "a_3"),
        (first(), "first"),
        (Scope::All, "bench"),
    ] {
        let ask = restore::ask(&shown(&b, scope).await);
        assert_eq!(ask, Question::Typed(name.to_string()));
    }
}

#[tokio::test]
async fn what_was_changed_again_since_it_was_shown_is_refused() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    b.run("UPDATE rule_webhooks SET nats_share = 30 WHERE webhook_id IN (1, 2)")
        .await;
    // The second raises no epoch.
    for by_hand in ["nats_share = 31", "nats_takeover_after_ms = 7"] {
        let survey = shown(&b, first()).await;
        b.run(&format!(
            "UPDATE rule_webhooks SET {by_hand} WHERE webhook_id = 2"
        ))
        .await;
        let before = b.standing().await;
        let error = restore_shown(&b, &survey, &no_checkpoint)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Refused, "{error}");
        let column = by_hand.split(' ').next().unwrap();
        assert!(error.causes().join("\n").contains(column), "{error:?}");
        assert_eq!(b.standing().await, before);
    }
    // And so is what a wave has done meanwhile.
    restored(&b, first()).await.unwrap();
    b.run("UPDATE rule_webhooks SET nats_subject = 'mine' WHERE webhook_id = 1")
        .await;
    let survey = shown(&b, first()).await;
    b.apply("first").await.unwrap();
    for outcome in [
        restore_shown(&b, &survey, &no_checkpoint).await,
        adopt_shown(&b, &survey, &no_checkpoint).await,
    ] {
        let error = outcome.unwrap_err();
        assert!(error.message().contains("a wave has moved"), "{error}");
    }
    // Behind a flip that is not done, nothing is put back.
    let abort = |step: &str| match step {
        "tx.commit" => Err(wavegate::error::Error::failed("killed")),
        _ => Ok(()),
    };
    let killed = Ask {
        checkpoint: &abort,
        ..next("first")
    };
    b.apply_as(killed, &Patience::default()).await.unwrap_err();
    let error = drift::survey(&b.db, first()).await.unwrap_err();
    assert!(error.message().contains("was flipped to nats"), "{error}");
}

#[tokio::test]
async fn killed_between_any_two_statements_restore_and_adopt_end_the_same() {
    let hands = "SELECT rule_webhook_disable_nats(1);
         UPDATE rule_webhooks SET nats_takeover_after_ms = 9 WHERE webhook_id = 2;
         UPDATE rule_webhooks SET nats_subject = 'mine' WHERE webhook_name = 'b_1'";
    for adopts in [false, true] {
        let act = async |b: &Bench, checkpoint: Checkpoint<'_>| {
            let shown = shown(b, Scope::All).await;
            match adopts {
                true => adopt_shown(b, &shown, checkpoint).await,
                false => restore_shown(b, &shown, checkpoint).await,
            }
        };
        let (mut wanted, mut deaths) = (None, Vec::new());
        for n in 0.. {
            let mut b = in_nats().await;
            b.run(hands).await;
            let abort = abort_at(n);
            let died = act(&b, &abort).await.err();
            if let Some(error) = &died {
                assert!(error.message().starts_with("killed after"), "{error}");
                deaths.push(error.message().to_string());
                // Or it had come to its end.
                if let Err(error) = act(&b, &no_checkpoint).await {
                    assert!(error.message().contains("nothing of"), "{error}");
                }
            }
            nothing_left(&b).await;
            let lines = "SELECT string_agg(concat_ws(' ', step, webhook_id), ', ' ORDER BY step, webhook_id)
                         FROM wavegate.journal WHERE step IN ('drift.restored', 'drift.adopted')";
            let ended = (b.standing().await, b.text(lines).await);
            let wanted = wanted.get_or_insert_with(|| ended.clone());
            if died.is_none() {
                assert_eq!(&ended, wanted);
                break;
            }
            assert_eq!(&ended, wanted, "death {n}: {deaths:?}");
        }
        let wanted = wanted.unwrap();
        let (standing, lines) = match adopts {
            true => ("a_1:queue:f:0:-:-:", "drift.adopted 2, drift.adopted 4"),
            false => (
                "a_1:nats:t:100:webhooks.1:1:5000:",
                "drift.restored 1, drift.restored 2, drift.restored 4",
            ),
        };
        assert!(
            wanted.0.contains(standing) && wanted.1 == lines,
            "{wanted:?}"
        );
        assert!(deaths.len() >= 15, "{deaths:?}");
    }
}

/// A webhook in nats goes to the queue by hand, is put back, goes again and is adopted, while events come all the time; first without
/// a relay, so that NATS alone has events that wait.
#[tokio::test]
async fn no_event_is_lost_or_doubled_meanwhile() {
    let mut plane = Plane::new(Shape::A).await;
    let webhooks = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "queue", 0).await,
    ];
    let text = format!(
        "version: 1\nname: bench\nnats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}\n\
         defaults: {{ soak: 10s, watch: 10s, shares: [50, 100] }}\nwaves:\n  - {{ name: first, match: {{ ids: [{}, {}] }} }}\n",
        webhooks[0], webhooks[1]
    );
    let plan = wavegate::plan::Plan::parse(&text).unwrap();
    let db = crate::support::open(&plane.db.url).await;
    for _ in 0..3 {
        apply_on(&db, &plan, next("first"), &Patience::default())
            .await
            .unwrap();
    }
    let _worker = plane.worker("both").await;
    let one = webhooks[0];
    let name: String =
        sqlx::query_scalar("SELECT webhook_name FROM rule_webhooks WHERE webhook_id = $1")
            .bind(one)
            .fetch_one(&mut plane.sql)
            .await
            .unwrap();
    let mut ids = Vec::new();
    let by_hand = format!("SELECT rule_webhook_disable_nats({one})");
    for (act, asked) in [("restore", "--confirm"), ("adopt", "--yes")] {
        ids.extend(plane.emit(one, 20).await);
        plane.run(&by_hand).await;
        ids.extend(plane.emit(one, 20).await);
        let mut args = vec![act, "--webhook", &name, asked];
        if act == "restore" {
            args.push(&name);
        }
        let command = plane.command(&args).await;
        assert_eq!(command.code, 0, "{command:?}\n{}", plane.log_text());
        for webhook in webhooks {
            ids.extend(plane.emit(webhook, 20).await);
        }
    }
    let _relay = plane.relay().await;
    for webhook in webhooks {
        ids.extend(plane.emit(webhook, 20).await);
    }
    plane
        .until(
            15,
            "SELECT (SELECT count(*) FROM rule_webhook_events e WHERE NOT e.ended)
                  + (SELECT count(*) FROM wavegate.queue q WHERE q.status IN ('pending', 'processing', 'retrying'))",
            0,
        )
        .await;
    plane.assert_once(&ids);
    let looks = wavegate::engine::attention::looks(&db).await.unwrap();
    assert!(
        looks.iter().all(|look| look.cause != Cause::ChangedByHand),
        "{looks:?}"
    );
}
