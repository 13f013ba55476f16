//! The sources, checked entry by entry and laid over each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use config::{Map, Source as _, Value, ValueKind};

use super::examine::examine;
use super::layers::{self, Entry, Layer, PROPERTIES};
use super::mistake::{ConfigError, Mistake};
use super::typed::typed;
use super::{Config, PropertyRefusal, check};

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

fn merge(defaults: &[Entry], sources: Sources, accepts: PropertyCheck) -> Result<Loaded, ConfigError> {
    let mut mistakes = sources.mistakes;
    let mut sound = Vec::new();
    let mut references = BTreeMap::new();
    let mut broken = BTreeSet::new();
    for mut entry in sources.entries {
        match examine(&mut entry, defaults, accepts) {
            Ok(()) => {
                match &entry.reference {
                    Some(reference) => references.insert(entry.key.clone(), reference.clone()),
                    None => references.remove(&entry.key),
                };
                sound.push(entry);
            }
            Err(mistake) => {
                broken.insert(entry.key);
                mistakes.push(mistake);
            }
        }
    }
    let tree = match laid_over(defaults, sound) {
        Ok(tree) => tree,
        Err(error) => return Err(one(Mistake::of_source("configuration", error, "report this"))),
    };
    let mut config: Config = match typed(Value::new(None, tree.clone())) {
        Ok(config) => config,
        Err(misfit) => return Err(one(Mistake::of_source("configuration", misfit, "report this"))),
    };
    for key in references.keys() {
        if let Some(property) = key.strip_prefix(PROPERTIES) {
            config.kafka.properties.hide(property);
        }
    }
    let loaded = Loaded { config, tree, references };
    // What is checked against a value that is wrong itself says nothing.
    let conflicts = check::conflicts(&loaded.config).into_iter();
    let conflicts = conflicts.filter(|conflict| !conflict.keys.iter().any(|key| broken.contains(*key)));
    mistakes.extend(conflicts.map(|conflict| Mistake {
        settings: conflict.keys.iter().filter_map(|key| loaded.entry(key)).map(|entry| entry.setting()).collect(),
        problem: conflict.problem,
        mend: conflict.mend,
    }));
    if mistakes.is_empty() { Ok(loaded) } else { Err(ConfigError { mistakes }) }
}

fn one(mistake: Mistake) -> ConfigError {
    ConfigError { mistakes: vec![mistake] }
}

/// The merged sources.
pub(super) fn laid_over(defaults: &[Entry], entries: Vec<Entry>) -> Result<Map<String, Value>, config::ConfigError> {
    let layers =
        config::Config::builder().add_source(Layer::of(defaults.iter().cloned())).add_source(Layer::of(entries));
    layers.build()?.collect()
}
