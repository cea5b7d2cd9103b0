//! What a hook writes: passed on as it comes, its end remembered.

use std::{io::Write, sync::Mutex};
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of the end of each of its two streams is remembered, in bytes.
const REMEMBERED: usize = 4096;

/// The end of what was written to one stream.
#[derive(Debug, Default)]
pub(super) struct End(Mutex<Vec<u8>>);

impl End {
    fn push(&self, bytes: &[u8]) {
        let mut end = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        end.extend_from_slice(bytes);
        let surplus = end.len().saturating_sub(REMEMBERED);
        end.drain(..surplus);
    }

    /// The end as text, beginning with a whole line where there is one.
    fn text(&self) -> String {
        let end = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let text = String::from_utf8_lossy(&end).into_owned();
        let whole = match text.split_once('\n') {
            Some((_, rest)) if end.len() == REMEMBERED && !rest.is_empty() => rest,
            _ => &text,
        };
        whole.trim_end().to_owned()
    }
}

/// The ends of both streams. Each is remembered by itself: which of two pipes was written to first can't be known, and
/// much that one says must not displace the reason that stands in the other.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Of the standard output.
    pub(super) output: End,
    /// Of the standard error.
    pub(super) errors: End,
}

impl Ends {
    /// Both as one text, what went to standard error last: that is mostly why a hook has failed.
    pub(super) fn text(&self) -> String {
        let parts = [self.output.text(), self.errors.text()];
        let said = parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        if said.is_empty() { "(it wrote nothing)".to_owned() } else { said }
    }
}

/// Passes on until the end of the stream.
pub(super) async fn pass_on(mut from: impl AsyncRead + Unpin, mut to: impl Write, end: &End) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..count).unwrap_or_default();
        end.push(bytes);
        // Where nobody listens any more the hook still runs to its end.
        let _unheard = to.write_all(bytes).and_then(|()| to.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everything_is_passed_on_and_the_end_is_remembered() {
        let (ends, mut heard) = (Ends::default(), Vec::new());
        let text: String = (0..2000).map(|number| format!("line {number}\n")).collect();
        pass_on(text.as_bytes(), &mut heard, &ends.output).await;
        assert_eq!(heard, text.as_bytes());
        let kept = ends.text();
        assert!(
            kept.starts_with("line 1") && kept.ends_with("line 1999") && kept.len() < REMEMBERED,
            "{kept}"
        );
        assert_eq!(Ends::default().text(), "(it wrote nothing)");
    }

    #[tokio::test]
    async fn much_output_that_is_read_last_does_not_displace_an_error() {
        let ends = Ends::default();
        pass_on(&b"no space left\n"[..], Vec::new(), &ends.errors).await;
        pass_on("line\n".repeat(2000).as_bytes(), Vec::new(), &ends.output).await;
        assert!(ends.text().ends_with("line\nno space left"), "{}", ends.text());
    }
}
