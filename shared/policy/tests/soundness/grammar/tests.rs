//! Conditions.

use super::Writer;
use crate::payloads::single_quoted;

impl Writer {
    /// A condition of `if`, `while` and `&&`.
    pub(super) fn condition(&mut self) -> String {
        let kind = self.random.below(8);
        match kind {
            0..=2 => self.bracket(),
            3..=5 => format!("[[ {} ]]", self.double_bracket(1)),
            6 => {
                self.tag("construct ((");
                format!("(( {} ))", self.arithmetic(2))
            }
            _ => {
                let text = self.text_without_command();
                let pattern = self.raw();
                self.tag("construct grep -q");
                format!("grep -qF -e {} <<< {text}", single_quoted(&pattern))
            }
        }
    }

    fn bracket(&mut self) -> String {
        let operator = self.choose(
            "[",
            &[
                "-z", "-n", "=", "!=", "==", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-e", "-f", "-d",
                "-r", "-w", "-x", "-s", "-t", "-v", "word", "-nt", "-ot", "-ef", "<", "-L", "-h", "-a", "-o",
            ],
        );
        let (left, right) = (self.text_without_command(), self.text_without_command());
        let inner = match operator.as_str() {
            "-z" | "-n" => format!("{operator} {left}"),
            "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                let number = self.number();
                format!("{left} {operator} {number}")
            }
            "-e" | "-f" | "-d" | "-r" | "-w" | "-x" | "-s" | "-L" | "-h" => format!("{operator} /tmp/log"),
            "-nt" | "-ot" | "-ef" => format!("/tmp/log {operator} /tmp/x"),
            "-t" => "-t 1".to_owned(),
            "-v" => self.pick(&["-v s1", "-v v9", "-v a1"]),
            "word" => left,
            "-a" | "-o" => {
                let first = self.pick(&["= x", "!= ''", "-gt 3"]);
                let second = self.pick(&["== 1", "= a.b", "-eq 0"]);
                format!("{left} {first} {operator} {right} {second}")
            }
            "<" => format!("{left} \\< {right}"),
            other => format!("{left} {other} {right}"),
        };
        let not = if self.random.chance(15) { "! " } else { "" };
        if self.random.chance(15) {
            self.tag("builtin test");
            format!("test {not}{inner}")
        } else {
            format!("[ {not}{inner} ]")
        }
    }

    fn double_bracket(&mut self, depth: usize) -> String {
        let operator = self.choose(
            "[[",
            &[
                "-z", "-n", "==", "=", "!=", "=~", "<", ">", "-eq", "-gt", "-le", "-v", "-f", "-e", "word",
                "&&", "||", "!", "( )", "-nt", "extglob",
            ],
        );
        let (left, right) = (self.operand_of_condition(), self.operand_of_condition());
        match operator.as_str() {
            "-z" | "-n" => format!("{operator} {left}"),
            "==" | "=" | "!=" => {
                let pattern = self.pattern();
                format!("{left} {operator} {pattern}")
            }
            "=~" => {
                let regex =
                    self.choose("[[ =~", &["^[0-9]+$", "^x.*y$", "(a|b)+", "\"$v1\"", "$s1", "literal"]);
                let regex = if regex == "literal" { self.literal() } else { regex };
                format!("{left} =~ {regex}")
            }
            "<" | ">" => format!("{left} {operator} {right}"),
            "-eq" | "-gt" | "-le" => {
                let (left, right) = (self.number(), self.number());
                format!("{left} {operator} {right}")
            }
            "-v" => self.pick(&["-v s1", "-v n1", "-v zz"]),
            "-f" | "-e" => format!("{operator} /tmp/log"),
            "-nt" => "/tmp/x -nt /tmp/log".to_owned(),
            "extglob" => format!("{left} == @(x|$s1|*)"),
            "word" => left,
            _ if depth == 0 => left,
            "!" => format!("! {}", self.double_bracket(depth - 1)),
            "( )" => format!("( {} )", self.double_bracket(depth - 1)),
            other => format!("{} {other} {}", self.double_bracket(depth - 1), self.double_bracket(depth - 1)),
        }
    }

    fn operand_of_condition(&mut self) -> String {
        match self.random.below(6) {
            0 => "$v1".to_owned(),
            1 => "$s1".to_owned(),
            2 => "$1".to_owned(),
            3 => "${a2[1]:-}".to_owned(),
            _ => self.text(),
        }
    }
}
