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

    fn assignment(&mut self) {
        let text = self.text();
        let shape = self.choose(
            "assign",
            &["=", "+=", "local", "declare", "declare -r", "local -r", "=$x", "IFS", "=$()", "=``"],
        );
        let name = self.pick(&["s1", "s2", "v1", "v2"]);
        let line = match shape.as_str() {
            "=" | "+=" if name.starts_with('s') => {
                let literal = self.literal();
                format!("{name}{shape}{literal}")
            }
            "=" | "+=" => format!("{name}{shape}{text}"),
            "local" | "declare" => format!("{shape} v3={text} v4"),
            "declare -r" | "local -r" => format!("{shape} v{}={text}", 20 + self.mark),
            "=$x" => format!("{name}=$v1$1\"$s1\""),
            // A separator of its own changes how the connection is split.
            "IFS" if self.own_separator => "( local IFS=,; echo \"${a1[*]}\" \"$*\" )".to_owned(),
            "=``" => "v1=`echo \"$v1\" | cut -c 1-30`".to_owned(),
            _ => {
                let command = self.filtered();
                format!("v1=$({command})")
            }
        };
        self.line(&line);
    }

    fn number_assignment(&mut self) {
        let shape = self.choose(
            "number",
            &[
                "=N",
                "$(( ))",
                "(( = ))",
                "(( ++ ))",
                "(( += ))",
                "${#s}",
                "$#",
                "$?",
                "$SECONDS",
                "wc -l",
                "grep -c",
                "date +%s",
                "k[ ]",
                "(( k[ ] ))",
                "query",
            ],
        );
        let arithmetic = self.arithmetic(2);
        let line = match shape.as_str() {
            "=N" => "n1=17".to_owned(),
            "$(( ))" => format!("n2=$(( {arithmetic} ))"),
            "(( = ))" => format!("(( n2 = {arithmetic} ))"),
            "(( ++ ))" => self.pick(&["(( n1++ ))", "(( ++n2 ))", "(( n2-- ))", "(( i += 0 ))"]),
            "(( += ))" => format!("(( n2 += {arithmetic} ))"),
            "${#s}" => "n3=${#v1}".to_owned(),
            "$#" => "n3=$#".to_owned(),
            "$?" => "n3=$?".to_owned(),
            "$SECONDS" => "n3=$SECONDS".to_owned(),
            "wc -l" => {
                let command = self.filtered();
                format!("n3=$({command} | wc -l)")
            }
            "grep -c" => {
                let command = self.filtered();
                format!("n3=$({command} | grep -c x)")
            }
            "date +%s" => "n3=$(date +%s)".to_owned(),
            "k[ ]" => format!("k1[$i]=$(( {arithmetic} ))"),
            "(( k[ ] ))" => "(( k1[1] = n1 + 1 ))".to_owned(),
            _ => {
                let query = self.number_query();
                format!("q1=$({query}); [ \"$q1\" -ge 0 ] || return 1; n2=$(( q1 + 1 ))")
            }
        };
        self.line(&line);
    }

    fn array(&mut self) {
        let (word, text, literal) = (self.words(), self.text(), self.literal());
        let shape = self.choose(
            "array",
            &[
                "=( )",
                "+=( )",
                "[n]=",
                "m[x]=",
                "m[x]+=",
                "for keys",
                "for values",
                "unset",
                "=([n]= )",
                "local -a",
                "mapfile",
            ],
        );
        let line = match shape.as_str() {
            "=( )" => format!("a2=({word} {text})"),
            "+=( )" => format!("a2+=({word})"),
            "[n]=" => format!("a2[n1]={text}"),
            "m[x]=" => format!("m1[x]={text}"),
            "m[x]+=" => format!("m1['y_1']+={text}"),
            "for keys" => "for key in \"${!a1[@]}\"; do echo \"${a1[$key]}\"; done".to_owned(),
            "for values" => "for v3 in \"${m1[@]}\" \"${a2[@]}\"; do echo \"$v3\"; done".to_owned(),
            "unset" => "unset -v v2 a2; v2=; a2=(x y)".to_owned(),
            "=([n]= )" => format!("a2=([0]={text} [2]={literal})"),
            "local -a" => format!("local -a b1=({word})"),
            _ => format!("mapfile -t a2 <<< {literal}"),
        };
        self.line(&line);
    }

    fn output(&mut self) {
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

    fn redirection(&mut self) -> String {
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

    fn pipeline(&mut self) {
        let command = self.filtered();
        let redirection = self.redirection();
        self.line(&format!("{command}{redirection}"));
    }

    fn redirected(&mut self) {
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

    fn heredoc(&mut self) {
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

    fn block(&mut self, statements: usize) {
        self.depth += 1;
        for _ in 0..=self.random.below(statements) {
            if self.depth > 4 {
                self.line("echo \"$v1\"");
            } else {
                self.statement();
            }
        }
        self.depth -= 1;
    }

    fn branch(&mut self) {
        if self.random.chance(40) {
            let subject = self.pick(&["$v1", "\"$1\"", "$s1", "x", "${a2[0]}", "$n1"]);
            self.line(&format!("case {subject} in"));
            let patterns = (self.pattern(), self.pattern());
            let end = self.choose("case", &[";;", ";&", ";;&"]);
            self.line(&format!("({} | {})", patterns.0, patterns.1));
            self.block(1);
            self.line(&end);
            self.line("*) echo \"$v1\" ;;");
            self.line("esac");
            return;
        }
        let condition = self.condition();
        let shape = self.choose("construct", &["if", "if else", "if elif", "if !"]);
        let not = if shape == "if !" { "! " } else { "" };
        self.line(&format!("if {not}{condition}; then"));
        self.block(2);
        if shape == "if elif" {
            let other = self.condition();
            self.line(&format!("elif {other}; then"));
            self.block(1);
        }
        if shape != "if" {
            self.line("else");
            self.block(1);
        }
        self.line("fi");
    }

    fn repeat(&mut self) {
        if self.loops > 1 {
            return self.output();
        }
        self.loops += 1;
        let counter = format!("j{}", self.mark);
        let words = (self.words(), self.words());
        let shape = self.choose(
            "loop",
            &["for words", "for ((", "while", "until", "for {..}", "for @", "while :", "for number"],
        );
        let head = match shape.as_str() {
            "for words" => format!("for v3 in {} {}; do", words.0, words.1),
            "for ((" => format!("for (( {counter} = 0; {counter} < 2; {counter}++ )); do"),
            "while" => format!("{counter}=0; while [ \"${counter}\" -lt 2 ]; do (( {counter}++ ))"),
            "until" => format!("{counter}=0; until (( ++{counter} > 2 )); do"),
            "for {..}" => format!("for {counter} in {{1..2}}; do echo $(( {counter} + 1 ))"),
            "for @" => "for v3; do".to_owned(),
            "while :" => format!("{counter}=0; while :; do (( ++{counter} > 2 )) && break"),
            _ => format!("for {counter} in 1 2; do echo \"${{a1[{counter}]:-}}\" $(( {counter} * 2 ))"),
        };
        self.line(&head);
        self.block(2);
        if self.random.chance(20) {
            let leave = self.choose("builtin", &["break", "continue", "break 1"]);
            self.line(&leave);
        }
        self.line("done");
        self.loops -= 1;
    }

    fn reading(&mut self) {
        let command = self.filtered();
        let literal = self.literal();
        let shape = self.choose(
            "reading",
            &[
                "read -r",
                "read -r a b",
                "IFS=: read",
                "read -t",
                "read -n",
                "read -d",
                "read -s",
                "read",
                "while read",
                "while pipe",
                "mapfile -t",
                "readarray",
                "mapfile -n",
                "mapfile -d",
                "mapfile -s",
                "mapfile -u",
                "read bundle",
            ],
        );
        let line = match shape.as_str() {
            "read -r" => format!("read -r v3 <<< {literal}"),
            "read -r a b" => format!("read -r v3 v4 v5 < <({command})"),
            "IFS=: read" => format!("IFS=':' read -r v3 v4 <<< {literal}"),
            "read -t" => format!("read -r -t 1 v3 <<< {literal}"),
            "read -n" => format!("read -n 3 -r v3 <<< {literal}"),
            "read -d" => format!("read -r -d '' v3 <<< {literal}"),
            "read -s" => format!("read -s v3 <<< {literal}"),
            "read" => "read -r; read -r v3; echo \"$REPLY\" \"$v3\"".to_owned(),
            "while read" => format!("while IFS= read -r v3; do echo \"$v3\"; done < <({command})"),
            "while pipe" => {
                format!("{command} | while read -r v3 v4; do printf '%s\\n' \"$v3\" \"$v4\"; done")
            }
            "mapfile -t" => format!("mapfile -t a2 < <({command}); echo \"${{a2[@]}}\" \"${{#a2[@]}}\""),
            "readarray" => {
                format!("readarray -t a2 <<< {literal}; for v3 in \"${{a2[@]}}\"; do echo \"$v3\"; done")
            }
            "mapfile -n" => format!("mapfile -t -n 2 a2 <<< {literal}"),
            "mapfile -d" => format!("mapfile -t -d , a2 <<< {literal}"),
            "mapfile -s" => format!("mapfile -s 1 -t a2 < <({command})"),
            "mapfile -u" => format!("exec 5<<< {literal}; mapfile -u 5 -t a2; exec 5<&-"),
            _ => format!("read -rt 1 v3 v4 <<< {literal}"),
        };
        self.line(&line);
    }

    fn guarded(&mut self) {
        let command = self.filtered();
        let use_of = self.pick(&[
            "$(( g + 1 ))",
            "\"${a1[g]}\"",
            "\"${a2[$g]}\"",
            "\"${s1:g}\"",
            "\"${v1:$g:1}\"",
            "$(( 10#$g * 2 ))",
        ]);
        let name = format!("g{}", self.mark);
        let use_of = use_of
            .replace("$g", &format!("${name}"))
            .replace("[g]", &format!("[{name}]"))
            .replace("g +", &format!("{name} +"))
            .replace(":g}", &format!(":{name}}}"));
        let shape = self.choose(
            "guard",
            &["[[ =~ || return", "[ -ge || return", "if [[ =~", "if ! [", "[[ =~ &&", "case"],
        );
        let value = if self.random.chance(50) { "$1".to_owned() } else { format!("$({command})") };
        self.line(&format!("{name}={value}"));
        match shape.as_str() {
            "[[ =~ || return" => {
                self.line(&format!("( [[ ${name} =~ ^[0-9]+$ ]] || exit 1; echo {use_of} )"))
            }
            "[ -ge || return" => self.line(&format!("( [ \"${name}\" -ge 0 ] || exit 1; echo {use_of} )")),
            "if [[ =~" => self.line(&format!("if [[ ${name} =~ ^[0-9]+$ ]]; then echo {use_of}; fi")),
            "if ! [" => self.line(&format!("( if ! [ \"${name}\" -gt 0 ]; then exit; fi; echo {use_of} )")),
            "[[ =~ &&" => self.line(&format!("[[ ${name} =~ ^[0-9]+$ ]] && echo {use_of}")),
            _ => self.line(&format!("case ${name} in *[!0-9]* | '') ;; *) echo \"${name}\" ;; esac")),
        }
    }

    fn trap(&mut self) {
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

    fn options(&mut self) {
        self.tag("builtin getopts");
        self.line("while getopts 'ab:f:v:' opt; do");
        self.line(
            "    case $opt in a) echo a ;; b | f | v) echo \"$OPTARG\"; v3=$OPTARG ;; *) break ;; esac",
        );
        self.line("done");
    }

    fn helper_call(&mut self) {
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

    fn group(&mut self) {
        let open = self.choose("construct", &["{ }", "( )"]);
        let (first, last) = if open == "{ }" { ("{", "}") } else { ("(", ")") };
        self.line(first);
        self.block(2);
        self.line(last);
    }

    fn small_builtin(&mut self) {
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
