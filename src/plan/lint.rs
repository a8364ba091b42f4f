//! A plan held against the webhooks of a database: what cannot work (faults), and what an operator should know (hazards).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::{Fault, Membership, Plan, Wave, covers, selector};
use crate::model::{PublishMode, Webhook};

/// Something that works and may yet surprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    pub wave: Option<String>,
    pub found: String,
    pub remedy: String,
    /// The names of the webhooks it is about.
    pub webhooks: Vec<String>,
}

/// All that a plan's screen has to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    pub faults: Vec<Fault>,
    pub hazards: Vec<Hazard>,
}

/// What the webhooks are held against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// Subject filters of the plan's stream; `None` where they are not known yet.
    pub stream_subjects: Option<&'a [String]>,
    /// Waves of a migration under way that have left `pending`: their modes are our own work.
    pub begun: Option<&'a BTreeSet<String>>,
}

/// Holds the plan against the webhooks. A plan with faults must not be applied.
pub fn lint(
    plan: &Plan,
    membership: &Membership,
    webhooks: &[Webhook],
    around: Surroundings<'_>,
) -> Findings {
    let by_id: HashMap<i32, &Webhook> = webhooks
        .iter()
        .map(|webhook| (webhook.id, webhook))
        .collect();
    let mut lint = Lint {
        plan,
        around,
        findings: Findings {
            faults: membership.missing.clone(),
            hazards: Vec::new(),
        },
    };
    let mut moving: Vec<&Webhook> = Vec::new();
    for (wave, index) in plan.waves().iter().zip(0..) {
        let ids = membership
            .members
            .get(&wave.name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let members: Vec<&Webhook> = ids.iter().filter_map(|id| by_id.get(id).copied()).collect();
        if members.is_empty() {
            lint.empty(wave, index, membership);
        } else {
            lint.wave(wave, &members);
        }
        lint.near_misses(wave, webhooks, &members);
        moving.extend(members);
    }
    lint.subjects(&moving);
    if !membership.leftovers.is_empty() {
        let names = membership
            .leftovers
            .iter()
            .filter_map(|id| by_id.get(id))
            .map(|webhook| webhook.name.clone());
        let names: Vec<String> = names.collect();
        let found = match names.len() {
            1 => "1 webhook is in no wave and stays in the queue".to_string(),
            n => format!("{n} webhooks are in no wave and stay in the queue"),
        };
        lint.hazard(
            None,
            found,
            "add a wave with `match: { rest: true }`, unless it is meant so",
            names,
        );
    }
    lint.findings.faults.sort();
    lint.findings
}

struct Lint<'a> {
    plan: &'a Plan,
    around: Surroundings<'a>,
    findings: Findings,
}

