//! Where a script stands in its manifest.
//!
//! A script in a literal block (`key: |`) stands there line by line, moved to the right. The place is
//! found by looking for exactly these lines, so it is right or absent, never a guess.

/// Finds scripts in one manifest, in the order in which they stand there.
pub(crate) struct Locator<'a> {
    lines: Vec<&'a str>,
    /// The lines that can begin a literal block.
    headers: Vec<usize>,
    /// The lines that belong to scripts that were found before.
    taken: Vec<std::ops::Range<usize>>,
}

/// Where a script stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offset {
    /// How many lines stand before it.
    pub(crate) lines: u32,
    /// How many columns its lines are moved to the right.
    pub(crate) columns: u32,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(manifest: &'a str) -> Self {
        let lines: Vec<&str> = manifest.lines().collect();
        let headers = (0..lines.len()).filter(|line| lines[*line].contains('|')).collect();
        Self { lines, headers, taken: Vec::new() }
    }

    /// The place of a script under `key`; `None` when it does not stand there line by line.
    pub(crate) fn find(&mut self, key: &str, script: &str) -> Option<Offset> {
        let wanted: Vec<&str> = script.trim_end_matches('\n').split('\n').collect();
        let first = wanted.iter().position(|line| !line.is_empty())?;
        for index in 0..self.headers.len() {
            let header = self.headers[index];
            if !is_header(self.lines[header], key) || self.taken.iter().any(|taken| taken.contains(&header)) {
                continue;
            }
            let start = header + 1;
            if let Some(columns) = self.indentation(start, first, &wanted) {
                self.taken.push(header..start + wanted.len());
                // Scripts mostly come in their order, so the next search need not begin here.
                self.headers.remove(index);
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                return Some(Offset { lines: count(start), columns: count(columns) });
            }
        }
        None
    }

    /// How far the lines from `start` are moved to the right, when they are the wanted ones.
    fn indentation(&self, start: usize, first: usize, wanted: &[&str]) -> Option<usize> {
        let line = self.lines.get(start + first)?;
        let columns = line.len().checked_sub(wanted[first].len())?;
        let is_same = |(line, wanted): (&&str, &&str)| match line.get(columns..) {
            Some(text) => text == *wanted && line.as_bytes()[..columns].iter().all(|byte| *byte == b' '),
            None => wanted.is_empty() && line.trim().is_empty(),
        };
        let lines = self.lines.get(start..start + wanted.len())?;
        lines.iter().zip(wanted).all(is_same).then_some(columns)
    }
}

/// Whether a line begins a literal block under the key.
fn is_header(line: &str, key: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let quoted = |quote: char| {
        line.strip_prefix(quote)
            .and_then(|line| line.strip_prefix(key))
            .and_then(|line| line.strip_prefix(quote))
    };
    let rest = line.strip_prefix(key).or_else(|| quoted('"')).or_else(|| quoted('\''));
    rest.and_then(|rest| rest.trim_start().strip_prefix(':'))
        .is_some_and(|rest| rest.trim_start().starts_with('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "data:\n  hooks.sh: |\n    a\n\n      b\n---\ndata:\n  \"hooks.sh\": |-\n      a\n\n        b\n  other: 'a'\n";

    #[test]
    fn finds_literal_blocks_in_order() {
        let mut locator = Locator::new(MANIFEST);
        assert_eq!(locator.find("hooks.sh", "a\n\n  b\n"), Some(Offset { lines: 2, columns: 4 }));
        assert_eq!(locator.find("hooks.sh", "a\n\n  b"), Some(Offset { lines: 8, columns: 6 }));
        assert_eq!(locator.find("hooks.sh", "a\n\n  b"), None);
    }

    #[test]
    fn does_not_guess() {
        let mut locator = Locator::new(MANIFEST);
        assert_eq!(locator.find("other", "a"), None);
        assert_eq!(locator.find("hooks.sh", "a\nb\n"), None);
        assert_eq!(locator.find("hooks.sh", ""), None);
    }
}
