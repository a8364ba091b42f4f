//! `sql/schema/wanted.tsv` is what the steps of sql/007 leave on a fresh database. Written anew with UPDATE_WANTED=1.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Executor;
use wavegate::store::{self, QueueShape, schema};

use crate::support::{Schema, Shape, TestDb};

/// What each step adds to the catalogue: (step, object, value), with a placeholder for the queue's name.
async fn added(shape: Shape) -> BTreeSet<(String, String, String)> {
    let db = TestDb::new(shape, Schema::Engine).await;
    let mut c = db.connect().await;
    c.execute("SET search_path = pg_catalog, wavegate, pg_temp")
        .await
        .unwrap();
    let queue = if shape == Shape::A {
        QueueShape::A
    } else {
        QueueShape::B
    };
    let shape = store::Shape {
        queue,
        schema: "public".to_string(),
    };
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    let mut lines = BTreeSet::new();
    let mut first = true;
    let mut steps: Vec<_> = schema::steps(&shape).collect();
    steps.insert(0, steps[0]);
    for step in steps {
        if !first {
            let text = step.sql(&shape).replace(" CONCURRENTLY", "");
            c.execute(sqlx::AssertSqlSafe(text))
                .await
                .unwrap_or_else(|error| panic!("{}: {error}", step.name));
        }
        let facts = schema::read(&mut c, "public", None).await.unwrap();
        let now: BTreeMap<String, String> = facts
            .into_iter()
            .map(|fact| (fact.object, fact.value.unwrap_or_default()))
            .collect();
        for (object, value) in &now {
            let is_function = object.starts_with("function ");
            let named = |prefix: &str| {
                object.strip_prefix(prefix).is_some_and(|name| {
                    let bare = &name[..name.find('(').unwrap()];
                    let text = step.sql(&shape);
                    text.contains(&format!("FUNCTION {bare}("))
                        || text.contains(&format!("FUNCTION \"public\".{bare}("))
                })
            };
            let replaced = is_function
                && matches!(step.way, schema::Way::Function | schema::Way::Wrap)
                && named("function ");
            let rights = object.starts_with("rights of ")
                && step.way != schema::Way::Add
                && named("rights of ");
            let new = before.get(object) != Some(value)
                && !object.starts_with("body of ")
                && !object.starts_with("rights of ");
            if !first && (new || replaced || (rights && before.get(object) != Some(value))) {
                let placed = |text: &str| text.replace(shape.queue_table(), "{queue}");
                lines.insert((step.name.to_string(), placed(object), placed(value)));
            }
        }
        first = false;
        before = now;
    }
    lines
}

#[tokio::test]
async fn the_list_of_wanted_objects_is_what_the_steps_make() {
    let (a, b) = (added(Shape::A).await, added(Shape::B).await);
    let mut text = String::new();
    for line in a.union(&b) {
        let only = match (a.contains(line), b.contains(line)) {
            (true, true) => "*",
            (true, false) => "a",
            _ => "b",
        };
        text.push_str(&format!("{only}\t{}\t{}\t{}\n", line.0, line.1, line.2));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/schema/wanted.tsv");
    if std::env::var_os("UPDATE_WANTED").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap();
    let (file, text): (BTreeSet<&str>, BTreeSet<&str>) =
        (file.lines().collect(), text.lines().collect());
    let gone: Vec<_> = file.difference(&text).collect();
    let new: Vec<_> = text.difference(&file).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "run with UPDATE_WANTED=1; gone: {gone:#?} new: {new:#?}"
    );
}

#[tokio::test]
async fn a_migrated_database_differs_in_nothing_and_an_unmigrated_one_in_everything() {
    for shape in [Shape::A, Shape::B] {
        let migrated = TestDb::new(shape, Schema::Migrated).await;
        let found = schema::differences(&migrated.db().await).await.unwrap();
        assert_eq!(found, []);
        let engine = TestDb::new(shape, Schema::Engine).await;
        let found = schema::differences(&engine.db().await).await.unwrap();
        assert!(
            found.len() > 300
                && found.iter().all(|d| d.found == schema::MISSING
                    || d.found == "another body"
                    || d.object.starts_with("rights")),
            "{found:#?}"
        );
    }
}
