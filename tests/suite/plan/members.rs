//! Who is in which wave, and which subject it gets: pure, by example and by property.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use wavegate::{
    engine::planner::{self, Snapshot},
    model::{PublishMode, Webhook},
    plan::{Plan, SubjectTemplate, Surroundings, covers, draft, lint, membership, words_of},
};

pub fn webhook(id: i32, name: &str) -> Webhook {
    Webhook {
        id,
        name: name.to_string(),
        enabled: true,
        tags: Vec::new(),
        mode: PublishMode::Queue,
        share: 0,
        epoch: 0,
        subject: None,
        fenced: false,
        calls_7d: 10_000,
        failed_7d: 0,
        mean_latency_ms: None,
    }
}

pub fn named(names: &[&str]) -> Vec<Webhook> {
    names
        .iter()
        .zip(1..)
        .map(|(name, id)| webhook(id, name))
        .collect()
}

/// A plan with these waves, written as YAML flow mappings.
pub fn plan(waves: &[&str]) -> Plan {
    plan_with("", waves)
}

pub fn plan_with(head: &str, waves: &[&str]) -> Plan {
    let waves: String = waves.iter().map(|wave| format!("  - {wave}\n")).collect();
    Plan::parse(&format!("version: 1\nname: t\n{head}waves:\n{waves}")).unwrap()
}

const GUIDE: &str = include_str!("../../../plans/guide.yaml");
#[test]
fn whole_words_and_the_critical_first() {
    let plan = Plan::parse(GUIDE).unwrap();
    let names = [
        "analytics_events",
        "latest_payment",
        "catalog_sync",
        "Payment Alert",
        "payment_test",
        "login_log",
        "devEmail",
        "orders",
    ];
    let webhooks = named(&names);
    let answer = membership(&plan, &webhooks);
    for (wave, wanted) in [
        ("pilot", vec![1]),
        ("critical", vec![2, 4, 5]),
        ("rest", vec![3, 8]),
        ("volume", vec![6]),
        ("test-dev", vec![7]),
        ("standard", vec![]),
    ] {
        assert_eq!(answer.members[wave], wanted, "{wave}");
    }
    let overlaps: Vec<(&str, &str, Vec<String>)> = answer
        .overlaps
        .iter()
        .map(|o| (o.name.as_str(), o.wave.as_str(), o.also.clone()))
        .collect();
    assert_eq!(
        overlaps,
        [
            ("analytics_events", "pilot", vec!["volume".to_string()]),
            ("payment_test", "critical", vec!["test-dev".to_string()]),
            ("devEmail", "test-dev", vec!["standard".to_string()]),
        ]
    );
    assert!(answer.leftovers.is_empty() && answer.missing.is_empty());
}

#[test]
fn names_beat_globs_beat_claims_beat_order() {
    let plan = plan(&[
        "{ name: order, match: { words: [a] } }",
        "{ name: first, claims_first: true, match: { words: [a] } }",
        "{ name: glob, webhooks: ['a_*'] }",
        "{ name: exact, webhooks: [a_1] }",
    ]);
    let answer = membership(&plan, &named(&["a_1", "a_2", "b a", "c"]));
    assert_eq!(answer.members["exact"], [1]);
    assert_eq!(answer.members["glob"], [2]);
    assert_eq!(answer.members["first"], [3]);
    assert_eq!(answer.members["order"], [0; 0]);
    assert_eq!(answer.leftovers, [4]);
    assert_eq!(answer.overlaps[0].also, ["glob", "first", "order"]);
}

