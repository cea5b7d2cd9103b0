//! The hooks folder on a real file system: what is found, what is refused, and that nothing leads out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_api::platform::SourcePath;
use hookgate_api::platform::check::{FolderQuestions, Found, Script};
use hookgate_folder::{FolderError, HooksFolder, MAX_DEPTH, Tree};
use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// A directory of its own, removed at the end, with a folder `hooks` in it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("hooks")).unwrap();
        Self(path)
    }

    fn hooks(&self, name: &str) -> PathBuf {
        self.0.join("hooks").join(name)
    }

    fn file(&self, name: &str, content: &str) {
        let path = self.hooks(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn folder(&self) -> HooksFolder {
        HooksFolder::new(self.0.join("hooks"))
    }

    fn found(&self, path: &str) -> Found {
        let path = source(path);
        let questions = FolderQuestions { places: [path.clone()].into(), ..FolderQuestions::default() };
        self.folder().answer(&questions).places.remove(&path).unwrap()
    }

    fn script(&self, path: &str) -> Script {
        let path = source(path);
        let questions = FolderQuestions { scripts: [path.clone()].into(), ..FolderQuestions::default() };
        self.folder().answer(&questions).scripts.remove(&path).unwrap()
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FolderError> {
        self.folder().list(&source(path)).map(|tree| tree.files.into_iter().map(|file| file.below).collect())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn source(path: &str) -> SourcePath {
    SourcePath::read(path).unwrap()
}

#[test]
fn files_and_folders_are_found_with_their_modes_and_sizes() {
    let place = Place::new("found");
    place.file("pre/pre-install", "#!/bin/bash\n");
    place.file("pre/sub/x", "x");
    fs::set_permissions(place.hooks("pre/pre-install"), fs::Permissions::from_mode(0o750)).unwrap();
    assert_eq!(place.found("hooks/pre"), Found::Folder);
    assert_eq!(place.found("hooks/pre/pre-install"), Found::File);
    assert_eq!(place.found("hooks/pre/none"), Found::Missing);
    assert_eq!(place.found("hooks/pre/pre-install/x"), Found::Missing);
    assert_eq!(place.list("hooks").unwrap(), ["pre/pre-install", "pre/sub/x"]);
    let Tree { files, folders } = place.folder().list(&source("pre")).unwrap();
    let below: Vec<&str> = folders.iter().map(|folder| folder.below.as_str()).collect();
    assert_eq!(below, ["", "sub"]);
    assert_eq!((files[0].mode, files[0].size, files[0].path.as_str()), (0o750, 12, "pre/pre-install"));
    assert_eq!(place.list("pre/sub/x").unwrap(), [""]);
    let mut text = String::new();
    place.folder().open(&source("pre/pre-install")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "#!/bin/bash\n");
    assert_eq!(place.folder().open(&source("pre")).unwrap_err(), FolderError::Folder);
}

#[test]
fn a_mounted_config_map_is_a_folder_of_regular_files() {
    let place = Place::new("config-map");
    place.file("..2026_11_21_18_00_00.1/pre-install", "echo\n");
    place.file("..2026_11_21_18_00_00.1/sub/x", "echo\n");
    symlink("..2026_11_21_18_00_00.1", place.hooks("..data")).unwrap();
    symlink("..data/pre-install", place.hooks("pre-install")).unwrap();
    symlink("..data/sub", place.hooks("sub")).unwrap();
    assert_eq!(place.found("hooks/pre-install"), Found::File);
    assert_eq!(place.script("hooks/pre-install"), Script::Content(b"echo\n".to_vec()));
    assert_eq!(place.list("hooks").unwrap(), ["pre-install", "sub/x"]);
    assert_eq!(place.found("hooks"), Found::Folder);
}

#[test]
fn nothing_leads_out() {
    let place = Place::new("outside");
    fs::write(place.0.join("secret"), "token").unwrap();
    place.file("folder/inside", "x");
    symlink("../secret", place.hooks("relative")).unwrap();
    symlink(place.0.join("secret"), place.hooks("absolute")).unwrap();
    // An absolute symlink is refused also when it leads back in.
    symlink(place.hooks("folder/inside"), place.hooks("back")).unwrap();
    symlink("/proc/self/root", place.hooks("folder/root")).unwrap();
    for path in ["relative", "absolute", "back", "folder/root/etc/passwd"] {
        assert_eq!(place.found(path), Found::Outside, "{path}");
        assert_eq!(place.script(path), Script::Not(Found::Outside), "{path}");
        assert_eq!(place.folder().open(&source(path)).unwrap_err(), FolderError::Outside, "{path}");
    }
    assert_eq!(place.found("folder"), Found::FolderWith("root".to_owned(), Box::new(Found::Outside)));
}

#[test]
fn pipes_sockets_and_circles_are_refused_and_not_opened() {
    let place = Place::new("special");
    rustix::fs::mkfifoat(rustix::fs::CWD, place.hooks("pipe"), rustix::fs::Mode::RUSR).unwrap();
    let _socket = UnixListener::bind(place.hooks("s")).unwrap();
    symlink("circle", place.hooks("circle")).unwrap();
    assert_eq!(place.found("pipe"), Found::Special("pipe"));
    assert_eq!(place.script("pipe"), Script::Not(Found::Special("pipe")));
    assert_eq!(place.found("s"), Found::Special("socket"));
    assert!(matches!(place.found("circle"), Found::Unreadable(why) if why.contains("circle")));
    assert!(matches!(place.found("hooks"), Found::FolderWith(..)));
}

#[test]
fn a_folder_in_itself_ends() {
    let place = Place::new("itself");
    place.file("a/x", "");
    symlink(".", place.hooks("a/again")).unwrap();
    assert!(matches!(place.found("a"), Found::TooMuch(_)), "{:?}", place.found("a"));
    let error = place.list("a").unwrap_err().to_string();
    assert!(error.contains(&format!("deeper than {MAX_DEPTH}")), "{error}");
}

#[test]
fn a_script_that_is_too_large_is_read_as_far_as_the_policy_has_to_see() {
    let place = Place::new("large");
    place.file("large", &"#".repeat(1 << 20));
    let Script::Content(bytes) = place.script("large") else { panic!("{:?}", place.script("large")) };
    assert_eq!(bytes.len(), hookgate_policy::MAX_SCRIPT_BYTES + 1);
    let report = hookgate_policy::check_machine_script(&bytes, &hookgate_policy::Policy::for_machine_hooks());
    assert!(report.is_denied());
}

#[test]
fn without_the_folder_everything_is_unreadable_and_says_which_folder() {
    let folder = HooksFolder::new("/nonexistent/hooks");
    let questions = FolderQuestions { places: [source("a")].into(), scripts: [source("b")].into() };
    let answers = folder.answer(&questions);
    let Found::Unreadable(why) = &answers.places[&source("a")] else { panic!("{answers:?}") };
    assert!(why.contains("/nonexistent/hooks"), "{why}");
    assert!(matches!(&answers.scripts[&source("b")], Script::Not(Found::Unreadable(_))));
}

#[test]
fn a_name_that_no_manifest_could_have_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new("names");
    place.file("a/new\nline", "");
    assert!(matches!(place.found("a"), Found::FolderWith(name, _) if name == "new\nline"));
    let name = std::ffi::OsStr::from_bytes(b"\xff");
    fs::create_dir_all(place.hooks("b")).unwrap();
    fs::write(place.hooks("b").join(name), "").unwrap();
    assert!(matches!(place.found("b"), Found::FolderWith(..)), "{:?}", place.found("b"));
}
