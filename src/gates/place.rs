//! Is everything in place and equal to its definition: `schema`, `stream`, `consumer`, `subjects`, and `headroom` in the stream.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    GateResult, Names, Verdict,
    explain::{Explains, Told, trim},
};
use crate::model::{Difference, Gate, Webhook, counted, grouped};

/// Everything that is not as defined.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    pub differences: Vec<String>,
}

impl Explains for Differences {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let differences = self.differences.len();
        let found = match differences {
            0 => "Everything was compared with its definition, and nothing differs.".to_string(),
            1 => "Everything was compared with its definition; one thing differs.".to_string(),
            many => format!("Everything was compared with its definition; {many} things differ."),
        };
        let formula = format!("pass: no difference; found {differences}");
        Told::plain(found, &formula, verdict)
    }
}

/// A census of differences: none passes, one fails.
pub fn verdict(gate: &Gate, differences: &[String], in_place: &str, remedy: &str) -> GateResult {
    let inputs = Differences {
        differences: differences.to_vec(),
    };
    match differences {
        [] => GateResult::pass(gate, in_place, inputs),
        [one] => GateResult::fail(gate, one, remedy, inputs),
        [first, rest @ ..] => GateResult::fail(
            gate,
            format!(
                "{} differences; {first}; {} more",
                differences.len(),
                rest.len()
            ),
            remedy,
            inputs,
        ),
    }
}

/// Objects of migration 007 that differ: each as it is named, is found, and is wanted.
pub fn schema<'a>(differences: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> GateResult {
    verdict(
        &Gate::Schema,
        &differences
            .map(|(object, found, wanted)| format!("{object} is {found}, wanted {wanted}"))
            .collect::<Vec<_>>(),
        "migration 007 is in place",
        "run `wavegate schema status`, then `wavegate schema apply`",
    )
}

/// What the live stream has otherwise than defined.
#[derive(Debug, Clone)]
pub struct FoundStream {
    pub differences: Vec<Difference>,
    /// A mirror, or sealed.
    pub read_only: bool,
}

/// `live`: none where there is no such stream.
pub fn stream(name: &str, live: Option<&FoundStream>) -> GateResult {
    let differences = match live {
        None => vec![format!("there is no stream {name}")],
        Some(live) => {
            let read_only = live.read_only;
            let read_only = read_only.then(|| "it is a mirror or sealed".to_string());
            live.differences
                .iter()
                .map(words)
                .chain(read_only)
                .collect()
        }
    };
    verdict(
        &Gate::Stream,
        &differences,
        &format!("stream {name} is as defined"),
        "run `wavegate stream ensure`",
    )
}

/// `differences`: none where there is no such consumer. `independent`: it is that of foreign workers.
pub fn consumer(name: &str, differences: Option<&[Difference]>, independent: bool) -> GateResult {
    let differences = match differences {
        None if independent => vec!["the consumer of the foreign workers is missing".to_string()],
        None => vec![format!("there is no consumer {name}")],
        Some(differences) => differences
            .iter()
            // How long a foreign worker may take is its operator's business.
            .filter(|d| !independent || !d.in_place || d.field == "max_deliver")
            .map(words)
            .collect(),
    };
    verdict(
        &Gate::Consumer,
        &differences,
        &format!("consumer {name} is as defined"),
        "run `wavegate stream ensure`",
    )
}

fn words(difference: &Difference) -> String {
    let Difference {
        field,
        found,
        wanted,
        ..
    } = difference;
    format!("{field} is {found}, wanted {wanted}")
}

/// A webhook of the database, with the subject that it will publish to, or why there is none.
#[derive(Debug, Clone)]
pub struct SubjectOwner<'a> {
    pub webhook: &'a Webhook,
    /// Of this wave.
    pub own: bool,
    pub subject: Result<String, String>,
}

