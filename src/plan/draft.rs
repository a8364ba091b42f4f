//! Writes a first plan from what a database holds: the guide's classes, a pilot, volumes and latencies as comments.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write,
    time::Duration,
};

use super::{
    selector::is_glob,
    words::{folded, normal, words_of},
};
use crate::model::{PublishMode, Webhook, grouped};

/// The guide's classes by whole words (step 3.1), in the order of their waves. Critical claims first.
const CLASSES: [Class; 5] = [
    Class {
        name: "test-dev",
        about: "Tests and development: little is lost when something is wrong.",
        words: &["test", "tests", "dev"],
        soak: "48h",
    },
    Class {
        name: "volume",
        about: "Not critical, high volume: the numbers come quickly.",
        words: &["analytics", "log", "logs"],
        soak: "4d",
    },
    Class {
        name: "standard",
        about: "What people notice within the day.",
        words: &["notification", "notifications", "email", "emails"],
        soak: "4d",
    },
    Class {
        name: "rest",
        about: "What no other wave asks for.",
        words: &[],
        soak: "6d",
    },
    Class {
        name: "critical",
        about: "What must not fail. Claims first: `payment_test` is a payment before it is a test.",
        words: &["payment", "payments", "critical", "alert", "alerts"],
        soak: "8d",
    },
];
const REST: usize = 3;
const CRITICAL: usize = 4;

/// Longer lists say nothing in a comment.
const LISTED: usize = 30;

struct Class {
    name: &'static str,
    about: &'static str,
    words: &'static [&'static str],
    soak: &'static str,
}

/// A plan as text, and what is in it.
#[derive(Debug, Clone)]
pub struct Draft {
    pub text: String,
    pub waves: Vec<DraftWave>,
}

/// A drafted wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftWave {
    pub name: String,
    /// The ids of its webhooks, rising.
    pub members: Vec<i32>,
    pub calls_7d: i64,
    /// Every webhook of it is switched off or had no call in seven days, and no role signs.
    pub nothing_to_judge: bool,
}

/// What a wave's own past advises, in place of what is drafted for any wave.
#[derive(Debug, Clone, Default)]
pub struct Advised {
    pub block: Option<Duration>,
    pub soak: Option<Duration>,
    /// A line each, for the comment.
    pub why: Vec<String>,
}

impl Advised {
    /// The wave's soak, in whole hours, and its own gates.
    fn settings(&self, soak: &str, gates: Option<&str>) -> String {
        let soak = match self.soak {
            Some(soak) => format!("{}h", soak.as_secs().div_ceil(3_600)),
            None => soak.to_string(),
        };
        let block = self
            .block
            .map(|block| format!("success: {{ block: {}s }}", block.as_secs().max(1)));
        let gates: Vec<&str> = gates.into_iter().chain(block.as_deref()).collect();
        match gates.is_empty() {
            true => format!("    soak: {soak}\n"),
            false => format!("    soak: {soak}\n    gates: {{ {} }}\n", gates.join(", ")),
        }
    }
}

/// A webhook with its class, and the tags that have put it there.
struct Classed<'w> {
    webhook: &'w Webhook,
    class: usize,
}

