//! `--webhook`, `--wave`, `--all`, exactly one of them: what a command that changes something is about.

use crate::{
    engine::back::survey::Scope,
    error::{Error, Result},
};

#[derive(Debug, clap::Args)]
pub struct OneScope {
    /// A word without its option: answered by the options that it may belong to
    #[arg(hide = true, value_name = "WORD")]
    pub bare: Option<String>,
    /// One webhook, by name or id (name:7 or id:7 where both could be meant)
    #[arg(long, value_name = "NAME|ID", value_hint = clap::ValueHint::Other)]
    pub webhook: Option<String>,
    /// Every webhook of one wave
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    pub wave: Option<String>,
    /// Every webhook that NATS has to do with
    #[arg(long)]
    pub all: bool,
}

impl OneScope {
    /// Exactly one of them; `what` says what is missing without.
    pub fn scope(&self, what: &str) -> Result<Scope> {
        if let Some(word) = &self.bare {
            return Err(Error::usage(format!("`{word}` stands alone; say {what}"))
                .hint(format!("--wave {word}     where it is a wave"))
                .hint(format!("--webhook {word}  where it is a webhook")));
        }
        match (&self.webhook, &self.wave, self.all) {
            (Some(name), None, false) => Ok(Scope::Webhook(name.clone())),
            (None, Some(name), false) => Ok(Scope::Wave(name.clone())),
            (None, None, true) => Ok(Scope::All),
            (None, None, false) => Err(Error::usage(format!("say {what}"))
                .hint("--webhook NAME  one webhook, by name or id")
                .hint("--wave NAME     every webhook of one wave")
                .hint("--all           every webhook that NATS has to do with")),
            _ => Err(Error::usage(
                "--webhook, --wave and --all exclude each other",
            )),
        }
    }
}
