//! YAML as a tree in which every node knows its line and column. Refuses what a plan does not need: duplicate keys,
//! anchors, aliases, tags, control characters, several documents.

use std::{borrow::Cow, collections::BTreeMap};

use yaml_rust2::{
    Event, Yaml,
    parser::Parser,
    scanner::{Marker, TScalarStyle},
};

use super::{Fault, fault::Faults};

/// Deeper nesting is no plan, and would cost stack.
const DEEPEST: usize = 16;

/// A mapping with more keys is no plan, and would cost time.
pub(super) const MOST_KEYS: usize = 500;

/// A longer list names more than any database has webhooks.
pub(super) const MOST_ITEMS: usize = 10_000;

/// A document of more values, keys and lists is no plan, and would cost memory.
const MOST_NODES: usize = 50_000;

/// Line and column, from 1.
pub(super) type Place = (usize, usize);

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Scalar {
        text: String,
        quoted: bool,
    },
    /// What was reported already, and is passed over.
    Faulty,
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

impl Node {
    /// A scalar as YAML's core types see it.
    pub fn scalar(&self) -> Option<Yaml> {
        match &self.kind {
            Kind::Scalar { text, quoted: true } => Some(Yaml::String(text.clone())),
            Kind::Scalar {
                text,
                quoted: false,
            } => Some(Yaml::from_str(text)),
            _ => None,
        }
    }

    /// What an operator would call it.
    pub fn describe(&self) -> String {
        match (&self.kind, self.scalar()) {
            (Kind::List(_), _) => "a list".to_string(),
            (Kind::Map(_), _) => "a mapping".to_string(),
            (Kind::Faulty, _) => "a fault".to_string(),
            (_, Some(Yaml::Null)) => "nothing".to_string(),
            (Kind::Scalar { text, .. }, Some(Yaml::Integer(_) | Yaml::Real(_))) => {
                format!("the number {text}")
            }
            (Kind::Scalar { text, .. }, Some(Yaml::Boolean(_))) => format!("`{text}`"),
            (Kind::Scalar { text, .. }, _) => format!("the text {}", short(text)),
        }
    }

    /// Line and column of every node below, by path.
    pub fn places(&self, path: &str, places: &mut BTreeMap<String, Place>) {
        places.insert(path.to_string(), self.place);
        match &self.kind {
            Kind::Scalar { .. } | Kind::Faulty => {}
            Kind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.places(&format!("{path}[{index}]"), places);
                }
            }
            Kind::Map(entries) => {
                for entry in entries {
                    entry.value.places(&below(path, &entry.key), places);
                }
            }
        }
    }
}

/// The path of a key below a path.
pub(super) fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_string()
    } else {
        format!("{path}.{key}")
    }
}

/// A text in quotes, cut where it is long.
pub(super) fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() {
        cut.push_str("...");
    }
    format!("{cut:?}")
}

/// A container whose end has not come.
struct Open {
    node: Node,
    /// The key that waits for its value.
    key: Option<(String, Place)>,
}

/// Reads the one document of a plan. Faults that leave a tree (a key twice) are in the list beside it.
pub(super) fn read(text: &str) -> (Option<Node>, Faults) {
    let mut faults = Faults::default();
    match build(text, &mut faults) {
        Ok(root) => (Some(root), faults),
        Err(fault) => {
            faults.push(fault);
            (None, faults)
        }
    }
}

fn build(text: &str, faults: &mut Faults) -> Result<Node, Fault> {
    // Some editors begin a file with a byte order mark.
    let text = readable(text.strip_prefix('\u{feff}').unwrap_or(text), faults);
    // The parser reads a list in brackets to its end before it tells of its beginning.
    if text.matches([',', '[', '{']).count() > MOST_NODES {
        return Err(too_much((1, 1)));
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut parser = Parser::new_from_str(&text);
    let mut stack: Vec<Open> = Vec::new();
    let mut root: Option<Node> = None;
    let mut nodes = 0usize;
    loop {
        let (event, mark) = parser.next_token().map_err(|error| {
            let found = format!("YAML that cannot be read: {}", error.info());
            fault(place(*error.marker()), &path(&stack), &found, "valid YAML")
        })?;
        let at = place(mark);
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) => (*anchor != 0, tag.is_some()),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor != 0, tag.is_some())
            }
            _ => (false, false),
        };
        for (there, sign, what) in [(anchor, '&', "an anchor"), (tag, '!', "a tag")] {
            if there {
                let at = match faults.are_few() {
                    true => before(&lines, mark, sign).unwrap_or(at),
                    false => at,
                };
                let wanted = "plain values; `defaults` serves what waves have in common";
                faults.push(fault(at, &path(&stack), what, wanted));
            }
        }
        nodes += usize::from(matches!(
            event,
            Event::Scalar(..)
                | Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
        ));
        if nodes > MOST_NODES {
            return Err(too_much(at));
        }
        let done = match event {
            Event::Alias(_) => {
                let fault = fault(at, &path(&stack), "an alias", "the value itself");
                if matches!(stack.last(), Some(Open { node, key: None }) if matches!(node.kind, Kind::Map(_)))
                {
                    return Err(fault);
                }
                faults.push(fault);
                Some(Node {
                    place: at,
                    kind: Kind::Faulty,
                })
            }
            Event::DocumentStart if root.is_some() => {
                return Err(fault(at, "", "a second document", "one document"));
            }
            Event::StreamEnd => {
                return root.ok_or_else(|| {
                    fault(
                        (1, 1),
                        "",
                        "an empty document",
                        "a plan; `wavegate init` writes one",
                    )
                });
            }
            Event::Scalar(text, style, _, _) => Some(Node {
                place: at,
                kind: Kind::Scalar {
                    text,
                    quoted: style != TScalarStyle::Plain,
                },
            }),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if stack.len() >= DEEPEST {
                    return Err(fault(
                        at,
                        "",
                        "deep nesting",
                        &format!("at most {DEEPEST} levels"),
                    ));
                }
                if let Some(Open { node, key: None }) = stack.last()
                    && matches!(node.kind, Kind::Map(_))
                {
                    return Err(fault(
                        at,
                        &path(&stack),
                        "a key that is a list or a mapping",
                        "a word as key",
                    ));
                }
                let kind = match event {
                    Event::SequenceStart(..) => Kind::List(Vec::new()),
                    _ => Kind::Map(Vec::new()),
                };
                stack.push(Open {
                    node: Node { place: at, kind },
                    key: None,
                });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => stack.pop().map(|open| open.node),
            _ => None,
        };
        if let Some(node) = done {
            let path = path(&stack);
            match stack.last_mut() {
                Some(open) => attach(open, node, &path, faults),
                None => root = Some(node),
            }
        }
    }
}