/// Drafts a plan that parses and covers every webhook, with what is advised by wave. `name` must be a plan's name.
pub fn draft(
    name: &str,
    stream: &str,
    webhooks: &[Webhook],
    advised: &BTreeMap<String, Advised>,
) -> Draft {
    let nothing = Advised::default();
    let advised = |wave: &str| advised.get(wave).unwrap_or(&nothing);
    let mut tags: [BTreeSet<String>; 5] = Default::default();
    let all: Vec<Classed<'_>> = webhooks
        .iter()
        .map(|webhook| Classed {
            webhook,
            class: class(webhook, &mut tags),
        })
        .collect();
    let pilot = pilot(&all);
    let mut classes: [Vec<&Webhook>; 5] = Default::default();
    for Classed { webhook, class } in &all {
        if pilot.is_none_or(|pilot| pilot.id != webhook.id) {
            classes[*class].push(webhook);
        }
    }
    let mut text = head(name, stream, webhooks);
    let mut waves = Vec::new();
    match pilot {
        Some(webhook) => {
            let about = "Not critical, and with more calls than any other: the first to move.";
            let advised = advised("pilot");
            let lines = format!(
                "  - name: pilot\n    webhooks: [{}]\n{}",
                quoted(&webhook.name),
                advised.settings("24h", Some("workers: { nats: 1 }"))
            );
            let of = Of {
                name: "pilot",
                about,
                why: &advised.why,
                signed: false,
            };
            waves.push(wave(&mut text, of, &lines, &[webhook]));
        }
        None => text.push_str("\n  # No pilot: no webhook with traffic is fit for it. Choose one and name it in a wave of its own:\n  # - { name: pilot, webhooks: [NAME], soak: 24h }\n"),
    }
    for ((class, members), tags) in CLASSES.iter().zip(&classes).zip(&tags) {
        let rest = class.words.is_empty();
        if members.is_empty() && !rest {
            continue;
        }
        let mut lines = format!("  - name: {}\n", class.name);
        if class.name == CLASSES[CRITICAL].name {
            lines.push_str("    claims_first: true\n");
        }
        let matching = if rest {
            "rest: true".to_string()
        } else {
            let words = class.words.join(", ");
            let own = tags
                .iter()
                .filter(|tag| !class.words.contains(&tag.as_str()));
            let tags: String = own.map(|tag| format!(", {}", quoted(tag))).collect();
            format!("words: [{words}], tags: [{words}{tags}]")
        };
        let advised = advised(class.name);
        let _ = write!(
            lines,
            "    match: {{ {matching} }}\n{}",
            advised.settings(class.soak, None)
        );
        if class.name == CLASSES[CRITICAL].name {
            lines.push_str("    shares: [0, 10, 25, 50, 100]\n    signoff: [operations, product]\n    confirm: typed\n");
        }
        let of = Of {
            name: class.name,
            about: class.about,
            why: &advised.why,
            signed: class.name == CLASSES[CRITICAL].name,
        };
        waves.push(wave(&mut text, of, &lines, members));
    }
    Draft { text, waves }
}

/// Non-critical, high-volume, enabled, still in the queue, and with a name that is its own and no pattern.
fn pilot<'w>(all: &[Classed<'w>]) -> Option<&'w Webhook> {
    let mut names: HashMap<String, usize> = HashMap::new();
    for one in all {
        *names.entry(normal(&one.webhook.name)).or_default() += 1;
    }
    all.iter()
        .filter(|one| one.class != CRITICAL)
        .map(|one| one.webhook)
        .filter(|webhook| {
            webhook.enabled && webhook.calls_7d > 0 && webhook.mode == PublishMode::Queue
        })
        .filter(|webhook| !webhook.name.is_empty() && !is_glob(&webhook.name))
        .filter(|webhook| names.get(&normal(&webhook.name)) == Some(&1))
        .max_by_key(|webhook| (webhook.calls_7d, std::cmp::Reverse(webhook.id)))
}

/// By the words of its name and of its tags; the tags that have such a word are added to those of their classes, since the plan
/// must name them to find them again.
fn class(webhook: &Webhook, tags: &mut [BTreeSet<String>; 5]) -> usize {
    let of = |words: &[String]| {
        let words: HashSet<&str> = words.iter().map(String::as_str).collect();
        let is = |class: &Class| class.words.iter().any(|word| words.contains(word));
        CLASSES.iter().map(is).collect::<Vec<bool>>()
    };
    let mut is = of(&words_of(&webhook.name));
    for tag in &webhook.tags {
        let mut words = words_of(tag);
        words.push(folded(tag));
        for (at, hit) in of(&words).into_iter().enumerate().filter(|(_, hit)| *hit) {
            is[at] |= hit;
            tags[at].insert(folded(tag));
        }
    }
    match is[CRITICAL] {
        true => CRITICAL,
        false => is.iter().position(|hit| *hit).unwrap_or(REST),
    }
}

