//! Safe fixes: edits after which a script means the same for every value that is a number, and has fewer findings.

use crate::facts::{is_decimal, plain_parameter, plain_variable};
use crate::{Policy, Report, check};
use hookgate_shell::ast::{
    Arithmetic, ArithmeticToken, Command, CommandKind, Condition, ParameterExpansion, ParameterName, Word,
    WordPart,
};
use hookgate_shell::visit::{Visit, walk_command};
use std::collections::BTreeMap;
use std::ops::Range;

/// A part of a script and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The part, in bytes.
    pub range: Range<usize>,
    /// The text to write instead: on one line, without single quotes and backslashes.
    pub replacement: String,
}

/// The most edits that are tried one by one.
const MAX_TRIED: usize = 100;

/// The safe fixes of a script: comparisons that evaluate what they read, `(( n > 0 ))` and `[[ $n -gt 0 ]]`, become
/// `[ "$n" -gt 0 ]`, which does not (rules HG211 and HG212).
///
/// The edits are in their order and apart from each other. The script with them applied has fewer findings than
/// before, and none that it did not have before; where that cannot be had there are no edits.
#[must_use]
pub fn fixes(script: &[u8], policy: &Policy) -> Vec<Edit> {
    let (Ok(source), Ok(tree)) = (std::str::from_utf8(script), hookgate_shell::parse(script)) else {
        return Vec::new();
    };
    let before = check(script, policy);
    let evaluated = before.findings().iter().filter(|finding| is_fixable(&finding.rule.to_string()));
    let places: Vec<usize> = evaluated.map(|finding| finding.span.start).collect();
    let mut search = Search { source, places: &places, edits: Vec::new() };
    search.list(&tree.body);
    let mut edits = search.edits;
    edits.sort_by_key(|edit| edit.range.start);
    if edits.is_empty() || improves(source, &edits, &before, policy) {
        return edits;
    }
    let mut kept = Vec::new();
    for edit in edits.into_iter().take(MAX_TRIED) {
        if improves(source, std::slice::from_ref(&edit), &before, policy) {
            kept.push(edit);
        }
    }
    if improves(source, &kept, &before, policy) { kept } else { Vec::new() }
}

/// A text with edits applied, which are in their order and apart from each other.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        edited.push_str(text.get(done..edit.range.start).unwrap_or_default());
        edited.push_str(&edit.replacement);
        done = edit.range.end;
    }
    edited.push_str(text.get(done..).unwrap_or_default());
    edited
}

fn is_fixable(rule: &str) -> bool {
    matches!(rule, "HG211" | "HG212")
}

/// Whether the edits leave fewer findings, each of which was there before.
fn improves(source: &str, edits: &[Edit], before: &Report, policy: &Policy) -> bool {
    let after = check(apply(source, edits).as_bytes(), policy);
    let mut known: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for finding in before.findings() {
        *known.entry((finding.rule.to_string(), &finding.message)).or_default() += 1;
    }
    let were_there = after.findings().iter().all(|finding| {
        let count = known.get_mut(&(finding.rule.to_string(), finding.message.as_str()));
        count.is_some_and(|count| {
            count.checked_sub(1).is_some_and(|left| {
                *count = left;
                true
            })
        })
    });
    were_there && after.findings().len() < before.findings().len()
}

struct Search<'s> {
    source: &'s str,
    /// Where something is evaluated.
    places: &'s [usize],
    edits: Vec<Edit>,
}

impl<'a> Visit<'a> for Search<'_> {
    fn command(&mut self, command: &'a Command) {
        let range = command.span.range();
        let comparison = match &command.kind {
            _ if !command.redirections.is_empty() => None,
            CommandKind::Arithmetic(expression) => self.arithmetic_test(expression),
            CommandKind::Condition(condition) => condition_test(condition),
            _ => None,
        };
        match comparison {
            Some(test) if self.places.iter().any(|place| range.contains(place)) => {
                // `if(( n ))` is one word less than `if [ … ]`.
                let touches = self.source[..range.start].ends_with(|last: char| last.is_ascii_alphanumeric());
                let space = if touches { " " } else { "" };
                self.edits.push(Edit { range, replacement: format!("{space}[ {test} ]") });
            }
            _ => walk_command(self, command),
        }
    }
}

impl Search<'_> {
    /// `a > b`, or `a` alone, which is true when it is not 0.
    fn arithmetic_test(&self, expression: &Arithmetic) -> Option<String> {
        let tokens = expression.tokens.as_slice();
        let (left, right, operator) = match tokens {
            [only] => return Some(format!("{} -ne 0", self.token(only)?)),
            [left, operators @ .., right] => (left, right, operators),
            [] => return None,
        };
        let together = operator.windows(2).all(|pair| pair[0].span().end == pair[1].span().start);
        let characters: Option<String> = operator
            .iter()
            .map(|token| match token {
                ArithmeticToken::Operator(character, _) => Some(*character),
                _ => None,
            })
            .collect();
        let operator = match characters?.as_str() {
            "==" => "-eq",
            "!=" => "-ne",
            "<" => "-lt",
            "<=" => "-le",
            ">" => "-gt",
            ">=" => "-ge",
            _ => return None,
        };
        together.then_some(())?;
        Some(format!("{} {operator} {}", self.token(left)?, self.token(right)?))
    }

    fn token(&self, token: &ArithmeticToken) -> Option<String> {
        match token {
            ArithmeticToken::Number(text, _) => plain_number(text),
            ArithmeticToken::Name(name, None, _) => Some(format!("\"${name}\"")),
            ArithmeticToken::Part(WordPart::Parameter(parameter), _) => variable(parameter),
            ArithmeticToken::Part(WordPart::DoubleQuoted(parts), _) => match parts.as_slice() {
                [WordPart::Parameter(parameter)] => variable(parameter),
                _ => None,
            },
            _ => None,
        }
    }
}

