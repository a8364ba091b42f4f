//! A migration that is under way is pinned to what its plan says: a plan that says something else is refused, with what differs.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::{
    error::{Error, Result},
    model::Webhook,
    plan::{Delivery, Faults, Plan, Surroundings, lint, membership},
    store::{
        Db,
        state::{self, Migration},
    },
};

/// Lines of a difference that are shown.
const SHOWN: usize = 12;
/// After this long, two texts are compared less closely.
const COMPARE: Duration = Duration::from_millis(500);

/// The migration of this plan, `None` before its first `apply`. Another plan is refused, and so is this one where it says
/// something else; comments, the order of keys and the end of the file say nothing.
pub async fn migration(db: &Db, plan: &Plan) -> Result<Option<Migration>> {
    let Some(migration) = state::load(db).await? else {
        return Ok(None);
    };
    if migration.hash == plan.hash() {
        return Ok(Some(migration));
    }
    if migration.name != plan.name() {
        // One that is over makes room; `state::start` closes it.
        return if migration.is_over() {
            Ok(None)
        } else {
            Err(state::other_under_way(&migration.name))
        };
    }
    let pinned = Plan::parse(&migration.plan);
    if pinned.is_ok_and(|pinned| pinned.means_the_same(plan)) {
        return Ok(Some(migration));
    }
    let error = Error::refused(format!(
        "the plan {} was changed since its migration began",
        plan.name()
    ));
    Err(difference(&migration.plan, plan.text(), SHOWN)
        .into_iter()
        .fold(error, Error::detail)
        .hint("`wavegate plan PLAN --amend` makes it the plan of the migration; or leave the file out: the database keeps the text that it began with"))
}

/// Who delivers by the newest plan, also when all its waves are finished; `None` where there is none.
pub async fn delivery(db: &Db) -> Result<Option<Delivery>> {
    let migration = state::load(db).await?;
    // A text that a later version wrote is no reason to keep the data plane from working.
    Ok(migration
        .and_then(|m| Plan::parse(&m.plan).ok())
        .map(|plan| plan.delivery()))
}

/// What differs between two texts: lines with - and +, in their order, so many at most.
pub fn difference(old: &str, new: &str, shown: usize) -> Vec<String> {
    let diff = TextDiff::configure().timeout(COMPARE).diff_lines(old, new);
    let changes = diff.iter_all_changes().filter_map(|change| {
        let (sign, line) = match change.tag() {
            ChangeTag::Equal => return None,
            ChangeTag::Delete => ('-', change.old_index()),
            ChangeTag::Insert => ('+', change.new_index()),
        };
        Some(format!(
            "line {}: {sign} {}",
            line? + 1,
            cut(change.value())
        ))
    });
    let mut all: Vec<String> = changes.collect();
    if all.len() > shown {
        let more = all.len() - shown;
        all.truncate(shown);
        all.push(format!("and {more} more lines"));
    }
    all
}

/// A line of a bearable length.
fn cut(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(200) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_string(),
    }
}

/// A migration fixes its members when it begins: what the plan asks for must be there, and have a subject.
pub fn check_members(plan: &Plan, webhooks: &[Webhook]) -> Result<()> {
    let members = membership(plan, webhooks);
    no_faults(
        plan,
        &lint(plan, &members, webhooks, Surroundings::default()).faults,
    )
}

/// A plan with faults is not carried out.
pub fn no_faults(plan: &Plan, faults: &Faults) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let error = Error::usage(format!(
        "the plan {} does not fit this database",
        plan.name()
    ));
    Err(faults
        .told_by(error)
        .hint("mend the plan; `wavegate plan` shows what is there"))
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, difference};

    #[test]
    fn a_difference_is_short() {
        let old = "version: 1\nname: a\nwaves:\n  - x\n";
        let new = "version: 1\nname: a\ndelivery: ledger\nwaves:\n  - y\n";
        assert_eq!(
            difference(old, new, SHOWN),
            [
                "line 3: + delivery: ledger",
                "line 4: -   - x",
                "line 5: +   - y"
            ]
        );
        assert_eq!(difference("a\n", "a", SHOWN).len(), 2);
    }
}
