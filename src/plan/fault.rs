//! One thing that is wrong in a plan: where, what was found, what was wanted.

use std::fmt;

use serde::Serialize;

/// A fault of a plan; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    pub line: usize,
    pub column: usize,
    /// For example `waves[2].match.tags`; empty for the document.
    pub path: String,
    pub found: String,
    pub wanted: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", visible(&self.path))?;
        }
        write!(
            f,
            "found {}; wanted {}",
            visible(&self.found),
            visible(&self.wanted)
        )
    }
}

/// Control characters as their escapes: what was found may be anything.
fn visible(text: &str) -> String {
    let show = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(show).collect()
}

/// ` (did you mean ...?)`, or nothing when no candidate is near.
pub(super) fn did_you_mean<'a>(found: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let allowed = (found.chars().count() / 3).clamp(1, 3);
    candidates
        .map(|candidate| (distance(found, candidate), candidate))
        .filter(|(steps, _)| *steps <= allowed)
        .min()
        .map(|(_, candidate)| format!(" (did you mean `{candidate}`?)"))
        .unwrap_or_default()
}

/// Insertions, deletions, replacements and swaps of neighbours between two words, whatever their case.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for i in 0..=left.len() {
        for j in 0..=right.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replace = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
                let swap =
                    (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                        .then(|| rows[i - 2][j - 2] + 1);
                replace
                    .min(rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
                    .min(swap.unwrap_or(usize::MAX))
            };
        }
    }
    rows[left.len()][right.len()]
}
