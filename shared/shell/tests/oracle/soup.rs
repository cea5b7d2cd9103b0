//! Damaged scripts: generated ones with pieces of the grammar put in, taken out or doubled.

use crate::generate;
use crate::random::Random;

/// Pieces that mean something to bash.
pub const PIECES: &[&str] = &[
    " ", "\n", "\t", ";", "&", "|", "(", ")", "<", ">", "{", "}", "[", "]", "$", "`", "'", "\"", "\\", "#",
    "=", "a", "1", "if", "then", "fi", "for", "in", "do", "done", "case", "esac", "while", "[[", "]]", "((",
    "))", "$(", "${", "$((", "<<E", "<<-E", "\nE\n", "<<<", "&&", "||", ";;", ";&", "!", "~", "*", "?", "@(",
    "!(", "$'", "$\"", "\\\n", ":-", "%", "/", ",", ":", "@", "+=", "function", "coproc", "time", "select",
    " echo ", "a=(", "x[", "{a,", "..", "2>&1", "<(", ">(", "<&-", "()", "\nesac\n", "{fd}>", "[0]",
];

/// A damaged script for this seed.
pub fn script(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x5eed);
    let mut text = if random.once_in(3) { String::new() } else { generate::script(seed) };
    if text.is_empty() {
        for _ in 0..random.below(12) {
            text.push_str(random.pick(PIECES));
        }
        return text;
    }
    for _ in 0..=random.below(3) {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        if random.once_in(3) && at < text.len() {
            text.remove(at);
        } else {
            text.insert_str(at, random.pick(PIECES));
        }
    }
    text
}
