//! A plan held against the webhooks of a database: what cannot work (faults), and what an operator should know (hazards).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::{Faults, Membership, Plan, Wave, covers};
use crate::model::{PublishMode, Webhook, counted};

/// Something that works and may yet surprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The waves it is about; none where it is about the whole plan.
    pub waves: Vec<String>,
    pub found: String,
    pub remedy: String,
    /// The names of the webhooks it is about.
    pub webhooks: Vec<String>,
}

/// All that a plan's screen has to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    pub faults: Faults,
    pub hazards: Vec<Hazard>,
}

/// What the webhooks are held against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// Subject filters of the plan's stream; `None` where they are not known yet.
    pub stream_subjects: Option<&'a [String]>,
    /// The rows of `rule_nats_config`; `None` where they are not known yet.
    pub configs: Option<&'a [String]>,
    /// Waves that have left `pending`, so that their modes are our own work; `None` before a migration begins.
    pub begun: Option<&'a BTreeSet<String>>,
    /// The selectors of all other waves are asked anew.
    pub amends: bool,
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
            faults: Faults::default(),
            hazards: Vec::new(),
        },
    };
    lint.findings.faults.extend(membership.missing.clone());
    lint.config();
    let mut populated: Vec<Populated<'_>> = Vec::new();
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
            populated.push((wave, members));
        }
    }
    lint.members(&populated);
    lint.subjects(&populated);
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
            Vec::new(),
            found,
            "add a wave with `match: { rest: true }`, unless it is meant so",
            names,
        );
    }
    lint.findings.faults = lint.findings.faults.sorted();
    lint.findings
}

/// A wave with its members.
type Populated<'a> = (&'a Wave, Vec<&'a Webhook>);

struct Lint<'a> {
    plan: &'a Plan,
    around: Surroundings<'a>,
    findings: Findings,
}

