//! Files on their way to a machine.

use crate::machine::Machine;
use hookgate_folder::FolderError;
use hookgate_machines::{
    agent::Agent,
    files::{Copied, Manifest, SourceError, Wanted, copy},
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
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

/// More than one call takes, in folders whose names stand between those of files.
#[tokio::test]
async fn many_files_in_many_folders_arrive_and_nothing_is_left_beside_them() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    for number in 0..1_100 {
        let name = if number % 3 == 0 { format!("{number}/deep/er") } else { format!("{number}") };
        write(&hooks.join(name), &number.to_string(), if number % 2 == 0 { 0o644 } else { 0o600 });
    }
    let to = machine.home().join("to").display().to_string();
    let manifest = Manifest::read(&hooks, &[Wanted { src: ".", dst: &to }], &[]).unwrap();
    let connection = machine.connect().await;
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 1_100, unchanged: 0 });
    for entry in &manifest.entries {
        let number: u32 = fs::read_to_string(&entry.destination).unwrap().parse().unwrap();
        assert!(entry.destination.starts_with(&format!("{to}/{number}")), "{}", entry.destination);
        assert_eq!(mode(Path::new(&entry.destination)), if number.is_multiple_of(2) { 0o644 } else { 0o600 });
    }
    let found =
        Command::new("find").arg(&to).args(["-type", "f", "-o", "-name", ".hookgate*"]).output().unwrap();
    assert_eq!(String::from_utf8(found.stdout).unwrap().lines().count(), 1_100);
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 0, unchanged: 1_100 });
}

/// In a folder that everybody may write to, somebody may have made the folder of the copies before.
#[tokio::test]
async fn no_copy_is_written_to_a_folder_that_somebody_else_has_made() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("hook"), "#!/bin/sh\n", 0o755);
    let (to, trap) = (machine.home().join("to"), machine.home().join("trap"));
    let dst = to.display().to_string();
    let manifest = Manifest::read(&hooks, &[Wanted { src: ".", dst: &dst }], &[]).unwrap();
    fs::create_dir_all(&to).unwrap();
    fs::create_dir_all(&trap).unwrap();
    let copies = to.join(format!(".hookgate-{}", &manifest.digest[..16]));
    let connection = machine.connect().await;
    symlink(&trap, &copies).unwrap();
    let linked = copy(&connection, &manifest).await.unwrap_err().to_string();
    fs::remove_file(&copies).unwrap();
    fs::create_dir(&copies).unwrap();
    chown(&copies, Some(65_534), None).unwrap();
    let owned = copy(&connection, &manifest).await.unwrap_err().to_string();
    for error in [linked, owned] {
        assert_eq!(error, format!("{} isn't a folder of this user: remove it", copies.display()));
    }
    assert_eq!(fs::read_dir(&trap).unwrap().count() + fs::read_dir(&copies).unwrap().count(), 0);
    fs::remove_dir(&copies).unwrap();
    copy(&connection, &manifest).await.unwrap();
}

/// A user may clear the home folder while the connection stays.
#[tokio::test]
async fn a_script_that_is_gone_is_put_there_again() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("hook"), "#!/bin/sh\n", 0o755);
    let to = machine.home().join("to").display().to_string();
    let manifest = Manifest::read(&hooks, &[Wanted { src: ".", dst: &to }], &[]).unwrap();
    let connection = machine.connect().await;
    copy(&connection, &manifest).await.unwrap();
    fs::remove_dir_all(machine.home().join(".hookgate")).unwrap();
    fs::remove_dir_all(&to).unwrap();
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 1, unchanged: 0 });
}

#[tokio::test]
async fn folders_that_are_made_have_the_mode_of_the_source_and_empty_ones_are_made_too() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    for (folder, folder_mode) in [("a", 0o700), ("a/empty", 0o750), ("a/deep", 0o755), ("a/open", 0o777)] {
        fs::create_dir_all(hooks.join(folder)).unwrap();
        fs::set_permissions(hooks.join(folder), PermissionsExt::from_mode(folder_mode)).unwrap();
    }
    write(&hooks.join("a/deep/file"), "x", 0o644);
    let to = machine.home().join("new/to");
    let dst = to.display().to_string();
    let manifest = Manifest::read(&hooks, &[Wanted { src: "a", dst: &dst }], &[]).unwrap();
    let connection = machine.connect().await;
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 1, unchanged: 0 });
    let modes = |names: [&str; 4]| names.map(|name| mode(&to.join(name)));
    assert_eq!(modes(["", "empty", "deep", "open"]), [0o700, 0o750, 0o755, 0o755], "nobody else may write");
    assert_eq!(mode(&machine.home().join("new")), 0o755, "what the source doesn't have is as usual");
    // One that is missing is made again, though no file has changed; one that is there keeps its own.
    fs::remove_dir(to.join("empty")).unwrap();
    fs::set_permissions(to.join("deep"), PermissionsExt::from_mode(0o1777)).unwrap();
    assert_eq!(copy(&connection, &manifest).await.unwrap(), Copied { copied: 0, unchanged: 1 });
    assert_eq!(modes(["", "empty", "deep", "open"]), [0o700, 0o750, 0o1777, 0o755]);
    let other = Manifest::read(&hooks, &[Wanted { src: "a/deep", dst: &dst }], &[]).unwrap();
    assert_eq!(other.folders.len(), 1);
    assert_ne!(other.digest, manifest.digest);
    // A file stands where a folder should be.
    let taken = machine.home().join("taken");
    fs::write(&taken, "").unwrap();
    let dst = taken.display().to_string();
    let blocked = Manifest::read(&hooks, &[Wanted { src: "a/empty", dst: &dst }], &[]).unwrap();
    let error = copy(&connection, &blocked).await.unwrap_err().to_string();
    assert!(error.contains("taken") && error.contains("File exists"), "{error}");
}

/// Whoever asks why a folder can't be written to must not write to what somebody else's link leads to.
#[tokio::test]
async fn asking_why_nothing_can_be_written_follows_no_link() {
    let machine = Machine::start();
    let hooks = hooks_folder(&machine);
    write(&hooks.join("a"), "x", 0o644);
    copy(&machine.connect().await, &Manifest::default()).await.unwrap();
    let to = machine.home().join("shared");
    write(&machine.home().join("victim"), "precious", 0o600);
    fs::create_dir_all(&to).unwrap();
    symlink(machine.home().join("victim"), to.join(".hookgate-probe")).unwrap();
    let connection = machine.connect().await;
    let said = Agent::on(&connection).call_with("explain", &[&to.display().to_string()]).await;
    assert!(said.is_ok_and(|said| String::from_utf8_lossy(&said.output).contains("KiB left")));
    assert_eq!(fs::read_to_string(machine.home().join("victim")).unwrap(), "precious");
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1, "nothing is left there");
}
