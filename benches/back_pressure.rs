//! `make bench-back-pressure`: resident memory of the service on a real Kafka while more comes in than goes out.
//!
//! Three parts: a flood of pages that keeps a backlog in the input for the whole time (`SECONDS_OF_FLOOD`, 600 unless set), a
//! broker that takes records more slowly than they come (a quota of its own, for a fifth of that time), and 64 MiB of gzip that
//! grows a hundredfold. Prints the curves, and fails where memory exceeds the bound that the configuration gives
//! (ARCHITECTURE.md, "Memory"), where lag does not grow behind the slow broker, where an input has no outcome, or where the
//! group was lost on the way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

#[path = "../tests/support"]
mod support {
    pub mod articles;
    pub mod desk;
    pub mod kafka;
    pub mod memory;
    pub mod service;
}

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use support::articles::generated_page;
use support::desk::{Desk, PARTITIONS};
use support::kafka::Broker;
use support::memory::{Limits, MIB, PageLimits};
use support::service::Service;

/// The configuration under test, and with it the bound.
const LIMITS: Limits = Limits {
    in_flight_mib: 64.0,
    page: PageLimits { decoded_mib: 16.0, html_nodes: 200_000.0 },
    record_mib: 1.0,
    batch_mib: 8.0,
    threads: 2.0,
};
/// Deliveries that wait in the input at most: the flood must not fill the disk.
const BACKLOG: usize = 12_000;
const BURST: usize = 2_000;
/// What the slow broker takes from the service, in bytes a second of compressed records: some 30 pages.
const SLOW_BYTES_PER_SECOND: usize = 500_000;
/// Pages that come while it is slow, a second.
const PAGES_PER_SECOND: usize = 250;
/// Of one page that was compressed.
const BOMB_BYTES: usize = 10 << 20;

