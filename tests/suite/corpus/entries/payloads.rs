//! What callers publish.

use super::super::entry::{Entry, Mode, NEVER, OK, payload};

/// Odd, and to be delivered byte for byte.
pub const ENTRIES: &[Entry] = &[
    payload("empty object", "'{}'", OK),
    payload("scalar", "'42'", OK),
    payload("null", "'null'", OK),
    payload("empty string", "'\"\"'", OK),
    payload(
        "beyond the basic plane",
        r#"'{"🦀": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 😀 \ud83d\ude00"}'"#,
        OK,
    ),
    payload(
        "escapes like a NUL",
        r#"'{"a": "\\u0000", "b": "\\\\u0000 %00"}'"#,
        OK,
    ),
    payload(
        "control characters",
        r#"'{"a": "\u0001\u001f\r\n\t\u007f\u2028"}'"#,
        OK,
    ),
    payload(
        "numbers beyond double",
        "'[1e400, -1e400, 1e-400, 0.1000000000000000000000000001]'",
        OK,
    ),
    payload(
        "5,000 levels",
        "(repeat('[', 5000) || repeat(']', 5000))::jsonb",
        OK,
    ),
    payload("900 kB", "jsonb_build_object('x', repeat('x', 900000))", OK).times(4),
    payload(
        "5 MB, more than NATS carries",
        "jsonb_build_object('x', repeat('x', 5000000))",
        OK,
    )
    .times(1),
];

/// So many large ones that a read which is bounded by rows takes hundreds of MB.
/// Only `scripts/promise` has the time.
#[allow(dead_code)]
pub const LARGE: &[Entry] = &[payload(
    "50 of 900 kB",
    "jsonb_build_object('x', repeat('x', 900000))",
    OK,
)
.times(50)];

/// More than 1 GB as text, though 144 kB as jsonb: PostgreSQL cannot say it. A run of its own, since each try costs seconds.
pub const GIANT: &[Entry] = &[payload(
    "9,000 long numbers",
    "(SELECT jsonb_agg('1e131000'::numeric) FROM generate_series(1, 9000))",
    NEVER,
)
.times(1)
.only(&[Mode::Queue, Mode::Nats])];