fn too_much(at: Place) -> Fault {
    let wanted = format!("at most {MOST_NODES} values, keys and lists in all");
    fault(at, "", "more than a plan holds", &wanted)
}

/// Puts a finished node where it belongs: a list's next item, a mapping's next key, or the value of that key.
fn attach(open: &mut Open, node: Node, path: &str, faults: &mut Faults) {
    match (&mut open.node.kind, open.key.take(), &node.kind) {
        (Kind::List(items), _, _) => items.push(node),
        (Kind::Map(_), None, Kind::Scalar { text, .. }) => {
            open.key = Some((text.clone(), node.place))
        }
        (Kind::Map(entries), Some((_, at)), _) if entries.len() == MOST_KEYS => {
            let wanted = format!("at most {MOST_KEYS}");
            faults.push(fault(at, path, "another key", &wanted));
            // One more entry, so that this is said once.
            entries.extend(entries.last().cloned());
        }
        (Kind::Map(entries), Some(_), _) if entries.len() > MOST_KEYS => {}
        (Kind::Map(entries), Some((key, at)), _) => {
            if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                let found = format!("the key `{key}` twice");
                let wanted = format!("it once; the first is on line {}", first.place.0);
                faults.push(fault(at, path, &found, &wanted));
            } else {
                if entries.is_empty() && at < open.node.place {
                    // The parser notices a block mapping only behind its first key.
                    open.node.place = at;
                }
                entries.push(Entry {
                    key,
                    place: at,
                    value: node,
                });
            }
        }
        _ => {}
    }
}

/// Where the parser stands.
fn path(stack: &[Open]) -> String {
    let mut path = String::new();
    for open in stack {
        match (&open.node.kind, &open.key) {
            (Kind::List(items), _) => path = format!("{path}[{}]", items.len()),
            (_, Some((key, _))) => path = below(&path, key),
            _ => {}
        }
    }
    path
}

/// The text without the control characters that YAML forbids, which are reported: the parser would take a NUL for the end, and
/// what stands behind it would never be read.
fn readable<'t>(text: &'t str, faults: &mut Faults) -> Cow<'t, str> {
    let forbidden = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r');
    if !text.contains(forbidden) {
        return Cow::Borrowed(text);
    }
    for (line, row) in text.split('\n').zip(1..) {
        for (c, column) in line.chars().zip(1..).filter(|(c, _)| forbidden(*c)) {
            if !faults.are_few() {
                faults.count();
                continue;
            }
            let found = format!("the control character {c:?}");
            let wanted =
                "text; within double quotes it can be written as an escape, such as \"\\t\"";
            faults.push(fault((row, column), "", &found, wanted));
        }
    }
    Cow::Owned(text.replace(forbidden, "\u{fffd}"))
}

/// Where the anchor or tag of a node begins: the parser tells only where the node itself does, some lines further on perhaps.
fn before(lines: &[&str], mark: Marker, sign: char) -> Option<Place> {
    const LINES: usize = 20;
    /// Whoever writes all on one line is told roughly.
    const LONGEST: usize = 4_000;
    let apart = |c: char| c.is_whitespace() || matches!(c, '[' | '{' | ',' | ':' | '-' | '?');
    for line in (mark.line().saturating_sub(LINES).max(1)..=mark.line()).rev() {
        let text = lines.get(line - 1).filter(|text| text.len() < LONGEST)?;
        let end = match line == mark.line() {
            true => mark.col() + 1,
            false => usize::MAX,
        };
        let chars: Vec<char> = text.chars().take(end).collect();
        let begins = |at: &usize| chars[*at] == sign && (*at == 0 || apart(chars[*at - 1]));
        if let Some(at) = (0..chars.len()).rev().find(begins) {
            return Some((line, at + 1));
        }
    }
    None
}

fn place(mark: Marker) -> Place {
    (mark.line(), mark.col() + 1)
}

pub(super) fn fault(at: Place, path: &str, found: &str, wanted: &str) -> Fault {
    Fault {
        line: at.0,
        column: at.1,
        path: path.to_string(),
        found: found.to_string(),
        wanted: wanted.to_string(),
    }
}
