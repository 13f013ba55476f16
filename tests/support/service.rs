//! The `copydesk` program as a process of its own.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for anything that the service does by itself.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_copydesk");

/// A command of it.
pub fn copydesk() -> Command {
    without_settings(Command::new(PROGRAM))
}

/// As [`copydesk`], without room on the disk, once [`Service::limit_files`] says so: writes fail, instead of ending the
/// process with the signal that the limit sends by default.
pub fn copydesk_on_a_full_disk() -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", PROGRAM]);
    without_settings(command)
}

fn without_settings(mut command: Command) -> Command {
    // A developer's own settings are none of the tests' business.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("COPYDESK_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A running `copydesk run`. Killed when dropped, by its own process id.
pub struct Service {
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts it with these settings (`section.key`, value); its log goes to a file in `folder`.
    pub fn start(folder: &Path, name: &str, settings: &[(String, String)]) -> Self {
        Self::start_by(copydesk(), folder, name, settings)
    }

    /// As `start`, by a command that ends with the program.
    pub fn start_by(command: Command, folder: &Path, name: &str, settings: &[(String, String)]) -> Self {
        Self::start_over(&[], command, folder, name, settings)
    }

    /// As `start_by`, over files of configuration.
    pub fn start_over(
        configs: &[PathBuf],
        mut command: Command,
        folder: &Path,
        name: &str,
        settings: &[(String, String)],
    ) -> Self {
        command.args(["run", "--set", "telemetry.listen=127.0.0.1:0", "--set", "telemetry.log_format=json"]);
        for config in configs {
            command.arg("--config").arg(config);
        }
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command.stdout(Stdio::null());
        Self::spawn(folder, name, command)
    }

    /// From standard input to standard output, both of which are the test's.
    pub fn start_on_pipes(folder: &Path, name: &str, settings: &[&str]) -> (Self, ChildStdin, ChildStdout) {
        let mut command = copydesk();
        command.args(["run", "--source", "stdin", "--sink", "stdout", "--set", "telemetry.listen=127.0.0.1:0"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut service = Self::spawn(folder, name, command);
        let (stdin, stdout) = (service.child.stdin.take().unwrap(), service.child.stdout.take().unwrap());
        (service, stdin, stdout)
    }

    /// Starts any program that says on standard error how far it is.
    pub fn spawn(folder: &Path, name: &str, mut command: Command) -> Self {
        let log = (0..).map(|n| folder.join(format!("{name}-{n}.log"))).find(|log| !log.exists()).unwrap();
        let child = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        Self { child, log }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Address of its HTTP server, once it has one.
    pub fn address(&mut self) -> String {
        self.wait_for("the metrics server", |log| {
            let (_, rest) = log.split_once("metrics at http://")?;
            Some(rest.split('/').next().unwrap().to_owned())
        })
    }

    /// Asks the log until the answer is there; fails at once when the process has ended.
    pub fn wait_for<T>(&mut self, what: &str, mut ask: impl FnMut(&str) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            if let Some(answer) = ask(&log) {
                return answer;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the service ended with {status} before {what}:\n{log}");
            }
            assert!(Instant::now() < until, "{what} has not come:\n{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Body and status of a page of its HTTP server.
    pub fn get(&mut self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.address());
        let response = reqwest::blocking::get(url).unwrap();
        (response.status().as_u16(), response.text().unwrap())
    }

    /// One scrape: its metrics by series. The ledger adds up in every one.
    pub fn metrics(&mut self) -> BTreeMap<String, f64> {
        let (status, text) = self.get("/metrics");
        assert_eq!(status, 200, "{text}");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let metrics: BTreeMap<String, f64> = lines
            .map(|line| line.rsplit_once(' ').unwrap())
            .map(|(series, value)| (series.to_owned(), value.parse().unwrap()))
            .collect();
        let sum = outcomes(&metrics).values().sum::<f64>() + metrics["copydesk_in_flight_deliveries"];
        assert_eq!(metrics["copydesk_deliveries_total"], sum, "conservation: {metrics:#?}");
        metrics
    }

    /// What one scrape says of the ledger: (received, outcomes by name).
    pub fn conserved(&mut self) -> (f64, BTreeMap<String, f64>) {
        let metrics = self.metrics();
        (metrics["copydesk_deliveries_total"], outcomes(&metrics))
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// SIGSTOP: it lives, and does nothing until [`Self::thaw`].
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// No file of the process may grow beyond this, from now on; "unlimited" ends that.
    pub fn limit_files(&self, bytes: &str) {
        let limit = format!("--fsize={bytes}:");
        let limited = Command::new("prlimit").args(["--pid", &self.child.id().to_string(), &limit]).status().unwrap();
        assert!(limited.success());
    }

    fn signal(&self, signal: &str) {
        let signalled = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(signalled.success());
    }

    /// SIGTERM, and the exit that follows.
    pub fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.exit()
    }

    /// The exit, which must come by itself.
    pub fn exit(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "did not stop:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

/// Outcomes by name.
fn outcomes(metrics: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let named = metrics.iter().filter_map(|(series, value)| {
        let name = series.strip_prefix("copydesk_outcomes_total{outcome=\"")?.strip_suffix("\"}")?;
        Some((name.to_owned(), *value))
    });
    named.collect()
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.is_running() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}
