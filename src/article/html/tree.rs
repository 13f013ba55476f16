//! A page in document order.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node as DomNode};

use super::blocks::is_block_level;
use crate::article::boilerplate::Attributes;

/// What stands at one place of the page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What<'d> {
    Element(&'d Element),
    Text(&'d str),
}

/// One node; its subtree is the range from itself to `end`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d> {
    pub(crate) what: What<'d>,
    /// Tag name, empty for text.
    tag: &'d str,
    pub(crate) parent: usize,
    pub(crate) end: usize,
    /// A [bit](name_bit) for each of its attributes.
    names: u64,
    /// Whether it is a block of its own.
    pub(crate) is_block: bool,
}

impl<'d> Node<'d> {
    pub(crate) fn element(&self) -> Option<&'d Element> {
        match self.what {
            What::Element(element) => Some(element),
            What::Text(_) => None,
        }
    }

    /// Tag name, empty for text.
    pub(crate) fn tag(&self) -> &'d str {
        self.tag
    }

    #[inline]
    pub(crate) fn attribute(&self, name: &str) -> Option<&'d str> {
        // Most elements do not have most attributes.
        if self.names & name_bit(name) == 0 {
            return None;
        }
        attributes(self.element()?).find_map(|(known, value)| (known == name).then_some(value))
    }

    /// What selector rules look at.
    pub(crate) fn attributes(&self) -> Attributes<'d> {
        let mut found = Attributes { tag: self.tag(), ..Attributes::default() };
        for (name, value) in self.element().into_iter().flat_map(attributes) {
            match name {
                "id" => found.id = Some(value),
                "class" => found.class = Some(value),
                "role" => found.role = Some(value),
                "data-testid" => found.test_id = Some(value),
                "itemprop" => found.itemprop = Some(value),
                _ => {}
            }
        }
        found
    }
}

/// The attributes of an element, those of other namespaces left out. Elements have few: to look at each is cheaper than the
/// interned name that [`Element::attr`] makes of what it is asked for.
fn attributes(element: &Element) -> impl Iterator<Item = (&str, &str)> {
    let own = element.attrs.iter().filter(|(name, _)| name.ns.is_empty() && name.prefix.is_none());
    own.map(|(name, value)| (&*name.local, &**value))
}

/// The bit of an attribute's name, by its length and its first letter; other names may have the same.
fn name_bit(name: &str) -> u64 {
    let first = name.bytes().next().unwrap_or(0);
    1 << ((name.len() * 5 + usize::from(first)) % 64)
}

/// Whether an element is no text of its page: a template, what a formula means beside what it shows, or the reading of ruby text
/// that has no brackets around it. In brackets it reads as text; without them only browsers can tell it from what it stands beside.
fn is_left_out(node: NodeRef<'_, DomNode>, element: &Element) -> bool {
    match element.name() {
        "template" | "annotation" | "annotation-xml" => true,
        "rt" | "rtc" => node.parent().is_some_and(|ruby| {
            let is = |node: &NodeRef<'_, DomNode>, tag: &str| {
                node.value().as_element().is_some_and(|element| element.name() == tag)
            };
            is(&ruby, "ruby") && !ruby.children().any(|beside| is(&beside, "rp"))
        }),
        _ => false,
    }
}

/// All elements and texts of a page. Node 0 is its root element, if it has one.
#[derive(Debug)]
pub(crate) struct Tree<'d> {
    pub(crate) nodes: Vec<Node<'d>>,
    /// Elements that microdata or RDFa mark.
    marked: Vec<usize>,
    /// Whether hardly any element has a class or an id: nothing tells what a part of the page is for but what stands in it.
    pub(crate) is_bare: bool,
}

/// A page with no more names than one for so many elements is bare.
const ELEMENTS_OF_A_NAME: usize = 50;

impl<'d> Tree<'d> {
    /// Flattens a page. Templates are left out, because nothing in them is shown, and [other elements](is_left_out)
    /// that are no text.
    pub(super) fn flatten(page: &'d Html) -> Self {
        let mut nodes: Vec<Node<'d>> = Vec::with_capacity(page.tree.values().len());
        let mut marked = Vec::new();
        let (mut elements, mut named) = (0, 0);
        let mut open: Vec<usize> = Vec::new();
        // Elements open within one that is left out, that one included.
        let mut left_out = 0_usize;
        for edge in page.tree.root().traverse() {
            match edge {
                Edge::Open(node) => {
                    let what = match node.value() {
                        DomNode::Element(element) => {
                            if left_out > 0 || is_left_out(node, element) {
                                left_out += 1;
                            }
                            What::Element(element)
                        }
                        DomNode::Text(text) => What::Text(text),
                        _ => continue,
                    };
                    if left_out > 0 {
                        continue;
                    }
                    let at = nodes.len();
                    let parent = open.last().copied().unwrap_or(0);
                    let (mut tag, mut names, mut is_block) = ("", 0, false);
                    if let What::Element(element) = what {
                        open.push(at);
                        tag = element.name();
                        is_block = is_block_level(&element.name.local);
                        names = attributes(element).fold(0, |names, (name, _)| names | name_bit(name));
                    }
                    let node = Node { what, tag, parent, end: at + 1, names, is_block };
                    elements += usize::from(node.element().is_some());
                    named += usize::from(node.attribute("class").or_else(|| node.attribute("id")).is_some());
                    if node.attribute("itemprop").or_else(|| node.attribute("property")).is_some() {
                        marked.push(at);
                    }
                    nodes.push(node);
                }
                Edge::Close(node) => {
                    if !node.value().is_element() {
                        continue;
                    }
                    if left_out > 0 {
                        left_out -= 1;
                        continue;
                    }
                    let end = nodes.len();
                    if let Some(closed) = open.pop().and_then(|at| nodes.get_mut(at)) {
                        closed.end = end;
                    }
                }
            }
        }
        Self { nodes, marked, is_bare: named * ELEMENTS_OF_A_NAME <= elements }
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Node<'d>> {
        self.nodes.get(at)
    }

    /// Elements with their places.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (usize, &Node<'d>)> {
        self.nodes.iter().enumerate().filter(|(_, node)| matches!(node.what, What::Element(_)))
    }

    /// Elements of one tag.
    pub(crate) fn tagged(&self, tag: &'static str) -> impl Iterator<Item = (usize, &Node<'d>)> {
        self.elements().filter(move |(_, node)| node.tag() == tag)
    }

    /// Elements that have properties of microdata or RDFa, in order.
    pub(crate) fn marked(&self) -> impl Iterator<Item = (usize, &Node<'d>)> {
        self.marked.iter().filter_map(|at| Some((*at, self.get(*at)?)))
    }

    /// Whether an element has such properties.
    pub(crate) fn is_marked(&self, at: usize) -> bool {
        self.marked.binary_search(&at).is_ok()
    }

    /// The text within a node, white space as it stands; that between blocks may have been left out.
    pub(crate) fn text(&self, at: usize) -> String {
        let mut text = String::new();
        let Some(node) = self.get(at) else { return text };
        for inner in self.nodes.get(at..node.end).unwrap_or_default() {
            match inner.what {
                What::Text(piece) => text.push_str(piece),
                What::Element(_) if inner.tag == "br" || inner.is_block => text.push(' '),
                What::Element(_) => {}
            }
        }
        text
    }

    /// The ancestors of a node, nearest first.
    pub(crate) fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> {
        let mut at = at;
        std::iter::from_fn(move || {
            if at == 0 {
                return None;
            }
            at = self.get(at)?.parent;
            Some(at)
        })
    }
}
