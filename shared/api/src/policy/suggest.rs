//! "Did you mean": the known word that is closest to one that isn't.

/// The candidate that differs from a word in at most a third of its letters.
pub(super) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    let scored = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    scored.filter(|(distance, _)| *distance <= most).min().map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, left out or replaced, whatever their case.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_closest_word_and_none_that_is_far() {
        let words = ["profile", "programs", "mode"];
        assert_eq!(closest("profil", words), Some("profile"));
        assert_eq!(closest("program", words), Some("programs"));
        assert_eq!(closest("Mode", words), Some("mode"));
        assert_eq!(closest("requireApproval", words), None);
    }

    #[test]
    fn counts_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "ABC"), 0);
    }
}
