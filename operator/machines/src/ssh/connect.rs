//! Opens a connection: the machine must be the one that it was, and must know the user.

use super::{
    Patience, Target,
    host_key::{HostKeyCheck, fingerprint, preferred},
};
use hookgate_api::platform::HostKey;
use russh::{
    AlgorithmKind, Disconnect, MethodKind,
    client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse},
    keys::PrivateKeyWithHashAlg,
};
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::net::TcpStream;

/// Why a machine can't be entered.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Nobody answers at its address.
    #[error("{address} can't be reached: {source}")]
    Unreachable {
        /// Address and port.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It took too long.
    #[error("{address} did not let anybody in within {} s", .patience.as_secs())]
    Slow {
        /// Address and port.
        address: String,
        /// How long was waited.
        patience: Duration,
    },
    /// The machine has another key than it must have.
    #[error(
        "the host key has changed: {shown} is shown instead of {expected}. Nothing was sent to this machine. If it was \
         installed anew, write its key into hostKeys (as `ssh-keyscan` prints it)"
    )]
    HostKey {
        /// The fingerprint of the key that it showed, or what it offered.
        shown: String,
        /// The fingerprints of those of which it must have one.
        expected: String,
    },
    /// The machine doesn't accept the user.
    #[error(
        "{user} is refused with {tried}; the machine lets in by {methods}. Correct username, password or privateKey, in the \
         manifest or in the Secret that secretRef names"
    )]
    Login {
        /// The user.
        user: String,
        /// What was tried.
        tried: String,
        /// What the machine accepts.
        methods: String,
        /// The key that it has shown: whoever is tried next has to be the same machine.
        host_key: HostKey,
    },
    /// The protocol broke.
    #[error("SSH with {address}: {source}")]
    Protocol {
        /// Address and port.
        address: String,
        /// What is wrong.
        source: russh::Error,
    },
}

/// A connection over which a user is let in.
pub struct Connection {
    pub(super) handle: Handle<HostKeyCheck>,
    pub(super) patience: Patience,
    host_key: HostKey,
}

impl Connection {
    /// Connects and logs in.
    ///
    /// # Errors
    /// When nobody answers in time, when the host key is another one, and when the user isn't accepted.
    pub async fn open(target: &Target, patience: Patience) -> Result<Self, ConnectionError> {
        let opened = tokio::time::timeout(patience.connect, Box::pin(open(target, patience))).await;
        opened.unwrap_or_else(|_| {
            Err(ConnectionError::Slow { address: address(target), patience: patience.connect })
        })
    }

    /// The key that the machine has.
    pub fn host_key(&self) -> &HostKey {
        &self.host_key
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Ends it, and tells the machine.
    pub async fn close(&self) {
        let _either_way_closed = self.handle.disconnect(Disconnect::ByApplication, "", "en").await;
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connection").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

fn address(target: &Target) -> String {
    hookgate_api::platform::address(&target.host, i64::from(target.port))
}

async fn open(target: &Target, patience: Patience) -> Result<Connection, ConnectionError> {
    let stream = TcpStream::connect((target.host.as_str(), target.port))
        .await
        .map_err(|source| ConnectionError::Unreachable { address: address(target), source })?;
    let _only_slower = stream.set_nodelay(true);
    let shown = Arc::new(OnceLock::new());
    let config = client::Config {
        keepalive_interval: Some(patience.keep_alive),
        keepalive_max: 3,
        preferred: preferred(&target.host_keys),
        ..client::Config::default()
    };
    let check = HostKeyCheck { expected: target.host_keys.clone(), shown: Arc::clone(&shown) };
    let connected = client::connect_stream(Arc::new(config), stream, check).await;
    let mut handle = connected.map_err(|source| refused(target, &shown, source))?;
    let Some(host_key) = shown.get().cloned() else {
        return Err(ConnectionError::Protocol { address: address(target), source: russh::Error::UnknownKey });
    };
    log_in(&mut handle, target, &host_key).await?;
    Ok(Connection { handle, patience, host_key })
}

/// Why the handshake failed.
fn refused(target: &Target, shown: &OnceLock<HostKey>, source: russh::Error) -> ConnectionError {
    let expected = || target.host_keys.iter().map(fingerprint).collect::<Vec<_>>().join(" or ");
    match (&source, shown.get()) {
        (russh::Error::UnknownKey, Some(key)) => {
            ConnectionError::HostKey { shown: fingerprint(key), expected: expected() }
        }
        (russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, theirs, .. }, _)
            if !target.host_keys.is_empty() =>
        {
            let shown = format!("a key of another algorithm ({})", theirs.join(", "));
            ConnectionError::HostKey { shown, expected: expected() }
        }
        _ => ConnectionError::Protocol { address: address(target), source },
    }
}

async fn log_in(
    handle: &mut Handle<HostKeyCheck>,
    target: &Target,
    host_key: &HostKey,
) -> Result<(), ConnectionError> {
    let protocol = |source| ConnectionError::Protocol { address: address(target), source };
    let (mut tried, mut methods) = (Vec::new(), Vec::new());
    if let Some(key) = target.credentials.key() {
        let hash = if key.algorithm().is_rsa() {
            handle.best_supported_rsa_hash().await.map_err(protocol)?.flatten()
        } else {
            None
        };
        let key = PrivateKeyWithHashAlg::new(key, hash);
        match handle.authenticate_publickey(&target.user, key).await.map_err(protocol)? {
            AuthResult::Success => return Ok(()),
            AuthResult::Failure { remaining_methods, .. } => {
                tried.push("its private key");
                methods = remaining_methods.to_vec();
            }
        }
    }
    if let Some(password) = target.credentials.password() {
        match handle.authenticate_password(&target.user, password).await.map_err(protocol)? {
            AuthResult::Success => return Ok(()),
            AuthResult::Failure { remaining_methods, .. } => {
                tried.push("its password");
                methods = remaining_methods.to_vec();
            }
        }
        // Where PAM asks for the password, it's a conversation of its own.
        if methods.contains(&MethodKind::KeyboardInteractive)
            && answer(handle, &target.user, password).await.map_err(protocol)?
        {
            return Ok(());
        }
    }
    Err(ConnectionError::Login {
        user: target.user.clone(),
        tried: tried.join(" and "),
        methods: methods.iter().map(<&'static str>::from).collect::<Vec<_>>().join(", "),
        host_key: host_key.clone(),
    })
}

/// Answers every question that isn't echoed with the password, in at most 5 rounds.
async fn answer(handle: &mut Handle<HostKeyCheck>, user: &str, password: &str) -> Result<bool, russh::Error> {
    let mut response = handle.authenticate_keyboard_interactive_start(user, None).await?;
    for _round in 0..5 {
        match response {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = prompts
                    .iter()
                    .map(|prompt| if prompt.echo { String::new() } else { password.to_owned() });
                response = handle.authenticate_keyboard_interactive_respond(answers.collect()).await?;
            }
        }
    }
    Ok(false)
}
