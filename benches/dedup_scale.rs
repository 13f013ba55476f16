//! `make bench-dedup-scale`: articles a second, memory, disk and reopen time of deduplication, by the number of articles.
//!
//! The articles are made here: words by rank as in natural text (Zipf), a fifth of them copies (cut, edited, under another
//! headline), some from templates that differ by names and numbers. They are spread over the 30 days of the window. Each
//! size runs in a process of its own, on one thread: sketch, verdict, index on disk. Speed is in CPU seconds of that
//! thread, because machines are shared; memory is what the process holds more than before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

#[path = "../tests/support/cpu.rs"]
mod cpu;

use std::fmt::Write as _;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use copydesk::article::Article;
use copydesk::fingerprint::{Fingerprint, PayloadHash, Sketching};
use copydesk::index::disk::{DiskIndex, Origin};
use copydesk::index::memory::MemoryIndex;
use copydesk::index::{ChangelogPositions, DedupIndex, Layers};
use copydesk::sink::VouchedClaims;
use copydesk::source::{Coordinate, Offset, Partition};
use copydesk::verdict::{Claim, Policy, Question, Verdict, Window, adjudicate};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// Deliveries of one batch.
const BATCH: u64 = 500;
const WINDOW_MS: i64 = 30 * 86_400_000;

/// Musts: memory an article at the largest size, and its speed against the size before.
const MOST_RAM_BYTES: f64 = 1024.0;
const LEAST_OF_SPEED: f64 = 0.7;

const COMMON: &str = "the of to and in a is that for it was on as with be by at he this his are not from have or an they which \
    one you were all her she there would their we him been has when who will no more if out so up said what its about than \
    into them can only other time new some could these two may first then do any like my now over such our man me even most \
    made after also well before must through years where much your way down should because each just those people how too \
    year government state work last many government city house party week police official company percent president";

fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Numbers by chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The words, most frequent first.
fn lexicon() -> Vec<String> {
    const STARTS: [&str; 16] = ["b", "br", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "st", "t", "v"];
    const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "ou", "ai"];
    const ENDS: [&str; 8] = ["n", "r", "s", "t", "l", "m", "nd", "ck"];
    let invented = (0..50_000_u64).map(|rank| {
        let mut chance = Chance(mix(rank) ^ 0xA5A5);
        let syllable = |chance: &mut Chance| {
            let (start, vowel, end) = (chance.below(16), chance.below(8), chance.below(8));
            format!("{}{}{}", STARTS[start as usize], VOWELS[vowel as usize], ENDS[end as usize])
        };
        let count = 1 + chance.below(3);
        (0..count).map(|_| syllable(&mut chance)).collect::<String>()
    });
    COMMON.split_whitespace().map(str::to_owned).chain(invented).collect()
}

/// Makes article number so and so: title, body.
struct Maker {
    words: Vec<String>,
}

impl Maker {
    fn word(&self, chance: &mut Chance) -> &str {
        // The rank of a word in natural text: the chance of rank r falls as 1/r.
        let rank = (self.words.len() as f64).powf(chance.share()) as usize - 1;
        &self.words[rank.min(self.words.len() - 1)]
    }

    fn sentences(&self, chance: &mut Chance, count: u64) -> Vec<String> {
        let sentence = |_| {
            let words = 8 + chance.below(16);
            let mut text = String::new();
            for _ in 0..words {
                text.push_str(self.word(chance));
                text.push(' ');
            }
            if chance.below(3) == 0 {
                write!(text, "{} ", chance.below(10_000)).unwrap();
            }
            text.pop();
            text.push('.');
            text
        };
        (0..count).map(sentence).collect()
    }

    /// One of forty forms of report, with names and numbers of its own.
    fn report(&self, number: u64, chance: &mut Chance) -> (String, Vec<String>) {
        let form = number % 40;
        let mut own = Chance(mix(form) ^ 0x7E);
        let mut sentences = self.sentences(&mut own, 8);
        for sentence in &mut sentences {
            let (name, value) = (self.word(chance).to_owned(), chance.below(100_000));
            write!(sentence, " {name} came to {value} points.").unwrap();
        }
        (format!("Report {} for {}", form, self.word(chance)), sentences)
    }

