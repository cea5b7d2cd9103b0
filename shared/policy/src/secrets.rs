//! What looks like a secret.

mod names;

pub(crate) use names::{is_name_of_one, is_path_of};

use crate::facts::{Piece, pieces};
use hookgate_shell::ast::{Span, Word, WordPart};
use std::borrow::Cow;

/// Tokens of well-known services: what they begin with, how many characters follow at least, and what it
/// is.
const TOKENS: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 22, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("AIza", 35, "a Google API key"),
    ("ya29.", 20, "a Google access token"),
    ("sk_live_", 20, "a Stripe key"),
    ("npm_", 36, "an npm token"),
    ("hvs.", 20, "a Vault token"),
    ("LTAI", 12, "an Alibaba Cloud access key"),
    ("eyJhbGciOi", 20, "a JSON web token"),
];

/// How much of a token is looked at, in bytes.
const LONGEST: usize = 64;

/// What a private key's first line ends with, and what it begins with, at most so many bytes before.
const KEY_END: &str = "PRIVATE KEY-----";
const KEY_BEGIN: &[u8] = b"-----BEGIN ";
const KEY_LINE: usize = 40;

/// The bytes with which a token begins.
const FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut index = 0;
    while index < TOKENS.len() {
        first[TOKENS[index].0.as_bytes()[0] as usize] = true;
        index += 1;
    }
    first
};

/// The length of the shortest token, with what it begins with.
const SHORTEST_TOKEN: usize = {
    let mut shortest = usize::MAX;
    let mut index = 0;
    while index < TOKENS.len() {
        let length = TOKENS[index].0.len() + TOKENS[index].1;
        if length < shortest {
            shortest = length;
        }
        index += 1;
    }
    shortest
};

fn is_part_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// The secrets that are known by their form, anywhere in the text: comments are readable as well.
pub(crate) fn in_text(source: &str) -> Vec<(Span, &'static str)> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    if source.contains(KEY_END) {
        found.extend(source.match_indices(KEY_END).filter_map(|(start, _)| key_at(bytes, start)));
    }
    for run in long_runs(bytes, SHORTEST_TOKEN, is_part_of_token) {
        for start in run {
            // A token begins where a word does.
            let begins = start.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
            if begins && FIRST[usize::from(bytes[start])] {
                found.extend(token_at(bytes, start));
            }
        }
    }
    found.extend(source.match_indices(AUTHORITY).filter_map(|(start, _)| password_at(source, start)));
    found
}

/// What stands before the name of the server in an address.
const AUTHORITY: &str = "://";

/// The password in the address whose `://` is at an offset: `mysql://user:password@host`.
fn password_at(source: &str, start: usize) -> Option<(Span, &'static str)> {
    let from = start + AUTHORITY.len();
    let is_end = |character: char| {
        !character.is_ascii_graphic()
            || matches!(character, '/' | '?' | '"' | '\'' | '`' | '<' | '>' | '$' | '{')
    };
    let authority = source[from..].split(is_end).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let password_start = from + name.len() + 1;
    could_be_one(password)
        .then(|| (Span::new(password_start, password_start + password.len()), "a password in an address"))
}

/// The secret that a word holds where quotes or backslashes stand inside it, as in `AKIA""IOSFODNN7EXAMPLE`.
pub(crate) fn in_joined(word: &Word) -> Option<&'static str> {
    if word.parts.len() < 2 {
        return None;
    }
    pieces(word).iter().find_map(|piece| match piece {
        Piece::Text(Cow::Owned(text)) => in_text(text).first().map(|(_, what)| *what),
        _ => None,
    })
}

/// The parts of a text that are at least so long and of such bytes only. Most bytes are passed over: where the last
/// of so many does not belong, none before it matters.
fn long_runs(
    bytes: &[u8],
    least: usize,
    belongs: impl Fn(u8) -> bool,
) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        loop {
            let window = bytes.get(start..start + least)?;
            match window.iter().rposition(|byte| !belongs(*byte)) {
                Some(at) => start += at + 1,
                None => {
                    let begin = start;
                    let more = bytes[begin + least..].iter().take_while(|byte| belongs(**byte)).count();
                    start = begin + least + more;
                    return Some(begin..start);
                }
            }
        }
    })
}

