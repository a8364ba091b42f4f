//! Parsing of plans: what is shipped parses, every fault is reported with its place, nothing panics.

use std::path::Path;

use wavegate::{
    model::Share,
    plan::{Delivery, Plan, Promote},
};

/// The plan that the documentation explains key by key.
const EVERY_KEY: &str = include_str!("../../../plans/every-key.yaml");

fn parse(text: &str) -> Plan {
    Plan::parse(text).unwrap_or_else(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

fn faults(text: &str) -> String {
    let faults = Plan::parse(text).expect_err("the plan has faults");
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("{}\n", lines.join("\n"))
}

#[test]
fn every_shipped_plan_parses() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let mut seen = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            parse(&std::fs::read_to_string(&path).unwrap());
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} plans");
}

#[test]
fn the_json_schema_is_the_one_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/wavegate.schema.json");
    let wanted = wavegate::plan::schema_text();
    if std::env::var_os("WAVEGATE_WRITE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        wanted,
        "write it anew: WAVEGATE_WRITE=1 cargo nextest run the_json_schema"
    );
}

/// Every key of the schema, and the shortest plan, as docs/plan.md explains them.
#[test]
fn the_documentation_knows_every_key() {
    let docs = include_str!("../../../docs/plan.md");
    let schema = wavegate::plan::schema();
    let mut keys = Vec::new();
    let root = schema.as_value();
    let definitions = root["$defs"].as_object().unwrap().values();
    for properties in definitions
        .chain([root])
        .filter_map(|part| part["properties"].as_object())
    {
        keys.extend(properties.keys().cloned());
    }
    assert!(keys.len() > 60, "{keys:?}");
    for key in keys {
        let known = [
            format!("`{key}`"),
            format!("`{key}:"),
            format!(".{key}`"),
            format!("[].{key}`"),
            format!("`match: {{ {key}:"),
        ];
        assert!(
            known.iter().any(|known| docs.contains(known)),
            "docs/plan.md says nothing of `{key}`"
        );
    }
    for block in docs
        .split("```yaml\n")
        .skip(1)
        .filter(|block| block.starts_with("version"))
    {
        parse(block.split("```").next().unwrap());
    }
}

#[test]
fn every_key_arrives() {
    let plan = parse(EVERY_KEY);
    assert_eq!(plan.name(), "prod-2026q4");
    assert_eq!(plan.delivery(), Delivery::Ledger);
    assert_eq!(plan.promote(), Promote::PerWave);
    assert_eq!(plan.nats().subject.text(), "webhooks.{id}");
    assert_eq!(plan.hash().len(), 64);
    let pilot = plan.wave("pilot").unwrap();
    assert_eq!((pilot.position, pilot.soak.as_secs()), (1, 24 * 3600));
    assert_eq!(pilot.step_soak().as_secs(), 6 * 3600);
    let critical = plan.wave("critical").unwrap();
    assert!(critical.claims_first && critical.typed_confirm);
    assert_eq!(critical.shares.last(), Some(&Share::ALL));
    assert_eq!(critical.shares.len(), 5);
    assert_eq!(critical.signoff, ["operations", "product"]);
    // The wave's own limit, the defaults' limits, and the built-in ones.
    assert_eq!(critical.limits.success_margin, 0.005);
    assert_eq!(pilot.limits.success_margin, 0.01);
    assert_eq!(critical.limits.errors_per_minute, 10.0);
    assert_eq!(critical.limits.min_events, 100);
    assert!(critical.gates.advisory.contains(&"latency".into()));
    assert_eq!(critical.gates.sql.len(), 2);
    assert_eq!(
        plan.auto_rollback().unwrap().on,
        ["success", "errors", "workers"]
    );
    assert_eq!(plan.contacts()["database"], "#db-oncall");
    assert_eq!(plan.hooks().on_rollback, ["./page.sh"]);
    let windows = plan.windows().unwrap();
    assert!(windows.permit("2026-11-23T01:30:00Z".parse().unwrap()));
    assert!(!windows.permit("2026-11-23T12:30:00Z".parse().unwrap()));
}

#[test]
fn all_faults_come_at_once() {
    let all = faults(
        r#"version: 2
name: a plan
natz: { stream: A.B }
nats: { stream: "A.B", subject: "webhooks..{nam}" }
delivery: ledgers
promote: [together]
defaults:
  soak: 48
  soack: 2h
  shares: [10, 5, 100]
  takeover_after: 0s
  gates:
    success: { margin: 0.01, min_evnts: 4 }
    latency: { ratio: fast, quantile: 95 }
    workers: { nats: -1, silent_after: 0s }
auto_rollback: { on: [succes], after: 0, every: 10ms, level: 3 }
windows: { allow: ["Mon-Tho 02:00-05:00"], freeze: ["2027-01-03/2026-12-20"], timezone: Europe/Berlni }
waves:
  - { name: pilot, webhooks: [a, a], shares: [0, 50] }
  - { name: pilot, webhooks: [a] }
  - { name: empty }
  - name: odd
    match: { tags: 3, words: ["two words", 404], ids: [x], min_calls_7d: 10, max_calls_7d: 5 }
    match: { rest: true }
  - { name: rest, match: { rest: true }, claims_first: true }
  - { name: rest2, match: { rest: true } }
  - { name: none, match: {} }
  - just text
  - { webhooks: [], confirm: type, signoff: ops }
contacts: { database: 5 }
hooks: { before_stp: [x] }
"#,
    );
    insta::assert_snapshot!(all);
}

