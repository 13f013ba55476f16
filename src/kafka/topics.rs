//! Topics: made as the service needs them, and checked before it starts.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::config::FromClientConfigAndContext as _;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

use super::KafkaError;
use super::client::{Logged, Trouble, is_permanent, properties};
use crate::config::Config;

mod requirements;

use requirements::{Purpose, Requirement, Settings, State, findings, requirements};

/// One question to the cluster.
const CALL: Duration = Duration::from_secs(10);

/// Something about a topic that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic.
    pub topic: String,
    /// What is wrong.
    pub problem: String,
    /// What mends it.
    pub mend: String,
    /// Whether the service may start.
    pub severity: Severity,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.topic, self.problem, self.mend)
    }
}

/// What a finding does to the start of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The service does not start.
    Refuse,
    /// The service says so and starts.
    Warn,
}

/// What the topics of the configuration are like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    /// What does not fit. None: all is well.
    pub findings: Vec<Finding>,
    /// Whether the records topic is compacted, and so wants a tombstone where an article is taken back.
    pub compacts_records: bool,
    /// Id of the cluster; none where it has told none.
    pub cluster: Option<String>,
}

/// Checks every topic of the configuration. An empty list: all is well.
///
/// # Errors
/// Where the cluster cannot be asked.
pub async fn check(config: &Config) -> Result<Vec<Finding>, KafkaError> {
    examine(config).await.map(|examination| examination.findings)
}

async fn examine(config: &Config) -> Result<Examination, KafkaError> {
    let admin = admin(config)?;
    let existing = existing(&admin).await?;
    let mut all = Examination { cluster: cluster_id(&admin).await, ..Examination::default() };
    for requirement in requirements(config) {
        let state = if existing.contains(&requirement.topic) {
            State::Existing(settings_of(&admin, &requirement.topic).await?)
        } else {
            State::Missing
        };
        all.findings.extend(findings(&requirement, &state, config));
        all.compacts_records |= requirement.purpose == Purpose::Records && state.is_compacted();
    }
    Ok(all)
}

/// Examines the topics; where the cluster cannot be reached it is asked again until it can.
///
/// # Errors
/// Where the cluster refuses to answer.
pub async fn examine_when_reachable(config: &Config) -> Result<Examination, KafkaError> {
    let mut trouble = Trouble::default();
    loop {
        match examine(config).await {
            Err(KafkaError::Client { error, .. }) if is_passing(&error) => {
                trouble.report("checking topics", &error);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            result => {
                trouble.over("checking topics");
                return result;
            }
        }
    }
}

/// Makes the topics that are missing; gives their names.
///
/// # Errors
/// Where the cluster cannot be asked, or refuses to make one.
pub async fn create(config: &Config) -> Result<Vec<String>, KafkaError> {
    let admin = admin(config)?;
    let known = existing(&admin).await?;
    let mut made = Vec::new();
    for requirement in requirements(config) {
        if !known.contains(&requirement.topic) && make(&admin, &requirement, config).await? {
            made.push(requirement.topic);
        }
    }
    // The controller has made them; each broker learns of them a moment later.
    let until = Instant::now() + CALL;
    while !existing(&admin).await?.is_superset(&made.iter().cloned().collect()) && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(made)
}

/// Makes a topic; `false` if someone else just did.
async fn make(admin: &AdminClient<Logged>, requirement: &Requirement, config: &Config) -> Result<bool, KafkaError> {
    let replication = TopicReplication::Fixed(config.topics.replication);
    let settings = requirement.settings_to_make(config);
    let mut topic = NewTopic::new(&requirement.topic, config.topics.partitions, replication);
    for (key, value) in &settings {
        topic = topic.set(key, value);
    }
    let options = AdminOptions::new().request_timeout(Some(CALL)).operation_timeout(Some(CALL));
    let results = admin.create_topics([&topic], &options).await.map_err(failed)?;
    match results.into_iter().next() {
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
        Some(Err((_, code))) => {
            Err(failed(ClientError::AdminOpCreation(format!("topic {}: {code}", requirement.topic))))
        }
        Some(Ok(_)) | None => Ok(true),
    }
}

/// The names of all topics. All are asked for, because asking for one by name can make it.
async fn existing(admin: &Arc<AdminClient<Logged>>) -> Result<BTreeSet<String>, KafkaError> {
    let admin = Arc::clone(admin);
    let names = tokio::task::spawn_blocking(move || {
        let metadata = admin.inner().fetch_metadata(None, CALL)?;
        Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
    });
    names.await.unwrap_or(Err(ClientError::Canceled)).map_err(failed)
}

/// Id of the cluster, which came with the names of its topics.
async fn cluster_id(admin: &Arc<AdminClient<Logged>>) -> Option<String> {
    let admin = Arc::clone(admin);
    tokio::task::spawn_blocking(move || admin.inner().fetch_cluster_id(CALL)).await.ok().flatten()
}

/// The settings of a topic; none where this client may not read them.
async fn settings_of(admin: &AdminClient<Logged>, topic: &str) -> Result<Settings, KafkaError> {
    let options = AdminOptions::new().request_timeout(Some(CALL));
    let results = admin.describe_configs([&ResourceSpecifier::Topic(topic)], &options).await.map_err(failed)?;
    match results.into_iter().next() {
        Some(Ok(resource)) => {
            Ok(resource.entries.into_iter().filter_map(|entry| entry.value.map(|value| (entry.name, value))).collect())
        }
        Some(Err(code)) => Err(failed(ClientError::AdminOp(code))),
        None => Ok(Settings::new()),
    }
}

fn admin(config: &Config) -> Result<Arc<AdminClient<Logged>>, KafkaError> {
    let properties = properties(config, "admin")?;
    AdminClient::from_config_and_context(&properties, Logged::new("admin")).map(Arc::new).map_err(failed)
}

fn failed(error: ClientError) -> KafkaError {
    KafkaError::Client { client: "admin", error }
}

/// Whether the cluster may answer the next time. `AdminOp` hides its code from `rdkafka_error_code`.
fn is_passing(error: &ClientError) -> bool {
    use RDKafkaErrorCode as Code;
    match error {
        ClientError::AdminOp(code) => matches!(
            code,
            Code::OperationTimedOut
                | Code::BrokerTransportFailure
                | Code::AllBrokersDown
                | Code::RequestTimedOut
                | Code::MessageTimedOut
                | Code::BrokerNotAvailable
                | Code::LeaderNotAvailable
                | Code::NotController
        ),
        ClientError::AdminOpCreation(_) | ClientError::ClientConfig(..) | ClientError::ClientCreation(_) => false,
        other => !is_permanent(other),
    }
}
