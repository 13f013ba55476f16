//! The ledger as metrics.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, IntCounter, IntCounterVec};

use super::catalogue::{Family, Kind};
use crate::desk::ledger::{Ledger, Outcome};

const RECEIVED: Family = Family {
    name: "copydesk_deliveries_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Deliveries read from the input.",
    alert: "",
};
const OUTCOMES: Family = Family {
    name: "copydesk_outcomes_total",
    kind: Kind::Counter,
    labels: &["outcome"],
    help: "Deliveries by how they ended; with those in flight they sum to copydesk_deliveries_total.",
    alert: "The share of `rejected`, and of `suppressed`, when it jumps.",
};
const IN_FLIGHT: Family = Family {
    name: "copydesk_in_flight_deliveries",
    kind: Kind::Gauge,
    labels: &[],
    help: "Deliveries without an outcome yet.",
    alert: "",
};

pub(super) const FAMILIES: &[Family] = &[RECEIVED, OUTCOMES, IN_FLIGHT];

/// Shows the ledger as one consistent reading: at every scrape the deliveries are the outcomes and those in flight.
#[derive(Debug)]
pub(super) struct Conservation {
    ledger: Ledger,
    received: IntCounter,
    outcomes: IntCounterVec,
    in_flight: Gauge,
}

impl Conservation {
    pub(super) fn new(ledger: Ledger) -> Result<Self, prometheus::Error> {
        Ok(Self {
            ledger,
            received: IntCounter::new(RECEIVED.name, RECEIVED.help)?,
            outcomes: OUTCOMES.counters()?,
            in_flight: Gauge::new(IN_FLIGHT.name, IN_FLIGHT.help)?,
        })
    }
}

impl Collector for Conservation {
    fn desc(&self) -> Vec<&Desc> {
        [self.received.desc(), self.outcomes.desc(), self.in_flight.desc()].concat()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let counts = self.ledger.read();
        self.received.reset();
        self.received.inc_by(counts.received);
        for outcome in Outcome::ALL {
            let counter = self.outcomes.with_label_values(&[outcome.label()]);
            counter.reset();
            counter.inc_by(counts.of(outcome));
        }
        self.in_flight.set(counts.in_flight as f64);
        [self.received.collect(), self.outcomes.collect(), self.in_flight.collect()].concat()
    }
}
