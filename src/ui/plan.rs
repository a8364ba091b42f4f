//! The screen of `plan`: who is in which wave, what is wrong, what may surprise, and what the next steps change.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, clean, summary, title, wrap},
};
use crate::{
    model::{Mode, WaveStep, counted, grouped, typed},
    plan::{Findings, Overlap, Span},
};

/// More names than these are counted.
const NAMES: usize = 30;
/// More lines than these are counted.
const LINES: usize = 20;

#[derive(Debug, Default)]
pub struct PlanScreen {
    pub file: String,
    pub name: String,
    pub hash: String,
    /// How the plan stands to the database, in words.
    pub standing: String,
    pub waves: Vec<PlannedWave>,
    pub overlaps: Vec<Overlap>,
    /// Names of the webhooks in no wave.
    pub leftovers: Vec<String>,
    pub findings: Findings,
    pub steps: Vec<StepDiff>,
}

/// One wave as the plan and the database make it.
#[derive(Debug, Serialize)]
pub struct PlannedWave {
    pub name: String,
    #[serde(flatten)]
    pub step: WaveStep,
    pub members: Vec<Member>,
    pub calls_7d: i64,
    pub failed_7d: i64,
    #[serde(serialize_with = "as_text")]
    pub soak: Span,
    #[serde(serialize_with = "as_text")]
    pub watch: Span,
    pub shares: Vec<u8>,
    /// Why it has no next step.
    pub hold: Option<String>,
}

fn as_text<S: serde::Serializer>(span: &Span, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(span)
}

#[derive(Debug, Serialize)]
pub struct Member {
    pub id: i32,
    pub name: String,
}

/// What one step changes.
#[derive(Debug, Serialize)]
pub struct StepDiff {
    pub wave: String,
    pub from: WaveStep,
    pub to: Mode,
    pub changes: Vec<Change>,
}

/// One webhook before and after.
#[derive(Debug, Serialize)]
pub struct Change {
    pub id: i32,
    pub name: String,
    pub before: String,
    pub after: String,
}

impl Screen for PlanScreen {
    const KIND: &'static str = "plan";

    fn draw(&self, style: &Style) -> String {
        let webhooks: usize = self.waves.iter().map(|wave| wave.members.len()).sum();
        let mut text = String::new();
        if self.waves.is_empty() {
            text.push_str(&title(style, "Plan", &self.file));
        } else {
            let about = format!(
                "{}: {} in {}, {}",
                self.name,
                counted(webhooks, "webhook"),
                counted(self.waves.len(), "wave"),
                self.standing
            );
            text.push_str(&title(style, "Plan", &about));
            text.push_str(&self.draw_waves(style));
            text.push_str(&self.draw_members(style));
        }
        text.push_str(&self.draw_overlaps(style));
        text.push_str(&self.draw_hazards(style));
        text.push_str(&self.draw_faults(style));
        text.push_str(&self.draw_steps(style));
        let (tone, line) = self.verdict();
        text.push_str(&summary(style, tone, &line));
        text
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "name": self.name,
            "hash": self.hash,
            "standing": self.standing,
            "waves": self.waves,
            "overlaps": self.overlaps,
            "leftovers": self.leftovers,
            "faults": self.findings.faults,
            "more_faults": self.findings.faults.more(),
            "hazards": self.findings.hazards,
            "next_steps": self.steps,
        })
    }
}

impl PlanScreen {
    fn draw_waves(&self, style: &Style) -> String {
        let mut table = Table::new(["Wave", "Webhooks", "Calls 7d", "Soak", "Shares", "Step"])
            .keep(0)
            .right(1)
            .right(2)
            .keep(3)
            .keep(5);
        for wave in &self.waves {
            let shares: Vec<String> = wave.shares.iter().map(u8::to_string).collect();
            table.row([
                Cell::new(&wave.name),
                Cell::new(wave.members.len().to_string()),
                Cell::new(grouped(wave.calls_7d)),
                Cell::new(wave.soak.to_string()),
                Cell::new(shares.join(" ")),
                Cell::toned(tone(wave.step), wave.step.to_string()),
            ]);
        }
        table.draw(style)
    }

    fn draw_members(&self, style: &Style) -> String {
        let mut table = Table::new(["Wave", "Members"]).keep(0);
        for wave in self.waves.iter().filter(|wave| !wave.members.is_empty()) {
            let names = wave.members.iter().map(|member| member.name.as_str());
            table.row([Cell::new(&wave.name), Cell::new(listed(names))]);
        }
        if !self.leftovers.is_empty() {
            let names = self.leftovers.iter().map(String::as_str);
            table.row([
                Cell::toned(Tone::Warn, "in no wave"),
                Cell::new(listed(names)),
            ]);
        }
        section("", &table.draw(style))
    }

    fn draw_overlaps(&self, style: &Style) -> String {
        let mut table = Table::new(["Webhook", "Goes to", "Asked for by"])
            .keep(0)
            .keep(1);
        for overlap in self.overlaps.iter().take(LINES) {
            table.row([
                Cell::new(&overlap.name),
                Cell::new(&overlap.wave),
                Cell::new(overlap.also.join(", ")),
            ]);
        }
        let mut text = table.draw(style);
        text.push_str(&more(self.overlaps.len()));
        section(
            &style.paint(
                Tone::Strong,
                "Overlaps: names first, then claims_first, then the plan's order",
            ),
            &text,
        )
    }

