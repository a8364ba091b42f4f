//! `status` of a real migration: what each wave waits for, in the words of `run` and without asking a gate; what is unfinished; and each
//! webhook of a wave.

use serde_json::Value;
use sqlx::Executor;

use crate::{
    flip::command::{Ready, expect},
    support::Shape,
};

fn status(ready: &Ready, more: &[&str]) -> Value {
    let args = [&["status", "-o", "json"], more].concat();
    let said = expect(ready, 0, &args);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    json["data"].clone()
}

/// What this wave waits for: on what, why, until, and what to type.
fn waits(status: &Value, wave: &str) -> (String, String, Option<String>, String) {
    let all = status["waiting"].as_array().unwrap();
    let one = all.iter().find(|one| one["wave"] == wave);
    let one = one.unwrap_or_else(|| panic!("{wave}: {status}"));
    let text = |key: &str| one[key].as_str().map(str::to_string);
    (
        text("on").unwrap(),
        text("why").unwrap(),
        text("until"),
        text("do").unwrap_or_default(),
    )
}

#[tokio::test]
async fn each_wave_says_what_it_waits_for_and_until_when() {
    for shape in [Shape::A, Shape::B] {
        let mut r = Ready::new(shape).await;
        let plan = r.path("plan.yaml");
        let text = std::fs::read_to_string(&plan).unwrap();
        let text = text.replace("soak: 1s", "soak: 4h").replace(
            "match: { names: [\"a_*\"] }",
            "match: { names: [\"a_*\"] }, signoff: [lead]",
        );
        std::fs::write(&plan, text).unwrap();
        let before = status(&r, &[]);
        assert_eq!(before["waiting"], serde_json::json!([]));
        assert!(before["webhooks"].is_null());

        // The flip is committed, and somebody who may publish by the old mode keeps it from its end.
        let mut old = r.b.test.connect().await;
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rule_webhooks")
            .await
            .unwrap();
        let sign = [
            "signoff", &plan, "--wave", "first", "--role", "lead", "--yes",
        ];
        expect(&r, 0, &sign);
        let short = ["--barrier-timeout", "300ms"];
        let apply = ["apply", &plan, "--wave", "first", "--yes"];
        expect(&r, 4, &[&apply[..], &short].concat());
        let now = status(&r, &[]);
        assert_eq!(now["waves"][0]["unfinished"], true, "{now}");
        assert_eq!(now["waves"][1]["unfinished"], false, "{now}");
        let (on, why, _, command) = waits(&now, "first");
        assert_eq!(
            (on.as_str(), command.as_str()),
            ("step", "wavegate apply --wave first")
        );
        assert!(why.contains("barrier and checks are not done"), "{why}");
        let said = expect(&r, 0, &["status"]).out;
        let state: Vec<&str> = said.split_whitespace().collect();
        assert!(state.join(" ").contains("half done"), "{said}");
        old.execute("COMMIT").await.unwrap();
        // Without a plan: the database has it.
        expect(&r, 0, &["apply", "--wave", "first", "--yes"]);

        // Soak and sign-off, and when the soak is over; no gate was asked for it.
        let kept = "SELECT count(*)::text FROM wavegate.gate_result";
        let (looks, now) = (r.b.text(kept).await, status(&r, &[]));
        assert_eq!(now["waves"][0]["unfinished"], false);
        let (on, why, until, _) = waits(&now, "first");
        assert_eq!(on, "evidence");
        assert!(why.contains("soak: ") && why.contains("signoff: "), "{why}");
        assert_eq!(until, None, "nobody knows when somebody signs");
        let (on, why, ..) = waits(&now, "second");
        assert_eq!(on, "order");
        assert!(why.contains("wave first comes first"), "{why}");
        assert_eq!(r.b.text(kept).await, looks);
        // Without a plan, here too.
        let sign = ["signoff", "--wave", "first", "--role", "lead", "--yes"];
        expect(&r, 0, &sign);
        let now = status(&r, &[]);
        let (_, why, until, _) = waits(&now, "first");
        assert!(
            why.starts_with("soak: ") && !why.contains("signoff"),
            "{why}"
        );
        let ends = "SELECT to_char((entered_at + interval '2 h') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI') FROM wavegate.wave WHERE name = 'first'";
        let ends = r.b.text(ends).await;
        let until = until.unwrap();
        assert!(until.starts_with(&ends[..16]), "{until}, {ends}");
        let said = expect(&r, 0, &["status"]).out;
        assert!(said.contains("The next thing is due at "), "{said}");
        // After the soak the gates that measure decide, which costs a look.
        r.b.run(
            "UPDATE wavegate.wave SET entered_at = now() - interval '3 h' WHERE name = 'first'",
        )
        .await;
        expect(&r, 0, &sign);
        let (on, why, _, command) = waits(&status(&r, &[]), "first");
        assert_eq!(
            (on.as_str(), command.as_str()),
            ("evidence", "wavegate gate --wave first")
        );
        assert_eq!(
            why,
            "the gates that measure decide on the step to both, NATS delivers 100 %"
        );

        // A hold comes before them.
        expect(
            &r,
            0,
            &[
                "hold", "--wave", "first", "--reason", "audit", "--for", "2h", "--yes",
            ],
        );
        let (on, why, until, command) = waits(&status(&r, &[]), "first");
        assert_eq!(on, "hold");
        assert!(why.contains("audit") && until.is_some(), "{why}");
        assert!(command.starts_with("wavegate release "), "{command}");
    }
}

