//! Circuits: an endpoint that fails for everybody is left alone, and no attempts are spent on it. One row a webhook, only while
//! it fails; the claims read it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Db, record::AttemptResult};
use crate::error::Result;

/// What a batch of results says about one endpoint.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said<'a> {
    succeeded: bool,
    /// Since the last success.
    failures: i32,
    error: Option<&'a str>,
    asked_ms: Option<i64>,
}

fn said<'a>(outcomes: &[&'a AttemptResult]) -> BTreeMap<i32, Said<'a>> {
    let mut by_webhook: BTreeMap<i32, Said> = BTreeMap::new();
    for outcome in outcomes {
        let said = by_webhook.entry(outcome.webhook_id).or_default();
        if outcome.ok {
            *said = Said {
                succeeded: true,
                ..Said::default()
            };
        } else {
            said.failures += 1;
            said.error = outcome.error.as_deref();
            said.asked_ms = said.asked_ms.max(outcome.asked_ms);
        }
    }
    by_webhook
}

/// Closes circuits whose endpoint answered well, counts failures, opens where there are too many or the endpoint asked for it.
/// `known` are the webhooks that have a circuit now; `after` failures open one, 0: never. Returns those of failed calls whose
/// circuit is open now.
pub async fn learn(
    db: &Db,
    outcomes: &[&AttemptResult],
    known: &BTreeSet<i32>,
    after: i32,
) -> Result<Vec<i32>> {
    let said = said(outcomes);
    let better: Vec<i32> = said
        .iter()
        .filter(|(webhook, said)| said.succeeded && known.contains(webhook))
        .map(|(webhook, _)| *webhook)
        .collect();
    if !better.is_empty() {
        sqlx::query(include_str!("../../sql/worker/circuit_close.sql"))
            .bind(better)
            .execute(db.pool())
            .await?;
    }
    let worse: Vec<(&i32, &Said)> = said.iter().filter(|(_, said)| said.failures > 0).collect();
    if worse.is_empty() {
        return Ok(Vec::new());
    }
    let failed: Vec<i64> = outcomes
        .iter()
        .filter(|o| !o.ok)
        .map(|o| o.call_id)
        .collect();
    let circuits: Vec<(i32, bool)> =
        sqlx::query_as(include_str!("../../sql/worker/circuit_fail.sql"))
            .bind(
                worse
                    .iter()
                    .map(|(webhook, _)| **webhook)
                    .collect::<Vec<_>>(),
            )
            .bind(
                worse
                    .iter()
                    .map(|(_, said)| said.failures)
                    .collect::<Vec<_>>(),
            )
            .bind(worse.iter().map(|(_, said)| said.error).collect::<Vec<_>>())
            .bind(
                worse
                    .iter()
                    .map(|(_, said)| said.asked_ms)
                    .collect::<Vec<_>>(),
            )
            .bind(failed)
            .bind(after)
            .fetch_all(db.pool())
            .await?;
    let open = circuits.into_iter().filter(|(_, rests)| *rests);
    Ok(open.map(|(webhook, _)| webhook).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(webhook_id: i32, ok: bool, asked_ms: Option<i64>) -> AttemptResult {
        AttemptResult {
            call_id: 1,
            webhook_id,
            event_id: None,
            attempt: 1,
            ok,
            http_status: None,
            error: (!ok).then(|| "no".to_string()),
            body: None,
            headers: None,
            took_ms: 1.0,
            asked_ms,
            sent: None,
            resent: false,
        }
    }

    #[test]
    fn only_failures_after_the_last_success_count() {
        let batch = [
            outcome(1, false, Some(9)),
            outcome(2, false, None),
            outcome(1, true, None),
            outcome(1, false, None),
            outcome(2, false, Some(7)),
            outcome(2, false, Some(3)),
            outcome(3, true, None),
        ];
        let said = said(&batch.iter().collect::<Vec<_>>());
        let summary: Vec<_> = said
            .values()
            .map(|s| (s.succeeded, s.failures, s.asked_ms))
            .collect();
        assert_eq!(
            summary,
            [(true, 1, None), (false, 3, Some(7)), (true, 0, None)]
        );
    }
}
