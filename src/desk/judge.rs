//! One delivery's verdict, and what it publishes.

use super::adjudicator::BatchLimits;
use super::batch::Entry;
use super::extract::Extracted;
use super::ledger::Outcome;
use super::outputs;
use crate::index::{IndexError, Layers};
use crate::record::{Request, rfc3339};
use crate::rejection::Rejection;
use crate::sink::Output;
use crate::telemetry::metrics::{Metrics, Step};
use crate::verdict::{Policy, Question, Retraction, Verdict, adjudicate, retract};

/// Judges a delivery by the evidence so far.
///
/// # Errors
/// Where the index cannot be read.
pub(super) fn judge(
    extracted: Extracted,
    evidence: Layers<'_>,
    policy: Policy,
    limits: BatchLimits,
    metrics: &Metrics,
) -> Result<(Entry, Vec<Output>), IndexError> {
    #[allow(clippy::disallowed_methods, reason = "stamped on the record, read by no verdict")]
    let now = rfc3339(jiff::Timestamp::now().as_millisecond());
    let judged = match &extracted.request {
        Ok(Request::Publish(candidate)) => {
            let question = Question {
                delivery: &extracted.delivery.coordinate,
                event_time_ms: extracted.delivery.event_time_ms,
                fingerprint: &candidate.fingerprint,
            };
            let decision = metrics.time(Step::Adjudicate, || adjudicate(question, &evidence, policy))?;
            let published = metrics.time(Step::Encode, || {
                if decision.publish {
                    outputs::record(&extracted.delivery, candidate, &decision, &now, limits.max_record_bytes)
                        .map(|record| vec![record])
                } else {
                    outputs::duplicate(&extracted.delivery, candidate, &decision, &now).map(Vec::from_iter)
                }
            });
            let outcome = if decision.publish { Outcome::Published } else { Outcome::Suppressed };
            published.map(|outputs| (decision, outcome, outputs))
        }
        Ok(Request::Retract(withdrawal)) => {
            let retraction = Retraction {
                delivery: &extracted.delivery.coordinate,
                event_time_ms: extracted.delivery.event_time_ms,
                payload: withdrawal.payload,
                named: &withdrawal.named,
            };
            let decision = retract(retraction, &evidence, policy)?;
            let published = if decision.publish {
                outputs::retraction(&extracted.delivery, withdrawal, &decision, &now)
            } else {
                Ok(Vec::new())
            };
            let is_repetition = decision.verdict == Verdict::Replayed && !decision.publish;
            let outcome = if is_repetition { Outcome::Suppressed } else { Outcome::Retracted };
            published.map(|outputs| (decision, outcome, outputs))
        }
        Err(rejection) => Err(rejection.clone()),
    };
    Ok(match judged {
        Ok((decision, outcome, outputs)) => (Entry { extracted, decision: Some(decision), outcome }, outputs),
        Err(rejection) => reject(extracted, rejection, limits, &now),
    })
}

/// A rejection makes no claim: after the cause is mended, a rewind tries the payload again.
fn reject(mut extracted: Extracted, rejection: Rejection, limits: BatchLimits, now: &str) -> (Entry, Vec<Output>) {
    let letter = outputs::dead_letter(&extracted.delivery, &rejection, now, limits.max_letter_bytes);
    extracted.request = Err(rejection);
    (Entry { extracted, decision: None, outcome: Outcome::Rejected }, vec![letter])
}
