//! From the plan as typed to the checked plan: what the values must mean together.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use sha2::{Digest, Sha256};

use super::{
    AutoRollback, Delivery, GateRules, Hooks, Match, NatsTarget, Plan, Selector, SubjectTemplate,
    Wave,
    checked::Places,
    fault::Faults,
    file::{Confirm, DefaultsFile, GatesFile, MatchFile, PlanFile, Shares, WaveFile},
    merge::merge,
    schema::kept,
    selector::is_glob,
    span::{Span, Takeover},
    walk::walk,
    window::{Windows, Zone},
    words::{Program, Role, Watched, Word, folded},
    yaml,
};
use crate::model::{Gate, GateLimits, Share, duration};

const HOUR: Duration = Duration::from_secs(3600);
/// Of a soak.
const MOST_BLOCKS: u128 = 1_000_000;
/// Each pattern is held against each name.
const MOST_PATTERNS: usize = 1_000;

impl Plan {
    /// Reads a plan; every fault is reported, not the first alone.
    pub fn parse(text: &str) -> Result<Plan, Faults> {
        let (tree, faults) = yaml::read(text);
        let Some(tree) = tree else {
            return Err(faults.sorted());
        };
        let (value, more) = walk(&tree, kept());
        let faults = faults.and(more);
        let mut places = BTreeMap::new();
        tree.places("", &mut places);
        let mut check = Check {
            places: Places(places),
            faults,
        };
        let plan = match serde_yaml::from_value::<PlanFile>(value) {
            Ok(file) => Some(check.plan(text, file)),
            Err(error) => {
                check.fault(
                    "",
                    format!("a plan that cannot be read: {error}"),
                    "a plan by the schema",
                );
                None
            }
        };
        match plan {
            Some(plan) if check.faults.is_empty() => Ok(plan),
            _ => Err(check.faults.sorted()),
        }
    }
}

struct Check {
    places: Places,
    faults: Faults,
}

impl Check {
    fn fault(&mut self, path: &str, found: String, wanted: &str) {
        self.faults
            .push(self.places.fault(path, found, wanted.to_string()));
    }

