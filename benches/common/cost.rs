//! What a process costs, read from /proc: CPU seconds and resident memory.

use std::fs;

/// USER_HZ, the unit of the times in /proc/PID/stat on Linux.
const TICKS: f64 = 100.0;

/// Fields of /proc/PID/stat after the name: parent, own CPU seconds, those of ended children.
fn stat(pid: u32) -> Option<(u32, f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |n: usize| {
        fields
            .get(n)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
            / TICKS
    };
    Some((
        fields.get(1)?.parse().ok()?,
        ticks(11) + ticks(12),
        ticks(13) + ticks(14),
    ))
}

/// CPU seconds (user and system) of a process.
pub fn cpu(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |(_, own, _)| own)
}

/// CPU seconds of a process and all its children, ended ones too.
pub fn cpu_with_children(pid: u32) -> f64 {
    let (own, ended) = stat(pid).map_or((0.0, 0.0), |(_, own, ended)| (own, ended));
    let living: f64 = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .filter(|(parent, _, _)| *parent == pid)
        .map(|(_, own, _)| own)
        .sum();
    own + ended + living
}

/// Resident memory in MiB: now, and at its highest.
pub fn memory(pid: u32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        text.lines()
            .find_map(|line| {
                line.strip_prefix(name)?
                    .split_whitespace()
                    .next()?
                    .parse::<f64>()
                    .ok()
            })
            .unwrap_or(0.0)
            / 1024.0
    };
    (field("VmRSS:"), field("VmHWM:"))
}
