//! A name that nobody has, answered with those that there are.

use super::fault::did_you_mean;
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
    listed(error, known)
}

/// No webhook has this name or id.
pub fn unknown_webhook<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let near = did_you_mean(name, known.clone());
    let error = Error::usage(format!(
        "there is no webhook with the name or id `{name}`{near}"
    ));
    listed(error, known)
}

fn listed<'a>(error: Error, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let names: Vec<&str> = known.take(LISTED + 1).collect();
    match names.len() {
        0 => error,
        n if n > LISTED => error.hint(format!(
            "there are many; the first: {}",
            names[..LISTED].join(", ")
        )),
        _ => error.hint(format!("there are: {}", names.join(", "))),
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
        let names: Vec<String> = (0..40).map(|n| format!("hook_{n}")).collect();
        let error = unknown_webhook("hok_7", names.iter().map(String::as_str));
        assert!(error.message().contains("`hook_7`?"), "{error}");
        assert!(error.hints()[0].starts_with("there are many"));
    }
}
