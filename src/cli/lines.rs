//! JSON lines in, JSON lines out: in input order, on all cores, in bounded memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::{CliError, unwritten};
use crate::source::lines::{Line, Lines};

/// Lines that wait for a free core, and lines that are worked on at once.
const CHUNK_LINES: usize = 256;
/// A chunk of long lines closes earlier.
const CHUNK_BYTES: usize = 32 << 20;

/// Input of a batch command.
#[derive(Debug, clap::Args)]
pub(crate) struct LinesArgs {
    /// Read JSON lines and write JSON lines.
    #[arg(long, required = true)]
    pub(crate) jsonl: bool,
    /// The input; `-` is standard input.
    #[arg(default_value = "-", value_name = "FILE|-")]
    pub(crate) input: PathBuf,
    /// Threads; 0 takes one a core.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
}

/// Maps every line by `prepare`, on all cores, then by `write`, in order and on one thread. Lines come together in chunks,
/// each shown to `see` before it is written.
pub(crate) fn process<T: Send>(
    args: &LinesArgs,
    max_line_bytes: usize,
    prepare: impl Fn(&Line) -> T + Sync,
    mut see: impl FnMut(&[T]),
    mut write: impl FnMut(&Line, T, &mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()
        .map_err(|error| CliError::Start(error.to_string()))?;
    let lines = read(&args.input, max_line_bytes)?;
    let progress = progress("{spinner} {human_pos} lines, {per_sec}, {elapsed}", None);
    let mut output = BufWriter::new(io::stdout().lock());
    // A file has its lines at once: how it is cut into chunks is no matter of chance.
    let is_file = args.input.is_file();
    while let Some(chunk) = next_chunk(&lines, is_file) {
        let chunk = chunk.map_err(|error| CliError::Io { name: args.input.display().to_string(), error })?;
        let results: Vec<T> = pool.install(|| chunk.par_iter().map(&prepare).collect());
        see(&results);
        for (line, result) in chunk.iter().zip(results) {
            write(line, result, &mut output).map_err(unwritten)?;
        }
        // Whoever feeds us line by line gets an answer line by line.
        output.flush().map_err(unwritten)?;
        progress.inc(chunk.len() as u64);
    }
    progress.finish_and_clear();
    Ok(())
}

/// What is there now, at least one line, or where we can wait, a whole chunk; `None` at the end.
fn next_chunk(lines: &Receiver<io::Result<Line>>, is_whole: bool) -> Option<io::Result<Vec<Line>>> {
    let mut next = lines.recv().ok()?;
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    loop {
        match next {
            Ok(line) => {
                bytes += line.bytes.len();
                chunk.push(line);
            }
            Err(error) => return Some(Err(error)),
        }
        if chunk.len() >= CHUNK_LINES || bytes >= CHUNK_BYTES {
            break;
        }
        match if is_whole { lines.recv().ok() } else { lines.try_recv().ok() } {
            Some(line) => next = line,
            None => break,
        }
    }
    Some(Ok(chunk))
}

fn read(input: &Path, max_line_bytes: usize) -> Result<Receiver<io::Result<Line>>, CliError> {
    let reader: Box<dyn BufRead + Send> = if input == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = File::open(input).map_err(|error| CliError::Io { name: input.display().to_string(), error })?;
        Box::new(BufReader::with_capacity(1 << 20, file))
    };
    let (sender, lines) = sync_channel(CHUNK_LINES);
    std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || {
            let mut input = Lines::new(reader, max_line_bytes);
            while let Some(line) = input.next().transpose() {
                let is_failed = line.is_err();
                let is_empty = line.as_ref().is_ok_and(|line| line.bytes.iter().all(u8::is_ascii_whitespace));
                if !is_empty && sender.send(line).is_err() || is_failed {
                    break;
                }
            }
        })
        .map_err(|error| CliError::Start(error.to_string()))?;
    Ok(lines)
}

/// A count on standard error, where that is a terminal; of a total, where there is one.
pub(super) fn progress(template: &'static str, total: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    // A template that is a constant of ours parses; the default is fine if it ever does not.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
