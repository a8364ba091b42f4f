//! A signal ends what an operator runs: in order, with what stands by then, and soon, whatever it waits for.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::{
    error::{Error, Kind, Result},
    signals::{Ending, Endings},
    ui::Ui,
};

/// A command whose thread is blocked, by a pipe that nobody empties, cannot hear it: after this long the process just ends.
const GRACE: Duration = Duration::from_secs(2);

/// Told of the first signal. After a second one, or after `GRACE`, the process leaves by itself.
pub type Told = oneshot::Receiver<Ending>;

pub fn listen(ui: &Ui) -> Result<Told> {
    let mut endings = Endings::listen()?;
    let (tell, told) = oneshot::channel();
    let ui = ui.clone();
    tokio::spawn(async move {
        let _ = tell.send(endings.next().await);
        let _ = tokio::time::timeout(GRACE, endings.next()).await;
        ui.give_terminal_back();
        std::process::exit(Kind::Interrupted.exit_code().into());
    });
    Ok(told)
}

/// `work`, unless a signal comes first.
pub async fn or_interrupted(ui: &Ui, work: impl Future<Output = Result<()>>) -> Result<()> {
    let told = listen(ui)?;
    tokio::select! {
        // Listens before the command begins, and hears a signal that came while a prompt was answered.
        biased;
        Ok(ending) = told => Err(interrupted(ui, ending)),
        outcome = work => outcome,
    }
}

/// At a prompt nothing is changed yet; later, main adds what stands.
fn interrupted(ui: &Ui, ending: Ending) -> Error {
    if ui.is_asking() {
        return ending.error("; nothing was changed");
    }
    let error = ending.error("");
    match ui.stands() {
        Some(_) => error,
        None => error.hint("run the same command again: it continues where it stopped"),
    }
}

/// With what the command had done for good before it ended in its midst.
pub fn with_what_stands(ui: &Ui, error: Error) -> Error {
    match (ui.stands(), error.kind()) {
        (Some((what, rest)), Kind::Interrupted | Kind::Failed) => error
            .stands(what)
            .hint(format!("run the same command again: {rest}")),
        _ => error,
    }
}
