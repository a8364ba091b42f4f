//! What comes next, and if nothing, why: the planner by example and by property.

use proptest::prelude::*;
use wavegate::{
    engine::planner::{self, Hold, Snapshot},
    model::{Mode, Share, WaveStep},
    plan::Plan,
};

use crate::plan::members::{any_plan, any_webhooks, named, plan, plan_with};

/// Takes a wave through its life and says what each step was.
fn walk(plan: &Plan, snapshot: &mut Snapshot, steps: usize) -> Vec<String> {
    let mut taken = Vec::new();
    for _ in 0..steps {
        let Some(step) = planner::next_steps(plan, snapshot).into_iter().next() else {
            break;
        };
        taken.push(format!("{} {}", step.wave, step.to));
        let to = match step.to {
            Mode::Both(share) => WaveStep::Hybrid(share.percent()),
            Mode::Nats => WaveStep::Nats,
            Mode::Queue => panic!("no step forward leads to queue"),
        };
        set(snapshot, &step.wave, to);
    }
    taken
}

fn set(snapshot: &mut Snapshot, wave: &str, to: WaveStep) {
    snapshot
        .waves
        .iter_mut()
        .find(|status| status.name == wave)
        .unwrap()
        .step = to;
}

const TWO: [&str; 3] = [
    "{ name: one, webhooks: [a], shares: [0, 100] }",
    "{ name: none, match: { ids: [99] } }",
    "{ name: two, webhooks: [b, c], shares: [50, 100] }",
];

#[test]
fn per_wave_each_goes_all_the_way_before_the_next_begins() {
    let plan = plan(&TWO);
    let mut snapshot = Snapshot::before_start(&plan, named(&["a", "b", "c"]));
    assert_eq!(
        planner::decide(&plan, &snapshot, "two").err(),
        Some(Hold::Behind {
            wave: "one".to_string(),
            step: WaveStep::Pending
        })
    );
    assert_eq!(
        planner::decide(&plan, &snapshot, "none").err(),
        Some(Hold::Empty)
    );
    assert_eq!(
        planner::decide(&plan, &snapshot, "other").err(),
        Some(Hold::Unknown)
    );
    let taken = walk(&plan, &mut snapshot, 9);
    assert_eq!(
        taken,
        [
            "one both, NATS delivers 0 %",
            "one both, NATS delivers 100 %",
            "one nats",
            "two both, NATS delivers 50 %",
            "two both, NATS delivers 100 %",
            "two nats"
        ]
    );
    assert_eq!(
        planner::decide(&plan, &snapshot, "two").err(),
        Some(Hold::Watched)
    );
}

#[test]
fn together_all_are_hybrid_before_one_leaves_the_queue() {
    let plan = plan_with("promote: together\n", &TWO);
    let mut snapshot = Snapshot::before_start(&plan, named(&["a", "b", "c"]));
    let taken = walk(&plan, &mut snapshot, 9);
    assert_eq!(
        taken,
        [
            "one both, NATS delivers 0 %",
            "one both, NATS delivers 100 %",
            "two both, NATS delivers 50 %",
            "two both, NATS delivers 100 %",
            "one nats",
            "two nats"
        ]
    );
}

#[test]
fn a_wave_that_was_rolled_back_stays_and_holds_up_those_behind() {
    let plan = plan(&TWO);
    let mut snapshot = Snapshot::before_start(&plan, named(&["a", "b", "c"]));
    set(&mut snapshot, "one", WaveStep::RolledBack);
    assert!(planner::next_steps(&plan, &snapshot).is_empty());
    assert_eq!(
        planner::decide(&plan, &snapshot, "one").err(),
        Some(Hold::RolledBack)
    );
}

#[test]
fn the_watch_ends_by_the_stored_time() {
    let plan = plan(&["{ name: one, webhooks: [a], watch: 1h }"]);
    let mut snapshot = Snapshot::before_start(&plan, named(&["a"]));
    let entered = "2026-11-21T10:00:00Z".parse().unwrap();
    snapshot.waves[0].entered_at = Some(entered);
    assert_eq!(planner::watch_ends(&plan, &snapshot, "one"), None);
    set(&mut snapshot, "one", WaveStep::Nats);
    assert_eq!(
        planner::watch_ends(&plan, &snapshot, "one"),
        Some(entered + chrono::TimeDelta::hours(1))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Whatever state the waves are in: steps lead forward, members only, and nobody is both held and stepping.
    #[test]
    fn steps_lead_forward(plan in any_plan(), webhooks in any_webhooks(), states in proptest::collection::vec(0u8..8, 8)) {
        let mut snapshot = Snapshot::before_start(&plan, webhooks);
        for (status, state) in snapshot.waves.iter_mut().zip(states) {
            status.step = match state {
                0..3 => WaveStep::Pending,
                3 => WaveStep::Hybrid(0),
                4 => WaveStep::Hybrid(10),
                5 => WaveStep::Hybrid(100),
                6 => WaveStep::Nats,
                _ => WaveStep::RolledBack,
            };
        }
        let steps = planner::next_steps(&plan, &snapshot);
        for wave in plan.waves() {
            let step = steps.iter().find(|step| step.wave == wave.name);
            prop_assert_eq!(step.is_some(), planner::decide(&plan, &snapshot, &wave.name).err().is_none());
        }
        for step in steps {
            prop_assert_eq!(&step.webhooks, &snapshot.members[&step.wave]);
            match (step.from, step.to) {
                (WaveStep::Pending, Mode::Both(share)) => prop_assert_eq!(share, Share::NONE),
                (WaveStep::Hybrid(now), Mode::Both(share)) => prop_assert!(share.percent() > now),
                (WaveStep::Hybrid(100), Mode::Nats) => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
