//! A screen is a result that can be drawn for people and written for programs.

use serde_json::{Value, json};

use super::Style;

/// `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Output {
    #[default]
    Table,
    Json,
    Markdown,
    Junit,
}

/// One result.
pub trait Screen {
    /// The name in the JSON envelope, for example `status`.
    const KIND: &'static str;
    /// Version of the JSON; rises when a field changes its meaning or goes.
    const VERSION: u32 = 1;

    /// For people: fits `style.width` columns, ends with a line break.
    fn draw(&self, style: &Style) -> String;

    /// For programs: the `data` of the envelope.
    fn json(&self) -> Value;

    /// For pipelines' step summaries; the drawing in a code block unless overridden.
    fn markdown(&self) -> String {
        format!("```\n{}```\n", self.draw(&Style::plain(120)))
    }

    /// For pipelines' test reports; `None` where it makes no sense.
    fn junit(&self) -> Option<String> {
        None
    }
}

/// The text of a screen in the chosen format; JSON is one object `{kind, version, data}` on one line.
pub fn render<S: Screen>(screen: &S, output: Output, style: &Style) -> String {
    match output {
        Output::Table => screen.draw(style),
        Output::Json => format!(
            "{}\n",
            json!({ "kind": S::KIND, "version": S::VERSION, "data": screen.json() })
        ),
        Output::Markdown => screen.markdown(),
        Output::Junit => screen.junit().unwrap_or_else(|| screen.markdown()),
    }
}
