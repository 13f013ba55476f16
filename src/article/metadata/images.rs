//! The pictures of an article: what the page names as its picture, and figures beside the text.

use super::address::absolute;
use super::jsonld::JsonLd;
use super::meta::Meta;
use super::shown::Shown;
use crate::article::about::Image;
use crate::article::boilerplate::Rules;
use crate::article::html::{Node, Tree};
use crate::article::{credits, normalise, prose};

/// Most pictures that are kept.
const IMAGES: usize = 30;

/// Longest caption and longest credit, in characters.
const CAPTION: usize = 1_000;
const CREDIT: usize = 200;

/// The pictures, the main one first.
pub(super) fn of_page(
    tree: &Tree<'_>,
    shown: &Shown,
    meta: &Meta<'_>,
    data: &JsonLd,
    marked: Option<&str>,
    page: Option<&str>,
    rules: &Rules,
) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    let pixels = |names: &[&str]| meta.first(names).and_then(|text| text.trim().parse().ok()).filter(|size| *size > 0);
    let social = meta.first(&[
        "og:image",
        "og:image:url",
        "og:image:secure_url",
        "twitter:image",
        "twitter:image:src",
        "parsely-image-url",
        "sailthru.image.full",
    ]);
    let social = social.or(marked);
    let social = social.and_then(|link| absolute(link, page)).map(|url| Image {
        url,
        main: true,
        caption: None,
        credit: None,
        width_px: pixels(&["og:image:width"]),
        height_px: pixels(&["og:image:height"]),
    });
    for image in data.images.iter().cloned().chain(social) {
        let main = images.is_empty();
        add(&mut images, Image { main, ..image });
    }
    let figures = tree.tagged("figure").filter(|(_, node)| node.end > 0);
    for (at, node) in figures.take(IMAGES * 4) {
        let below = shown.below_heading(at).is_none_or(|lines| lines >= -6);
        let furniture = tree.ancestors(at).filter_map(|at| tree.get(at)).any(|outer| is_elsewhere(outer, rules));
        if !below || furniture {
            continue;
        }
        if let Some(image) = figure(tree, at, node, page) {
            add(&mut images, image);
        }
    }
    images
}

/// Adds a picture, or what it says of one that is known.
fn add(images: &mut Vec<Image>, image: Image) {
    let name = file(&image.url).to_owned();
    let is_known = |known: &Image| known.url == image.url || (name.len() > 8 && file(&known.url) == name);
    let known = images.iter().position(is_known);
    let room = images.len() < IMAGES;
    match known.and_then(|at| images.get_mut(at)) {
        Some(known) => {
            known.caption = known.caption.take().or(image.caption);
            known.credit = known.credit.take().or(image.credit);
            if known.width_px.is_none() && known.url == image.url {
                known.width_px = image.width_px;
                known.height_px = image.height_px;
            }
        }
        None if room => images.push(image),
        None => {}
    }
}

/// The last part of an address without what asks for a size.
fn file(url: &str) -> &str {
    url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
}

/// Whether what is in an element is of another article.
fn is_elsewhere(node: &Node<'_>, rules: &Rules) -> bool {
    matches!(node.tag(), "nav" | "aside" | "footer") || rules.selectors.consent_root(node.attributes()).is_some()
}

/// The picture of a figure with its caption; a figure without a caption may be anything.
fn figure(tree: &Tree<'_>, at: usize, node: &Node<'_>, page: Option<&str>) -> Option<Image> {
    let inner = || (at + 1..node.end).filter_map(|inner| Some((inner, tree.get(inner)?)));
    let picture = inner().find(|(_, node)| node.tag() == "img").map(|(_, node)| node)?;
    let source = ["src", "data-src", "data-lazy-src", "data-original"]
        .iter()
        .filter_map(|name| picture.attribute(name))
        .find(|link| !link.trim_start().starts_with("data:") && !link.trim().is_empty());
    let listed = || picture.attribute("srcset").or_else(|| picture.attribute("data-srcset"));
    let source = source.or_else(|| listed()?.split_ascii_whitespace().next());
    let url = absolute(source?, page)?;
    let (caption_at, _) = inner().find(|(_, node)| node.tag() == "figcaption")?;
    let written = normalise::line(&tree.text(caption_at));
    let classed = inner().find(|(_, node)| {
        let class = node.attribute("class").unwrap_or_default().to_ascii_lowercase();
        ["credit", "copyright", "source", "quelle", "photographer"].iter().any(|word| class.contains(word))
    });
    let credit = classed.map(|(at, _)| normalise::line(&tree.text(at))).filter(|credit| !credit.is_empty());
    let (caption, credit) = match credit {
        Some(credit) => (written.replace(credit.as_str(), " "), Some(credit)),
        None => split_credit(&written),
    };
    let caption = normalise::fold_space(&caption);
    let size = |name: &str| {
        picture
            .attribute(name)
            .and_then(|size| size.trim().trim_end_matches("px").parse().ok())
            .filter(|size| *size > 0)
    };
    Some(Image {
        url,
        main: false,
        caption: (prose::words(&caption) > 0 && caption.chars().count() <= CAPTION).then_some(caption),
        credit: credit.filter(|credit| credit.chars().count() <= CREDIT),
        width_px: size("width"),
        height_px: size("height"),
    })
}

/// A caption and the credit that ends it.
fn split_credit(caption: &str) -> (String, Option<String>) {
    match credits::opening(caption).and_then(|at| caption.split_at_checked(at)) {
        Some((text, credit)) => (
            text.trim_end_matches([' ', '(', '|', '/']).to_owned(),
            Some(credit.trim_matches([' ', '(', ')']).to_owned()),
        ),
        None => (caption.to_owned(), None),
    }
}
