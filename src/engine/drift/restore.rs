//! What wavegate wrote is written again: one transaction a wave, then the barrier. Killed anywhere, the same command goes on: waves that
//! are back are no drift any more, and the journal tells whether their barrier was passed.

use super::{Survey, nothing, released, still};
use crate::{
    engine::{
        barrier::{self, Patience},
        forward::prepare::as_shown,
        unfinished::{self, Unfinished},
        work::{self, Entering, Transaction, Work},
    },
    error::{Error, Result},
    model::{
        Ask, Change, Confirmed, Entry, EntryKind, Passed, Progress, PublishMode, WaveStep, counted,
        drift::{Drift, Unrestorable},
        journal::{Barrier, Nothing, Restore},
        typed,
    },
    store::{
        journal::Line,
        lock::{self, Lock},
    },
};

/// May all of it be put back? Refused as a whole, with the way out for each that may not.
pub fn check(shown: &Survey) -> Result<()> {
    if shown.drifts.is_empty() && shown.without_barrier.is_empty() {
        return Err(nothing(shown));
    }
    if !shown.half_back.is_empty() {
        let half = "the rollback of a webhook of it has not come to its end; nothing was changed";
        return Err(
            Error::refused(half).hint("`wavegate status` shows the command that goes on with it")
        );
    }
    let refused: Vec<(&Drift, Unrestorable)> = shown
        .drifts
        .iter()
        .filter_map(|one| Some((one, one.unrestorable(shown.step(&one.wave))?)))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = refused
        .iter()
        .map(|(one, why)| {
            let (name, word) = (&one.now.name, typed::word(&one.now.name));
            match why {
                Unrestorable::ToQueue => format!(
                    "{name} was in the queue: take it back, so that what NATS alone has gets its queue row: `wavegate rollback --webhook {word} --to queue`"
                ),
                Unrestorable::Fenced => format!(
                    "a fence stands for {name}, which was taken back: `wavegate rollback --webhook {word}` once more, or bring it to where its wave is: `wavegate apply --wave {} --resume`",
                    one.wave
                ),
                Unrestorable::RolledBack => format!(
                    "wave {} was rolled back, without {name}: `wavegate rollback --webhook {word}` takes it back too",
                    one.wave
                ),
            }
        })
        .collect();
    Err(
        Error::refused("not all of it can be put back; nothing was changed")
            .list(&each)
            .hint("then the others: run the command again, or name them with --webhook"),
    )
}

/// How hard the question is: a way to nats is typed, as the step was.
pub fn ask(shown: &Survey) -> Ask {
    let nats = |one: &Drift| one.reroutes() && one.wrote.publish_mode == PublishMode::Nats;
    match shown.drifts.iter().any(nats) {
        true => Ask::Typed(shown.name().to_string()),
        false => Ask::Yes,
    }
}

/// Waves that begin the time of their step anew: nothing counts of the time when some of their webhooks were elsewhere.
pub fn anew(shown: &Survey) -> Vec<&str> {
    let waves = shown.migration.waves.iter();
    let waves = waves.filter(|wave| {
        let mut drifts = shown.drifts.iter().filter(|one| one.wave == wave.name);
        drifts.any(|one| one.reroutes() && one.belongs_at(wave.step))
    });
    waves.map(|wave| wave.name.as_str()).collect()
}

/// What follows from it, in sentences.
pub fn follows(shown: &Survey) -> Vec<String> {
    let waiting = shown.without_barrier.iter();
    let waiting = waiting
        .map(|wave| format!("What was put back of wave {wave} before waits for its barrier."));
    let anew = anew(shown).into_iter();
    let anew = anew.map(|wave| {
        format!("The soak of wave {wave} begins anew, and so does what its gates count.")
    });
    waiting.chain(anew).collect()
}

/// Puts it back. `None`: nothing is left but the barrier of an earlier run, to which nobody has to agree.
pub async fn carry_out(
    work: &Work<'_>,
    shown: &Survey,
    patience: &Patience,
    confirmed: Option<Confirmed>,
) -> Result<Passed> {
    check(shown)?;
    let lock = lock::acquire(work.db, work.actor).await?;
    let outcome = put_back(work, &lock, shown, patience, confirmed).await;
    released(lock, outcome).await
}

async fn put_back(
    work: &Work<'_>,
    lock: &Lock,
    shown: &Survey,
    patience: &Patience,
    confirmed: Option<Confirmed>,
) -> Result<Passed> {
    still(work.db, shown).await?;
    for one in unfinished::read(work.db, Some(&shown.migration)).await? {
        if !matches!(one, Unfinished::Restore { .. }) {
            return Err(one.refusal());
        }
    }
    let mut waves = shown.without_barrier.clone();
    if let Some(confirmed) = confirmed {
        for wave in &shown.migration.waves {
            let drifts = shown.drifts.iter().filter(|one| one.wave == wave.name);
            let changes: Vec<Change> = drifts.map(Drift::restored).collect();
            if changes.is_empty() {
                continue;
            }
            one_wave(work, lock, shown, &wave.name, &changes, confirmed).await?;
            work.tell(Progress::Stands {
                what: format!(
                    "put back: {} of wave {}; every path keeps working",
                    counted(changes.len(), "webhook"),
                    wave.name
                ),
                rest: "it goes on with the barrier".to_string(),
            });
            if !waves.contains(&wave.name) {
                waves.push(wave.name.clone());
            }
        }
    }
    let passed = barrier::pass(work.db, patience, work.listener).await?;
    for wave in &waves {
        let line = Line {
            migration_id: Some(shown.migration.id),
            wave: Some(wave),
            ..Line::new(Entry::DriftBarrier {
                before: Nothing {},
                after: Barrier {
                    barrier: passed.clone(),
                },
            })
        };
        work.note_locked(lock, &line).await?;
    }
    Ok(passed)
}

async fn one_wave(
    work: &Work<'_>,
    lock: &Lock,
    shown: &Survey,
    wave: &str,
    changes: &[Change],
    confirmed: Confirmed,
) -> Result<()> {
    let ids: Vec<i32> = changes.iter().map(|change| change.webhook_id).collect();
    let status = shown.migration.wave(wave);
    let share = |step| match step {
        WaveStep::Hybrid(share) => share,
        _ => 100,
    };
    let enter: Vec<Entering> = status
        .filter(|_| anew(shown).contains(&wave))
        .map(|status| Entering {
            wave: wave.to_string(),
            step: status.step,
            share: share(status.step),
            attempt: status.attempt,
            anew: true,
        })
        .into_iter()
        .collect();
    let done = Entry::DriftRestore {
        before: Nothing {},
        after: Restore {
            ids: ids.clone(),
            anew: !enter.is_empty(),
            consent: confirmed.consent(),
        },
    };
    let transaction = Transaction {
        lock_id: lock.id(),
        migration_id: Some(shown.migration.id),
        webhooks: &ids,
        decide: &|rows| as_shown(changes, rows),
        enter: &enter,
        done: Line {
            migration_id: Some(shown.migration.id),
            wave: Some(wave),
            ..Line::new(done)
        },
        each: EntryKind::DriftRestored,
    };
    work::commit(work, &transaction).await.map(drop)
}
