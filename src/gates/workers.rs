//! `workers`: enough relays and workers per path, heard from lately, acknowledging.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    GateResult, Names, Verdict,
    errors::shorten,
    explain::{Explains, Told, trim},
    outlook::Remedy,
};
use crate::model::{Gate, GateLimits, duration::words, milliseconds};

/// A heartbeat of a relay or a worker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Beat {
    pub id: String,
    pub seen_at: DateTime<Utc>,
    pub last_error: Option<String>,
    /// Asked for only where the plan wants them stable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steady: Option<Steady>,
}

/// How a relay or a worker has been.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Steady {
    /// Since then nobody has missed its heartbeat.
    pub since: Option<DateTime<Utc>>,
    /// Memory now, and a minute after the start; relays and other systems than Linux do not tell.
    pub rss_bytes: Option<i64>,
    pub rss_settled: Option<i64>,
}

impl Steady {
    /// Twice what it was, and enough to matter.
    fn grown(&self) -> Option<(i64, i64)> {
        const MATTERS: i64 = 64 << 20;
        let (then, now) = (self.rss_settled?, self.rss_bytes?);
        (now / 2 >= then && now.saturating_sub(then) >= MATTERS).then_some((then, now))
    }
}

/// Everybody who said hello in the last hour and has not said goodbye.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Crew {
    pub relays: Vec<Beat>,
    pub nats: Vec<Beat>,
    pub queue: Vec<Beat>,
    /// Queue rows that somebody else finished in the last hour: a foreign queue worker is alive.
    pub foreign_queue: i64,
    /// The durable of the foreign NATS workers that deliver, and whether somebody reads it; none where ours deliver.
    pub foreign_nats: Option<(String, bool)>,
    /// What our NATS workers leave waiting, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
}

/// Messages that nobody has acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Unanswered {
    pub messages: u64,
    /// When the first of them came into the stream.
    pub since: Option<DateTime<Utc>>,
    /// When anything was acknowledged; the server does not always know.
    pub last_ack: Option<DateTime<Utc>>,
    /// Within this time a worker that works answers whatever it was given.
    pub ack_wait_ms: u64,
}

impl Unanswered {
    /// Nobody answers, for longer than anything takes.
    fn overdue(&self, now: DateTime<Utc>) -> Option<String> {
        let most = Duration::from_secs(self.ack_wait_ms);
        let age = |at: DateTime<Utc>| (now - at).to_std().ok().filter(|age| *age > most);
        let waits = age(self.since?)?;
        let last = match self.last_ack {
            Some(at) => format!("for {}", words(age(at)?)),
            None => "so far".to_string(),
        };
        Some(format!(
            "NATS workers have acknowledged nothing {last}; {} in the stream, the first for {}",
            if self.messages == 1 {
                "1 message waits".to_string()
            } else {
                format!("{} messages wait", self.messages)
            },
            words(waits)
        ))
    }
}

/// Whom a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needed {
    pub relays: u32,
    pub nats: u32,
    pub queue: u32,
    /// May a foreign queue worker be alive? Only while NATS delivers nothing that has a queue row.
    pub foreign_allowed: bool,
}

impl Needed {
    /// NATS workers and a relay; the queue workers too, while the queue may still hold something.
    pub fn forward(limits: &GateLimits, with_queue: bool) -> Self {
        Needed {
            relays: 1,
            nats: limits.nats_workers,
            queue: if with_queue { limits.queue_workers } else { 0 },
            foreign_allowed: true,
        }
    }

    /// Towards the queue, only its workers matter; one is enough to begin.
    pub fn back(limits: &GateLimits) -> Self {
        Needed {
            relays: 0,
            nats: 0,
            queue: limits.queue_workers.max(1),
            foreign_allowed: true,
        }
    }
}

/// Who was there, and who was wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Present {
    pub crew: Crew,
    pub needed: Needed,
    pub silent_after_ms: u64,
}

