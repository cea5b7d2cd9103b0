//! Well-formed scripts made from the grammar: every construct that the parser knows.

mod words;

use crate::random::Random;
use std::fmt::Write;

/// A script for this seed.
pub fn script(seed: u64) -> String {
    generate(seed, false)
}

/// A script for this seed without what `mvdan.cc/sh` rejects although it is bash.
pub fn common_script(seed: u64) -> String {
    generate(seed, true)
}

fn generate(seed: u64, common: bool) -> String {
    let mut generator =
        Generator { random: Random::new(seed), depth: 0, pending: Vec::new(), raw: 0, common };
    let mut text = String::new();
    for _ in 0..=generator.random.below(5) {
        let command = generator.and_or();
        let end = generator.random.pick(&["\n", ";", " & ", "\n\n", " # it's\n"]);
        text.push_str(&command);
        text.push_str(end);
        if end.contains('\n') {
            generator.bodies(&mut text);
        }
    }
    if !generator.pending.is_empty() {
        text.push('\n');
        generator.bodies(&mut text);
    }
    text
}

struct Generator {
    random: Random,
    depth: usize,
    /// Here-documents whose bodies come after the next newline.
    pending: Vec<(String, String)>,
    /// Inside how many constructs in which a newline does not begin a here-document.
    raw: usize,
    /// Whether to leave out what `mvdan.cc/sh` rejects.
    common: bool,
}

impl Generator {
    fn bodies(&mut self, text: &mut String) {
        for (delimiter, body) in std::mem::take(&mut self.pending) {
            let _ = writeln!(text, "{body}\n{delimiter}");
        }
    }

    fn newline(&mut self) -> String {
        let mut text = "\n".to_owned();
        self.bodies(&mut text);
        text
    }

    fn separator(&mut self) -> String {
        if self.random.once_in(2) { self.newline() } else { "; ".to_owned() }
    }

