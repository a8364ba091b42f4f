//! The only place that prints. Results go to stdout, all else to stderr.
//! One file a screen; commands hand over plain data and choose no words for the terminal themselves.

mod gate;
mod junit;
mod lab;
mod prompt;
mod schema;
mod screen;
mod style;
mod table;

pub use gate::GateScreen;
pub use lab::{LabUpScreen, RehearsalScreen};
pub use prompt::Ask;
pub use schema::{SchemaDifferences, SchemaEffect, SchemaRevert, SchemaSql, SchemaStatus};
pub use screen::{Output, Screen};
pub use style::{Style, Tone};
pub use table::{Cell, Table, clean, summary, title, wrap};

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{error::Error, model::Progress};

/// What the global flags say about output.
#[derive(Debug, Clone)]
pub struct Ui {
    output: Output,
    quiet: bool,
    yes: bool,
    confirm: Option<String>,
    style: Style,
    bar: ProgressBar,
}

impl Ui {
    pub fn new(output: Output, quiet: bool, yes: bool, confirm: Option<String>) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_draw_target(ProgressDrawTarget::hidden());
        Ui {
            output,
            quiet,
            yes,
            confirm,
            style: Style::detect(),
            bar,
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
        let text = screen::render(screen, self.output, &self.style);
        let mut out = std::io::stdout().lock();
        // A closed pipe (`wavegate status | head`) is not an error of ours.
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    /// One line to stderr; silent with --quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| eprint_line(text));
        }
    }

    /// One yellow line to stderr; shown even with --quiet.
    pub fn warn(&self, text: &str) {
        self.bar
            .suspend(|| eprint_line(&self.style.paint(Tone::Warn, &format!("warning: {text}"))));
    }

    /// The one printer of errors.
    pub fn error(&self, error: &Error) {
        self.bar.finish_and_clear();
        eprint_line(&format!(
            "{} {}",
            self.style.paint(Tone::Bad, "error:"),
            error.message()
        ));
        for cause in error.causes() {
            eprint_line(&format!("  because: {cause}"));
        }
        for hint in error.hints() {
            eprint_line(&format!(
                "  {} {hint}",
                self.style.paint(Tone::Strong, "try:")
            ));
        }
    }

    /// Listens to the engine: a bar on a terminal, plain lines elsewhere.
    pub fn progress(&self, event: &Progress) {
        let terminal = std::io::stderr().is_terminal();
        match event {
            Progress::Begin { what, total } => {
                if terminal && !self.quiet {
                    self.bar.reset();
                    self.bar.set_length(total.unwrap_or(0));
                    self.bar.set_message(what.clone());
                    self.bar.set_draw_target(ProgressDrawTarget::stderr());
                } else {
                    self.note(what);
                }
            }
            Progress::Step { done, now } => {
                self.bar.set_position(*done);
                self.bar.set_message(now.clone());
                if !terminal {
                    self.note(&format!("  {now}"));
                }
            }
            Progress::End { what } => {
                self.bar.finish_and_clear();
                self.bar.set_draw_target(ProgressDrawTarget::hidden());
                self.note(what);
            }
            Progress::Waiting { on } => {
                self.bar.set_message(on.clone());
                if !terminal {
                    self.note(&format!("  waiting: {on}"));
                }
            }
            Progress::Note { text } => self.note(text),
            Progress::Warning { text } => self.warn(text),
        }
    }
}

fn eprint_line(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{text}");
}
