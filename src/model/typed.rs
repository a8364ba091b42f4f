//! Commands as they can be typed: what a shell would take apart stands in quotes.

/// The plan argument of a command, with the blank before it: nothing where the database holds the plan (an empty name), and a word
/// for it where it came by standard input, which cannot be read twice.
pub fn plan(file: &str) -> String {
    match file {
        "" => String::new(),
        "-" => " PLAN".to_string(),
        file => format!(" {}", word(file)),
    }
}

/// One word of a command line.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_word() {
        for (text, wanted) in [
            ("plan.yaml", " plan.yaml"),
            ("my plan.yaml", " 'my plan.yaml'"),
            ("it's", " 'it'\\''s'"),
            ("", ""),
            ("-", " PLAN"),
        ] {
            assert_eq!(plan(text), wanted);
        }
    }
}
