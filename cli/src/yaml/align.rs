//! Which part of a scalar's text stands where in the file.
//!
//! The file is read once more by the rules of the scalar's style, side by side with the text that the parser made
//! of it. Where both do not agree there is no alignment: a place is right or absent, never a guess.

use super::Node;
use granit_parser::ScalarStyle;
use std::ops::Range;

/// For each run of characters that stand together in the file: where it begins in the text and in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alignment {
    runs: Vec<(usize, usize)>,
}

impl Alignment {
    /// The alignment of a scalar; `None` for what is no scalar, or not understood.
    pub(crate) fn of(node: &Node, file: &str) -> Option<Self> {
        let scalar = node.scalar()?;
        let mut walk = Walk {
            file: file.as_bytes(),
            at: node.span.start,
            end: node.span.end.min(file.len()),
            text: scalar.text.as_bytes(),
            done: 0,
            runs: Vec::new(),
        };
        match scalar.style {
            ScalarStyle::Literal => walk.literal()?,
            ScalarStyle::Folded => walk.folded()?,
            ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted => {
                walk.at += 1;
                walk.end = walk.end.checked_sub(1)?;
                walk.flow(scalar.style)?;
            }
            _ => walk.flow(scalar.style)?,
        }
        (walk.done == walk.text.len()).then_some(Self { runs: walk.runs })
    }

    /// Where a byte of the text stands in the file.
    pub(crate) fn file_offset(&self, offset: usize) -> usize {
        let next = self.runs.partition_point(|(text, _)| *text <= offset);
        let (text, file) = next.checked_sub(1).map_or((0, 0), |index| self.runs[index]);
        file + (offset - text)
    }

    /// Where a part of the text stands in the file, when it stands there in one piece.
    pub(crate) fn file_range(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let run = |offset: usize| self.runs.partition_point(|(text, _)| *text <= offset);
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start)?;
        (run(range.start) == run(last)).then(|| self.file_offset(range.start)..self.file_offset(last) + 1)
    }
}

struct Walk<'a> {
    file: &'a [u8],
    at: usize,
    end: usize,
    text: &'a [u8],
    done: usize,
    runs: Vec<(usize, usize)>,
}

