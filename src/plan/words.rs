//! Names and words of a plan: what they may hold, so that people can type them and PostgreSQL can keep them.

use std::{fmt, str::FromStr};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::units::{Wrong, text_type};
use crate::model::Gate;

/// A label that is none of these gates; no name of theirs holds what a pattern would mark.
fn none_of(gates: &[Gate]) -> String {
    let names: Vec<&str> = gates.iter().map(Gate::as_str).collect();
    format!("^(?!(?:{})$){}", names.join("|"), &LABEL[1..])
}

const LABEL: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

/// The name of a plan or a wave: something that can be typed on a command line without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(pub String);

impl FromStr for Label {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.len() <= 64
            && text.chars().all(fine)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            return Ok(Label(text.to_string()));
        }
        Err(Wrong::new(
            format!("{text:?}"),
            "a name of at most 64 letters, digits, `-`, `_` and `.` that begins with a letter or digit",
        ))
    }
}
// `2026` is a name, and to YAML a number.
text_type!(Label, "wavegate-name", {
    "type": ["string", "number"],
    "format": "wavegate-name",
    "pattern": LABEL,
    "minimum": 0,
    "description": "A name that needs no quotes on a command line."
});

/// The name of a gate of the plan's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateName(pub String);

impl FromStr for GateName {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let Label(name) = text.parse()?;
        match Gate::named(text).is_built_in() {
            true => Err(Wrong::new(
                format!("`{text}`, which is a gate already"),
                "a name of its own for each gate",
            )),
            false => Ok(GateName(name)),
        }
    }
}
text_type!(GateName, "wavegate-gate", {
    "type": ["string", "number"],
    "format": "wavegate-gate",
    "pattern": none_of(Gate::ALL),
    "minimum": 0,
    "description": "A name that no built-in gate has."
});

/// A gate that the guard may watch: of those that are built in one that can fail by what happens to events, or one of the plan's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched(pub Gate);

/// These say whether a step may be taken, and nothing of what happens to events.
const UNWATCHED: &[Gate] = &[
    Gate::Schema,
    Gate::Subjects,
    Gate::Headroom,
    Gate::Drain,
    Gate::Soak,
    Gate::Window,
    Gate::Signoff,
];

impl Watched {
    /// Those that are built in, by name.
    pub fn built_in() -> Vec<&'static str> {
        let all = Gate::ALL.iter().filter(|gate| !UNWATCHED.contains(gate));
        all.map(Gate::as_str).collect()
    }
}

impl FromStr for Watched {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let gate = Gate::named(text);
        let Label(_) = text.parse()?;
        match UNWATCHED.contains(&gate) {
            true => Err(Wrong::new(
                format!("`{text}`, which says whether a step may be taken, not how events fare"),
                "a gate that can fail by what happens to events",
            )),
            false => Ok(Watched(gate)),
        }
    }
}
text_type!(Watched, "wavegate-watched", {
    "type": ["string", "number"],
    "format": "wavegate-watched",
    "pattern": none_of(UNWATCHED),
    "minimum": 0,
    "examples": Watched::built_in(),
    "description": "A gate that can fail by what happens to events, or one of the plan's own."
});

/// Who signs: typed behind `--role`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role(pub String);

impl FromStr for Role {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let fine = !text.starts_with(['-', ' '])
            && !text.ends_with(' ')
            && (1..=64).contains(&text.chars().count())
            && !text.chars().any(char::is_control);
        match fine {
            true => Ok(Role(text.to_string())),
            false => Err(Wrong::new(
                format!("{text:?}"),
                "a role that can be typed: up to 64 characters on one line, without blanks at its ends and without a leading `-`",
            )),
        }
    }
}
text_type!(
    Role,
    "wavegate-role",
    "^[^\\u0000-\\u0020\\u007f-\\u009f-](?:[^\\u0000-\\u001f\\u007f-\\u009f]{0,62}[^\\u0000-\\u0020\\u007f-\\u009f])?$",
    "A role, as typed behind --role."
);

/// One word of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(pub String);

impl FromStr for Word {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        match !text.is_empty() && text.chars().all(in_a_word) {
            true => Ok(Word(text.to_string())),
            false => Err(Wrong::new(
                format!("{text:?}"),
                "one word of letters and digits: names are split at everything else",
            )),
        }
    }
}
text_type!(
    Word,
    "wavegate-word",
    "^[\\p{Alphabetic}\\p{M}\\p{N}]+$",
    "One word of letters and digits."
);

/// A program: some text, which is not white space alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program(pub String);

impl FromStr for Program {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        match text.trim().is_empty() || text.contains('\0') {
            true => Err(Wrong::new("no program", "the path or the name of one")),
            false => Ok(Program(text.to_string())),
        }
    }
}
text_type!(
    Program,
    "wavegate-program",
    "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
    "The path or the name of a program."
);

/// The name of a JetStream stream or consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamName(pub String);

