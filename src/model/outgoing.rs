//! What a webhook's settings may say about its calls: address, headers, signing secret. Workers keep to it, preflight names
//! the webhooks that do not. Pure.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use reqwest::Url;

/// Standard and URL-safe characters are made one before; padding may be there or not.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A header that no webhook can set: where a message ends, what becomes of its connection, and who signed it is the worker's.
/// `Host` is not among them: an endpoint behind a bare address may want it.
pub fn header_is_ours(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.starts_with("proxy-")
        || matches!(
            name.as_str(),
            "content-length"
                | "transfer-encoding"
                | "connection"
                | "keep-alive"
                | "upgrade"
                | "te"
                | "trailer"
                | "expect"
                | "http2-settings"
                | "webhook-id"
                | "webhook-timestamp"
                | "webhook-signature"
        )
}

/// A URL that a webhook can be called at, or why there is none. The reason never holds the URL: it may hold a password.
pub fn callable(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|why| format!("the URL cannot be called: {why}"))?;
    let fault = match url.scheme() {
        "http" | "https" if !url.has_host() => "it has no host",
        "http" | "https" if url.port() == Some(0) => "port 0 is none",
        "http" | "https" => return Ok(url),
        _ => "its scheme is neither http nor https",
    };
    Err(format!("the URL cannot be called: {fault}"))
}

/// A signing secret that signs nothing. Never shows the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenSecret(&'static str);

impl std::fmt::Display for BrokenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// The key in a signing secret: `whsec_` and base64, standard or URL-safe, padded or not; anything else is the key itself.
pub fn signing_key(secret: &str) -> Result<Vec<u8>, BrokenSecret> {
    let trimmed = secret.trim();
    if trimmed.is_empty() {
        return Err(BrokenSecret("the signing secret is empty"));
    }
    let Some(text) = trimmed.strip_prefix("whsec_") else {
        return Ok(secret.as_bytes().to_vec());
    };
    let text = text.trim().replace('-', "+").replace('_', "/");
    match FORGIVING.decode(text) {
        Ok(key) if key.is_empty() => Err(BrokenSecret(
            "the signing secret has nothing after `whsec_`",
        )),
        Ok(key) => Ok(key),
        Err(_) => Err(BrokenSecret(
            "the signing secret is not base64 after `whsec_`",
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn framing_and_signing_are_ours_and_the_rest_is_the_webhooks() {
        for name in [
            "Content-Length",
            "TRANSFER-ENCODING",
            " connection",
            "Proxy-Authorization",
            "Webhook-Signature",
            "te",
        ] {
            assert!(header_is_ours(name), "{name}");
        }
        for name in ["Host", "Content-Type", "Authorization", "X-Te"] {
            assert!(!header_is_ours(name), "{name}");
        }
    }

    #[test]
    fn a_url_can_be_called_or_says_why_not() {
        for url in [
            "http://a.example",
            "https://u:p@a.example:8443/x?y#z",
            "HTTP://[::1]:80/",
            " http://a.example ",
        ] {
            assert!(callable(url).is_ok(), "{url}");
        }
        for url in [
            "ftp://a.example/secret",
            "//a.example/secret",
            "a.example/secret",
            "http://a.example:99999/secret",
            "http://a.example:0/secret",
            "http://",
            "http://[::g]/secret",
            "",
            "mailto:secret@a.example",
        ] {
            let why = callable(url).unwrap_err();
            assert!(
                why.starts_with("the URL cannot be called: ") && !why.contains("secret"),
                "{url}: {why}"
            );
        }
    }

    #[test]
    fn secrets_as_the_libraries_write_them() {
        let key = vec![0xfb, 0xff, 0xfe, 0x01];
        for secret in [
            "whsec_+//+AQ==",
            "whsec_+//+AQ",
            "whsec_-__-AQ==",
            "whsec_-__-AQ",
            " whsec_+//+AQ==\n",
        ] {
            assert_eq!(signing_key(secret), Ok(key.clone()), "{secret}");
        }
        assert_eq!(signing_key("plain text"), Ok(b"plain text".to_vec()));
        for secret in ["whsec_***", "whsec_", "", " \n", "whsec_a b", "whsec_A"] {
            assert!(signing_key(secret).is_err(), "{secret}");
        }
    }
}
