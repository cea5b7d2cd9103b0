//! As much of the MySQL protocol as it takes to find the statements in a stream of packets.

use crate::strike::Kind;

/// A packet's header: three bytes of length, one of sequence.
pub const HEADER: usize = 4;
/// The command byte of a statement (`COM_QUERY`).
const QUERY: u8 = 3;

/// A packet's length without its header, and its number within an exchange.
pub fn header(bytes: [u8; HEADER]) -> (usize, u8) {
    let [low, middle, high, sequence] = bytes;
    (usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16, sequence)
}

/// The statement in a client's packet; `None` for anything else, as the packets of a log-in.
pub fn statement(sequence: u8, payload: &[u8]) -> Option<String> {
    match payload.split_first() {
        Some((&QUERY, text)) if sequence == 0 => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    }
}

/// What a statement does.
pub fn kind(statement: &str) -> Kind {
    let statement = statement.trim_start().to_ascii_lowercase();
    let asks = ["show", "admin show", "select", "desc", "explain"];
    if asks.iter().any(|word| statement.starts_with(word)) { Kind::Query } else { Kind::Change }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_and_told_apart() {
        assert_eq!(header([0x10, 0x27, 0, 3]), (10_000, 3));
        assert_eq!(statement(0, b"\x03SELECT 1").as_deref(), Some("SELECT 1"));
        assert_eq!(statement(1, b"\x03SELECT 1"), None, "a packet of the log-in");
        assert_eq!(statement(0, b"\x01"), None, "COM_QUIT");
        assert_eq!(statement(0, b""), None);
        assert_eq!(kind(" ADMIN SHOW FRONTEND CONFIG"), Kind::Query);
        assert_eq!(kind("ADMIN SET FRONTEND CONFIG (\"a\" = \"b\")"), Kind::Change);
        assert_eq!(kind("ALTER SYSTEM CREATE IMAGE"), Kind::Change);
    }
}
