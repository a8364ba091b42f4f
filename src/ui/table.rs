//! Tables without boxes: a ruled header, two spaces between columns, and long text wrapped to the width.
//! Whatever comes from a database is cleaned of control characters on its way into a cell.

use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, TableStyle, Width,
    presets::NOTHING,
};
use dialoguer::console::measure_text_width;

use super::{Style, Tone};

/// A column that is kept in one piece wraps all the same beyond this width.
const WIDEST_KEPT: usize = 32;

/// Below this width a table is drawn only where no column has to break a word of up to this length.
const NARROW: u16 = 60;
const WORD: usize = 24;

/// One cell: a text with or without a tone.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl Cell {
    pub fn new(text: impl AsRef<str>) -> Cell {
        Cell {
            text: clean(text.as_ref()),
            tone: None,
        }
    }

    pub fn toned(tone: Tone, text: impl AsRef<str>) -> Cell {
        Cell {
            text: clean(text.as_ref()),
            tone: Some(tone),
        }
    }

    /// Several lines in one cell.
    pub fn lines<S: AsRef<str>>(lines: &[S]) -> Cell {
        let lines: Vec<String> = lines.iter().map(|line| clean(line.as_ref())).collect();
        Cell {
            text: lines.join("\n"),
            tone: None,
        }
    }

    /// The same cell in a tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Cell {
        self.tone = Some(tone);
        self
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::new(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::new(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Cell {
        Cell::new(text)
    }
}

/// Rows below a header. Numbers go right, names are kept in one piece, the rest wraps.
#[derive(Debug, Clone)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
    right: Vec<usize>,
    keep: Vec<usize>,
}

impl Table {
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Table {
        Table {
            header: header.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            right: Vec::new(),
            keep: Vec::new(),
        }
    }

    /// Column `index` is aligned to the right and kept in one piece: numbers.
    #[must_use]
    pub fn right(mut self, index: usize) -> Table {
        self.right.push(index);
        self.keep(index)
    }

