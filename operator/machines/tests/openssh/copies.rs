//! Files on their way to a machine.

use crate::machine::Machine;
use hookgate_folder::FolderError;
use hookgate_machines::files::{Copied, Manifest, SourceError, Wanted, copy};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

/// A hooks folder of a test, beside the machine's own files.
pub fn hooks_folder(machine: &Machine) -> PathBuf {
    let folder = machine.folder.join("hooks");
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn write(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[tokio::test]
async fn folders_and_files_arrive_with_their_modes_and_are_not_copied_twice() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("pre/pre-install"), "#!/bin/sh\n", 0o640);
    write(&hooks.join("pre/deep/er/it's $(x) *"), "data", 0o604);
    write(&hooks.join("post-install"), "#!/bin/sh\necho\n", 0o700);
    let to = machine.home().join("new folder");
    let [pre, post] = ["pre", "post-install"].map(|name| to.join(name).display().to_string());
    let wanted = [Wanted { src: "hooks/pre", dst: &pre }, Wanted { src: "post-install", dst: &post }];
    let hook = format!("{pre}/pre-install");
    let manifest = Manifest::read(&hooks, &wanted, &[&hook]).unwrap();
    let connection = machine.connect().await;
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 3, unchanged: 0 });
    assert_eq!(fs::read_to_string(to.join("pre/deep/er/it's $(x) *")).unwrap(), "data");
    assert_eq!(mode(&to.join("pre/deep/er/it's $(x) *")), 0o604);
    assert_eq!(mode(&to.join("pre/pre-install")), 0o750, "a hook can be run by whoever may read it");
    assert_eq!((mode(&to.join("post-install")), mode(&to.join("pre"))), (0o700, 0o755));
    assert_eq!(fs::read_dir(to.join("pre")).unwrap().count(), 2, "nothing else is left there");
    let place = fs::metadata(&hook).unwrap().ino();
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 0, unchanged: 3 });
    assert_eq!(fs::metadata(&hook).unwrap().ino(), place);
    // Another content, another mode, and a link where the file should be.
    fs::write(&hook, "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(&post, PermissionsExt::from_mode(0o777)).unwrap();
    let data = to.join("pre/deep/er/it's $(x) *");
    fs::rename(&data, to.join("elsewhere")).unwrap();
    symlink(to.join("elsewhere"), &data).unwrap();
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 3, unchanged: 0 });
    assert_ne!(fs::metadata(&hook).unwrap().ino(), place, "moved into place, not written to");
    assert!(!fs::symlink_metadata(&data).unwrap().is_symlink());
}

#[tokio::test]
async fn a_mounted_config_map_is_copied_and_its_own_names_are_not() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("..2026_01_01/pre-install"), "first", 0o644);
    write(&hooks.join("..2026_01_01/nested/post-install"), "nested", 0o644);
    symlink("..2026_01_01", hooks.join("..data")).unwrap();
    symlink("..data/pre-install", hooks.join("pre-install")).unwrap();
    symlink("..data/nested", hooks.join("nested")).unwrap();
    let to = machine.home().join("to").display().to_string();
    let wanted = [Wanted { src: ".", dst: &to }];
    let manifest = Manifest::read(&hooks, &wanted, &[]).unwrap();
    let places: Vec<&str> = manifest.entries.iter().map(|entry| entry.destination.as_str()).collect();
    assert_eq!(places, [format!("{to}/nested/post-install"), format!("{to}/pre-install")]);
    copy(&machine.connect().await, &manifest).await.unwrap();
    // The kubelet swaps the whole folder.
    write(&hooks.join("..2026_01_02/pre-install"), "second", 0o644);
    write(&hooks.join("..2026_01_02/nested/post-install"), "nested", 0o644);
    symlink("..2026_01_02", hooks.join("..next")).unwrap();
    fs::rename(hooks.join("..next"), hooks.join("..data")).unwrap();
    let next = Manifest::read(&hooks, &wanted, &[]).unwrap();
    assert_ne!(next.digest, manifest.digest);
    assert_eq!(copy(&machine.connect().await, &next).await.unwrap(), Copied { copied: 1, unchanged: 1 });
    assert_eq!(fs::read_to_string(format!("{to}/pre-install")).unwrap(), "second");
}

