//! Emitted against received, by event id, at the receiver. Pure.
//!
//! Two answers of 2xx to one event are a duplicate. The one excuse is the documented ambiguity: a worker that was killed while it held
//! the event, at most one for each such kill. Errors and unanswered calls that were tried again are retries.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::receiver::Record;
use crate::model::WaveAudit;

/// A committed call, with what the database says of its end.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Emitted {
    pub event_id: String,
    pub wave: String,
    /// Of the wave in the plan.
    pub position: i32,
    pub dead: bool,
    /// In words.
    pub state: String,
}

/// The events that each killed worker held when it was killed.
pub type Held = Vec<HashSet<String>>;

/// What the comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// In the order of the plan.
    pub waves: Vec<WaveAudit>,
    /// A few ids for each finding, in words.
    pub examples: Vec<String>,
}

/// The row of events that belong to no committed call.
const NOWHERE: &str = "never committed";
/// So many examples of each kind.
const EXAMPLES: usize = 3;

/// Compares.
pub fn compare(
    emitted: &[Emitted],
    record: &Record,
    killed: &Held,
    rolled_back: &HashSet<String>,
) -> Audit {
    let mut waves: BTreeMap<(i32, &str), WaveAudit> = BTreeMap::new();
    let mut examples = Examples::default();
    let mut known: HashSet<&str> = HashSet::new();
    for event in emitted {
        let wave = waves
            .entry((event.position, &event.wave))
            .or_insert_with(|| WaveAudit {
                wave: event.wave.clone(),
                ..WaveAudit::default()
            });
        wave.emitted += 1;
        if !known.insert(&event.event_id) {
            // Two calls that share an id would hide one another.
            wave.lost += 1;
            examples.add("two calls, one id", &event.event_id, &event.state);
            continue;
        }
        let hits = record.get(&event.event_id).map_or(&[][..], Vec::as_slice);
        let good = hits
            .iter()
            .filter(|hit| {
                hit.status
                    .is_some_and(|status| (200..300).contains(&status))
            })
            .count() as u64;
        let kills = killed
            .iter()
            .filter(|held| held.contains(&event.event_id))
            .count() as u64;
        match (good, event.dead) {
            (0, true) => {
                wave.dead += 1;
                examples.add("dead", &event.event_id, &event.state);
            }
            (0, false) => {
                wave.lost += 1;
                examples.add("lost", &event.event_id, &event.state);
            }
            (good, _) => {
                wave.delivered += 1;
                let unanswered = hits.iter().filter(|hit| hit.status.is_none()).count() as u64;
                let again = good - 1;
                // A call that the killed worker had sent and the endpoint had not answered yet counts, too.
                let ambiguous = (again + unanswered).min(kills);
                wave.ambiguous += ambiguous;
                let unexcused = again.saturating_sub(kills);
                if unexcused > 0 {
                    wave.duplicated += unexcused;
                    let when: Vec<String> = hits
                        .iter()
                        .map(|hit| {
                            let path = if hit.through_nats { "nats" } else { "queue" };
                            let status = hit.status.map_or("-".to_string(), |s| s.to_string());
                            format!("{:.3} s {path} {status}", hit.at.as_secs_f64())
                        })
                        .collect();
                    let what = format!("{}; received {}", event.state, when.join(", "));
                    examples.add("duplicated", &event.event_id, &what);
                }
                wave.retried +=
                    (hits.len() as u64 - good).saturating_sub(ambiguous.saturating_sub(again));
            }
        }
    }
    let ghosts: Vec<&String> = record
        .keys()
        .filter(|id| !known.contains(id.as_str()))
        .collect();
    if !ghosts.is_empty() {
        for id in &ghosts {
            let why = if rolled_back.contains(*id) {
                "its caller rolled back"
            } else {
                "no call has this id"
            };
            examples.add("ghost", id, why);
        }
        waves.insert(
            (i32::MAX, NOWHERE),
            WaveAudit {
                wave: NOWHERE.to_string(),
                ghosts: ghosts.len() as u64,
                ..WaveAudit::default()
            },
        );
    }
    Audit {
        waves: waves.into_values().collect(),
        examples: examples.lines,
    }
}

#[derive(Default)]
struct Examples {
    lines: Vec<String>,
    counts: HashMap<&'static str, usize>,
}

impl Examples {
    fn add(&mut self, kind: &'static str, id: &str, what: &str) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= EXAMPLES {
            self.lines.push(format!("{kind}: {id} ({what})"));
        }
    }
}
