//! Subjects, token by token: those of the plan, and those that somebody set by hand.

use std::collections::BTreeMap;

use super::{Scene, census, in_order};
use crate::{gates::Finding, plan};

/// The subject of every webhook of the plan: valid, in the stream, nobody else's.
pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let check = "subjects";
    let wanted = "valid, unique, in the stream";
    let webhooks = match &scene.webhooks {
        Ok(webhooks) => webhooks,
        Err(why) => return scene.unknown(check, why),
    };
    let filters = match (&scene.stream, &scene.wanted) {
        (Ok(Some(live)), _) => &live.definition.subjects,
        (_, Ok(wanted)) => &wanted.subjects,
        (_, Err(why)) => return scene.unknown(check, why),
    };
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut bad = Vec::new();
    for webhook in webhooks {
        match scene.inputs.plan.nats().subject.render(webhook) {
            Err(why) => bad.push(format!("{}: {why}", webhook.name)),
            Ok(subject) => {
                if !filters.iter().any(|f| plan::covers(f, &subject)) {
                    bad.push(format!("{subject} is not in the stream"));
                }
                owners.entry(subject).or_default().push(&webhook.name);
            }
        }
        // What a webhook publishes to today, where somebody set it by hand.
        let own = webhook.subject.as_deref();
        if let Some(why) = own.and_then(flaw) {
            bad.push(format!("{} has a subject {why}", webhook.name));
        } else if let Some(own) = own
            && !filters.iter().any(|f| plan::covers(f, own))
        {
            bad.push(format!(
                "{} publishes to {own}, which is not in the stream",
                webhook.name
            ));
        }
    }
    for (subject, names) in owners.iter().filter(|(_, names)| names.len() > 1) {
        bad.push(format!("{} share {subject}", names.join(" and ")));
    }
    let total = bad.len();
    in_order(
        census(check, &bad, wanted, |found| {
            Finding::block(
                check,
                format!("{total} faults: {found}"),
                wanted,
                "choose another nats.subject in the plan, such as webhooks.{id}, or add the subject to the stream",
            )
        }),
        format!("{} subjects in order", owners.len()),
    )
}

/// NATS takes `*` and `>` for literals when publishing, and no consumer ever matches them then.
fn flaw(subject: &str) -> Option<&'static str> {
    if subject.split('.').any(str::is_empty) {
        Some("with an empty token")
    } else if subject.contains(['*', '>']) {
        Some("with a wildcard")
    } else if subject.contains(char::is_whitespace) {
        Some("with a space")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_of_subjects() {
        assert_eq!(flaw("webhooks.7"), None);
        assert_eq!(flaw("webhooks..x"), Some("with an empty token"));
        assert_eq!(flaw("webhooks.*"), Some("with a wildcard"));
        assert_eq!(flaw("webhooks.a b"), Some("with a space"));
    }
}
