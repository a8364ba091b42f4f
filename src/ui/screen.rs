//! A screen is a result that can be drawn for people and written for programs.

use serde_json::{Value, json};

use super::{
    Style, Tone, clean_lines,
    junit::{self, Case, CaseOutcome},
    wrap,
};
use crate::error::{Error, Kind};

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
    /// Version of the JSON; rises when a field changes its meaning or goes. 2: one vocabulary, lengths of time in `_ms`.
    const VERSION: u32 = 2;

    /// For people: fits `style.width` columns, ends with a line break.
    fn draw(&self, style: &Style) -> String;

    /// For programs: the `data` of the envelope.
    fn json(&self) -> Value;

    /// For pipelines' step summaries; the drawing in a code block unless overridden.
    fn markdown(&self) -> String {
        format!("```\n{}```\n", self.draw(&Style::plain(120)))
    }

    /// For pipelines' test reports; where `None`, one case that holds the drawing.
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
        Output::Junit => screen.junit().unwrap_or_else(|| {
            let case = Case {
                name: S::KIND.to_string(),
                text: screen.draw(&Style::plain(120)),
                outcome: CaseOutcome::Passed,
            };
            junit::suite("wavegate", &[(S::KIND.to_string(), vec![case])])
        }),
    }
}

/// What was found, why, and what to do; wrapped for a terminal, one line each for a pipe.
pub(super) fn error_text(error: &Error, style: &Style, terminal: bool) -> String {
    let paragraph = |lead: &str, tone: Tone, text: &str| {
        let text = format!("{lead} {}", clean_lines(text));
        let text = if terminal {
            wrap(&text, style.width.into(), "    ")
        } else {
            format!("{text}\n")
        };
        text.replacen(lead.trim_start(), &style.paint(tone, lead.trim_start()), 1)
    };
    let mut text = match error.kind() {
        // Nothing is wrong: it is only too early.
        Kind::NotYet => paragraph("not yet:", Tone::Warn, error.message()),
        _ => paragraph("error:", Tone::Bad, error.message()),
    };
    for cause in error.causes() {
        text += &paragraph("  because:", Tone::Dim, cause);
    }
    if let Some(what) = error.what_stands() {
        text += &paragraph("  stands:", Tone::Strong, what);
    }
    for hint in error.hints() {
        text += &paragraph("  try:", Tone::Strong, hint);
    }
    text
}

/// The envelope of an error.
pub(super) fn error_json(error: &Error) -> String {
    let data = json!({
        "exit_code": error.kind().exit_code(),
        "message": error.message(),
        "causes": error.causes(),
        "stands": error.what_stands(),
        "hints": error.hints(),
    });
    format!(
        "{}\n",
        json!({ "kind": "error", "version": 2, "data": data })
    )
}

/// For pipelines' test reports: one case that failed, or that waits.
pub(super) fn error_junit(error: &Error) -> String {
    let case = Case {
        name: "wavegate".to_string(),
        text: error_text(error, &Style::plain(120), false),
        outcome: match error.kind() {
            Kind::NotYet => CaseOutcome::Skipped,
            _ => CaseOutcome::Failed,
        },
    };
    junit::suite("wavegate", &[("error".to_string(), vec![case])])
}

/// For pipelines' step summaries.
pub(super) fn error_markdown(error: &Error) -> String {
    format!("```\n{}```\n", error_text(error, &Style::plain(120), false))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_why_and_what_to_do() {
        let cause =
            std::io::Error::other("a cause\u{1b}[31m of many words that goes on and on and on");
        let error =
            Error::refused("the lock is held by ada on db1 since 10:00, who runs wavegate apply")
                .because(cause)
                .hint("wait, or look with wavegate status");
        let style = Style::plain(60);
        let wanted = "\
error: the lock is held by ada on db1 since 10:00, who runs
    wavegate apply
  because: a cause\\u{1b}[31m of many words that goes on and
    on and on
  try: wait, or look with wavegate status
";
        assert_eq!(error_text(&error, &style, true), wanted);
        assert_eq!(error_text(&error, &style, false).lines().count(), 3);
        let value: Value = serde_json::from_str(&error_json(&error)).unwrap();
        assert_eq!(value["kind"], "error");
        assert_eq!(value["data"]["exit_code"], 5);
        assert_eq!(
            value["data"]["hints"][0],
            "wait, or look with wavegate status"
        );
    }
}