impl FromStr for StreamName {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let fine = |c: char| c.is_ascii_graphic() && !matches!(c, '.' | '*' | '>' | '/' | '\\');
        if !text.is_empty() && text.len() <= 255 && text.chars().all(fine) {
            return Ok(StreamName(text.to_string()));
        }
        Err(Wrong::new(
            format!("{text:?}"),
            "a name of up to 255 printable ASCII characters without white space, `.`, `*`, `>`, `/` and `\\`",
        ))
    }
}
text_type!(StreamName, "wavegate-stream", {
    "type": ["string", "number"],
    "format": "wavegate-stream",
    "pattern": "^[!-)+,\\-0-=?-\\[\\]-~]{1,255}$",
    "description": "The name of a JetStream stream."
});

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Does this character belong to a word? Letters, digits, and the marks of letters that have no form in one piece.
fn in_a_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// A text as it is compared: in normal form C, so that an accent in one piece and one in two are the same.
pub(super) fn normal(text: &str) -> String {
    text.nfc().collect()
}

/// The same whatever its case.
pub(super) fn folded(text: &str) -> String {
    normal(&normal(text).to_lowercase())
}

/// The words of a name, folded: split at what is neither letter nor digit, and where camelCase begins a word. What letters and
/// digits stand together in is a word, and so are its letters and its digits alone: `payment2go` has `payment2go`, `payment`, `2`
/// and `go`. A single letter belongs to the word behind it too: `e-mail` has `email`. `latest_payment` has no word `test`.
pub fn words_of(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in normal(name).split(|c: char| !in_a_word(c)) {
        let chars: Vec<char> = piece.chars().collect();
        let mut start = 0;
        for at in 1..chars.len() {
            let (before, here) = (chars[at - 1], chars[at]);
            let next_is_lower = chars.get(at + 1).is_some_and(|c| c.is_lowercase());
            let begins = here.is_uppercase() && (!before.is_uppercase() || next_is_lower);
            if begins {
                parts.push(chars[start..at].iter().collect());
                start = at;
            }
        }
        if start < chars.len() {
            parts.push(chars[start..].iter().collect());
        }
    }
    let mut words = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        words.push(folded(part));
        words.extend(runs(part).map(folded));
        let single = part.chars().count() == 1 && part.starts_with(char::is_alphabetic);
        if let Some(next) = parts.get(at + 1).filter(|_| single) {
            words.push(folded(&format!("{part}{next}")));
        }
    }
    words
}

/// The letters and the digits of a part, where it has both.
fn runs(part: &str) -> impl Iterator<Item = &str> {
    let mut cuts = vec![0];
    let mut before: Option<bool> = None;
    for (at, c) in part.char_indices() {
        let digit = c.is_numeric();
        if before.is_some_and(|before| before != digit) {
            cuts.push(at);
        }
        before = Some(digit);
    }
    cuts.push(part.len());
    let several = cuts.len() > 2;
    let pairs: Vec<(usize, usize)> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs
        .into_iter()
        .filter(move |_| several)
        .map(|(from, to)| &part[from..to])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        for (name, wanted) in [
            ("latest_payment", vec!["latest", "payment"]),
            ("catalog_sync", vec!["catalog", "sync"]),
            ("Payment Alert", vec!["payment", "alert"]),
            ("paymentAlert", vec!["payment", "alert"]),
            ("HTTPServerLog", vec!["http", "server", "log"]),
            ("orderV2-test", vec!["order", "v2", "v", "2", "test"]),
            ("ÜberPrüfung", vec!["über", "prüfung"]),
            ("test1", vec!["test1", "test", "1"]),
            ("payment2go", vec!["payment2go", "payment", "2", "go"]),
            ("e-mail", vec!["e", "email", "mail"]),
            ("eMail", vec!["e", "email", "mail"]),
            ("pru\u{308}fung", vec!["prüfung"]),
            (" . ", vec![]),
        ] {
            assert_eq!(words_of(name), wanted, "{name}");
        }
    }

    #[test]
    fn names() {
        for text in ["", "-x", "a b", "a\nb", "é", &"x".repeat(65)] {
            assert!(text.parse::<Label>().is_err(), "{text}");
        }
        assert!("prod-2026q4".parse::<Label>().is_ok());
        for text in ["", "A.B", "A*", "a b", "a/b", "a\\b", "ä"] {
            assert!(text.parse::<StreamName>().is_err(), "{text}");
        }
        for text in ["", " a", "a ", "-x", "a\nb", "a\u{85}", &"x".repeat(65)] {
            assert!(text.parse::<Role>().is_err(), "{text:?}");
        }
        for text in ["a", "Head of Ops", "Qualität"] {
            assert!(text.parse::<Role>().is_ok(), "{text:?}");
        }
        assert!(
            Gate::Success.as_str().parse::<GateName>().is_err()
                && "successes".parse::<GateName>().is_ok()
        );
    }
}