    /// Faulty values are replaced by the defaults: the plan is thrown away then, and all else is still checked.
    fn plan(&mut self, text: &str, file: PlanFile) -> Plan {
        if let Some(version) = file.version.filter(|version| *version != 1) {
            let found = format!("version {version}");
            self.fault("version", found, "1: this wavegate reads no other");
        }
        let nats = file.nats.unwrap_or_default();
        let defaults = file.defaults.unwrap_or_default();
        let (limits, gates) = self.gates(
            "defaults",
            defaults.gates.as_ref(),
            (GateLimits::default(), GateRules::default()),
        );
        let delivery = file.delivery.unwrap_or_default();
        if let Some(shares) = &defaults.shares {
            self.shares("defaults.shares", shares, delivery);
        }
        let waves: Vec<Wave> = file
            .waves
            .unwrap_or_default()
            .into_iter()
            .zip(1..)
            .map(|(wave, position)| {
                self.wave(wave, position, &defaults, delivery, (&limits, &gates))
            })
            .collect();
        self.across(&waves);
        let windows = file.windows.map(|windows| Windows {
            allow: windows.allow.unwrap_or_default(),
            freeze: windows.freeze.unwrap_or_default(),
            timezone: windows.timezone.unwrap_or(Zone(chrono_tz::UTC)),
        });
        let guard = file.auto_rollback.map(|guard| {
            let every = guard.every.map_or(Duration::from_secs(30), |every| every.0);
            AutoRollback {
                on: match guard.on {
                    Some(on) => on.into_iter().map(|Watched(gate)| gate).collect(),
                    None => vec![Gate::Success, Gate::Errors, Gate::Workers],
                },
                after: guard.after.unwrap_or(2),
                every,
                level: guard.level.unwrap_or(1),
                silent_after: guard.silent_after.map_or(every * 10, |after| after.0),
            }
        });
        self.watched(&guard, &waves);
        let hooks = file.hooks.unwrap_or_default();
        Plan {
            name: file.name.map(|name| name.0).unwrap_or_default(),
            text: text.to_string(),
            hash: Sha256::digest(text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            nats: NatsTarget {
                config: nats.config.unwrap_or_else(|| "default".to_string()),
                stream: nats
                    .stream
                    .map_or_else(|| "WEBHOOKS".to_string(), |stream| stream.0),
                subject: nats.subject.unwrap_or_else(SubjectTemplate::by_id),
            },
            delivery,
            promote: file.promote.unwrap_or_default(),
            waves,
            auto_rollback: guard,
            windows,
            contacts: file.contacts.unwrap_or_default(),
            hooks: Hooks {
                before_step: programs(hooks.before_step),
                after_step: programs(hooks.after_step),
                on_wait: programs(hooks.on_wait),
                on_fail: programs(hooks.on_fail),
                on_rollback: programs(hooks.on_rollback),
                on_silence: programs(hooks.on_silence),
                on_finish: programs(hooks.on_finish),
                timeout: hooks.timeout.map_or(Duration::from_secs(30), |time| time.0),
            },
            places: Places(std::mem::take(&mut self.places.0)),
        }
    }

    fn wave(
        &mut self,
        wave: WaveFile,
        position: i32,
        defaults: &DefaultsFile,
        delivery: Delivery,
        (limits, gates): (&GateLimits, &GateRules),
    ) -> Wave {
        let path = format!("waves[{}]", position - 1);
        let usual: &[u8] = match delivery {
            Delivery::Ledger => &[0, 10, 50, 100],
            // Whoever is not in the ledger cannot be given a part of the events.
            Delivery::Independent => &[0],
        };
        let shares = match (&wave.shares, &defaults.shares) {
            (Some(own), _) => self.shares(&format!("{path}.shares"), own, delivery),
            (None, Some(common)) => common
                .iter()
                .filter_map(|share| Share::new(share.0))
                .collect(),
            (None, None) => usual.iter().copied().filter_map(Share::new).collect(),
        };
        let webhooks = wave.webhooks.unwrap_or_default();
        let matching = wave.matching.map(|matching| self.matching(&path, matching));
        let takes_rest = matching.as_ref().is_some_and(|matching| matching.rest);
        if webhooks.is_empty()
            && matching.is_none()
            && self.places.has(&path, &["name"])
            && !self.places.has(&path, &["webhooks", "match"])
        {
            let found = "a wave that asks for no webhook".to_string();
            self.fault(&path, found, "`webhooks: [...]`, `match: {...}` or both");
        }
        if takes_rest && wave.claims_first == Some(true) {
            let found = "`claims_first` with `rest`".to_string();
            self.fault(
                &format!("{path}.claims_first"),
                found,
                "one of them: the rest is what remains after all claims",
            );
        }
        let (limits, gates) =
            self.gates(&path, wave.gates.as_ref(), (limits.clone(), gates.clone()));
        let signoff = self.signoff(&path, wave.signoff.unwrap_or_default());
        let soak = span(wave.soak.or(defaults.soak), 48 * HOUR);
        self.block(&path, limits.block, soak);
        Wave {
            name: wave.name.map(|name| name.0).unwrap_or_default(),
            position,
            selector: Selector { webhooks, matching },
            claims_first: wave.claims_first.unwrap_or_default(),
            soak,
            watch: span(wave.watch.or(defaults.watch), 48 * HOUR),
            shares,
            takeover_after: wave
                .takeover_after
                .or(defaults.takeover_after)
                .map_or(Duration::from_secs(30), |Takeover(after)| after),
            limits,
            gates,
            signoff,
            typed_confirm: wave.confirm == Some(Confirm::Typed),
            unattended: wave.unattended.unwrap_or_default(),
        }
    }

    /// The gates of `defaults` or of a wave, over those that hold already.
    fn gates(
        &mut self,
        path: &str,
        file: Option<&GatesFile>,
        (mut limits, mut rules): (GateLimits, GateRules),
    ) -> (GateLimits, GateRules) {
        for (below, found, wanted) in merge(file, &mut limits, &mut rules) {
            self.fault(&format!("{path}.gates.{below}"), found, wanted);
        }
        (limits, rules)
    }

    /// More blocks than anybody can count say no more than fewer.
    fn block(&mut self, path: &str, block: Option<Duration>, soak: Duration) {
        let Some(block) = block else { return };
        let blocks = soak.as_nanos() / block.as_nanos().max(1);
        if blocks > MOST_BLOCKS {
            let found = format!(
                "{}, {blocks} of them in a soak of {}",
                duration::words(block),
                duration::words(soak)
            );
            let path = format!("{path}.gates.success.block");
            self.fault(
                &path,
                found,
                "a length of which at most 1,000,000 fit into the soak",
            );
        }
    }

    /// A role signs once: nobody could tell `ops` from `OPS`.
    fn signoff(&mut self, path: &str, roles: Vec<Role>) -> Vec<String> {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (index, Role(role)) in roles.iter().enumerate() {
            if let Some(first) = known.insert(folded(role), index) {
                let found = format!("`{role}`, which is signoff[{first}] too");
                let path = format!("{path}.signoff[{index}]");
                self.fault(&path, found, "each role once, whatever its case");
            }
        }
        roles.into_iter().map(|Role(role)| role).collect()
    }

    fn shares(&mut self, path: &str, shares: &Shares, delivery: Delivery) -> Vec<Share> {
        let numbers: Vec<u8> = shares.iter().map(|share| share.0).collect();
        let found = format!("{numbers:?}");
        if numbers.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.fault(path, found, "shares that rise, such as [0, 10, 50, 100]");
        } else if delivery == Delivery::Independent && numbers != [0] {
            let wanted = "[0], or nothing: with `delivery: independent` the queue delivers whatever it has, and foreign workers every message";
            self.fault(path, found, wanted);
        } else if numbers != [0] && numbers.last() != Some(&100) {
            let wanted = "shares that end with 100, since `nats` comes next; or [0] alone, where a foreign worker empties the queue";
            self.fault(path, found, wanted);
        }
        numbers.into_iter().filter_map(Share::new).collect()
    }

