//! Results as a JUnit report, for pipelines that show test results.

/// How one case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// Neither passed nor failed.
    Skipped,
    Failed,
}

/// One line of a report.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub text: String,
    pub outcome: Outcome,
}

/// The document: suites by name, each with its cases.
pub fn suite(name: &str, suites: &[(String, Vec<Case>)]) -> String {
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let count = |outcome| all().filter(|case| case.outcome == outcome).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
        escape(name),
        all().count(),
        count(Outcome::Failed),
        count(Outcome::Skipped)
    );
    for (name, cases) in suites {
        let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
            escape(name),
            cases.len(),
            count(Outcome::Failed),
            count(Outcome::Skipped)
        ));
        for case in cases {
            let inner = match case.outcome {
                Outcome::Passed => format!("<system-out>{}</system-out>", escape(&case.text)),
                Outcome::Skipped => format!("<skipped message=\"{}\"/>", escape(&case.text)),
                // Readers show the message in their lists and the body where one looks closer.
                Outcome::Failed => format!(
                    "<failure message=\"{}\">{}</failure>",
                    escape(case.text.lines().next().unwrap_or_default()),
                    escape(&case.text)
                ),
            };
            text.push_str(&format!(
                "    <testcase classname=\"{}\" name=\"{}\">{inner}</testcase>\n",
                escape(name),
                escape(&case.name)
            ));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// XML 1.0 knows no control characters but tab and line breaks, and neither U+FFFE nor U+FFFF.
fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_string(),
            '<' => "&lt;".to_string(),
            '>' => "&gt;".to_string(),
            '"' => "&quot;".to_string(),
            '\n' => "&#10;".to_string(),
            c if c.is_control() => " ".to_string(),
            '\u{fffe}' | '\u{ffff}' => "\u{fffd}".to_string(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_that_xml_knows() {
        let text = escape("a\u{0}\u{b}\u{ffff}\u{fffe}\u{fffd}\u{1f600}\u{85}\t<&>\"\n");
        let plain = text.replace("&lt;&amp;&gt;&quot;&#10;", "");
        let legal = |c: char| !c.is_control() && c != '\u{fffe}' && c != '\u{ffff}';
        assert!(plain.chars().all(legal), "{text:?}");
        assert_eq!(plain.chars().count(), 9, "{text:?}");
    }
}