impl Present {
    /// Are too few relays or NATS workers there, whatever the queue's workers do?
    pub fn nats_lacks(&self, now: DateTime<Utc>) -> bool {
        let silent_after = Duration::from_millis(self.silent_after_ms);
        let alive = |beats: &[Beat]| beats.iter().filter(|b| heard(b, silent_after, now)).count();
        let foreign = self.crew.foreign_nats.as_ref();
        alive(&self.crew.relays) < self.needed.relays as usize
            || (alive(&self.crew.nats) < self.needed.nats as usize
                && !foreign.is_some_and(|(_, reads)| *reads))
    }
}

impl Explains for Present {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let silent = trim(self.silent_after_ms as f64 / 1000.0);
        let row = |role: &str, known: &[Beat], wanted: u32| {
            format!("{role}: {} known, {wanted} wanted", known.len())
        };
        let Present { crew, needed, .. } = self;
        Told::plain(
            format!(
                "Every relay and worker says by a sign of life every few seconds that it is there; one that is silent for {silent} s counts as gone. {}; {}; {}.",
                row("Relays", &crew.relays, needed.relays),
                row("NATS workers", &crew.nats, needed.nats),
                row("queue workers", &crew.queue, needed.queue)
            ),
            &format!(
                "pass: in each role, those heard from within {silent} s are at least those wanted"
            ),
            verdict,
        )
    }
}

pub fn verdict(crew: &Crew, needed: Needed, limits: &GateLimits, now: DateTime<Utc>) -> GateResult {
    let gate = &Gate::Workers;
    let silent_after = limits.worker_silent_after;
    let roles = [
        ("relay", &crew.relays, needed.relays, "wavegate relay"),
        (
            "NATS worker",
            &crew.nats,
            needed.nats,
            "wavegate worker --path nats",
        ),
        (
            "queue worker",
            &crew.queue,
            needed.queue,
            "wavegate worker --path queue",
        ),
    ];
    let inputs = Present {
        crew: crew.clone(),
        needed,
        silent_after_ms: milliseconds(silent_after),
    };
    let mut problems = Vec::new();
    let mut remedies = Vec::new();
    let mut alive_text = Vec::new();
    for (role, beats, wanted, command) in roles {
        let alive = beats.iter().filter(|b| heard(b, silent_after, now)).count();
        let foreign = match role {
            "queue worker" => crew.foreign_queue > 0,
            "NATS worker" => crew.foreign_nats.as_ref().is_some_and(|(_, reads)| *reads),
            _ => false,
        };
        if wanted == 0 {
            continue;
        }
        if alive >= wanted as usize || foreign {
            let who = if alive == 0 {
                "a foreign ".to_string()
            } else {
                format!("{alive} ")
            };
            alive_text.push(format!("{who}{role}{}", if alive > 1 { "s" } else { "" }));
            continue;
        }
        if let ("NATS worker", Some((durable, _))) = (role, &crew.foreign_nats) {
            problems.push(format!("nobody reads the consumer {durable}"));
            remedies.push("the foreign NATS workers".to_string());
            continue;
        }
        let silent: Vec<&Beat> = beats
            .iter()
            .filter(|b| !heard(b, silent_after, now))
            .collect();
        let mut problem = format!(
            "{alive} {role}{} alive, wanted {wanted}",
            if alive == 1 { "" } else { "s" }
        );
        if let Some(last) = silent.iter().max_by_key(|b| b.seen_at) {
            let age = (now - last.seen_at).num_seconds();
            problem.push_str(&match age {
                0.. => format!("; {} silent for {age} s", last.id),
                _ => format!(
                    "; {} last wrote {} s ahead of PostgreSQL's clock",
                    last.id, -age
                ),
            });
            if let Some(error) = &last.last_error {
                problem.push_str(&format!(": {}", shorten(error, 100)));
            }
        }
        problems.push(problem);
        remedies.push(format!("`{command}`"));
    }
    if !needed.foreign_allowed && crew.foreign_queue > 0 {
        problems.push(format!(
            "a foreign queue worker finished {} rows lately; with it only share 0 is allowed",
            crew.foreign_queue
        ));
        remedies.push("our queue workers and stop the foreign one".to_string());
    }
    let overdue = crew.unanswered.as_ref().filter(|_| needed.nats > 0);
    if problems.is_empty()
        && let Some(overdue) = overdue.and_then(|unanswered| unanswered.overdue(now))
    {
        return GateResult::inconclusive(
            gate,
            overdue,
            "look at the logs of the NATS workers, and restart them",
            inputs,
        );
    }
    let stable_for = limits.workers_stable_for.filter(|_| problems.is_empty());
    let unsteady: Vec<Unsteady> = stable_for.map_or(Vec::new(), |wanted| {
        roles
            .iter()
            .filter(|(_, _, number, _)| *number > 0)
            .filter_map(|(role, beats, number, _)| {
                let alive: Vec<&Beat> = beats
                    .iter()
                    .filter(|b| heard(b, silent_after, now))
                    .collect();
                // A foreign worker stands in: nobody sees its heartbeats.
                (alive.len() >= *number as usize)
                    .then(|| unsteady(role, &alive, *number, wanted, now))?
            })
            .collect()
    });
    if !unsteady.is_empty() {
        let reasons: Vec<&str> = unsteady.iter().map(|one| one.reason.as_str()).collect();
        let waits: Option<Vec<Duration>> = unsteady.iter().map(|one| one.wait).collect();
        let remedy = Remedy {
            words: "wait; if it goes on, look at that worker's log and memory, and restart it"
                .to_string(),
            wait: waits.and_then(|waits| waits.into_iter().max()),
        };
        return GateResult::inconclusive(gate, reasons.join("; "), remedy, inputs);
    }
    if problems.is_empty() {
        let stable = stable_for.map_or(String::new(), |wanted| {
            format!(", steady for {}", words(wanted))
        });
        return GateResult::pass(
            gate,
            format!(
                "{} heard from within {} s{stable}",
                alive_text.join(", "),
                silent_after.as_secs()
            ),
            inputs,
        );
    }
    GateResult::fail(
        gate,
        problems.join("; "),
        format!("start {}", remedies.join(" and ")),
        inputs,
    )
}