    fn original(&self, number: u64) -> (String, Vec<String>) {
        let mut chance = Chance(mix(number ^ 0xC0FFEE));
        if number % 12 == 7 {
            return self.report(number, &mut chance);
        }
        let count = 6 + chance.below(14);
        let title = (0..8).map(|_| self.word(&mut chance)).collect::<Vec<_>>().join(" ");
        (title, self.sentences(&mut chance, count))
    }

    /// Each fifth article is a copy of an earlier one that is none.
    fn article(&self, number: u64) -> Article {
        let mut chance = Chance(mix(number ^ 0xC0B1));
        let (title, sentences) = if number % 5 == 4 && number > 50 {
            let of = chance.below(number / 5) * 5;
            let (title, mut sentences) = self.original(of);
            match chance.below(4) {
                0 => sentences.truncate(sentences.len() * 7 / 10),
                1 => sentences.push("Read more on our own pages about what happened then and who was there.".into()),
                2 => {
                    let at = chance.below(sentences.len() as u64) as usize;
                    sentences[at] = self.sentences(&mut chance, 1).remove(0);
                }
                _ => {}
            }
            (format!("{title} {}", self.word(&mut chance)), sentences)
        } else {
            self.original(number)
        };
        Article { title: Some(title), body: sentences.join("\n\n"), ..Article::default() }
    }
}

fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0
}

fn origin() -> Origin {
    Origin::new("bench".into(), "a seed of the bench")
}

/// What one size gave, passed between processes as a line of numbers.
#[derive(Clone, Copy, Default)]
struct Row {
    count: f64,
    per_second: f64,
    sketches_per_second: f64,
    ram: f64,
    disk: f64,
    reopen_seconds: f64,
    copies: f64,
    candidates: f64,
}

impl Row {
    fn write(&self) -> String {
        let Self { count, per_second, sketches_per_second, ram, disk, reopen_seconds, copies, candidates } = self;
        format!("{count} {per_second} {sketches_per_second} {ram} {disk} {reopen_seconds} {copies} {candidates}")
    }

    fn read(line: &str) -> Self {
        let n: Vec<f64> = line.split_whitespace().map(|number| number.parse().unwrap()).collect();
        Self {
            count: n[0],
            per_second: n[1],
            sketches_per_second: n[2],
            ram: n[3],
            disk: n[4],
            reopen_seconds: n[5],
            copies: n[6],
            candidates: n[7],
        }
    }
}

