//! Arguments that set configuration.

use std::path::PathBuf;

use crate::config::{Config, ConfigError};

/// Where the configuration comes from.
#[derive(Debug, clap::Args)]
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
        Config::load(&self.config, &self.set)
    }
}

fn parse(argument: &str) -> Result<(String, String), String> {
    let (key, value) = argument.split_once('=').ok_or("expected KEY=VALUE, for example batch.max_records=100")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
