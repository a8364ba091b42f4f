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

/// XML 1.0 knows no control characters but tab and line breaks.
fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_string(),
            '<' => "&lt;".to_string(),
            '>' => "&gt;".to_string(),
            '"' => "&quot;".to_string(),
            '\n' => "&#10;".to_string(),
            c if c.is_control() => " ".to_string(),
            c => c.to_string(),
        })
        .collect()
}
