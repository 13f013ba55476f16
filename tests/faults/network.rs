//! The way to the broker is bad: toxiproxy stands between (`deploy/toxiproxy.sh`).

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Extent;
use super::harness::{Stream, Tally};
use crate::support::kafka::{Broker, eventually};

/// A running toxiproxy with a proxy before each broker. Killed when dropped, by its own process id.
struct Proxy {
    server: Child,
    api: String,
}

impl Proxy {
    fn start(brokers: &[(String, String)]) -> Self {
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/toxiproxy.sh");
        let found = Command::new("bash").arg(script).stdin(Stdio::null()).output().unwrap();
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
        let program = String::from_utf8(found.stdout).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Command::new(program.trim())
            .args(["-host", "127.0.0.1", "-port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let proxy = Self { server, api: format!("http://127.0.0.1:{port}/proxies") };
        for (node, (listen, upstream)) in brokers.iter().enumerate() {
            let description = serde_json::json!({"name": node.to_string(), "listen": listen, "upstream": upstream});
            eventually("the proxy stands", || proxy.post("", &description).then_some(()));
        }
        proxy
    }

    /// Does this to what the broker of this number, from 0, sends from now on.
    fn add(&self, node: usize, toxic: &str, attributes: serde_json::Value) {
        let toxic = serde_json::json!({"name": toxic, "type": toxic, "attributes": attributes});
        assert!(self.post(&format!("/{node}/toxics"), &toxic), "{toxic}");
    }

    fn remove(&self, node: usize, toxic: &str) {
        let client = reqwest::blocking::Client::new();
        let answer = client.delete(format!("{}/{node}/toxics/{toxic}", self.api)).send().unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> bool {
        let client = reqwest::blocking::Client::new();
        let sent = client.post(format!("{}{path}", self.api)).body(body.to_string()).send();
        sent.is_ok_and(|answer| answer.status().is_success())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

/// Runs a stream through a proxy that does this for a while under load, and then no more.
fn through(
    toxic: &str,
    attributes: serde_json::Value,
    settings: &[(&str, &str)],
    disturb: impl Fn(&mut Stream<'_>),
) -> Tally {
    let broker = Broker::start_proxied();
    let behind = broker.behind_proxy();
    let proxy = Proxy::start(&behind);
    let mut stream = Stream::new(&broker, &[&[("kafka.bootstrap_servers", behind[0].0.as_str())], settings].concat());
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 600);
    proxy.add(0, toxic, attributes);
    disturb(&mut stream);
    proxy.remove(0, toxic);
    stream.feed(200);
    stream.finish(service)
}

/// Three times the session timeout of these streams: the member is given up.
fn outlast_the_session(_: &mut Stream<'_>) {
    std::thread::sleep(Duration::from_secs(9));
}

/// Every connection is reset as soon as the broker answers.
pub fn connections_reset(_: &Broker, _: Extent) -> Tally {
    through("reset_peer", serde_json::json!({"timeout": 0}), &[], outlast_the_session)
}

/// Connections stay open, and no answer comes, for longer than the session timeout.
pub fn black_hole(_: &Broker, _: Extent) -> Tally {
    through("timeout", serde_json::json!({"timeout": 0}), &[], outlast_the_session)
}

/// Each answer takes 400 ms, and a transaction five of them: slower, and nothing else.
pub fn slow(_: &Broker, _: Extent) -> Tally {
    let settings = [("delivery.transaction_timeout", "15s"), ("batch.max_records", "100")];
    through("latency", serde_json::json!({"latency": 400}), &settings, |stream| {
        let before = stream.desk.committed();
        stream.feed(300);
        eventually("it works on", || (stream.desk.committed() > before + 100).then_some(()));
    })
}

/// Of three brokers one after another cannot be reached, first because its connections are reset, then because it does not
/// answer, for longer than the session timeout; the brokers reach each other.
pub fn one_of_three_out_of_reach(_: &Broker, _: Extent) -> Tally {
    let cluster = Broker::start_three_proxied();
    let behind = cluster.behind_proxy();
    let proxy = Proxy::start(&behind);
    let servers: Vec<&str> = behind.iter().map(|(listen, _)| listen.as_str()).collect();
    let mut stream = Stream::new(&cluster, &[("kafka.bootstrap_servers", &servers.join(","))]);
    let mut service = stream.desk.start("one");
    stream.put_under_load(&mut [&mut service], 300);
    for toxic in ["reset_peer", "timeout"] {
        for node in 0..3 {
            proxy.add(node, toxic, serde_json::json!({"timeout": 0}));
            stream.feed(100);
            outlast_the_session(&mut stream);
            proxy.remove(node, toxic);
            stream.put_under_load(&mut [&mut service], 100);
        }
    }
    stream.finish(service)
}
