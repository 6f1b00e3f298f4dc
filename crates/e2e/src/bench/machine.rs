//! On what the figures were taken.

use serde_json::{Value, json};

/// The machine, and how busy it was with other things: to be asked before the first measurement.
pub(super) fn describe() -> Value {
    let field = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load = load.and_then(|text| Some(text.split_whitespace().next()?.to_owned()));
    json!({
        "processor": field("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "memory": field("/proc/meminfo", "MemTotal"),
        "system": std::fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|text| text.trim().to_owned()),
        "load": "server and clients share these cores",
        "load average before": load,
    })
}
