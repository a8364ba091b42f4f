//! Which webhooks a wave asks for: names and globs, words, tags, ids, volume, the rest.

use crate::model::Webhook;

/// What a wave asks for: a webhook that is named, or that matches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// Names, or globs with `*` and `?`.
    pub webhooks: Vec<String>,
    pub matching: Option<Match>,
}

/// Names, words, tags and ids pick: any one entry is enough. Volumes then narrow what was picked; alone, they narrow all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Match {
    /// Names, or globs with `*` and `?`.
    pub names: Option<Vec<String>>,
    /// Whole words of the name, whatever their case.
    pub words: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub ids: Option<Vec<i32>>,
    pub min_calls_7d: Option<i64>,
    pub max_calls_7d: Option<i64>,
    /// Only what no other wave takes.
    pub rest: bool,
}

impl Match {
    /// Is the webhook asked for? `rest` is the business of `membership`.
    pub fn holds(&self, webhook: &Webhook) -> bool {
        let picks = [
            self.names
                .as_ref()
                .map(|globs| globs.iter().any(|glob| named(glob, &webhook.name))),
            self.words.as_ref().map(|words| has_word(words, webhook)),
            self.tags.as_ref().map(|tags| has_tag(tags, webhook)),
            self.ids.as_ref().map(|ids| ids.contains(&webhook.id)),
        ];
        (picks.contains(&Some(true)) || picks == [None; 4])
            && self
                .min_calls_7d
                .is_none_or(|least| webhook.calls_7d >= least)
            && self
                .max_calls_7d
                .is_none_or(|most| webhook.calls_7d <= most)
    }
}

/// Has the webhook's name one of these words?
fn has_word(words: &[String], webhook: &Webhook) -> bool {
    let own = words_of(&webhook.name);
    words.iter().any(|word| own.contains(&word.to_lowercase()))
}

/// Has the webhook one of these tags?
fn has_tag(tags: &[String], webhook: &Webhook) -> bool {
    let own: Vec<String> = webhook.tags.iter().map(|tag| tag.to_lowercase()).collect();
    tags.iter().any(|tag| own.contains(&tag.to_lowercase()))
}

/// Is this entry a pattern rather than a name?
pub(super) fn is_glob(entry: &str) -> bool {
    entry.contains(['*', '?'])
}

/// Does the entry name this webhook? A name that holds `*` itself is found by its own text.
pub(super) fn named(entry: &str, name: &str) -> bool {
    entry == name || (is_glob(entry) && glob(entry, name))
}

/// `*` stands for any text, `?` for one character. Linear but for the last star.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// The words of a name, in lower case: split at what is neither letter nor digit, and where camelCase begins a word.
/// `latest_payment` has no word `test`; `paymentAlert` has `payment`, `HTTPServer` has `server`.
pub fn words_of(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()) {
        let chars: Vec<char> = part.chars().collect();
        let mut start = 0;
        for at in 1..chars.len() {
            let (before, here) = (chars[at - 1], chars[at]);
            let next_is_lower = chars.get(at + 1).is_some_and(|c| c.is_lowercase());
            let begins = here.is_uppercase() && (!before.is_uppercase() || next_is_lower);
            if begins {
                words.push(chars[start..at].iter().collect::<String>().to_lowercase());
                start = at;
            }
        }
        if start < chars.len() {
            words.push(chars[start..].iter().collect::<String>().to_lowercase());
        }
    }
    words
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        assert_eq!(words_of("latest_payment"), ["latest", "payment"]);
        assert_eq!(words_of("catalog_sync"), ["catalog", "sync"]);
        assert_eq!(words_of("Payment Alert"), ["payment", "alert"]);
        assert_eq!(words_of("paymentAlert"), ["payment", "alert"]);
        assert_eq!(words_of("HTTPServerLog"), ["http", "server", "log"]);
        assert_eq!(words_of("orderV2-test"), ["order", "v2", "test"]);
        assert_eq!(words_of("ÜberPrüfung"), ["über", "prüfung"]);
        assert!(words_of(" . ").is_empty());
    }

    #[test]
    fn globs() {
        for (pattern, text, wanted) in [
            ("analytics_*", "analytics_events", true),
            ("*_events", "analytics_events", true),
            ("a*b*c", "aXbYbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("a*", "b", false),
            ("*é?", "caféx", true),
            ("a*b", "ab\n", false),
        ] {
            assert_eq!(glob(pattern, text), wanted, "{pattern} {text}");
        }
        assert!(named("a[*", "a[*"));
    }
}