/// `$a -gt b` of `[[ … ]]`.
fn condition_test(condition: &Condition) -> Option<String> {
    let Condition::Binary(left, operator, right) = condition else { return None };
    let compares = matches!(operator.as_str(), "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge");
    compares.then(|| Some(format!("{} {operator} {}", operand(left)?, operand(right)?)))?
}

fn operand(word: &Word) -> Option<String> {
    if let Some(text) = word.text() {
        let name = hookgate_shell::is_name(&text).then(|| format!("\"${text}\""));
        return plain_number(&text).or(name);
    }
    if let Some(name) = plain_variable(word) {
        return Some(format!("\"${name}\""));
    }
    let parts = match word.parts.as_slice() {
        [WordPart::DoubleQuoted(parts)] => parts.as_slice(),
        parts => parts,
    };
    match parts {
        [WordPart::Parameter(parameter)] => variable(parameter),
        _ => None,
    }
}

/// A number that is one for `[` as well: one that begins with 0 is octal for arithmetic only.
fn plain_number(text: &str) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (is_decimal(text) && (digits == "0" || !digits.starts_with('0'))).then(|| text.to_owned())
}

/// `"$name"`, `"$1"`, `"$#"` and `"$?"`.
fn variable(parameter: &ParameterExpansion) -> Option<String> {
    if let Some(name) = plain_parameter(parameter) {
        return Some(format!("\"${name}\""));
    }
    if parameter.indirect || parameter.operator.is_some() || parameter.subscript.is_some() {
        return None;
    }
    match &parameter.name {
        ParameterName::Positional(number) => Some(format!("\"${{{number}}}\"")),
        ParameterName::Special(character @ ('#' | '?')) => Some(format!("\"${character}\"")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(line: &str) -> String {
        let script = format!(
            "pre_upgrade() {{\n  local n m\n  n=$($MYSQL_CMD -Ne 'SELECT count(*) FROM information_schema.tables') || return 1\n  \
             m=\"$1\"\n  {line}\n}}\npost_upgrade() {{ :; }}\n"
        );
        let policy = Policy::default();
        let edits = fixes(script.as_bytes(), &policy);
        let after = apply(&script, &edits);
        assert_eq!(fixes(after.as_bytes(), &policy), [], "once is enough: {after}");
        if !edits.is_empty() {
            assert!(
                check(after.as_bytes(), &policy).findings().len()
                    < check(script.as_bytes(), &policy).findings().len()
            );
        }
        after.lines().nth(4).unwrap().trim().to_owned()
    }

    #[test]
    fn comparisons_no_longer_evaluate() {
        for (line, expected) in [
            ("if (( n > 0 )); then return 1; fi", "if [ \"$n\" -gt 0 ]; then return 1; fi"),
            ("if((n>=10));then return 1; fi", "if [ \"$n\" -ge 10 ];then return 1; fi"),
            ("[[ $n -gt 0 ]] || return 1", "[ \"$n\" -gt 0 ] || return 1"),
            ("[[ n -ne 0 ]] && return 1", "[ \"$n\" -ne 0 ] && return 1"),
            ("while ! (( ${m} == $n )); do sleep 1; done", "while ! [ \"$m\" -eq \"$n\" ]; do sleep 1; done"),
            ("(( m )) || return 1", "[ \"$m\" -ne 0 ] || return 1"),
            ("if (( $1 < 5 )); then return 1; fi", "if [ \"${1}\" -lt 5 ]; then return 1; fi"),
            ("[[ \"$m\" -le -3 ]] || return 1", "[ \"$m\" -le -3 ] || return 1"),
        ] {
            assert_eq!(fixed(line), expected);
        }
    }

    #[test]
    fn what_is_not_exactly_the_same_is_left_alone() {
        for line in [
            "echo $((n + 1))",
            "(( n > 010 )) || return 1",
            "(( n = 5 )) || return 1",
            "(( n > 0 && m > 0 )) || return 1",
            "[[ -n $m && $m -gt 0 ]] || return 1",
            "(( n > m + 1 )) || return 1",
            "(( a[n] > 1 )) || return 1",
            "(( n > 0x10 )) || return 1",
            "(( ${m:-0} > 1 )) || return 1",
            "(( 5 > 4 )) || return 1",
            "echo '(( n > 0 ))' # (( n > 0 ))",
        ] {
            assert_eq!(fixed(line), line);
        }
    }
}
