//! What variables are called that hold a secret.

/// How the names of variables end that hold a secret.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "secret_key",
    "private_key",
];

/// Short for some of them, when they are a word of their own: `db_pass`, `rootPwd`, but not `bypass`.
const SHORT_NAMES: &[&str] = &["pass", "pwd"];

/// Whether a variable is called like something that holds a secret.
pub(crate) fn is_name_of_one(name: &str) -> bool {
    NAMES.iter().any(|end| before_end(name, end).is_some()) || has_short_name(name)
}

/// Whether a variable with a short name of a secret rather holds a path: `pwd` is also the working directory.
pub(crate) fn is_path_of(name: &str, text: &str) -> bool {
    has_short_name(name) && text.contains('/')
}

fn has_short_name(name: &str) -> bool {
    SHORT_NAMES.iter().any(|end| {
        before_end(name, end).is_some_and(|before| {
            let is_capital = name[before.len()..].starts_with(|first: char| first.is_ascii_uppercase());
            match before.bytes().last() {
                None | Some(b'_') => true,
                Some(last) => last.is_ascii_lowercase() && is_capital,
            }
        })
    })
}

/// What stands in a name before its end, in any case.
fn before_end<'n>(name: &'n str, end: &str) -> Option<&'n str> {
    let (before, last) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    last.eq_ignore_ascii_case(end).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::super::could_be_one;
    use super::*;

    #[test]
    fn knows_what_secrets_are_called() {
        for (name, text) in [
            ("PASSWORD", "h8Jk2#kd9Lq0"),
            ("fe_token", "deadbeef01"),
            ("apiKey", "12345678a"),
            ("db_pass", "Sup3rS3cret"),
            ("rootPwd", "Sup3rS3cret"),
        ] {
            assert!(is_name_of_one(name) && could_be_one(text), "{name}");
        }
        for name in ["tokens_seen", "key", "bypass", "compass", "second_passes", "OLDPWD"] {
            assert!(!is_name_of_one(name), "{name}");
        }
        assert!(is_path_of("old_pwd", "logs/2024") && !is_path_of("password", "a/b"));
        for text in ["changeme", "ask the admin 2", "/tmp/token12", "20001231", "a1"] {
            assert!(!could_be_one(text), "{text}");
        }
    }
}
