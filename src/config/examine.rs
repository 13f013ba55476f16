//! Each entry by itself: does the key exist, and does the value fit it?

use config::{Value, ValueKind};

use super::layers::{self, Entry, PREFIX, PROPERTIES};
use super::load::{PropertyCheck, laid_over};
use super::mistake::Mistake;
use super::properties::{beyond_this_build, own_property};
use super::typed::{Misfit, typed};
use super::{Config, PropertyRefusal, reference};

/// Whether an entry is right by itself.
pub(super) fn examine(entry: &mut Entry, defaults: &[Entry], accepts: PropertyCheck) -> Result<(), Mistake> {
    if !reference::is_key(&entry.key) {
        return Err(unknown(entry));
    }
    if let Err(problem) = entry.resolve() {
        let mend = "write \"${file:/run/secrets/name}\" or \"${env:NAME}\", as the whole value";
        return Err(Mistake::of(entry.setting(), problem, mend));
    }
    let alone = laid_over(defaults, vec![entry.clone()])
        .map_err(|error| Misfit::Other(error.to_string()))
        .and_then(|tree| typed::<Config>(Value::new(None, tree)));
    match alone {
        Err(misfit) => Err(Mistake::of(entry.told(), misfit.to_string(), mend(entry, &misfit))),
        Ok(config) => property(entry, &config, accepts),
    }
}

/// Whether librdkafka is to have the property, if the entry is one.
fn property(entry: &Entry, config: &Config, accepts: PropertyCheck) -> Result<(), Mistake> {
    let named = entry.property().and_then(|name| Some((name, config.kafka.properties.get(name)?)));
    let Some((name, value)) = named else { return Ok(()) };
    if let Some(instead) = own_property(name) {
        return Err(Mistake::of(entry.setting(), "copydesk sets this property itself", instead));
    }
    if let Some(problem) = beyond_this_build(name, value) {
        let mend = "use the container image, or build with `--features tls`";
        return Err(Mistake::of(entry.unshown(), problem, mend));
    }
    accepts(name, value).map_err(|refusal| {
        let setting = if refusal == PropertyRefusal::Unknown { entry.unshown() } else { entry.setting() };
        Mistake::of(setting, refusal.to_string(), "see librdkafka's CONFIGURATION.md for names and values")
    })
}

fn unknown(entry: &Entry) -> Mistake {
    let setting = entry.unshown();
    let (section, rest) = entry.key.split_once('.').unwrap_or((&entry.key, ""));
    if reference::is_section(&entry.key) {
        let mend = format!("set its keys, below [{}]", entry.key);
        return Mistake::of(setting, "is a section, not a key", mend);
    }
    if section == "kafka" && rest.contains('.') && !entry.key.starts_with(PROPERTIES) {
        let mend = format!("properties of librdkafka go below [kafka.properties]: {PROPERTIES}{rest}");
        return Mistake::of(setting, "unknown key", mend);
    }
    let problem = if reference::is_section(section) {
        "unknown key".to_owned()
    } else {
        format!("unknown section \"{section}\"")
    };
    let mend = match reference::nearest(&entry.key) {
        Some(key) if setting.origin.starts_with(PREFIX) => format!("did you mean {key} ({})?", layers::variable(key)),
        Some(key) => format!("did you mean {key}?"),
        None => "`copydesk config defaults` lists every key".to_owned(),
    };
    Mistake::of(setting, problem, mend)
}

fn mend(entry: &Entry, misfit: &Misfit) -> String {
    if let (Misfit::Unnamed(names), ValueKind::String(text)) = (misfit, &entry.value.kind)
        && let Some(name) = reference::nearest_of(text, names)
    {
        return format!("did you mean \"{name}\"?");
    }
    match (misfit, reference::key(&entry.key)) {
        (Misfit::Unnamed(names), _) => format!("use one of {}", names.join(", ")),
        (_, Some(key)) => format!("write it as in {} = {}", key.short(), key.value),
        (_, None) => "write it as text".to_owned(),
    }
}
