//! The filter of system calls.
//!
//! Two filters, and a call must pass both. The first refuses by name what a script must not do, with the error of a
//! missing permission. The second is a list of what programs need: what isn't on it, and so everything that kernels will
//! have one day, doesn't exist, which is how the C library expects an old kernel to answer.

mod lists;

use lists::{NEEDED, REFUSED};
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Puts both filters on the calling thread.
pub(super) fn filter() -> Result<(), Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let errno = |errno: i32| SeccompAction::Errno(errno.unsigned_abs());
    let refused = refused()?;
    let mut known: Rules = NEEDED.iter().map(|call| (*call, Vec::new())).collect();
    known.extend(refused.keys().map(|call| (*call, Vec::new())));
    let refuse = SeccompFilter::new(refused, SeccompAction::Allow, errno(libc::EPERM), arch)?;
    let allow = SeccompFilter::new(known, errno(libc::ENOSYS), SeccompAction::Allow, arch)?;
    // The first must let the second be put on, and does: `seccomp` is not among what it refuses.
    for filter in [refuse, allow] {
        let program = BpfProgram::try_from(filter)?;
        apply_filter(&program)?;
    }
    Ok(())
}

/// Whether the kernel has no such filters.
pub(super) fn is_unsupported(error: &Error) -> bool {
    let code = match error {
        Error::Prctl(error) | Error::Seccomp(error) => error.raw_os_error(),
        _ => None,
    };
    matches!(code, Some(libc::ENOSYS | libc::EINVAL))
}

fn when(conditions: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, Error> {
    let conditions = conditions.iter().map(|(argument, operator, value)| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator.clone(), *value)
    });
    Ok(SeccompRule::new(conditions.collect::<Result<_, _>>()?)?)
}

fn number(value: i32) -> u64 {
    u64::from(value.unsigned_abs())
}

/// What is refused, and with which arguments.
fn refused() -> Result<Rules, Error> {
    let mut rules: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    // A pair of connected streams is how a client reaches the supervisor. Other pairs could be sent elsewhere: a
    // datagram socket takes an address with each message.
    let mut pairs = vec![when(&[(0, SeccompCmpOp::Ne, number(libc::AF_UNIX))])?];
    for kind in [libc::SOCK_DGRAM, libc::SOCK_RAW, libc::SOCK_RDM, libc::SOCK_SEQPACKET, libc::SOCK_DCCP] {
        pairs.push(when(&[(1, SeccompCmpOp::MaskedEq(0xf), number(kind))])?);
    }
    rules.insert(libc::SYS_socketpair, pairs);
    let namespaces = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
    ];
    let with_flag = |flag: &i32| when(&[(0, SeccompCmpOp::MaskedEq(number(*flag)), number(*flag))]);
    rules.insert(libc::SYS_clone, namespaces.iter().map(with_flag).collect::<Result<_, _>>()?);
    // Typing into a terminal, and the console's own commands.
    let typing = [libc::TIOCSTI, libc::TIOCLINUX];
    let typing = typing.iter().map(|request| when(&[(1, SeccompCmpOp::Eq, *request)]));
    rules.insert(libc::SYS_ioctl, typing.collect::<Result<_, _>>()?);
    // Limits of other processes: the supervisor has the same user.
    rules.insert(libc::SYS_prlimit64, vec![when(&[(0, SeccompCmpOp::Ne, 0)])?]);
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_refused_is_needed_and_the_filters_can_be_built() {
        assert!(REFUSED.iter().all(|call| !NEEDED.contains(call)));
        let arch = TargetArch::try_from(std::env::consts::ARCH).unwrap();
        let rules = refused().unwrap();
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(1), arch).unwrap();
        // The kernel takes programs of at most 4,096 instructions.
        assert!(BpfProgram::try_from(filter).unwrap().len() < 4096);
    }
}
