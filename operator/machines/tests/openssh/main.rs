//! Copies and runs against Debian's OpenSSH server, with the faults that machines have.
//!
//! Each machine is a server in namespaces of its own: its own processes, `/etc/passwd`, `/run` and home folder, on an
//! address of the loopback interface. The tests need root, as the test cluster does.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers as well")]

mod arguments;
mod connect;
mod copies;
mod deadline;
mod faults;
mod machine;
mod runs;
mod work;