    /// Column `index` does not wrap while it is of reasonable width: names, verdicts, times.
    #[must_use]
    pub fn keep(mut self, index: usize) -> Table {
        self.keep.push(index);
        self
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> &mut Table {
        self.rows.push(cells.into_iter().collect());
        self
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table, ending with a line break; nothing where it has no rows.
    pub fn draw(&self, style: &Style) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        if style.width < NARROW && !self.fits(style.width.into()) {
            return self.stacked(style);
        }
        let mut table = comfy_table::Table::new();
        table
            .load_style(ruled())
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(style.width);
        if style.colour {
            table.enforce_styling().style_text_only();
        } else {
            table.force_no_tty();
        }
        table.set_header(self.header.iter().enumerate().map(|(index, text)| {
            self.aligned(index, comfy_table::Cell::new(text))
                .add_attribute(Attribute::Bold)
        }));
        for cells in &self.rows {
            let cells = cells.iter().enumerate().map(|(index, cell)| {
                paint(
                    self.aligned(index, comfy_table::Cell::new(&cell.text)),
                    cell.tone,
                )
            });
            table.add_row(Row::from(cells.collect::<Vec<_>>()));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            let last = index + 1 == self.header.len();
            column.set_padding((0, if last { 0 } else { 2 }));
            if self.keep.contains(&index) {
                column.set_constraint(self.kept(index));
            }
        }
        let mut text = table.trim_fmt();
        text.push('\n');
        text
    }

    /// Has every column that wraps room for its words?
    fn fits(&self, width: usize) -> bool {
        let columns = (0..self.header.len()).map(|index| match self.keep.contains(&index) {
            true => self.widest(index, str::lines).min(WIDEST_KEPT) + 2,
            false => self.widest(index, str::split_whitespace).min(WORD) + 2,
        });
        columns.sum::<usize>() <= width + 2
    }

    /// A row as lines of its own, each with its column's name: for terminals too narrow for columns.
    fn stacked(&self, style: &Style) -> String {
        let width = style.width.into();
        let rows = self.rows.iter().map(|cells| {
            let mut text = String::new();
            for (index, cell) in cells.iter().enumerate() {
                if cell.text.is_empty() {
                    continue;
                }
                let flat: Vec<&str> = cell.text.lines().collect();
                let line = match (index, self.header.get(index).map(String::as_str)) {
                    (0, _) | (_, None | Some("")) => flat.join(", "),
                    (_, Some(header)) => format!("  {header}: {}", flat.join(", ")),
                };
                let wrapped = wrap(&line, width, "    ");
                match cell.tone.or((index == 0).then_some(Tone::Strong)) {
                    Some(tone) => wrapped
                        .lines()
                        .for_each(|line| text.push_str(&format!("{}\n", style.paint(tone, line)))),
                    None => text.push_str(&wrapped),
                }
            }
            text
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    /// The widest of the column's pieces, as `cut` makes them of each text.
    fn widest<'a, P: Iterator<Item = &'a str>>(
        &'a self,
        index: usize,
        cut: impl Fn(&'a str) -> P,
    ) -> usize {
        let cells = self.rows.iter().filter_map(|cells| cells.get(index));
        let header = self.header.get(index).map(String::as_str);
        cells
            .map(|cell| cell.text.as_str())
            .chain(header)
            .flat_map(cut)
            .map(measure_text_width)
            .max()
            .unwrap_or(0)
    }

    fn aligned(&self, index: usize, cell: comfy_table::Cell) -> comfy_table::Cell {
        if self.right.contains(&index) {
            cell.set_alignment(CellAlignment::Right)
        } else {
            cell
        }
    }

    fn kept(&self, index: usize) -> ColumnConstraint {
        let widest = self.widest(index, str::lines);
        if widest <= WIDEST_KEPT {
            ColumnConstraint::ContentWidth
        } else {
            let most = u16::try_from(WIDEST_KEPT).unwrap_or(u16::MAX);
            ColumnConstraint::UpperBoundary(Width::Fixed(most + 2))
        }
    }
}

/// The first line of a screen: what it is, strong, and what it is about.
pub fn title(style: &Style, what: &str, about: &str) -> String {
    let what = clean(what);
    if about.is_empty() {
        return format!("{}\n", style.paint(Tone::Strong, &what));
    }
    let text = wrap(
        &format!("{what}  {}", clean(about)),
        style.width.into(),
        "  ",
    );
    let rest = text.strip_prefix(&what).unwrap_or_default().to_string();
    format!("{}{rest}", style.paint(Tone::Strong, &what))
}

/// The last line of a screen, after an empty one: what it comes to.
pub fn summary(style: &Style, tone: Tone, text: &str) -> String {
    let lines = wrap(&clean(text), style.width.into(), "  ");
    let painted: Vec<String> = lines.lines().map(|line| style.paint(tone, line)).collect();
    format!("\n{}\n", painted.join("\n"))
}

/// Breaks text at spaces so that no line is wider than `width`; lines after the first begin with `indent`.
/// A word that is wider stands alone. Ends with a line break.
pub fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_inclusive(' ') {
            let fits = measure_text_width(&line) + measure_text_width(word.trim_end()) <= width;
            if !fits && !line.trim().is_empty() {
                out.push_str(line.trim_end());
                out.push('\n');
                line = indent.to_string();
            }
            line.push_str(word);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Control characters as their escapes, so that a webhook's name can neither break a line nor drive the terminal.
pub fn clean(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let (plain, escaped) = if c.is_control() || is_bidi(c) {
                (None, Some(c.escape_default()))
            } else {
                (Some(c), None)
            };
            plain.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect()
}

/// Marks that make a terminal show text in another order than it has.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn ruled() -> TableStyle {
    let line = comfy_table::LineStyle::none().fill('─');
    NOTHING.header_separator(line)
}

fn paint(cell: comfy_table::Cell, tone: Option<Tone>) -> comfy_table::Cell {
    match tone {
        None => cell,
        Some(Tone::Good) => cell.fg(Color::DarkGreen),
        Some(Tone::Warn) => cell.fg(Color::DarkYellow),
        Some(Tone::Bad) => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
        Some(Tone::Dim) => cell.add_attribute(Attribute::Dim),
        Some(Tone::Strong) => cell.add_attribute(Attribute::Bold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["Check", "Found", "Wanted", "Remedy"]).keep(0);
        table.row([
            Cell::toned(Tone::Bad, "fail oldest transaction"),
            "41 min, pid 4711, user reporting, idle in transaction".into(),
            "under 1 min".into(),
            "end it, or run schema apply when it has gone: every step waits for it".into(),
        ]);
        table.row([
            Cell::toned(Tone::Good, "ok   stream"),
            "equal to its definition".into(),
            "".into(),
            "".into(),
        ]);
        table
    }

    #[test]
    fn draws_a_ruled_header() {
        let mut table = Table::new(["Wave", "Webhooks", "Standing"])
            .keep(0)
            .right(1);
        table.row([
            "pilot".into(),
            "3".into(),
            Cell::toned(Tone::Good, "finished"),
        ]);
        let wanted = "\
Wave   Webhooks  Standing
─────────────────────────
pilot         3  finished
";
        assert_eq!(table.draw(&Style::plain(80)), wanted);
    }

    #[test]
    fn fits_its_width_without_trailing_spaces() {
        for width in [60, 80, 120] {
            let text = sample().draw(&Style::plain(width));
            for line in text.lines() {
                assert!(
                    measure_text_width(line) <= width.into(),
                    "{width}: {line:?}"
                );
                assert_eq!(line, line.trim_end());
            }
            assert!(text.contains("fail oldest transaction"), "{text}");
        }
    }

    #[test]
    fn a_narrow_terminal_gets_lines_instead_of_columns() {
        let text = sample().draw(&Style::plain(40));
        let wanted = "\
fail oldest transaction
  Found: 41 min, pid 4711, user
    reporting, idle in transaction
  Wanted: under 1 min
  Remedy: end it, or run schema apply
    when it has gone: every step waits
    for it

ok   stream
  Found: equal to its definition
";
        assert_eq!(text, wanted);
        let mut table = Table::new(["Wave", "Webhooks"]).right(1);
        table.row(["pilot".into(), "3".into()]);
        assert!(table.draw(&Style::plain(40)).contains('─'));
    }

    #[test]
    fn colour_only_where_it_is_wanted() {
        assert!(!sample().draw(&Style::plain(80)).contains('\x1b'));
        let coloured = sample().draw(&Style {
            colour: true,
            width: 80,
        });
        assert!(coloured.contains('\x1b'));
        let bare = dialoguer::console::strip_ansi_codes(&coloured);
        assert_eq!(bare, sample().draw(&Style::plain(80)));
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        let mut table = Table::new(["Webhook"]);
        table.row([Cell::new("pay\u{1b}[2Jment\nalert \u{202e}x")]);
        let text = table.draw(&Style::plain(80));
        assert!(
            text.contains(r"pay\u{1b}[2Jment\nalert \u{202e}x"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn a_name_of_300_letters_wraps() {
        let mut table = Table::new(["Webhook", "Wave"]).keep(0);
        table.row([Cell::new("x".repeat(300)), "pilot".into()]);
        for line in table.draw(&Style::plain(80)).lines() {
            assert!(measure_text_width(line) <= 80, "{line:?}");
        }
    }

    #[test]
    fn text_wraps_at_words() {
        assert_eq!(wrap("one two three", 7, "  "), "one two\n  three\n");
        assert_eq!(
            wrap("a veryveryverylongword b", 6, ""),
            "a\nveryveryverylongword\nb\n"
        );
        assert_eq!(
            title(&Style::plain(20), "Plan", "prod-2026q4 on shop"),
            "Plan  prod-2026q4 on\n  shop\n"
        );
    }
}