impl Lint<'_> {
    fn hazard(&mut self, waves: Vec<String>, found: String, remedy: &str, webhooks: Vec<String>) {
        self.findings.hazards.push(Hazard {
            waves,
            found,
            remedy: remedy.to_string(),
            webhooks,
        });
    }

    /// One hazard for all members, of whichever wave, that it holds for.
    fn about(
        &mut self,
        waves: &[Populated<'_>],
        what: &str,
        remedy: &str,
        is: impl Fn(&Webhook) -> bool,
    ) {
        let mut names = Vec::new();
        let mut touched = Vec::new();
        for (wave, members) in waves {
            let before = names.len();
            names.extend(
                members
                    .iter()
                    .filter(|webhook| is(webhook))
                    .map(|webhook| webhook.name.clone()),
            );
            if names.len() > before {
                touched.push(wave.name.clone());
            }
        }
        if !names.is_empty() {
            self.hazard(
                touched,
                format!("{} {what}", counted(names.len(), "webhook")),
                remedy,
                names,
            );
        }
    }

    fn config(&mut self) {
        let config = &self.plan.nats().config;
        let Some(known) = self.around.configs.filter(|known| !known.contains(config)) else {
            return;
        };
        let near = super::fault::did_you_mean(config, known.iter().map(String::as_str));
        let wanted = match known.is_empty() {
            true => "a row of rule_nats_config, which has none; rule_nats_configure makes one"
                .to_string(),
            false => format!("one of {}{near}", known.join(", ")),
        };
        let found = format!("`{config}`, which rule_nats_config does not have");
        let fault = self.plan.fault("nats.config", found, wanted);
        self.findings.faults.push(fault);
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
                vec![wave.name.clone()],
                found,
                "nothing to do: the wave is passed over",
                Vec::new(),
            );
            return;
        }
        let fixed = |begun: &BTreeSet<String>| !self.around.amends || begun.contains(&wave.name);
        if self.around.begun.is_some_and(fixed) {
            let found = format!(
                "the webhooks of {} have been deleted since the start",
                wave.name
            );
            self.hazard(
                vec![wave.name.clone()],
                found,
                "nothing to do: the wave is passed over",
                Vec::new(),
            );
            return;
        }
        let path = format!("waves[{index}]");
        if membership
            .missing
            .iter()
            .any(|fault| fault.path.starts_with(&format!("{path}.")))
        {
            // It is empty since its webhooks are missing, which was said.
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
                counted(lost.len(), "webhook"),
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
            .push(self.plan.fault(&path, found, wanted));
    }

    fn members(&mut self, waves: &[Populated<'_>]) {
        let remedy = "they move along and count in no gate; their undelivered events stay parked";
        self.about(waves, "switched off", remedy, |webhook| !webhook.enabled);
        let remedy =
            "silence proves nothing: their gates stay inconclusive, and a sign-off decides";
        self.about(waves, "without a call in 7 days", remedy, |webhook| {
            webhook.enabled && webhook.calls_7d == 0
        });
        let remedy = "the flip lifts the fence as a step of its own";
        self.about(waves, "fenced by an earlier rollback", remedy, |webhook| {
            webhook.fenced
        });
        self.nothing_to_judge(waves);
        self.too_few(waves);
        let (plan, begun) = (self.plan, self.around.begun);
        let untouched: Vec<Populated<'_>> = waves
            .iter()
            .filter(|(wave, _)| begun.is_none_or(|begun| !begun.contains(&wave.name)))
            .cloned()
            .collect();
        let remedy = "somebody has moved them by hand; their wave begins at its first share all the same, and a rollback restores what was found";
        self.about(
            &untouched,
            "already out of the queue (both or nats)",
            remedy,
            |webhook| webhook.mode != PublishMode::Queue,
        );
        let other = |webhook: &Webhook| {
            let own = plan.nats().subject.render(webhook).ok();
            webhook.subject.is_some() && own.is_some() && webhook.subject != own
        };
        let remedy =
            "the flip replaces it by the plan's; workers that filter by the old subject must know";
        self.about(
            &untouched,
            "with another subject than the plan's",
            remedy,
            other,
        );
    }

    /// Waves whose gates will see no event at all, so that only people can say that they may go on.
    fn nothing_to_judge(&mut self, waves: &[Populated<'_>]) {
        let silent = |member: &&Webhook| !member.enabled || member.calls_7d == 0;
        let mut signed = Vec::new();
        let mut unsigned = Vec::new();
        for (wave, _) in waves
            .iter()
            .filter(|(_, members)| members.iter().all(silent))
        {
            match wave.signoff.is_empty() {
                true => unsigned.push(wave.name.clone()),
                false => signed.push(wave.name.clone()),
            }
        }
        let what = "nothing to judge: every webhook of it is switched off or had no call in 7 days";
        if !unsigned.is_empty() {
            let found = format!("{} with {what}, and no role signs", listed(&unsigned));
            let remedy = "join it to another wave, or name roles in its `signoff`; else its gates stay inconclusive, and it goes no further than share 0";
            self.hazard(unsigned, found, remedy, Vec::new());
        }
        if !signed.is_empty() {
            let found = format!("{} with {what}", listed(&signed));
            let remedy = "its gates stay inconclusive, and the sign-offs decide";
            self.hazard(signed, found, remedy, Vec::new());
        }
    }

    /// Waves whose soak will hardly see the events that their gates want.
    fn too_few(&mut self, waves: &[Populated<'_>]) {
        let mut touched = Vec::new();
        let mut figures = Vec::new();
        for (wave, members) in waves {
            let calls: i64 = members.iter().map(|webhook| webhook.calls_7d).sum();
            let expected = calls as f64 / 7.0 * wave.soak.as_secs_f64() / 86_400.0;
            if calls > 0 && expected < wave.limits.min_events as f64 {
                touched.push(wave.name.clone());
                figures.push(format!(
                    "{} some {expected:.0} of {}",
                    wave.name, wave.limits.min_events
                ));
            }
        }
        if !touched.is_empty() {
            let found = format!(
                "by last week's traffic, too few events in the soak: {}",
                figures.join(", ")
            );
            let remedy = "lengthen `soak`, or put waves together; else their gates stay inconclusive, and a sign-off decides";
            self.hazard(touched, found, remedy, Vec::new());
        }
    }

    fn subjects(&mut self, waves: &[Populated<'_>]) {
        let mut taken: BTreeMap<String, Vec<(i32, String)>> = BTreeMap::new();
        let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut outside: Vec<String> = Vec::new();
        for webhook in waves.iter().flat_map(|(_, members)| members) {
            match self.plan.nats().subject.render(webhook) {
                Ok(subject) => {
                    let covered =
                        |filters: &[String]| filters.iter().any(|filter| covers(filter, &subject));
                    if self
                        .around
                        .stream_subjects
                        .is_some_and(|filters| !covered(filters))
                    {
                        outside.push(format!("{} (`{subject}`)", webhook.id));
                    }
                    taken
                        .entry(subject.to_lowercase())
                        .or_default()
                        .push((webhook.id, subject));
                }
                Err(why) => refused.entry(why).or_default().push(format!(
                    "{} ({:?})",
                    webhook.id,
                    cut(&webhook.name)
                )),
            }
        }
        let always = "`webhooks.{id}` always works";
        for (why, who) in refused {
            let found = format!("no subject for {}: {why}", some_of(&who));
            self.subject_fault(found, format!("a subject that NATS takes; {always}"));
        }
        if !outside.is_empty() {
            let filters = self.around.stream_subjects.unwrap_or_default().join(", ");
            let stream = &self.plan.nats().stream;
            let found = format!(
                "subjects outside of stream {stream}, those of {}",
                some_of(&outside)
            );
            self.subject_fault(
                found,
                format!("subjects that the stream takes in: {filters}"),
            );
        }
        for sharers in taken.into_values().filter(|sharers| sharers.len() > 1) {
            let who: Vec<String> = sharers
                .iter()
                .map(|(id, subject)| format!("{id} (`{subject}`)"))
                .collect();
            let found = format!("one subject, but for its case, for {}", some_of(&who));
            self.subject_fault(
                found,
                format!("a subject of its own for each webhook; {always}"),
            );
        }
    }

    fn subject_fault(&mut self, found: String, wanted: String) {
        self.findings
            .faults
            .push(self.plan.fault("nats.subject", found, wanted));
    }
}

/// `wave a`, or `waves a, b`.
fn listed(waves: &[String]) -> String {
    let noun = if waves.len() == 1 { "wave" } else { "waves" };
    format!("{noun} {}", waves.join(", "))
}

/// `webhook 1 (...)`, or `5 webhooks, such as 1 (...), 2 (...), 3 (...)`.
fn some_of(who: &[String]) -> String {
    match who {
        [one] => format!("webhook {one}"),
        all => {
            let some = all.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let such = if all.len() > 3 { "such as " } else { "" };
            format!("{} webhooks, {such}{some}", all.len())
        }
    }
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_string(),
    }
}
