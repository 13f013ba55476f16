//! The tables of fields as documentation: `docs/formats.md` holds what is written here, and a test compares.

use std::fmt::Write as _;

use super::fields::{CRAWLERS, DOCUMENTED, Paths, Role, Shape};

/// The tables of fields of every JSON shape, as Markdown, in the order in which they are tried.
pub fn field_tables() -> String {
    CRAWLERS.iter().chain([&DOCUMENTED]).map(table).collect::<Vec<_>>().join("\n")
}

fn table(shape: &Shape) -> String {
    let content: Vec<String> =
        shape.content.iter().map(|(field, role)| format!("`{field}` ({})", role_name(*role))).collect();
    let marks: Vec<String> =
        shape.marks.iter().filter(|group| !group.is_empty()).map(|group| names(group, " and ")).collect();
    let within: Vec<String> = shape
        .within
        .iter()
        .map(|within| if within.is_empty() { "the payload".to_owned() } else { format!("`{within}`") })
        .collect();
    let rows = [
        ("stands in", within.join(", or ")),
        ("recognised by", if marks.is_empty() { "its content".to_owned() } else { marks.join("; or ") }),
        ("content", content.join(", ")),
        ("url", names(shape.url, ", ")),
        ("final url", names(shape.final_url, ", ")),
        ("title", names(shape.title, ", ")),
        ("published", names(shape.published, ", ")),
        ("modified", names(shape.modified, ", ")),
        ("authors", names(shape.authors, ", ")),
        ("tags", names(shape.tags, ", ")),
        ("section", names(shape.section, ", ")),
        ("description", names(shape.description, ", ")),
        ("language", names(shape.language, ", ")),
        ("fetched at", names(shape.fetched_at, ", ")),
        ("status", names(shape.status, ", ")),
        ("content type", names(shape.content_type, ", ")),
    ];
    let mut text =
        format!("### `{}`: {}\n\n| | fields, in order of preference |\n|---|---|\n", shape.envelope.label(), shape.of);
    for (row, fields) in rows.iter().filter(|(_, fields)| !fields.is_empty()) {
        writeln!(text, "| {row} | {fields} |").unwrap_or_default();
    }
    text
}

fn names(paths: Paths, between: &str) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(between)
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Page => "page",
        Role::Either => "page or text",
        Role::Text => "text",
        Role::Markdown => "Markdown",
        Role::PageBase64 => "page in base64",
        Role::Base64 => "page or text in base64",
    }
}