#[test]
fn documents_that_are_no_plan() {
    for (text, wanted) in [
        ("", "an empty document"),
        ("# nothing\n", "an empty document"),
        ("- a\n", "a list; wanted a mapping"),
        ("plan", "the text \"plan\"; wanted a mapping"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("a: &x 1\nb: *x\n", "an anchor"),
        ("a: !tag 1\n", "a tag"),
        ("? [a]\n: 1\n", "a key that is a list"),
        ("a: [1, 2\n", "YAML that cannot be read"),
        ("a: \"unfinished\n", "YAML that cannot be read"),
        ("\ta: 1\n", "line 1"),
        ("a: 1\n b: 2\n", "line 2"),
        ("name:\n", "name: found nothing"),
        ("contacts: { a: 2026 }\n", "in quotes it is: \"2026\""),
        (
            "a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {}}}}}}}}}}}}}}}}}",
            "deep nesting",
        ),
    ] {
        let faults = faults(text);
        assert!(faults.contains(wanted), "{text:?} gave {faults}");
    }
}

#[test]
fn a_mark_at_the_beginning_and_foreign_line_ends_do_no_harm() {
    let plan = "\u{feff}version: 1\r\nname: x\r\nwaves:\r\n  - { name: a, webhooks: [a] }\r\n";
    assert_eq!(parse(plan).name(), "x");
    assert_eq!(parse(plan).text(), plan);
}

#[test]
fn a_huge_mapping_is_refused_at_once() {
    let keys: String = (0..60_000).map(|n| format!("k{n}: 1\n")).collect();
    let begun = std::time::Instant::now();
    assert!(faults(&keys).contains("found another key; wanted at most 500"));
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn places_are_those_of_an_editor() {
    let faults =
        Plan::parse("version: 1\nname: x\nwaves:\n  - name: a\n    match:\n      tags: 3\n")
            .unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].line, faults[0].column, faults[0].path.as_str()),
        (6, 13, "waves[0].match.tags")
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*") {
        let _ = Plan::parse(&text);
    }

    /// YAML-like text reaches further than noise.
    #[test]
    fn any_yaml_is_read_without_panic(
        lines in proptest::collection::vec("[ ]{0,6}(- |\\? )?(waves|name|match|soak|gates|\\{|\\[|&a|\\*a|!t|\\||>)?: ?(\\[1, |\\{a: |\"|'|48h|1%|~|\\.nan|0x1|-|é|\u{1f680})?[\\]}]?", 0..12)
    ) {
        let _ = Plan::parse(&lines.join("\n"));
    }

    /// One change anywhere in a good plan.
    #[test]
    fn a_damaged_plan_is_read_without_panic(at in 0..EVERY_KEY.len(), put in "\\PC{0,3}", cut in 0usize..4) {
        let mut text: Vec<char> = EVERY_KEY.chars().collect();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        text.splice(at..end, put.chars());
        let text: String = text.into_iter().collect();
        if let Err(faults) = Plan::parse(&text) {
            proptest::prop_assert!(!faults.is_empty());
        }
    }
}

#[test]
fn gates_of_the_plans_own_have_names_of_their_own_and_bounds_that_can_be_met() {
    let said = faults(
        "version: 1\nname: a\ndefaults:\n  gates:\n    sql: [{ name: refunds, query: SELECT 1 }]\nwaves:\n  - name: w\n    match: { rest: true }\n    gates:\n      sql:\n\
         \x20       - { name: refunds, query: SELECT 1 }\n        - { name: parity, query: \" \" }\n        - { name: odd, query: SELECT 1, min: 2, max: 1 }\n        - { name: endless, query: SELECT 1, max: .inf }\n\
         \x20     command:\n        - { name: odd, run: [x], timeout: 0s }\n        - { name: none, run: [\"\"] }\n",
    );
    for part in [
        "gates.sql[0].name: found `refunds` twice",
        "gates.sql[1].name: found `parity`, which is a gate already",
        "gates.sql[1].query: found an empty query",
        "gates.sql[2].min: found 2, above `max`, 1",
        "gates.sql[3].max: found",
        "gates.command[0].name: found `odd` twice",
        "gates.command[0].timeout: found `0s`; wanted more than no time at all",
        "gates.command[1].run[0]: found no program",
    ] {
        assert!(said.contains(part), "{part} not in:\n{said}");
    }
}

#[test]
fn foreign_nats_workers_get_no_part_of_the_events() {
    let plan = |more: &str, wave: &str| {
        format!(
            "version: 1\nname: a\ndelivery: independent\n{more}waves:\n  - {{ name: w, match: {{ rest: true }}{wave} }}\n"
        )
    };
    let shares = |text: &str| parse(text).waves()[0].shares.clone();
    assert_eq!(shares(&plan("", "")), [Share::NONE]);
    assert_eq!(shares(&plan("", ", shares: [0]")), [Share::NONE]);
    for text in [
        plan("", ", shares: [0, 100]"),
        plan("defaults: { shares: [10, 100] }\n", ""),
    ] {
        let said = faults(&text);
        assert!(
            said.contains("shares: found [") && said.contains("wanted [0]"),
            "{said}"
        );
    }
}
