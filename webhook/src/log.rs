//! Sets up the log.

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// A log that can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter can't be read.
    #[error(
        "--log {0:?} is not a filter; write a level or directives such as info,hookgate::admission=debug"
    )]
    Filter(String, #[source] tracing_subscriber::filter::ParseError),
    /// There is a log already.
    #[error("the log can't be set up")]
    SetUp(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Logs to standard error from here on.
///
/// # Errors
/// When the filter can't be read, or there is a log already.
pub fn set_up(format: LogFormat, filter: &str) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(filter).map_err(|cause| LogError::Filter(filter.to_owned(), cause))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(LogError::SetUp)
}
