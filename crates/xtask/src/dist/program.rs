//! Builds the program of a release.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::workspace::{Workspace, rustc};
use crate::{process, setup};

/// Type of the program header of an ELF file that names the dynamic loader.
const PT_INTERP: u32 = 3;

/// Returns this machine's target triple; on Linux the one with musl, whose programs run on every
/// distribution.
pub(super) fn default_target() -> Result<String> {
    let about = process::output(Command::new(rustc()).arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not name its host")?;
    Ok(host.replace("-linux-gnu", "-linux-musl"))
}

/// Builds the program for `target`; returns its path. A program for musl is static.
pub(super) fn build(workspace: &Workspace, target: &str) -> Result<PathBuf> {
    println!("dist: building the program for {target} ...");
    let mut command = workspace.cargo(["build", "--locked", "--profile", "server"])?;
    command.args(["-p", "tasktree", "--target", target]);
    let is_static = target.ends_with("-musl");
    if is_static {
        command.env(
            format!("CC_{}", target.replace('-', "_")),
            setup::MUSL_COMPILER,
        );
    }
    process::run(&mut command)?;
    let suffix = if target.contains("windows") {
        ".exe"
    } else {
        ""
    };
    let program = workspace.target.join(target).join("server");
    let program = program.join(format!("tasktree{suffix}"));
    if is_static {
        let content = std::fs::read(&program)?;
        let needs_loader = has_interpreter(&content).context("the program is no ELF file")?;
        ensure!(!needs_loader, "{} is not static", program.display());
    }
    Ok(program)
}

/// Returns true if a 64-bit little-endian ELF file names a dynamic loader; `None` if it is no such
/// file. Offsets are those of elf(5).
fn has_interpreter(elf: &[u8]) -> Option<bool> {
    let number = |at: usize, bytes: usize| {
        let field = elf.get(at..at.checked_add(bytes)?)?;
        let little = field.iter().rev();
        Some(little.fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    if elf.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for index in 0..count {
        let at = usize::try_from(table + index * size).ok()?;
        if number(at, 4)? == u64::from(PT_INTERP) {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
    #[test]
    fn a_program_of_this_system_names_its_loader_and_other_files_are_no_programs() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(has_interpreter(&own), Some(true));
        assert_eq!(has_interpreter(b"#!/bin/sh\n"), None);
        assert_eq!(has_interpreter(&own[..60]), None);
    }

    #[test]
    fn linux_releases_are_static() {
        assert!(!default_target().unwrap().contains("-linux-gnu"));
    }
}
