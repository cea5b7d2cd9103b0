//! LIKE patterns: `%` for any text, `_` for one character, `\` before a literal one; letters without case,
//! as StarRocks matches the names of settings and variables.

/// Whether the text matches the pattern.
pub fn like(pattern: &str, text: &str) -> bool {
    let pattern: Vec<Part> = parts(pattern);
    let text: Vec<char> = text.to_lowercase().chars().collect();
    // Greedy with one point to go back to: enough for patterns whose only loop is `%`, and linear in practice.
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Part::Any) => {
                star = Some((p, t));
                p += 1;
            }
            Some(part) if part.fits(text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|part| matches!(part, Part::Any))
}

#[derive(Debug, PartialEq)]
enum Part {
    Any,
    One,
    Literal(char),
}

impl Part {
    fn fits(&self, c: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Literal(literal) => *literal == c,
        }
    }
}

fn parts(pattern: &str) -> Vec<Part> {
    let lower = pattern.to_lowercase();
    let mut chars = lower.chars();
    let mut parts = Vec::new();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Literal(chars.next().unwrap_or('\\')),
            other => Part::Literal(other),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn wildcards_escapes_and_case() {
        for (pattern, text, expected) in [
            ("disable_balance", "disable_balance", true),
            ("disable_balance", "tablet_sched_disable_balance", false),
            ("%disable%", "tablet_sched_DISABLE_balance", true),
            ("a_c", "abc", true),
            ("a\\_c", "abc", false),
            ("a\\_c", "a_c", true),
            ("%a%b%", "xxaxxbxx", true),
            ("%a%b", "xxaxxbxx", false),
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{text} LIKE {pattern}");
        }
    }
}
