//! The sources, checked entry by entry and laid over each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use config::{Map, Source as _, Value, ValueKind};

use super::examine::examine;
use super::layers::{self, Entry, Layer, PROPERTIES};
use super::mistake::{ConfigError, Mistake};
use super::typed::typed;
use super::{Config, PropertyRefusal, check, reference};

/// A configuration with the origin of each of its keys.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What was merged: sections, keys, values with their origins.
    tree: Map<String, Value>,
    /// Where a value came from a file or a variable by reference: the reference, by key.
    references: BTreeMap<String, String>,
}

/// What librdkafka says to a property's name and value.
pub(super) type PropertyCheck = fn(&str, &str) -> Result<(), PropertyRefusal>;

/// What is known of the sources so far.
#[derive(Default)]
struct Sources {
    entries: Vec<Entry>,
    mistakes: Vec<Mistake>,
}

impl Sources {
    fn add(&mut self, (entries, mistakes): (Vec<Entry>, Vec<Mistake>)) {
        self.entries.extend(entries);
        self.mistakes.extend(mistakes);
    }
}

impl Loaded {
    /// Reads defaults, then each file, then the environment, then `overrides` (`section.key`, value), and checks each
    /// entry and the result. `accepts` says whether librdkafka takes a property.
    ///
    /// # Errors
    /// Names every mistake of every source.
    pub fn read(
        files: &[PathBuf],
        overrides: &[(String, String)],
        accepts: PropertyCheck,
    ) -> Result<Self, ConfigError> {
        Self::layered(files, std::env::vars_os(), overrides, accepts)
    }

    pub(super) fn layered(
        files: &[PathBuf],
        variables: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
        overrides: &[(String, String)],
        accepts: PropertyCheck,
    ) -> Result<Self, ConfigError> {
        let mut sources = Sources::default();
        for file in files {
            sources.add(layers::of_file(file));
        }
        sources.add(layers::of_variables(variables));
        sources.add((layers::of_arguments(overrides), Vec::new()));
        let (defaults, broken) = layers::of_defaults();
        sources.mistakes.extend(broken);
        merge(&defaults, sources, accepts)
    }

    /// What counts for a key; `None` where an optional key has no value.
    pub(super) fn entry(&self, key: &str) -> Option<Entry> {
        let value = value(&self.tree, key)?.clone();
        Some(Entry { key: key.to_owned(), value, reference: self.references.get(key).cloned() })
    }
}

fn value<'t>(tree: &'t Map<String, Value>, key: &str) -> Option<&'t Value> {
    let inner = |value: &'t Value| if let ValueKind::Table(table) = &value.kind { Some(table) } else { None };
    let (section, name) = key.split_once('.')?;
    let section = inner(tree.get(section)?)?;
    match key.strip_prefix(PROPERTIES) {
        Some(property) => inner(section.get("properties")?)?.get(property),
        None => section.get(name),
    }
}

/// What examining the entries of all sources gave.
#[derive(Default)]
struct Examined {
    sound: Vec<Entry>,
    /// The reference of each key whose value that counts was had from one.
    references: BTreeMap<String, String>,
    /// Keys that someone meant to set, and did not.
    unset: BTreeSet<String>,
    mistakes: Vec<Mistake>,
}

impl Examined {
    fn of(entries: Vec<Entry>, defaults: &[Entry], accepts: PropertyCheck) -> Self {
        let mut examined = Self::default();
        for mut entry in entries {
            match examine(&mut entry, defaults, accepts) {
                Ok(()) => {
                    match &entry.reference {
                        Some(reference) => examined.references.insert(entry.key.clone(), reference.clone()),
                        None => examined.references.remove(&entry.key),
                    };
                    examined.sound.push(entry);
                }
                Err(mistake) => {
                    examined.unset.extend(reference::nearest(&entry.key).map(str::to_owned));
                    examined.mistakes.push(mistake);
                }
            }
        }
        examined
    }
}

fn merge(defaults: &[Entry], sources: Sources, accepts: PropertyCheck) -> Result<Loaded, ConfigError> {
    let is_whole = sources.mistakes.is_empty();
    let mut mistakes = sources.mistakes;
    let examined = Examined::of(sources.entries, defaults, accepts);
    mistakes.extend(examined.mistakes);
    let merged = laid_over(defaults, examined.sound)
        .map_err(|error| error.to_string())
        .and_then(|tree| Ok((typed(Value::new(None, tree.clone())).map_err(|misfit| misfit.to_string())?, tree)));
    let (mut config, tree): (Config, _) = match merged {
        Ok(merged) => merged,
        Err(problem) => {
            mistakes.push(Mistake::of_source("all sources together", problem, "report this"));
            return Err(ConfigError { mistakes });
        }
    };
    for key in examined.references.keys() {
        if let Some(property) = key.strip_prefix(PROPERTIES) {
            config.kafka.properties.hide(property);
        }
    }
    let loaded = Loaded { config, tree, references: examined.references };
    // What is checked against a value that is not the one that was meant says nothing.
    if is_whole {
        let conflicts = check::conflicts(&loaded.config).into_iter();
        let conflicts = conflicts.filter(|conflict| !conflict.keys.iter().any(|key| examined.unset.contains(*key)));
        mistakes.extend(conflicts.map(|conflict| Mistake {
            settings: conflict.keys.iter().filter_map(|key| loaded.entry(key)).map(|entry| entry.told()).collect(),
            problem: conflict.problem,
            mend: conflict.mend,
        }));
    }
    if mistakes.is_empty() { Ok(loaded) } else { Err(ConfigError { mistakes }) }
}

/// The merged sources.
pub(super) fn laid_over(defaults: &[Entry], entries: Vec<Entry>) -> Result<Map<String, Value>, config::ConfigError> {
    let layers =
        config::Config::builder().add_source(Layer::of(defaults.iter().cloned())).add_source(Layer::of(entries));
    layers.build()?.collect()
}
