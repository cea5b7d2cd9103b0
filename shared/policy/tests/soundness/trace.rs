//! What strace has written, as events.

use std::collections::HashMap;

/// Events in their order.
pub type Events = Vec<Event>;

/// A system call that names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The program that makes it: the name of the file that the process runs.
    pub program: String,
    /// The name of the call.
    pub call: String,
    /// The texts in quotes among its arguments, in their order, at most as long as strace shows them.
    pub texts: Vec<String>,
    /// The line as strace has written it.
    pub line: String,
}

impl Event {
    /// The first text, which is the path for most calls.
    pub fn path(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }
}

/// Reads what `strace -f -o` has written.
pub fn read_trace(text: &str) -> Events {
    let lines: Vec<(u32, &str)> = text
        .lines()
        .filter_map(|line| {
            let (process, rest) = line.split_once(' ')?;
            Some((process.parse().ok()?, rest.trim_start()))
        })
        .collect();
    let parents: HashMap<u32, u32> = lines
        .iter()
        .filter(|(_, call)| {
            ["clone", "vfork", "fork", "<... clone", "<... vfork", "<... fork"]
                .iter()
                .any(|name| call.starts_with(name))
        })
        .filter_map(|(parent, call)| Some((call.rsplit_once("= ")?.1.trim().parse().ok()?, *parent)))
        .collect();
    let mut programs: HashMap<u32, String> = HashMap::new();
    let mut events = Vec::new();
    for (process, call) in lines {
        let program = program_of(process, &parents, &programs);
        programs.entry(process).or_insert_with(|| program.clone());
        if call.starts_with("<...") || call.starts_with("+++") || call.starts_with("---") {
            continue;
        }
        let Some((name, arguments)) = call.split_once('(') else { continue };
        let event = Event {
            program,
            call: name.to_owned(),
            texts: texts(arguments),
            line: format!("{process} {call}"),
        };
        // What the player of mysql starts is its own affair.
        let starts = name.starts_with("execve") && (call.contains("= 0") || call.contains("<unfinished"));
        if starts && event.program != "mysql" {
            // busybox starts itself under another name.
            let again = event.path() == "/proc/self/exe";
            let name = if again { event.texts.get(1) } else { event.texts.first() };
            programs.insert(process, base_name(name.map_or("", String::as_str)).to_owned());
        }
        events.push(event);
    }
    events
}

fn program_of(process: u32, parents: &HashMap<u32, u32>, programs: &HashMap<u32, String>) -> String {
    let mut process = process;
    for _ in 0..64 {
        if let Some(program) = programs.get(&process) {
            return program.clone();
        }
        match parents.get(&process) {
            Some(parent) => process = *parent,
            None => break,
        }
    }
    String::new()
}

/// The last component of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The texts in quotes, decoded.
fn texts(arguments: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut bytes = arguments.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'"' {
            continue;
        }
        let mut text = Vec::new();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => break,
                b'\\' => match bytes.next() {
                    Some(b'n') => text.push(b'\n'),
                    Some(b't') => text.push(b'\t'),
                    Some(b'r') => text.push(b'\r'),
                    Some(digit @ b'0'..=b'7') => {
                        let mut value = u32::from(digit - b'0');
                        for _ in 0..2 {
                            match bytes.peek() {
                                Some(next @ b'0'..=b'7') => {
                                    value = value * 8 + u32::from(*next - b'0');
                                    bytes.next();
                                }
                                _ => break,
                            }
                        }
                        text.push(u8::try_from(value & 255).unwrap());
                    }
                    Some(other) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        found.push(String::from_utf8_lossy(&text).into_owned());
    }
    found
}
