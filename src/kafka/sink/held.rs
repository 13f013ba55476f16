//! What the group holds as committed: the last word on what became of a transaction.

use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::config::Config;
use crate::kafka::KafkaError;
use crate::kafka::client::{Logged, Trouble, list_of, positions_of, properties};
use crate::sink::SinkError;
use crate::source::{NextOffset, Partition, Positions};

/// Name of the client in logs.
const CLIENT: &str = "offsets";

/// One call to the coordinator.
const CALL: Duration = Duration::from_secs(5);

/// Time for the coordinator to answer. It gives none while a transaction that holds offsets is open, and one that it does not
/// end itself stays so.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the input resumes after the last batch whose commit was acknowledged.
#[derive(Default)]
pub(super) struct Acknowledged(Positions);

impl Acknowledged {
    /// A batch that ends there is committed.
    pub(super) fn note(&mut self, positions: &Positions) {
        self.0.clone_from(positions);
    }

    /// After an abort: what was acknowledged before it must still be so. Brokers of some versions end a transaction without
    /// saying so to partitions that have no leader (KAFKA-20734), and the abort of the next one then ends both.
    ///
    /// # Errors
    /// `TakenBack` where the group holds less; `Fatal` where there is no answer.
    pub(super) fn confirm(&self, config: &Config, trouble: &mut Trouble) -> Result<(), SinkError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let held = held(config, &self.0, trouble)?;
        let lost = held.iter().find_map(|(partition, held)| {
            let acknowledged = self.0.get(partition).filter(|acknowledged| held < acknowledged)?;
            Some((partition, held, acknowledged))
        });
        lost.map_or(Ok(()), |(Partition { topic, number }, NextOffset(held), NextOffset(acknowledged))| {
            let reason = format!("the group holds {held} of {topic}/{number}, {acknowledged} was acknowledged");
            Err(SinkError::TakenBack { reason })
        })
    }
}

/// The committed offsets of these partitions; those that have none are left out.
///
/// # Errors
/// `Fatal` where there is no answer in [`PATIENCE`].
pub(super) fn held(config: &Config, of: &Positions, trouble: &mut Trouble) -> Result<Positions, SinkError> {
    ask(config, of, trouble).map_err(|error| SinkError::Fatal {
        reason: format!("{error}: where this stays so, a broker has left a transaction open"),
    })
}

/// Asks by a consumer of its own, which joins nothing: those at work may be waiting for a broker that has gone.
fn ask(config: &Config, of: &Positions, trouble: &mut Trouble) -> Result<Positions, KafkaError> {
    let failed = |error| KafkaError::Client { client: CLIENT, error };
    let mut properties: ClientConfig = properties(config, CLIENT)?;
    properties
        .set("group.id", &config.kafka.group_id)
        .set("enable.auto.commit", "false")
        // Offsets of an open transaction are none yet.
        .set("isolation.level", "read_committed");
    let list = list_of(of.keys());
    let until = Instant::now() + PATIENCE;
    let committed = loop {
        // A new one each time: one that was told of no brokers asks nobody any more.
        let consumer: BaseConsumer<Logged> = properties.create_with_context(Logged::new(CLIENT)).map_err(failed)?;
        match consumer.committed_offsets(list.clone(), CALL) {
            Ok(committed) => break committed,
            Err(error) if Instant::now() < until => trouble.report("reading the group's offsets", &error),
            Err(error) => return Err(failed(error)),
        }
    };
    trouble.over("reading the group's offsets");
    Ok(positions_of(&committed))
}
