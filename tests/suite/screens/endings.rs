//! What people see where people decide: sign-offs of the present steps, and the end of a migration.

use std::collections::BTreeMap;

use wavegate::{
    gates::signoff::Signature,
    model::{
        WaveStatus, WaveStep,
        amendment::{AmendedWave, Amendment, LeftOut, WaveChange},
    },
    store::state::Migration,
    ui::{AmendScreen, CloseScreen, SignoffScreen, SignoffWave},
};

use super::flips::{at, both};

#[test]
fn who_has_signed_and_who_is_wanted() {
    let word = |role: &str, signed, note: Option<&str>| Signature {
        role: role.into(),
        signed,
        who: "ann".into(),
        host: "ops1".into(),
        at: at(7),
        note: note.map(Into::into),
    };
    let screen = SignoffScreen {
        plan: "prod-2026q4".into(),
        waves: vec![
            SignoffWave {
                wave: "critical".into(),
                step: "hybrid 50 %".into(),
                roles: vec!["operations".into(), "product".into(), "security".into()],
                given: vec![
                    word("operations", true, None),
                    word("product", false, Some("not before the \u{1b}[31mrelease")),
                ],
            },
            SignoffWave {
                wave: "volume".into(),
                step: "pending".into(),
                roles: Vec::new(),
                given: Vec::new(),
            },
        ],
    };
    both(&screen, "signoff");
}

#[test]
fn a_migration_that_ends() {
    let wave = |name: &str, position, step| WaveStatus {
        name: name.into(),
        position,
        step,
        attempt: 1,
        entered_at: Some(at(0)),
        members: 7,
    };
    let screen = |closed, unfenced| CloseScreen {
        migration: Migration {
            id: 1,
            name: "prod-2026q4".into(),
            plan: String::new(),
            hash: String::new(),
            started_at: Some(at(0)),
            started_by: "ann".into(),
            waves: vec![
                wave("pilot", 1, WaveStep::Finished),
                wave("volume", 2, WaveStep::RolledBack),
            ],
            members: BTreeMap::new(),
            names: BTreeMap::new(),
        },
        ending: "abandoned",
        closed,
        unfenced,
        default_mode: None,
    };
    both(&screen(false, vec![7, 8]), "close_effect");
    both(&screen(true, vec![7, 8]), "close");
    let finished = CloseScreen {
        ending: "finished",
        default_mode: Some(
            "ALTER TABLE public.rule_webhooks ALTER COLUMN publish_mode SET DEFAULT 'nats'".into(),
        ),
        ..screen(true, Vec::new())
    };
    both(&finished, "close_finished");
}

#[test]
fn a_plan_that_is_amended() {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let wave = |wave: &str, change, gained: &[&str], lost: &[&str]| AmendedWave {
        wave: wave.into(),
        change,
        gained: names(gained),
        lost: names(lost),
    };
    let screen = |amended| {
        AmendScreen {
        plan: "prod-2026q4".into(),
        amendment: Amendment {
            lines: vec![
                "line 9: -   - { name: rest, match: { rest: true } }".into(),
                "line 9: +   - { name: billing, webhooks: [\"bill*\"], soak: 96h, signoff: [finance] }".into(),
                "line 10: +   - { name: late, match: { rest: true } }".into(),
            ],
            waves: vec![
                wave("billing", WaveChange::New, &["bill_sent", "bill \u{1b}[31mpaid"], &[]),
                wave("volume", WaveChange::Members, &["clicks 2"], &["bill_sent"]),
                wave("rest", WaveChange::Gone, &[], &["crm"]),
            ],
            left_out: vec![LeftOut {
                webhook: "page_view_2".into(),
                wave: "pilot".into(),
            }],
        },
        amended,
    }
    };
    both(&screen(false), "amendment_effect");
    both(&screen(true), "amendment");
}
