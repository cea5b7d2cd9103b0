//! Scripts that are spoiled by a word or two, and templates that are filled.

use super::NEAR_MISSES;
use crate::payloads::{ARITHMETIC, PAYLOADS, single_quoted};
use crate::random::Random;

/// Words that spoil a statement.
const MUTANTS: &[&str] = &[
    "'a[$(canary)]'",
    "\"$1\"",
    "$1",
    "$2",
    "/etc/passwd",
    "-o",
    "-f",
    "$v1",
    "\"$v1\"",
    "'$(canary)'",
    "`canary`",
    "$(canary)",
    "x",
    "/tmp/y",
    "-e",
    "--",
    "-v",
    "'-v'",
    "|",
    "||",
    "&&",
    ";",
    ">",
    "<",
    "/dev/null",
    "!",
    "((",
    "))",
    "[[",
    "]]",
    "$((v1))",
    "${s1[$1]}",
    "IFS=$1",
    "eval",
    "local",
    "-n",
    "'x[$(canary)]=1'",
    "~",
    "*",
    "{a,b}",
    "2>&1",
    "v9=$1",
    "n1",
    "$n1",
    "$(( v1 ))",
    "n1=$1",
    "'BEGIN{system(\"canary\")}'",
    "'1e canary'",
    "-s",
    "%n",
    "printf",
    "v1",
    "-a",
    "a1",
    "m1",
    "$@",
    "${a2[@]}",
    "<<<",
    "/*",
    "-eq",
    "=~",
    "in",
    "do",
    "}",
    "{",
    "(",
    ")",
    "&",
    "read",
    "unset",
    "declare",
    "-A",
    "n1=$v1",
    "[",
    "]",
];

/// Fills the slots of a template.
pub fn fill(template: &str, random: &mut Random) -> String {
    let arithmetic = random.pick(ARITHMETIC);
    let any = single_quoted(random.pick(PAYLOADS));
    template.replace("%%", "\u{1}").replace('%', arithmetic).replace('\u{1}', "%").replace('¤', &any)
}

/// Makes a near miss of a script: one or two changes.
pub fn spoil(script: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = script.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(2) {
        let at = random.below(lines.len());
        match random.below(5) {
            0 | 1 => {
                let (_, family) = NEAR_MISSES[random.below(NEAR_MISSES.len())];
                let template = random.pick(family);
                if !template.contains("pre_upgrade") {
                    lines.insert(at, fill(template, random));
                }
            }
            2 | 3 => {
                let mut words: Vec<&str> = lines[at].split(' ').collect();
                let place = random.below(words.len());
                let mutant = random.pick(MUTANTS);
                if random.chance(50) {
                    words[place] = mutant
                } else {
                    words.insert(place, mutant)
                }
                lines[at] = words.join(" ");
            }
            _ => {
                let mut characters: Vec<char> = lines[at].chars().collect();
                if !characters.is_empty() {
                    let place = random.below(characters.len());
                    if random.chance(50) {
                        characters.remove(place);
                    } else {
                        let marks: Vec<char> = "'\"$`\\;|&<>(){}[]*?~#!= \n".chars().collect();
                        characters.insert(place, marks[random.below(marks.len())]);
                    }
                    lines[at] = characters.into_iter().collect();
                }
            }
        }
    }
    lines.join("\n") + "\n"
}