#[test]
fn one_entry_picks_and_volumes_narrow() {
    let plan = plan(&[
        "{ name: w, match: { words: [payment], tags: [Critical], names: ['*_x'], ids: [4], min_calls_7d: 5, max_calls_7d: 9 } }",
    ]);
    let mut webhooks = named(&[
        "a_payment",
        "tagged",
        "b_x",
        "by id",
        "nothing",
        "c_x",
        "d_x",
    ]);
    for (webhook, calls) in webhooks.iter_mut().zip([5, 6, 7, 9, 7, 4, 10]) {
        webhook.calls_7d = calls;
    }
    webhooks[1].tags = vec!["other".to_string(), "critical".to_string()];
    assert_eq!(membership(&plan, &webhooks).members["w"], [1, 2, 3, 4]);
    let volume_alone = self::plan(&["{ name: w, match: { min_calls_7d: 9 } }"]);
    assert_eq!(membership(&volume_alone, &webhooks).members["w"], [4, 7]);
}

#[test]
fn what_the_database_does_not_have_is_a_fault_with_its_place() {
    let plan = plan(&[
        "{ name: w, webhooks: [analytics_event, 'x*'], match: { ids: [7], names: [gone] } }",
    ]);
    let answer = membership(&plan, &named(&["analytics_events"]));
    let lines: Vec<String> = answer.missing.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(
        lines[0].contains("line 4, column 27: waves[0].webhooks[0]: found `analytics_event`"),
        "{}",
        lines[0]
    );
    assert!(lines[0].contains("did you mean `analytics_events`?"));
    assert!(lines[1].contains("waves[0].webhooks[1]"));
}

#[test]
fn a_name_with_a_star_is_found_by_itself() {
    let plan = plan(&[
        "{ name: w, webhooks: ['all*?'] }",
        "{ name: rest, match: { rest: true } }",
    ]);
    let answer = membership(&plan, &named(&["all*?", "allow"]));
    assert!(answer.members["w"].contains(&1));
    assert!(answer.missing.is_empty());
}

#[test]
fn lint_names_every_hazard_of_names_and_waves() {
    let plan = plan_with(
        "nats: { subject: 'webhooks.{name}' }\n",
        &[
            "{ name: nobody, match: { words: [nowhere] } }",
            "{ name: robbed, match: { words: [user] } }",
            "{ name: all, claims_first: true, match: { names: ['*'] } }",
        ],
    );
    let long = "x".repeat(300);
    let mut webhooks = named(&[
        "User Created",
        "userCreated",
        "usercreated",
        "a*b",
        "a>b",
        "a\nb",
        "\u{1f680}",
        "say\"hi\"",
        "a..b",
        &long,
        "$SYS",
    ]);
    webhooks[2].enabled = false;
    webhooks[3].calls_7d = 0;
    webhooks[4].mode = PublishMode::Both;
    webhooks[5].fenced = true;
    let filters = ["webhooks.*".to_string()];
    let around = Surroundings {
        stream_subjects: Some(&filters),
        begun: None,
        configs: None,
        ..Surroundings::default()
    };
    let findings = lint(&plan, &membership(&plan, &webhooks), &webhooks, around);
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    let faults = faults.join("\n");
    for wanted in [
        "waves[0]: found an empty wave: no webhook of this database",
        "waves[1]: found an empty wave: the 2 webhooks that `robbed` asks for belong to others, such as wave all",
        "webhook 1 (\"User Created\"): token 2 holds white space ' '",
        "one subject, but for its case, for 2 webhooks, 2 (`webhooks.userCreated`), 3 (`webhooks.usercreated`)",
        "webhook 4 (\"a*b\"): token 2 holds the wildcard `*`",
        "webhook 5 (\"a>b\"): token 2 holds the wildcard `>`",
        "webhook 6 (\"a\\nb\"): token 2 holds white space '\\n'",
        "token 2 holds `\u{1f680}`, which is not ASCII",
        "token 2 holds the character `\"`",
        "webhook 9 (\"a..b\"): token 3 is empty",
        "309 bytes, more than 255",
    ] {
        assert!(faults.contains(wanted), "{wanted}\nis not in\n{faults}");
    }
    let hazards: Vec<&str> = findings
        .hazards
        .iter()
        .map(|hazard| hazard.found.as_str())
        .collect();
    assert_eq!(
        hazards,
        [
            "1 webhook switched off",
            "1 webhook without a call in 7 days",
            "1 webhook fenced by an earlier rollback",
            "1 webhook already out of the queue (both or nats)"
        ]
    );
}

