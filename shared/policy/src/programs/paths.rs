//! Which files a hook may name.

/// The devices that hold nothing.
const DEVICES: &[&str] = &["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"];

/// Whether a path is a place under `/tmp`, or a device that holds nothing, with nothing in it that leads
/// elsewhere.
pub(crate) fn is_allowed_path(path: &str) -> bool {
    DEVICES.contains(&path)
        || below_tmp(path).is_some_and(|mut components| components.any(|name| !matches!(name, "" | ".")))
}

/// The same, or `/tmp` itself, which is no file but can be looked at.
pub(crate) fn is_allowed_place(path: &str) -> bool {
    is_allowed_path(path) || below_tmp(path).is_some()
}

/// The components of a path that begins with `/tmp` and does not lead out of it.
fn below_tmp(path: &str) -> Option<std::str::Split<'_, char>> {
    let rest = path.strip_prefix("/tmp")?;
    let stays = (rest.is_empty() || rest.starts_with('/'))
        && rest.split('/').all(|component| component != "..")
        && !rest.contains(['\n', '\t']);
    stays.then(|| rest.split('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_places() {
        for path in ["/tmp/x", "/tmp//a/./b", "/dev/null"] {
            assert!(is_allowed_path(path) && is_allowed_place(path), "{path}");
        }
        for path in ["/tmp", "/tmp/", "/tmp/./"] {
            assert!(!is_allowed_path(path) && is_allowed_place(path), "{path}");
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
            assert!(!is_allowed_path(path) && !is_allowed_place(path), "{path}");
        }
    }
}