/// Why the workers of one role are not stable, and how long until they are, where time alone decides.
struct Unsteady {
    reason: String,
    wait: Option<Duration>,
}

/// What keeps the workers of one role from being stable, if anything.
fn unsteady(
    role: &str,
    alive: &[&Beat],
    number: u32,
    wanted: Duration,
    now: DateTime<Utc>,
) -> Option<Unsteady> {
    let age = |beat: &&Beat| {
        let since = beat.steady.as_ref().and_then(|steady| steady.since);
        since.map_or(Duration::ZERO, |since| {
            (now - since).to_std().unwrap_or_default()
        })
    };
    let mut ages: Vec<Duration> = alive.iter().map(age).collect();
    ages.sort_by(|a, b| b.cmp(a));
    let steady = ages.iter().filter(|age| **age >= wanted).count();
    if steady < number as usize {
        let last = ages.get(number as usize - 1);
        return Some(Unsteady {
            reason: format!(
                "{steady} {role}{} steady for {}, wanted {number}; the longest for {}",
                if steady == 1 { "" } else { "s" },
                words(wanted),
                words(ages.first().copied().unwrap_or_default())
            ),
            wait: last.map(|age| wanted.saturating_sub(*age)),
        });
    }
    alive.iter().find_map(|beat| {
        let (then, now) = beat.steady.as_ref()?.grown()?;
        let grown = format!("from {} to {} MB", then >> 20, now >> 20);
        Some(Unsteady {
            reason: format!("memory of {role} {} grew {grown}", beat.id),
            wait: None,
        })
    })
}

fn heard(beat: &Beat, silent_after: Duration, now: DateTime<Utc>) -> bool {
    // One that is written between now and the look is a little ahead. Further ahead, a clock was set back: nobody knows how old it is.
    (now - beat.seen_at)
        .abs()
        .to_std()
        .is_ok_and(|age| age <= silent_after)
}
