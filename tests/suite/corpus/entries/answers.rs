//! What endpoints answer. Whatever it is, the attempt ends, and its result is written or set aside.

use super::super::{
    endpoint::Answer,
    entry::{AN_END, Entry, GIVEN_UP, OK, Outcome, answer},
};

/// Status line, headers and body, the length as it is.
fn raw(head: &str, body: &[u8]) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    Answer::Raw(bytes)
}

fn header(value: &[u8]) -> Answer {
    let mut bytes = b"HTTP/1.1 200 OK\r\nx-odd: ".to_vec();
    bytes.extend(value);
    bytes.extend(b"\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
    Answer::Raw(bytes)
}

pub const ENTRIES: &[Entry] = &[
    answer("NUL in the body", || raw("200 OK", b"a\0b\0"), OK),
    answer(
        "not UTF-8",
        || raw("200 OK", &[0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
        OK,
    ),
    answer(
        "a rune cut in two",
        || raw("200 OK", &"☃".repeat(70_000).into_bytes()[1..]),
        OK,
    ),
    answer("snowman", || raw("200 OK", "☃".as_bytes()), OK),
    answer(
        "a body without end",
        || Answer::Endless("HTTP/1.1 200 OK\r\n\r\n"),
        AN_END,
    ),
    answer(
        "a head without end",
        || Answer::Endless("HTTP/1.1 200 OK\r\nx-long: "),
        GIVEN_UP,
    ),
    answer(
        "bytes above 127 in a header",
        || header(&[0x80, 0xff, 0xe2, 0x98, 0x83]),
        AN_END,
    ),
    answer("a NUL in a header", || header(b"a\0b"), AN_END),
    answer(
        "quotes and backslashes in a header",
        || header(br#"\u0000 "\" {"a":1}"#),
        OK,
    ),
    answer("64 kB in a header", || header(&[b'h'; 65_536]), AN_END),
    answer("status 999", || raw("999 Odd", b""), GIVEN_UP),
    answer("status 99", || raw("099 Odd", b""), GIVEN_UP),
    answer(
        "status 100 for ever",
        || Answer::Raw(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(50)),
        GIVEN_UP,
    ),
    answer(
        "no HTTP",
        || Answer::Raw(b"\x00\x01\x02nonsense\r\n\r\n".to_vec()),
        GIVEN_UP,
    ),
    answer("nothing at all", || Answer::Raw(Vec::new()), GIVEN_UP),
    answer(
        "half of a body",
        || Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec()),
        AN_END,
    ),
    answer(
        "two lengths",
        || {
            Answer::Raw(
                b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok".to_vec(),
            )
        },
        AN_END,
    ),
    answer(
        "Retry-After beyond numbers",
        || raw("503 Later\r\nretry-after: 99999999999999999999", b""),
        &[Outcome::Dead, Outcome::Waits],
    ),
    answer(
        "Retry-After below zero",
        || raw("429 Later\r\nretry-after: -1", b""),
        GIVEN_UP,
    ),
    answer(
        "moved to nowhere",
        || raw("302 Found\r\nlocation: http://127.0.0.1:1/\\x00", b""),
        GIVEN_UP,
    ),
];

/// In a LATIN1 database.
pub const LATIN1: &[Entry] = &[
    answer("snowman", || raw("200 OK", "☃".as_bytes()), OK),
    answer(
        "snowman and an error",
        || raw("500 ☃", "☃ broke".as_bytes()),
        GIVEN_UP,
    ),
    answer("NUL in the body", || raw("200 OK", b"a\0b"), OK),
    answer("snowman in a header", || header("☃".as_bytes()), AN_END),
    answer("LATIN1 itself", || raw("200 OK", "grün".as_bytes()), OK),
];
