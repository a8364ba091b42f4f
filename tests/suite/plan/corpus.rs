//! Hundreds of accepted and refused plans, each held against parser and JSON Schema; and documents that no plan is, against time
//! and memory.

use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;
use wavegate::plan::{Faults, Plan, schema};

const CORPUS: &str = include_str!("corpus.txt");
const LONGEST: Duration = Duration::from_secs(1);
/// Kilobytes, as the kernel counts.
const HEAVIEST: i64 = 60 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Refused,
    /// By the parser alone.
    RefusedHere,
}

struct Case {
    section: String,
    verdict: Verdict,
    path: String,
    value: String,
}

fn corpus() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut section = String::new();
    for line in CORPUS.lines() {
        if let Some(title) = line.strip_prefix("== ") {
            section = title.to_string();
        }
        let verdict = match line.as_bytes().first() {
            Some(b'+') => Verdict::Accepted,
            Some(b'-') => Verdict::Refused,
            Some(b'!') => Verdict::RefusedHere,
            _ => continue,
        };
        let (path, values) = line[2..].split_once(": ").unwrap();
        for value in values.split(" ¦ ") {
            cases.push(Case {
                section: section.clone(),
                verdict,
                path: path.to_string(),
                value: value.to_string(),
            });
        }
    }
    cases
}

/// The plan with this value at this path.
fn document(path: &str, value: &str) -> String {
    if path == "document" {
        let unescaped = value
            .replace("\\n", "\n")
            .replace("\\r", "\r")
            .replace("\\t", "\t")
            .replace("\\x01", "\u{1}");
        return unescaped;
    }
    let mut keys: Vec<&str> = path.split('.').collect();
    let in_wave = keys[0] == "wave";
    if in_wave {
        keys.remove(0);
    }
    let (key, below) = keys.split_first().unwrap();
    let nested = below.iter().rev().fold(value.to_string(), |inner, key| {
        format!("{{ {key}: {inner} }}")
    });
    let mut top: BTreeMap<&str, String> =
        BTreeMap::from([("version", "1".to_string()), ("name", "t".to_string())]);
    let mut wave: BTreeMap<&str, String> =
        BTreeMap::from([("name", "a".to_string()), ("webhooks", "[a]".to_string())]);
    match in_wave {
        true => wave.insert(key, nested),
        false => top.insert(key, nested),
    };
    let mut text = String::new();
    for (key, value) in &top {
        text.push_str(&format!("{key}: {value}\n"));
    }
    text.push_str("waves:\n  - ");
    for (key, value) in &wave {
        text.push_str(&format!("{key}: {value}\n    "));
    }
    text.trim_end().to_string() + "\n"
}

fn validator() -> Validator {
    jsonschema::draft202012::new(schema().as_value()).unwrap()
}

/// As an editor sees the document: what is no YAML, or no JSON, is refused.
fn fits(validator: &Validator, text: &str) -> bool {
    let value: Result<serde_yaml::Value, _> = serde_yaml::from_str(text);
    let json = value
        .ok()
        .and_then(|value| serde_json::to_value(value).ok());
    json.is_some_and(|json: Value| validator.is_valid(&json))
}

