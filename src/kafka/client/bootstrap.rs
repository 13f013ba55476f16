//! The way back for a client that knows no broker any more.
//!
//! A broker that is shutting down may answer that the cluster has no brokers. librdkafka then lets go of those it knew, and
//! where their connections end in the same moment it forgets to start again from its first addresses: it waits for ever,
//! without an error (confluentinc/librdkafka#5301, in 2.12 to 2.15 at least). Its statistics show that no broker is left.

use std::ffi::CString;

use rdkafka::bindings::rd_kafka_brokers_add;
use rdkafka::client::{Client, ClientContext};

/// Gives a client these addresses ("host:port,…") to ask for the cluster. Those that it has already change nothing.
#[allow(unsafe_code, reason = "rdkafka has no call for it")]
pub(super) fn give_addresses<C: ClientContext>(client: &Client<C>, servers: &str) {
    // librdkafka took the same text without complaint when it made the client.
    let Ok(servers) = CString::new(servers) else { return };
    // SAFETY: `client` keeps the handle alive for the call, which any thread may make; the text is copied.
    let known = unsafe { rd_kafka_brokers_add(client.native_ptr(), servers.as_ptr()) };
    tracing::debug!(known, "addresses to bootstrap from");
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::disallowed_methods,
        clippy::indexing_slicing,
        reason = "tests fail by panicking"
    )]

    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use rdkafka::config::{ClientConfig, FromClientConfigAndContext as _};
    use rdkafka::consumer::{BaseConsumer, Consumer as _};

    use crate::desk::ledger::Ledger;
    use crate::kafka::client::Logged;
    use crate::telemetry::metrics::Metrics;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// How often the broker goes: two of five times librdkafka forgets to begin again.
    const ROUNDS: usize = 6;
    /// So many that the connection has ended before they are read.
    const TOPICS: i32 = 20_000;

    /// Keys of the requests that the broker below answers.
    const METADATA: i16 = 3;
    const API_VERSIONS: i16 = 18;
    const UNSUPPORTED_VERSION: i16 = 35;

    /// One answer of Kafka's protocol, as its bytes.
    #[derive(Default)]
    struct Answer(Vec<u8>);

    impl Answer {
        fn int16(mut self, value: i16) -> Self {
            self.0.extend(value.to_be_bytes());
            self
        }

        fn int32(mut self, value: i32) -> Self {
            self.0.extend(value.to_be_bytes());
            self
        }

        fn text(mut self, value: &str) -> Self {
            self = self.int16(i16::try_from(value.len()).unwrap());
            self.0.extend(value.as_bytes());
            self
        }

        /// The oldest form of the answer, which every client reads: which requests are understood, in which versions.
        fn versions(error: i16) -> Self {
            let versions = Self::default().int16(error).int32(2);
            versions.int16(METADATA).int16(0).int16(4).int16(API_VERSIONS).int16(0).int16(0)
        }

        /// The brokers, of which there is one at that address or none, and so many topics that reading them takes a while.
        fn metadata(broker: Option<SocketAddr>, topics: i32) -> Self {
            let mut answer = Self::default().int32(0).int32(i32::from(broker.is_some()));
            if let Some(address) = broker {
                answer = answer.int32(1).text("127.0.0.1").int32(i32::from(address.port())).int16(-1);
            }
            // No name of the cluster, no controller.
            answer = answer.int16(-1).int32(-1).int32(topics);
            for topic in 0..topics {
                answer = answer.int16(0).text(&format!("topic-{topic:0>100}"));
                answer.0.push(0);
                answer = answer.int32(1).int16(0).int32(0).int32(1).int32(0).int32(0);
            }
            answer
        }
    }

    /// Sends an answer to the request of that number.
    fn send(connection: &mut TcpStream, number: &[u8], answer: &Answer) {
        let length = i32::try_from(number.len() + answer.0.len()).unwrap();
        connection.write_all(&[&length.to_be_bytes(), number, &answer.0].concat()).unwrap();
    }

    /// Says which requests are understood until one asks for the brokers; its number, or nothing where the client is gone.
    fn asked_for_brokers(connection: &mut TcpStream) -> Option<Vec<u8>> {
        loop {
            let mut length = [0; 4];
            connection.read_exact(&mut length).ok()?;
            let mut request = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
            connection.read_exact(&mut request).unwrap();
            let int16 = |at: usize| i16::from_be_bytes([request[at], request[at + 1]]);
            let number = &request[4..8];
            match (int16(0), int16(2)) {
                (METADATA, _) => return Some(number.to_vec()),
                (API_VERSIONS, 0) => send(connection, number, &Answer::versions(0)),
                (API_VERSIONS, _) => send(connection, number, &Answer::versions(UNSUPPORTED_VERSION)),
                other => panic!("request {other:?}"),
            }
        }
    }

    /// Takes connections until one asks for the brokers. With the answer it is gone: nobody can connect any more.
    fn answer_once(address: SocketAddr, metadata: &Answer) {
        let until = Instant::now() + PATIENCE;
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        while Instant::now() < until {
            let Ok((mut connection, _)) = listener.accept() else {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            connection.set_nonblocking(false).unwrap();
            connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            if let Some(number) = asked_for_brokers(&mut connection) {
                drop(listener);
                send(&mut connection, &number, metadata);
                return;
            }
        }
        panic!("nobody asks for the brokers");
    }

    /// Without the addresses given again it asks no more, and [`answer_once`] fails.
    #[test]
    fn a_client_that_was_told_of_no_brokers_finds_them_again() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let metrics = Arc::new(Metrics::new(Ledger::default()).unwrap());
        let mut properties = ClientConfig::new();
        properties
            .set("bootstrap.servers", address.to_string())
            .set("statistics.interval.ms", "100")
            .set("reconnect.backoff.max.ms", "200");
        let context = Logged::observed("changelog", &metrics, &address.to_string());
        let consumer: BaseConsumer<Logged> = BaseConsumer::from_config_and_context(&properties, context).unwrap();
        // Hears its statistics and asks.
        let asked = || {
            assert!(!matches!(consumer.poll(Duration::from_millis(50)), Some(Ok(_))));
            consumer.fetch_metadata(Some("topic-0"), Duration::from_millis(500))
        };
        let ask_until = |answered: std::thread::ScopedJoinHandle<'_, ()>| {
            while !answered.is_finished() {
                consumer.context().find_brokers(consumer.client());
                drop(asked());
            }
            answered.join().unwrap();
        };
        std::thread::scope(|scope| {
            let answer = |metadata: Answer| ask_until(scope.spawn(move || answer_once(address, &metadata)));
            for _ in 0..ROUNDS {
                answer(Answer::metadata(Some(address), 1));
                answer(Answer::metadata(None, TOPICS));
            }
            answer(Answer::metadata(Some(address), 1));
        });
    }
}
