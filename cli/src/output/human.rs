//! For people.

use crate::lint::{Diagnostic, Outcome, Place};
use crate::text::{Excerpt, visible};
use hookgate_policy::Severity;
use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

struct Style {
    error: &'static str,
    warning: &'static str,
    faint: &'static str,
    reset: &'static str,
}

const PLAIN: Style = Style { error: "", warning: "", faint: "", reset: "" };
const COLORED: Style =
    Style { error: "\x1b[1;31m", warning: "\x1b[1;33m", faint: "\x1b[1;34m", reset: "\x1b[0m" };

/// How many columns a tab takes: terminals differ, so it is shown as spaces.
const TAB: usize = 4;

pub(super) fn render(outcome: &Outcome, color: bool) -> String {
    let style = if color { &COLORED } else { &PLAIN };
    let mut text = String::new();
    for diagnostic in &outcome.diagnostics {
        render_one(diagnostic, style, &mut text);
    }
    let count = |severity| outcome.diagnostics.iter().filter(|found| found.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let checked = [
        (outcome.scripts.len(), "hook script", "hook scripts"),
        (outcome.clusters, "cluster", "clusters"),
        (outcome.policies, "policy", "policies"),
        (outcome.machine_objects, "object of machine hooks", "objects of machine hooks"),
    ];
    let checked: Vec<String> = checked
        .iter()
        .enumerate()
        .filter(|(index, (count, ..))| *index == 0 || *count > 0)
        .map(|(_, (count, one, many))| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    let checked = match checked.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => checked.concat(),
    };
    let found = if errors + warnings == 0 {
        "nothing found".to_owned()
    } else {
        format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))
    };
    let unusable = match outcome.errors.len() {
        0 => String::new(),
        count => format!("; {} could not be read", plural(count, "input")),
    };
    let _ = writeln!(text, "Checked {checked}: {found}{unusable}.");
    text
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn render_one(diagnostic: &Diagnostic, style: &Style, text: &mut String) {
    let Diagnostic { rule, severity, message, help, place, .. } = diagnostic;
    let mark = if *severity == Severity::Error { style.error } else { style.warning };
    let Style { faint, reset, .. } = style;
    let shown_line = match (place.shows_script, place.in_script) {
        (true, Some(position)) => position.line,
        _ => place.position.line,
    };
    let margin = shown_line.to_string().len();
    let (line, carets) = shown(&place.excerpt);
    let _ = writeln!(text, "{mark}{severity}[{rule}]{reset}: {}", one_line(message));
    let _ = writeln!(text, "{:margin$}{faint}-->{reset} {}", "", heading(diagnostic));
    let _ = writeln!(text, "{:margin$} {faint}|{reset}", "");
    let _ = writeln!(text, "{}", format!("{faint}{shown_line} |{reset} {line}").trim_end());
    let _ = writeln!(text, "{:margin$} {faint}|{reset} {}{mark}{}{reset}", "", carets.0, carets.1);
    let _ = writeln!(text, "{:margin$} {faint}={reset} help: {}\n", "", one_line(help));
}

/// `file.yaml:7:5 (ConfigMap a, key hooks.sh)`
fn heading(diagnostic: &Diagnostic) -> String {
    let Diagnostic { path, object, template, place, .. } = diagnostic;
    let Place { position, in_script, shows_script, .. } = place;
    let mut about: Vec<String> = Vec::new();
    if !object.is_empty() {
        about.push(object.clone());
    }
    about.extend(template.iter().map(|template| format!("from {template}")));
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let of_script = match in_script {
        Some(position) if *shows_script => {
            format!(", line {}, column {} of the script", position.line, position.column)
        }
        _ => String::new(),
    };
    one_line(&format!("{path}:{}:{}{about}{of_script}", position.line, position.column))
}

fn one_line(text: &str) -> String {
    text.chars().map(|character| if character == '\t' { ' ' } else { visible(character) }).collect()
}

/// The line with its tabs as spaces, and below it blanks and carets of the same width.
fn shown(excerpt: &Excerpt) -> (String, (String, String)) {
    let (mut line, mut before, mut width) = (String::new(), 0, 0);
    for (index, character) in excerpt.text.chars().enumerate() {
        let columns = if character == '\t' { TAB } else { character.width().unwrap_or(1) };
        if character == '\t' {
            line.push_str(&" ".repeat(TAB));
        } else {
            line.push(character);
        }
        if index < excerpt.before {
            before += columns;
        } else if index < excerpt.before + excerpt.width {
            width += columns;
        }
    }
    (line, (" ".repeat(before), "^".repeat(width.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_below_what_they_mark() {
        let excerpt = |text: &str, before, width| shown(&Excerpt { text: text.to_owned(), before, width });
        assert_eq!(excerpt("\tab", 1, 2), ("    ab".to_owned(), ("    ".to_owned(), "^^".to_owned())));
        assert_eq!(excerpt("日本 x", 3, 1).1, ("     ".to_owned(), "^".to_owned()));
        assert_eq!(excerpt("日本", 0, 2).1.1, "^^^^");
        assert_eq!(excerpt("e\u{301}x", 2, 1).1, (" ".to_owned(), "^".to_owned()));
        assert_eq!(excerpt("", 0, 1).1, (String::new(), "^".to_owned()));
    }
}
