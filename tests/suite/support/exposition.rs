//! A strict reader of Prometheus' text format (0.0.4) and of its naming conventions. Anything odd is a panic that says what.
#![allow(dead_code)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// One answer over HTTP.
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
    pub took: Duration,
}

/// GET, by hand: no client of ours is in between.
pub fn get(address: &str, path: &str) -> Answer {
    let begin = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let content_type = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "));
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        content_type: content_type.unwrap_or_default().to_string(),
        body: body.to_string(),
        took: begin.elapsed(),
    }
}

/// `/metrics` of this address, read strictly.
pub fn scrape(address: &str) -> Scrape {
    let answer = get(address, "/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.content_type,
        "text/plain; version=0.0.4; charset=utf-8"
    );
    Scrape::read(&answer.body)
}

type Labels = BTreeMap<String, String>;

#[derive(Debug, Default)]
pub struct Scrape {
    /// Kind of each family.
    pub families: BTreeMap<String, String>,
    pub samples: BTreeMap<(String, Labels), f64>,
}

impl Scrape {
    pub fn read(text: &str) -> Scrape {
        assert!(text.ends_with('\n'), "the last line does not end");
        let mut scrape = Scrape::default();
        let mut helped: Option<String> = None;
        let mut current: Option<(String, String)> = None;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect(line);
                assert!(is_name(name) && !help.trim().is_empty(), "{line}");
                assert!(helped.is_none(), "HELP without TYPE before {line}");
                helped = Some(name.to_string());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect(line);
                assert_eq!(
                    helped.take().as_deref(),
                    Some(name),
                    "TYPE without HELP: {line}"
                );
                let twice = scrape.families.insert(name.to_string(), kind.to_string());
                assert!(twice.is_none(), "a family twice: {line}");
                current = Some((name.to_string(), kind.to_string()));
            } else {
                assert!(!line.starts_with('#') && helped.is_none(), "{line}");
                let (name, labels, value) = sample(line);
                let (family, kind) = current.as_ref().expect("a sample before any family");
                let tail = name.strip_prefix(family.as_str());
                let tail = tail.unwrap_or_else(|| panic!("{line} does not belong to {family}"));
                let tails: &[&str] = match kind.as_str() {
                    "histogram" => &["_bucket", "_sum", "_count"],
                    "counter" | "gauge" => &[""],
                    other => panic!("{family}: a {other}"),
                };
                assert!(tails.contains(&tail), "{line} in a {kind}");
                assert_eq!(tail == "_bucket", labels.contains_key("le"), "{line}");
                let twice = scrape.samples.insert((name, labels), value);
                assert!(twice.is_none(), "a sample twice: {line}");
            }
        }
        assert!(helped.is_none());
        scrape.check_conventions();
        scrape.check_histograms();
        scrape
    }

    fn check_conventions(&self) {
        for (name, kind) in &self.families {
            assert!(
                name.starts_with("wavegate_") || name.starts_with("process_"),
                "{name}"
            );
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name} {kind}");
            for unit in [
                "_ms",
                "_milliseconds",
                "_micros",
                "_minutes",
                "_kb",
                "_mib",
                "_percent",
            ] {
                assert!(!name.contains(unit), "{name}: not a base unit");
            }
            if kind == "histogram" {
                assert!(name.ends_with("_seconds"), "{name}: a histogram of what?");
            }
            let has = |(sample, _): &(String, Labels)| sample.starts_with(name.as_str());
            assert!(self.samples.keys().any(has), "{name} has no sample");
        }
        // Bounded: never an id of a webhook, an event or a worker.
        let allowed = BTreeSet::from(["cause", "path", "outcome", "reason", "le", "version"]);
        for (name, labels) in self.samples.keys() {
            for label in labels.keys() {
                assert!(allowed.contains(label.as_str()), "{name} has {label}");
            }
        }
    }

    fn check_histograms(&self) {
        let mut series: BTreeMap<(String, Labels), Vec<(f64, f64)>> = BTreeMap::new();
        for ((name, labels), value) in &self.samples {
            if let Some(family) = name.strip_suffix("_bucket") {
                let mut labels = labels.clone();
                let bound = number(&labels.remove("le").unwrap());
                let of = series.entry((family.to_string(), labels)).or_default();
                of.push((bound, *value));
            }
        }
        for ((family, labels), mut buckets) in series {
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(buckets.windows(2).all(|two| two[0].1 <= two[1].1));
            let (bound, all) = *buckets.last().unwrap();
            assert_eq!(bound, f64::INFINITY, "{family} has no +Inf");
            assert_eq!(
                all,
                self.samples[&(format!("{family}_count"), labels.clone())]
            );
            assert!(self.samples[&(format!("{family}_sum"), labels)] >= 0.0);
        }
    }

    /// The value of this very sample.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let labels: Labels = labels
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        *self
            .samples
            .get(&(name.to_string(), labels.clone()))
            .unwrap_or_else(|| panic!("no {name} {labels:?} in {:#?}", self.samples))
    }

    /// A later scrape of the same process: the same series, no counter lower. What has nothing to tell at first may come later.
    pub fn assert_followed_by(&self, later: &Scrape) {
        for (family, kind) in &self.families {
            assert_eq!(later.families.get(family), Some(kind), "{family}");
        }
        for ((name, labels), before) in &self.samples {
            let after = later.samples.get(&(name.clone(), labels.clone()));
            let after = *after.unwrap_or_else(|| panic!("{name} {labels:?} went away"));
            let counts = [
                "_total",
                "_bucket",
                "_count",
                "_sum",
                "_start_time_seconds",
                "_info",
            ];
            if counts.iter().any(|tail| name.ends_with(tail)) {
                assert!(
                    after >= *before,
                    "{name} {labels:?}: {before}, then {after}"
                );
            }
        }
    }
}

