//! One HTTP call of a webhook. Knows nothing of paths and claims.

use std::{io::ErrorKind, net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{
    Client, Method, Request, Response, Url,
    header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use super::{
    caller::{Caller, LocalTrouble, Reason, Trace, causes, host_of, ours, routed},
    signature::sign,
};
use crate::{
    model::{callable, header_is_ours, header_safe},
    store::{delivery::Claim, record::AttemptResult},
};

/// This much of an answer is read; the rest stays where it is.
const MAX_READ: usize = 64 * 1024;
/// This much of it is kept in `response_body`.
const MAX_KEPT: usize = 4096;
/// An endpoint that asks for more than a day gets a day, in milliseconds.
const LONGEST_ASKED: i64 = 24 * 60 * 60 * 1000;

/// Makes the attempt within the webhook's deadline. Every failure is an outcome, except trouble of this worker's own: then the
/// endpoint was not called, and no attempt is spent.
pub async fn attempt(caller: &Arc<Caller>, claim: &Claim) -> Result<AttemptResult, LocalTrouble> {
    let begin = Instant::now();
    let url = callable(&claim.url);
    let host = url.as_ref().map(host_of).unwrap_or_default();
    caller.pauses().begin(claim.webhook_id, &host);
    let end = begin + deadline(claim);
    let mut resent = false;
    let answer = match &url {
        Ok(url) => call(caller, claim, url, &host, end, &mut resent).await,
        Err(why) => Err(Failure::Setting(why.clone())),
    };
    let mut outcome = AttemptResult {
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
        resent,
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
        // The endpoint may have had the first call: that is an attempt.
        Err(Failure::Local(trouble)) if resent => {
            outcome.error = Some(clean(&trouble.to_string(), 1000));
        }
        Err(Failure::Local(trouble)) => {
            caller.hindered(claim.webhook_id, &host, &trouble, begin);
            return Err(trouble);
        }
        Err(Failure::Http(error)) => outcome.error = Some(clean(&describe(&error), 1000)),
        Err(Failure::Setting(why)) => outcome.error = Some(clean(&why, 1000)),
        Err(Failure::Late) => {
            outcome.error = Some(format!("no answer within {} ms", claim.timeout_ms));
        }
    }
    Ok(outcome)
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
    /// The webhook's own URL leads nowhere.
    Setting(String),
    Local(LocalTrouble),
}

async fn call(
    caller: &Arc<Caller>,
    claim: &Claim,
    url: &Url,
    host: &str,
    end: Instant,
    resent: &mut bool,
) -> Result<Answer, Failure> {
    caller
        .check(url)
        .map_err(|refused| Failure::Setting(refused.to_string()))?;
    let line = caller.line(host);
    let request = request(&line.client, caller.now(), claim, url)?;
    let again = request.try_clone();
    let trace = Arc::new(Trace::default());
    let mut sent = send(&line.client, request, &trace, end).await;
    if let (Err(Failure::Http(error)), Some(again)) = (&sent, again)
        && line.used_before(&trace)
        && closed_unanswered(error)
    {
        // The endpoint may have had it all the same, and knows it by its `webhook-id`.
        *resent = true;
        sent = send(&caller.again(), again, &trace, end).await;
    }
    let mut response = match sent {
        Ok(response) => response,
        Err(failure) => return Err(blamed(failure, &trace, &line.addresses(url, &trace))),
    };
    line.got_through(&trace);
    caller
        .pauses()
        .got_through(claim.webhook_id, host, trace.connected());
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

fn request(
    client: &Client,
    now: DateTime<Utc>,
    claim: &Claim,
    url: &Url,
) -> Result<Request, Failure> {
    let method = Method::from_bytes(claim.method.as_bytes()).unwrap_or(Method::POST);
    let body = if method == Method::GET {
        String::new()
    } else {
        claim.payload.clone()
    };
    let mut request = client
        .request(method.clone(), url.clone())
        .headers(headers(claim, now, &body).map_err(Failure::Local)?);
    if method != Method::GET {
        request = request.body(body);
    }
    request.build().map_err(Failure::Http)
}

async fn send(
    client: &Client,
    request: Request,
    trace: &Arc<Trace>,
    end: Instant,
) -> Result<Response, Failure> {
    let answered = trace.follow(timeout_at(end, client.execute(request))).await;
    answered.map_err(|_| Failure::Late)?.map_err(Failure::Http)
}

/// Did the connection end before an answer began? Asked only of one that had been kept: it closed while nothing went over it.
fn closed_unanswered(error: &reqwest::Error) -> bool {
    !error.is_connect()
        && causes(error).any(|cause| {
            if let Some(error) = cause.downcast_ref::<hyper::Error>() {
                return error.is_incomplete_message() || error.is_canceled() || error.is_closed();
            }
            let Some(error) = cause.downcast_ref::<std::io::Error>() else {
                return false;
            };
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::NotConnected
            )
        })
}

/// Whose fault was it? What is this worker's own is no attempt.
fn blamed(failure: Failure, trace: &Trace, addresses: &[IpAddr]) -> Failure {
    let local = |reason, text: String| {
        let text = clean(&text, 1000);
        Failure::Local(LocalTrouble { reason, text })
    };
    match failure {
        Failure::Late if trace.resolving() => local(
            Reason::Resolver,
            "the resolver did not answer within the deadline".to_string(),
        ),
        Failure::Late if !routed(addresses) => local(
            Reason::Route,
            "no answer within the deadline, and this machine has no route to the endpoint"
                .to_string(),
        ),
        Failure::Http(error) => match ours(&error, &|| routed(addresses)) {
            Some(reason) => local(reason, describe(&error)),
            None => Failure::Http(error),
        },
        other => other,
    }
}

/// `Retry-After`, seconds or a date (RFC 9110, 10.2.3), as milliseconds from now: a day at most.
fn asked(text: &str, now: DateTime<Utc>) -> Option<i64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let ms = if digits {
        // More digits than a number has are a day all the same.
        text.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(1000)
    } else {
        // "GMT" is all that HTTP dates know.
        DateTime::parse_from_rfc2822(text)
            .ok()?
            .signed_duration_since(now)
            .num_milliseconds()
    };
    (ms > 0).then_some(ms.min(LONGEST_ASKED))
}

/// The webhook's own headers, but those that frame or sign a message; then those of Standard Webhooks.
fn headers(claim: &Claim, now: DateTime<Utc>, body: &str) -> Result<HeaderMap, LocalTrouble> {
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
            (Ok(name), Ok(value))
                if !header_is_ours(name.as_str()) && (name != HOST || names_a_host(&text)) =>
            {
                headers.insert(name, value);
            }
            _ => {
                tracing::debug!(webhook = claim.webhook_id, header = %name, "left out a header that a webhook cannot set")
            }
        }
    }
    let id = match &claim.event_id {
        Some(event_id) => header_safe(event_id).into_owned(),
        None => format!("call-{}", claim.call_id),
    };
    let timestamp = now.timestamp();
    let secret = claim.secret.as_deref();
    let signature = secret
        .map(|secret| sign(secret, &id, timestamp, body))
        .transpose()
        .map_err(|broken| LocalTrouble {
            reason: Reason::Secret,
            text: format!("{broken}: nothing is sent unsigned"),
        })?;
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
    Ok(headers)
}

/// A `Host` of the webhook's own is for endpoints behind a bare address; it has to be one.
fn names_a_host(text: &str) -> bool {
    let url = Url::parse(&format!("http://{text}"));
    url.is_ok_and(|url| url.path() == "/" && url.username().is_empty() && url.query().is_none())
        && !text.contains(['/', '@', '?', '#', ' '])
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

/// PostgreSQL's text holds every character but NUL.
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
#[allow(clippy::unwrap_used)]
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
            ("99999999999999999999", Some(86_400_000)),
            ("000000000000000000000007", Some(7_000)),
            ("", None),
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
