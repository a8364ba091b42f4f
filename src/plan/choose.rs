//! Selectors made ready to be asked for thousands of webhooks: each list is read once, and each webhook too.

use std::collections::{HashMap, HashSet};

use super::{
    Selector,
    selector::is_glob,
    words::{folded, normal, words_of},
};
use crate::model::Webhook;

/// How strongly a wave claims a webhook: less is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    Name,
    NameGlob,
    ClaimsFirst,
    Match,
    Rest,
}

/// A webhook as the choosers see it.
pub(super) struct Seen<'w> {
    pub webhook: &'w Webhook,
    /// In normal form, as all that is compared.
    pub name: String,
    chars: Vec<char>,
    words: HashSet<String>,
    tags: HashSet<String>,
}

impl<'w> Seen<'w> {
    pub fn new(webhook: &'w Webhook) -> Seen<'w> {
        let name = normal(&webhook.name);
        Seen {
            webhook,
            chars: name.chars().collect(),
            words: words_of(&name).into_iter().collect(),
            tags: webhook.tags.iter().map(|tag| folded(tag)).collect(),
            name,
        }
    }
}

/// The selector of a wave.
pub(super) struct Chooser {
    webhooks: Names,
    matching: Option<Matching>,
    claims_first: bool,
}

struct Matching {
    names: Option<Names>,
    words: Option<HashSet<String>>,
    tags: Option<HashSet<String>>,
    ids: Option<HashSet<i32>>,
    volume: (i64, i64),
    rest: bool,
}

impl Chooser {
    pub fn new(selector: &Selector, claims_first: bool) -> Chooser {
        let folded_all = |list: &Option<Vec<String>>| {
            let list = list.as_ref()?;
            Some(list.iter().map(|entry| folded(entry)).collect())
        };
        Chooser {
            webhooks: Names::new(&selector.webhooks),
            matching: selector.matching.as_ref().map(|m| Matching {
                names: m.names.as_deref().map(Names::new),
                words: folded_all(&m.words),
                tags: folded_all(&m.tags),
                ids: m.ids.as_ref().map(|ids| ids.iter().copied().collect()),
                volume: (
                    m.min_calls_7d.unwrap_or(i64::MIN),
                    m.max_calls_7d.unwrap_or(i64::MAX),
                ),
                rest: m.rest,
            }),
            claims_first,
        }
    }

    /// Does the wave ask for this webhook, and how strongly?
    pub fn claim(&self, seen: &Seen<'_>) -> Option<Claim> {
        if self.webhooks.exact.contains(&seen.name) {
            return Some(Claim::Name);
        }
        if self.webhooks.globs.iter().any(|glob| glob.fits(seen)) {
            return Some(Claim::NameGlob);
        }
        let matching = self.matching.as_ref()?;
        match (matching.holds(seen), matching.rest, self.claims_first) {
            (false, _, _) => None,
            (true, true, _) => Some(Claim::Rest),
            (true, false, true) => Some(Claim::ClaimsFirst),
            (true, false, false) => Some(Claim::Match),
        }
    }
}

impl Matching {
    /// Is the webhook asked for? What `rest` means is the business of `membership`.
    fn holds(&self, seen: &Seen<'_>) -> bool {
        let picks = [
            self.names.as_ref().map(|names| names.fit(seen)),
            self.words
                .as_ref()
                .map(|words| !words.is_disjoint(&seen.words)),
            self.tags.as_ref().map(|tags| !tags.is_disjoint(&seen.tags)),
            self.ids.as_ref().map(|ids| ids.contains(&seen.webhook.id)),
        ];
        let (least, most) = self.volume;
        (picks.contains(&Some(true)) || picks == [None; 4])
            && (least..=most).contains(&seen.webhook.calls_7d)
    }
}

/// Names and patterns of one list.
struct Names {
    exact: HashSet<String>,
    globs: Vec<Glob>,
}

impl Names {
    fn new(entries: &[String]) -> Names {
        Names {
            exact: entries.iter().map(|entry| normal(entry)).collect(),
            globs: entries
                .iter()
                .filter_map(|entry| Glob::new(entry))
                .collect(),
        }
    }

    /// A name that holds `*` itself is found by its own text.
    fn fit(&self, seen: &Seen<'_>) -> bool {
        self.exact.contains(&seen.name) || self.globs.iter().any(|glob| glob.fits(seen))
    }
}

/// Which entries of a list no webhook has.
pub(super) struct Known<'s, 'w> {
    names: HashSet<&'s str>,
    ids: HashSet<i32>,
    seen: &'s [Seen<'w>],
    fitting: HashMap<String, bool>,
}

impl<'s, 'w> Known<'s, 'w> {
    pub fn new(seen: &'s [Seen<'w>]) -> Self {
        Known {
            names: seen.iter().map(|seen| seen.name.as_str()).collect(),
            ids: seen.iter().map(|seen| seen.webhook.id).collect(),
            seen,
            fitting: HashMap::new(),
        }
    }

    /// Has a webhook this name, or fits one this pattern?
    pub fn has(&mut self, entry: &str) -> bool {
        if self.names.contains(normal(entry).as_str()) {
            return true;
        }
        let Some(glob) = Glob::new(entry) else {
            return false;
        };
        let seen = self.seen;
        *self
            .fitting
            .entry(entry.to_string())
            .or_insert_with(|| seen.iter().any(|seen| glob.fits(seen)))
    }

    pub fn has_id(&self, id: i32) -> bool {
        self.ids.contains(&id)
    }
}

/// `*` stands for any text, `?` for one character.
struct Glob {
    pattern: Vec<char>,
}

impl Glob {
    fn new(entry: &str) -> Option<Glob> {
        is_glob(entry).then(|| Glob {
            pattern: normal(entry).chars().collect(),
        })
    }

    fn fits(&self, seen: &Seen<'_>) -> bool {
        fits(&self.pattern, &seen.chars)
    }
}

/// Linear but for the last star.
fn fits(pattern: &[char], text: &[char]) -> bool {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
            let [pattern, chars] = [pattern, text].map(|text| text.chars().collect::<Vec<_>>());
            assert_eq!(fits(&pattern, &chars), wanted, "{pattern:?} {text}");
        }
    }
}
