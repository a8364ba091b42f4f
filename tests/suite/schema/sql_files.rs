//! Every statement that the program sends prepares on a migrated database of either shape.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::support::{Schema, Shape, TestDb};

pub fn files(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// Not scripts, and not statements that PREPARE does not take: DDL, locks, the begin of a transaction. `name` begins with `sql/`.
pub fn prepares(name: &str, shape: Shape) -> bool {
    let is_script = [
        "sql/007/",
        "sql/lab/",
        "sql/schema/default_mode.sql",
        "sql/schema/lock_ledger.sql",
        "sql/audit/snapshot.sql",
        "sql/session/",
        "sql/relay/copy_history.sql",
    ]
    .iter()
    .any(|part| name.starts_with(part));
    let other = if shape == Shape::A {
        "_b.sql"
    } else {
        "_a.sql"
    };
    !is_script && !name.ends_with(other)
}

#[tokio::test]
async fn every_statement_prepares_on_both_shapes() {
    let mut all = Vec::new();
    files(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sql")),
        "sql",
        &mut all,
    );
    all.sort();
    let mut faults = Vec::new();
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        c.execute("SET search_path = pg_catalog, wavegate, pg_temp")
            .await
            .unwrap();
        for path in &all {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            let name = name.to_str().unwrap();
            if !prepares(name, shape) {
                continue;
            }
            let text = std::fs::read_to_string(path)
                .unwrap()
                .replace("{schema}", "public");
            if !text.starts_with("-- ") {
                faults.push(format!("{name}: the first line asks no question"));
            }
            if let Err(error) = prepare(&mut c, &text).await {
                faults.push(format!("{shape:?} {name}: {error}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn prepare(c: &mut PgConnection, text: &str) -> Result<(), sqlx::Error> {
    c.execute(AssertSqlSafe(format!(
        "PREPARE question AS {}",
        text.trim_end().trim_end_matches(';')
    )))
    .await?;
    c.execute("DEALLOCATE question").await.map(|_| ())
}

/// What the data plane asks batch after batch goes along indexes, in the order it was asked for, on tables that the planner takes for
/// empty and on full ones: marks lock rows in the order of their ids because of their nested loop alone.
#[tokio::test]
async fn batches_go_along_the_indexes_whatever_the_planner_expects() {
    let batch = |values: &str| {
        let column = |value: &str| format!("array_fill({value}, '{{1000}}')");
        values.split(' ').map(column).collect::<Vec<_>>().join(", ")
    };
    let (all, from) = ("'{0,1,2,3,4,5,6,7}'", "'{0,0,0,0,0,0,0,0}'");
    let statements = [
        (
            "relay/unpublished.sql",
            format!("{all}, {from}, 128, 1, true, '{{}}', false, 4194304"),
        ),
        (
            "relay/listed.sql",
            format!("{all}, {from}, 128, 1, true, '{{}}', false"),
        ),
        (
            "relay/payloads.sql",
            format!("{}, 4194304", batch("'x'::text")),
        ),
        (
            "relay/named.sql",
            format!("{}, 1, true, false, 4194304", batch("1::bigint 1")),
        ),
        (
            "relay/look.sql",
            format!("{all}, {from}, {from}, 128, '{{}}', 1, true, false"),
        ),
        (
            "relay/mark_published.sql",
            format!(
                "{}, false",
                batch("'x'::text 1 1::bigint now() 1::bigint 1")
            ),
        ),
        (
            "sweep/republish.sql",
            format!("1, 1000, 500, now(), 10000, 512, 1, true, {all}"),
        ),
    ];
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let fill = "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, due_at)
                SELECT n::text, n % 50, 0, n, false, false, 'nats', now() FROM generate_series(1, 20000) n;
                INSERT INTO rule_nats_outbox (event_id, webhook_id, subject, payload) SELECT n::text, n % 50, 's', '{}' FROM generate_series(1, 20000) n;
                INSERT INTO wavegate.unpublished SELECT n % 50 & 7, n, n::text, n % 50 FROM generate_series(1, 20000) n;
                ANALYZE rule_webhook_events, rule_nats_outbox, wavegate.unpublished";
    // Vacuumed while they were all but empty, and filled again since: so the planner takes them for empty once more.
    let stale = "UPDATE pg_class SET reltuples = 1 WHERE relname IN ('rule_webhook_events', 'rule_nats_outbox', 'unpublished')";
    // The ledger is what it was, and the outbox seems empty.
    let outbox = "ANALYZE rule_webhook_events; UPDATE pg_class SET reltuples = 1 WHERE relname = 'rule_nats_outbox'";
    let mut products = Vec::new();
    for filled in ["SELECT", fill, stale, outbox] {
        c.execute(filled).await.unwrap();
        for (file, arguments) in &statements {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/");
            let read = |file: &str| std::fs::read_to_string(format!("{folder}{file}")).unwrap();
            let script = format!(
                "BEGIN; {}; PREPARE p AS {}",
                read("relay/in_order.sql"),
                read(file)
            );
            c.execute(AssertSqlSafe(script)).await.unwrap();
            let lines: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN EXECUTE p ({arguments})")))
                    .fetch_all(&mut c)
                    .await
                    .unwrap();
            c.execute("ROLLBACK; DEALLOCATE p").await.unwrap();
            let plan = lines.join("\n");
            for table in ["rule_webhook_events", "rule_nats_outbox", "unpublished"] {
                assert!(
                    !plan.contains(&format!("Seq Scan on {table}")),
                    "{file}: {plan}"
                );
            }
            // A scan without a condition, for each row of another: the product of two tables.
            products.extend(lines.iter().zip(&lines[1..]).filter_map(|(line, next)| {
                let whole = line.contains("using rule_nats_outbox") && !next.contains("Index Cond");
                (whole && !file.starts_with("relay/mark"))
                    .then(|| format!("{file} after {filled}: {line}"))
            }));
            if file.starts_with("relay/mark") && [fill, "SELECT"].contains(&filled) {
                let update = plan.split("Update on rule_webhook_events").nth(1).unwrap();
                let update = update.split("CTE ").next().unwrap();
                let nodes = [
                    "Nested Loop",
                    "Sort Key: a.event_id",
                    "Index Scan using rule_webhook_events_pkey",
                ];
                let places: Vec<_> = nodes.iter().map(|node| update.find(node)).collect();
                assert!(
                    places.iter().all(Option::is_some) && places.is_sorted(),
                    "{plan}"
                );
            }
        }
    }
    assert_eq!(products, [""; 0]);
}
