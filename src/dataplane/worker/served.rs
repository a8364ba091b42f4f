//! Which webhooks a dedicated worker serves: those that were named, and those that its waves have now. An ordinary worker serves all.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::NatsSource;
use crate::{
    bus,
    dataplane::{nag::Nag, stop::Stop},
    error::Result,
    model::ConsumerDefinition,
    plan::covers,
    store::{Db, dedicated},
};

/// How often the waves are read anew: a webhook that moves into one is served after that long.
const ANEW: Duration = Duration::from_secs(2);

/// For whom a dedicated worker is there.
#[derive(Debug, Clone, Default)]
pub struct Dedication {
    pub waves: Vec<String>,
    /// By id: a webhook that is renamed stays.
    pub webhooks: Vec<i32>,
}

/// Rising ids, each with its subject.
type Webhooks = Arc<Vec<(i32, String)>>;

/// `None`: every webhook.
#[derive(Debug, Clone)]
pub struct Served(Option<watch::Receiver<Webhooks>>);

impl Served {
    /// Reads whom a worker serves, and keeps that up to date until asked to stop.
    pub async fn start(db: &Db, dedication: Option<&Dedication>, stop: &Stop) -> Result<Served> {
        let Some(dedication) = dedication.cloned() else {
            return Ok(Served(None));
        };
        let first = read(db, &dedication).await?;
        told(&first);
        let (tell, now) = watch::channel(first);
        tokio::spawn(keep(db.clone(), dedication, tell, stop.clone()));
        Ok(Served(Some(now)))
    }

    fn now(&self) -> Option<Webhooks> {
        self.0.as_ref().map(|now| now.borrow().clone())
    }

    /// Does it serve some webhooks only?
    pub fn is_dedicated(&self) -> bool {
        self.0.is_some()
    }

    /// The webhooks that are served now; `None`: every one.
    pub fn webhooks(&self) -> Option<Vec<i32>> {
        Some(self.now()?.iter().map(|(id, _)| *id).collect())
    }

    pub fn serves(&self, webhook: i32) -> bool {
        let Some(now) = &self.0 else { return true };
        let now = now.borrow();
        now.binary_search_by_key(&webhook, |(id, _)| *id).is_ok()
    }

    /// Makes the durable where it is missing; its name. `None`: no message can come for whom this worker serves.
    pub async fn consumer(
        &self,
        source: &NatsSource,
        stream: &bus::LiveStream,
    ) -> Result<Option<String>> {
        let durable = self.durable(&source.consumer);
        if !self.is_dedicated() {
            bus::ensure_consumer(&source.bus, &source.stream, &durable).await?;
            return Ok(Some(durable.name));
        }
        // What the stream does not take never comes, and the server refuses a consumer for it.
        let subjects = self.subjects(&stream.definition.subjects);
        if subjects.is_empty() {
            return Ok(None);
        }
        let shared = &source.consumer.name;
        bus::ensure_consumer_beside(&source.bus, stream, &durable, &subjects, shared).await?;
        Ok(Some(durable.name))
    }

    /// The subjects of what is served now that a stream of these `filters` takes.
    fn subjects(&self, filters: &[String]) -> Vec<String> {
        let now = self.now().unwrap_or_default();
        let taken = |subject: &&String| filters.iter().any(|filter| covers(filter, subject));
        let all: BTreeSet<&String> = now
            .iter()
            .map(|(_, subject)| subject)
            .filter(taken)
            .collect();
        all.into_iter().cloned().collect()
    }

    /// The durable that messages are pulled from. Dedicated workers that serve the same have one of their own; another choice is another
    /// consumer, so that none is ever narrowed or widened while somebody pulls.
    pub fn durable(&self, shared: &ConsumerDefinition) -> ConsumerDefinition {
        let Some(now) = self.now() else {
            return shared.clone();
        };
        let mut digest = Sha256::new();
        for (id, subject) in now.iter() {
            digest.update(format!("{id} {subject}\n"));
        }
        let digest = digest.finalize();
        let digest: String = digest[..6]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        ConsumerDefinition::new(&format!("{}-dedicated-{digest}", shared.name))
    }
}

async fn read(db: &Db, dedication: &Dedication) -> Result<Webhooks> {
    let served = dedicated::served(db, &dedication.waves, &dedication.webhooks).await?;
    Ok(Arc::new(served))
}

async fn keep(db: Db, dedication: Dedication, tell: watch::Sender<Webhooks>, stop: Stop) {
    let trouble = Nag::default();
    while !stop.asked() {
        stop.pause(ANEW).await;
        let found = read(&db, &dedication).await;
        trouble.hear(
            &found,
            "cannot read which webhooks to serve; it stays as it was",
        );
        if let Ok(found) = found
            && *tell.borrow() != found
        {
            told(&found);
            tell.send_replace(found);
        }
    }
}

fn told(webhooks: &Webhooks) {
    match webhooks.len() {
        0 => tracing::warn!("there is no webhook to serve; waiting for one"),
        count => tracing::info!(webhooks = count, "serves these webhooks alone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(webhooks: &[(i32, &str)]) -> Served {
        let webhooks = webhooks
            .iter()
            .map(|(id, subject)| (*id, subject.to_string()));
        // Its last value outlives the sender.
        Served(Some(watch::channel(Arc::new(webhooks.collect())).1))
    }

    #[test]
    fn each_choice_has_a_consumer_of_its_own() {
        let shared = ConsumerDefinition::new("w");
        let name = |served: &Served| served.durable(&shared).name;
        let one = name(&of(&[(1, "a")]));
        assert!(one.starts_with("w-dedicated-"), "{one}");
        assert_eq!(one, name(&of(&[(1, "a")])));
        // Two that share a subject, and one whose subject has changed.
        assert_ne!(one, name(&of(&[(2, "a")])));
        assert_ne!(one, name(&of(&[(1, "b")])));
        assert_eq!(name(&Served(None)), "w");
    }

    #[test]
    fn it_serves_what_it_is_for() {
        let served = of(&[(1, "a"), (7, "b")]);
        assert!(served.serves(7) && !served.serves(2));
        assert_eq!(served.webhooks(), Some(vec![1, 7]));
        assert!(Served(None).serves(2) && Served(None).webhooks().is_none());
        assert!(!of(&[]).serves(1));
    }
}
