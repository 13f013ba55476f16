//! Arguments that set configuration.

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
