//! The processes of a script, wherever they went: who is adopted by the supervisor stays its descendant.

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
};

/// A process as /proc has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    parent: i32,
    /// When it began, in ticks since the machine did: with its number, who it is.
    began: u64,
}

/// Sends a signal to every descendant of a process; how many there were.
///
/// # Errors
/// When /proc can't be read.
pub fn signal_descendants(of: Pid, signal: Signal) -> io::Result<usize> {
    let processes = processes()?;
    let descendants = descendants(&processes, of.as_raw_nonzero().get());
    for (number, seen) in &descendants {
        let Some(pid) = Pid::from_raw(*number) else { continue };
        // A process that has ended meanwhile needs no signal, and its number may be another's: the descriptor holds on to
        // whoever has it at this moment, and that must still be the one that was seen.
        let Ok(descriptor) = pidfd_open(pid, PidfdFlags::empty()) else { continue };
        if process(*number).is_some_and(|now| now.began == seen.began) {
            let _ended = pidfd_send_signal(descriptor, signal);
        }
    }
    Ok(descendants.len())
}

fn processes() -> io::Result<BTreeMap<i32, Seen>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Who has ended since the folder was read is left out.
        if let Some(seen) = process(number) {
            found.insert(number, seen);
        }
    }
    Ok(found)
}

fn process(number: i32) -> Option<Seen> {
    parse(&fs::read_to_string(format!("/proc/{number}/stat")).ok()?)
}

/// Fields of `/proc/PID/stat`: see proc_pid_stat(5). The name is in parentheses and may have any of the others' characters.
fn parse(stat: &str) -> Option<Seen> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    Some(Seen { parent: fields.get(1)?.parse().ok()?, began: fields.get(19)?.parse().ok()? })
}

fn descendants(processes: &BTreeMap<i32, Seen>, of: i32) -> BTreeMap<i32, Seen> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for (number, seen) in processes {
        children.entry(seen.parent).or_default().push(*number);
    }
    let (mut found, mut waiting) = (BTreeSet::new(), vec![of]);
    while let Some(parent) = waiting.pop() {
        for child in children.get(&parent).into_iter().flatten() {
            if found.insert(*child) {
                waiting.push(*child);
            }
        }
    }
    found.iter().filter_map(|number| Some((*number, *processes.get(number)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_disguise_a_process() {
        let fields = "S 7 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0";
        for name in ["bash", "a) S 1 1", "a b", ") ) ("] {
            assert_eq!(
                parse(&format!("12 ({name}) {fields}")),
                Some(Seen { parent: 7, began: 4242 }),
                "{name}"
            );
        }
        assert_eq!(parse("12 (bash) S 7"), None);
    }

    #[test]
    fn descendants_are_found_to_any_depth_and_others_are_not() {
        let seen = |parent| Seen { parent, began: 1 };
        let all = [(1, 0), (10, 1), (11, 10), (12, 11), (20, 1), (13, 10), (14, 99)];
        let all: BTreeMap<i32, Seen> =
            all.into_iter().map(|(number, parent)| (number, seen(parent))).collect();
        let found: Vec<i32> = descendants(&all, 10).into_keys().collect();
        assert_eq!(found, [11, 12, 13]);
    }
}
