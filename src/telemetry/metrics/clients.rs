//! What librdkafka's clients say of themselves, every `telemetry.statistics_interval`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, IntCounterVec};

use super::catalogue::{Family, Kind};

/// The clients that are polled all the time, and so can tell.
const CLIENTS: [&str; 3] = ["source", "sink", "changelog"];

const QUEUE_MESSAGES: Family = Family {
    name: "copydesk_rdkafka_queue_messages",
    kind: Kind::Gauge,
    labels: &["client"],
    help: "Messages that a client holds: fetched and not read yet (`source`, `changelog`), or not acknowledged yet (`sink`).",
    alert: "",
};
const QUEUE_BYTES: Family = Family {
    name: "copydesk_rdkafka_queue_bytes",
    kind: Kind::Gauge,
    labels: &["client"],
    help: "Bytes of the messages that a client holds.",
    alert: "",
};
const BROKER_UP: Family = Family {
    name: "copydesk_rdkafka_broker_up",
    kind: Kind::Gauge,
    labels: &["client", "broker"],
    help: "1 while a client is connected to a broker. A client connects only to brokers that it needs.",
    alert: "All of a client at 0: the brokers are away.",
};
const RTT: Family = Family {
    name: "copydesk_rdkafka_broker_rtt_seconds",
    kind: Kind::Gauge,
    labels: &["client", "broker", "statistic"],
    help: "Time of requests to a broker in the last interval, `mean` and `p99`; fetches wait for data.",
    alert: "",
};
const ERRORS: Family = Family {
    name: "copydesk_rdkafka_broker_errors_total",
    kind: Kind::Counter,
    labels: &["client", "broker", "direction"],
    help: "Requests that could not be sent (`tx`) and responses that could not be read (`rx`).",
    alert: "A steady rate.",
};
const TIMEOUTS: Family = Family {
    name: "copydesk_rdkafka_broker_request_timeouts_total",
    kind: Kind::Counter,
    labels: &["client", "broker"],
    help: "Requests that a broker did not answer in time.",
    alert: "A steady rate.",
};

pub(super) const FAMILIES: &[Family] = &[QUEUE_MESSAGES, QUEUE_BYTES, BROKER_UP, RTT, ERRORS, TIMEOUTS];

/// A client's own statistics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientReading {
    /// Messages in its queues.
    pub queue_messages: u64,
    /// Bytes of them.
    pub queue_bytes: u64,
    /// The brokers of the cluster, by id.
    pub brokers: BTreeMap<i32, BrokerReading>,
}

/// A client's connection to one broker.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BrokerReading {
    /// Whether it is connected.
    pub is_up: bool,
    /// Mean and 99th percentile of the last interval's requests, in seconds, where there were any.
    pub rtt_seconds: Option<(f64, f64)>,
    /// Requests that could not be sent, since the client began.
    pub tx_errors: u64,
    /// Responses that could not be read, since the client began.
    pub rx_errors: u64,
    /// Requests without an answer in time, since the client began.
    pub timeouts: u64,
}

/// The last reading of each client. Brokers that have left the cluster leave the metrics.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    readings: Arc<Mutex<BTreeMap<&'static str, ClientReading>>>,
    queue_messages: GaugeVec,
    queue_bytes: GaugeVec,
    up: GaugeVec,
    rtt: GaugeVec,
    errors: IntCounterVec,
    timeouts: IntCounterVec,
}

impl Clients {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let readings = CLIENTS.into_iter().map(|client| (client, ClientReading::default())).collect();
        Ok(Self {
            readings: Arc::new(Mutex::new(readings)),
            queue_messages: QUEUE_MESSAGES.gauges()?,
            queue_bytes: QUEUE_BYTES.gauges()?,
            up: BROKER_UP.gauges()?,
            rtt: RTT.gauges()?,
            errors: ERRORS.counters()?,
            timeouts: TIMEOUTS.counters()?,
        })
    }

    pub(super) fn read(&self, client: &'static str, reading: ClientReading) {
        self.lock().insert(client, reading);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, ClientReading>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, client: &str, reading: &ClientReading) {
        self.queue_messages.with_label_values(&[client]).set(reading.queue_messages as f64);
        self.queue_bytes.with_label_values(&[client]).set(reading.queue_bytes as f64);
        for (id, broker) in &reading.brokers {
            let id = id.to_string();
            self.up.with_label_values(&[client, &id]).set(f64::from(u8::from(broker.is_up)));
            if let Some((mean, p99)) = broker.rtt_seconds {
                self.rtt.with_label_values(&[client, &id, "mean"]).set(mean);
                self.rtt.with_label_values(&[client, &id, "p99"]).set(p99);
            }
            self.errors.with_label_values(&[client, &id, "tx"]).inc_by(broker.tx_errors);
            self.errors.with_label_values(&[client, &id, "rx"]).inc_by(broker.rx_errors);
            self.timeouts.with_label_values(&[client, &id]).inc_by(broker.timeouts);
        }
    }
}

impl Collector for Clients {
    fn desc(&self) -> Vec<&Desc> {
        [
            self.queue_messages.desc(),
            self.queue_bytes.desc(),
            self.up.desc(),
            self.rtt.desc(),
            self.errors.desc(),
            self.timeouts.desc(),
        ]
        .concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        for gauges in [&self.queue_messages, &self.queue_bytes, &self.up, &self.rtt] {
            gauges.reset();
        }
        for counters in [&self.errors, &self.timeouts] {
            counters.reset();
        }
        for (client, reading) in self.lock().iter() {
            self.show(client, reading);
        }
        [
            self.queue_messages.collect(),
            self.queue_bytes.collect(),
            self.up.collect(),
            self.rtt.collect(),
            self.errors.collect(),
            self.timeouts.collect(),
        ]
        .concat()
    }
}
