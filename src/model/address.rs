//! Addresses of servers as people write them: what in them is secret, and what may be shown. Knows no server.

/// A URL cut at the end of its user information, which is all between `//` and the last `@`, whatever characters it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// Before `://`.
    pub scheme: Option<&'a str>,
    /// User and password, or a token. Never shown.
    pub login: Option<&'a str>,
    /// Host, port and what follows.
    pub rest: &'a str,
}

/// Cuts one URL.
pub fn cut(url: &str) -> Address<'_> {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, url),
    };
    match rest.rsplit_once('@') {
        Some((login, rest)) => Address {
            scheme,
            login: Some(login),
            rest,
        },
        None => Address {
            scheme,
            login: None,
            rest,
        },
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Splits a list at its commas; a comma in a password is none of them. `None`: there is more than one reading.
pub fn split_list(text: &str) -> Option<Vec<String>> {
    let mut urls = Vec::new();
    for chunk in before_schemes(text) {
        let address = cut(chunk);
        // Both are marks of a list in which not every URL has its scheme: which `@` ends a password?
        if address
            .login
            .is_some_and(|login| login.contains('@') && login.contains(','))
        {
            return None;
        }
        let mut hosts = address.rest.split(',');
        let first = hosts.next().unwrap_or_default();
        let head = &chunk[..chunk.len() - address.rest.len()];
        urls.push(format!("{head}{}", first.trim()));
        urls.extend(hosts.map(|host| host.trim().to_string()));
    }
    urls.retain(|url| !url.is_empty());
    Some(urls)
}

/// Cuts at each comma that a URL with its scheme follows.
fn before_schemes(text: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(',') {
        let next = text[at + 1..].trim_start();
        if next
            .split_once("://")
            .is_some_and(|(scheme, _)| is_scheme(scheme))
        {
            chunks.push(text[begin..at].trim());
            begin = at + 1;
        }
    }
    chunks.push(text[begin..].trim());
    chunks
}

/// Is this a host and perhaps a port, and nothing else?
pub fn is_place(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(inside) => match inside.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => (host, port),
            _ => return false,
        },
        None => match text.find(':') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        },
    };
    let plain = |c: char| c.is_alphanumeric() || "-_.:".contains(c);
    !host.is_empty()
        && host.chars().all(plain)
        && (port.is_empty()
            || port[1..]
                .parse::<u16>()
                .is_ok_and(|_| port.starts_with(':')))
}

/// What `%XX` stands for; what does not decode is taken as it is.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_split_where_urls_begin() {
        let split = |text| split_list(text).unwrap();
        assert_eq!(
            split("nats://a:1, nats://b:2 ,"),
            ["nats://a:1", "nats://b:2"]
        );
        assert_eq!(
            split("nats://u:p,w@a, b:2,tls://t@c"),
            ["nats://u:p,w@a", "b:2", "tls://t@c"]
        );
        assert_eq!(split(""), [""; 0]);
        assert!(split_list("nats://u:p@a,u:p@b").is_none());
    }

    #[test]
    fn places_are_hosts_and_ports() {
        for good in [
            "a",
            "a.example:4222",
            "127.0.0.1:1",
            "[::1]",
            "[fe80::1]:4222",
            "under_score",
        ] {
            assert!(is_place(good), "{good}");
        }
        for bad in [
            "", ":1", "a:", "a:x", "a:99999", "a/b", "a b", "[::1", "[a]:1", "[::1]4", "a?b",
        ] {
            assert!(!is_place(bad), "{bad}");
        }
    }

    #[test]
    fn percent_signs_are_read_where_they_mean_something() {
        assert_eq!(decode("a%40b%2f%"), "a@b/%");
        assert_eq!(decode("100%zz%é"), "100%zz%é");
        assert_eq!(decode("%ff"), "%ff");
    }

    proptest! {
        #[test]
        fn a_login_ends_at_the_last_at_sign(login in "[ -~é]{0,40}", host in "[a-z]{1,9}(:[1-9][0-9]{0,3})?") {
            let url = format!("nats://{login}@{host}");
            let address = cut(&url);
            prop_assert!(address.login == Some(&login) && address.rest == host);
        }

        #[test]
        fn nothing_panics(text in "\\PC*") {
            let _ = (split_list(&text), is_place(&text), decode(&text));
        }
    }
}
