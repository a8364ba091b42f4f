//! The query of a gate: one statement that reads. PostgreSQL has the last word; this is to be told while the plan is written.

/// What stands at the beginning of a statement that only reads.
const READS: [&str; 5] = ["select", "with", "values", "table", "show"];

/// What is wrong with it, as it was found.
pub(super) fn wrong(query: &str) -> Option<String> {
    let Some(statements) = statements(query) else {
        return Some("a `)` without its `(`".to_string());
    };
    let mut statements = statements.into_iter();
    let Some(first) = statements.next() else {
        return Some("an empty query".to_string());
    };
    if let Some(second) = statements.next() {
        return Some(format!("a second statement, `{}`", cut(second)));
    }
    let word = first.trim_start_matches(|c: char| c == '(' || c.is_whitespace());
    let word: String = word
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let reads = READS.contains(&word.to_lowercase().as_str());
    (!reads).then(|| format!("`{}`", cut(first)))
}

/// The statements, each from its first word on, without what is white space or comment alone. `None`: one closes a parenthesis that
/// is not its own, and would leave the subquery that it is asked in.
fn statements(query: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut begun: Option<usize> = None;
    let (mut at, mut open) = (0, 0_usize);
    while let Some(c) = query[at..].chars().next() {
        let rest = &query[at..];
        let (length, blank) = if rest.starts_with("--") {
            (rest.find('\n').unwrap_or(rest.len()), true)
        } else if rest.starts_with("/*") {
            (comment(rest), true)
        } else if c == '\'' {
            (quoted(rest, '\'', escapes(query, at)), false)
        } else if c == '"' {
            (quoted(rest, '"', false), false)
        } else if let Some(tag) = dollar(query, at) {
            let inside = &rest[tag..];
            let end = inside.find(&rest[..tag]).map(|end| end + 2 * tag);
            (end.unwrap_or(rest.len()), false)
        } else {
            match c {
                '(' => open += 1,
                ')' => open = open.checked_sub(1)?,
                _ => {}
            }
            (c.len_utf8(), c.is_whitespace() || c == ';')
        };
        if c == ';' {
            found.extend(begun.take().map(|from| &query[from..at]));
        } else if !blank {
            begun.get_or_insert(at);
        }
        at += length;
    }
    found.extend(begun.map(|from| &query[from..]));
    Some(found)
}

/// Length of a comment; PostgreSQL's may stand within each other.
fn comment(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Length of a text in quotes; a quote twice is a quote within.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => _ = chars.next(),
                _ => return at + 1,
            }
        }
    }
    text.len()
}

/// Does the quote at this place begin `E'...'`, where a backslash escapes?
fn escapes(query: &str, at: usize) -> bool {
    let mut before = query[..at].chars().rev();
    before.next().is_some_and(|c| c.eq_ignore_ascii_case(&'e'))
        && !before.next().is_some_and(in_a_name)
}

/// Length of the `$tag$` at this place; `$1` and a dollar within a name are none.
fn dollar(query: &str, at: usize) -> Option<usize> {
    let rest = query[at..].strip_prefix('$')?;
    if query[..at].chars().next_back().is_some_and(in_a_name) {
        return None;
    }
    let tag = &rest[..rest.find('$')?];
    let fine = tag.chars().all(in_a_name) && !tag.starts_with(|c: char| c.is_ascii_digit());
    (fine && !tag.contains('$')).then_some(tag.len() + 2)
}

fn in_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn cut(statement: &str) -> String {
    let line: String = statement.trim().chars().take(40).collect();
    line.lines().next().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_that_reads() {
        for fine in [
            "SELECT 1",
            "select 1;",
            " -- why\n SELECT 1 ; -- done; really\n/* ; /* ; */ ; */",
            "(SELECT 1) UNION SELECT 2",
            "WITH x AS (SELECT ';') SELECT * FROM x",
            "SELECT 'it''s; ' || \"a;\"\"b\" || $$;$$ || $t$ ; $$ ; $t$ || E'\\';'",
            "SELECT name$1;",
            "VALUES (1)",
            "SELECT 'a\\'",
        ] {
            assert_eq!(wrong(fine), None, "{fine}");
        }
        for (bad, wanted) in [
            ("", "an empty query"),
            (" ; -- nothing", "an empty query"),
            (
                "SELECT 1; DROP TABLE x",
                "a second statement, `DROP TABLE x`",
            ),
            ("SELECT 1) AS a, (SELECT 2", "a `)` without its `(`"),
            (
                "SELECT ')' /* ( */) AS a, (SELECT 2",
                "a `)` without its `(`",
            ),
            ("SELECT 'a\\'; DELETE FROM x", "a second statement"),
            ("SELECT $1; SELECT $2", "a second statement"),
            ("DROP TABLE x", "`DROP TABLE x`"),
            ("selection", "`selection`"),
        ] {
            let found = wrong(bad).unwrap_or_default();
            assert!(found.starts_with(wanted), "{bad}: {found}");
        }
    }
}
