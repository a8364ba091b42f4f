//! The only place that prints. Results go to stdout, all else to stderr.
//! One file a screen; commands hand over plain data and choose no words for the terminal themselves.

mod apply;
mod audit;
mod close;
mod dead;
mod drain;
mod explain;
mod gate;
mod gate_history;
mod gate_watch;
mod history;
mod init;
mod junit;
mod lab;
mod live;
mod log;
mod look;
mod plan;
mod preflight;
mod progress;
mod prompt;
mod redrive;
mod rollback;
mod schema;
mod screen;
mod signoff;
mod status;
mod stream;
mod style;
mod table;
mod verdict;

pub use apply::{ApplyScreen, StepScreen};
pub use audit::AuditScreen;
pub use close::CloseScreen;
pub use dead::{DeadDoneScreen, DeadScreen, InspectScreen};
pub use drain::{DrainScreen, StreamLeft};
pub use explain::ExplainScreen;
pub use gate::GateScreen;
pub use gate_history::GateHistoryScreen;
pub use gate_watch::GateWatch;
pub use history::HistoryScreen;
pub use init::InitScreen;
pub use lab::{LabUpScreen, RehearsalScreen};
pub use live::Live;
pub use log::log;
pub use plan::{Change, Member, PlanScreen, PlannedWave, StepDiff};
pub use preflight::PreflightScreen;
pub use prompt::Ask;
pub use redrive::{RedriveEffect, RedriveScreen};
pub use rollback::{EffectScreen, RollbackScreen};
pub use schema::{SchemaDifferences, SchemaEffect, SchemaRevert, SchemaSql, SchemaStatus};
pub use screen::{Output, Screen, render};
pub use signoff::{SignoffScreen, SignoffWave};
pub use status::{Alive, StatusScreen, WaveLine};
pub use stream::StreamScreen;
pub use style::{Style, Tone};
pub use table::{Cell, Table, clean, summary, title, wrap};

use std::{
    io::{ErrorKind, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    error::{Error, Result},
    model::Progress,
};

/// What the global flags say about output.
#[derive(Debug, Clone)]
pub struct Ui {
    output: Output,
    quiet: bool,
    yes: bool,
    confirm: Option<String>,
    /// Of stdout; stderr has its own, since either may be a pipe.
    style: Style,
    aside: Style,
    progress: Arc<progress::Shown>,
    results: Arc<Mutex<Results>>,
}

/// How the results of this run fared on stdout.
#[derive(Debug, Default)]
struct Results {
    shown: usize,
    lost: Option<std::io::Error>,
}

impl Ui {
    pub fn new(output: Output, quiet: bool, yes: bool, confirm: Option<String>) -> Self {
        Ui {
            output,
            quiet,
            yes,
            confirm,
            style: Style::detect(std::io::stdout().is_terminal()),
            aside: Style::detect(std::io::stderr().is_terminal()),
            progress: Arc::new(progress::Shown::new(std::io::stderr().is_terminal())),
            results: Arc::default(),
        }
    }

    pub fn output(&self) -> Output {
        self.output
    }

    pub fn style(&self) -> &Style {
        &self.style
    }

    /// Prints a result to stdout in the chosen format.
    pub fn show(&self, screen: &impl Screen) {
        self.print(&screen::render(screen, self.output, &self.style));
    }

    /// Prints a file's text to stdout as it is: a completion script, a man page, a plan.
    pub fn print(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let outcome = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        let mut results = self.results();
        results.shown += 1;
        match outcome {
            // A closed pipe (`wavegate status | head`) is not an error of ours.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => results.lost = Some(error),
            _ => {}
        }
    }

    /// An error where a result could not be written to stdout: a full disk must not look like success.
    pub fn finish(&self) -> Result<()> {
        match &self.results().lost {
            Some(error) => {
                Err(Error::failed("the result could not be written to stdout").because(error))
            }
            None => Ok(()),
        }
    }

    fn results(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line to stderr; silent with --quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.aside(text);
        }
    }

    /// One yellow line to stderr; shown even with --quiet.
    pub fn warn(&self, text: &str) {
        self.aside(
            &self
                .aside
                .paint(Tone::Warn, &format!("warning: {}", clean_lines(text))),
        );
    }

    /// The one printer of errors; with `--output json` programs find them on stdout too, where no result was shown.
    pub fn error(&self, error: &Error) {
        self.progress.clear();
        self.aside(&screen::error_text(
            error,
            &self.aside,
            std::io::stderr().is_terminal(),
        ));
        if self.output == Output::Json && self.results().shown == 0 {
            self.print(&screen::error_json(error));
        }
    }

    /// Listens to the engine: a bar on a terminal, plain lines elsewhere, nothing but warnings with --quiet.
    pub fn progress(&self, event: &Progress) {
        match event {
            Progress::Warning { text } => self.warn(text),
            Progress::Note { text } => self.note(text),
            _ if self.quiet => {}
            event => {
                if let Some(line) = self.progress.hear(event) {
                    self.note(&line);
                }
            }
        }
    }

    /// Where the output of an operator's own program goes: beside ours, never into a result.
    pub fn aside_of_a_child(&self) -> std::process::Stdio {
        std::io::stderr().into()
    }

    /// Writes a finished text to stderr, above a progress bar where one is drawn.
    fn aside(&self, text: &str) {
        self.progress.suspend(|| {
            let mut err = std::io::stderr().lock();
            // Nobody reads it: then there is nobody to tell.
            let _ = writeln!(err, "{}", text.trim_end());
        });
    }
}

/// Control characters made visible, line by line.
fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).collect();
    lines.join("\n")
}