/// `name{label="value",...} value`, no time stamp.
fn sample(line: &str) -> (String, Labels, f64) {
    let end = line.find(['{', ' ']).expect(line);
    let name = &line[..end];
    assert!(is_name(name), "{line}");
    let mut rest = &line[end..];
    let mut labels = Labels::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            let (label, after) = inside.split_once("=\"").expect(line);
            assert!(is_name(label) && !label.contains(':'), "{line}");
            let (value, after) = quoted(after);
            assert!(labels.insert(label.to_string(), value).is_none(), "{line}");
            if let Some(after) = after.strip_prefix('}') {
                rest = after;
                break;
            }
            inside = after.strip_prefix(',').expect(line);
        }
    }
    let value = rest.strip_prefix(' ').expect(line);
    (name.to_string(), labels, number(value))
}

/// Up to the closing quote, with `\\`, `\"` and `\n` taken back.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return (value, &text[index + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                other => panic!("\\{other}"),
            }),
            c => value.push(c),
        }
    }
    panic!("no closing quote: {text}")
}

fn number(text: &str) -> f64 {
    match text {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        text => text.parse().unwrap_or_else(|_| panic!("{text}: no number")),
    }
}

fn is_name(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    first
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

mod the_reader {
    use super::Scrape;

    #[test]
    fn takes_what_is_right() {
        let scrape = Scrape::read(
            "# HELP wavegate_a_total Things.\n# TYPE wavegate_a_total counter\nwavegate_a_total{path=\"a\\\"b\"} 3\n",
        );
        assert_eq!(scrape.value("wavegate_a_total", &[("path", "a\"b")]), 3.0);
    }

    #[test]
    fn refuses_what_is_wrong() {
        for (text, why) in [
            ("wavegate_a 1\n", "no family"),
            ("# TYPE wavegate_a gauge\nwavegate_a 1\n", "no HELP"),
            (
                "# HELP wavegate_a A.\n# TYPE wavegate_a counter\nwavegate_a 1\n",
                "a counter without _total",
            ),
            (
                "# HELP wavegate_a A.\n# TYPE wavegate_a gauge\nwavegate_a 1\nwavegate_a 2\n",
                "twice",
            ),
            (
                "# HELP wavegate_a A.\n# TYPE wavegate_a gauge\nwavegate_a{webhook=\"7\"} 1\n",
                "an unbounded label",
            ),
            (
                "# HELP wavegate_a_ms A.\n# TYPE wavegate_a_ms gauge\nwavegate_a_ms 1\n",
                "no base unit",
            ),
            (
                "# HELP wavegate_a_seconds A.\n# TYPE wavegate_a_seconds histogram\nwavegate_a_seconds_bucket{le=\"1\"} 1\nwavegate_a_seconds_sum 1\nwavegate_a_seconds_count 1\n",
                "no +Inf",
            ),
            (
                "# HELP wavegate_a A.\n# TYPE wavegate_a gauge\nwavegate_a 1",
                "no end of line",
            ),
        ] {
            let read = std::panic::catch_unwind(|| Scrape::read(text));
            assert!(read.is_err(), "{why}: {text}");
        }
    }
}
