//! Where the flips and rollbacks of a migration stand, as the journal tells.

use std::collections::BTreeMap;

use crate::{
    error::{Error, Result},
    model::{
        Entry, EntryKind, JournalRow,
        journal::{FlipStatus, Rollback, Status, next_status},
    },
    store::{Db, journal},
};

/// Whose story a line is part of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Hero {
    Wave(Option<i32>, String),
    /// Taken back alone.
    Webhook(i32),
    /// Without a plan.
    Everything,
}

/// All stories, replayed.
#[derive(Debug, Default)]
pub struct Stories {
    by_hero: BTreeMap<Hero, Status>,
    /// The lines that began the rollbacks, by id.
    beginnings: BTreeMap<i64, JournalRow>,
    /// Of each story the last line that cannot be read, or cannot follow on those before it; the story starts anew after it, and what
    /// comes to an end later is clear again.
    faults: BTreeMap<Hero, Error>,
}

/// Of this migration, or of all there were.
pub async fn read(db: &Db, migration_id: Option<i32>) -> Result<Stories> {
    let mut stories = Stories::default();
    for row in journal::story(db, migration_id).await? {
        let hero = Hero::of(&row);
        if let Err(fault) = stories.tell(&hero, row) {
            stories.faults.insert(hero, fault);
        }
    }
    Ok(stories)
}

impl Hero {
    fn of(row: &JournalRow) -> Self {
        match (row.webhook_id, &row.wave) {
            (Some(webhook), _) => Hero::Webhook(webhook),
            (None, Some(wave)) => Hero::Wave(row.migration_id, wave.clone()),
            (None, None) => Hero::Everything,
        }
    }
}

impl Stories {
    fn tell(&mut self, hero: &Hero, row: JournalRow) -> Result<()> {
        let wrong = |why: String| {
            Error::failed(format!("the journal cannot be followed: {why}"))
                .hint("was it changed by hand? `wavegate history` shows its lines")
                .hint("`wavegate rollback --wave WAVE`, and on with --resume: what comes to an end is clear again")
        };
        let Some(entry) = row.entry() else {
            return Ok(());
        };
        let entry = entry.map_err(|cause| {
            wrong(format!("line {} ({}) cannot be read", row.id, row.step)).because(cause)
        })?;
        let before = self.by_hero.remove(hero).unwrap_or_default();
        let status = next_status(before, row.id, &entry).map_err(|it| wrong(it.to_string()))?;
        if EntryKind::ENDS.contains(&entry.kind()) {
            self.faults.remove(hero);
        }
        match &entry {
            // Whoever went back with all others has nothing left of its own.
            Entry::RollbackDone { .. } => {
                for webhook in status.taken_back() {
                    self.by_hero.remove(&Hero::Webhook(*webhook));
                }
            }
            Entry::RollbackIntent { .. } => {
                self.beginnings.insert(row.id, row);
            }
            _ => {}
        }
        self.by_hero.insert(hero.clone(), status);
        Ok(())
    }

    /// What nobody can follow, in words.
    pub fn unclear(&self) -> impl Iterator<Item = &str> {
        self.faults.values().map(Error::message)
    }

    /// Fails where a line is impossible: whoever goes forward must know where he stands.
    pub fn checked(mut self) -> Result<Self> {
        match self.faults.pop_first() {
            Some((_, fault)) => Err(fault),
            None => Ok(self),
        }
    }

    /// Where the last flip of this wave stands.
    pub fn flip(&self, migration_id: i32, wave: &str) -> &FlipStatus {
        let hero = Hero::Wave(Some(migration_id), wave.to_string());
        self.by_hero
            .get(&hero)
            .map_or(&FlipStatus::None, |status| &status.flip)
    }

    /// Webhooks of this wave were put back, and the barrier behind it is not passed.
    pub fn restored(&self, migration_id: i32, wave: &str) -> bool {
        let hero = Hero::Wave(Some(migration_id), wave.to_string());
        self.by_hero
            .get(&hero)
            .is_some_and(|status| status.restored)
    }

    /// The rollbacks that were begun and not ended, each with the line that began it; the newest of each scope.
    pub fn rollbacks(&self) -> Vec<(&Rollback, &JournalRow)> {
        let mut by_scope = BTreeMap::new();
        for begun in self
            .by_hero
            .values()
            .filter_map(|status| status.rollback.as_ref())
        {
            let newest = by_scope.entry(&begun.intent.scope).or_insert(begun);
            if begun.line > newest.line {
                *newest = begun;
            }
        }
        let begun = by_scope.into_values();
        begun
            .filter_map(|begun| Some((&begun.intent, self.beginnings.get(&begun.line)?)))
            .collect()
    }
}
