//! What the ledger says of messages. Where PostgreSQL refuses to answer for all of a batch, it is asked one by one, and what it refuses again
//! and again is set aside by name.

use super::Crew;
use crate::dataplane::split::Halves;
use crate::{
    error::{Error, Result},
    store::{
        delivery::{ClaimVerdict, Due, Seen, claim_nats, due_events},
        record::{Cannot, Stuck},
    },
};

/// Asks for these events; where PostgreSQL refuses to answer for all, one by one.
pub async fn verdicts(crew: &Crew, asked: &[Seen]) -> Result<Vec<(String, ClaimVerdict)>> {
    match claim_nats(&crew.db, &crew.holder, asked, true).await {
        Err(error) if !error.is_temporary() || error.is_denial() => {
            tracing::warn!(%error, "PostgreSQL refuses to claim these events; they are claimed without settings, and one by one");
        }
        answered => return answered,
    }
    let mut answers = Vec::new();
    let mut halves = Halves::of(asked);
    while let Some(part) = halves.next_part() {
        match claim_nats(&crew.db, &crew.holder, part, false).await {
            Ok(answered) => answers.extend(answered),
            Err(error) => halves.failed(part, error),
        }
    }
    let failed = halves.end();
    if let Err(error) = refused(crew, &failed.refused).await {
        tracing::warn!(%error, "cannot name what cannot be claimed");
    }
    // The sweeper brings them back, unless they are set aside.
    answers.extend(
        failed
            .refused
            .into_iter()
            .map(|(seen, _)| (seen.event_id.clone(), ClaimVerdict::Denied)),
    );
    let Some((waiting, error)) = failed.waiting else {
        return Ok(answers);
    };
    if !error.is_denial() {
        if answers.is_empty() {
            return Err(error);
        }
        // They keep their messages, and are asked for again.
        let again = waiting
            .into_iter()
            .map(|seen| (seen.event_id.clone(), ClaimVerdict::Busy));
        answers.extend(again);
        return Ok(answers);
    }
    // A right that is missing may be missed by one row's trigger alone.
    let mut denied = Vec::new();
    for seen in waiting {
        match claim_nats(&crew.db, &crew.holder, std::slice::from_ref(seen), false).await {
            Ok(answered) => answers.extend(answered),
            Err(error) => {
                crew.counters
                    .trouble(format!("webhook {}: {error}", seen.webhook_id));
                denied.push((seen.event_id.clone(), ClaimVerdict::Denied));
            }
        }
    }
    if answers.is_empty() {
        return Err(error);
    }
    answers.extend(denied);
    Ok(answers)
}

/// Events that cannot be claimed: tried again a few times, then set aside by name.
async fn refused(crew: &Crew, refused: &[(&Seen, Error)]) -> Result<()> {
    if refused.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = refused
        .iter()
        .map(|(seen, _)| seen.event_id.as_str())
        .collect();
    let mut stuck = Vec::new();
    for due in due_events(&crew.db, &ids).await? {
        let of_it = |(seen, _): &&(&Seen, Error)| due.event_id.as_deref() == Some(&seen.event_id);
        if let Some((_, error)) = refused.iter().find(of_it) {
            stuck.extend(crew.too_often(&due, error));
        }
    }
    crew.set_aside(&stuck).await;
    Ok(())
}

impl Crew {
    /// PostgreSQL refuses to claim this once more. `Some`: once too often.
    pub fn too_often(&self, due: &Due, error: &Error) -> Option<Stuck> {
        self.counters.trouble(format!(
            "webhook {}: call {} cannot be claimed: {error}",
            due.webhook_id, due.call_id
        ));
        self.refusals.note(due.call_id).then(|| Stuck {
            call_id: due.call_id,
            event_id: due.event_id.clone(),
            webhook_id: due.webhook_id,
            attempt: None,
            cannot: Cannot::Claim,
            reason: error.to_string(),
            delivered: false,
            http_status: None,
        })
    }
}
