//! Standard Webhooks: who we are and that nobody changed the body on its way.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{BrokenSecret, signing_key};

/// `v1,BASE64` of HMAC-SHA256 over `id.timestamp.body`. A secret that signs nothing is an error: what should be signed is not
/// sent without.
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> Result<String, BrokenSecret> {
    let key = signing_key(secret)?;
    // A key of any length will do, RFC 2104 says.
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap_or_else(|_| unreachable!());
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the Standard Webhooks specification.
    #[test]
    fn the_example_of_the_specification() {
        let signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signature.as_deref(),
            Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn a_broken_secret_is_an_error() {
        assert!(sign("whsec_***", "id", 0, "").is_err());
    }
}