    fn matching(&mut self, path: &str, file: MatchFile) -> Match {
        let path = format!("{path}.match");
        if let (Some(least), Some(most)) = (file.min_calls_7d, file.max_calls_7d)
            && least > most
        {
            let found = format!("{least}, above `max_calls_7d`, {most}");
            self.fault(&format!("{path}.min_calls_7d"), found, "at most that");
        }
        let matching = Match {
            names: file.names,
            words: file
                .words
                .map(|words| words.into_iter().map(|Word(word)| word).collect()),
            tags: file.tags,
            ids: file.ids,
            min_calls_7d: file.min_calls_7d,
            max_calls_7d: file.max_calls_7d,
            rest: file.rest.unwrap_or_default(),
        };
        let mut conditions = vec![
            "names",
            "words",
            "tags",
            "ids",
            "min_calls_7d",
            "max_calls_7d",
        ];
        if file.rest.is_none() {
            conditions.push("rest");
        }
        if matching == Match::default() && !self.places.has(&path, &conditions) {
            let found = "a match without a condition".to_string();
            self.fault(
                &path,
                found,
                "names, words, tags, ids, min_calls_7d, max_calls_7d or `rest: true`",
            );
        }
        matching
    }

    /// What one wave may not have in common with another.
    /// What the guard watches must be there to be watched.
    fn watched(&mut self, guard: &Option<AutoRollback>, waves: &[Wave]) {
        let own: HashSet<&str> = waves
            .iter()
            .flat_map(|wave| {
                let sql = wave.gates.sql.iter().map(|gate| gate.name.as_str());
                sql.chain(wave.gates.command.iter().map(|gate| gate.name.as_str()))
            })
            .collect();
        let on = guard.iter().flat_map(|guard| &guard.on).enumerate();
        for (index, gate) in on.filter(|(_, gate)| !gate.is_built_in()) {
            if !own.contains(gate.as_str()) {
                let wanted = format!(
                    "{}, or a gate of the plan's own",
                    Watched::built_in().join(", ")
                );
                let path = format!("auto_rollback.on[{index}]");
                self.fault(&path, format!("`{gate}`, which no wave has"), &wanted);
            }
        }
    }

    fn across(&mut self, waves: &[Wave]) {
        let mut names: HashMap<&str, usize> = HashMap::new();
        let mut claimed: HashMap<&str, usize> = HashMap::new();
        let mut rest: Option<usize> = None;
        let mut patterns = 0usize;
        for (index, wave) in waves.iter().enumerate() {
            let path = format!("waves[{index}]");
            if let Some(first) = names
                .insert(&wave.name, index)
                .filter(|_| !wave.name.is_empty())
            {
                let found = format!("`{}`, the name of waves[{first}] too", wave.name);
                self.fault(&format!("{path}.name"), found, "a name of its own");
            }
            patterns += wave.selector.patterns();
            for (at, entry) in wave.selector.webhooks.iter().enumerate() {
                if let Some(first) = claimed.insert(entry, index) {
                    let other = waves.get(first).map_or("", |wave| wave.name.as_str());
                    let what = if is_glob(entry) {
                        "the pattern"
                    } else {
                        "the webhook"
                    };
                    let found = match first == index {
                        true => format!("{what} `{entry}` twice"),
                        false => format!("{what} `{entry}`, which wave {other} names too"),
                    };
                    self.fault(
                        &format!("{path}.webhooks[{at}]"),
                        found,
                        "each webhook in one wave; strike one of the two",
                    );
                }
            }
            if wave
                .selector
                .matching
                .as_ref()
                .is_some_and(|matching| matching.rest)
            {
                if let Some(first) = rest {
                    let found = format!("`rest`, which waves[{first}] takes already");
                    self.fault(
                        &format!("{path}.match.rest"),
                        found,
                        "one wave for the rest",
                    );
                }
                rest = rest.or(Some(index));
            }
        }
        if patterns > MOST_PATTERNS {
            let found = format!("{patterns} patterns in all");
            let wanted = "at most 1000, since each is held against each name; `match: { words: [...] }` serves many webhooks";
            self.fault("waves", found, wanted);
        }
    }
}

fn programs(given: Option<Vec<Program>>) -> Vec<String> {
    given
        .unwrap_or_default()
        .into_iter()
        .map(|Program(program)| program)
        .collect()
}

fn span(given: Option<Span>, otherwise: Duration) -> Duration {
    given.map_or(otherwise, |span| span.0)
}
