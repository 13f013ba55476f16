//! Values of schema.org: a text, an object or a reference, alone or in a list.

use serde_json::{Map, Value};

use crate::article::about::{Author, AuthorKind, Image};
use crate::article::metadata::address::absolute;
use crate::article::normalise;

/// An object of the data.
pub(super) type Object = Map<String, Value>;

/// Most people or pictures of one list; each may be a reference, which is looked up among all objects.
const LONGEST: usize = 200;

/// The first text in a value: itself, the first of a list, or `@value`.
pub(super) fn string(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => normalise::line(text),
        Value::Array(list) => return string(list.first()),
        Value::Object(object) => return string(object.get("@value").or_else(|| object.get("name"))),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// All texts in a value.
pub(super) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().take(LONGEST).filter_map(|one| string(Some(one))).collect(),
        one => string(Some(one)).into_iter().collect(),
    }
}

/// Truth as pages write it: `false`, `"False"`, `"https://schema.org/False"`.
pub(super) fn boolean(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(known) => Some(*known),
        Value::String(text) => match text.rsplit('/').next()?.to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The types of an object, without the vocabulary's address.
pub(super) fn types(object: &Object) -> Vec<String> {
    let types = object.get("@type").map(strings).unwrap_or_default();
    types.iter().map(|name| name.rsplit(['/', ':', '#']).next().unwrap_or(name).to_owned()).collect()
}

/// Whether an object has one of these types.
pub(super) fn is_type(object: &Object, names: &[&str]) -> bool {
    types(object).iter().any(|name| names.contains(&name.as_str()))
}

/// The members of a list, or the one value.
pub(super) fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, one) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        other => (<&[Value]>::default(), other),
    };
    list.iter().take(LONGEST).chain(one)
}

/// The object that a value is, or refers to.
fn object<'v>(value: &'v Value, objects: &[&'v Object]) -> Option<&'v Object> {
    let own = value.as_object()?;
    let is_reference = own.keys().all(|key| key.starts_with('@'));
    let target = own.get("@id").and_then(Value::as_str).filter(|_| is_reference);
    let Some(target) = target else { return Some(own) };
    let found = objects
        .iter()
        .find(|other| other.len() > own.len() && other.get("@id").and_then(Value::as_str) == Some(target));
    Some(found.copied().unwrap_or(own))
}

/// People or organisations: texts, objects, or references into the graph.
pub(super) fn people(value: Option<&Value>, objects: &[&Object], page: Option<&str>) -> Vec<Author> {
    let mut people = Vec::new();
    for one in each(value) {
        let Some(known) = object(one, objects) else {
            people.extend(string(Some(one)).map(|name| Author { name, kind: AuthorKind::Person, url: None }));
            continue;
        };
        let organisation = types(known).iter().any(|name| name.ends_with("Organization") || name == "Corporation");
        let kind = if organisation { AuthorKind::Organisation } else { AuthorKind::Person };
        let part = |name: &str| string(known.get(name));
        let names = match known.get("name") {
            Some(name) => strings(name),
            None => match (part("givenName"), part("familyName")) {
                (Some(given), Some(family)) => vec![format!("{given} {family}")],
                (one, other) => one.or(other).into_iter().collect(),
            },
        };
        let link = |name: &&str| {
            let link = string(known.get(*name)).filter(|link| !link.starts_with('#'))?;
            web_address(&link).or_else(|| absolute(&link, page))
        };
        let url = ["url", "sameAs"].iter().find_map(link);
        people.extend(names.into_iter().map(|name| Author { name, kind, url: url.clone() }));
    }
    people
}

/// Pictures: addresses, objects, or references into the graph.
pub(super) fn images(value: Option<&Value>, objects: &[&Object]) -> Vec<Image> {
    let mut images = Vec::new();
    for one in each(value) {
        if let Value::String(address) = one {
            images.extend(web_address(address).map(|url| Image { url, ..Image::default() }));
            continue;
        }
        let Some(known) = object(one, objects) else { continue };
        let address = ["contentUrl", "url", "@id"].iter().find_map(|name| web_address(&string(known.get(*name))?));
        let Some(url) = address else { continue };
        let size = |name: &str| {
            let stated = known.get(name)?;
            let text = string(stated.as_object().and_then(|object| object.get("value")).or(Some(stated)))?;
            text.trim_end_matches("px").trim().parse().ok().filter(|pixels| *pixels > 0)
        };
        images.push(Image {
            url,
            main: false,
            caption: string(known.get("caption").or_else(|| known.get("description"))),
            credit: string(known.get("creditText").or_else(|| known.get("creator")).or_else(|| known.get("author"))),
            width_px: size("width"),
            height_px: size("height"),
        });
    }
    images
}

/// An absolute http(s) address.
pub(super) fn web_address(text: &str) -> Option<String> {
    let url = url::Url::parse(text.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| text.trim().to_owned())
}
