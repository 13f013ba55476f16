//! Arguments that set configuration.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::config::{Config, ConfigError, Loaded};
use crate::kafka;

/// Where the configuration comes from.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file; may be given several times, later ones win.
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Set one key, for example `--set batch.max_records=100`.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse)]
    set: Vec<(String, String)>,
}

impl ConfigArgs {
    pub(crate) fn load(&self) -> Result<Config, ConfigError> {
        self.read().map(|loaded| loaded.config)
    }

    /// The configuration with the origins of its keys.
    pub(crate) fn read(&self) -> Result<Loaded, ConfigError> {
        Loaded::read(&self.config, &self.set, kafka::accepts_property)
    }

    /// The same arguments again, for another process of this program.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let files = self.config.iter().flat_map(|file| ["--config".into(), file.clone().into_os_string()]);
        let set = self.set.iter().flat_map(|(key, value)| ["--set".into(), format!("{key}={value}").into()]);
        files.chain(set).collect()
    }

    /// What was read, in words.
    pub(crate) fn read_from(&self) -> String {
        let files = self.config.iter().map(|file| file.display().to_string());
        let sources: Vec<String> = std::iter::once("defaults".to_owned()).chain(files).collect();
        format!("{}, variables COPYDESK__*, --set", sources.join(", "))
    }
}

fn parse(argument: &str) -> Result<(String, String), String> {
    let (key, value) = argument.split_once('=').ok_or("expected KEY=VALUE, for example batch.max_records=100")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Given {
        #[command(flatten)]
        config: ConfigArgs,
    }

    #[test]
    fn another_process_gets_the_same_arguments() {
        let given = ["a.toml", "--set", "extract.threads=3", "--config", "b c.toml", "--set", "kafka.properties.x=y=z"];
        let given = Given::parse_from(["copydesk", "--config"].into_iter().chain(given)).config;
        let again = Given::parse_from(std::iter::once("copydesk".into()).chain(given.arguments())).config;
        assert_eq!((&again.config, &again.set), (&given.config, &given.set));
        assert_eq!(again.set.last(), Some(&("kafka.properties.x".to_owned(), "y=z".to_owned())));
        assert_eq!(again.config.len(), 2);
    }
}