fn head(name: &str, stream: &str, webhooks: &[Webhook]) -> String {
    let calls: i64 = webhooks.iter().map(|webhook| webhook.calls_7d).sum();
    format!(
        "# Drafted by `wavegate init` from {} webhooks with {} calls in the last 7 days.
# Read it, change it, then check it: wavegate plan THIS-FILE
# Names are matched by whole words: `latest_payment` is a payment and no test. Tags count like words.
version: 1
name: {name}

nats:
  config: default             # config_name in rule_nats_config
  stream: {}
  subject: \"webhooks.{{id}}\"    # {{id}} {{name}} {{tag}}; an id cannot collide, whatever the webhooks are called

promote: per_wave             # together: all waves go to hybrid mode first, then to NATS alone

defaults:
  soak: 48h                   # hybrid time of a wave, divided over its shares
  watch: 48h                  # in NATS alone, before the wave is finished
  shares: [0, 10, 50, 100]    # percent of the events that NATS delivers; at 0 it only shadows the queue
  takeover_after: 30s
  gates:
    parity: {{ horizon: 2m }}
    success: {{ margin: 1%, min_events: 100 }}
    latency: {{ ratio: 0.8, quantile: p95 }}
    errors: {{ max_per_minute: 10 }}
    workers: {{ nats: 2, queue: 1, silent_after: 30s }}
    backlog: {{ queue: 10000, stream: 1000, lag: 5s }}

waves:
",
        webhooks.len(),
        grouped(calls),
        quoted(stream),
    )
}

/// What is said of a wave.
struct Of<'a> {
    name: &'a str,
    about: &'a str,
    why: &'a [String],
    signed: bool,
}

/// A wave with its comment: what it is for, who is in it, the busiest first, and what its past advises.
fn wave(text: &mut String, of: Of<'_>, lines: &str, members: &[&Webhook]) -> DraftWave {
    let calls: i64 = members.iter().map(|webhook| webhook.calls_7d).sum();
    let webhooks = match members.len() {
        1 => "1 webhook".to_string(),
        n => format!("{n} webhooks"),
    };
    if !text.ends_with("waves:\n") {
        text.push('\n');
    }
    let _ = write!(
        text,
        "  # {}\n  # {webhooks}, {} calls in 7 days\n",
        of.about,
        grouped(calls)
    );
    let silent = |webhook: &&Webhook| !webhook.enabled || webhook.calls_7d == 0;
    let nothing_to_judge = !of.signed && !members.is_empty() && members.iter().all(silent);
    if nothing_to_judge {
        text.push_str("  # Nothing to judge: all are switched off or had no call. Join them to another wave, or name roles in `signoff`:\n  # else its gates stay inconclusive, and it goes no further than share 0.\n");
    }
    let mut sorted = members.to_vec();
    sorted.sort_by_key(|webhook| (std::cmp::Reverse(webhook.calls_7d), webhook.id));
    for webhook in sorted.iter().take(LISTED) {
        let _ = writeln!(text, "  #   {}", described(webhook));
    }
    if sorted.len() > LISTED {
        let _ = writeln!(text, "  #   and {} more", sorted.len() - LISTED);
    }
    for why in of.why {
        let _ = writeln!(text, "  # {why}");
    }
    text.push_str(lines);
    let mut ids: Vec<i32> = members.iter().map(|webhook| webhook.id).collect();
    ids.sort_unstable();
    DraftWave {
        name: of.name.to_string(),
        members: ids,
        calls_7d: calls,
        nothing_to_judge,
    }
}

/// One webhook in a comment: the figures of the guide's step 1.4.
fn described(webhook: &Webhook) -> String {
    let mut text = format!(
        "{} (id {}): {} calls",
        shown(&webhook.name),
        webhook.id,
        grouped(webhook.calls_7d)
    );
    if webhook.failed_7d > 0 && webhook.calls_7d > 0 {
        let percent = webhook.failed_7d as f64 * 100.0 / webhook.calls_7d as f64;
        let _ = write!(text, ", {percent:.1} % failed");
    }
    if let Some(latency) = webhook.mean_latency_ms {
        let _ = write!(text, ", {latency:.0} ms");
    }
    if !webhook.enabled {
        text.push_str(", switched off");
    }
    if webhook.mode != PublishMode::Queue {
        let _ = write!(text, ", already in mode {}", webhook.mode);
    }
    text
}

/// May this character stand in YAML as it is? Control characters and foreign line breaks may not.
fn plain(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// A name in a comment: on one line, whatever it holds.
fn shown(name: &str) -> String {
    name.chars()
        .map(|c| {
            if plain(c) {
                c.to_string()
            } else {
                c.escape_unicode().to_string()
            }
        })
        .collect()
}

/// A name as a YAML value: bare where that is safe, else in double quotes.
fn quoted(name: &str) -> String {
    let bare = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
            .contains(&name.to_lowercase().as_str());
    if bare {
        return name.to_string();
    }
    let mut text = String::from('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if plain(c) => text.push(c),
            c => _ = write!(text, "\\U{:08x}", u32::from(c)),
        }
    }
    text.push('"');
    text
}
