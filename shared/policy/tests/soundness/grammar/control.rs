//! What holds other statements: branches, loops, tests that guard, groups.

use super::Writer;

impl Writer {
    pub(super) fn block(&mut self, statements: usize) {
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

    pub(super) fn branch(&mut self) {
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

    pub(super) fn repeat(&mut self) {
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

    pub(super) fn reading(&mut self) {
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

    pub(super) fn guarded(&mut self) {
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

    pub(super) fn group(&mut self) {
        let open = self.choose("construct", &["{ }", "( )"]);
        let (first, last) = if open == "{ }" { ("{", "}") } else { ("(", ")") };
        self.line(first);
        self.block(2);
        self.line(last);
    }
}
