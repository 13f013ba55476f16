//! More comes than can go out, or nothing of what comes is an article.

use std::time::{Duration, Instant};

use super::Extent;
use super::harness::{Stream, Tally, settle};
use crate::support::kafka::{Broker, eventually};
use crate::support::memory::{Limits, MIB, PageLimits};

/// A storm of rejections: the service reads nothing more, keeps its partitions, is not ready and says why. Nothing is lost, and
/// a restart that lets them through works all of it off.
pub fn dead_letter_storm(broker: &Broker, _: Extent) -> Tally {
    const JUNK: usize = 1_000;
    let mut stream = Stream::new(broker, &[("dead_letters.storm_run", "100")]);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 200);
    stream.feed_junk(JUNK);
    stream.feed(200);
    let why = eventually("the storm is noticed", || {
        assert!(service.is_running(), "{}", service.log());
        let (status, text) = service.get("/readyz");
        (status == 503 && text.contains("dead-letter storm")).then_some(text)
    });
    assert!(why.contains("of the last 100 payloads were rejected"), "{why}");
    settle(&mut service);
    let committed = stream.desk.committed();
    assert!(usize::try_from(committed).unwrap() < stream.end(), "nothing was left to pause before");
    let letters = stream.desk.read("dead-letters").len();
    assert!(letters < JUNK / 2, "{letters} letters: the topic was drained into them");
    // Ten times the longest wait for a batch, and more than the session timeout: it stays so, and stays a member.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(service.get("/livez").0, 200);
    let metrics = service.metrics();
    assert_eq!((metrics["copydesk_dead_letter_storm"], metrics["copydesk_assigned_partitions"]), (1.0, 4.0));
    assert_eq!(stream.desk.committed(), committed);
    assert!(service.stop().success());

    stream.desk.settings.push(("dead_letters.storm_ratio".into(), "0".into()));
    let service = stream.desk.start("one");
    stream.finish(service)
}

/// Input comes faster than the broker takes outputs: reading pauses within the bound on memory, lag grows, and the group is not
/// lost. Then the broker takes everything again.
pub fn flood(_: &Broker, _: Extent) -> Tally {
    const LIMITS: Limits = Limits {
        in_flight_mib: 4.0,
        page: PageLimits { decoded_mib: 4.0, html_nodes: 100_000.0 },
        record_mib: 1.0,
        batch_mib: 1.0,
        threads: 1.0,
    };
    // Of its own, because it is made slow.
    let broker = Broker::start();
    let limits = LIMITS.settings();
    let own = [("delivery.transaction_timeout", "20s"), ("batch.max_records", "50")];
    let settings: Vec<(&str, &str)> = limits.iter().map(|(key, value)| (*key, value.as_str())).chain(own).collect();
    let mut stream = Stream::new(&broker, &settings);
    let quota = |change: &str| {
        let to = format!(
            "--bootstrap-server {} --alter --entity-type clients --entity-name copydesk-one-sink",
            broker.bootstrap()
        );
        broker.control(&format!("tool kafka.admin.ConfigCommand {to} {change}"));
    };
    quota("--add-config producer_byte_rate=60000");
    let mut service = stream.desk.start("one");
    stream.feed(8_000);
    let began = Instant::now();
    let (mut paused, mut share) = (0, 0.0_f64);
    while began.elapsed() < Duration::from_secs(20) {
        let metrics = service.metrics();
        let bound = LIMITS.bound_mib(metrics["copydesk_index_claims"]);
        let (resident, in_flight) =
            (metrics["process_resident_memory_bytes"] / MIB, metrics["copydesk_in_flight_bytes"] / MIB);
        assert!(resident <= bound, "{resident:.0} MiB of memory, the bound is {bound:.0}");
        assert!(in_flight <= LIMITS.in_flight_mib, "{in_flight} MiB in flight");
        assert_eq!(metrics["copydesk_kafka_rebalances_total{kind=\"lost\"}"], 0.0, "the group was lost");
        paused += usize::from(metrics["copydesk_paused"] > 0.0);
        share = share.max(resident / bound);
        std::thread::sleep(Duration::from_millis(100));
    }
    let committed = usize::try_from(stream.desk.committed()).unwrap();
    assert!(paused > 0, "reading never paused");
    assert!(committed > 0 && committed * 2 < stream.end(), "{committed} of {} went out", stream.end());
    eprintln!(
        "paused in {paused} samples, at most {:.0} % of the bound on memory, {committed} records out",
        share * 100.0
    );
    quota("--delete-config producer_byte_rate");
    stream.feed(200);
    stream.finish(service)
}
