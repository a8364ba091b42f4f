//! The only place that prints. Results go to stdout, all else to stderr.
//! One file a screen; commands hand over plain data and choose no words for the terminal themselves.

mod amend;
mod apply;
mod audit;
mod calibrate;
mod close;
mod dead;
mod drain;
mod drift;
mod explain;
mod gate;
mod gate_history;
mod gate_watch;
mod history;
mod hold;
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
mod run;
mod schema;
mod screen;
mod signoff;
mod status;
mod stream;
mod style;
mod table;
mod verdict;

pub use amend::AmendScreen;
pub use apply::{ApplyScreen, StepScreen};
pub use audit::AuditScreen;
pub use calibrate::CalibrateScreen;
pub use close::CloseScreen;
pub use dead::{DeadDoneScreen, DeadScreen, InspectScreen};
pub use drain::{DrainScreen, StreamLeft};
pub use drift::DriftScreen;
pub use explain::ExplainScreen;
pub use gate::GateScreen;
pub use gate_history::GateHistoryScreen;
pub use gate_watch::GateWatch;
pub use history::HistoryScreen;
pub use hold::HoldScreen;
pub use init::InitScreen;
pub use lab::{LabUpScreen, RehearsalScreen};
pub use live::Live;
pub use log::{LogFormat, log};
pub use plan::{Change, Member, PlanScreen, PlannedWave, StepDiff};
pub use preflight::PreflightScreen;
pub use redrive::{RedriveEffect, RedriveScreen};
pub use rollback::{EffectScreen, RollbackScreen};
pub use run::{RunScreen, run_line};
pub use schema::{SchemaDifferences, SchemaEffect, SchemaRevert, SchemaSql, SchemaStatus};
pub use screen::{Output, Screen, render};
pub use signoff::{SignoffScreen, SignoffWave};
pub use status::{Alive, StatusScreen, WaveLine};
pub use stream::StreamScreen;
pub use style::{Style, Tone};
pub use table::{Cell, Table, clean, summary, title, wrap};

use std::{
    io::{ErrorKind, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};

use crate::{
    error::{Error, Kind, Result},
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
    asking: Arc<Mutex<prompt::Terminal>>,
    /// The question before was answered by a key alone: an Enter may follow.
    keyed: Arc<AtomicBool>,
    /// What is done for good, and what is left.
    stands: Arc<Mutex<Option<(String, String)>>>,
}

/// How the results of this run fared on stdout.
#[derive(Debug, Default)]
struct Results {
    shown: usize,
    lost: Option<std::io::Error>,
    /// Whoever read stdout has gone.
    unread: bool,
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
            asking: Arc::default(),
            keyed: Arc::default(),
            stands: Arc::default(),
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
        // Who shows a result waits no more.
        self.progress.clear();
        let mut out = std::io::stdout().lock();
        let outcome = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        let mut results = self.results();
        results.shown += 1;
        match outcome {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => results.unread = true,
            Err(error) => results.lost = Some(error),
            Ok(()) => {}
        }
    }

    /// Has whoever read stdout gone?
    pub fn is_unread(&self) -> bool {
        self.results().unread
    }

    /// How the command went, results included: a result that nobody got must not look like success.
    pub fn finish(&self, outcome: Result<()>) -> Result<()> {
        self.forget_typed();
        let mut results = self.results();
        let Some(lost) = results.lost.take() else {
            return match outcome {
                Ok(()) if results.unread => {
                    Err(Error::new(Kind::Unread, "nobody reads stdout any more"))
                }
                outcome => outcome,
            };
        };
        const LOST: &str = "the result could not be written to stdout";
        match outcome {
            Ok(()) => Err(Error::failed(LOST).because(lost)),
            Err(error) => Err(error.detail(format!("beside that, {LOST}: {lost}"))),
        }
    }

    fn results(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line to stderr; silent with --quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.aside(&self.folded(text));
        }
    }

    /// One yellow line to stderr; shown even with --quiet.
    pub fn warn(&self, text: &str) {
        self.aside(
            &self.aside.paint(
                Tone::Warn,
                self.folded(&format!("warning: {}", clean_lines(text)))
                    .trim_end(),
            ),
        );
    }

    /// At a terminal, what is too long breaks at words.
    fn folded(&self, text: &str) -> String {
        let width = usize::from(self.aside.width);
        let fits = |line: &str| dialoguer::console::measure_text_width(line) <= width;
        match std::io::stderr().is_terminal() && !text.lines().all(fits) {
            true => wrap(text, width, "    "),
            false => text.to_string(),
        }
    }

    /// The one printer of errors; in a format for programs they find them on stdout too, where no result was shown.
    pub fn error(&self, error: &Error) {
        self.progress.clear();
        // As any program of Unix does behind `| head`: by its code alone.
        if error.kind() == Kind::Unread {
            return;
        }
        self.aside(&screen::error_text(
            error,
            &self.aside,
            std::io::stderr().is_terminal(),
        ));
        self.error_for_programs(error);
    }

    /// The same on stdout, in a format for programs, where no result was shown.
    pub fn error_for_programs(&self, error: &Error) {
        if self.results().shown > 0 {
            return;
        }
        match self.output {
            Output::Json => self.print(&screen::error_json(error)),
            Output::Junit => self.print(&screen::error_junit(error)),
            Output::Markdown => self.print(&screen::error_markdown(error)),
            Output::Table => {}
        }
    }

    /// Does somebody watch progress at a terminal?
    pub fn watched(&self) -> bool {
        self.progress.terminal()
    }

    /// Listens to the engine: a bar on a terminal, plain lines elsewhere, nothing but warnings with --quiet.
    pub fn progress(&self, event: &Progress) {
        match event {
            Progress::Warning { text } => self.warn(text),
            Progress::Note { text } => self.note(text),
            Progress::Stands { what, rest } => {
                *self.stands.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((what.clone(), rest.clone()));
            }
            _ if self.quiet => {}
            event => {
                if let Some(line) = self.progress.hear(event) {
                    self.note(&line);
                }
            }
        }
    }

    /// The last of it came to its end: nothing is left of it.
    pub fn is_done(&self) {
        *self.stands.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What the command has done for good so far, and what it would go on with.
    pub fn stands(&self) -> Option<(String, String)> {
        self.stands
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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