impl Walk<'_> {
    /// Notes that the text goes on at this place of the file.
    fn mark(&mut self) {
        let follows =
            self.runs.last().is_some_and(|(text, file)| self.done - text == self.at.wrapping_sub(*file));
        if !follows {
            self.runs.push((self.done, self.at));
        }
    }

    /// The next byte of the text must be this one.
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.text.get(self.done) == Some(&byte)).then(|| self.done += 1)
    }

    fn line_start(&self, from: usize) -> usize {
        self.file[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
    }

    /// The line that begins here, without its end, and where the next begins.
    fn line(&self, start: usize) -> (Range<usize>, usize) {
        let length = self.file[start..].iter().position(|byte| *byte == b'\n');
        let next = length.map_or(self.file.len(), |length| start + length + 1);
        let end = length.map_or(self.file.len(), |length| start + length);
        let cut = usize::from(end > start && self.file[end - 1] == b'\r');
        (start..end - cut, next)
    }

    /// Where the first line of a block begins: empty lines at its head stand before the place that the parser names.
    fn block_start(&self) -> usize {
        let blanks = self.text.iter().take_while(|byte| **byte == b'\n').count();
        let mut start = self.line_start(self.at.min(self.file.len()));
        let is_blank = |range: Range<usize>| self.file[range].iter().all(|byte| *byte == b' ');
        for _ in 0..blanks {
            let Some(before) = start.checked_sub(1) else { break };
            let previous = self.line_start(before);
            if !is_blank(self.line(previous).0) {
                break;
            }
            start = previous;
        }
        start
    }

    /// `|`: line by line, moved to the right.
    fn literal(&mut self) -> Option<()> {
        let indent = self.at - self.line_start(self.at);
        let mut start = self.block_start();
        while self.done < self.text.len() {
            let (line, next) = self.line(start);
            let length = self.text[self.done..].iter().position(|byte| *byte == b'\n');
            let wanted = &self.text[self.done..length.map_or(self.text.len(), |length| self.done + length)];
            let begin = line.end.min(line.start + indent);
            let is_moved = self.file[line.start..begin].iter().all(|byte| *byte == b' ');
            if !is_moved || self.file.get(begin..line.end)? != wanted {
                return None;
            }
            self.at = begin;
            self.mark();
            self.done += wanted.len() + usize::from(length.is_some());
            start = next;
        }
        Some(())
    }

    /// `>`: like a literal block, but single line ends became spaces.
    fn folded(&mut self) -> Option<()> {
        let indent = self.at - self.line_start(self.at);
        self.newlines(usize::MAX);
        let mut start = self.skip_blanks(self.block_start(), indent).1;
        while self.done < self.text.len() {
            let (line, next) = self.line(start);
            self.at = line.end.min(line.start + indent);
            while self.at < line.end {
                self.mark();
                self.expect(self.file[self.at])?;
                self.at += 1;
            }
            self.mark();
            let (blanks, after) = self.skip_blanks(next, indent);
            // An end of line became a space, or stayed; the first before empty lines may be gone.
            match self.newlines(blanks + 1) {
                0 if self.done == self.text.len() => {}
                0 => self.expect(b' ')?,
                count if count == blanks || count == blanks + 1 || self.done == self.text.len() => {}
                _ => return None,
            }
            if after <= start {
                break;
            }
            start = after;
        }
        Some(())
    }

    /// Passes the line ends of the text, unless there are more than expected.
    fn newlines(&mut self, most: usize) -> usize {
        let count = self.text[self.done..].iter().take_while(|byte| **byte == b'\n').count();
        if count > most {
            return usize::MAX;
        }
        self.done += count;
        count
    }

    /// How many empty lines stand here, and where the line after them begins.
    fn skip_blanks(&self, mut start: usize, indent: usize) -> (usize, usize) {
        let mut blanks = 0;
        while start < self.file.len() {
            let (line, next) = self.line(start);
            if line.len() > indent || !self.file[line].iter().all(|byte| *byte == b' ') {
                break;
            }
            blanks += 1;
            start = next;
        }
        (blanks, start)
    }

    /// Plain and quoted scalars.
    fn flow(&mut self, style: ScalarStyle) -> Option<()> {
        while self.at < self.end {
            let byte = self.file[self.at];
            if b" \t\r\n".contains(&byte) && self.breaks() {
                self.fold()?;
                continue;
            }
            self.mark();
            match (style, byte) {
                (ScalarStyle::SingleQuoted, b'\'') => {
                    self.at += 1;
                    self.expect(b'\'')?;
                    self.at += 1;
                }
                (ScalarStyle::DoubleQuoted, b'\\') => self.escape()?,
                _ => {
                    self.expect(byte)?;
                    self.at += 1;
                }
            }
        }
        Some(())
    }

    /// Whether only blanks stand before the end of the line.
    fn breaks(&self) -> bool {
        let rest = &self.file[self.at..self.end];
        rest.iter().find(|byte| !b" \t\r".contains(byte)) == Some(&b'\n')
    }

    /// Line ends with the blanks around them: one is a space, of several the first is dropped.
    fn fold(&mut self) -> Option<()> {
        self.mark();
        let lines = self.skip_lines();
        if lines == 1 { self.expect(b' ') } else { (1..lines).try_for_each(|_| self.expect(b'\n')) }
    }

    fn skip_lines(&mut self) -> usize {
        let mut lines = 0;
        while self.at < self.end && b" \t\r\n".contains(&self.file[self.at]) {
            lines += usize::from(self.file[self.at] == b'\n');
            self.at += 1;
        }
        lines
    }

    /// `\n`, `\x41`, `\u00e9` and their kin; at the end of a line it joins lines.
    fn escape(&mut self) -> Option<()> {
        let kind = *self.file.get(self.at + 1)?;
        if kind == b'\n' || kind == b'\r' {
            self.at += 1;
            let lines = self.skip_lines();
            return (1..lines).try_for_each(|_| self.expect(b'\n'));
        }
        let digits = match kind {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        // A character that needs two escapes of JSON is one character of the text.
        let is_high = digits == 4
            && matches!(
                self.file.get(self.at + 2..self.at + 4),
                Some([b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B'])
            );
        self.at += 2 + digits + if is_high { 6 } else { 0 };
        let rest = std::str::from_utf8(&self.text[self.done..]).ok()?;
        self.done += rest.chars().next()?.len_utf8();
        (self.at <= self.end).then_some(())
    }
}
