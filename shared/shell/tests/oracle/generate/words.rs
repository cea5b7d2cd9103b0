//! Words: quoting, expansions, substitutions, arithmetic.

use super::Generator;

impl Generator {
    pub(super) fn word(&mut self) -> String {
        let mut text = self.piece();
        while self.random.once_in(3) {
            let piece = self.piece();
            // These would make an operator or a longer name of what is before them.
            if !piece.starts_with(['<', '>']) {
                text.push_str(&piece);
            }
        }
        text
    }

    pub(super) fn piece(&mut self) -> String {
        let text = self.any_piece();
        // After an expansion in a substitution, mvdan.cc/sh takes this for a comment.
        if self.common { text.replace("a#b", "ab") } else { text }
    }

    pub(super) fn any_piece(&mut self) -> String {
        match self.random.below(26) {
            0..=9 => self
                .random
                .pick(&[
                    "a", "word", "x-y", "1", "a.b", "if", "é", "a#b", "=", "a:b", "%s", "/tmp/x", "then", "}",
                ])
                .to_owned(),
            10 => self.random.pick(&["'a b'", "'$x `'", "''", "'\"'", "'a\nb'", "'#'"]).to_owned(),
            11 | 12 => self.double_quoted(),
            13 => self.random.pick(&["$'a\\n'", "$'\\''", "$'\\x41\\101'", "$'a b'"]).to_owned(),
            14 => self.random.pick(&["\\ ", "\\$", "\\'", "\\\"", "\\\\", "\\;", "\\\na", "\\a"]).to_owned(),
            15 => self
                .random
                .pick(&["{a,b}", "{1..3}", "{a,{b,c}d}", "{}", "{a", "a}", "{'x y',$z}"])
                .to_owned(),
            16 => self.random.pick(&["*", "?", "[a-z]", "~", "~/a", "~root/b", "[!x]*"]).to_owned(),
            17 if self.depth < 2 => {
                self.depth += 1;
                let list = self.substitution();
                self.depth -= 1;
                format!("<(:; {list})")
            }
            _ => self.expansion(),
        }
    }

    /// The commands of a substitution, with its here-documents inside.
    pub(super) fn substitution(&mut self) -> String {
        let outer = std::mem::take(&mut self.pending);
        // A newline here would begin the documents of the command around.
        self.raw += usize::from(!outer.is_empty());
        let mut text = self.list();
        if !self.pending.is_empty() {
            text.push_str(":\n");
            self.bodies(&mut text);
        }
        self.raw -= usize::from(!outer.is_empty());
        self.pending = outer;
        if text.starts_with('(') { format!(" {text}") } else { text }
    }

    pub(super) fn double_quoted(&mut self) -> String {
        let mut text = "\"".to_owned();
        for _ in 0..self.random.below(3) {
            let piece = match self.random.below(4) {
                0 => self.expansion(),
                1 => self
                    .random
                    .pick(&["it's", "\\\"", "\\$", "\\\\", "\\`", "$", "\\a", "\\\n", "a\nb"])
                    .to_owned(),
                _ => self.random.pick(&["text ", "a;b", "# no", " (", "~", "*", "{a,b}"]).to_owned(),
            };
            // What is quoted inside an expansion inside quotes has a test of its own.
            text.push_str(&piece);
        }
        text + "\""
    }

    pub(super) fn expansion(&mut self) -> String {
        let kind = if self.depth > 1 { self.random.below(6) } else { self.random.below(12) };
        self.depth += 1;
        let text = match kind {
            0 | 1 => self
                .random
                .pick(&["$x", "${x}", "$1", "${10}", "$@", "$?", "$#", "$$", "$!", "$-", "$_"])
                .to_owned(),
            2 => self
                .random
                .pick(&[
                    "${#x}",
                    "${!x}",
                    "${x[0]}",
                    "${x[@]}",
                    "${#x[@]}",
                    "${!x[@]}",
                    "${!p*}",
                    "${x@Q}",
                    "${x[$i]}",
                    "${#}",
                    "${x[i+1]}",
                ])
                .to_owned(),
            3 => format!(
                "${{x{}{}}}",
                self.random.pick(&[":-", "-", ":=", "=", ":?", "?", ":+", "+"]),
                self.operand()
            ),
            4 => format!(
                "${{x{}{}}}",
                self.random.pick(&["#", "##", "%", "%%", "^", "^^", ",,", "/a/", "//", "/#a/"]),
                self.operand()
            ),
            5 => format!(
                "${{x:{}}}",
                self.random.pick(&["1", "1:2", " -1", "i+1:$n", "(a?b:c):1", "$((1+1))"])
            ),
            6 => format!("$(({}))", self.arithmetic()),
            7 => "`echo a \\$x \"b\"`".replace('"', ""),
            _ => {
                let list = self.substitution();
                format!("$({}{list})", if list.starts_with("time") { "\n" } else { "" })
            }
        };
        self.depth -= 1;
        text
    }

    pub(super) fn operand(&mut self) -> String {
        match self.random.below(6) {
            0 => String::new(),
            1 => self.random.pick(&["a", "a b", "*", ".*", "\\}", "{", "(", "a;b", "#"]).to_owned(),
            2 => "$y".to_owned(),
            3 => "\"q r\"".to_owned(),
            _ => self.expansion(),
        }
    }

    /// Arithmetic outside double quotes.
    pub(super) fn raw_arithmetic(&mut self) -> String {
        self.random
            .pick(&[
                "i = 0",
                "a[1] += 2",
                "i < 10 && j",
                "x ? y : z",
                "i++",
                "(1 + 2) * 3",
                "$x + ${y}",
                "16#ff",
                "a, b",
                "1 << 2",
                "~x ^ y",
                "a[b[0]]",
            ])
            .to_owned()
    }

    pub(super) fn arithmetic(&mut self) -> String {
        match self.random.below(4) {
            0 => format!("{} + 1", self.random.pick(&["$x", "${x:-1}", "${#x}", "$(wc -l)", "`echo 1`"])),
            1 => format!(" ( {} ) ", self.raw_arithmetic()),
            _ => self.raw_arithmetic(),
        }
    }
}