    fn draw_hazards(&self, style: &Style) -> String {
        let mut text = String::new();
        for hazard in &self.findings.hazards {
            let mut line = format!("- {}", clean(&hazard.found));
            if !hazard.webhooks.is_empty() {
                let names = hazard.webhooks.iter().map(String::as_str);
                line.push_str(&format!(": {}", listed(names)));
                if !hazard.waves.is_empty() {
                    line.push_str(&format!(" ({})", hazard.waves.join(", ")));
                }
            }
            text.push_str(&painted(
                style,
                Tone::Warn,
                &wrap(&line, style.width.into(), "  "),
            ));
            text.push_str(&wrap(
                &format!("  {}", hazard.remedy),
                style.width.into(),
                "  ",
            ));
        }
        section(&style.paint(Tone::Strong, "Hazards"), &text)
    }

    fn draw_faults(&self, style: &Style) -> String {
        let lines: String = self
            .findings
            .faults
            .iter()
            .take(LINES)
            .map(|fault| {
                wrap(
                    &format!("- {}", clean(&fault.to_string())),
                    style.width.into(),
                    "  ",
                )
            })
            .collect();
        let text = format!("{lines}{}", more(self.findings.faults.total()));
        section(&style.paint(Tone::Bad, "Faults"), &text)
    }

    fn draw_steps(&self, style: &Style) -> String {
        let mut text = String::new();
        for step in &self.steps {
            let about = format!(
                "{}: {} to {}, {}",
                step.wave,
                step.from,
                step.to,
                counted(step.changes.len(), "webhook")
            );
            text.push_str(&wrap(&about, style.width.into(), "  "));
            let shown = step.changes.iter().take(LINES / 2);
            let widest = shown
                .clone()
                .map(|change| shorten(&change.name).chars().count())
                .max()
                .unwrap_or(0);
            for change in shown {
                let name = shorten(&change.name);
                let line = |sign: char, what: &str| {
                    wrap(
                        &format!("{sign} {name:<widest$}  {what}"),
                        style.width.into(),
                        "      ",
                    )
                };
                if change.before == change.after {
                    text.push_str(&line(' ', &change.before));
                } else {
                    text.push_str(&painted(style, Tone::Bad, &line('-', &change.before)));
                    text.push_str(&painted(style, Tone::Good, &line('+', &change.after)));
                }
            }
            if step.changes.len() > LINES / 2 {
                text.push_str(&format!("  and {} more\n", step.changes.len() - LINES / 2));
            }
        }
        section(
            &style.paint(Tone::Strong, "Next steps, once their gates pass"),
            &text,
        )
    }

    fn verdict(&self) -> (Tone, String) {
        let faults = self.findings.faults.total();
        let hazards = counted(self.findings.hazards.len(), "hazard");
        if faults > 0 {
            return (
                Tone::Bad,
                format!(
                    "{}: mend the plan before anything is applied",
                    counted(faults, "fault")
                ),
            );
        }
        let tone = if self.findings.hazards.is_empty() {
            Tone::Good
        } else {
            Tone::Warn
        };
        // Whatever comes before the first step is named by its hazard.
        let mut remedies = self
            .findings
            .hazards
            .iter()
            .map(|hazard| hazard.remedy.as_str());
        let first = remedies.find(|remedy| *remedy == "wavegate schema apply");
        let next = match self.steps.first() {
            Some(_) if first.is_some() => format!("next: {}", first.unwrap_or_default()),
            Some(step) => format!(
                "next: wavegate apply{} --wave {}",
                typed::plan(&self.file),
                step.wave
            ),
            None => format!("no step is due{}", self.why()),
        };
        (tone, format!("no fault, {hazards}; {next}"))
    }
}

impl PlanScreen {
    /// Why the first wave that is not finished has no step.
    fn why(&self) -> String {
        let open = self
            .waves
            .iter()
            .find(|wave| wave.step != WaveStep::Finished && !wave.members.is_empty());
        let hold = open.and_then(|wave| Some((&wave.name, wave.hold.as_ref()?)));
        hold.map_or(String::new(), |(name, hold)| {
            format!(": wave {name}, {hold}")
        })
    }
}

fn tone(step: WaveStep) -> Tone {
    match step {
        WaveStep::Pending => Tone::Dim,
        WaveStep::Hybrid(_) | WaveStep::Nats => Tone::Strong,
        WaveStep::Finished => Tone::Good,
        WaveStep::RolledBack => Tone::Warn,
    }
}

/// A paragraph of its own under a heading; nothing where there is nothing to say.
fn section(heading: &str, text: &str) -> String {
    match (text.is_empty(), heading.is_empty()) {
        (true, _) => String::new(),
        (_, true) => format!("\n{text}"),
        _ => format!("\n{heading}\n{text}"),
    }
}

fn painted(style: &Style, tone: Tone, lines: &str) -> String {
    lines
        .lines()
        .map(|line| format!("{}\n", style.paint(tone, line)))
        .collect()
}

fn more(count: usize) -> String {
    match count.checked_sub(LINES) {
        Some(rest) if rest > 0 => format!("and {rest} more; --output json has them all\n"),
        _ => String::new(),
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(shorten).collect();
    let shown = names
        .iter()
        .take(NAMES)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().checked_sub(NAMES) {
        Some(rest) if rest > 0 => format!("{shown} and {rest} more"),
        _ => shown,
    }
}

/// A name on one line and of a bearable length.
fn shorten(name: &str) -> String {
    let name = clean(name);
    match name.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name,
    }
}
