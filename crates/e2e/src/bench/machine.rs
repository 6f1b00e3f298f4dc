//! Describes the machine that the figures are measured on, and the share of its time that other
//! virtual machines took.

use std::fs::read_to_string;

use serde_json::{Value, json};

/// The machine during the measurements: read before the first figure, and again after the last.
pub(super) struct Machine {
    /// Constant properties, and the load before the measurements.
    about: Value,
    /// Processor time before the measurements.
    before: Option<Ticks>,
}

/// Processor time since the machine was started, as Linux counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    all: u64,
    /// Time during which there was work, but the host of this virtual machine ran something else.
    stolen: u64,
}

impl Machine {
    /// Reads the machine's properties, before the first measurement.
    pub(super) fn look() -> Self {
        let field = |file: &str, name: &str| {
            let text = read_to_string(file).ok()?;
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let load = read_to_string("/proc/loadavg").ok();
        let load = load.and_then(|text| Some(text.split_whitespace().next()?.to_owned()));
        let system = read_to_string("/proc/sys/kernel/osrelease").ok();
        let about = json!({
            "processor": field("/proc/cpuinfo", "model name"),
            "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            "memory": field("/proc/meminfo", "MemTotal"),
            "system": system.map(|text| text.trim().to_owned()),
            "load": "server and clients share these cores",
            "load average before": load,
        });
        Self {
            about,
            before: Ticks::now(),
        }
    }

    /// Adds a property.
    pub(super) fn note(&mut self, name: &str, value: impl Into<Value>) {
        self.about[name] = value.into();
    }

    /// Returns all properties, once the last measurement is done.
    pub(super) fn told(mut self) -> Value {
        if let (Some(before), Some(now)) = (self.before, Ticks::now()) {
            let share = now.stolen_since(before) * 100.0;
            self.note(
                "processor time that other machines took meanwhile",
                format!("{share:.1} %"),
            );
        }
        self.about
    }
}

impl Ticks {
    fn now() -> Option<Self> {
        Self::read(&read_to_string("/proc/stat").ok()?)
    }

    /// Parses the first line, "cpu user nice system idle iowait irq softirq steal guest
    /// guest_nice". The last two are part of the first two:
    /// <https://www.kernel.org/doc/html/latest/filesystems/proc.html>, section 1.7.
    fn read(text: &str) -> Option<Self> {
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        let ticks = line.split_whitespace().take(8).map(str::parse);
        let ticks: Vec<u64> = ticks.collect::<Result<_, _>>().ok()?;
        Some(Self {
            all: ticks.iter().sum(),
            stolen: *ticks.get(7)?,
        })
    }

    /// Returns the share of the time that was stolen; zero if no time has passed.
    fn stolen_since(self, before: Self) -> f64 {
        let all = self.all.saturating_sub(before.all).max(1);
        self.stolen.saturating_sub(before.stolen) as f64 / all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stolen_share_is_of_all_that_passed() {
        let before = Ticks::read("cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 2\n").unwrap();
        let after = Ticks::read("cpu  150 0 60 820 10 0 5 55 9 0\n").unwrap();
        assert_eq!(
            before,
            Ticks {
                all: 1000,
                stolen: 35
            }
        );
        assert!((after.stolen_since(before) - 0.2).abs() < 1e-9);
        assert!(before.stolen_since(before).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_such_file_says_nothing() {
        for text in ["", "cpu", "cpu 1 2 3", "cpu a b c d e f g h", "intr 1 2"] {
            assert_eq!(Ticks::read(text), None, "{text}");
        }
    }
}
