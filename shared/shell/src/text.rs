//! The checks that come before any parsing: size, encoding, characters.

use crate::MAX_SIZE;
use crate::ast::Span;
use crate::error::{ErrorKind, ParseError};

/// Returns the source as text when it is within the limits and has only characters that a reader can
/// see.
///
/// # Errors
/// The first byte or character that is refused.
pub(crate) fn check(source: &[u8]) -> Result<&str, ParseError> {
    if source.len() > MAX_SIZE {
        let kind = ErrorKind::TooLarge { size: source.len(), limit: MAX_SIZE };
        return Err(ParseError { kind, span: Span::new(MAX_SIZE, source.len()) });
    }
    let text = std::str::from_utf8(source).map_err(|error| {
        let start = error.valid_up_to();
        let length = error.error_len().unwrap_or(source.len() - start);
        ParseError { kind: ErrorKind::NotUtf8, span: Span::new(start, start + length) }
    })?;
    for (start, &byte) in source.iter().enumerate() {
        if byte < b' ' && byte != b'\n' && byte != b'\t' || byte == 0x7f {
            return Err(ParseError { kind: control(u32::from(byte)), span: Span::new(start, start + 1) });
        }
    }
    if !text.is_ascii() {
        check_beyond_ascii(text)?;
    }
    Ok(text)
}

fn check_beyond_ascii(text: &str) -> Result<(), ParseError> {
    for (start, character) in text.char_indices() {
        if character.is_ascii() {
            continue;
        }
        if let Some(kind) = refused(character) {
            return Err(ParseError { kind, span: Span::new(start, start + character.len_utf8()) });
        }
    }
    Ok(())
}

fn control(code: u32) -> ErrorKind {
    match code {
        0 => ErrorKind::Nul,
        0x0d => ErrorKind::CarriageReturn,
        _ => ErrorKind::ControlCharacter { code },
    }
}

/// Why a character beyond ASCII is refused, by the classes of the Unicode character database.
fn refused(character: char) -> Option<ErrorKind> {
    let code = u32::from(character);
    match code {
        0x80..=0x9f => Some(ErrorKind::ControlCharacter { code }),
        0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 => {
            Some(ErrorKind::BidirectionalCharacter { code })
        }
        0x00ad
        | 0x034f
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180b..=0x180f
        | 0x200b..=0x200d
        | 0x2028
        | 0x2029
        | 0x2060..=0x2065
        | 0x206a..=0x206f
        | 0x3164
        | 0xfeff
        | 0xffa0
        | 0xfff9..=0xfffb
        | 0xe0000..=0xe0fff => Some(ErrorKind::InvisibleCharacter { code }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(source: &[u8]) -> Option<ErrorKind> {
        check(source).err().map(|error| error.kind)
    }

    #[test]
    fn refuses_by_name() {
        assert_eq!(kind(b"cu\0rl"), Some(ErrorKind::Nul));
        assert_eq!(kind(b"echo a\r\n"), Some(ErrorKind::CarriageReturn));
        assert_eq!(kind(b"echo \x07"), Some(ErrorKind::ControlCharacter { code: 7 }));
        assert_eq!(kind(b"echo \x7f"), Some(ErrorKind::ControlCharacter { code: 0x7f }));
        assert_eq!(kind("a\u{202e}b".as_bytes()), Some(ErrorKind::BidirectionalCharacter { code: 0x202e }));
        assert_eq!(kind("a\u{200b}b".as_bytes()), Some(ErrorKind::InvisibleCharacter { code: 0x200b }));
        assert_eq!(kind("\u{feff}a".as_bytes()), Some(ErrorKind::InvisibleCharacter { code: 0xfeff }));
        assert_eq!(kind(b"a\xff"), Some(ErrorKind::NotUtf8));
        assert!(matches!(kind(&vec![b'a'; MAX_SIZE + 1]), Some(ErrorKind::TooLarge { .. })));
    }

    #[test]
    fn accepts_text() {
        assert_eq!(kind("\techo 'grüße ⚠️'\n".as_bytes()), None);
        assert_eq!(kind(&vec![b'a'; MAX_SIZE]), None);
    }
}
