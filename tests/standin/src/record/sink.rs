//! Where a process puts its events: stdout, and the recorder when there is one.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

use crate::event::{Component, Event, Occurrence};

/// How many events wait while the recorder is away; what comes after is counted and dropped.
const QUEUE: usize = 20_000;
/// How long a statement's answer waits for the recorder to have its event.
const ACKNOWLEDGE: Duration = Duration::from_secs(1);
/// Time between attempts to reach the recorder.
const RETRY: Duration = Duration::from_millis(300);

/// What a sink needs to know.
#[derive(Debug, Clone)]
pub struct SinkOptions {
    /// The pod's name.
    pub pod: String,
    /// Which program this is.
    pub component: Component,
    /// The recorder's host and port.
    pub recorder: Option<String>,
    /// Print events on stdout.
    pub print: bool,
}

/// Takes events; cheap to clone.
#[derive(Debug, Clone)]
pub struct EventSink {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: SinkOptions,
    instance: String,
    // Held while an event gets its number and its place in the queue, so that both are in the same order.
    last: Mutex<u64>,
    queue: Option<mpsc::Sender<Parcel>>,
    connected: AtomicBool,
    lost: AtomicU64,
}

#[derive(Debug)]
struct Parcel {
    line: String,
    arrived: Option<oneshot::Sender<()>>,
}

impl EventSink {
    /// Makes a sink; with a recorder it also starts the task that talks to it.
    pub fn start(options: SinkOptions) -> Self {
        let started = Timestamp::now().as_nanosecond();
        let instance = format!("{}-{started:x}-{}", options.pod, std::process::id());
        let recorder = options.recorder.clone().filter(|address| !address.is_empty());
        let (queue, parcels) = mpsc::channel(QUEUE);
        let inner = Arc::new(Inner {
            options,
            instance,
            last: Mutex::new(0),
            queue: recorder.is_some().then_some(queue),
            connected: AtomicBool::new(false),
            lost: AtomicU64::new(0),
        });
        if let Some(recorder) = recorder {
            tokio::spawn(deliver(Arc::clone(&inner), recorder, parcels));
        }
        Self { inner }
    }

    /// Records an event and waits until the recorder has it, unless the recorder is away.
    pub async fn record(&self, what: Occurrence) {
        self.record_at(Timestamp::now(), what).await;
    }

    /// As [`EventSink::record`], for something that happened at another time.
    pub async fn record_at(&self, time: Timestamp, what: Occurrence) {
        let Some(arrived) = self.inner.emit(time, what) else { return };
        if self.inner.connected.load(Ordering::Relaxed)
            && tokio::time::timeout(ACKNOWLEDGE, arrived).await.is_err()
        {
            tracing::warn!("the recorder did not acknowledge an event in time");
        }
    }

    /// Records an event without waiting.
    pub fn note(&self, what: Occurrence) {
        // The receiver only serves those who wait.
        drop(self.inner.emit(Timestamp::now(), what));
    }
}

impl Inner {
    fn emit(&self, time: Timestamp, what: Occurrence) -> Option<oneshot::Receiver<()>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        let event = Event {
            time,
            pod: self.options.pod.clone(),
            component: self.options.component,
            instance: self.instance.clone(),
            number: *last,
            what,
        };
        let mut line = match serde_json::to_string(&event) {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, ?event, "an event can't be written as JSON");
                return None;
            }
        };
        line.push('\n');
        if self.options.print
            && let Err(error) = std::io::stdout().lock().write_all(line.as_bytes())
        {
            tracing::error!(%error, "can't write to stdout");
        }
        let queue = self.queue.as_ref()?;
        let (arrived, receiver) = oneshot::channel();
        if queue.try_send(Parcel { line, arrived: Some(arrived) }).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(receiver)
    }
}

/// Sends parcels one after the other, each until it's acknowledged; ends with the sink.
async fn deliver(inner: Arc<Inner>, recorder: String, mut parcels: mpsc::Receiver<Parcel>) {
    let inner = {
        let weak = Arc::downgrade(&inner);
        drop(inner);
        weak
    };
    let mut pending: Option<Parcel> = None;
    loop {
        let result = converse(&recorder, &inner, &mut parcels, &mut pending).await;
        let Some(inner) = inner.upgrade() else { return };
        inner.connected.store(false, Ordering::Relaxed);
        if let Err(error) = result {
            tracing::warn!(%error, recorder, "the recorder is away; events wait");
        }
        drop(inner);
        tokio::time::sleep(RETRY).await;
    }
}

async fn converse(
    recorder: &str,
    inner: &std::sync::Weak<Inner>,
    parcels: &mut mpsc::Receiver<Parcel>,
    pending: &mut Option<Parcel>,
) -> std::io::Result<()> {
    let stream = tokio::time::timeout(ACKNOWLEDGE, TcpStream::connect(recorder))
        .await
        .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut answers = BufReader::new(reader).lines();
    if let Some(inner) = inner.upgrade() {
        inner.connected.store(true, Ordering::Relaxed);
    }
    loop {
        if pending.is_none() {
            *pending = parcels.recv().await;
        }
        let Some(parcel) = pending else { return Ok(()) };
        writer.write_all(parcel.line.as_bytes()).await?;
        let answer = tokio::time::timeout(ACKNOWLEDGE * 5, answers.next_line())
            .await
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
        match answer {
            Some(answer) if answer.starts_with("ok") => {}
            Some(answer) => tracing::error!(answer, "the recorder refused an event"),
            None => return Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
        if let Some(arrived) = pending.take().and_then(|parcel| parcel.arrived) {
            // Whoever stopped waiting doesn't need to know.
            let _ = arrived.send(());
        }
        if let Some(inner) = inner.upgrade() {
            let count = inner.lost.swap(0, Ordering::Relaxed);
            if count > 0 {
                inner.emit(Timestamp::now(), Occurrence::EventsLost { count });
            }
        }
    }
}
