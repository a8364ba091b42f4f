//! Which webhook belongs to which wave: each to one at most, or to none.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Fault, Plan, Wave,
    selector::{is_glob, named},
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

/// How strongly a wave claims a webhook: less is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    Name,
    NameGlob,
    ClaimsFirst,
    Match,
    Rest,
}

/// Distributes the webhooks. Names beat globs, globs beat matches, then `claims_first`, then the order of the plan;
/// `rest` takes only what nobody else asked for.
pub fn membership(plan: &Plan, webhooks: &[Webhook]) -> Membership {
    let mut answer = Membership {
        missing: missing(plan, webhooks),
        ..Membership::default()
    };
    for wave in plan.waves() {
        answer.members.insert(wave.name.clone(), Vec::new());
    }
    let mut sorted: Vec<&Webhook> = webhooks.iter().collect();
    sorted.sort_by_key(|webhook| webhook.id);
    for webhook in sorted {
        let mut claims: Vec<(Claim, i32, &Wave)> = plan
            .waves()
            .iter()
            .filter_map(|wave| Some((claim(wave, webhook)?, wave.position, wave)))
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

fn claim(wave: &Wave, webhook: &Webhook) -> Option<Claim> {
    let selector = &wave.selector;
    if selector.webhooks.contains(&webhook.name) {
        return Some(Claim::Name);
    }
    if selector
        .webhooks
        .iter()
        .any(|entry| named(entry, &webhook.name))
    {
        return Some(Claim::NameGlob);
    }
    let matching = selector.matching.as_ref()?;
    match (matching.holds(webhook), matching.rest, wave.claims_first) {
        (false, _, _) => None,
        (true, true, _) => Some(Claim::Rest),
        (true, false, true) => Some(Claim::ClaimsFirst),
        (true, false, false) => Some(Claim::Match),
    }
}

fn missing(plan: &Plan, webhooks: &[Webhook]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, wave) in plan.waves().iter().enumerate() {
        let matching = wave.selector.matching.as_ref();
        let names = matching.and_then(|m| m.names.as_ref());
        let lists = [
            ("webhooks", Some(&wave.selector.webhooks)),
            ("match.names", names),
        ];
        for (key, list) in lists {
            for (at, entry) in list.into_iter().flatten().enumerate() {
                if webhooks.iter().any(|webhook| named(entry, &webhook.name)) {
                    continue;
                }
                let what = if is_glob(entry) {
                    "a pattern that fits"
                } else {
                    "the name of"
                };
                faults.push(plan.fault(
                    &format!("waves[{index}].{key}[{at}]"),
                    format!("`{entry}`, which no webhook has"),
                    format!(
                        "{what} a webhook of this database{}",
                        nearest(entry, webhooks)
                    ),
                ));
            }
        }
        let ids = matching.and_then(|m| m.ids.as_ref());
        for (at, id) in ids.into_iter().flatten().enumerate() {
            if webhooks.iter().all(|webhook| webhook.id != *id) {
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

fn nearest(entry: &str, webhooks: &[Webhook]) -> String {
    super::fault::did_you_mean(entry, webhooks.iter().map(|webhook| webhook.name.as_str()))
}
