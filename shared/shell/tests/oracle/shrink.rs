//! Makes a script that shows a difference smaller.

/// The smallest script that is found by leaving pieces out while it stays `wrong`.
pub fn shrink(script: &str, wrong: impl Fn(&str) -> bool) -> String {
    let mut best = script.to_owned();
    let mut size = best.len() / 2;
    let mut attempts = 400;
    while size > 0 && attempts > 0 {
        let mut at = 0;
        let mut smaller = false;
        while at < best.len() && attempts > 0 {
            let end = (at + size).min(best.len());
            if best.is_char_boundary(at) && best.is_char_boundary(end) {
                let candidate = format!("{}{}", &best[..at], &best[end..]);
                attempts -= 1;
                if wrong(&candidate) {
                    best = candidate;
                    smaller = true;
                    continue;
                }
            }
            at += size.div_ceil(2);
        }
        if !smaller {
            size /= 2;
        }
    }
    best
}