#[test]
fn two_tokens_are_outside_of_a_stream_that_takes_one() {
    let plan = plan_with(
        "nats: { subject: 'webhooks.{name}' }\n",
        &["{ name: all, match: { rest: true } }"],
    );
    let webhooks = named(&["user.created", "plain"]);
    let filters = ["webhooks.*".to_string()];
    let around = Surroundings {
        stream_subjects: Some(&filters),
        begun: None,
        configs: None,
        ..Surroundings::default()
    };
    let findings = lint(&plan, &membership(&plan, &webhooks), &webhooks, around);
    assert_eq!(findings.faults.len(), 1);
    assert!(
        findings.faults[0]
            .found
            .contains("of webhook 1 (`webhooks.user.created`)")
    );
}

#[test]
fn ten_thousand_webhooks_are_planned() {
    let plan = Plan::parse(GUIDE).unwrap();
    let webhooks: Vec<Webhook> = (1..=10_000)
        .map(|id| webhook(id, &format!("orders_{id}")))
        .collect();
    let answer = membership(&plan, &webhooks);
    let snapshot = Snapshot::before_start(&plan, webhooks.clone());
    let steps = planner::next_steps(&plan, &snapshot);
    let _ = lint(&plan, &answer, &webhooks, Surroundings::default());
    assert_eq!(steps[0].webhooks.len(), 10_000);
}

pub fn any_webhooks() -> impl Strategy<Value = Vec<Webhook>> {
    let name = prop_oneof![
        "[a-z]{1,8}(_(test|dev|log|payment|email|x))?",
        "\\PC{0,12}",
        // PostgreSQL keeps no NUL.
        any::<String>().prop_map(|name| name.replace('\0', "")),
        "(e-mail|test|payment|log|dev)[0-9]{0,2}(go|_a)?",
        Just("payment_test".to_string()),
        Just("zahlungs\u{fc}bersicht".to_string()),
        Just("zahlungsu\u{308}bersicht".to_string()),
    ];
    let one = (
        name,
        any::<bool>(),
        0i64..5000,
        proptest::collection::vec(
            "[a-z*. ]{0,6}|critical|CRITICAL|prio-critical|Payment 2|log",
            0..3,
        ),
    );
    proptest::collection::vec(one, 0..25).prop_map(|rows| {
        let mut seen = BTreeSet::new();
        let fresh = rows
            .into_iter()
            .filter(|(name, ..)| seen.insert(name.clone()));
        fresh
            .zip(1..)
            .map(|((name, enabled, calls, tags), id)| Webhook {
                enabled,
                calls_7d: calls,
                tags,
                ..webhook(id, &name)
            })
            .collect()
    })
}

