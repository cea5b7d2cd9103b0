//! Words, expansions and arithmetic.

use super::Writer;
use crate::payloads::{PAYLOADS, PLAIN, ansi_quoted, double_quoted, escaped, single_quoted};

/// The expansions, by what makes each special.
const OPERATORS: &[&str] = &[
    "plain",
    ":-",
    "-",
    ":+",
    "+",
    ":?",
    "?",
    "#",
    "##",
    "%",
    "%%",
    "/",
    "//",
    "/#",
    "/%",
    "^",
    "^^",
    ",",
    ",,",
    ":n",
    ":n:n",
    "@Q",
    "@U",
    "@u",
    "@L",
    "length",
    "[@]",
    "[*]",
    "${#a[@]}",
    "${!a[@]}",
    "[@]:n",
    "[@]#",
    "[@]/",
    "$@",
    "$*",
    "${@:n}",
    "special",
    "$SECONDS",
    ":=",
    "$(( ))",
    "${s:(…)}",
];

impl Writer {
    /// A text, hostile or not.
    pub(super) fn raw(&mut self) -> String {
        let from = if self.random.chance(75) { PAYLOADS } else { PLAIN };
        self.pick(from)
    }

    /// A literal in some quoting.
    pub(super) fn literal(&mut self) -> String {
        let raw = self.raw();
        self.quoted(&raw)
    }

    pub(super) fn quoted(&mut self, raw: &str) -> String {
        match self.random.below(6) {
            0 => double_quoted(raw),
            1 => ansi_quoted(raw),
            2 => escaped(raw).unwrap_or_else(|| single_quoted(raw)),
            _ => single_quoted(raw),
        }
    }

    /// A literal that is a pattern or a regular expression somewhere, in single quotes.
    pub(super) fn pattern(&mut self) -> String {
        match self.random.below(8) {
            0 => "*".to_owned(),
            1 => "[0-9]*".to_owned(),
            2 => "?x*".to_owned(),
            3 => "x".to_owned(),
            4 => "\"$v1\"".to_owned(),
            5 => "\"$s1\"*".to_owned(),
            _ => self.literal(),
        }
    }

    /// A word that is exactly one argument.
    pub(super) fn text(&mut self) -> String {
        match self.random.below(12) {
            0..=3 => self.literal(),
            4 | 5 => {
                let name = self.pick(&["s1", "s2", "s3", "v1", "v2", "n1", "i"]);
                format!("\"${name}\"")
            }
            6 | 7 => {
                let inside = self.expansion();
                format!("\"{inside}\"")
            }
            8 => {
                let inside = self.expansion();
                format!("\"x: {inside} y\"")
            }
            9 => self.number(),
            10 => {
                let command = self.filtered();
                self.tag("word $(…)");
                format!("\"$({command})\"")
            }
            _ => {
                let literal = self.literal();
                format!("{literal}\"$v1\"")
            }
        }
    }

    /// A word that may become any number of arguments.
    pub(super) fn words(&mut self) -> String {
        match self.random.below(14) {
            0 => "\"$@\"".to_owned(),
            1 => "\"$*\"".to_owned(),
            2 => "\"${a1[@]}\"".to_owned(),
            3 => "\"${a2[@]}\"".to_owned(),
            4 => {
                self.tag("word braces");
                self.pick(&["{1..3}", "{a,b}", "x{'$(canary)','/*'}", "{a..c}", "{01..10..3}"])
            }
            5 => self.pick(&["$n1", "$#", "$?", "$(( n1 + 1 ))", "${#v1}", "$i", "$n3"]),
            6 => "\"${!m1[@]}\"".to_owned(),
            _ => self.text(),
        }
    }

    /// An expansion without the quotes around it.
    pub(super) fn expansion(&mut self) -> String {
        let name = self.pick(&[
            "s1",
            "s2",
            "v1",
            "v2",
            "1",
            "a1[0]",
            "a2[1]",
            "m1[x]",
            "a1[n1]",
            "a1[$i]",
            "m1['y_1']",
        ]);
        let operator = self.choose("expansion", OPERATORS);
        let word = self.operand();
        self.expansion_of(&name, &operator, &word)
    }

