//! Connections that are kept for the next thing to do on a machine.

use super::{Connection, ConnectionError, Patience, Target};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(120);

/// Who is entered how.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    host: String,
    port: u16,
    user: String,
    credentials: [u8; 32],
}

struct Kept {
    connection: Arc<Connection>,
    used: Instant,
}

/// The open connections.
pub struct Pool {
    patience: Patience,
    kept: Mutex<HashMap<Key, Kept>>,
}

impl Pool {
    /// A pool without connections.
    pub fn new(patience: Patience) -> Self {
        Self { patience, kept: Mutex::default() }
    }

    /// A connection to the machine: the one that is open, or another one. One to a machine whose host key isn't among the
    /// expected ones any more isn't used.
    ///
    /// # Errors
    /// See [`Connection::open`].
    pub async fn get(&self, target: &Target) -> Result<Arc<Connection>, ConnectionError> {
        let key = Key {
            host: target.host.clone(),
            port: target.port,
            user: target.user.clone(),
            credentials: target.credentials.digest(),
        };
        let still = |kept: &Kept| {
            !kept.connection.is_closed()
                && (target.host_keys.is_empty() || target.host_keys.contains(kept.connection.host_key()))
        };
        if let Some(kept) = self.lock().get_mut(&key).filter(|kept| still(kept)) {
            kept.used = Instant::now();
            return Ok(Arc::clone(&kept.connection));
        }
        let connection = Arc::new(Connection::open(target, self.patience).await?);
        self.lock().insert(key, Kept { connection: Arc::clone(&connection), used: Instant::now() });
        Ok(connection)
    }

    /// Forgets a connection that broke.
    pub fn forget(&self, connection: &Arc<Connection>) {
        self.lock().retain(|_, kept| !Arc::ptr_eq(&kept.connection, connection));
    }

    /// Closes what nobody has used for two minutes.
    pub fn close_idle(&self) {
        let now = Instant::now();
        // Dropping a connection closes it.
        self.lock().retain(|_, kept| {
            Arc::strong_count(&kept.connection) > 1 || now.duration_since(kept.used) < IDLE
        });
    }

    /// How many connections are kept.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether no connection is kept.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
