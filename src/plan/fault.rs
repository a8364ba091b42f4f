//! One thing that is wrong in a plan: where, what was found, what was wanted.

use std::{fmt, ops::Deref};

use serde::Serialize;

use crate::error::Error;

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

/// The faults of a plan in the order of its lines: the first hundred, and how many more there are. Nobody reads more, and a
/// document that is no plan at all could have as many as it has words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Faults {
    kept: Vec<Fault>,
    #[serde(skip)]
    more: usize,
}

impl Faults {
    /// The most that are shown.
    pub const SHOWN: usize = 100;
    /// The most that are kept until all are there and can be put in order.
    const KEPT: usize = 10 * Self::SHOWN;

    pub(super) fn push(&mut self, mut fault: Fault) {
        match self.kept.len() < Self::KEPT {
            true => {
                for text in [&mut fault.path, &mut fault.found, &mut fault.wanted] {
                    cut(text);
                }
                self.kept.push(fault);
            }
            false => self.more += 1,
        }
    }

    /// One more that nobody looks at.
    pub(super) fn count(&mut self) {
        self.more += 1;
    }

    /// Is it still worth while to look for what was meant?
    pub(super) fn are_few(&self) -> bool {
        self.kept.len() < Self::SHOWN
    }

    /// These and those.
    pub(super) fn and(mut self, others: Faults) -> Faults {
        self.more += others.more;
        self.extend(others.kept);
        self
    }

    /// In order, each once, and no more than are shown.
    pub(super) fn sorted(mut self) -> Faults {
        self.kept.sort();
        self.kept.dedup();
        self.more += self.kept.len().saturating_sub(Self::SHOWN);
        self.kept.truncate(Self::SHOWN);
        self
    }

    /// How many there are beyond those that are listed.
    pub fn more(&self) -> usize {
        self.more
    }

    /// The error with these as its details.
    pub fn told_by(&self, error: Error) -> Error {
        let error = self
            .iter()
            .fold(error, |error, fault| error.detail(fault.to_string()));
        match self.more {
            0 => error,
            more => error.detail(format!("and {more} more")),
        }
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.kept.len() + self.more
    }
}

impl Deref for Faults {
    type Target = [Fault];

    fn deref(&self) -> &[Fault] {
        &self.kept
    }
}

impl Extend<Fault> for Faults {
    fn extend<I: IntoIterator<Item = Fault>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

/// A text of a bearable length: what was found may be a whole file.
fn cut(text: &mut String) {
    const LONGEST: usize = 500;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push_str("...");
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
    let length = found.chars().count();
    let allowed = (length / 3).clamp(1, 3);
    candidates
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
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
