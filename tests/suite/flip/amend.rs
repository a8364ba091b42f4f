//! `plan --amend`, by the binary: another text for a migration under way, and nothing of what has moved.

use crate::{
    flip::command::Ready,
    support::Shape,
    support::terminal::{Said, run},
};

fn expect(r: &Ready, code: i32, args: &[&str]) -> Said {
    let said = run(r.command(args).env("COLUMNS", "4000"));
    assert_eq!(said.code, code, "{args:?}\n{}\n{}", said.out, said.err);
    said
}

fn plan(r: &Ready, file: &str, waves: &str) -> String {
    let text = format!(
        "version: 1\nname: bench\nnats: {{ stream: {}, subject: \"{}.{{id}}\" }}\n\
         defaults:\n  soak: 1s\n  shares: [0, 50, 100]\n  gates:\n    workers: {{ nats: 1, queue: 1 }}\nwaves:\n{waves}",
        r.nats.prefix,
        r.nats.prefix.to_lowercase()
    );
    let path = r.path(file);
    std::fs::write(&path, text).unwrap();
    path
}

async fn members(r: &mut Ready) -> String {
    r.b.text(
        "SELECT string_agg(concat_ws(' ', v.name, v.position, v.step, m.names), '; ' ORDER BY v.position)
         FROM wavegate.wave v LEFT JOIN LATERAL (
             SELECT string_agg(m.webhook_name, ',' ORDER BY m.webhook_name) AS names FROM wavegate.member m
             WHERE m.migration_id = v.migration_id AND m.position = v.position) m ON true",
    )
    .await
}

#[tokio::test]
async fn a_plan_under_way_gets_another_text_and_what_has_moved_stays() {
    let mut r = Ready::new(Shape::A).await;
    r.b.run("UPDATE rule_webhooks SET enabled = true").await;
    let first = "  - { name: first, match: { names: [\"a_*\"] } }\n";
    let rest = "  - { name: second, match: { rest: true } }\n";
    let third = "  - { name: third, webhooks: [b_1] }\n";
    let old = plan(&r, "old.yaml", &format!("{first}{rest}"));
    let amend = |path: &str| -> Vec<String> {
        [
            "plan",
            path,
            "--amend",
            "--reason",
            "b by itself",
            "--confirm",
            "bench",
        ]
        .map(str::to_string)
        .to_vec()
    };
    let amends = |r: &Ready, code: i32, path: &str| {
        let args = amend(path);
        expect(
            r,
            code,
            &args.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    let said = amends(&r, 5, &old);
    assert!(said.err.contains("nothing to amend"), "{}", said.err);
    expect(&r, 0, &["apply", &old, "--wave", "first", "--yes"]);
    r.b.run("INSERT INTO rule_webhooks (webhook_name, url) VALUES ('a_late', 'http://127.0.0.1:9/'), ('c_late', 'http://127.0.0.1:9/')")
        .await;
    let before = members(&mut r).await;
    // A wave before the moved one, one that is gone, and whatever is new.
    let new = plan(&r, "new.yaml", &format!("{third}{first}{rest}"));
    let said = expect(&r, 5, &["plan", &new]);
    assert!(said.err.contains("--amend"), "{}", said.err);
    let said = expect(&r, 0, &["plan", &new, "--amend", "--dry-run"]);
    for wanted in [
        "third",
        "+ b_1",
        "- b_1",
        "+ c_late",
        "a_late is made since",
    ] {
        assert!(said.out.contains(wanted), "{wanted}: {}", said.out);
    }
    expect(&r, 6, &["plan", &new, "--amend", "--yes"]);
    for (file, text, wanted) in [
        ("gone.yaml", rest.to_string(), "wave first is hybrid 0 %"),
        (
            "none.yaml",
            format!("{first}{rest}  - {{ name: typo, webhooks: [nobody] }}\n"),
            "nobody",
        ),
    ] {
        let path = plan(&r, file, &text);
        let code = if file == "gone.yaml" { 5 } else { 2 };
        let said = amends(&r, code, &path);
        assert!(said.err.contains(wanted), "{}", said.err);
    }
    let elsewhere = std::fs::read_to_string(&new)
        .unwrap()
        .replace(".{id}", ".x.{id}");
    let path = r.path("elsewhere.yaml");
    std::fs::write(&path, elsewhere).unwrap();
    let said = amends(&r, 5, &path);
    assert!(said.err.contains("`nats` changes"), "{}", said.err);
    assert_eq!(members(&mut r).await, before);
    amends(&r, 0, &new);
    let after = members(&mut r).await;
    let moved = |text: &str| {
        text.split("; ")
            .find(|wave| wave.starts_with("first "))
            .unwrap()[8..]
            .to_string()
    };
    assert_eq!(moved(&after), moved(&before), "{after}");
    assert!(
        after.starts_with("third 1 pending b_1; first 2 hybrid a_1"),
        "{after}"
    );
    assert!(
        after.ends_with("c_late") && !after.contains("a_late"),
        "{after}"
    );
    let told = r
        .b
        .text("SELECT concat_ws(' ', after ->> 'why', before ->> 'plan' LIKE '%name: second%', before ->> 'plan' LIKE '%name: third%') FROM wavegate.journal WHERE step = 'plan.amended'")
        .await;
    assert_eq!(told, "b by itself t f");
    let said = amends(&r, 0, &new);
    assert!(said.err.contains("nothing to amend"), "{}", said.err);
    expect(&r, 5, &["apply", &old, "--wave", "first", "--yes"]);
    // What goes by the new text goes there and back.
    expect(&r, 0, &["apply", "--wave", "third", "--yes"]);
    assert!(members(&mut r).await.starts_with("third 1 hybrid b_1"));
    expect(&r, 0, &["rollback", "--all", "--to", "queue", "--yes"]);
    let left =
        r.b.text("SELECT count(*)::text FROM rule_webhooks WHERE publish_mode <> 'queue'")
            .await;
    assert_eq!(left, "0");
    expect(&r, 0, &["history"]);
}
