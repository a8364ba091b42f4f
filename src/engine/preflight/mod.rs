//! Is everything ready? Every prerequisite of the guide and every hazard that shows on live servers, one small function each.
//! It changes nothing; a check that could not run is a warning that says why.

mod callers;
mod calls;
mod crew;
mod database;
mod nats;
mod numbers;
mod subjects;
mod webhooks;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    bus::{self, Bus, LiveConsumer, LiveStream, ServerFacts},
    error::Result,
    gates::{Finding, Status},
    model::{ConsumerDefinition, Listener, Progress, StreamDefinition, Webhook, bytes},
    plan::{Delivery, Plan},
    store::{Db, heartbeat, nats_config, nats_config::NatsConfig, schema},
};

/// What the checks look at. Parts that could not be had say why.
pub struct Inputs<'a> {
    pub db: &'a Db,
    /// The connection to NATS, or why there is none.
    pub bus: std::result::Result<&'a Bus, String>,
    pub plan: &'a Plan,
    /// The operator said that there is a backup.
    pub backup: bool,
    /// The database's time.
    pub now: DateTime<Utc>,
}

/// What several checks share, asked once.
struct Scene<'a> {
    inputs: &'a Inputs<'a>,
    differences: Known<Vec<schema::Difference>>,
    webhooks: Known<Vec<Webhook>>,
    config: Known<NatsConfig>,
    wanted: Known<StreamDefinition>,
    stream: Known<Option<LiveStream>>,
    consumer: Known<Option<LiveConsumer>>,
    /// The durable of the foreign NATS workers, where the plan leaves delivery to them and a relay names it.
    foreign: Option<String>,
    server: Known<ServerFacts>,
}

/// A fact, or why it is not known.
type Known<T> = std::result::Result<T, String>;

/// Runs every check, in the order of the screen.
pub async fn check(inputs: &Inputs<'_>, listener: Listener<'_>) -> Vec<Finding> {
    let scene = Scene::look(inputs).await;
    let mut findings = Vec::new();
    let groups = ["database", "webhooks", "callers", "NATS", "workers"];
    let what = "Readiness checks".to_string();
    let total = Some(groups.len() as u64);
    listener(Progress::Begin { what, total });
    for (done, group) in (0..).zip(groups) {
        let now = group.to_string();
        listener(Progress::Step { done, now });
        findings.extend(match group {
            "database" => database::check(&scene).await,
            "webhooks" => {
                let mut findings = webhooks::check(&scene).await;
                findings.extend(calls::check(&scene).await);
                findings.push(numbers::check(&scene).await);
                findings
            }
            "callers" => callers::check(&scene).await,
            "NATS" => nats::check(&scene).await,
            _ => crew::check(&scene).await,
        });
    }
    let what = format!("{} checks done", findings.len());
    listener(Progress::End { what });
    findings
}

impl<'a> Scene<'a> {
    async fn look(inputs: &'a Inputs<'a>) -> Scene<'a> {
        let (db, target) = (inputs.db, inputs.plan.nats());
        let config = known(nats_config::load(db, &target.config).await);
        let wanted = match &config {
            Ok(config) => known(nats_config::wanted_stream(db, config, Some(&target.stream)).await),
            Err(why) => Err(why.clone()),
        };
        let foreign = match inputs.plan.delivery() {
            Delivery::Ledger => None,
            Delivery::Independent => heartbeat::relays(db, inputs.now - TimeDelta::minutes(1))
                .await
                .unwrap_or_default()
                .into_iter()
                .find_map(|relay| relay.foreign_consumer),
        };
        let durable = foreign.as_deref().unwrap_or(ConsumerDefinition::NAME);
        let (stream, consumer, server) = match inputs.bus.clone() {
            Ok(bus) => (
                known(crate::bus::live_stream(bus, &target.stream).await),
                known(crate::bus::live_consumer(bus, &target.stream, durable).await),
                known(bus::server_facts(bus).await),
            ),
            Err(why) => (Err(why.clone()), Err(why.clone()), Err(why)),
        };
        Scene {
            inputs,
            differences: known(schema::differences(db).await),
            webhooks: known(crate::store::webhook::with_volume(db, inputs.now).await),
            config,
            wanted,
            stream,
            consumer,
            foreign,
            server,
        }
    }

    fn independent(&self) -> bool {
        self.inputs.plan.delivery() == Delivery::Independent
    }

    fn db(&self) -> &'a Db {
        self.inputs.db
    }

    /// The finding of one check; where it failed, a warning that says why.
    fn guard(&self, check: &str, outcome: Result<Finding>) -> Finding {
        match outcome {
            Ok(finding) => finding,
            Err(error) => self.unknown(check, &error.to_string()),
        }
    }

    /// Without migration 007 most questions have no answer: one remedy for all of them.
    fn unknown(&self, check: &str, why: &str) -> Finding {
        if self.installed() {
            return Finding::unknown(check, why);
        }
        Finding {
            remedy: "run `wavegate schema apply`, then preflight again".to_string(),
            ..Finding::unknown(check, "migration 007 is not in place")
        }
    }

    /// Is migration 007 there at all, with or without differences?
    fn installed(&self) -> bool {
        self.differences.as_ref().is_ok_and(|list| {
            !list
                .iter()
                .any(|d| d.object == "schema wavegate" && d.found == schema::MISSING)
        })
    }
}

fn known<T>(result: Result<T>) -> Known<T> {
    result.map_err(|error| error.to_string())
}

/// A check of faults: none is ok.
fn census(
    check: &str,
    bad: &[String],
    wanted: &str,
    finding: impl Fn(String) -> Finding,
) -> Finding {
    match bad {
        [] => Finding::ok(check, "none found", wanted),
        list => finding(some(list)),
    }
}

/// Says in its own words what `census` found in order.
fn in_order(finding: Finding, found: impl Into<String>) -> Finding {
    match finding.status {
        Status::Ok => Finding {
            found: found.into(),
            ..finding
        },
        Status::Warn | Status::Block => finding,
    }
}

/// The first few, and how many more.
fn some(list: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = list.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    match list.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}
