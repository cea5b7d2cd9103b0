//! Statements.

use super::Writer;
use crate::payloads::single_quoted;

impl Writer {
    pub(super) fn statement(&mut self) {
        self.budget = self.budget.saturating_sub(1);
        self.mark += 1;
        if self.marks {
            let mark = format!("! [ -e /tmp/.s{} ]", self.mark);
            self.line(&mark);
        }
        match self.random.below(40) {
            0..=3 => self.assignment(),
            4..=6 => self.number_assignment(),
            7 | 8 => self.array(),
            9..=12 => self.output(),
            13..=15 => self.pipeline(),
            16..=18 => self.redirected(),
            19..=21 => self.branch(),
            22..=24 => self.repeat(),
            25..=27 => self.reading(),
            28 => self.guarded(),
            29..=31 => self.sql_statement(),
            32 => self.trap(),
            33 => self.options(),
            34 => self.helper_call(),
            35 => self.group(),
            36 | 37 => self.small_builtin(),
            38 => {
                let condition = self.condition();
                let word = self.words();
                self.tag("construct && ||");
                self.line(&format!("{condition} && echo {word} || printf '%s' no"));
            }
            _ => self.heredoc(),
        }
    }

    pub(super) fn output(&mut self) {
        let (first, second) = (self.words(), self.words());
        let line = if self.random.chance(50) {
            let option = self.choose("builtin echo", &["", "-n", "-e", "-ne"]);
            format!("echo {option} {first} {second}")
        } else {
            let format = self.choose(
                "builtin printf",
                &[
                    "'%s\\n'",
                    "'%d\\n'",
                    "'%q\\n'",
                    "'%b\\n'",
                    "'%x '",
                    "'%5s|'",
                    "'%-8s'",
                    "'%05d'",
                    "'%%'",
                    "'%c'",
                    "'%(%F)T\\n'",
                    "'%*d'",
                    "'%.3s'",
                    "\"%s: %s\\n\"",
                    "-- '%s'",
                    "'%i %u %o'",
                    "'%e %f %g'",
                    "'literal $(canary)\\n'",
                    "'%Q\\n'",
                ],
            );
            format!("printf {format} {first} {second}")
        };
        let redirection = self.redirection();
        self.line(&format!("{line}{redirection}"));
    }

    pub(super) fn redirection(&mut self) -> String {
        if self.random.chance(60) {
            return String::new();
        }
        let redirection = self.choose(
            "redirection",
            &[
                ">",
                ">>",
                "2>",
                ">&2",
                "2>&1",
                "&>",
                "&>>",
                ">|",
                "> /dev/null",
                "2> /dev/null",
                "> /dev/stderr",
                "<> ",
                "3> >&3",
                "2>&-",
                "1>&2 2>/tmp",
            ],
        );
        match redirection.as_str() {
            ">" | ">>" | "2>" | "&>" | "&>>" | ">|" => format!(" {redirection} /tmp/log"),
            "<> " => " <> /tmp/log".to_owned(),
            "3> >&3" => " 3> /tmp/log >&3".to_owned(),
            "1>&2 2>/tmp" => " 1>&2 2> '/tmp/a b'".to_owned(),
            other => format!(" {other}"),
        }
    }

    pub(super) fn pipeline(&mut self) {
        let command = self.filtered();
        let redirection = self.redirection();
        self.line(&format!("{command}{redirection}"));
    }

    pub(super) fn redirected(&mut self) {
        let text = self.text();
        let filter = self.filter();
        let shape = self.choose(
            "input",
            &["<<<", "< /tmp", "< <( )", "< /dev/null", "exec", "{ } >", "while <", "file", "/dev/stdin"],
        );
        let line = match shape.as_str() {
            "<<<" => format!("{filter} <<< {text}"),
            "< /tmp" => format!("echo {text} > /tmp/in; {filter} < /tmp/in"),
            "< <( )" => {
                let command = self.filtered();
                format!("{filter} < <({command})")
            }
            "< /dev/null" => format!("{filter} < /dev/null"),
            "exec" => format!("exec 3> /tmp/out; echo {text} >&3; exec 3>&-; exec 4< /tmp/out; read -r -u 4 v3; exec 4<&-"),
            "{ } >" => format!("{{ echo {text}; {filter} < /tmp/in; }} > /tmp/out 2>&1"),
            "while <" => "while read -r v3; do echo \"$v3\"; done < /tmp/in".to_owned(),
            "file" => "printf '%s\\n' \"$v1\" > /tmp/in; cat /tmp/in; head -n 1 /tmp/in; grep -c x /tmp/in; sort -u /tmp/in".to_owned(),
            _ => format!("cat /dev/stdin <<< {text}"),
        };
        self.line(&line);
    }