/// One size: memory that an earlier one gave back would hide what this one takes.
fn measure(count: u64) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let maker = Maker { words: lexicon() };
    let sketching = Sketching::new("a seed of the bench", 20);
    let policy = Policy { window: Window::new(Duration::from_millis(WINDOW_MS as u64), None), ..Policy::default() };
    let partition = Partition { topic: "copydesk.raw".into(), number: 0 };
    drop(maker.article(0));
    let before = resident_bytes();
    let mut index = DiskIndex::open(folder.path(), origin()).unwrap();
    // Speed at this size: of the last fifth, on top of all the rest.
    let (mut sketched, mut judged, mut timed) = (Duration::ZERO, Duration::ZERO, 0_u64);
    let (mut copies, mut candidates) = (0_u64, 0_usize);
    for from in (0..count).step_by(BATCH as usize) {
        let articles: Vec<(u64, Article)> =
            (from..count.min(from + BATCH)).map(|number| (number, maker.article(number))).collect();
        let began = cpu::thread_time();
        let fingerprints: Vec<(u64, Fingerprint)> = articles
            .iter()
            .map(|(number, article)| {
                let url = format!("https://paper-{}.example/2026/03/story-{number}", number % 9_973);
                let payload = PayloadHash::of_payload(Some(url.as_bytes()));
                (*number, Fingerprint::of(article, Some(&url), None, payload).sketched(article, &sketching))
            })
            .collect();
        let between = cpu::thread_time();
        let mut open = MemoryIndex::default();
        let mut claims: Vec<Arc<Claim>> = Vec::with_capacity(articles.len());
        for (number, fingerprint) in &fingerprints {
            let delivery = Coordinate { partition: partition.clone(), offset: Offset(*number) };
            let event_time_ms = (i128::from(*number) * i128::from(WINDOW_MS) / i128::from(count)) as i64;
            let evidence = Layers::new([Some(index.answers()), Some(open.answers()), None]);
            let decision =
                adjudicate(Question { delivery: &delivery, event_time_ms, fingerprint }, &evidence, policy).unwrap();
            copies += u64::from(decision.verdict != Verdict::Unique);
            candidates += decision.search.candidates;
            let vouched = VouchedClaims::read_back(vec![Arc::clone(&decision.claim)], ChangelogPositions::default());
            open.apply(vouched).unwrap();
            claims.push(decision.claim);
        }
        index.apply(VouchedClaims::read_back(claims, ChangelogPositions([(0, from + BATCH)].into()))).unwrap();
        if from >= count / 5 * 4 {
            sketched += between - began;
            judged += cpu::thread_time() - between;
            timed += articles.len() as u64;
        }
    }
    let ram = resident_bytes() - before;
    let disk = index.size().disk_bytes as f64;
    assert_eq!(index.len() as u64, count);
    drop(index);
    let began = Instant::now();
    let index = DiskIndex::open(folder.path(), origin()).unwrap();
    let reopen_seconds = began.elapsed().as_secs_f64();
    assert_eq!(index.len() as u64, count);
    Row {
        count: count as f64,
        per_second: timed as f64 / (sketched + judged).as_secs_f64(),
        sketches_per_second: timed as f64 / sketched.as_secs_f64(),
        ram,
        disk,
        reopen_seconds,
        copies: copies as f64 / count as f64,
        candidates: candidates as f64 / count as f64,
    }
}

fn plot(name: &str, unit: &str, rows: &[Row], value: impl Fn(&Row) -> f64) {
    let most = rows.iter().map(&value).fold(0.0, f64::max);
    println!("\n{name}, {unit}");
    for row in rows {
        let bar = "█".repeat((value(row) / most * 50.0).round() as usize);
        println!("{:>9} │{bar} {:.*}", row.count, if value(row) < 10.0 { 2 } else { 0 }, value(row));
    }
}

fn main() -> ExitCode {
    let argument = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    if let Some(count) = argument {
        println!("{}", measure(count).write());
        return ExitCode::SUCCESS;
    }
    println!(
        "| articles | articles/s | of which sketches/s | RAM an article | disk an article | reopened in | copies | candidates |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for count in SIZES {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program).arg(count.to_string()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let row = Row::read(&String::from_utf8(output.stdout).unwrap());
        println!(
            "| {} | {:.0} | {:.0} | {:.0} B | {:.0} B | {:.2} s | {:.1} % | {:.2} |",
            row.count,
            row.per_second,
            row.sketches_per_second,
            row.ram / row.count,
            row.disk / row.count,
            row.reopen_seconds,
            row.copies * 100.0,
            row.candidates,
        );
        rows.push(row);
    }
    plot("Speed", "articles a CPU second, one thread", &rows, |row| row.per_second);
    plot("Memory", "bytes an article", &rows, |row| row.ram / row.count);
    plot("Disk", "bytes an article", &rows, |row| row.disk / row.count);
    plot("Reopening", "seconds", &rows, |row| row.reopen_seconds);
    let [_, middle, largest] = rows[..] else { return ExitCode::FAILURE };
    let (kept, ram) = (largest.per_second / middle.per_second, largest.ram / largest.count);
    println!(
        "\nspeed at the largest size against the one before: {:.0} % (must: {:.0} %)",
        kept * 100.0,
        LEAST_OF_SPEED * 100.0
    );
    println!("memory an article at the largest size: {ram:.0} B (must: at most {MOST_RAM_BYTES:.0} B)");
    if kept < LEAST_OF_SPEED || ram > MOST_RAM_BYTES {
        eprintln!("below the musts");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
