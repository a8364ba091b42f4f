//! Which webhooks a wave asks for, as the plan says it: names and globs, words, tags, ids, volume, the rest.

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

impl Selector {
    /// Names and patterns below `match`.
    pub(super) fn names(&self) -> &[String] {
        let names = self.matching.as_ref().and_then(|m| m.names.as_deref());
        names.unwrap_or_default()
    }

    /// How many of its entries are patterns.
    pub(super) fn patterns(&self) -> usize {
        let entries = self.webhooks.iter().chain(self.names());
        entries.filter(|entry| is_glob(entry)).count()
    }
}

/// Is this entry a pattern rather than a name?
pub(super) fn is_glob(entry: &str) -> bool {
    entry.contains(['*', '?'])
}
