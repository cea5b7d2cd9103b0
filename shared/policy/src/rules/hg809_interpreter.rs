//! # HG809: a machine hook that is no shell script
//!
//! ## What it finds
//! A machine hook whose first line names an interpreter other than bash or sh, or that is a program.
//!
//! ## Why it is bad
//! Only shell scripts are read: nothing can be said of what else a machine runs. Without such a line the script is read as one
//! for bash.
//!
//! ## Example
//! ```bash
//! #!/usr/bin/python3
//! import os
//! os.remove('/etc/kubernetes/admin.conf')
//! ```
//!
//! ## Use instead
//! ```bash
//! #!/bin/bash
//! set -e
//! rm -f /etc/kubernetes/admin.conf
//! ```
//!
//! ## Exceptions
//! In the profile privileged this is a warning, and the hook runs unread. The paths that count are `/bin`, `/usr/bin` and
//! `/usr/local/bin`, and `env`; behind them may stand one word of the options `-e`, `-u`, `-x` and `-f`.

use crate::finding::Findings;
use crate::{Policy, Profile, Report, RuleId, RuleInfo, check};
use hookgate_shell::ast::Span;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(809),
    name: "interpreter",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg809_interpreter.rs"),
};

/// What a program begins with, as Linux has it.
const ELF: &[u8] = b"\x7fELF";
/// Where interpreters are that every machine gets from its distribution.
const FOLDERS: [&str; 3] = ["/bin", "/usr/bin", "/usr/local/bin"];
/// The longest part of a first line that is repeated in a message, in characters.
const MAX_QUOTED: usize = 60;

/// Checks a hook of a machine, such as the operator runs over SSH, or one of the installation: a shell script that is run
/// as a whole, and needs to define no hook function. [`Policy::for_machine_hooks`] is what they are checked against where
/// nothing else is said.
///
/// Like [`check`] it never fails, and its report carries the digest of the bytes that were checked.
#[must_use]
pub fn check_machine_script(script: &[u8], policy: &Policy) -> Report {
    let policy = &policy.clone().without_hook_functions();
    let Some(message) = not_shell(script) else { return check(script, policy) };
    let mut findings = Findings::new(script, policy);
    let end = script.iter().position(|byte| *byte == b'\n').unwrap_or(script.len()).min(usize::from(u8::MAX));
    let line = Span::new(0, end);
    let help = "write the hook as a script for bash, with #!/bin/bash in its first line";
    if policy.profile == Profile::Privileged {
        findings.warning(RULE.id, line, message, help);
    } else {
        findings.error(RULE.id, line, message, help);
    }
    findings.into_report(Vec::new())
}

/// Why a text is no shell script; `None` when it's one, or has no line that says what it is.
fn not_shell(script: &[u8]) -> Option<String> {
    if script.starts_with(ELF) {
        return Some("the hook is a program, not a shell script".to_owned());
    }
    let line = script.strip_prefix(b"#!")?;
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let shown = || {
        let text = String::from_utf8_lossy(line);
        let text = text.trim().chars().take(MAX_QUOTED).collect::<String>();
        format!("the hook's interpreter is `{text}`, and only scripts for bash and sh are read")
    };
    let Ok(line) = std::str::from_utf8(line) else { return Some(shown()) };
    let mut words = line.split_whitespace();
    let (folder, name) = words.next().and_then(|path| path.rsplit_once('/')).unwrap_or_default();
    let name = if name == "env" { words.next().unwrap_or_default() } else { name };
    let is_shell = FOLDERS.contains(&folder) && matches!(name, "bash" | "sh") && are_harmless(words);
    (!is_shell).then(shown)
}

/// Whether the options of the first line leave the script what it's read as. Linux gives all that stands behind the
/// interpreter as one argument, so there is at most one word that the shell takes.
fn are_harmless<'a>(mut options: impl Iterator<Item = &'a str>) -> bool {
    let is_harmless = |option: &str| {
        let letters = option.strip_prefix('-').unwrap_or_default();
        !letters.is_empty() && letters.chars().all(|letter| matches!(letter, 'e' | 'u' | 'x' | 'f'))
    };
    options.next().is_none_or(is_harmless) && options.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_for_a_shell_are_read() {
        for first in [
            "#!/bin/bash",
            "#! /bin/sh -e",
            "#!/usr/bin/env bash",
            "#!/usr/local/bin/bash -eux",
            "# no interpreter",
            "echo",
            "",
        ] {
            let report =
                check_machine_script(format!("{first}\necho\n").as_bytes(), &Policy::for_machine_hooks());
            assert_eq!(report.findings(), [], "{first}");
        }
    }

    #[test]
    fn what_is_no_shell_script_is_refused_or_runs_unread() {
        for text in [
            "#!/usr/bin/python3\nprint()\n",
            "#!/usr/bin/env python3\n",
            "#!/usr/bin/env -S bash -c 'rm -rf /'\n",
            "#!/bin/bash -c 'curl x'\n",
            "#!/bin/bash -euo pipefail\n",
            "#!/bin/bash -\n",
            "#!/tmp/bash\n",
            "#!bash\n",
            "#!\n",
            "#!/bin/bash \u{e9}\n",
            "\x7fELF\x02\x01",
        ] {
            for (profile, denied) in
                [(Profile::Restricted, true), (Profile::Baseline, true), (Profile::Privileged, false)]
            {
                let report = check_machine_script(text.as_bytes(), &Policy::from(profile));
                assert_eq!(report.is_denied(), denied, "{profile}: {text}");
                let [finding] = report.findings() else { panic!("{profile}: {text}: {report:?}") };
                assert_eq!((finding.rule, finding.line, finding.column), (RULE.id, 1, 1));
            }
        }
        assert!(check_machine_script(b"#!/bin/\xff\n", &Policy::for_machine_hooks()).is_denied());
    }

    #[test]
    fn what_a_script_does_is_judged_by_the_profile_without_hook_functions() {
        let curl = b"#!/bin/bash\ncurl http://10.0.0.1/x | bash\n";
        assert!(check_machine_script(curl, &Policy::from(Profile::Baseline)).is_denied());
        assert!(!check_machine_script(curl, &Policy::from(Profile::Privileged)).is_denied());
        assert!(check_machine_script(b"modprobe x\n", &Policy::from(Profile::Restricted)).is_denied());
        assert!(!check_machine_script(b"modprobe x\n", &Policy::from(Profile::Baseline)).is_denied());
    }
}
