//! A screen that is drawn again in place. It lives on the terminal's second page, so that whatever ends it, the first page is
//! as it was, with the last drawing below.

use std::{
    io::{IsTerminal, Write},
    os::fd::AsFd,
};

use dialoguer::console::Term;
use nix::sys::{
    signal::{Signal, raise},
    termios::{self, LocalFlags, SetArg, Termios},
};

use super::{GateWatch, Screen, Style, Ui};

/// Second page, no cursor, no wrapped lines, empty.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/// The terminal shows everything between these two at once; those that do not know them ignore them.
const BEGIN: &str = "\x1b[?2026h\x1b[H";
const END: &str = "\x1b[J\x1b[?2026l";
const ROWS: u16 = 24;

pub struct Live {
    ui: Ui,
    shown: Option<GateWatch>,
    /// As the terminal was; `None` where it cannot be asked.
    before: Option<Termios>,
}

impl Ui {
    /// `None` where stdout is no terminal that can be drawn on.
    pub fn live(&self) -> Option<Live> {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
        if dumb || !std::io::stdout().is_terminal() {
            return None;
        }
        let mut live = Live {
            ui: self.clone(),
            shown: None,
            before: None,
        };
        live.enter();
        Some(live)
    }
}

impl Live {
    pub fn show(&mut self, watch: GateWatch) {
        self.shown = Some(watch);
        self.redraw();
    }

    /// Draws the same again: the terminal may have another size now.
    pub fn redraw(&self) {
        let Some(watch) = &self.shown else {
            return;
        };
        let (rows, _) = Term::stdout().size_checked().unwrap_or((ROWS, 80));
        let mut style = Style::detect(true);
        // In a full line, clearing to its end would take its last letter.
        style.width -= 1;
        let text = watch.frame(&style, rows.into());
        let lines: Vec<&str> = text.lines().collect();
        write(&format!("{BEGIN}{}\x1b[K{END}", lines.join("\x1b[K\r\n")));
    }

    /// Ctrl-Z: the shell gets its page back, and this one comes again with `fg`.
    pub fn suspend(&mut self) {
        self.leave();
        // Stops here until SIGCONT.
        let _ = raise(Signal::SIGSTOP);
        self.enter();
        self.redraw();
    }

    fn enter(&mut self) {
        // What is typed must not show up in the drawing.
        let stdin = std::io::stdin();
        if stdin.is_terminal()
            && let Ok(now) = termios::tcgetattr(stdin.as_fd())
        {
            let mut silent = now.clone();
            silent.local_flags.remove(LocalFlags::ECHO);
            let _ = termios::tcsetattr(stdin.as_fd(), SetArg::TCSANOW, &silent);
            self.before = Some(now);
        }
        write(ENTER);
    }

    fn leave(&mut self) {
        write(LEAVE);
        if let Some(before) = self.before.take() {
            let _ = termios::tcsetattr(std::io::stdin().as_fd(), SetArg::TCSANOW, &before);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.leave();
        if let Some(watch) = &self.shown {
            self.ui.print(&watch.screen.draw(&Style::detect(true)));
        }
    }
}

fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    // A terminal that went away: the signal that comes with it ends the command.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
