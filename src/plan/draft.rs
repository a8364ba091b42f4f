//! Writes a first plan from what a database holds: the guide's classes, a pilot, volumes and latencies as comments.

use std::fmt::Write;

use super::words_of;
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
    /// Name, webhooks and calls in seven days of every wave.
    pub waves: Vec<(String, usize, i64)>,
}

/// Drafts a plan that parses and covers every webhook. `name` must be a plan's name.
pub fn draft(name: &str, stream: &str, webhooks: &[Webhook]) -> Draft {
    let pilot = pilot(webhooks);
    let mut classes: [Vec<&Webhook>; 5] = Default::default();
    for webhook in webhooks
        .iter()
        .filter(|webhook| pilot.is_none_or(|pilot| pilot.id != webhook.id))
    {
        classes[class(webhook)].push(webhook);
    }
    let mut text = head(name, stream, webhooks);
    let mut waves = Vec::new();
    match pilot {
        Some(webhook) => {
            let about = "Not critical, and with more calls than any other: the first to move.";
            let lines = format!("  - name: pilot\n    webhooks: [{}]\n    soak: 24h\n    gates: {{ workers: {{ nats: 1 }} }}\n", quoted(&webhook.name));
            waves.push(wave(&mut text, "pilot", about, &lines, &[webhook]));
        }
        None => text.push_str("\n  # No pilot: no webhook with traffic is fit for it. Choose one and name it in a wave of its own:\n  # - { name: pilot, webhooks: [NAME], soak: 24h }\n"),
    }
    for (class, members) in CLASSES.iter().zip(&classes) {
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
            format!("words: [{}]", class.words.join(", "))
        };
        let _ = write!(
            lines,
            "    match: {{ {matching} }}\n    soak: {}\n",
            class.soak
        );
        if class.name == CLASSES[CRITICAL].name {
            lines.push_str("    shares: [0, 10, 25, 50, 100]\n    signoff: [operations, product]\n    confirm: typed\n");
        }
        waves.push(wave(&mut text, class.name, class.about, &lines, members));
    }
    Draft { text, waves }
}

/// Non-critical, high-volume, enabled, still in the queue, and with a name that is no pattern.
fn pilot(webhooks: &[Webhook]) -> Option<&Webhook> {
    webhooks
        .iter()
        .filter(|webhook| {
            webhook.enabled && webhook.calls_7d > 0 && webhook.mode == PublishMode::Queue
        })
        .filter(|webhook| class(webhook) != CRITICAL)
        .filter(|webhook| !webhook.name.is_empty() && !webhook.name.contains(['*', '?']))
        .max_by_key(|webhook| (webhook.calls_7d, std::cmp::Reverse(webhook.id)))
}

fn class(webhook: &Webhook) -> usize {
    let words = words_of(&webhook.name);
    let is = |class: &Class| {
        class
            .words
            .iter()
            .any(|word| words.iter().any(|own| own == word))
    };
    if is(&CLASSES[CRITICAL]) {
        return CRITICAL;
    }
    CLASSES.iter().position(is).unwrap_or(REST)
}

fn head(name: &str, stream: &str, webhooks: &[Webhook]) -> String {
    let calls: i64 = webhooks.iter().map(|webhook| webhook.calls_7d).sum();
    format!(
        "# Drafted by `wavegate init` from {} webhooks with {} calls in the last 7 days.
# Read it, change it, then check it: wavegate plan THIS-FILE
# Names are matched by whole words: `latest_payment` is a payment and no test.
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

/// A wave with its comment: what it is for, and who is in it, the busiest first.
fn wave(
    text: &mut String,
    name: &str,
    about: &str,
    lines: &str,
    members: &[&Webhook],
) -> (String, usize, i64) {
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
        "  # {about}\n  # {webhooks}, {} calls in 7 days\n",
        grouped(calls)
    );
    let mut sorted = members.to_vec();
    sorted.sort_by_key(|webhook| (std::cmp::Reverse(webhook.calls_7d), webhook.id));
    for webhook in sorted.iter().take(LISTED) {
        let _ = writeln!(text, "  #   {}", described(webhook));
    }
    if sorted.len() > LISTED {
        let _ = writeln!(text, "  #   and {} more", sorted.len() - LISTED);
    }
    text.push_str(lines);
    (name.to_string(), members.len(), calls)
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