#[tokio::test]
async fn a_wave_shows_each_of_its_webhooks() {
    let mut r = Ready::new(Shape::B).await;
    let said = expect(&r, 2, &["status", "--wave", "first"]);
    assert!(said.err.contains("no migration is under way"), "{said:?}");
    let plan = r.path("plan.yaml");
    expect(&r, 0, &["apply", &plan, "--wave", "first", "--yes"]);
    let said = expect(&r, 2, &["status", "--wave", "frist"]);
    assert!(said.err.contains("did you mean `first`"), "{said:?}");
    r.b.call_all().await;
    r.b.run(
        "INSERT INTO wavegate.circuit (webhook_id, failures, opened_at, open_until) VALUES (1, 12, now(), now() + interval '1 h');
         INSERT INTO rule_nats_fences (webhook_id, set_by, reason) VALUES (1, 'test', 'test');
         UPDATE rule_webhook_events SET state = 'delivered', path = 'queue', delivered_at = '2026-01-02 03:04:05Z' WHERE webhook_id = 1;
         INSERT INTO wavegate.path_activity (webhook_id, path, claimed_at) VALUES (1, 'queue', '2026-01-02 03:04:05Z')",
    )
    .await;
    let now = status(&r, &["--wave", "first"]);
    let waves: Vec<&Value> = now["waves"].as_array().unwrap().iter().collect();
    assert_eq!(waves.len(), 1);
    let webhooks = now["webhooks"].as_array().unwrap();
    let names: Vec<&str> = webhooks
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a_1", "a_2"]);
    let one = &webhooks[0];
    assert_eq!(one["mode"], "both");
    assert_eq!(one["share"], 0);
    assert_eq!(
        (&one["undelivered"], &one["waiting"]),
        (&0.into(), &1.into())
    );
    assert_eq!(
        (&one["circuit"], &one["failures"]),
        (&"open".into(), &12.into())
    );
    assert_eq!(one["fenced"], true);
    for key in ["delivered_at", "queue_claimed_at"] {
        assert_eq!(one[key], "2026-01-02T03:04:05Z", "{one}");
    }
    assert!(one["nats_claimed_at"].is_null());
    assert_eq!(webhooks[1]["enabled"], false);
    assert_eq!(webhooks[1]["circuit"], "closed");
    let said = expect(&r, 0, &["status", "--wave", "first"]).out;
    assert!(
        said.contains("a_1") && said.contains("both 0 %, fenced"),
        "{said}"
    );
    assert!(
        said.contains("open, ") && said.contains("01-02 03:04"),
        "{said}"
    );
    assert!(!said.contains("b_1"), "{said}");
}
