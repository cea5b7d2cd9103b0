//! Which files a hook may name.

/// The devices that hold nothing.
const DEVICES: &[&str] = &["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"];

/// Whether a path is a place under `/tmp`, or a device that holds nothing, with nothing in it that leads
/// elsewhere.
pub(crate) fn is_allowed_path(path: &str) -> bool {
    if DEVICES.contains(&path) {
        return true;
    }
    let Some(rest) = path.strip_prefix("/tmp") else { return false };
    (rest.is_empty() || rest.starts_with('/'))
        && rest.split('/').all(|component| component != "..")
        && !rest.contains(['\n', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_places() {
        for path in ["/tmp/x", "/tmp//a/./b", "/tmp", "/dev/null"] {
            assert!(is_allowed_path(path), "{path}");
        }
        for path in [
            "/tmpx",
            "/tmp/../etc/passwd",
            "/tmp/a/..",
            "x",
            "./x",
            "",
            "/dev/tcp/a/1",
            "/etc/passwd",
            "//tmp/x",
        ] {
            assert!(!is_allowed_path(path), "{path}");
        }
    }
}
