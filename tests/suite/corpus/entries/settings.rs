//! What stands in a webhook's row. The engine's own checks of these columns are gone.

use super::super::entry::{AN_END, Entry, GIVEN_UP, NEVER, OK, Outcome, ROUTED, failing, setting};

/// After a first attempt, its next one is far away, or it is given up.
const LATER: &[Outcome] = &[Outcome::Waits, Outcome::Dead, Outcome::Stuck];

pub const ENTRIES: &[Entry] = &[
    failing(
        "a delay beyond numeric",
        "retry_delay_ms = 2147483647, retry_backoff_multiplier = 1e100, max_retries = 2147483647",
        LATER,
    ),
    failing(
        "a multiplier that is no number",
        "retry_backoff_multiplier = 'NaN'",
        LATER,
    ),
    failing(
        "a multiplier of zero",
        "retry_backoff_multiplier = 0",
        GIVEN_UP,
    ),
    failing(
        "a multiplier below zero",
        "retry_backoff_multiplier = -2",
        GIVEN_UP,
    ),
    failing(
        "a delay below zero",
        "retry_delay_ms = -2147483648",
        GIVEN_UP,
    ),
    failing(
        "no retry settings at all",
        "retry_delay_ms = NULL, retry_backoff_multiplier = NULL, retry_enabled = NULL",
        LATER,
    ),
    failing("retries below zero", "max_retries = -1", GIVEN_UP),
    failing(
        "no number of retries",
        "max_retries = NULL, retry_delay_ms = 2147483647",
        LATER,
    ),
    setting("no time-out", "timeout_ms = NULL", OK),
    setting("a time-out of zero", "timeout_ms = 0", AN_END),
    setting("a time-out below zero", "timeout_ms = -5", AN_END),
    setting("a time-out of 24 days", "timeout_ms = 2147483647", OK),
    setting("headers that are a list", "headers = '[1, 2]'", AN_END),
    setting("headers that are a number", "headers = '7'", AN_END),
    setting("headers that are null", "headers = 'null'", OK),
    setting("no headers", "headers = NULL", OK),
    setting(
        "headers that are objects",
        r#"headers = '{"a": {"b": [1]}, "c": null, "d": true}'"#,
        AN_END,
    ),
    setting(
        "a line break in a header",
        r#"headers = '{"X-Odd": "a\r\nX-Smuggled: b"}'"#,
        AN_END,
    ),
    setting(
        "a line break in a header's name",
        r#"headers = '{"X-Odd: a\r\nX-Smuggled": "b"}'"#,
        AN_END,
    ),
    setting(
        "a snowman in a header",
        r#"headers = '{"X-Odd": "☃", "☃": "x"}'"#,
        AN_END,
    ),
    setting(
        "an empty name of a header",
        r#"headers = '{"": "x"}'"#,
        AN_END,
    ),
    setting(
        "1 MB in a header",
        "headers = jsonb_build_object('X-Long', repeat('h', 1000000))",
        AN_END,
    ),
    setting(
        "a header that frames",
        r#"headers = '{"Content-Length": "3", "Transfer-Encoding": "chunked", "Connection": "close"}'"#,
        OK,
    ),
    setting("a method that is none", "{method} = 'FOO BAR'", AN_END),
    setting("no method", "{method} = NULL", OK),
    setting("an empty method", "{method} = ''", AN_END),
    setting("an empty URL", "{url} = ''", GIVEN_UP),
    setting("a URL that is none", "{url} = 'http://'", GIVEN_UP),
    setting("ftp", "{url} = 'ftp://127.0.0.1/x'", GIVEN_UP),
    setting("port 99999", "{url} = 'http://127.0.0.1:99999/'", GIVEN_UP),
    setting(
        "a host that is none",
        "{url} = 'http://no-such-host.invalid/'",
        &[Outcome::Dead, Outcome::Stuck, Outcome::Waits],
    ),
    setting(
        "a URL of 1 MB",
        "{url} = {url} || '?' || repeat('x', 1000000)",
        AN_END,
    ),
    setting(
        "a port that is closed",
        "{url} = 'http://127.0.0.1:1/'",
        GIVEN_UP,
    ),
    setting("enabled is NULL", "enabled = NULL", OK),
    setting(
        "a takeover below zero",
        "nats_takeover_after_ms = -2147483648",
        &[Outcome::Delivered, Outcome::Refused],
    )
    .only(ROUTED),
    setting(
        "a takeover after 24 days",
        "nats_takeover_after_ms = 2147483647",
        OK,
    )
    .only(ROUTED),
    setting("no share", "nats_share = NULL", &[Outcome::Refused]).only(ROUTED),
    setting(
        "an empty subject",
        "nats_subject = ''",
        &[
            Outcome::Delivered,
            Outcome::Dead,
            Outcome::Stuck,
            Outcome::Refused,
        ],
    )
    .only(ROUTED),
    setting(
        "a subject of no stream",
        "nats_subject = 'elsewhere.x'",
        &[
            Outcome::Delivered,
            Outcome::Dead,
            Outcome::Stuck,
            Outcome::Waits,
        ],
    )
    .only(ROUTED),
    setting(
        "a subject with blanks",
        "nats_subject = 'webhooks.a b'",
        &[
            Outcome::Delivered,
            Outcome::Dead,
            Outcome::Stuck,
            Outcome::Refused,
        ],
    )
    .only(ROUTED),
    setting(
        "a subject with wildcards",
        "nats_subject = 'webhooks.*.>'",
        &[
            Outcome::Delivered,
            Outcome::Dead,
            Outcome::Stuck,
            Outcome::Refused,
        ],
    )
    .only(ROUTED),
];

/// Headers whose text PostgreSQL cannot make. Each look at them costs seconds: only `scripts/promise` has the time.
#[allow(dead_code)]
pub const GIANT: &[Entry] = &[setting(
    "headers of more than 1 GB",
    "headers = (SELECT jsonb_build_object('X', jsonb_agg('1e131000'::numeric)) FROM generate_series(1, 9000))",
    NEVER,
)];
