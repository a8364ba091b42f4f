//! Subjects: the plan's template, what NATS accepts, and whether a stream listens to it.

use std::str::FromStr;

use super::units::{Wrong, text_type};
use crate::model::Webhook;

/// Longest subject, in bytes. NATS bounds only the control line (`max_control_line`, 4096 bytes by default, for subject,
/// reply subject and sizes together); a quarter of a kilobyte stays clear of it and of what a person can read.
pub const LONGEST_SUBJECT: usize = 255;

/// What `{...}` may stand for.
const PLACEHOLDERS: [&str; 3] = ["id", "name", "tag"];

/// For example `webhooks.{id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectTemplate {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Id,
    Name,
    Tag,
}

impl SubjectTemplate {
    /// `webhooks.{id}`, which no name can spoil.
    pub fn by_id() -> Self {
        SubjectTemplate {
            text: "webhooks.{id}".to_string(),
            parts: vec![Part::Text("webhooks.".to_string()), Part::Id],
        }
    }

    /// Checks the placeholders `{id}`, `{name}`, `{tag}` and all text around them. The error says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_SUBJECT {
            let length = text.len();
            return Err(format!("{length} bytes, more than {LONGEST_SUBJECT}"));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(open);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_string()));
            }
            let (name, behind) = after
                .strip_prefix('{')
                .and_then(|inside| inside.split_once('}'))
                .ok_or_else(|| "a brace without its other half".to_string())?;
            parts.push(match name {
                "id" => Part::Id,
                "name" => Part::Name,
                "tag" => Part::Tag,
                other => {
                    return Err(format!(
                        "the placeholder {{{other}}}; there are {{{}}}",
                        PLACEHOLDERS.join("}, {")
                    ));
                }
            });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_string()));
        }
        let template = SubjectTemplate {
            text: text.to_string(),
            parts,
        };
        if template
            .parts
            .iter()
            .all(|part| matches!(part, Part::Text(_)))
        {
            return Err("no placeholder, so every webhook would have the same subject".to_string());
        }
        check(&template.fill("1", "a", Some("a"))?)?;
        Ok(template)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The webhook's subject, or why it cannot have one. `{tag}` is the first tag.
    pub fn render(&self, webhook: &Webhook) -> Result<String, String> {
        let tag = webhook.tags.first().map(String::as_str);
        let subject = self.fill(&webhook.id.to_string(), &webhook.name, tag)?;
        check(&subject)?;
        Ok(subject)
    }

    fn fill(&self, id: &str, name: &str, tag: Option<&str>) -> Result<String, String> {
        let mut subject = String::new();
        for part in &self.parts {
            subject.push_str(match part {
                Part::Text(text) => text,
                Part::Id => id,
                Part::Name => name,
                Part::Tag => tag.ok_or_else(|| "it has no tag".to_string())?,
            });
        }
        Ok(subject)
    }
}

impl FromStr for SubjectTemplate {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        SubjectTemplate::new(text).map_err(|why| {
            Wrong::new(
                format!("`{text}`: {why}"),
                "a subject with {id}, {name} or {tag} in it, such as webhooks.{id}",
            )
        })
    }
}

/// The pattern of templates: tokens of what `allowed` allows, and placeholders.
fn pattern() -> String {
    let placeholder = format!("\\{{(?:{})\\}}", PLACEHOLDERS.join("|"));
    let token = format!("(?:[!#-&()+,\\-/0-9:;<=?-\\[\\]-_a-z|~]|{placeholder})+");
    format!("^(?!\\$)(?=.*{placeholder}){token}(?:\\.{token})*$")
}
text_type!(SubjectTemplate, "wavegate-subject", {
    "type": "string",
    "format": "wavegate-subject",
    "pattern": pattern(),
    "maxLength": LONGEST_SUBJECT,
    "description": "Template of the subjects: {id}, {name} and {tag} are filled in per webhook."
});