    fn expansion_of(&mut self, name: &str, operator: &str, word: &str) -> String {
        match operator {
            "plain" => format!("${{{name}}}"),
            ":-" | "-" | ":+" | "+" => format!("${{{name}{operator}{word}}}"),
            ":?" | "?" => format!("${{s1{operator}{word}}}"),
            "#" | "##" | "%" | "%%" => format!("${{{name}{operator}{word}}}"),
            "/" | "//" | "/#" | "/%" => {
                let replacement = self.operand();
                format!("${{{name}{operator}{word}/{replacement}}}")
            }
            "^" | "^^" | "," | ",," => {
                let pattern = self.pick(&["", "x", "[a-c]"]);
                format!("${{{name}{operator}{pattern}}}")
            }
            ":n" => format!("${{{name}:{}}}", self.arithmetic(1)),
            ":n:n" => format!("${{{name}:{}:{}}}", self.arithmetic(1), self.arithmetic(1)),
            "${s:(…)}" => format!("${{{name}: -{}}}", self.random.below(4)),
            "@Q" | "@U" | "@u" | "@L" => format!("${{{name}{operator}}}"),
            "length" => format!("${{#{name}}}"),
            "[@]" => self.pick(&["${a1[@]}", "${a2[@]}", "${m1[@]}", "${k1[@]}"]),
            "[*]" => self.pick(&["${a1[*]}", "${a2[*]}", "${m1[*]}"]),
            "${#a[@]}" => self.pick(&["${#a1[@]}", "${#m1[@]}", "${#a2[*]}"]),
            "${!a[@]}" => self.pick(&["${!a1[@]}", "${!m1[@]}"]),
            "[@]:n" => format!("${{a2[@]:{}}}", self.arithmetic(1)),
            "[@]#" => format!("${{a2[@]#{word}}}"),
            "[@]/" => format!("${{a1[@]//{word}/{word}}}"),
            "$@" => "$@".to_owned(),
            "$*" => "$*".to_owned(),
            "${@:n}" => format!("${{@:{}}}", self.arithmetic(1)),
            "special" => {
                self.pick(&["$#", "$?", "$-", "$$", "$0", "${10-}", "$SR_FE_HOST", "${SR_NAMESPACE:-x}"])
            }
            "$SECONDS" => "$SECONDS".to_owned(),
            ":=" => format!("${{s3:={word}}}"),
            _ => format!("$(( {} ))", self.arithmetic(2)),
        }
    }

    /// The word of an operator: quoted, so that it is read in one way inside double quotes as well.
    fn operand(&mut self) -> String {
        match self.random.below(6) {
            0 => "$s2".to_owned(),
            1 => "\"$v2\"".to_owned(),
            2 => "x".to_owned(),
            3 => "*".to_owned(),
            4 => "$(echo x)".to_owned(),
            _ => {
                let raw = self.raw();
                double_quoted(&raw)
            }
        }
    }

    /// A number as one word.
    pub(super) fn number(&mut self) -> String {
        match self.random.below(9) {
            0..=2 => self.random.below(20).to_string(),
            3 => "$n1".to_owned(),
            4 => "\"$n2\"".to_owned(),
            5 => "$#".to_owned(),
            6 => "${#s1}".to_owned(),
            7 => "\"${#a1[@]}\"".to_owned(),
            _ => format!("$(( {} ))", self.arithmetic(2)),
        }
    }

    /// An expression over numbers.
    pub(super) fn arithmetic(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.chance(40) {
            return self.pick(&[
                "1", "0", "7", "n1", "$n2", "i", "${#s1}", "$#", "n3", "k1[0]", "${k1[1]}", "SECONDS",
                "10#$n1", "${n1:-0}",
            ]);
        }
        let left = self.arithmetic(depth - 1);
        let right = self.arithmetic(depth - 1);
        let operator = self.choose(
            "arithmetic",
            &[
                "+", "-", "*", "<", "<=", ">", "==", "!=", "&&", "||", "&", "|", "^", "<<", ",", "? :",
                "( )", "!", "-x", "~",
            ],
        );
        match operator.as_str() {
            "? :" => format!("{left} ? {right} : 2"),
            "( )" => format!("({left} + {right})"),
            "!" => format!("!{left}"),
            "-x" => format!("- {left}"),
            "~" => format!("~{left}"),
            other => format!("{left} {other} {right}"),
        }
    }
}
