//! What is asked of an FE, in SQL.

mod frontend;
mod tablets;

pub use frontend::{members, settings};
pub use hookgate_database::{
    Connection, Credentials, CredentialsError, Record, Refusal, SetConfig, SqlError, StatementError, Target,
    credentials,
};
pub use tablets::{single_replica_tables, tablets};