/// Is every subject of the wave valid, in the stream (`taken`), and no other webhook's?
pub fn subjects(all: &[SubjectOwner<'_>], taken: impl Fn(&str) -> bool) -> GateResult {
    let mut owners = BTreeMap::<&str, Vec<&SubjectOwner<'_>>>::new();
    let mut differences = Vec::new();
    for one in all {
        let webhook = one.webhook;
        match &one.subject {
            Ok(subject) => {
                if one.own && webhook.enabled && !taken(subject) {
                    let name = named(webhook);
                    differences.push(format!("{subject} of {name} is not in the stream"));
                }
                owners.entry(subject).or_default().push(one);
            }
            Err(why) if one.own => differences.push(format!("{}: {why}", named(webhook))),
            Err(_) => {}
        }
    }
    for (subject, owners) in owners {
        if owners.len() > 1 && owners.iter().any(|one| one.own) {
            let names: Vec<String> = owners.iter().map(|one| named(one.webhook)).collect();
            let names = names.join(" and ");
            differences.push(format!("webhooks {names} share the subject {subject}"));
        }
    }
    let own = all.iter().filter(|one| one.own).count();
    verdict(
        &Gate::Subjects,
        &differences,
        &format!("{}, unique and in the stream", counted(own, "subject")),
        "choose another nats.subject in the plan, such as webhooks.{id}, or add the subject to the stream",
    )
}

fn named(webhook: &Webhook) -> String {
    format!("{} ({})", webhook.name, webhook.id)
}

/// Limits of the live stream and what flows into it. A limit of zero or less is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headroom {
    pub max_messages: i64,
    pub max_bytes: i64,
    pub messages: u64,
    pub bytes: u64,
    /// Not yet acknowledged by the consumer.
    pub pending: u64,
    /// Events of the wave per hour, measured since the step began.
    pub events_per_hour: f64,
}

impl Explains for Headroom {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        Told::plain(
            format!(
                "The stream takes {} messages and {} bytes (0 or less: no limit); {} wait to be read, and {} events come in an hour.",
                grouped(self.max_messages),
                grouped(self.max_bytes),
                grouped(i64::try_from(self.pending).unwrap_or(i64::MAX)),
                trim(self.events_per_hour.round())
            ),
            "pass: (limit - waiting) / events per hour is at least 1 h, by messages and by bytes",
            verdict,
        )
    }
}

/// The stream must hold at least this many hours of unread traffic.
pub const HEADROOM_HOURS: f64 = 1.0;

/// How long may the workers be away before the stream is full of unread messages?
pub fn headroom(room: &Headroom) -> GateResult {
    let gate = &Gate::Headroom;
    let inputs = *room;
    if room.max_messages <= 0 && room.max_bytes <= 0 {
        return GateResult::pass(gate, "the stream has no limit of messages or bytes", inputs);
    }
    if room.events_per_hour <= 0.0 {
        return GateResult::inconclusive(
            gate,
            "no traffic measured in this step, so the need for room is unknown",
            "wait for events",
            inputs,
        );
    }
    // Without a message in the stream their size is unknown; then only the count decides.
    let size = (room.messages > 0).then(|| room.bytes as f64 / room.messages as f64);
    let by_count = (room.max_messages > 0)
        .then(|| (room.max_messages as f64 - room.pending as f64) / room.events_per_hour);
    let by_bytes = match size {
        Some(size) if room.max_bytes > 0 && size > 0.0 => {
            Some((room.max_bytes as f64 / size - room.pending as f64) / room.events_per_hour)
        }
        _ => None,
    };
    let Some(hours) = [by_count, by_bytes].into_iter().flatten().reduce(f64::min) else {
        return GateResult::inconclusive(
            gate,
            "the stream is limited in bytes and holds no message to measure",
            "wait for events",
            inputs,
        );
    };
    let reason = format!(
        "room for {hours:.1} h of unread events at {:.0} events/h; wanted {HEADROOM_HOURS:.0} h",
        room.events_per_hour
    );
    if hours >= HEADROOM_HOURS {
        GateResult::pass(gate, reason, inputs)
    } else {
        GateResult::fail(
            gate,
            reason,
            "raise max_messages and max_bytes in rule_nats_streams, then `wavegate stream ensure`",
            inputs,
        )
    }
}