fn lines(faults: &Faults) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn parser_and_schema_agree_on_every_input() {
    let validator = validator();
    let cases = corpus();
    assert!(cases.len() >= 400, "only {} inputs", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let text = document(&case.path, &case.value);
        let begun = Instant::now();
        let parsed = Plan::parse(&text);
        assert!(begun.elapsed() < LONGEST, "{text}");
        let verdict = (parsed.is_ok(), fits(&validator, &text));
        let wanted = match case.verdict {
            Verdict::Accepted => (true, true),
            Verdict::Refused => (false, false),
            Verdict::RefusedHere => (false, true),
        };
        if verdict != wanted {
            let said = parsed.map_or_else(|faults| lines(&faults), |_| String::new());
            wrong.push(format!(
                "{}: {}: {}: (parser, schema) {verdict:?}, wanted {wanted:?}; {said}",
                case.section, case.path, case.value
            ));
        }
        if let Err(faults) = Plan::parse(&text) {
            assert!(!faults.is_empty());
            for fault in faults.iter() {
                assert!(fault.line >= 1 && fault.column >= 1, "{fault}");
                assert!(fault.line <= text.lines().count() + 1, "{fault} in {text}");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What the parser refuses and the schema accepts is told where the schema is.
#[test]
fn what_a_schema_cannot_say_is_documented() {
    let docs = include_str!("../../../docs/plan.md");
    let mut sections: Vec<String> = corpus()
        .into_iter()
        .filter(|case| case.verdict == Verdict::RefusedHere)
        .map(|case| case.section)
        .collect();
    sections.dedup();
    assert!(sections.len() >= 8);
    for section in sections {
        assert!(
            docs.contains(&format!("- {section}")),
            "docs/plan.md does not say: {section}"
        );
    }
}

/// A value with a grammar, nearly right: where it stands, and how it is made.
fn near_values() -> impl Strategy<Value = (&'static str, String)> {
    let of = |path: &'static str, pattern: &'static str| {
        proptest::string::string_regex(pattern)
            .unwrap()
            .prop_map(move |text| (path, text))
    };
    const SPANS: &str = "(0{0,2}[0-9]{1,6}(d|h|m|s|ms|w|)){1,3} ?";
    prop_oneof![
        of("wave.soak", SPANS),
        of("wave.gates.parity.horizon", SPANS),
        of("wave.takeover_after", SPANS),
        of("auto_rollback.every", SPANS),
        of("auto_rollback.every", "(0|00)?(s|m|h)?[0-9]{1,5}(ms|s|m)"),
        of(
            "wave.gates.success.margin",
            "[0-9]{0,3}[.]?[0-9]{0,12} {0,2}%?"
        ),
        of(
            "wave.gates.success.min_rate",
            "(100|[0-9]{0,3})[.]?[0-9]{0,3} {0,2}%?"
        ),
        of(
            "wave.gates.latency.quantile",
            "[pP]?[0-9]{0,3}[.]?[0-9]{0,3}"
        ),
        of("name", "[a-zA-Z0-9._ é-]{0,70}"),
        of("wave.signoff.0", "[a-zA-Z \u{7f}\u{85}é-]{0,66}"),
        of("wave.signoff.0", "\\PC{0,4}"),
        of("wave.match.words.0", "[a-z0-9_ é\u{301}支-]{0,5}"),
        of("wave.match.words.0", "\\PC{1,2}"),
        of("nats.stream", "[ -~]{0,4}|[a-z]{250,260}"),
        of("nats.stream", "\\PC{0,2}"),
        of(
            "nats.subject",
            "[a-z.$*>'\"`\\\\é]{0,3}([{](id|name|tag|x)[}]){0,2}[.]?[!-~]{0,2}"
        ),
        of("nats.subject", "[{]id[}][a-z.]{240,262}"),
        of(
            "windows.allow.0",
            "(Mon|Tue-Thu|mon,FRI|Tho|Mon-)? {0,2}[0-2][0-9]:[0-6][0-9]-[0-2][0-9]:[0-6][0-9] ?"
        ),
        of(
            "windows.allow.0",
            "(02:00|23:59|24:00|00:00)-(02:00|23:59|24:00|00:00)"
        ),
        of(
            "windows.freeze.0",
            "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](/20[0-9]{2}-02-(28|29|30))?"
        ),
        of(
            "windows.timezone",
            "UTC|Europe/Berlin|Europe/[A-Z][a-z]{3,6}|[a-z]{3}"
        ),
        of("hooks.before_step.0", "\\PC{0,3}|[ \u{a0}\u{2003}]{0,3}"),
        of("wave.gates.sql.0.name", "(success|soak|[a-z]{4})s?"),
    ]
}

/// Like `document`, with a number for the place in a list.
fn nested(path: &str, value: &str) -> String {
    // As escapes: YAML folds what it takes for the end of a line.
    let escaped = |c: char| match c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
        true => format!("\\u{:04x}", u32::from(c)),
        false => c.to_string(),
    };
    let value = serde_json::to_string(value).unwrap();
    let value: String = value.chars().map(escaped).collect();
    match path.strip_suffix(".0.name") {
        Some(list) => document(list, &format!("[{{ name: {value}, query: SELECT 1 }}]")),
        None => match path.strip_suffix(".0") {
            Some(list) => document(list, &format!("[{value}]")),
            None => document(path, &value),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    /// Each grammar is written twice, as a parser that explains and as a pattern that editors know.
    #[test]
    fn each_grammar_is_the_same_for_parser_and_schema((path, value) in near_values()) {
        thread_local!(static VALIDATOR: Validator = validator());
        let text = nested(path, &value);
        let fits = VALIDATOR.with(|validator| fits(validator, &text));
        match Plan::parse(&text) {
            Ok(_) => prop_assert!(fits, "the schema refuses {path}: {value:?}"),
            Err(faults) if fits => {
                let said = lines(&faults);
                let known = ["longer than ten years", "at most 24h", "ends before it begins"];
                prop_assert!(known.iter().any(|known| said.contains(known)), "the schema accepts {path}: {value:?}; {said}");
            }
            Err(_) => {}
        }
    }
}

/// Whatever the bytes of a file, an answer within a second and 60 MB.
#[test]
fn documents_that_are_no_plan_cost_little() {
    let head = "version: 1\nname: t\nwaves:\n";
    let many = |n: usize, item: &dyn Fn(usize) -> String| (0..n).map(item).collect::<String>();
    let wave = |inside: String| format!("{head}  - {{ name: a, webhooks: [a], {inside} }}\n");
    let heavy: Vec<(&str, String, &str)> = vec![
        (
            "480,000 entries",
            format!(
                "{head}  - {{ name: a, webhooks: [{}] }}\n",
                "a,".repeat(480_000)
            ),
            "more than a plan holds",
        ),
        (
            "entries of too long a list",
            format!(
                "{head}  - {{ name: a, webhooks: [{}] }}\n",
                many(10_001, &|n| format!("w{n}, "))
            ),
            "a list of 10001",
        ),
        (
            "patterns",
            format!(
                "{head}  - {{ name: a, webhooks: [{}] }}\n",
                many(9_000, &|n| format!("'*a{n}*b*c', "))
            ),
            "9000 patterns in all",
        ),
        (
            "faults",
            format!(
                "{head}  - {{ name: a, webhooks: [{}] }}\n",
                many(10_000, &|_| "1,".to_string())
            ),
            "and 9900 more",
        ),
        (
            "unknown keys",
            format!(
                "{head}{}",
                many(90, &|n| format!(
                    "  - {{ name: a{n}, webhooks: [a{n}], {} }}\n",
                    many(240, &|k| format!("sook{k}: 1, "))
                ))
            ),
            "more",
        ),
        (
            "keys",
            many(60_000, &|n| format!("k{n}: 1\n")),
            "at most 500",
        ),
        (
            "waves",
            format!(
                "{head}{}",
                many(8_000, &|n| format!(
                    "  - {{ name: w{n}, webhooks: [w{n}] }}\n"
                ))
            ),
            "at most 500 entries",
        ),
        (
            "gates for all",
            format!(
                "version: 1\nname: t\ndefaults: {{ gates: {{ sql: [{}] }} }}\nwaves:\n{}",
                many(50, &|n| format!(
                    "{{ name: q{n}, query: 'SELECT {}' }}, ",
                    "1 +".repeat(5_000)
                )),
                many(500, &|n| format!(
                    "  - {{ name: w{n}, webhooks: [w{n}] }}\n"
                ))
            ),
            "",
        ),
        ("brackets", "[".repeat(1_000_000), "more than a plan holds"),
        ("fewer brackets", "[".repeat(50_000), "recursion limit"),
        ("braces", "{a: ".repeat(50_000), "recursion limit"),
        ("dashes", "- ".repeat(500_000), "deep nesting"),
        ("question marks", "? ".repeat(500_000), ""),
        (
            "anchors",
            format!(
                "{head}{}",
                many(20_000, &|n| format!("  - &a{n} {{ name: w }}\n"))
            ),
            "an anchor",
        ),
        (
            "tags",
            format!(
                "{head}{}",
                many(20_000, &|_| "  - !t { name: w }\n".to_string())
            ),
            "a tag",
        ),
        (
            "aliases",
            format!("name: &a t\nwaves: [{}]\n", "*a, ".repeat(20_000)),
            "an alias",
        ),
        (
            "laughs",
            format!(
                "a: &a [x]\n{}",
                many(9, &|n| format!(
                    "{}: &{} [*{}, *{}, *{}]\n",
                    letter(n + 1),
                    letter(n + 1),
                    letter(n),
                    letter(n),
                    letter(n)
                ))
            ),
            "an alias",
        ),
        (
            "a long text",
            wave(format!("signoff: [\"{}\"]", "x".repeat(900_000))),
            "a role that can be typed",
        ),
        (
            "a long name",
            format!("{head}  - {{ name: \"{}\" }}\n", "x".repeat(900_000)),
            "a name of at most 64",
        ),
        (
            "a long comment",
            format!("# {}\nversion: 1\n", "x".repeat(1_000_000)),
            "no key `name`",
        ),
        (
            "blank lines",
            format!("{}version: 1\n", "\n".repeat(1_000_000)),
            "no key `name`",
        ),
        (
            "a long key",
            format!("{head}  - {{ {}: 1 }}\n", "x".repeat(1_000)),
            "the unknown key",
        ),
        (
            "control characters",
            format!("version: 1\nname: {}\n", "\u{1}".repeat(900_000)),
            "the control character '\\u{1}'",
        ),
        (
            "a folded text",
            format!("name: >\n{}", "  x\n".repeat(200_000)),
            "",
        ),
        (
            "a query of quotes",
            wave(format!(
                "gates: {{ sql: [{{ name: q, query: \"{}\" }}] }}",
                "$a$ ' /* ".repeat(90_000)
            )),
            "one SELECT",
        ),
        (
            "more than a mebibyte",
            "x".repeat(1_100_000),
            "that is no plan",
        ),
    ];
    let mut wrong = Vec::new();
    for (what, text, wanted) in &heavy {
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(["plan", "-"])
            .env("DATABASE_URL", "none")
            .env("COLUMNS", "400")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let bytes = text.clone().into_bytes();
        let writer = std::thread::spawn(move || {
            // It may stop reading early.
            let _ = input.write_all(&bytes);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let (took, used) = (begun.elapsed(), heaviest());
        let about = format!("{what}: {took:?}, {used} kB, {} bytes said", said.len());
        let fine = took < LONGEST * patience()
            && used < HEAVIEST
            && matches!(output.status.code(), Some(1 | 2))
            && said.contains(wanted)
            && said.len() < 50_000;
        if !fine {
            wrong.push(format!(
                "{about}: {wanted} ... {}",
                said.chars().take(1_000).collect::<String>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A debug build on a busy machine is slower than what operators have.
fn patience() -> u32 {
    if cfg!(debug_assertions) { 5 } else { 1 }
}

fn letter(n: usize) -> char {
    char::from(b'a' + u8::try_from(n).unwrap())
}

/// The most memory that a child of this process ever had, kilobytes; where each test has a process of its own.
fn heaviest() -> i64 {
    if std::env::var_os("NEXTEST").is_none() {
        return 0;
    }
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN);
    usage.unwrap().max_rss()
}

#[test]
fn a_nul_ends_nothing_silently() {
    let text =
        "version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [a] }\n\0  - { nome: critical }\n";
    let said = lines(&Plan::parse(text).unwrap_err());
    assert!(
        said.contains("line 5, column 1: found the control character '\\0'"),
        "{said}"
    );
    let said = lines(
        &Plan::parse("version: 1\nname: t\nwaves: [{ name: a, webhooks: [\"a\\0b\"] }]\n")
            .unwrap_err(),
    );
    assert!(
        said.contains("waves[0].webhooks[0]: found a NUL character"),
        "{said}"
    );
}

#[test]
fn anchors_and_tags_hide_no_other_fault_and_are_where_they_stand() {
    let text = "version: &v 1\nname: !!str t\ndefaults: &d\n  soak: 48\nwaves:\n  - &w { name: a, webhooks: [a], gates: *d }\n  -  !t\n     nome: b\n";
    let faults = Plan::parse(text).unwrap_err();
    let said = lines(&faults);
    for wanted in [
        "line 1, column 10: version: found an anchor",
        "line 2, column 7: name: found a tag",
        "line 3, column 11: defaults: found an anchor",
        "line 4, column 9: defaults.soak: found `48`, a number without a unit",
        "line 6, column 5: waves[0]: found an anchor",
        "line 6, column 41: waves[0].gates: found an alias",
        "line 7, column 6: waves[1]: found a tag",
        "waves[1].nome: found the unknown key",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in\n{said}");
    }
    assert_eq!(faults.total(), 9, "{said}");
}

/// Comments, order and notation say nothing; every value does.
#[test]
fn a_plan_is_what_it_says() {
    let plan = |text: &str| Plan::parse(text).unwrap();
    let one = plan("version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [a], soak: 48h }\n");
    for same in [
        "# why\nname: t\nversion: 1\nwaves:\n  - soak: 2d\n    name: \"a\"\n    webhooks:\n      - a\n\n",
        "version: 1\r\nname: t\r\ndefaults: { soak: 48h }\r\nwaves: [{ name: a, webhooks: [a] }]",
        "version: 1\nname: t\npromote: per_wave\nwaves:\n  - { name: a, webhooks: [a] }\n",
    ] {
        assert!(one.means_the_same(&plan(same)), "{same}");
    }
    for other in [
        "version: 1\nname: u\nwaves:\n  - { name: a, webhooks: [a] }\n",
        "version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [b] }\n",
        "version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [a], soak: 47h }\n",
        "version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [a], confirm: typed }\n",
        "version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [a], gates: { errors: { max_per_minute: 11 } } }\n",
        "version: 1\nname: t\ncontacts: { a: b }\nwaves:\n  - { name: a, webhooks: [a] }\n",
        "version: 1\nname: t\nhooks: { before_step: [x] }\nwaves:\n  - { name: a, webhooks: [a] }\n",
        "version: 1\nname: t\nwindows: { timezone: Europe/Berlin }\nwaves:\n  - { name: a, webhooks: [a] }\n",
        "version: 1\nname: t\nwaves:\n  - { name: a, webhooks: [a] }\n  - { name: b, match: { rest: true } }\n",
    ] {
        assert!(!one.means_the_same(&plan(other)), "{other}");
    }
}
