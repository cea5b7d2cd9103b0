//! Sends the operator's connections to FEs through the proxy, by a rule of the node's own network namespace.

use std::{io, process::Stdio};
use tokio::{io::AsyncWriteExt, process::Command};

const TABLE: &str = "hookgate_chaos";

/// The rule; it is removed when this is dropped, and it ends with the node in any case.
#[derive(Debug)]
pub struct Redirect(());

impl Redirect {
    /// Redirects what this user's processes send to `port` anywhere, to `proxy` on the loopback.
    ///
    /// # Errors
    /// When `nft` is missing or refuses the rule.
    pub async fn begin(user: u32, port: u16, proxy: u16) -> io::Result<Self> {
        // Declared first, so that deleting it works whether or not an earlier run has left it.
        let rules = format!(
            "table ip {TABLE} {{}}\ndelete table ip {TABLE}\ntable ip {TABLE} {{\nchain output {{\ntype nat hook output \
             priority -101;\nmeta skuid {user} tcp dport {port} redirect to :{proxy};\n}}\n}}\n"
        );
        let mut nft = Command::new("nft")
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("nft can't be run: {error}")))?;
        if let Some(mut input) = nft.stdin.take() {
            input.write_all(rules.as_bytes()).await?;
        }
        let output = nft.wait_with_output().await?;
        if output.status.success() {
            Ok(Self(()))
        } else {
            Err(io::Error::other(format!("nft: {}", String::from_utf8_lossy(&output.stderr).trim())))
        }
    }
}

impl Drop for Redirect {
    fn drop(&mut self) {
        let ended = std::process::Command::new("nft").args(["delete", "table", "ip", TABLE]).status();
        if !ended.is_ok_and(|status| status.success()) {
            eprintln!("the nftables table {TABLE} is left in the node");
        }
    }
}
