//! Figures on the screen: what is measured and on what, tables, and one line a criterion for `scripts/bench`.

use comfy_table::{Table, presets::ASCII_MARKDOWN};

/// The middle value.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// The value that so many per cent do not exceed.
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

/// A rate or count without decimals, a small number with them.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// All values of the rounds, in their order.
pub fn rounds(values: &[f64]) -> String {
    let texts: Vec<String> = values.iter().map(|value| number(*value)).collect();
    texts.join(" ")
}

pub fn note(text: &str) {
    eprintln!("{text}");
}

/// A table that can stand in a Markdown file.
pub fn table(title: &str, header: &[&str], rows: &[Vec<String>]) {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    eprintln!("\n{title}\n\n{table}\n");
}

/// One criterion on standard output: bench, figure, found, wanted, verdict; tabs between.
pub fn criterion(bench: &str, figure: &str, found: f64, wanted: &str, met: bool) {
    let verdict = if met { "met" } else { "MISSED" };
    println!("{bench}\t{figure}\t{}\t{wanted}\t{verdict}", number(found));
}
