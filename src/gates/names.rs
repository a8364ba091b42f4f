//! What webhooks are called, for those who read a verdict.

use std::collections::BTreeMap;

/// By webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<i32, String>);

impl FromIterator<(i32, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (i32, String)>>(names: I) -> Self {
        Names(names.into_iter().collect())
    }
}

/// So many are named, of the others the number.
const NAMED: usize = 5;

impl Names {
    /// `orders (7)`; of one without a known name its number.
    pub fn of(&self, webhook_id: i32) -> String {
        match self.0.get(&webhook_id) {
            Some(name) => format!("{name} ({webhook_id})"),
            None => webhook_id.to_string(),
        }
    }

    /// The first few, and how many more.
    pub fn list(&self, webhooks: &[i32]) -> String {
        let named: Vec<String> = webhooks.iter().take(NAMED).map(|id| self.of(*id)).collect();
        match webhooks.len().saturating_sub(NAMED) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}