/// Is this a subject that NATS takes to publish to, and that people can type? The error says what is wrong with it.
pub fn check(subject: &str) -> Result<(), String> {
    if subject.len() > LONGEST_SUBJECT {
        return Err(format!(
            "{} bytes, more than {LONGEST_SUBJECT}",
            subject.len()
        ));
    }
    if subject.starts_with('$') {
        return Err("a leading `$`, which belongs to the server".to_string());
    }
    for (index, token) in subject.split('.').enumerate() {
        let place = format!("token {}", index + 1);
        if token.is_empty() {
            return Err(format!("{place} is empty"));
        }
        if let Some(bad) = token.chars().find(|c| !allowed(*c)) {
            let what = match bad {
                '*' | '>' => format!("the wildcard `{bad}`"),
                c if c.is_whitespace() => format!("white space {c:?}"),
                c if c.is_control() => format!("the control character {c:?}"),
                c if c.is_ascii() => format!("the character `{c}`"),
                c => format!("`{c}`, which is not ASCII"),
            };
            return Err(format!("{place} holds {what}"));
        }
    }
    Ok(())
}

/// Printable ASCII without wildcards and without what shells and logs trip over.
fn allowed(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '*' | '>' | '"' | '\'' | '`' | '\\')
}

/// Does a stream with this subject filter take in the subject? `*` stands for one token, a last `>` for one or more.
pub fn covers(filter: &str, subject: &str) -> bool {
    let mut wanted = filter.split('.');
    let mut tokens = subject.split('.');
    loop {
        match (wanted.next(), tokens.next()) {
            (None, None) => return true,
            (Some(">"), Some(_)) => return wanted.next().is_none(),
            (Some("*"), Some(_)) => {}
            (Some(w), Some(t)) if w == t => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn templates_say_what_is_wrong() {
        for (text, wanted) in [
            ("webhooks.{nam}", "placeholder {nam}"),
            ("webhooks.{id", "brace"),
            ("webhooks.id}", "brace"),
            ("webhooks.all", "no placeholder"),
            ("webhooks..{id}", "token 2 is empty"),
            (".{id}", "token 1 is empty"),
            ("webhooks.{id}.", "token 3 is empty"),
            ("webhooks.*.{id}", "wildcard `*`"),
            ("webhooks {id}", "white space"),
            ("$JS.{id}", "leading `$`"),
            ("", "no placeholder"),
        ] {
            let error = SubjectTemplate::new(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
        assert!(SubjectTemplate::new("webhooks.{tag}.{name}-{id}").is_ok());
    }

    #[test]
    fn names_that_make_bad_subjects() {
        for (subject, wanted) in [
            ("w.user  created", "white space"),
            ("w.a\nb", "white space '\\n'"),
            ("w.a\u{7}b", "control character"),
            ("w.say \"hi\"", "white space"),
            ("w.\"hi\"", "the character `\"`"),
            ("w.all>", "wildcard `>`"),
            ("w.\u{1f680}", "not ASCII"),
            ("w.a..b", "token 3 is empty"),
        ] {
            let error = check(subject).unwrap_err();
            assert!(error.contains(wanted), "{subject}: {error}");
        }
        assert!(check(&format!("w.{}", "x".repeat(253))).is_ok());
        assert!(check(&format!("w.{}", "x".repeat(254))).is_err());
    }

    #[test]
    fn coverage() {
        for (filter, subject, wanted) in [
            ("webhooks.*", "webhooks.17", true),
            ("webhooks.*", "webhooks.user.created", false),
            ("webhooks.>", "webhooks.user.created", true),
            ("webhooks.>", "webhooks", false),
            ("*.17", "webhooks.17", true),
            (">", "a", true),
            ("webhooks.17", "webhooks.17", true),
            ("webhooks.17", "webhooks.18", false),
            ("webhooks", "webhooks.17", false),
        ] {
            assert_eq!(covers(filter, subject), wanted, "{filter} {subject}");
        }
    }
}
