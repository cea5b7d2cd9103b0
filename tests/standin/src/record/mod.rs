//! Telling what happens: the sink that every process has, and the recorder that keeps it all.

mod recorder;
mod sink;

pub use recorder::{Recorder, RecorderOptions};
pub use sink::{EventSink, SinkOptions};

/// The longest line that the recorder takes, in bytes.
const MAX_LINE: usize = 256 << 10;
