//! One HTTP call of a webhook. Knows nothing of paths and claims.

use std::time::{Duration, Instant};

use chrono::Utc;
use reqwest::{
    Client, Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use serde_json::{Map, Value};

use super::signature::sign;
use crate::{
    error::{Context, Result},
    model::header_safe,
    store::delivery::{Claim, Outcome},
};

/// This much of an answer is read; the rest stays where it is.
const MAX_READ: usize = 64 * 1024;
/// This much of it is kept in `response_body`.
const MAX_KEPT: usize = 4096;

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
    let answer = tokio::time::timeout(deadline(claim), call(client, claim)).await;
    let mut outcome = Outcome {
        call_id: claim.call_id,
        event_id: claim.event_id.clone().filter(|_| claim.in_ledger),
        attempt: claim.attempt,
        ok: false,
        http_status: None,
        error: None,
        body: None,
        headers: None,
        took_ms: begin.elapsed().as_secs_f64() * 1000.0,
    };
    match answer {
        Ok(Ok(answer)) => {
            outcome.ok = (200..300).contains(&answer.status);
            outcome.http_status = Some(answer.status.into());
            outcome.error = (!outcome.ok).then(|| format!("HTTP {}", answer.status));
            outcome.body = Some(answer.body);
            outcome.headers = Some(answer.headers);
        }
        Ok(Err(error)) => outcome.error = Some(clean(&describe(&error), 1000)),
        Err(_) => outcome.error = Some(format!("no answer within {} ms", claim.timeout_ms)),
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
}

async fn call(client: &Client, claim: &Claim) -> reqwest::Result<Answer> {
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
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let headers = shown(response.headers());
    let mut bytes = Vec::new();
    // What the receiver has answered counts, even if the rest of its body does not come.
    while bytes.len() < MAX_READ
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        headers,
        body: clean(&String::from_utf8_lossy(&bytes), MAX_KEPT),
    })
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