    pub(super) fn heredoc(&mut self) {
        let (raw, expansion, filter) = (self.raw(), self.expansion(), self.filter());
        let raw: Vec<&str> = raw.lines().filter(|line| !matches!(*line, "E" | "F")).collect();
        let raw = raw.join("\n");
        // Quotes inside an expansion are read in two ways there.
        let expansion = if expansion.contains('"') { "${v1:-x}".to_owned() } else { expansion };
        let shape = self.choose("heredoc", &["<<'E'", "<<E", "<<\\E", "<<-E", "<<\"E\"", "two", "read"]);
        let harmless = raw.replace('\\', "\\\\").replace('$', "\\$").replace('`', "\\`");
        match shape.as_str() {
            "<<E" => self.line(&format!("{filter} <<E\n{harmless}\n{expansion} \"$v1\"\nE")),
            "<<-E" => self.line(&format!("{filter} <<-E\n\t{harmless}\n\t$v1 $1\n\tE")),
            "two" => self.line(&format!("cat <<'E' - <<F\n{raw}\nE\n$s1\nF")),
            "read" => self.line(&format!("while IFS= read -r v3; do echo \"$v3\"; done <<'E'\n{raw}\nE")),
            other => self.line(&format!("{filter} {other}\n{raw}\nE")),
        }
    }

    pub(super) fn trap(&mut self) {
        let raw = self.raw();
        let shape = self.choose("trap", &["EXIT", "INT TERM", "echo", "helper", "''"]);
        let line = match shape.as_str() {
            "EXIT" => "( trap 'echo bye; grep -c x /tmp/log' EXIT; exit 3 )".to_owned(),
            "INT TERM" => "trap 'echo interrupted' INT TERM".to_owned(),
            "echo" => {
                let code = format!("echo {}", single_quoted(&raw.replace('\n', " ")));
                format!("trap {} EXIT", single_quoted(&code))
            }
            "helper" if self.helpers > 0 => "trap helper1 EXIT".to_owned(),
            _ => "trap ':' INT".to_owned(),
        };
        self.line(&line);
    }

    pub(super) fn options(&mut self) {
        self.tag("builtin getopts");
        self.line("while getopts 'ab:f:v:' opt; do");
        self.line(
            "    case $opt in a) echo a ;; b | f | v) echo \"$OPTARG\"; v3=$OPTARG ;; *) break ;; esac",
        );
        self.line("done");
    }

    pub(super) fn helper_call(&mut self) {
        if self.helpers == 0 {
            return self.output();
        }
        let (word, text) = (self.words(), self.text());
        let call = format!("helper{} {word} {text}", 1 + self.random.below(self.helpers));
        let shape = self.choose("call", &["plain", "||", "$( )", "if"]);
        match shape.as_str() {
            "plain" => self.line(&call),
            "||" => self.line(&format!("{call} || echo \"$?\"")),
            "$( )" => self.line(&format!("v3=$({call})")),
            _ => self.line(&format!("if {call}; then echo y; fi")),
        }
    }

    pub(super) fn small_builtin(&mut self) {
        let text = self.text();
        let command = self.choose(
            "builtin",
            &[
                "shift", "true", "false", ":", "unset -v", "type", "return", "exit", "set", "declare",
                "readonly", "return n", "shift n", "[ word",
            ],
        );
        let line = match command.as_str() {
            "shift" => "shift".to_owned(),
            ":" => format!(": {text}"),
            "unset -v" => "unset -v v2; v2=".to_owned(),
            "type" => self.pick(&["type mysql", "type cat grep", "type pre_upgrade"]),
            "return" => "( return 0 )".to_owned(),
            "exit" => "( exit 3 )".to_owned(),
            "set" => "( exit $n1 )".to_owned(),
            "declare" => format!("declare w{}={text}", self.mark),
            "readonly" => format!("readonly w{}={text}", self.mark),
            "return n" => "[ -n \"$s1\" ] || return $n1".to_owned(),
            "shift n" => "shift 1".to_owned(),
            "[ word" => format!("[ {text} ]"),
            other => other.to_owned(),
        };
        self.line(&line);
    }
}
