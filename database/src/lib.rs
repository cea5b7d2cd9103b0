//! How an FE is reached: the MySQL protocol, its user and password, and what its errors mean.
//!
//! The text protocol only: prepared statements are for queries, and old versions don't have them. One connection at
//! a time and none kept, so that what an FE says is never an answer from before it restarted.

mod answer;
mod connection;
#[cfg(feature = "credentials")]
mod credentials;
mod error;
mod offer;
mod setting;
mod statement;

pub use answer::{Answer, Column, RawRow};
pub use connection::{Connection, Record, Target};
#[cfg(feature = "credentials")]
pub use credentials::{Credentials, CredentialsError, USER_VARIABLE, credentials};
pub use error::{Refusal, SqlError};
pub use setting::{CurrentSetting, setting};
pub use statement::{SetConfig, StatementError};
