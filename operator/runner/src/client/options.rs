//! The options of a hook's `mysql`: those that a script may use, spelled out exactly.

use crate::gate::Connect;

/// What a call asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whom it means to talk to.
    pub connect: Connect,
    /// `-e`: the SQL; `None` says that it comes from standard input.
    pub execute: Option<String>,
    /// How answers are printed.
    pub format: Format,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// `-t`: as tables.
    pub table: bool,
    /// `-E`: a line for each value.
    pub vertical: bool,
    /// Whether names of columns are printed: not after `-N`, and not in batches that are silent.
    pub names: bool,
    /// `-r`: without escapes.
    pub raw: bool,
    /// `-s` so many times.
    pub silent: u8,
}

impl Default for Format {
    fn default() -> Self {
        Self { table: false, vertical: false, names: true, raw: false, silent: 0 }
    }
}

/// What is wrong with the arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// An option that a hook's `mysql` doesn't have.
    #[error("unknown option '{0}': a hook's mysql has {KNOWN}")]
    Unknown(String),
    /// An option without its value.
    #[error("option '{0}' requires an argument")]
    MissingValue(String),
    /// A value that can't be.
    #[error("option '{option}' can't be {value:?}: {reason}")]
    Value {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A word that isn't an option.
    #[error("unexpected {0:?}: the database is named by -D")]
    Operand(String),
    /// A word that isn't text.
    #[error("an argument is not UTF-8")]
    NotText,
}

const KNOWN: &str = "-h -P -u -D -e -N -B -s -E -t -r --host --port --user --database --execute \
                     --skip-column-names --batch --silent --vertical --table --raw --connect-timeout and \
                     --protocol=TCP";

/// Reads the arguments, without the program's name.
///
/// # Errors
/// When there is one that a hook's `mysql` doesn't take.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Options, OptionError> {
    let mut options = Options::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if let Some(long) = argument.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            long_option(&mut options, &argument, name, value, &mut arguments)?;
        } else if let Some(short) = argument.strip_prefix('-').filter(|short| !short.is_empty()) {
            short_options(&mut options, short, &mut arguments)?;
        } else {
            return Err(OptionError::Operand(argument));
        }
    }
    Ok(options)
}

fn long_option(
    options: &mut Options,
    whole: &str,
    name: &str,
    value: Option<String>,
    rest: &mut impl Iterator<Item = String>,
) -> Result<(), OptionError> {
    let flag = match name {
        "skip-column-names" => Some('N'),
        "batch" => Some('B'),
        "silent" => Some('s'),
        "vertical" => Some('E'),
        "table" => Some('t'),
        "raw" => Some('r'),
        _ => None,
    };
    if let Some(flag) = flag.filter(|_| value.is_none()) {
        set_flag(options, flag);
        return Ok(());
    }
    let letter = match name {
        "host" => 'h',
        "port" => 'P',
        "user" => 'u',
        "database" => 'D',
        "execute" => 'e',
        "connect-timeout" => 'c',
        "protocol" if value.as_deref() == Some("TCP") => return Ok(()),
        _ => return Err(OptionError::Unknown(whole.to_owned())),
    };
    let value = value.or_else(|| rest.next()).ok_or_else(|| OptionError::MissingValue(whole.to_owned()))?;
    set_value(options, letter, value)
}

fn short_options(
    options: &mut Options,
    bundle: &str,
    rest: &mut impl Iterator<Item = String>,
) -> Result<(), OptionError> {
    for (at, letter) in bundle.char_indices() {
        match letter {
            'N' | 'B' | 's' | 'E' | 't' | 'r' => set_flag(options, letter),
            'h' | 'P' | 'u' | 'D' | 'e' => {
                let attached = &bundle[at + 1..];
                let value = Some(attached.to_owned()).filter(|value| !value.is_empty());
                let value = value.or_else(|| rest.next());
                let value = value.ok_or_else(|| OptionError::MissingValue(format!("-{letter}")))?;
                return set_value(options, letter, value);
            }
            _ => return Err(OptionError::Unknown(format!("-{letter}"))),
        }
    }
    Ok(())
}

fn set_flag(options: &mut Options, flag: char) {
    let format = &mut options.format;
    match flag {
        'N' => format.names = false,
        's' => format.silent = format.silent.saturating_add(1),
        'E' => format.vertical = true,
        't' => format.table = true,
        'r' => format.raw = true,
        // A batch is what a call in a script is already.
        _ => {}
    }
}

fn set_value(options: &mut Options, letter: char, value: String) -> Result<(), OptionError> {
    let connect = &mut options.connect;
    match letter {
        'h' => connect.host = Some(value),
        'u' => connect.user = Some(value),
        'D' => connect.database = Some(value),
        'e' => options.execute = Some(value),
        'P' => match value.parse() {
            Ok(port) if port > 0 => connect.port = Some(port),
            _ => {
                let reason = "a port is a number from 1 to 65535";
                return Err(OptionError::Value { option: "port", value, reason });
            }
        },
        // How long connecting takes is the supervisor's affair; what isn't a number of seconds is refused.
        _ => {
            if value.is_empty() || value.len() > 9 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
                let reason = "it is a number of seconds";
                return Err(OptionError::Value { option: "connect-timeout", value, reason });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Options, OptionError> {
        parse(words.split('|').filter(|word| !word.is_empty()).map(str::to_owned))
    }

    #[test]
    fn options_are_read_in_every_spelling() {
        let expected = Connect {
            host: Some("fe".to_owned()),
            port: Some(9030),
            user: Some("root".to_owned()),
            database: Some("shop".to_owned()),
        };
        for words in [
            "-hfe|-P9030|-uroot|-Dshop|-NBe|SELECT 1",
            "-h|fe|-P|9030|-u|root|-D|shop|-N|-B|-eSELECT 1",
            "--host=fe|--port=9030|--user=root|--database=shop|--skip-column-names|--batch|--execute=SELECT 1",
            "--host|fe|--port|9030|--user|root|--database|shop|-N|--protocol=TCP|--connect-timeout=5|-e|SELECT 1",
        ] {
            let options = read(words).unwrap();
            assert_eq!(options.connect, expected, "{words}");
            assert_eq!(options.execute.as_deref(), Some("SELECT 1"), "{words}");
            assert!(!options.format.names, "{words}");
        }
        let format = read("-ss|-E|-t|-r").unwrap().format;
        assert_eq!((format.silent, format.vertical, format.table, format.raw), (2, true, true, true));
    }

    #[test]
    fn what_a_hook_must_not_use_is_refused_with_what_there_is() {
        for words in [
            "-psecret",
            "--password=x",
            "--defaults-file=/tmp/x",
            "--init-command=x",
            "--local-infile",
            "--tee=/tmp/x",
            "--protocol=SOCKET",
            "--exec=SELECT 1",
            "-NX",
            "--batch=1",
        ] {
            let error = read(words).unwrap_err().to_string();
            assert!(error.starts_with("unknown option") && error.contains("--skip-column-names"), "{error}");
        }
        assert!(matches!(read("shop"), Err(OptionError::Operand(_))));
        assert!(matches!(read("-e"), Err(OptionError::MissingValue(_))));
        assert!(matches!(read("-P0"), Err(OptionError::Value { .. })));
        assert!(matches!(read("--connect-timeout=5s"), Err(OptionError::Value { .. })));
    }
}
