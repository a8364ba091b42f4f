//! Which webhook belongs to which wave: each to one at most, or to none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Fault, Plan, Wave,
    choose::{Chooser, Claim, Known, Seen},
    fault::Faults,
    selector::is_glob,
};
use crate::model::Webhook;

/// The answer to "who is in which wave".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// Every wave of the plan, with the ids of its webhooks, rising.
    pub members: BTreeMap<String, Vec<i32>>,
    /// Webhooks that more than one wave asked for; precedence decided.
    pub overlaps: Vec<Overlap>,
    /// Webhooks that no wave asked for, rising.
    pub leftovers: Vec<i32>,
    /// Names, globs without a webhook and ids that the database does not have.
    pub missing: Vec<Fault>,
}

impl Membership {
    /// The members of a migration under way, as fixed at its start: the selectors have no say any more.
    pub fn fixed(members: &BTreeMap<String, Vec<i32>>, webhooks: &[Webhook]) -> Membership {
        let taken: BTreeSet<i32> = members.values().flatten().copied().collect();
        let mut leftovers: Vec<i32> = webhooks
            .iter()
            .map(|webhook| webhook.id)
            .filter(|id| !taken.contains(id))
            .collect();
        leftovers.sort_unstable();
        Membership {
            members: members.clone(),
            leftovers,
            ..Membership::default()
        }
    }
}

/// A webhook that more than one wave asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlap {
    pub webhook_id: i32,
    pub name: String,
    /// The wave that has it.
    pub wave: String,
    /// The waves that asked for it too.
    pub also: Vec<String>,
}

/// Distributes the webhooks. Names beat globs, globs beat matches, then `claims_first`, then the order of the plan;
/// `rest` takes only what nobody else asked for.
pub fn membership(plan: &Plan, webhooks: &[Webhook]) -> Membership {
    let mut sorted: Vec<Seen<'_>> = webhooks.iter().map(Seen::new).collect();
    sorted.sort_by_key(|seen| seen.webhook.id);
    let mut answer = Membership {
        missing: missing(plan, &sorted),
        ..Membership::default()
    };
    let mut choosers: Vec<(Chooser, &Wave)> = Vec::new();
    for wave in plan.waves() {
        answer.members.insert(wave.name.clone(), Vec::new());
        choosers.push((Chooser::new(&wave.selector, wave.claims_first), wave));
    }
    for seen in &sorted {
        let webhook = seen.webhook;
        let mut claims: Vec<(Claim, i32, &Wave)> = choosers
            .iter()
            .filter_map(|(chooser, wave)| Some((chooser.claim(seen)?, wave.position, *wave)))
            .collect();
        claims.sort_by_key(|(claim, position, _)| (*claim, *position));
        let Some(((_, _, wave), others)) = claims.split_first() else {
            answer.leftovers.push(webhook.id);
            continue;
        };
        if let Some(ids) = answer.members.get_mut(&wave.name) {
            ids.push(webhook.id);
        }
        let also: Vec<String> = others
            .iter()
            .filter(|(claim, _, _)| *claim != Claim::Rest)
            .map(|(_, _, other)| other.name.clone())
            .collect();
        if !also.is_empty() {
            answer.overlaps.push(Overlap {
                webhook_id: webhook.id,
                name: webhook.name.clone(),
                wave: wave.name.clone(),
                also,
            });
        }
    }
    answer
}

fn missing(plan: &Plan, seen: &[Seen<'_>]) -> Vec<Fault> {
    let mut known = Known::new(seen);
    let mut faults: Vec<Fault> = Vec::new();
    for (index, wave) in plan.waves().iter().enumerate() {
        let lists = [
            ("webhooks", wave.selector.webhooks.as_slice()),
            ("match.names", wave.selector.names()),
        ];
        for (key, list) in lists {
            for (at, entry) in list.iter().enumerate() {
                if known.has(entry) {
                    continue;
                }
                let what = match is_glob(entry) {
                    true => "a pattern that fits",
                    false => "the name of",
                };
                // Names are compared one by one: only for those that somebody reads.
                let near = match faults.len() < Faults::SHOWN {
                    true => nearest(entry, seen),
                    false => String::new(),
                };
                faults.push(plan.fault(
                    &format!("waves[{index}].{key}[{at}]"),
                    format!("{}, which no webhook has", ticked(entry)),
                    format!("{what} a webhook of this database{near}"),
                ));
            }
        }
        let matching = wave.selector.matching.as_ref();
        let ids = matching.and_then(|m| m.ids.as_ref());
        for (at, id) in ids.into_iter().flatten().enumerate() {
            if !known.has_id(*id) {
                faults.push(plan.fault(
                    &format!("waves[{index}].match.ids[{at}]"),
                    format!("{id}, which no webhook has"),
                    "the id of a webhook of this database".to_string(),
                ));
            }
        }
    }
    faults
}

/// A name in ticks, cut where it is long.
fn ticked(entry: &str) -> String {
    match entry.char_indices().nth(80) {
        Some((end, _)) => format!("`{}...`", &entry[..end]),
        None => format!("`{entry}`"),
    }
}

/// Whoever writes a long text did not mistype a name.
fn nearest(entry: &str, seen: &[Seen<'_>]) -> String {
    const LONGEST: usize = 100;
    if entry.len() > LONGEST {
        return String::new();
    }
    let names = seen.iter().map(|seen| seen.webhook.name.as_str());
    super::fault::did_you_mean(entry, names.filter(|name| name.len() <= 2 * LONGEST))
}
