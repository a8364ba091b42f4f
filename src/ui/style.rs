//! Colours with a meaning, and none where they are not wanted. The words stay clear without them.

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warn,
    Bad,
    Dim,
    Strong,
}

/// Width and colour of the terminal.
#[derive(Debug, Clone)]
pub struct Style {
    pub colour: bool,
    /// Columns that a screen may fill.
    pub width: u16,
}

impl Style {
    /// No colour with `NO_COLOR`, `TERM=dumb` or a pipe; the width of the terminal, 80 for a pipe, `COLUMNS` before both.
    pub fn detect(terminal: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|v| v == "dumb")
            || !terminal;
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let width = columns.or_else(terminal_width).unwrap_or(80).max(40);
        Style {
            colour: !plain,
            width,
        }
    }

    /// For snapshots.
    pub fn plain(width: u16) -> Self {
        Style {
            colour: false,
            width,
        }
    }

    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_string();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Warn => "33",
            Tone::Bad => "1;31",
            Tone::Dim => "2",
            Tone::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

fn terminal_width() -> Option<u16> {
    dialoguer::console::Term::stdout()
        .size_checked()
        .map(|(_, columns)| columns)
}