pub fn any_plan() -> impl Strategy<Value = Plan> {
    let condition = prop_oneof![
        "words: \\[(test|log|payment|x)\\]",
        "names: \\['[a-c]\\*'\\]",
        "tags: \\[critical\\]",
        "ids: \\[[1-9]\\]",
        "min_calls_7d: [0-9]{1,4}",
        "max_calls_7d: [0-9]{1,4}",
    ];
    let wave = (condition, any::<bool>(), proptest::option::of("[a-z]"));
    (proptest::collection::vec(wave, 1..6), any::<bool>()).prop_map(|(waves, rest)| {
        let mut named = BTreeSet::new();
        let mut lines: Vec<String> = waves
            .into_iter()
            .zip(1..)
            .map(|((condition, first, name), n)| {
                let webhooks = name
                    .filter(|name| named.insert(name.clone()))
                    .map_or(String::new(), |name| format!(", webhooks: ['{name}*']"));
                format!(
                    "{{ name: w{n}, claims_first: {first}, match: {{ {condition} }}{webhooks} }}"
                )
            })
            .collect();
        if rest {
            lines.insert(0, "{ name: rest, match: { rest: true } }".to_string());
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        plan(&lines)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn membership_is_a_partition(plan in any_plan(), webhooks in any_webhooks()) {
        let answer = membership(&plan, &webhooks);
        let mut all: Vec<i32> = answer.members.values().flatten().copied().chain(answer.leftovers.iter().copied()).collect();
        all.sort_unstable();
        let ids: Vec<i32> = webhooks.iter().map(|webhook| webhook.id).collect();
        prop_assert_eq!(all, ids, "each webhook once");
        prop_assert_eq!(answer.members.len(), plan.waves().len());
        for overlap in &answer.overlaps {
            prop_assert!(!overlap.also.is_empty() && !overlap.also.contains(&overlap.wave));
        }
        if plan.wave("rest").is_some() {
            prop_assert!(answer.leftovers.is_empty());
        }
        // The order of the rows has no say.
        let reversed: Vec<Webhook> = webhooks.iter().rev().cloned().collect();
        prop_assert_eq!(answer.members, membership(&plan, &reversed).members);
    }

    #[test]
    fn a_subject_is_refused_or_fine(webhooks in any_webhooks(), template in prop_oneof![
        Just("webhooks.{id}"), Just("w.{tag}.{name}"), Just("{name}"), Just("a.{name}.{id}")
    ]) {
        let template = SubjectTemplate::new(template).unwrap();
        for webhook in &webhooks {
            let Ok(subject) = template.render(webhook) else { continue };
            prop_assert!(subject.len() <= 255 && !subject.starts_with('$'));
            prop_assert!(subject.split('.').all(|token| !token.is_empty()));
            prop_assert!(subject.chars().all(|c| c.is_ascii_graphic() && !"*>".contains(c)));
            prop_assert!(async_nats::Subject::from(subject.as_str()).is_valid());
            prop_assert!(covers(">", &subject) && covers(&subject, &subject));
        }
    }

    #[test]
    fn any_template_is_read_without_panic(text in "\\PC{0,20}|[a-z.{}]{0,20}") {
        if let Ok(template) = SubjectTemplate::new(&text) {
            let rendered = template.render(&webhook(1, "a")).is_ok();
            prop_assert_eq!(rendered, !text.contains("{tag}"));
        }
    }

    #[test]
    fn words_are_lower_case_and_whole(name in any::<String>()) {
        for word in words_of(&name) {
            prop_assert!(!word.is_empty());
        }
    }

    #[test]
    fn a_draft_parses_and_covers_everybody(webhooks in any_webhooks()) {
        prop_assume!(!webhooks.is_empty());
        let draft = draft("drafted", "WEBHOOKS", &webhooks, &BTreeMap::new());
        let plan = Plan::parse(&draft.text);
        prop_assert!(plan.is_ok(), "{:?}\n{}", plan.err(), draft.text);
        let plan = plan.unwrap();
        let answer = membership(&plan, &webhooks);
        prop_assert!(answer.leftovers.is_empty() && answer.missing.is_empty());
        let drafted: BTreeMap<String, Vec<i32>> = draft.waves.iter().map(|wave| (wave.name.clone(), wave.members.clone())).collect();
        prop_assert_eq!(&drafted, &answer.members, "{}", draft.text);
        // What is critical by its name or by a tag moves last, and never as the pilot.
        let critical = |text: &str| words_of(text).iter().any(|word| ["payment", "critical", "alert"].contains(&word.as_str()));
        for webhook in webhooks.iter().filter(|webhook| critical(&webhook.name) || webhook.tags.iter().any(|tag| critical(tag))) {
            prop_assert!(answer.members["critical"].contains(&webhook.id), "{:?}\n{}", webhook, draft.text);
        }
        let findings = lint(&plan, &answer, &webhooks, Surroundings::default());
        prop_assert!(findings.faults.is_empty(), "{:?}", findings.faults);
    }
}
