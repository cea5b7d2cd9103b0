//! What a script may do with files, by Landlock; and no TCP, no signals and no abstract sockets beyond the sandbox.

use super::{Features, Programs, Sandbox, SandboxError};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, RestrictionStatus,
    Ruleset, RulesetAttr, RulesetCreatedAttr, Scope, path_beneath_rules,
};
use std::path::{Path, PathBuf};

/// The rights that are asked for: all that the library knows. Of these the kernel enforces what it has.
const WANTED: ABI = ABI::V9;

/// What is missing below each version of the interface.
const NEEDED: [(u32, &str); 6] = [
    (1, "Landlock: files are not restricted"),
    (2, "Landlock before 2: files can't be moved between folders"),
    (3, "Landlock before 3: truncating files is not restricted"),
    (4, "Landlock before 4: TCP is restricted by seccomp alone"),
    (5, "Landlock before 5: commands to devices are not restricted"),
    (6, "Landlock before 6: signals and abstract sockets are not restricted by Landlock"),
];

/// What programs read: themselves, libraries, the loader's cache, locales, time zones.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32"];
/// Files of /etc that the C library and the loader read, and that hold no secrets.
const CONFIGURATION: [&str; 10] = [
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/locale.alias",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
];
const READABLE_DEVICES: [&str; 4] = ["/dev/zero", "/dev/random", "/dev/urandom", "/dev/full"];
const FOLDERS_OF_LOADERS: [&str; 3] = ["/lib", "/lib64", "/usr/lib64"];

pub(super) fn restrict(sandbox: &Sandbox) -> Result<Features, SandboxError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let execute = read | AccessFs::Execute;
    // Neither devices nor sockets, and nothing is executed there.
    let write = read
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::MakeSym
        | AccessFs::MakeFifo
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer;
    let mut executable: Vec<PathBuf> = sandbox.own_programs.clone();
    executable.extend(loaders());
    match &sandbox.programs {
        Programs::Listed(programs) => executable.extend(programs.iter().cloned()),
        Programs::Image => executable.extend(SYSTEM.map(PathBuf::from)),
    }
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))?
        .handle_access(AccessNet::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM.iter().chain(&CONFIGURATION).chain(&READABLE_DEVICES), read))?
        .add_rules(path_beneath_rules(&sandbox.readable, read))?
        .add_rules(path_beneath_rules(["/dev/null"], read | AccessFs::WriteFile | AccessFs::Truncate))?
        .add_rules(path_beneath_rules([&sandbox.writable], write))?
        .add_rules(path_beneath_rules(&executable, execute))?;
    Ok(features(&ruleset.restrict_self()?))
}

/// Every loader of dynamic programs that the image has: the kernel executes it for them.
fn loaders() -> Vec<PathBuf> {
    let is_loader = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("ld-") && name.contains(".so")
    };
    let folders = FOLDERS_OF_LOADERS.iter().filter_map(|folder| Path::new(folder).read_dir().ok());
    folders.flatten().filter_map(Result::ok).map(|entry| entry.path()).filter(is_loader).collect()
}

fn features(status: &RestrictionStatus) -> Features {
    let landlock_abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u32,
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
    };
    let missing = NEEDED.iter().filter(|(version, _)| landlock_abi < *version);
    Features { landlock_abi, seccomp: false, missing: missing.map(|(_, what)| (*what).to_owned()).collect() }
}