/// The private key whose first line ends at an offset.
fn key_at(bytes: &[u8], start: usize) -> Option<(Span, &'static str)> {
    let before = &bytes[start.saturating_sub(KEY_LINE)..start];
    let begins = before.windows(KEY_BEGIN.len()).any(|window| window == KEY_BEGIN);
    begins.then_some((Span::new(start, start + KEY_END.len()), "a private key"))
}

/// The token that begins at an offset.
fn token_at(bytes: &[u8], start: usize) -> Option<(Span, &'static str)> {
    let text = &bytes[start..];
    let (prefix, least, what) = TOKENS.iter().find(|(prefix, ..)| text.starts_with(prefix.as_bytes()))?;
    let rest = text[prefix.len()..].iter().take(LONGEST);
    let length = rest.take_while(|byte| is_part_of_token(**byte)).count();
    (length >= *least).then_some((Span::new(start, start + prefix.len() + length), *what))
}

/// Whether SQL names a password.
pub(crate) fn in_sql(sql: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '(');
    let mut before = "";
    sql.split(|character: char| !is_part(character)).filter(|word| !word.is_empty()).any(|word| {
        let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
        let calls = word.get(..PASSWORD_CALL.len()).is_some_and(|start| is(start, PASSWORD_CALL));
        let identifies = is(before, "IDENTIFIED") && (is(word, "BY") || is(word, "WITH"));
        let sets = is(before, "SET") && is(word, "PASSWORD");
        before = word;
        calls || identifies || sets
    })
}

/// How the function that hashes a password is called.
const PASSWORD_CALL: &str = "PASSWORD(";

/// Whether a word has a literal that looks random, alone or together with what stands next to it.
pub(crate) fn has_random_literal(word: &Word) -> bool {
    let texts = word.parts.iter().flat_map(|part| match part {
        WordPart::DoubleQuoted(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    });
    let alone = texts
        .filter_map(|part| match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => Some(text),
            _ => None,
        })
        .any(|text| is_random(text));
    alone
        || word.parts.len() > 1
            && pieces(word)
                .iter()
                .any(|piece| matches!(piece, Piece::Text(Cow::Owned(text)) if is_random(text)))
}

/// Whether a part of a text looks random, at most with `name=` before it.
fn is_random(text: &str) -> bool {
    let text = text.as_bytes();
    long_runs(text, SHORTEST, is_token_byte).any(|run| {
        let run = &text[run];
        let value = run.iter().position(|byte| *byte == b'=').map(|at| &run[at + 1..]);
        looks_random(run) || value.is_some_and(looks_random)
    })
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
}

/// Whether a text could be the secret of a variable that is called like one: a word with letters and digits
/// that names no file.
pub(crate) fn could_be_one(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    text.len() >= 8
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.starts_with(['/', '$'])
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
}

/// The shortest text that is taken for a secret, in characters.
const SHORTEST: usize = 24;

/// How long the secret keys of AWS are, in characters.
const CLOUD_KEY: usize = 40;

/// The least entropy of a secret, in bits per character: words and names stay below.
const LEAST_ENTROPY: f64 = 4.1;