impl Lint<'_> {
    fn hazard(&mut self, wave: Option<&Wave>, found: String, remedy: &str, webhooks: Vec<String>) {
        self.findings.hazards.push(Hazard {
            wave: wave.map(|wave| wave.name.clone()),
            found,
            remedy: remedy.to_string(),
            webhooks,
        });
    }

    /// A hazard of those members that it holds for, if any.
    fn about(
        &mut self,
        wave: &Wave,
        members: &[&Webhook],
        is: impl Fn(&Webhook) -> bool,
        what: &str,
        remedy: &str,
    ) {
        let names: Vec<String> = members
            .iter()
            .filter(|webhook| is(webhook))
            .map(|webhook| webhook.name.clone())
            .collect();
        if !names.is_empty() {
            self.hazard(Some(wave), format!("{} {what}", names.len()), remedy, names);
        }
    }

    fn empty(&mut self, wave: &Wave, index: usize, membership: &Membership) {
        if wave
            .selector
            .matching
            .as_ref()
            .is_some_and(|matching| matching.rest)
        {
            let found = "the rest is empty: other waves ask for every webhook".to_string();
            self.hazard(
                Some(wave),
                found,
                "nothing to do: the wave is passed over",
                Vec::new(),
            );
            return;
        }
        let lost: Vec<&str> = membership
            .overlaps
            .iter()
            .filter(|overlap| overlap.also.contains(&wave.name))
            .map(|overlap| overlap.wave.as_str())
            .collect();
        let found = match lost.first() {
            Some(other) => format!(
                "an empty wave: the {} that `{}` asks for belong to others, such as wave {other}",
                plural(lost.len(), "webhook"),
                wave.name
            ),
            None => format!(
                "an empty wave: no webhook of this database is what `{}` asks for",
                wave.name
            ),
        };
        let wanted =
            "at least one webhook; strike the wave, or change what it asks for".to_string();
        self.findings
            .faults
            .push(self.plan.fault(&format!("waves[{index}]"), found, wanted));
    }

    fn wave(&mut self, wave: &Wave, members: &[&Webhook]) {
        let remedy = "it moves along and counts in no gate; its undelivered events stay parked";
        self.about(
            wave,
            members,
            |webhook| !webhook.enabled,
            "switched off",
            remedy,
        );
        let idle = |webhook: &Webhook| webhook.enabled && webhook.calls_7d == 0;
        let remedy = "silence proves nothing: its gates stay inconclusive, and a sign-off decides";
        self.about(wave, members, idle, "without a call in 7 days", remedy);
        self.about(
            wave,
            members,
            |webhook| webhook.fenced,
            "fenced by an earlier rollback",
            "the flip lifts the fence as a step of its own",
        );
        let calls: i64 = members.iter().map(|webhook| webhook.calls_7d).sum();
        let expected = calls as f64 / 7.0 * wave.soak.as_secs_f64() / 86_400.0;
        if calls > 0 && expected < wave.limits.min_events as f64 {
            let found = format!(
                "some {expected:.0} events are to be expected in the soak, and {} are wanted",
                wave.limits.min_events
            );
            let remedy =
                "lengthen `soak`, or put it together with another wave; else a sign-off decides";
            self.hazard(Some(wave), found, remedy, Vec::new());
        }
        if self
            .around
            .begun
            .is_some_and(|begun| begun.contains(&wave.name))
        {
            return;
        }
        let moved = |webhook: &Webhook| webhook.mode != PublishMode::Queue;
        let remedy = "somebody has moved them by hand; the wave begins at its first share all the same, and a rollback restores what was found";
        self.about(
            wave,
            members,
            moved,
            "already out of the queue (both or nats)",
            remedy,
        );
        let plan = self.plan;
        let other = |webhook: &Webhook| {
            let own = plan.nats().subject.render(webhook).ok();
            webhook.subject.is_some() && own.is_some() && webhook.subject != own
        };
        let remedy =
            "the flip replaces it by the plan's; workers that filter by the old subject must know";
        self.about(
            wave,
            members,
            other,
            "with another subject than the plan's",
            remedy,
        );
    }

    /// Waves that claim first guard what is precious: whoever fulfils one of its conditions and not all is worth a look.
    fn near_misses(&mut self, wave: &Wave, webhooks: &[Webhook], members: &[&Webhook]) {
        let Some(matching) = wave
            .selector
            .matching
            .as_ref()
            .filter(|_| wave.claims_first)
        else {
            return;
        };
        let word = |webhook: &Webhook| {
            matching
                .words
                .as_ref()
                .is_some_and(|words| selector::has_word(words, webhook))
        };
        let tag = |webhook: &Webhook| {
            matching
                .tags
                .as_ref()
                .is_some_and(|tags| selector::has_tag(tags, webhook))
        };
        let own: BTreeSet<i32> = members.iter().map(|webhook| webhook.id).collect();
        let names: Vec<String> = webhooks
            .iter()
            .filter(|webhook| !own.contains(&webhook.id) && (word(webhook) || tag(webhook)))
            .map(|webhook| webhook.name.clone())
            .collect();
        if !names.is_empty() {
            let found = format!("{} with its words or tags in other waves", names.len());
            let remedy = "all conditions of a `match` must hold; split the wave into one by words and one by tags if these belong to it";
            self.hazard(Some(wave), found, remedy, names);
        }
    }

    fn subjects(&mut self, moving: &[&Webhook]) {
        let template = &self.plan.nats().subject;
        let mut taken: BTreeMap<String, Vec<(&Webhook, String)>> = BTreeMap::new();
        let mut faults = Vec::new();
        let wanted = |what: &str| format!("{what}; `webhooks.{{id}}` always works");
        for webhook in moving {
            let who = format!("webhook {} ({:?})", webhook.id, cut(&webhook.name));
            let subject = match template.render(webhook) {
                Ok(subject) => subject,
                Err(why) => {
                    let found = format!("no subject for {who}: {why}");
                    faults.push(self.plan.fault(
                        "nats.subject",
                        found,
                        wanted("tokens that NATS takes"),
                    ));
                    continue;
                }
            };
            let filters = self.around.stream_subjects.unwrap_or_default();
            if self.around.stream_subjects.is_some()
                && !filters.iter().any(|filter| covers(filter, &subject))
            {
                let found = format!(
                    "the subject `{subject}` of {who}, outside of stream {}",
                    self.plan.nats().stream
                );
                let wanted = format!("a subject that the stream takes in: {}", filters.join(", "));
                faults.push(self.plan.fault("nats.subject", found, wanted));
            }
            taken
                .entry(subject.to_lowercase())
                .or_default()
                .push((webhook, subject));
        }
        for sharers in taken.values().filter(|sharers| sharers.len() > 1) {
            let who: Vec<String> = sharers
                .iter()
                .take(3)
                .map(|(webhook, subject)| format!("{} (`{subject}`)", webhook.id))
                .collect();
            let more = sharers.len() - who.len();
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let found = format!(
                "one subject, but for its case, for the webhooks {}{more}",
                who.join(", ")
            );
            faults.push(self.plan.fault(
                "nats.subject",
                found,
                wanted("a subject of its own for each webhook"),
            ));
        }
        self.findings.faults.extend(faults);
    }
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_string(),
    }
}

fn plural(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}
