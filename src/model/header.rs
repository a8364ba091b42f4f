//! Event ids in headers: callers choose parts of them, so that anything may be in there.

use std::borrow::Cow;

/// An id as a header may carry it, of NATS or HTTP: what is not visible ASCII, and `%`, is percent-encoded.
pub fn header_safe(id: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%';
    if id.bytes().all(plain) {
        return Cow::Borrowed(id);
    }
    let mut safe = String::with_capacity(id.len() + 8);
    for byte in id.bytes() {
        if plain(byte) {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(safe)
}

/// The id that `header_safe` was given; `None` if it cannot have made this, or PostgreSQL cannot hold it: no id of ours has a NUL.
pub fn from_header(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = [rest.next()?, rest.next()?];
        let hex = std::str::from_utf8(&pair).ok()?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|id| !id.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_id_survives_its_header(id in "[^\\x00]*") {
            let safe = header_safe(&id);
            proptest::prop_assert!(safe.bytes().all(|b| b.is_ascii_graphic()));
            proptest::prop_assert_eq!(from_header(&safe), Some(id.clone()));
        }
    }

    #[test]
    fn a_line_break_cannot_smuggle_a_header() {
        assert_eq!(header_safe("7:a\r\nX: y"), "7:a%0D%0AX:%20y");
        assert_eq!(from_header("%zz"), None);
        assert_eq!(from_header("10:q1%00"), None);
    }
}
