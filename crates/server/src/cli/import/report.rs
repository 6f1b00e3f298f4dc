//! The report of an import, for the person who runs it.

use std::fmt::{self, Write as _};

use crate::domain::import::{FileReport, Note, PortionReport};

/// Returns the report as lines.
pub(super) fn shown(report: &FileReport) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_report(&mut text, report);
    text
}

fn write_report(into: &mut String, report: &FileReport) -> fmt::Result {
    let verb = match report.dry_run {
        true => "Would import",
        false => "Imported",
    };
    for portion in &report.projects {
        let (lists, project) = (portion.lists.join(", "), &portion.project);
        let new = if portion.new_project {
            "new project"
        } else {
            "project"
        };
        writeln!(into, "{verb} {lists} into {new} {project}")?;
        write_portion(into, portion)?;
    }
    write_notes(into, &report.notes)
}

fn write_portion(into: &mut String, portion: &PortionReport) -> fmt::Result {
    let (report, tally) = (&portion.report, &portion.tally);
    let (created, updated) = (report.created.len(), report.updated.len());
    let unchanged = report.unchanged.len();
    write!(
        into,
        "  tasks     created: {created}, updated: {updated}, unchanged: {unchanged}"
    )?;
    if portion.removed > 0 {
        write!(into, ", removed here: {}", portion.removed)?;
    }
    writeln!(into)?;
    write!(into, "  in file   entries: {}", tally.entries)?;
    if tally.subtasks > 0 {
        write!(into, ", subtasks: {}", tally.subtasks)?;
    }
    writeln!(into, ", left out: {}", tally.left_out)?;
    for (count, form) in [
        (tally.subtasks_listed, "as checklists in the prompts"),
        (tally.subtasks_made, "as separate tasks"),
    ] {
        if count > 0 {
            writeln!(into, "  subtasks  {form}: {count}")?;
        }
    }
    for status in &portion.statuses {
        writeln!(
            into,
            "  status    {} -> {}: {}",
            status.from, status.to, status.count
        )?;
    }
    for warning in &report.warnings {
        writeln!(into, "  note      {warning}")?;
    }
    write_notes(into, &portion.notes)
}

fn write_notes(into: &mut String, notes: &[Note]) -> fmt::Result {
    for Note { task, note } in notes {
        match task.as_str() {
            "" => writeln!(into, "  note      {note}")?,
            task => writeln!(into, "  note      {task}: {note}")?,
        }
    }
    Ok(())
}
