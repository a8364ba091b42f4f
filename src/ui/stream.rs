//! The screen of `stream`: what is wanted, what the server has, and what differs.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Cell, Screen, Style, Table, Tone, summary, title};
use crate::{
    bus::{Ensured, Hazard, LiveConsumer, LiveStream},
    model::{ConsumerDefinition, Difference, StreamDefinition, duration::words},
};

/// `stream status`, and `stream ensure` before and after.
#[derive(Debug, Clone, Serialize)]
pub struct StreamScreen {
    /// The servers, without secrets.
    pub place: String,
    pub wanted: StreamDefinition,
    pub live: Option<LiveStream>,
    pub differences: Vec<Difference>,
    pub wanted_consumer: ConsumerDefinition,
    pub live_consumer: Option<LiveConsumer>,
    pub consumer_differences: Vec<Difference>,
    /// Settings that can lose messages.
    pub hazards: Vec<Hazard>,
    /// What `ensure` did to stream and consumer.
    pub done: Option<(Ensured, Ensured)>,
}

impl StreamScreen {
    /// Stream and consumer are there and as wanted.
    pub fn is_as_wanted(&self) -> bool {
        self.live.is_some()
            && self.live_consumer.is_some()
            && self.differences.is_empty()
            && self.consumer_differences.is_empty()
    }

    fn lines(&self) -> Vec<[Cell; 2]> {
        let mut lines = Vec::new();
        let mut line = |name: &str, text: String| lines.push([Cell::new(name), Cell::new(text)]);
        let wanted = &self.wanted;
        line("subjects", wanted.subjects.join(" "));
        line(
            "keeps",
            format!(
                "{}, {}, {}; when full: {}",
                limit(wanted.max_messages, "messages"),
                limit(wanted.max_bytes, "bytes"),
                match wanted.max_age.as_secs() {
                    0 => "any age".to_string(),
                    s => words(Duration::from_secs(s)),
                },
                if wanted.discard == "new" {
                    "refuses new messages"
                } else {
                    "drops the oldest"
                }
            ),
        );
        line(
            "stored",
            format!(
                "{}, {}, {} replica{}",
                wanted.storage,
                wanted.retention,
                wanted.replicas,
                if wanted.replicas == 1 { "" } else { "s" }
            ),
        );
        if let Some(live) = &self.live {
            line(
                "holds",
                format!(
                    "{} messages, {} bytes, sequences {} to {}",
                    live.messages, live.bytes, live.first_seq, live.last_seq
                ),
            );
        }
        if let Some(consumer) = &self.live_consumer {
            line(
                "consumer",
                format!(
                    "{}: {} pending, {} unacknowledged, {} redelivered",
                    consumer.definition.name,
                    consumer.pending,
                    consumer.ack_pending,
                    consumer.redelivered
                ),
            );
        }
        lines
    }
}

impl Screen for StreamScreen {
    const KIND: &'static str = "stream_status";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(style, &format!("Stream {}", self.wanted.name), &self.place);
        text.push('\n');
        let mut table = Table::new(["Stream", "What"]).keep(0);
        for line in self.lines() {
            table.row(line);
        }
        text.push_str(&table.draw(style));
        if !self.differences.is_empty() || !self.consumer_differences.is_empty() {
            text.push('\n');
            text.push_str(&self.differences().draw(style));
        }
        if !self.hazards.is_empty() {
            text.push('\n');
            text.push_str(&self.hazards().draw(style));
        }
        let (tone, line) = self.verdict();
        text.push_str(&summary(style, tone, &line));
        text
    }

    fn json(&self) -> Value {
        let mut value = json!(self);
        value["as_wanted"] = json!(self.is_as_wanted());
        value
    }
}

impl StreamScreen {
    fn differences(&self) -> Table {
        let mut table = Table::new(["Of", "Field", "Wanted", "Found", "Can change"])
            .keep(0)
            .keep(1);
        let both = [
            ("stream", &self.differences),
            ("consumer", &self.consumer_differences),
        ];
        for (of, differences) in both {
            for difference in differences {
                let (tone, can) = if difference.in_place {
                    (Tone::Warn, "in place")
                } else {
                    (Tone::Bad, "no")
                };
                let why = difference.why.as_ref();
                let can = why.map_or(can.to_string(), |why| format!("{can}: {why}"));
                table.row([
                    Cell::new(of),
                    Cell::new(difference.field),
                    Cell::new(&difference.wanted),
                    Cell::new(&difference.found),
                    Cell::toned(tone, can),
                ]);
            }
        }
        table
    }

    fn hazards(&self) -> Table {
        let mut table = Table::new(["Setting", "How it loses messages"]).keep(0);
        for hazard in &self.hazards {
            let tone = if hazard.certain {
                Tone::Bad
            } else {
                Tone::Warn
            };
            table.row([Cell::new(hazard.field), Cell::toned(tone, &hazard.what)]);
        }
        table
    }

    fn verdict(&self) -> (Tone, String) {
        if let Some((stream, consumer)) = self.done {
            return (
                Tone::Good,
                format!("stream {}, consumer {}", word(stream), word(consumer)),
            );
        }
        if self.is_as_wanted() {
            return (Tone::Good, "stream and consumer are as wanted".to_string());
        }
        let missing = match (&self.live, &self.live_consumer) {
            (None, _) => "the stream is missing",
            (_, None) => "the consumer is missing",
            _ => "stream or consumer differ from what is wanted",
        };
        (Tone::Warn, format!("{missing}: wavegate stream ensure"))
    }
}

fn word(done: Ensured) -> &'static str {
    match done {
        Ensured::Created => "made",
        Ensured::Updated => "changed",
        Ensured::Unchanged => "as wanted already",
    }
}

fn limit(limit: i64, what: &str) -> String {
    if limit <= 0 {
        format!("any number of {what}")
    } else {
        format!("{limit} {what}")
    }
}
