//! The screen of `gate calibrate`: what each wave's past was, and what it advises.

use serde_json::{Value, json};

use super::{Cell, Screen, Style, Table, Tone, gate::cell, summary, table::title};
use crate::{
    gates::calibrate::{Calibrated, Rates},
    model::{counted, duration::of_ms, grouped},
};

#[derive(Debug)]
pub struct CalibrateScreen {
    pub plan: String,
    pub waves: Vec<Calibrated>,
}

impl Screen for CalibrateScreen {
    const KIND: &'static str = "gate_calibrate";

    fn draw(&self, style: &Style) -> String {
        let mut text = String::new();
        for wave in &self.waves {
            if !text.is_empty() {
                text.push('\n');
            }
            let about = format!("wave {} of {}", wave.wave, self.plan);
            text.push_str(&title(style, "Calibration", &about));
            text.push_str(&summary(style, Tone::Dim, &past(wave)));
            if !wave.rates.is_empty() {
                text.push_str(&played(wave).draw(style));
                text.push('\n');
            }
            let mut advice = Table::new(["Setting", "Planned", "Advised", "Why"])
                .keep(0)
                .keep(1)
                .keep(2);
            for one in &wave.advice {
                let tone = if one.planned == one.advised {
                    Tone::Dim
                } else {
                    Tone::Warn
                };
                advice.row([
                    Cell::new(one.setting),
                    Cell::new(&one.planned),
                    Cell::toned(tone, &one.advised),
                    Cell::new(&one.why),
                ]);
            }
            text.push_str(&advice.draw(style));
        }
        text
    }

    fn json(&self) -> Value {
        json!({ "plan": self.plan, "waves": self.waves })
    }

    fn markdown(&self) -> String {
        let mut text = format!("## Calibration of {}\n\n", cell(&self.plan));
        for wave in &self.waves {
            text.push_str(&format!(
                "### Wave {}\n\n{}\n\n| setting | planned | advised | why |\n| --- | --- | --- | --- |\n",
                cell(&wave.wave),
                past(wave)
            ));
            for one in &wave.advice {
                text.push_str(&format!(
                    "| {} | {} | {} | {} |\n",
                    one.setting,
                    cell(&one.planned),
                    cell(&one.advised),
                    cell(&one.why)
                ));
            }
            text.push('\n');
        }
        text
    }
}

fn past(wave: &Calibrated) -> String {
    let bursts = match wave.bursts {
        0 => "no bursts".to_string(),
        n => format!(
            "{} of failures, half of them up to {} long, the longest {}",
            counted(n, "burst"),
            of_ms(wave.median_burst_ms as f64),
            of_ms(wave.longest_burst_ms as f64)
        ),
    };
    let p95 = wave
        .p95_ms
        .map_or(String::new(), |ms| format!(", p95 {}", of_ms(ms)));
    format!(
        "{} calls of {} in {:.0} days, {} failed{p95}; {bursts}.",
        grouped(wave.calls.cast_signed()),
        counted(wave.webhooks, "webhook"),
        wave.days,
        grouped(wave.failed.cast_signed()),
    )
}

/// How often the gate was right and wrong, by length of block.
fn played(wave: &Calibrated) -> Table {
    let mut table = Table::new([
        "Block",
        "Alike: pass",
        "Alike: fail",
        "At the margin: pass",
        "3 points beyond: fail",
    ]);
    for column in 1..5 {
        table = table.right(column);
    }
    let percent = |rate: f64| Cell::new(format!("{rate:.1} %"));
    for Rates {
        block_ms,
        passes,
        false_fails,
        false_passes,
        power,
    } in &wave.rates
    {
        table.row([
            Cell::new(of_ms(*block_ms as f64)),
            percent(*passes),
            percent(*false_fails),
            percent(*false_passes),
            percent(*power),
        ]);
    }
    table
}
