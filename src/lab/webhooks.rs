//! Some forty webhooks of all kinds: names with spaces, quotes and misleading words, several methods, a slow endpoint, some
//! that fail now and then, some switched off. The same seed makes the same set.

use fastrand::Rng;

/// How the receiver treats a webhook's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers 200 after this many milliseconds.
    Steady { ms: u64 },
    /// Answers the first call of this percentage of the events with 500, and every later one with 200.
    Flaky { percent: u8, ms: u64 },
}

impl Behaviour {
    pub fn delay_ms(self) -> u64 {
        match self {
            Behaviour::Steady { ms } | Behaviour::Flaky { ms, .. } => ms,
        }
    }
}

/// One webhook of the lab. Its number is also the last part of its URL.
#[derive(Debug, Clone, PartialEq)]
pub struct LabWebhook {
    /// From 1, in the order of insertion.
    pub number: u16,
    pub name: String,
    pub method: &'static str,
    pub tags: Vec<&'static str>,
    pub enabled: bool,
    pub signed: bool,
    pub behaviour: Behaviour,
    pub max_retries: i32,
    pub retry_delay_ms: i32,
    /// Share of the traffic, relative to the others.
    pub weight: u32,
    /// Calls of the week before.
    pub past_calls: i32,
}

/// What the names stand for decides volume and behaviour.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Busy,
    Plain,
    Quiet,
    Slow,
    Flaky,
    Off,
}

use Kind::{Busy, Flaky, Off, Plain, Quiet, Slow};

const SET: &[(&str, &str, &[&str], Kind)] = &[
    ("analytics_events", "POST", &["analytics"], Busy),
    ("test_hook", "POST", &[], Quiet),
    ("dev-sandbox", "POST", &["dev"], Quiet),
    ("QA Test Runner", "PUT", &[], Quiet),
    ("checkout_dev", "POST", &[], Quiet),
    ("nightly test report", "PATCH", &[], Quiet),
    ("Page View Analytics", "POST", &["analytics"], Busy),
    ("clickstream-analytics", "POST", &["analytics"], Busy),
    ("audit_log", "POST", &[], Busy),
    ("access-log-shipper", "PUT", &[], Busy),
    ("App Log", "POST", &["logs"], Flaky),
    ("search analytics EU", "POST", &[], Plain),
    ("email_welcome", "POST", &["mail"], Plain),
    ("Email Digest", "POST", &["mail"], Plain),
    ("email-password-reset", "POST", &["mail"], Plain),
    ("push_notification", "POST", &[], Busy),
    ("SMS Notification", "POST", &[], Flaky),
    ("slack notification", "POST", &["chat"], Plain),
    ("notification-center", "PUT", &[], Plain),
    ("User Created", "POST", &[], Plain),
    ("user created", "POST", &[], Quiet),
    ("user_deleted", "DELETE", &[], Quiet),
    ("Order  Shipped", "POST", &["orders"], Plain),
    ("order_placed", "POST", &["orders"], Busy),
    ("order-cancelled", "PATCH", &["orders"], Quiet),
    ("catalog_sync", "POST", &[], Plain),
    ("inventory.update", "PUT", &[], Plain),
    ("CRM \"Sales\" (O'Brien)", "POST", &["crm"], Quiet),
    ("Größenänderung", "POST", &[], Quiet),
    ("partner*feed", "POST", &["partner"], Quiet),
    ("warehouse legacy", "POST", &["partner"], Slow),
    ("geo lookup", "GET", &[], Quiet),
    ("payment_captured", "POST", &["critical"], Plain),
    ("Payment Alert", "POST", &["critical"], Quiet),
    ("latest_payment", "POST", &[], Plain),
    ("refund_payment", "POST", &["critical"], Quiet),
    ("critical stock alert", "POST", &[], Quiet),
    ("fraud-alert", "POST", &["critical"], Flaky),
    ("retired analytics export", "POST", &["analytics"], Off),
    ("Old Email Gateway", "POST", &["mail"], Off),
    ("payment_sandbox", "POST", &[], Off),
];

/// The set of this seed; names and methods are always the same, volumes and delays are not.
pub fn set(seed: u64) -> Vec<LabWebhook> {
    let mut random = Rng::with_seed(seed);
    SET.iter()
        .zip(1..)
        .map(|(&(name, method, tags, kind), number)| {
            let ms = random.u64(1..=8);
            let (weight, past_calls) = match kind {
                Busy => (random.u32(14..=18), random.i32(1200..=1500)),
                Plain | Flaky => (random.u32(5..=8), random.i32(150..=400)),
                Quiet => (random.u32(3..=4), random.i32(10..=60)),
                Slow => (2, 40),
                Off => (0, 5),
            };
            LabWebhook {
                number,
                name: name.to_string(),
                method,
                tags: tags.to_vec(),
                enabled: kind != Off,
                signed: number % 5 == 0,
                behaviour: match kind {
                    Flaky => Behaviour::Flaky { percent: 2, ms },
                    Slow => Behaviour::Steady { ms: 300 },
                    _ => Behaviour::Steady { ms },
                },
                // Many short retries, so that an outage of seconds kills no event.
                max_retries: 9,
                retry_delay_ms: random.i32(300..=500),
                weight,
                past_calls,
            }
        })
        .collect()
}
