//! Logs as JSON lines: to the standard output, and to an access and an error log of each process. Written beside the requests by
//! threads of their own, and opened anew on SIGHUP, so that they can be rotated.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::filter_fn,
    fmt::{self, format::JsonFields},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use super::{
    gathered::{Gathered, Writing},
    json_line::JsonLine,
};

/// The target of the access log's lines.
pub const ACCESS: &str = "access";

// The session layer is silent: what it could say of a store that is away, `request` says with the request's name.
const DEFAULT_FILTER: &str = "info,fred=warn,sqlx=warn,tower_sessions=off,tower_sessions_core=off,graphile_worker=warn";

/// Keeps the writing threads; what they still hold is written when this is dropped.
#[derive(Debug)]
pub struct Telemetry {
    _guards: Vec<Writing>,
    rotations: Arc<AtomicUsize>,
}

/// Starts logging for a process of this name: `Server-1` writes `server1-access.log` and `server1-error.log` into `log_dir`.
///
/// # Errors
/// A log cannot be opened, or logging was started before.
pub fn start(process: &str, log_dir: Option<&Path>, with_access_log: bool) -> anyhow::Result<Telemetry> {
    let rotations = Arc::new(AtomicUsize::new(0));
    let mut outputs = Outputs::default();
    // A request's line is written once where there is a file for it; the journal gets it as well.
    if log_dir.is_some() && with_access_log && !speaks_to_journal() {
        outputs.add(io::stdout(), |line| line.target() != ACCESS)?;
    } else {
        outputs.add(io::stdout(), |_| true)?;
    }
    if let Some(dir) = log_dir {
        let open = |kind| LogFile::open(dir.join(format!("{}-{kind}.log", file_stem(process))), rotations.clone());
        if with_access_log {
            outputs.add(open("access")?, |line| line.target() == ACCESS)?;
        }
        outputs.add(open("error")?, |line| *line.level() <= Level::WARN)?;
    }
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    tracing_subscriber::registry()
        .with(outputs.layers)
        .with(filter)
        .try_init()
        .context("logging was started before")?;
    let guards = outputs.guards;
    Ok(Telemetry { _guards: guards, rotations })
}

// As systemd.exec(5) says it: the variable names the stream, and is inherited by programs whose output goes elsewhere.
fn speaks_to_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(io::stdout()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}

/// Starts logging for a command that a person runs: warnings, in words, to the standard error.
pub fn start_plain() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,fred=off,sqlx=error"));
    // Where it was started before, that stays.
    let _ = fmt::fmt().with_env_filter(filter).with_writer(io::stderr).without_time().try_init();
}

impl Telemetry {
    /// Opens the log files anew at every SIGHUP.
    ///
    /// # Errors
    /// The signal cannot be listened to.
    pub fn reopen_on_hangup(&self) -> io::Result<()> {
        let (mut hangup, rotations) = (signal(SignalKind::hangup())?, self.rotations.clone());
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                rotations.fetch_add(1, Ordering::Relaxed);
                tracing::info!("log files are opened anew");
            }
        });
        Ok(())
    }
}

#[derive(Default)]
struct Outputs {
    layers: Vec<Box<dyn Layer<Registry> + Send + Sync>>,
    guards: Vec<Writing>,
}

impl Outputs {
    fn add(&mut self, output: impl Write + Send + 'static, wants: fn(&Metadata<'_>) -> bool) -> io::Result<()> {
        let (writer, guard) = Gathered::writing_to(output)?;
        // Spans pass everywhere: a line takes the request's id from the span around it.
        let wants = filter_fn(move |data| data.is_span() || wants(data));
        let layer = fmt::layer().event_format(JsonLine).fmt_fields(JsonFields::new()).with_writer(writer);
        self.layers.push(layer.with_filter(wants).boxed());
        self.guards.push(guard);
        Ok(())
    }
}

fn file_stem(process: &str) -> String {
    process.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

// A file that is opened anew when the count of rotations has moved on. Only its own thread writes.
struct LogFile {
    path: PathBuf,
    file: File,
    opened_at: usize,
    rotations: Arc<AtomicUsize>,
}

impl LogFile {
    fn open(path: PathBuf, rotations: Arc<AtomicUsize>) -> anyhow::Result<Self> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).with_context(|| format!("LOG_DIR: {} cannot be made", dir.display()))?;
        }
        let file = append_to(&path).with_context(|| format!("LOG_DIR: {} cannot be written", path.display()))?;
        Ok(Self { path, file, opened_at: rotations.load(Ordering::Relaxed), rotations })
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let rotations = self.rotations.load(Ordering::Relaxed);
        if rotations != self.opened_at {
            self.opened_at = rotations;
            // Where it cannot be opened, the old file is better than none.
            if let Ok(file) = append_to(&self.path) {
                self.file = file;
            }
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_goes_on_in_a_new_file_after_it_was_moved_away() {
        let dir = tempfile::tempdir().unwrap();
        let (path, rotations) = (dir.path().join("server1-access.log"), Arc::new(AtomicUsize::new(0)));
        let mut log = LogFile::open(path.clone(), rotations.clone()).unwrap();
        log.write_all(b"one\n").unwrap();
        fs::rename(&path, dir.path().join("moved")).unwrap();
        log.write_all(b"two\n").unwrap();
        rotations.fetch_add(1, Ordering::Relaxed);
        log.write_all(b"three\n").unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("moved")).unwrap(), "one\ntwo\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "three\n");
    }

    #[test]
    fn a_servers_logs_carry_its_name() {
        assert_eq!(file_stem("Server-1"), "server1");
    }
}