/// About 100 KiB of gzip around 10 MiB of a page: of its text or, of every other one, of what it says about itself.
fn bomb(number: usize) -> Vec<u8> {
    let opening = if number.is_multiple_of(2) { "<body><article>" } else { "<head><meta name=description content=\"" };
    let mut html = format!("<!doctype html><html>{opening}<h1>Bomb {number}</h1>");
    let paragraph = "The same sentence stands here again and again, as in a page that was made to be large. ".repeat(8);
    let mut noise = number as u64 + 1;
    for at in 0.. {
        // As much noise as makes it a hundredfold.
        if at % 8 == 0 {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        }
        write!(html, "<p>{noise:x} {at} {paragraph}</p>").unwrap();
        if html.len() > BOMB_BYTES {
            break;
        }
    }
    if !number.is_multiple_of(2) {
        write!(html, "\"></head><body><article><h1>Bomb {number}</h1><p>{paragraph}</p></article>").unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(html.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

/// What was seen on the way.
#[derive(Default)]
struct Curve {
    most: f64,
    most_in_flight: f64,
    worst: f64,
    paused: usize,
    samples: usize,
}

impl Curve {
    /// Takes a sample, and prints it where it is time.
    fn sample(&mut self, service: &mut Service, began: Instant, produced: usize, prints: bool) {
        let metrics = service.metrics();
        let resident = metrics["process_resident_memory_bytes"] / MIB;
        let in_flight = metrics["copydesk_in_flight_bytes"] / MIB;
        let bound = LIMITS.bound_mib(metrics["copydesk_index_claims"]);
        self.most = self.most.max(resident);
        self.most_in_flight = self.most_in_flight.max(in_flight);
        self.worst = self.worst.max(resident / bound);
        self.paused += usize::from(metrics["copydesk_paused"] > 0.0);
        self.samples += 1;
        assert_eq!(metrics["copydesk_kafka_rebalances_total{kind=\"lost\"}"], 0.0, "the group was lost");
        if prints {
            let settled: f64 =
                metrics.iter().filter(|(name, _)| name.starts_with("copydesk_outcomes_total")).map(|(_, n)| n).sum();
            println!(
                "| {:>5} | {produced:>8} | {settled:>8} | {:>7.0} | {in_flight:>9.0} | {resident:>8.0} | {bound:>5.0} |",
                began.elapsed().as_secs(),
                produced as f64 - settled
            );
        }
    }
}

fn settled(service: &mut Service) -> usize {
    let (_, outcomes) = service.conserved();
    outcomes.values().sum::<f64>() as usize
}

fn head(what: &str) {
    println!(
        "\n{what}\n\n| s | produced | settled | lag | in flight MiB | resident MiB | bound MiB |\n|---|---|---|---|---|---|---|"
    );
}

fn end(curve: &Curve) {
    println!(
        "most: {:.0} MiB resident, {:.0} % of the bound; {:.0} MiB in flight; paused in {} of {} samples",
        curve.most,
        curve.worst * 100.0,
        curve.most_in_flight,
        curve.paused,
        curve.samples
    );
    assert!(curve.worst <= 1.0, "memory exceeded the bound");
    // A pool that lets in more than it has would make the bound meaningless.
    assert!(curve.most_in_flight <= LIMITS.in_flight_mib, "more in flight than was configured");
}

fn main() {
    // `cargo test --benches` asks for a list; there is nothing to list.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let flood: u64 = std::env::var("SECONDS_OF_FLOOD").ok().map_or(600, |seconds| seconds.parse().unwrap());
    let broker = Broker::start();
    let limits = LIMITS.settings();
    let settings: Vec<(&str, &str)> = limits.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let settings = [&settings[..], &[("telemetry.statistics_interval", "1s")]].concat();
    let desk = Desk::new(&broker, &settings);
    let mut service = desk.start("one");
    let (mut produced, began) = (0, Instant::now());

    head(&format!("A flood of pages for {flood} s"));
    let mut curve = Curve::default();
    let mut next_print = Duration::ZERO;
    while began.elapsed() < Duration::from_secs(flood) {
        if produced < settled(&mut service) + BACKLOG {
            let payloads: Vec<(i32, Vec<u8>)> = (produced..produced + BURST)
                .map(|number| (number as i32 % PARTITIONS, generated_page(number)))
                .collect();
            desk.produce(&payloads);
            produced += BURST;
        } else {
            std::thread::sleep(Duration::from_millis(200));
        }
        let prints = began.elapsed() >= next_print;
        curve.sample(&mut service, began, produced, prints);
        if prints {
            next_print += Duration::from_secs((flood / 20).max(1));
        }
    }
    let backlog = produced - settled(&mut service);
    assert!(backlog > 0, "the input was not faster than the output");
    wait_for(&mut service, &mut curve, began, produced);
    assert_eq!(settled(&mut service), produced, "every input has one outcome");
    end(&curve);

    slow_broker(&broker, &desk, &mut service, began, produced, Duration::from_secs((flood / 5).max(15)));
    drop(service);
    bombs(&broker, &settings);
}

/// Sent to a service of its own: the claims of those before would raise the bound.
fn bombs(broker: &Broker, settings: &[(&str, &str)]) {
    let desk = Desk::new(broker, settings);
    let mut service = desk.start("two");
    // Made before any is sent: to make one takes longer than to read it.
    let (mut payloads, mut bytes) = (Vec::new(), 0);
    while bytes < 64 << 20 {
        let payload = bomb(payloads.len());
        bytes += payload.len();
        payloads.push((payloads.len() as i32 % PARTITIONS, payload));
    }
    let (began, grown) = (Instant::now(), payloads.len());
    head("64 MiB of gzip that grows a hundredfold");
    let mut curve = Curve::default();
    for some in payloads.chunks(32) {
        desk.produce(some);
        curve.sample(&mut service, began, grown, false);
    }
    println!(
        "{grown} payloads, {:.0} MiB of gzip, {:.0}:1",
        bytes as f64 / MIB,
        (grown * BOMB_BYTES) as f64 / bytes as f64
    );
    wait_for(&mut service, &mut curve, began, grown);
    assert!(curve.most_in_flight > 0.9 * LIMITS.in_flight_mib, "only {:.0} MiB were in flight", curve.most_in_flight);
    end(&curve);
}

/// More comes than the broker takes from the service; then it takes everything again.
fn slow_broker(
    broker: &Broker,
    desk: &Desk<'_>,
    service: &mut Service,
    began: Instant,
    mut produced: usize,
    time: Duration,
) {
    head(&format!("A broker that takes {SLOW_BYTES_PER_SECOND} bytes a second, for {} s", time.as_secs()));
    let quota = |change: String| {
        let to = format!(
            "--bootstrap-server {} --alter --entity-type clients --entity-name copydesk-one-sink",
            broker.bootstrap()
        );
        broker.control(&format!("tool kafka.admin.ConfigCommand {to} {change}"));
    };
    quota(format!("--add-config producer_byte_rate={SLOW_BYTES_PER_SECOND}"));
    let mut curve = Curve::default();
    let (slow_since, mut next_print) = (Instant::now(), Duration::ZERO);
    let (before, settled_before) = (produced, settled(service));
    while slow_since.elapsed() < time {
        let due = before + (slow_since.elapsed().as_secs_f64() * PAGES_PER_SECOND as f64) as usize;
        let payloads: Vec<(i32, Vec<u8>)> =
            (produced..due).map(|number| (number as i32 % PARTITIONS, generated_page(number))).collect();
        desk.produce(&payloads);
        produced = due;
        let prints = slow_since.elapsed() >= next_print;
        curve.sample(service, began, produced, prints);
        if prints {
            next_print += time / 10;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let (came, went) = (produced - before, settled(service) - settled_before);
    println!("lag grew by {} records: {came} came, {went} went", came - went);
    assert!(went * 2 < came, "the broker was not slow: {went} of {came} pages went");
    quota("--delete-config producer_byte_rate".to_owned());
    wait_for(service, &mut curve, began, produced);
    assert_eq!(settled(service), produced, "every input has one outcome");
    assert!(curve.paused > 0, "reading never paused");
    end(&curve);
}

/// Samples until so many inputs have their outcome.
fn wait_for(service: &mut Service, curve: &mut Curve, began: Instant, wanted: usize) {
    let mut next_print = began.elapsed();
    while settled(service) < wanted {
        let prints = began.elapsed() >= next_print;
        curve.sample(service, began, wanted, prints);
        if prints {
            next_print += Duration::from_secs(15);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    curve.sample(service, began, wanted, true);
}
