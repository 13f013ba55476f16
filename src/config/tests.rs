use std::ffi::OsString;

use super::load::PropertyCheck;
use super::*;

mod conflicts;
mod documents;
mod layers;
mod mistakes;
mod secrets;

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Loads a file `site.toml` of this text, these variables and these arguments.
fn load(toml: &str, variables: &[(&str, &str)], arguments: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    std::fs::write(&file, toml).unwrap();
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let accepts: PropertyCheck = |name, value| match (name, value) {
        ("no.such", _) => Err(PropertyRefusal::Unknown),
        (_, "unfit") => Err(PropertyRefusal::Value),
        _ => Ok(()),
    };
    let name = format!("{}/", folder.path().display());
    Loaded::layered(&[file], variables, &owned(arguments), accepts).map_err(|mut error| {
        // A test knows its file, not the folder that it is in.
        for mistake in &mut error.mistakes {
            mistake.problem = mistake.problem.replace(&name, "");
            for setting in &mut mistake.settings {
                setting.origin = setting.origin.replace(&name, "");
            }
        }
        error
    })
}

/// The mistakes in a file, as they are told.
fn mistakes(toml: &str) -> Vec<String> {
    load(toml, &[], &[]).map(|_| Vec::new()).unwrap_or_else(told)
}

fn told(error: ConfigError) -> Vec<String> {
    error.mistakes.iter().map(ToString::to_string).collect()
}