/// Whether a text of ASCII characters has digits and letters of both cases in a mixture that no name has.
fn looks_random(text: &[u8]) -> bool {
    if text.len() < SHORTEST || text.starts_with(b"/") {
        return false;
    }
    let count = |is: fn(&u8) -> bool| text.iter().filter(|byte| is(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let upper = count(u8::is_ascii_uppercase);
    let lower = count(u8::is_ascii_lowercase);
    // How often the kind of character changes from one to the next: often in keys, rarely in names.
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase(), byte.is_ascii_lowercase());
    let changes = text.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    // The secret keys of AWS, which may have a single digit, and no words.
    let has_word = || text.split(|byte| !byte.is_ascii_lowercase()).any(|run| run.len() > 4);
    let is_cloud_key = text.len() == CLOUD_KEY && digits >= 1 && !has_word();
    (digits >= 3 && changes * 3 >= text.len() && !is_made_of_words(text) || is_cloud_key)
        && upper >= 3
        && lower >= 3
        && entropy(text) >= LEAST_ENTROPY
}

/// Whether words make up much of a text, as they do in `TabletSchedMaxBalancingTablets_v2_Prod01`: by chance a key has
/// hardly one of them.
fn is_made_of_words(text: &[u8]) -> bool {
    let words = text.split(|byte| !byte.is_ascii_lowercase()).map(<[u8]>::len).filter(|length| *length > 3);
    words.sum::<usize>() * 5 >= text.len() * 2
}

/// Shannon's entropy in bits per character.
fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let total: u32 = counts.iter().sum();
    let total = f64::from(total.max(1));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_keys_from_names() {
        assert!(looks_random(b"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY9zQ1"));
        assert!(looks_random(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        assert!(looks_random(b"Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg=="));
        for text in [
            "tablet_sched_max_scheduling_tablets",
            "TabletSchedMaxSchedulingTablets2000",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "starrocks-fe-service-2024-10-01T10-00-00",
            "UnhealthyTabletNum",
            "TabletSchedMaxSchedulingTabletsForNodes1",
            "docs/SharedData/Upgrade3/StarRocksHooks1",
            "TabletSchedMaxBalancingTablets_v2_Prod01",
            "SR_Fe_Upgrade_Node01_Rack2_V3",
        ] {
            assert!(!looks_random(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn finds_tokens_anywhere_in_a_run() {
        let found =
            |text: &str| in_text(text).iter().map(|(span, _)| (span.start, span.end)).collect::<Vec<_>>();
        for (text, place) in [
            ("x=AKIAIOSFODNN7EXAMPLE", (2, 22)),
            ("a-b.AKIAIOSFODNN7EXAMPLE;", (4, 24)),
            ("LTAI0123456789ab", (0, 16)),
            ("-----BEGIN RSA PRIVATE KEY-----", (15, 31)),
            (&format!("{} AKIAIOSFODNN7EXAMPLE", "a".repeat(100)), (101, 121)),
        ] {
            assert_eq!(found(text), [place], "{text}");
        }
        assert_eq!(found("LTAI0123456789a xAKIAIOSFODNN7EXAMPLE"), []);
        let runs = |text: &str| {
            let runs = long_runs(text.as_bytes(), 3, |byte| byte == b'a');
            runs.map(|run| (run.start, run.end)).collect::<Vec<_>>()
        };
        assert_eq!(runs("aa aaa aaaa a"), [(3, 6), (7, 11)]);
        assert_eq!(runs("aaa"), [(0, 3)]);
        assert_eq!(runs("aa"), []);
    }

    #[test]
    fn finds_passwords_in_addresses() {
        for (text, place) in [
            ("mysql://root:Sup3rS3cret@host", (13, 24)),
            ("x \"jdbc:mysql://a.b:p4sswOrd!@h:9030/db\"", (20, 29)),
            ("http://http://u:12345abc@h", (16, 24)),
        ] {
            let found: Vec<_> = in_text(text).iter().map(|(span, _)| (span.start, span.end)).collect();
            assert_eq!(found, [place], "{text}");
        }
        for text in [
            "http://host:8030/a@b",
            "http://$host:8030a@b",
            "mysql://user:password@host",
            "mysql://<user>:<password1>@host",
            "mysql://user:${password1}@host",
            "mysql://user@host:9030abcd",
            "://",
        ] {
            assert_eq!(in_text(text), [], "{text}");
        }
    }

    #[test]
    fn finds_passwords_in_sql() {
        assert!(in_sql("ALTER USER root identified  by 'x'"));
        assert!(in_sql("SET PASSWORD = 'x'"));
        assert!(in_sql("SELECT password('x')"));
        assert!(!in_sql("SELECT a FROM passwords"));
    }
}