    /// Blanks between two words, which may continue the line.
    fn blank(&mut self) -> &'static str {
        if self.random.once_in(20) { " \\\n" } else { self.random.pick(&[" ", " ", " ", "  ", "\t"]) }
    }

    fn list(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.random.below(2) {
            text.push_str(&self.and_or());
            text.push_str(&self.separator());
        }
        text
    }

    fn and_or(&mut self) -> String {
        let mut text = self.pipeline();
        while self.random.once_in(5) {
            text.push_str(
                self.random.pick(&[" && ", " || ", "&&", "||", " &&\n # c\n"]).trim_end_matches('\n'),
            );
            text = text.replace(" &&\n # c", " &&");
            text.push(' ');
            text.push_str(&self.pipeline());
        }
        text
    }

    fn pipeline(&mut self) -> String {
        let prefix =
            if self.random.once_in(10) { self.random.pick(&["! ", "time ", "time -p "]) } else { "" };
        let twice = if !self.common && self.random.once_in(20) { "! " } else { "" };
        let mut text = twice.to_owned() + prefix + &self.command();
        while self.random.once_in(8) {
            text.push_str(self.random.pick(&[" | ", "|", " |& "]));
            text.push_str(&self.command());
        }
        text
    }

    fn command(&mut self) -> String {
        if self.depth > 1 || !self.random.once_in(3) {
            return self.simple();
        }
        self.depth += 1;
        let mut text = self.compound();
        self.depth -= 1;
        while self.random.once_in(6) {
            text.push(' ');
            text.push_str(&self.redirection());
        }
        text
    }

    fn compound(&mut self) -> String {
        match self.random.below(14) {
            0 => format!("{{ {}}}", self.list()),
            1 => format!("( {})", self.list()),
            2 => format!("if {}then {}fi", self.list(), self.list()),
            3 => format!(
                "if {}then {}elif {}then {}else {}fi",
                self.list(),
                self.list(),
                self.list(),
                self.list(),
                self.list()
            ),
            4 => format!("while {}do {}done", self.list(), self.list()),
            5 => format!("until {}do {}done", self.list(), self.list()),
            6 => {
                let keyword = self.random.pick(&["for", "select"]);
                let words = self.words(3);
                format!("{keyword} {} in{words}{}do {}done", self.name(), self.separator(), self.list())
            }
            7 => format!("for {}{}do {}done", self.name(), self.separator(), self.list()),
            8 => {
                let header = [self.raw_arithmetic(), self.raw_arithmetic(), self.raw_arithmetic()].join("; ");
                format!("for (( {header} )); do {}done", self.list())
            }
            9 => self.case(),
            10 => format!("[[ {} ]]", self.condition(2)),
            11 => format!("(( {} ))", self.raw_arithmetic()),
            12 => format!("{}() {{ {}}}", self.function_name(), self.list()),
            _ => format!("function {} {{ {}}}", self.function_name(), self.list()),
        }
    }

    fn case(&mut self) -> String {
        let mut text = format!("case {} in ", self.word());
        if self.random.once_in(2) {
            text.push_str(&self.newline());
        }
        for _ in 0..self.random.below(3) {
            let open = self.random.pick(&["(", ""]);
            let pattern = self.pattern();
            let more = if self.random.once_in(3) { format!(" | {}", self.pattern()) } else { String::new() };
            let body = if self.random.once_in(4) { String::new() } else { self.list() };
            let end = self.random.pick(&[";;", ";;", ";&", ";;&"]);
            let after = self.separator().trim_start_matches("; ").to_owned();
            let _ = write!(text, "{open}{pattern}{more}) {body} {end} {after}");
        }
        text + "esac"
    }

    fn pattern(&mut self) -> String {
        match self.random.below(4) {
            0 => "*".to_owned(),
            1 => "[a-z]*".to_owned(),
            _ => self.word(),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        let kind = self.random.below(if depth == 0 { 5 } else { 9 });
        match kind {
            0 => format!("-{} {}", self.random.pick(&["f", "n", "z", "v", "d"]), self.word()),
            1 => format!(
                "{} {} {}",
                self.word(),
                self.random.pick(&["==", "!=", "=", "<", ">", "-eq", "-nt"]),
                self.word()
            ),
            2 => format!(
                "{} =~ {}",
                self.word(),
                self.random.pick(&[
                    "^[0-9]+$",
                    "^(a|b)+\\.c$",
                    "a||b",
                    "[[:space:]]*(a b)c",
                    "$x",
                    "\"a b\"$y"
                ])
            ),
            3 => format!(
                "{} == {}",
                self.word(),
                self.random.pick(&["*", "@(a|b)c", "+([0-9])", "a*[b-c]?", "!(x)"])
            ),
            4 => self.word(),
            5 => format!("{} && {}", self.condition(depth - 1), self.condition(depth - 1)),
            6 => format!("{} || {}", self.condition(depth - 1), self.condition(depth - 1)),
            7 => format!("! {}", self.condition(depth - 1)),
            _ => format!("( {} )", self.condition(depth - 1)),
        }
    }

    fn simple(&mut self) -> String {
        let mut pieces = Vec::new();
        let mut assigned = false;
        while self.random.once_in(4) {
            pieces.push(self.assignment());
            assigned = true;
        }
        if !assigned || self.random.once_in(2) {
            if self.random.once_in(10) {
                pieces.push(self.declaration());
            } else {
                pieces.push(self.command_word());
                for _ in 0..self.random.below(4) {
                    pieces.push(self.word());
                }
            }
        }
        while self.random.once_in(6) {
            let at = self.random.below(pieces.len() + 1).max(usize::from(assigned || self.common));
            let redirection = self.redirection();
            // After a declaration's operators arrays are words no longer.
            if pieces.iter().any(|piece| piece.contains("=(")) {
                pieces.push(redirection)
            } else {
                pieces.insert(at, redirection)
            }
        }
        let mut text = pieces[0].clone();
        for piece in &pieces[1..] {
            text.push_str(self.blank());
            text.push_str(piece);
        }
        text
    }

    fn command_word(&mut self) -> String {
        if self.random.once_in(8) {
            return self.word();
        }
        self.random
            .pick(&[
                "echo", "mysql", "e\"c\"ho", "\\echo", "$cmd", "true", ":", "[", "printf", "a-b.c",
                "e\\\ncho", "{}", "a{b,c}", "~/x", "f",
            ])
            .to_owned()
    }

    fn declaration(&mut self) -> String {
        let keyword = self.random.pick(&["local", "declare -a", "readonly", "export", "typeset"]);
        match self.random.below(3) {
            0 => format!("{keyword} {}", self.name()),
            1 => format!("{keyword} {}={}", self.name(), self.value()),
            _ => format!("{keyword} {}=({})", self.name(), self.words(3)),
        }
    }

    fn assignment(&mut self) -> String {
        let operator = self.random.pick(&["=", "+="]);
        match if self.common { 2 } else { self.random.below(4) } {
            0 => format!("{}[{}]{operator}{}", self.name(), self.subscript(), self.value()),
            1 => {
                let elements = match self.random.below(3) {
                    0 => format!("[{}]={} ", self.subscript(), self.value()),
                    1 => format!("{} # it's a comment\n", self.words(2)),
                    _ => self.words(3),
                };
                let elements = if elements.contains('\n') && !self.pending.is_empty() {
                    String::new()
                } else {
                    elements
                };
                format!("{}{operator}({elements})", self.name())
            }
            _ => format!("{}{operator}{}", self.name(), self.value()),
        }
    }

    fn subscript(&mut self) -> String {
        self.random.pick(&["0", "i", "$i", "i + 1", "\"x y\"", "b[1]", "${#x}", "'k'"]).to_owned()
    }

    fn value(&mut self) -> String {
        if self.random.once_in(6) { String::new() } else { self.word() }
    }

    fn name(&mut self) -> &'static str {
        self.random.pick(&["a", "b1", "_x", "NAME", "in", "do", "if"])
    }

    fn function_name(&mut self) -> &'static str {
        self.random.pick(&["f", "pre_upgrade", "a-b", "f.g", "x1"])
    }

    fn words(&mut self, limit: usize) -> String {
        let mut text = String::new();
        for _ in 0..self.random.below(limit + 1) {
            text.push(' ');
            text.push_str(&self.word());
        }
        text
    }

    fn redirection(&mut self) -> String {
        let descriptor = self.random.pick(&["", "", "", "2", "0", "13", "{fd}"]);
        match self.random.below(8) {
            0 => format!("{descriptor}>&{}", self.random.pick(&["1", "2", "-", "3-", " -", "$x"])),
            1 => format!("{descriptor}<&{}", self.random.pick(&["0", "-", "3"])),
            2 => format!("{descriptor}<<< {}", self.word()),
            3 if self.raw == 0 => self.here_document(descriptor),
            4 => format!("&>{}", self.word()),
            5 => format!("&>> {}", self.word()),
            _ => format!(
                "{descriptor}{}{}",
                self.random.pick(&["< ", "> ", ">", ">> ", ">|", "<> "]),
                self.word()
            ),
        }
    }

    fn here_document(&mut self, descriptor: &str) -> String {
        let (written, read) =
            *[("EOF", "EOF"), ("'E F'", "E F"), ("\\E", "E"), ("\"E\"", "E"), ("E\"O\"F", "EOF")]
                .get(self.random.below(5))
                .unwrap();
        let strip = self.random.once_in(3);
        let mut body = String::new();
        for _ in 0..self.random.below(3) {
            let plain = written == read;
            let line = match self.random.below(6) {
                0 if plain => self.expansion(),
                1 if plain => "a $x \\$y \\` \\\\ ${z:-w} $((1 + 2)) `b`".to_owned(),
                2 => "it's \"quoted\" # no comment".to_owned(),
                3 => "\t\ttabs".to_owned(),
                4 if !plain => "$( ` ${ \\".to_owned(),
                _ => "text; rm -rf / ) } esac".to_owned(),
            };
            // A body in a body would not end.
            if !line.contains("<<") {
                let _ = writeln!(body, "{}{line}", if strip { "\t" } else { "" });
            }
        }
        let body = body.strip_suffix('\n').unwrap_or("x").to_owned();
        self.pending.push(((if strip { "\t" } else { "" }).to_owned() + read, body));
        format!("{descriptor}{}{written}", if strip { "<<-" } else { "<<" })
    }
}
