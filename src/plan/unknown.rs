//! A name that nobody has, answered with those that there are.

use super::{fault::did_you_mean, words::words_of};
use crate::error::Error;

/// Names that a hint lists; of more, only what is near is worth reading.
const LISTED: usize = 12;

/// `whose` has no such wave.
pub fn unknown_wave<'a>(
    whose: &str,
    wave: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Error {
    let near = did_you_mean(wave, known.clone());
    let error = Error::usage(format!("{whose} has no wave `{wave}`{near}"));
    listed(error, wave, known)
}

/// No webhook has this name or id.
pub fn unknown_webhook<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let near = did_you_mean(name, known.clone());
    let error = Error::usage(format!(
        "there is no webhook with the name or id `{name}`{near}"
    ));
    listed(error, name, known)
}

fn listed<'a>(error: Error, wanted: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let names: Vec<&str> = known.clone().take(LISTED + 1).collect();
    if names.len() <= LISTED {
        return match names.is_empty() {
            true => error,
            false => error.hint(format!("there are: {}", names.join(", "))),
        };
    }
    let mut wanted = words_of(wanted);
    wanted.retain(|word| word.chars().count() > 2);
    let shares = |name: &&str| words_of(name).iter().any(|word| wanted.contains(word));
    let alike: Vec<&str> = known.filter(shares).take(LISTED).collect();
    match alike.is_empty() {
        true => error.hint(format!(
            "there are many; the first: {}",
            names[..LISTED].join(", ")
        )),
        false => error.hint(format!("with a word of it there are: {}", alike.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_named() {
        let error = unknown_wave("the plan shop", "pilto", ["pilot", "rest"].into_iter());
        assert_eq!(
            error.message(),
            "the plan shop has no wave `pilto` (did you mean `pilot`?)"
        );
        assert_eq!(error.hints(), ["there are: pilot, rest"]);
        let names: Vec<String> = (0..40).map(|n| format!("hook{n}x")).collect();
        let error = unknown_webhook("hok7x", names.iter().map(String::as_str));
        assert!(error.message().contains("`hook7x`?"), "{error}");
        assert!(error.hints()[0].starts_with("there are many"));
        let names = names.iter().map(String::as_str);
        let names = names.chain(["Payment Alert", "refund_payment"]);
        let error = unknown_webhook("payment", names);
        assert_eq!(
            error.hints(),
            ["with a word of it there are: Payment Alert, refund_payment"]
        );
    }
}
