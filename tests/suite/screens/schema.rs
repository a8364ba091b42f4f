//! The screens of `schema` at 80 and 120 columns.

use std::collections::BTreeMap;

use wavegate::{
    store::{
        QueueShape,
        schema::{Check, Difference, Finding, Obstacles, State, Status, StepStatus},
    },
    ui::{SchemaDifferences, SchemaEffect, SchemaRevert, SchemaSql, SchemaStatus, Screen, Style},
};

fn both<S: Screen>(name: &str, screen: &S) {
    for width in [80, 120] {
        let text = screen.draw(&Style::plain(width));
        for line in text.lines() {
            assert!(line.chars().count() <= width.into(), "{width}: {line}");
        }
        insta::assert_snapshot!(format!("{name}_{width}"), text);
    }
    insta::assert_snapshot!(
        format!("{name}_json"),
        crate::screens::vocabulary::json(screen)
    );
}

fn step(step: &str, title: &str, state: State) -> StepStatus {
    StepStatus {
        step: step.into(),
        title: title.into(),
        state,
        applied_at: None,
        made: vec![],
        replaced: None,
    }
}

fn status() -> Status {
    let mut ledger = step("34_ledger", "Ledger, outbox and fences", State::Done);
    ledger.made = [
        "table rule_nats_fences",
        "table rule_nats_outbox",
        "table rule_webhook_events",
        "sequence x",
    ]
    .map(String::from)
    .to_vec();
    let mut enqueue = step("51_enqueue", "Today's callers, routed by mode", State::Done);
    enqueue.replaced =
        Some("public.rule_webhook_enqueue(integer, jsonb, text, timestamp with time zone)".into());
    Status {
        database: "shop".into(),
        schema: "public".into(),
        shape: QueueShape::A,
        steps: vec![
            step(
                "02_nats_config",
                "Connection settings, with the default row",
                State::Adopted,
            ),
            ledger,
            step(
                "38_queue_event",
                "Index: one queue row an event",
                State::Missing,
            ),
            step("41_epoch", "Trigger: the epoch rises", State::Differs),
            step(
                "44_nats_health",
                "Health as the relays measure it",
                State::Outdated,
            ),
            enqueue,
        ],
        differences: vec![],
        take_over: BTreeMap::from([
            (
                "public.rule_nats_init(text)".to_string(),
                Some("rule_engine_postgre_extensions".to_string()),
            ),
            (
                "public.rule_webhook_enqueue(integer, jsonb, text, timestamp with time zone)"
                    .to_string(),
                None,
            ),
        ]),
    }
}

#[test]
fn status_of_the_schema() {
    both("schema_status", &SchemaStatus(&status()));
}

#[test]
fn effect_of_apply() {
    let check = |check, finding, found: &str, wanted: &str, remedy: &str| Check {
        check,
        finding,
        found: found.into(),
        wanted: wanted.into(),
        remedy: remedy.into(),
    };
    let checks = [
        check("server version", Finding::Good, "15.18", "12 or later", ""),
        check(
            "privileges",
            Finding::Bad,
            "app lacks CREATE on schema public, ownership of rule_webhooks (owner engine)",
            "owner of the engine's tables, CREATE",
            "connect as the owner of the engine's tables, or have it grant membership",
        ),
        check(
            "oldest transaction",
            Finding::Warning,
            "4210 s, pid 311 (pg_dump)",
            "under 60 s",
            "indexes wait for it to end; end it, or apply later",
        ),
    ];
    both(
        "schema_effect",
        &SchemaEffect {
            status: &status(),
            checks: &checks,
        },
    );
}

#[test]
fn differences_of_the_schema() {
    let difference = |object: &str, found: &str, wanted: &str| Difference {
        step: "30_route_columns".into(),
        object: object.into(),
        found: found.into(),
        wanted: wanted.into(),
    };
    let differences = [
        difference(
            "column rule_webhooks.nats_share",
            "smallint not null default 5",
            "smallint not null default 0",
        ),
        difference(
            "index rule_webhook_calls unique btree (event_id) WHERE (event_id IS NOT NULL)",
            "missing",
            "valid",
        ),
    ];
    both("schema_differences", &SchemaDifferences(&differences));
    both("schema_no_differences", &SchemaDifferences(&[]));
    let never_taken = ["a", "b", "c"].map(|name| {
        difference(
            &format!("column rule_webhooks.{name}"),
            "missing",
            "integer",
        )
    });
    both("schema_step_missing", &SchemaDifferences(&never_taken));
}

#[test]
fn statements_for_psql() {
    let statements = [
        (
            "01_wavegate".to_string(),
            "CREATE SCHEMA IF NOT EXISTS wavegate;\n".to_string(),
        ),
        ("66_queue_unrouted".to_string(), String::new()),
    ];
    let screen = SchemaSql {
        statements: &statements,
    };
    insta::assert_snapshot!("schema_sql_json", crate::screens::vocabulary::json(&screen));
}

#[test]
fn effect_of_revert() {
    let obstacles = Obstacles {
        undelivered: 3,
        events: 120_000,
        journal: 61,
        elsewhere: 1,
        names: vec!["pay\u{1b}ments".into()],
        running: 0,
        running_are: Vec::new(),
        stranded: 0,
        ..Obstacles::default()
    };
    both(
        "schema_revert",
        &SchemaRevert {
            status: &status(),
            obstacles: &obstacles,
        },
    );
}
