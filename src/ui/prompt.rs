//! Asking before doing: one keystroke, a yes, or the name typed out. Nobody to ask and no flag: declined.

use std::{
    io::IsTerminal,
    os::fd::AsFd,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use dialoguer::console::{Key, Term, measure_text_width};
use nix::{
    poll::{PollFd, PollFlags, poll},
    sys::termios::{self, FlushArg, LocalFlags, SetArg, Termios},
    unistd,
};

use super::{Ui, clean_lines, table::wrap};
use crate::{
    error::{Error, Kind, Result},
    model::{Ask, Confirmed, Consent},
};

/// Between two keys of a word, milliseconds.
const TYPING: u16 = 250;

/// What a short answer takes of a line.
const ANSWER: usize = 5;

impl Ui {
    /// Asks `question` after its effect was shown. Declined, interrupted or nobody to ask: an error, and nothing was changed.
    pub fn confirm(&self, question: &str, ask: &Ask) -> Result<Confirmed> {
        match (ask, &self.confirm) {
            (Ask::Typed(name), Some(given)) if given == name => {
                return Ok(Confirmed::by(Consent::Flag));
            }
            (Ask::Typed(name), Some(given)) => {
                return Err(Error::new(
                    Kind::Declined,
                    format!("--confirm says `{given}`; wanted `{name}`"),
                ));
            }
            (Ask::Key | Ask::Yes, _) if self.yes => return Ok(Confirmed::by(Consent::Flag)),
            _ => {}
        }
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            let flag = match ask {
                Ask::Typed(name) => format!("--confirm {name}"),
                Ask::Key | Ask::Yes => "--yes".to_string(),
            };
            return Err(Error::new(
                Kind::Declined,
                format!("{question} There is no terminal to ask at"),
            )
            .hint(format!("say so beforehand with {flag}")));
        }
        let _asking = Asking::begin(&self.asking);
        match ask {
            Ask::Key | Ask::Yes => self.key(question),
            Ask::Typed(name) => self.typed(question, name),
        }
    }

    /// At the end of a command: what was typed behind a `y` is no command for the shell.
    pub(super) fn forget_typed(&self) {
        if self.keyed.load(Ordering::Relaxed) {
            let _ = termios::tcflush(std::io::stdin().as_fd(), FlushArg::TCIFLUSH);
        }
    }

    /// Does a prompt wait for its answer?
    pub fn is_asking(&self) -> bool {
        lock(&self.asking).is_some()
    }

    /// A prompt that will not be answered any more has left the terminal without echo, and in the middle of a line.
    pub fn give_terminal_back(&self) {
        if let Some(Some(before)) = lock(&self.asking).take() {
            let _ = Term::stderr().write_line("");
            let _ = termios::tcsetattr(std::io::stdin().as_fd(), SetArg::TCSANOW, &before);
        }
    }

    /// A question breaks at words; how to answer stays in one piece, with room for the answer behind it.
    fn asked(&self, question: &str, how: &str) -> String {
        let width = usize::from(self.aside.width);
        let (question, how) = (wrap(&clean_lines(question), width, "  "), clean_lines(how));
        let question = question.trim_end();
        let last = question.lines().last().unwrap_or_default();
        let fits = measure_text_width(last) + 1 + measure_text_width(&how) + ANSWER <= width;
        format!("{question}{}{how} ", if fits { ' ' } else { '\n' })
    }

    fn key(&self, question: &str) -> Result<Confirmed> {
        let term = Term::stderr();
        let _ = term.write_str(&self.asked(question, "[y/N]"));
        let answer = match term.read_key_raw() {
            // It belongs to the `y` of the question before.
            Ok(Key::Enter) if self.keyed.swap(false, Ordering::Relaxed) => {
                let _ = term.write_str("(y or n) ");
                term.read_key_raw()
            }
            answer => answer,
        };
        self.keyed
            .store(!matches!(answer, Ok(Key::Enter)), Ordering::Relaxed);
        let _ = term.write_line(match answer {
            Ok(Key::Char('y' | 'Y')) => "yes",
            _ => "no",
        });
        if !matches!(answer, Ok(Key::Char('y' | 'Y') | Key::Enter | Key::CtrlC)) {
            swallow();
        }
        match answer {
            Ok(Key::Char('y' | 'Y')) => Ok(Confirmed::by(Consent::Prompt)),
            Ok(Key::CtrlC) => Err(interrupted()),
            _ => Err(declined()),
        }
    }

    fn typed(&self, question: &str, name: &str) -> Result<Confirmed> {
        let term = Term::stderr();
        let _ = term.write_str(&self.asked(question, &format!("Type {name} to go on:")));
        let mut line = String::new();
        let outcome = loop {
            // Key by key: a line read by the terminal would not end at Ctrl-C.
            match term.read_key_raw() {
                // It belongs to the `y` of the question before.
                Ok(Key::Enter) if line.is_empty() && self.keyed.swap(false, Ordering::Relaxed) => {}
                Ok(Key::Enter) if line.trim() == name => {
                    break Ok(Confirmed::by(Consent::Prompt));
                }
                Ok(Key::CtrlC) => break Err(interrupted()),
                Ok(Key::Backspace) => {
                    if line.pop().is_some() {
                        let _ = term.clear_chars(1);
                    }
                }
                Ok(Key::Char(c)) if !c.is_control() => {
                    line.push(c);
                    let _ = term.write_str(c.encode_utf8(&mut [0; 4]));
                }
                Ok(Key::Enter | Key::Escape | Key::Char(_)) | Err(_) => break Err(declined()),
                Ok(_) => {}
            }
        };
        let _ = term.write_line("");
        outcome
    }
}

/// After one key that was the answer, the rest of a word up to Enter is no command for the shell.
fn swallow() {
    let stdin = std::io::stdin();
    let Ok(before) = termios::tcgetattr(stdin.as_fd()) else {
        return;
    };
    let mut keys = before.clone();
    keys.local_flags
        .remove(LocalFlags::ICANON | LocalFlags::ECHO);
    let _ = termios::tcsetattr(stdin.as_fd(), SetArg::TCSANOW, &keys);
    let mut key = [0];
    while poll(&mut [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)], TYPING).is_ok_and(|n| n > 0) {
        if !matches!(unistd::read(stdin.as_fd(), &mut key), Ok(1)) || b"\r\n".contains(&key[0]) {
            break;
        }
    }
    let _ = termios::tcsetattr(stdin.as_fd(), SetArg::TCSANOW, &before);
}

/// A prompt that waits, with the terminal as it was before; `None` inside where it cannot be asked.
pub(super) type Terminal = Option<Option<Termios>>;

/// Ends when the prompt does.
struct Asking<'a>(&'a Mutex<Terminal>);

impl Asking<'_> {
    /// Keys that were typed before the question cannot be its answer.
    fn begin(terminal: &Mutex<Terminal>) -> Asking<'_> {
        let stdin = std::io::stdin();
        let _ = termios::tcflush(stdin.as_fd(), FlushArg::TCIFLUSH);
        *lock(terminal) = Some(termios::tcgetattr(stdin.as_fd()).ok());
        Asking(terminal)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        lock(self.0).take();
    }
}

fn lock(terminal: &Mutex<Terminal>) -> MutexGuard<'_, Terminal> {
    terminal.lock().unwrap_or_else(PoisonError::into_inner)
}

fn declined() -> Error {
    Error::new(Kind::Declined, "declined; nothing was changed")
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted; nothing was changed")
}
