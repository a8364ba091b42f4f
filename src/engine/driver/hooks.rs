//! The plan's programs that are told of a step, a wait, a rollback, an end: JSON on standard input, each within its time.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    engine::program,
    plan::{Hooks, Plan},
};

/// When programs are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    BeforeStep,
    AfterStep,
    OnWait,
    OnFail,
    OnRollback,
    OnSilence,
    OnFinish,
}

impl Occasion {
    fn programs(self, hooks: &Hooks) -> &[String] {
        match self {
            Occasion::BeforeStep => &hooks.before_step,
            Occasion::AfterStep => &hooks.after_step,
            Occasion::OnWait => &hooks.on_wait,
            Occasion::OnFail => &hooks.on_fail,
            Occasion::OnRollback => &hooks.on_rollback,
            Occasion::OnSilence => &hooks.on_silence,
            Occasion::OnFinish => &hooks.on_finish,
        }
    }
}

/// What a program is told.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    pub occasion: Occasion,
    pub wave: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub why: Option<String>,
    /// What a person would type.
    #[serde(rename = "do")]
    pub command: Option<String>,
    pub at: DateTime<Utc>,
}

impl Message {
    /// Of the whole migration, without a word more.
    pub fn new(occasion: Occasion, at: DateTime<Utc>) -> Message {
        Message {
            occasion,
            wave: None,
            from: None,
            to: None,
            why: None,
            command: None,
            at,
        }
    }
}

/// Calls the programs of this occasion, one after the other, up to the first that fails: why, then.
pub async fn call(plan: &Plan, message: &Message) -> Result<(), String> {
    let hooks = plan.hooks();
    for name in message.occasion.programs(hooks) {
        let input = input(plan, message).map_err(|error| error.to_string())?;
        let ran = program::run(std::slice::from_ref(name), input, hooks.timeout).await;
        if let Some(trouble) = ran.end.trouble(name) {
            let said = String::from_utf8_lossy(&ran.stderr);
            let said = said.lines().map(str::trim).rfind(|line| !line.is_empty());
            let said = said.map_or(String::new(), |line| {
                format!(": {}", line.chars().take(200).collect::<String>())
            });
            return Err(format!("{trouble}{said}"));
        }
    }
    Ok(())
}

fn input(plan: &Plan, message: &Message) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Whole<'a> {
        version: u32,
        plan: &'a str,
        contacts: &'a std::collections::BTreeMap<String, String>,
        #[serde(flatten)]
        message: &'a Message,
    }
    serde_json::to_string(&Whole {
        version: 1,
        plan: plan.name(),
        contacts: plan.contacts(),
        message,
    })
}
