//! Reads a plan file; faults become one error that lists them all.

use std::path::Path;

use super::Context;
use crate::{
    error::{Context as _, Error, Result},
    plan::{Delivery, Faults, Plan},
    store::state,
    ui::Ui,
};

/// Plans are written by hand; a larger file is a mistake.
const LARGEST: u64 = 1024 * 1024;

/// Reads and checks a plan; `-` is standard input. Faults are one error of kind `Usage` that lists them all.
pub async fn load(path: &Path) -> Result<Plan> {
    read_plan(path)
        .await?
        .map_err(|faults| faulty(path, &faults))
}

/// The plan of this file; without one, that of the migration under way, whose text the database keeps.
pub async fn given_or_pinned(path: Option<&Path>, context: &Context) -> Result<Plan> {
    if let Some(path) = path {
        return load(path).await;
    }
    let migration = state::load(&context.db_to_read().await?)
        .await?
        .ok_or_else(|| {
            Error::usage(
            "no plan was given, and no migration is under way whose plan the database would have",
        )
        .hint("name the plan file; `wavegate init --out plan.yaml` drafts one")
        })?;
    Plan::parse(&migration.plan).map_err(|faults| {
        let text = "the plan that the database keeps cannot be read by this version";
        faults
            .told_by(Error::refused(text))
            .hint("carry on with the version that began the migration")
    })
}

/// What the operator of a plan with foreign NATS workers must know, wherever the plan is read.
pub fn warn_independent(plan: &Plan, ui: &Ui) {
    if plan.delivery() == Delivery::Independent {
        ui.warn(
            "delivery is `independent`: hybrid events are POSTed twice, by the queue and by the foreign NATS workers; \
             rollback can only drain, not re-drive",
        );
    }
}

/// Like `load`, with the faults as they are.
pub async fn read_plan(path: &Path) -> Result<Result<Plan, Faults>> {
    Ok(Plan::parse(&read(path).await?))
}

/// The error that lists all faults, by file and place.
pub fn faulty(path: &Path, faults: &Faults) -> Error {
    let count = match faults.total() {
        1 => "1 fault".to_string(),
        n => format!("{n} faults"),
    };
    faults
        .told_by(Error::usage(format!("{} has {count}", path.display())))
        .hint("mend the plan and run `wavegate plan` on it again; nothing was changed")
}

/// Off the main thread: whoever is to write the plan into a pipe may never do so, and a signal must be heard meanwhile.
async fn read(path: &Path) -> Result<String> {
    let from = path.to_path_buf();
    let bytes = tokio::task::spawn_blocking(move || {
        if from == Path::new("-") {
            read_all(std::io::stdin().lock())
        } else {
            std::fs::File::open(from).and_then(read_all)
        }
    })
    .await
    .context("reading the plan ended early")?;
    let bytes = bytes.map_err(|cause| {
        Error::usage(format!("cannot read the plan {}", path.display()))
            .because(cause)
            .hint("`wavegate init --out PLAN` writes one from the database")
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::usage(format!(
            "{} has more than {LARGEST} bytes; that is no plan",
            path.display()
        )));
    }
    String::from_utf8(bytes).map_err(|cause| {
        Error::usage(format!("{} is not UTF-8 text", path.display())).because(cause)
    })
}

fn read_all(reader: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(reader, LARGEST + 1), &mut bytes)?;
    Ok(bytes)
}
