//! What somebody else publishes into the stream. PostgreSQL's events come all the same, once, with PostgreSQL's body.

use super::super::entry::{Entry, Message, OK, Plant, ROUTED, Target};

fn message(headers: &[(&'static str, String)], body: &[u8]) -> Message {
    Message {
        headers: headers.to_vec(),
        body: body.to_vec(),
    }
}

/// As the relay would send it.
fn forged(target: &Target, event: &str, count: &str, body: &[u8]) -> Message {
    message(
        &[
            ("Wavegate-Event-Id", event.to_string()),
            ("Wavegate-Webhook-Id", target.webhook.to_string()),
            ("Wavegate-Publish-Count", count.to_string()),
        ],
        body,
    )
}

const BODY: &[u8] = b"{\"forged\": true}";

const fn after(name: &'static str, message: fn(&Target) -> Message) -> Entry {
    Entry::new(name, Plant::After(message), OK).only(ROUTED)
}

const fn before(name: &'static str, message: fn(&Target) -> Message) -> Entry {
    Entry::new(name, Plant::Before(message), OK).only(ROUTED)
}

pub const ENTRIES: &[Entry] = &[
    after("no headers", |_| message(&[], BODY)),
    after("nothing at all", |_| message(&[], b"")),
    after("an id alone", |t| {
        message(&[("Wavegate-Event-Id", t.event.clone())], BODY)
    }),
    after("an empty id", |t| forged(t, "", "1", BODY)),
    after("a NUL in the id", |t| {
        forged(t, &format!("{}:q1%00", t.webhook), "1", BODY)
    }),
    after("a NUL behind a real id", |t| {
        forged(t, &format!("{}%00", t.event), "1", BODY)
    }),
    after("half an escape in the id", |t| {
        forged(t, &format!("{}%0", t.event), "1", BODY)
    }),
    after("an id that is no UTF-8", |t| {
        forged(t, "%ff%fe%ed%a0%80", "1", BODY)
    }),
    after("an id of 10 kB", |t| {
        forged(t, &"x".repeat(10_000), "1", BODY)
    }),
    after("an event that is unknown", |t| {
        forged(t, &format!("{}:never", t.webhook), "1", BODY)
    }),
    after("another webhook's number", |t| {
        let mut message = forged(t, &t.event, "1", BODY);
        message.headers[1].1 = "1".to_string();
        message
    }),
    after("a number that is none", |t| {
        let mut message = forged(t, &t.event, "1", BODY);
        message.headers[1].1 = "99999999999999999999".to_string();
        message
    }),
    after("a forged body under a real id", |t| {
        forged(t, &t.event, "1", BODY)
    }),
    after("copy 2147483647", |t| {
        forged(t, &t.event, "2147483647", BODY)
    }),
    after("copy 9223372036854775807", |t| {
        forged(t, &t.event, "9223372036854775807", BODY)
    }),
    after("copy -1", |t| forged(t, &t.event, "-1", BODY)),
    after("an empty body", |t| forged(t, &t.event, "1", b"")),
    after("a body of 1 MB", |t| {
        forged(t, &t.event, "1", &vec![b'x'; 1_000_000])
    }),
    after("a body that is no JSON", |t| {
        forged(t, &t.event, "1", b"\xff\x00{")
    }),
    before("a forged body before the real one", |t| {
        forged(t, &t.event, "1", BODY)
    }),
    before("an empty body before the real one", |t| {
        forged(t, &t.event, "1", b"")
    }),
    before("the real one's message id, taken", |t| {
        let mut message = forged(t, &t.event, "1", BODY);
        message
            .headers
            .push(("Nats-Msg-Id", format!("{}#1", t.event)));
        message
    }),
    before("copy 2147483647 before the real one", |t| {
        forged(t, &t.event, "2147483647", BODY)
    }),
    before("an envelope that is none", |t| {
        let mut message = forged(t, &t.event, "1", BODY);
        message.headers.push(("Wavegate-Envelope", "1".to_string()));
        message
    }),
];