#[test]
fn what_leaves_the_folder_is_missing_or_is_a_device_is_refused() {
    let folder = std::env::temp_dir().join(format!("hookgate-sources-{}", std::process::id()));
    let hooks = folder.join("hooks");
    write(&hooks.join("a/file"), "", 0o644);
    write(&folder.join("secret"), "", 0o600);
    symlink("../secret", hooks.join("leaves")).unwrap();
    symlink("../../secret", hooks.join("a/leaves")).unwrap();
    symlink("nowhere", hooks.join("dangling")).unwrap();
    fs::create_dir_all(hooks.join("circle")).unwrap();
    symlink(".", hooks.join("circle/again")).unwrap();
    for (name, arguments) in [("pipe", ["p", "", ""]), ("device", ["c", "1", "3"])] {
        let mut mknod = Command::new("mknod");
        mknod.arg(hooks.join(name)).args(arguments.iter().filter(|text| !text.is_empty()));
        let made = mknod.status().unwrap();
        assert!(made.success());
    }
    let refused = |src: &str| Manifest::read(&hooks, &[Wanted { src, dst: "/d" }], &[]).unwrap_err();
    for src in ["../secret", "/etc/passwd", "a/../../secret", ""] {
        let error = refused(src);
        assert!(matches!(error, SourceError::Path { .. }), "{src}: {error}");
    }
    for src in ["leaves", "a", "a/leaves"] {
        let error = refused(src);
        assert!(error.to_string().contains("leads out of the hooks folder"), "{src}: {error}");
    }
    let nowhere = Manifest::read(&hooks, &[Wanted { src: "a/file", dst: "tmp/x" }], &[]).unwrap_err();
    assert!(nowhere.to_string().contains("\"tmp/x\" is relative"), "{nowhere}");
    fs::remove_file(hooks.join("a/leaves")).unwrap();
    for (src, why) in [
        ("nothing", FolderError::Missing),
        ("dangling", FolderError::Missing),
        ("pipe", FolderError::Special("pipe")),
        ("device", FolderError::Special("device")),
    ] {
        let error = refused(src);
        assert!(matches!(&error, SourceError::Folder { source, .. } if *source == why), "{src}: {error}");
    }
    let circle = refused("circle");
    assert!(matches!(circle, SourceError::Folder { source: FolderError::TooMuch(_), .. }), "{circle}");
    write(&hooks.join("odd/line\nbreak"), "", 0o644);
    let odd = refused("odd").to_string();
    assert!(odd.contains("control character in it: rename the file"), "{odd}");
    assert_eq!(
        Manifest::read(&hooks, &[Wanted { src: "hooks/a/file", dst: "/d" }], &[]).unwrap().entries.len(),
        1
    );
    fs::remove_dir_all(folder).unwrap();
}

/// Where two entries go to the same place, one file is there, and it is the one that is judged and run.
#[tokio::test]
async fn of_two_files_for_one_place_the_later_one_is_copied() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("harmless/hook"), "#!/bin/sh\n", 0o755);
    write(&hooks.join("other"), "#!/bin/sh\necho other\n", 0o755);
    let to = machine.home().join("to").display().to_string();
    let hook = format!("{to}/hook");
    let wanted = [Wanted { src: "harmless", dst: &to }, Wanted { src: "other", dst: &hook }];
    let manifest = Manifest::read(&hooks, &wanted, &[&hook]).unwrap();
    assert_eq!(manifest.entries.len(), 1);
    assert_eq!(manifest.at(&hook).unwrap().source.as_str(), "other");
    let connection = machine.connect().await;
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 1, unchanged: 0 });
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 0, unchanged: 1 });
    assert!(fs::read_to_string(&hook).unwrap().ends_with("echo other\n"));
}

/// sha256sum writes such names in a form of their own.
#[tokio::test]
async fn names_with_backslashes_are_compared_as_any_other() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    for (name, mode) in [("back\\slash", 0o600), ("plain", 0o755)] {
        write(&hooks.join("odd").join(name), name, mode);
    }
    let to = machine.home().join("odd");
    let dst = to.display().to_string();
    let manifest = Manifest::read(&hooks, &[Wanted { src: "odd", dst: &dst }], &[]).unwrap();
    let connection = machine.connect().await;
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 2, unchanged: 0 });
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 0, unchanged: 2 });
    assert_eq!(mode(&to.join("back\\slash")), 0o600);
    fs::write(to.join("back\\slash"), "another").unwrap();
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 1, unchanged: 1 });
    assert_eq!(fs::read_to_string(to.join("back\\slash")).unwrap(), "back\\slash");
}
