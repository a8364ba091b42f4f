//! What every wave waits for, in the words of `run`, as far as state, clock, holds and people tell: no gate that measures is asked, and
//! nothing is written. `status` may look as often as it likes.

use std::collections::BTreeMap;

use super::{
    decide::{Facts, View, outlook},
    facts::{approved_step, target},
};
use crate::{
    engine::{
        attention::Situation,
        gatekeeper::{self, Candidate},
        snapshot,
        unfinished::Unfinished,
    },
    error::Result,
    model::driven::{WaitsFor, WaveWait},
    plan::Plan,
    store::{Db, approval, state::Migration},
};

/// In the plan's order; waves that are finished or have no webhook are left out.
pub async fn read(
    db: &Db,
    plan: &Plan,
    migration: &Migration,
    situation: &Situation,
) -> Result<Vec<WaveWait>> {
    let now = situation.now;
    let snapshot = snapshot::read(db, plan, Some(migration), now).await?;
    let mut views = BTreeMap::new();
    for wave in plan.waves() {
        let Some(to) = target(plan, &snapshot, wave) else {
            continue;
        };
        let candidate = Candidate::new(Some(migration), wave, to);
        let report = gatekeeper::known(db, plan, migration, &candidate, now).await?;
        let step = approved_step(Some(migration), plan, &candidate);
        let view = View {
            approved: approval::given(db, &step).await?.is_some(),
            strikes: Vec::new(),
            whole: false,
            report,
        };
        views.insert(wave.name.clone(), view);
    }
    let aside = begun(migration, &situation.unfinished);
    let flip = situation.unfinished.iter().find_map(|one| match one {
        Unfinished::Flip { wave, .. } => Some(wave.as_str()),
        _ => None,
    });
    Ok(outlook(&Facts {
        plan,
        snapshot: &snapshot,
        unfinished: flip,
        half_back: None,
        views: &views,
        holds: &situation.holds,
        drifts: &situation.drifts,
        aside: &aside,
        now,
    }))
}

/// Waves of which something was begun and did not come to its end: that comes first.
fn begun(migration: &Migration, unfinished: &[Unfinished]) -> BTreeMap<String, WaveWait> {
    let each = unfinished.iter().filter_map(|one| {
        let wave = one.wave()?;
        let status = migration.wave(wave)?;
        let look = one.look();
        let wait = WaveWait {
            wave: wave.to_string(),
            step: status.step.to_string(),
            moved: status.step.is_moved(),
            on: WaitsFor::Step,
            why: look.text,
            gates: Vec::new(),
            until: None,
            command: look.command,
        };
        Some((wave.to_string(), wait))
    });
    each.collect()
}
