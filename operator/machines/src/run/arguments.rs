//! What can be an argument of a program.

/// The longest argument that Linux takes: 32 pages, the NUL at its end among them (`MAX_ARG_STRLEN` in
/// `include/uapi/linux/binfmts.h`).
const MAX_ARGUMENT: usize = 32 * 4096 - 1;
/// All arguments together: well below the 2 MiB that Linux takes with the usual limit of the stack, of which the
/// environment has a part.
const MAX_ARGUMENTS: usize = 1 << 20;

/// Why a text can't be an argument.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// It has a NUL, at which an argument ends.
    #[error("the value of {0} holds a NUL character, which no argument of a program can hold")]
    Nul(String),
    /// It's longer than Linux takes.
    #[error("{key} is {length} bytes long with its value: an argument has at most {MAX_ARGUMENT}")]
    Long {
        /// The key.
        key: String,
        /// The length.
        length: usize,
    },
    /// All together are longer than Linux takes.
    #[error("labels and annotations are {0} bytes long: a program takes at most {MAX_ARGUMENTS}")]
    All(usize),
}

/// Whether these can be arguments of a program; each is `key=value`.
///
/// # Errors
/// With the first that can't.
pub fn check(arguments: &[String]) -> Result<(), ArgumentError> {
    for argument in arguments {
        let key = || argument.split('=').next().unwrap_or_default().to_owned();
        if argument.contains('\0') {
            return Err(ArgumentError::Nul(key()));
        }
        if argument.len() > MAX_ARGUMENT {
            return Err(ArgumentError::Long { key: key(), length: argument.len() });
        }
    }
    let all = arguments.iter().map(|argument| argument.len() + 1).sum();
    if all > MAX_ARGUMENTS { Err(ArgumentError::All(all)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_program_can_get_is_refused_by_name() {
        let check = |argument: String| check(&[argument]).map_err(|error| error.to_string());
        assert_eq!(check("a=$(reboot) '\"\n\\".to_owned()), Ok(()));
        assert!(check("a=b\0c".to_owned()).unwrap_err().contains("the value of a holds a NUL"));
        assert_eq!(check(format!("k={}", "x".repeat(MAX_ARGUMENT - 2))), Ok(()));
        assert!(
            check(format!("k={}", "x".repeat(MAX_ARGUMENT - 1))).unwrap_err().contains("k is 131072 bytes")
        );
        let many = vec!["x".repeat(1 << 16); 17];
        assert!(matches!(super::check(&many), Err(ArgumentError::All(_))));
    }
}
