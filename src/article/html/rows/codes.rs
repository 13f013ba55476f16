//! Numbers for shapes and tags.

use crate::article::features;
use crate::article::html::blocks::Shape;

pub(super) fn owner_code(tag: &str) -> f32 {
    const TAGS: [&str; 25] = [
        "p",
        "div",
        "li",
        "td",
        "th",
        "figcaption",
        "caption",
        "time",
        "address",
        "button",
        "label",
        "pre",
        "dt",
        "dd",
        "section",
        "article",
        "blockquote",
        "summary",
        "header",
        "footer",
        "main",
        "figure",
        "form",
        "body",
        "tr",
    ];
    TAGS.iter().position(|known| *known == tag).map_or(99.0, |at| features::share(at, 1))
}

pub(super) fn shape_code(shape: Shape) -> f32 {
    match shape {
        Shape::Paragraph => 0.0,
        Shape::Quote | Shape::Preformatted => 1.0,
        Shape::Item => 2.0,
        Shape::Cell => 3.0,
        Shape::Loose | Shape::Caption => 4.0,
        Shape::Heading(level) => 4.0 + f32::from(level),
        Shape::Row => 11.0,
    }
}

pub(super) fn tag_code(tag: &str) -> f32 {
    match tag {
        "article" => 1.0,
        "main" => 2.0,
        "section" => 3.0,
        "div" => 4.0,
        "blockquote" => 5.0,
        "figure" => 6.0,
        "ul" | "ol" | "dl" => 7.0,
        "table" | "tbody" | "tr" | "td" => 8.0,
        "header" => 9.0,
        "aside" => 10.0,
        "nav" => 11.0,
        "footer" => 12.0,
        "form" => 13.0,
        "body" => 14.0,
        "html" => 15.0,
        _ => 0.0,
    }
}
