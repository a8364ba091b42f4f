//! One HTTP call of a webhook. Knows nothing of paths and claims.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{
    Client, Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::signature::sign;
use crate::{
    error::{Context, Result},
    model::header_safe,
    store::{delivery::Claim, record::Outcome},
};

/// This much of an answer is read; the rest stays where it is.
const MAX_READ: usize = 64 * 1024;
/// This much of it is kept in `response_body`.
const MAX_KEPT: usize = 4096;
/// An endpoint that asks for more than a day gets a day, in milliseconds.
const LONGEST_ASKED: i64 = 24 * 60 * 60 * 1000;

/// The client that all calls share: keeps connections, follows no redirects.
pub fn client() -> Result<Client> {
    Client::builder()
        .redirect(Policy::none())
        .user_agent(concat!("wavegate/", env!("CARGO_PKG_VERSION")))
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(60))
        .build()
        .context("cannot set up the HTTP client")
}

/// Makes the attempt within the webhook's deadline; every failure is an outcome.
pub async fn attempt(client: &Client, claim: &Claim) -> Outcome {
    let begin = Instant::now();
    let answer = call(client, claim, begin + deadline(claim)).await;
    let mut outcome = Outcome {
        call_id: claim.call_id,
        webhook_id: claim.webhook_id,
        event_id: claim.event_id.clone().filter(|_| claim.in_ledger),
        attempt: claim.attempt,
        ok: false,
        http_status: None,
        error: None,
        body: None,
        headers: None,
        took_ms: begin.elapsed().as_secs_f64() * 1000.0,
        asked_ms: None,
        sent: None,
    };
    match answer {
        Ok(answer) => {
            outcome.ok = (200..300).contains(&answer.status);
            outcome.http_status = Some(answer.status.into());
            outcome.error = (!outcome.ok).then(|| format!("HTTP {}", answer.status));
            outcome.asked_ms = answer.asked_ms;
            outcome.body = Some(answer.body);
            outcome.headers = Some(answer.headers);
        }
        Err(Failure::Http(error)) => outcome.error = Some(clean(&describe(&error), 1000)),
        Err(Failure::Late) => {
            outcome.error = Some(format!("no answer within {} ms", claim.timeout_ms));
        }
    }
    outcome
}

/// How long the webhook may take.
pub fn deadline(claim: &Claim) -> Duration {
    Duration::from_millis(claim.timeout_ms.clamp(1, 60_000).unsigned_abs().into())
}

struct Answer {
    status: u16,
    headers: Value,
    body: String,
    /// How long the endpoint wants to be left alone.
    asked_ms: Option<i64>,
}

enum Failure {
    Http(reqwest::Error),
    Late,
}

async fn call(client: &Client, claim: &Claim, end: Instant) -> Result<Answer, Failure> {
    let method = Method::from_bytes(claim.method.as_bytes()).unwrap_or(Method::POST);
    let body = if method == Method::GET {
        String::new()
    } else {
        claim.payload.clone()
    };
    let mut request = client
        .request(method.clone(), &claim.url)
        .headers(headers(claim, &body));
    if method != Method::GET {
        request = request.body(body);
    }
    let answered = timeout_at(end, request.send()).await;
    let mut response = answered
        .map_err(|_| Failure::Late)?
        .map_err(Failure::Http)?;
    let status = response.status().as_u16();
    let headers = shown(response.headers());
    let asked_ms = matches!(status, 429 | 503)
        .then(|| response.headers().get(RETRY_AFTER)?.to_str().ok())
        .flatten()
        .and_then(|text| asked(text, Utc::now()));
    let mut bytes = Vec::new();
    // What the receiver has answered counts, even if the rest of its body does not come.
    while bytes.len() < MAX_READ
        && let Ok(Ok(Some(chunk))) = timeout_at(end, response.chunk()).await
    {
        bytes.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        headers,
        body: clean(&String::from_utf8_lossy(&bytes), MAX_KEPT),
        asked_ms,
    })
}

/// `Retry-After`, seconds or a date (RFC 9110, 10.2.3), as milliseconds from now: a day at most.
fn asked(text: &str, now: DateTime<Utc>) -> Option<i64> {
    let text = text.trim();
    let ms = match text.parse::<u64>() {
        Ok(seconds) => i64::try_from(seconds)
            .unwrap_or(i64::MAX)
            .saturating_mul(1000),
        // "GMT" is all that HTTP dates know.
        Err(_) => DateTime::parse_from_rfc2822(text)
            .ok()?
            .signed_duration_since(now)
            .num_milliseconds(),
    };
    (ms > 0).then_some(ms.min(LONGEST_ASKED))
}

/// The webhook's own headers, then those of Standard Webhooks, which nobody can override.
fn headers(claim: &Claim, body: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let own = claim.headers.as_object().into_iter().flatten();
    for (name, value) in own {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&text),
        ) {
            (Ok(name), Ok(value)) => {
                headers.insert(name, value);
            }
            _ => {
                tracing::debug!(webhook = claim.webhook_id, header = %name, "left out a header that HTTP cannot carry")
            }
        }
    }
    let id = match &claim.event_id {
        Some(event_id) => header_safe(event_id).into_owned(),
        None => format!("call-{}", claim.call_id),
    };
    let timestamp = Utc::now().timestamp();
    let signature = claim
        .secret
        .as_deref()
        .and_then(|secret| sign(secret, &id, timestamp, body));
    let standard = [
        ("webhook-id", Some(id)),
        ("webhook-timestamp", Some(timestamp.to_string())),
        ("webhook-signature", signature),
    ];
    for (name, value) in standard {
        if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

fn shown(headers: &HeaderMap) -> Value {
    let shown: Map<String, Value> = headers
        .iter()
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), Value::String(clean(&text, MAX_KEPT)))
        })
        .collect();
    Value::Object(shown)
}

/// PostgreSQL's text holds no NUL.
fn clean(text: &str, longest: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(longest).collect()
}

/// The whole chain in one line, without the URL: it may hold a secret.
fn describe(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    if parts.is_empty() {
        return if error.is_builder() {
            "the URL or method cannot be called".to_string()
        } else {
            "the call failed".to_string()
        };
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_a_day_at_most() {
        let now = DateTime::from_timestamp(784_111_740, 0).unwrap_or_default();
        for (text, wanted) in [
            ("120", Some(120_000)),
            (" 7 ", Some(7_000)),
            ("0", None),
            ("-5", None),
            ("99999999999999999999", None),
            ("9999999999", Some(86_400_000)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37_000)),
            ("Sun, 06 Nov 1994 08:48:00 GMT", None),
            ("Mon, 06 Nov 2034 08:49:37 GMT", Some(86_400_000)),
            ("soon", None),
            ("1.5", None),
        ] {
            assert_eq!(asked(text, now), wanted, "{text}");
        }
    }
}
