//! Results as a JUnit report, for pipelines that show test results.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// How one case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseOutcome {
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
    pub outcome: CaseOutcome,
}

/// XML 1.0 knows neither U+FFFE nor U+FFFF; the crate sees to the other characters that it does not know.
fn known(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// The document: suites by name, each with its cases.
pub fn suite(name: &str, suites: &[(String, Vec<Case>)]) -> String {
    let mut report = Report::new(known(name));
    for (name, cases) in suites {
        let mut suite = TestSuite::new(known(name));
        suite.add_test_cases(cases.iter().map(|case| {
            let text = known(&case.text);
            let status = match case.outcome {
                CaseOutcome::Passed => TestCaseStatus::success(),
                CaseOutcome::Skipped => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(text.as_str());
                    status
                }
                // Readers show the message in their lists and the body where one looks closer.
                CaseOutcome::Failed => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(text.lines().next().unwrap_or_default());
                    status.set_description(text.as_str());
                    status
                }
            };
            let mut told = TestCase::new(known(&case.name), status);
            told.set_classname(known(name));
            if case.outcome == CaseOutcome::Passed {
                told.set_system_out(text.as_str());
            }
            told
        }));
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .unwrap_or_else(|error| format!("<!-- no report: {error} -->"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_that_xml_knows() {
        let odd = "a\u{0}\u{b}\u{1b}[31m\u{ffff}\u{fffe}\u{fffd}\u{1f600}\u{85}\t<&>\"\n]]>";
        let case = |outcome| Case {
            name: odd.to_string(),
            text: odd.to_string(),
            outcome,
        };
        let cases = [
            CaseOutcome::Passed,
            CaseOutcome::Skipped,
            CaseOutcome::Failed,
        ]
        .map(case);
        let text = suite(odd, &[(odd.to_string(), cases.to_vec())]);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("tests"), Some("3"), "{text}");
        let found = root.descendants().find(|n| n.has_tag_name("failure"));
        let body = found.unwrap().text().unwrap();
        assert!(body.starts_with('a') && body.contains("<&>\""), "{text}");
    }
}
