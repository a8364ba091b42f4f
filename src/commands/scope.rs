//! Which webhooks a command is about: some by name or id, a wave of the migration under way, or all.

use crate::{
    error::{Error, Kind, Result},
    plan::unknown_wave,
    store::{Db, scope, state},
};

#[derive(Debug, clap::Args)]
#[group(multiple = true)]
pub struct ScopeArgs {
    /// Only this webhook, by name or id (name:7 or id:7 where both could be meant); may be repeated
    #[arg(long, value_name = "NAME|ID", value_hint = clap::ValueHint::Other, conflicts_with_all = ["wave", "all"])]
    pub webhook: Vec<String>,
    /// Only the webhooks of this wave
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other, conflicts_with = "all")]
    pub wave: Option<String>,
    /// Every webhook
    #[arg(long)]
    pub all: bool,
}

/// The webhooks that were meant.
#[derive(Debug)]
pub struct Chosen {
    /// In words, for people and the journal.
    pub words: String,
    /// `None`: all, also those that were deleted.
    pub webhooks: Option<Vec<i32>>,
}

impl ScopeArgs {
    /// Did anybody say?
    pub fn is_given(&self) -> bool {
        self.all || self.wave.is_some() || !self.webhook.is_empty()
    }

    /// Without any argument: all.
    pub async fn resolve(&self, db: &Db) -> Result<Chosen> {
        if let Some(wave) = &self.wave {
            return of_wave(db, wave).await;
        }
        if self.webhook.is_empty() {
            return Ok(Chosen {
                words: "all webhooks".to_string(),
                webhooks: None,
            });
        }
        let mut webhooks = Vec::new();
        for name in &self.webhook {
            let id = scope::named(db, name).await;
            webhooks.push(id.map_err(|error| match error.kind() {
                Kind::Usage => error.hint("`--all` takes in the events of deleted webhooks too"),
                _ => error,
            })?);
        }
        Ok(Chosen {
            words: format!("webhook {}", self.webhook.join(", ")),
            webhooks: Some(webhooks),
        })
    }
}

async fn of_wave(db: &Db, wave: &str) -> Result<Chosen> {
    let migration = state::load(db).await?.ok_or_else(|| {
        Error::usage(format!(
            "no migration is under way, so there is no wave `{wave}`"
        ))
        .hint("--webhook NAME or --all")
    })?;
    let members = migration.members.get(wave).ok_or_else(|| {
        unknown_wave(
            &format!("migration {}", migration.name),
            wave,
            migration.waves.iter().map(|w| w.name.as_str()),
        )
    })?;
    Ok(Chosen {
        words: format!("wave {wave}"),
        webhooks: Some(members.clone()),
    })
}
