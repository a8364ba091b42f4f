//! The screen of `gate --explain`: everyday words first, then what was measured, how it moved, and the mathematics.

use dialoguer::console::measure_text_width;
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone, clean,
    table::{Cell, Table, summary, title, wrap},
    verdict::{tone, word},
};
use crate::{
    gates::{
        Verdict, combine,
        explain::{Course, Explanation, Point, Unit},
    },
    model::{
        duration::{of_ms, words},
        grouped,
    },
};

/// Rows of a chart at most: the first and the last look, and what lies between, evenly.
const ROWS: usize = 12;
/// Columns of the longest bar.
const WIDEST: usize = 50;

#[derive(Debug)]
pub struct ExplainScreen {
    pub plan: String,
    /// One for each wave whose next step this gate guards.
    pub waves: Vec<Explanation>,
}

impl Screen for ExplainScreen {
    const KIND: &'static str = "gate_explanation";

    fn draw(&self, style: &Style) -> String {
        let drawn: Vec<String> = self
            .waves
            .iter()
            .map(|one| self.draw_one(one, style))
            .collect();
        drawn.join("\n")
    }

    fn json(&self) -> Value {
        json!({ "plan": self.plan, "waves": self.waves })
    }
}

impl ExplainScreen {
    /// Of several waves: the worst.
    pub fn verdict(&self) -> Verdict {
        combine(self.waves.iter().map(|one| one.verdict))
    }

    fn draw_one(&self, one: &Explanation, style: &Style) -> String {
        let about = format!("wave {} of {}: {}", one.wave, self.plan, one.step);
        let mut text = title(style, &format!("Gate {}", one.gate), &about);
        text.push_str(&paragraph(style, &one.question));
        let verdict = format!("{}: {}", word(one.verdict).to_uppercase(), one.reason);
        text.push_str(&summary(style, tone(one.verdict), &verdict));
        text.push_str(&heading(style, "In plain words"));
        for words in &one.plainly {
            text.push_str(&paragraph(style, words));
        }
        if !one.remedy.is_empty() {
            text.push_str(&paragraph(style, &format!("→ {}", one.remedy)));
        }
        if !one.courses.is_empty() {
            text.push_str(&heading(style, "How it moved (UTC)"));
            for course in &one.courses {
                text.push_str(&chart(style, course));
            }
        }
        if !one.facts.is_empty() {
            text.push_str(&heading(style, "What was measured"));
            let mut table = Table::new(["Name", "Found"]).keep(0);
            for (name, found) in &one.facts {
                table.row([Cell::new(name), Cell::new(found)]);
            }
            text.push_str(&table.draw(style));
        }
        if !one.formula.is_empty() {
            text.push_str(&heading(style, "The mathematics"));
            for line in &one.formula {
                let line = format!("  - {}", clean(line));
                text.push_str(&wrap(&line, style.width.into(), "    "));
            }
        }
        text
    }
}

fn heading(style: &Style, text: &str) -> String {
    format!("\n{}\n", style.paint(Tone::Strong, text))
}

fn paragraph(style: &Style, text: &str) -> String {
    wrap(&format!("  {}", clean(text)), style.width.into(), "  ")
}

/// One bar a look, and a mark where the limit is.
fn chart(style: &Style, course: &Course) -> String {
    let points = thinned(&course.points);
    let values: Vec<String> = points.iter().map(|point| value(course, point)).collect();
    let widest = values.iter().map(|text| measure_text_width(text)).max();
    let widest = widest.unwrap_or_default();
    // Two before, the time, the verdict, and two between each.
    let left = 2 + 14 + 2 + 7 + 2 + widest + 2;
    let room = usize::from(style.width).saturating_sub(left).min(WIDEST);
    let most = scale(&points);
    let mut text = paragraph(style, &course.what);
    for (point, value) in points.iter().zip(&values) {
        let verdict = style.paint(tone(point.verdict), &format!("{:7}", word(point.verdict)));
        let line = format!(
            "  {}  {verdict}  {value:>widest$}  {}",
            point.at.format("%m-%d %H:%M:%S"),
            bar(point, most, room)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Of the largest bar: what goes far beyond the limit is cut off, so that the limit stays in sight.
fn scale(points: &[Point]) -> f64 {
    let largest =
        |pick: fn(&Point) -> Option<f64>| points.iter().filter_map(pick).fold(0.0, f64::max);
    let (value, limit) = (largest(|p| p.value), largest(|p| p.limit));
    if limit > 0.0 {
        value.min(3.0 * limit).max(1.25 * limit)
    } else {
        value
    }
}

fn bar(point: &Point, most: f64, room: usize) -> String {
    let (Some(value), true) = (point.value, room > 4 && most > 0.0) else {
        return String::new();
    };
    let place =
        |value: f64| ((value.max(0.0) / most).min(1.0) * (room - 1) as f64).round() as usize;
    let length = place(value);
    let mut bar: Vec<char> = vec!['█'; length];
    if value > most
        && let Some(last) = bar.last_mut()
    {
        *last = '▶';
    }
    if let Some(limit) = point.limit.filter(|limit| *limit > 0.0) {
        let mark = place(limit);
        bar.resize(bar.len().max(mark + 1), ' ');
        bar[mark] = '│';
    }
    bar.into_iter().collect()
}

fn value(course: &Course, point: &Point) -> String {
    let Some(value) = point.value else {
        return match course.points.iter().any(|p| p.value.is_some()) {
            true => "unknown".to_string(),
            false => String::new(),
        };
    };
    match course.unit {
        Unit::Points => format!("{value:.2}"),
        Unit::Milliseconds => of_ms(value),
        Unit::Seconds => std::time::Duration::try_from_secs_f64(value)
            .map_or_else(|_| "unknown".to_string(), words),
        Unit::Count if value.fract() == 0.0 => grouped(value as i64),
        Unit::Count => format!("{value:.1}"),
    }
}

/// The first and the last, every change of verdict that fits, and evenly what lies between.
fn thinned(points: &[Point]) -> Vec<Point> {
    if points.len() <= ROWS {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let changed = |index: usize| index > 0 && points[index].verdict != points[index - 1].verdict;
    let mut kept: Vec<usize> = (0..=last).filter(|index| changed(*index)).collect();
    // Too many changes tell no more than the newest of them.
    kept = kept.split_off(kept.len().saturating_sub(ROWS / 2));
    let rest = ROWS - kept.len();
    kept.extend((0..rest).map(|n| n * last / (rest - 1)));
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|index| points[index]).collect()
}
