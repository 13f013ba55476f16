//! librdkafka's statistics in the terms of our metrics. They come on the threads that poll the clients, without a call
//! to a broker.

use rdkafka::statistics::{Broker, Partition as PartitionStatistics, Statistics};

use crate::source::Partition;
use crate::telemetry::metrics::{BrokerReading, ClientReading, PartitionReading};

/// How the client is.
pub(super) fn client(statistics: &Statistics) -> ClientReading {
    let partitions = || statistics.topics.values().flat_map(|topic| topic.partitions.values());
    // A consumer has one queue, whose length every partition gives as its own.
    let fetched = partitions().map(|partition| unsigned(partition.fetchq_cnt)).max().unwrap_or_default();
    let fetched_bytes = partitions().map(|partition| partition.fetchq_size).max().unwrap_or_default();
    ClientReading {
        queue_messages: statistics.msg_cnt + fetched,
        queue_bytes: statistics.msg_size + fetched_bytes,
        // Addresses to bootstrap from and coordinators, which are brokers once more, have no id of their own.
        brokers: statistics
            .brokers
            .values()
            .filter(|broker| broker.nodeid >= 0 && broker.source == "learned")
            .map(|broker| (broker.nodeid, connection(broker)))
            .collect(),
    }
}

/// Whether there is a broker to ask. Coordinators are none by themselves: they are brokers once more.
pub(super) fn knows_brokers(statistics: &Statistics) -> bool {
    statistics.brokers.values().any(|broker| matches!(broker.source.as_str(), "configured" | "learned"))
}

fn connection(broker: &Broker) -> BrokerReading {
    let seconds = |microseconds: i64| microseconds as f64 / 1e6;
    let rtt = broker.rtt.as_ref().filter(|window| window.cnt > 0);
    BrokerReading {
        is_up: broker.state == "UP",
        rtt_seconds: rtt.map(|window| (seconds(window.avg), seconds(window.p99))),
        tx_errors: broker.txerrs,
        rx_errors: broker.rxerrs,
        timeouts: broker.req_timeouts,
    }
}

/// How far a consumer is in each partition, and where that ends.
pub(super) fn partitions(statistics: &Statistics) -> Vec<PartitionReading> {
    let all = statistics
        .topics
        .values()
        .flat_map(|topic| topic.partitions.values().map(|partition| reading(partition, topic.topic.as_str())));
    all.flatten().collect()
}

fn reading(statistics: &PartitionStatistics, topic: &str) -> Option<PartitionReading> {
    // Negative until something was fetched.
    let end = u64::try_from(statistics.ls_offset).ok()?;
    // Where nothing is queued, the next offset to fetch has passed the markers behind the last record.
    let is_read_out = statistics.fetchq_cnt == 0 && statistics.fetch_state == "active";
    Some(PartitionReading {
        partition: Partition { topic: topic.into(), number: statistics.partition },
        end,
        read_to: u64::try_from(statistics.next_offset).ok().filter(|_| is_read_out),
    })
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
