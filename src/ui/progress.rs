//! Long work as it is seen: a bar or a turning wheel on a terminal, lines at a bearable rate elsewhere.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{clean, clean_lines};
use crate::model::Progress;

/// Up to so many steps, a pipe is told of each one; of more, of one a second.
const FEW: u64 = 100;
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Shown {
    terminal: bool,
    bar: ProgressBar,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    many: bool,
    last: Option<Instant>,
    waiting: String,
}

impl Shown {
    pub(super) fn terminal(&self) -> bool {
        self.terminal
    }

    pub(super) fn new(terminal: bool) -> Shown {
        Shown {
            terminal,
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            lines: Mutex::default(),
        }
    }

    /// Moves the bar; answers the line to print, if there is one.
    pub(super) fn hear(&self, event: &Progress) -> Option<String> {
        if self.terminal {
            self.draw(event)
        } else {
            self.tell(event, Instant::now())
        }
    }

    /// Runs `print` while the bar is out of the way.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    pub(super) fn clear(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    fn spin(&self) {
        self.bar.reset();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            self.bar.set_style(style);
        }
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    fn draw(&self, event: &Progress) -> Option<String> {
        match event {
            Progress::Begin { what, total } => {
                self.bar.reset();
                let template = match total {
                    Some(total) => {
                        self.bar.set_length(*total);
                        "{bar:24} {pos}/{len}  {wide_msg}"
                    }
                    None => "{spinner} {wide_msg}",
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    self.bar.set_style(style.progress_chars("━╸─"));
                }
                self.bar.set_message(clean(what));
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
                self.bar.enable_steady_tick(Duration::from_millis(120));
                None
            }
            Progress::Step { done, now } => {
                self.bar.set_position(*done);
                self.bar.set_message(clean(now));
                None
            }
            Progress::Waiting { on } => {
                // A wait may come after the work that drew the bar has ended.
                if self.bar.is_hidden() {
                    self.spin();
                }
                self.bar.set_message(format!("waiting: {}", clean(on)));
                None
            }
            Progress::Stands { .. } => None,
            Progress::End { what } => {
                self.clear();
                Some(clean_lines(what))
            }
            Progress::Note { text } | Progress::Warning { text } => Some(clean_lines(text)),
        }
    }

    fn tell(&self, event: &Progress, now: Instant) -> Option<String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Progress::Begin { what, total } => {
                *lines = Lines {
                    many: total.is_none_or(|total| total > FEW),
                    last: Some(now),
                    waiting: String::new(),
                };
                Some(clean_lines(what))
            }
            Progress::Step { now: step, .. } => {
                let soon = lines.last.is_some_and(|last| now < last + PAUSE);
                if lines.many && soon {
                    return None;
                }
                lines.last = Some(now);
                Some(format!("  {}", clean_lines(step)))
            }
            // Told once, and again when it changes.
            Progress::Waiting { on } => {
                if lines.waiting == *on {
                    return None;
                }
                lines.waiting.clone_from(on);
                Some(format!("  waiting: {}", clean_lines(on)))
            }
            Progress::Stands { .. } => None,
            Progress::End { what } => Some(clean_lines(what)),
            Progress::Note { text } | Progress::Warning { text } => Some(clean_lines(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(total: u64) -> Progress {
        Progress::Begin {
            what: "Flipping".into(),
            total: Some(total),
        }
    }

    fn step(done: u64) -> Progress {
        Progress::Step {
            done,
            now: format!("webhook {done}"),
        }
    }

    #[test]
    fn a_pipe_is_told_of_few_steps_and_spared_of_many() {
        let shown = Shown::new(false);
        let start = Instant::now();
        let told = |total: u64| {
            shown.tell(&begin(total), start);
            (1..=total)
                .filter_map(|n| shown.tell(&step(n), start + Duration::from_millis(n)))
                .count()
        };
        assert_eq!(told(30), 30);
        assert_eq!(told(2500), 2);
    }

    #[test]
    fn the_same_wait_is_told_once() {
        let shown = Shown::new(false);
        let wait = |on: &str| shown.hear(&Progress::Waiting { on: on.into() });
        assert_eq!(wait("pid 7"), Some("  waiting: pid 7".into()));
        assert_eq!(wait("pid 7"), None);
        assert_eq!(wait("pid 8"), Some("  waiting: pid 8".into()));
    }
}
