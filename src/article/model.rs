//! Boosted regression trees: the one kind of model that copydesk fits.
//!
//! A model file is one line of JSON (what it is for, the names of its features, how it came about) and then, for each
//! node, its feature (`u16`, 65535 for a leaf), the place of its second child (`u16`, from the root of its tree) and its
//! threshold or value (`f32`), all little-endian. A tree's root comes first, a node's first child right after it.
//! Answers are sums of `f32` in a fixed order: the same on every platform.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A node that has a value instead of children.
const LEAF: u16 = u16::MAX;

/// Bytes of a node in a file.
const NODE_BYTES: usize = 8;

/// Rows that go down a tree together: a processor follows several chains of loads at once.
const LANES: usize = 8;

/// A model that cannot be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The file does not begin with its description.
    #[error("model {name}: its first line is not its description: {detail}")]
    Head {
        /// What the model is for.
        name: String,
        /// What the parser said.
        detail: String,
    },
    /// The words that tell are no table.
    #[error(transparent)]
    Cues(#[from] super::CuesError),
    /// The nodes are not trees.
    #[error("model {name}: {detail}")]
    Trees {
        /// What the model is for.
        name: String,
        /// What is wrong.
        detail: &'static str,
    },
}

/// What a model is and how it came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelHead {
    /// What it is for.
    pub name: String,
    /// How it was made, in words: program, data, figures.
    pub provenance: String,
    /// The names of its features, in order.
    pub features: Vec<String>,
    /// Nodes of each tree.
    pub trees: Vec<usize>,
}

/// One node of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TreeNode {
    /// Goes to the next node where the feature is at most the threshold, else to `second`.
    Split {
        /// Which feature.
        feature: u16,
        /// Place of the second child, from the root of the tree; greater than the node's own.
        second: u16,
        /// Bound.
        threshold: f32,
    },
    /// Ends with this value.
    Leaf(f32),
}

#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u16,
    second: u16,
    value: f32,
}

/// A tree among the nodes.
#[derive(Debug, Clone, Copy)]
struct Tree {
    root: usize,
    end: usize,
    /// Steps from the root to the deepest leaf.
    depth: usize,
}

/// A sum of regression trees over named features.
#[derive(Debug, Clone, Default)]
pub struct Model {
    head: ModelHead,
    nodes: Vec<Node>,
    /// The same nodes for walks of a fixed number of steps: a leaf's threshold is no number, so that every value goes to
    /// its second child, and that is the leaf itself.
    steps: Vec<Node>,
    trees: Vec<Tree>,
}

impl Model {
    /// A model of trees that were fitted.
    ///
    /// # Errors
    /// [`ModelError::Trees`] where the nodes are not trees over the features.
    pub fn new(name: &str, provenance: &str, features: &[String], trees: &[Vec<TreeNode>]) -> Result<Self, ModelError> {
        let head = ModelHead {
            name: name.to_owned(),
            provenance: provenance.to_owned(),
            features: features.to_vec(),
            trees: trees.iter().map(Vec::len).collect(),
        };
        let nodes = trees
            .iter()
            .flatten()
            .map(|node| match *node {
                TreeNode::Split { feature, second, threshold } => Node { feature, second, value: threshold },
                TreeNode::Leaf(value) => Node { feature: LEAF, second: 0, value },
            })
            .collect();
        Self::checked(head, nodes)
    }

    /// Reads a model file. `name` is for errors.
    ///
    /// # Errors
    /// A [`ModelError`] where the file is not one.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        let (head, rest) = bytes.split_at(end);
        let head: ModelHead = serde_json::from_slice(head)
            .map_err(|error| ModelError::Head { name: name.to_owned(), detail: error.to_string() })?;
        let nodes = rest
            .get(1..)
            .unwrap_or_default()
            .chunks(NODE_BYTES)
            .map(|chunk| match *chunk {
                [f0, f1, s0, s1, v0, v1, v2, v3] => Some(Node {
                    feature: u16::from_le_bytes([f0, f1]),
                    second: u16::from_le_bytes([s0, s1]),
                    value: f32::from_le_bytes([v0, v1, v2, v3]),
                }),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(ModelError::Trees { name: name.to_owned(), detail: "its last node is cut short" })?;
        Self::checked(head, nodes)
    }

    /// Checks what [`Model::scores`] relies on: every walk goes forward, stays in its tree and ends at a leaf.
    fn checked(head: ModelHead, nodes: Vec<Node>) -> Result<Self, ModelError> {
        let wrong = |detail| ModelError::Trees { name: head.name.clone(), detail };
        if head.trees.iter().sum::<usize>() != nodes.len() {
            return Err(wrong("it has more or fewer nodes than its description says"));
        }
        let mut trees = Vec::with_capacity(head.trees.len());
        let mut steps = Vec::with_capacity(nodes.len());
        let mut root = 0;
        for length in &head.trees {
            let tree = nodes.get(root..root + length).unwrap_or_default();
            let mut depths = vec![0_usize; tree.len()];
            for (at, node) in tree.iter().enumerate() {
                if node.feature == LEAF {
                    let own = u16::try_from(at).map_err(|_| wrong("it has a tree of too many nodes"))?;
                    steps.push(Node { feature: 0, second: own, value: f32::NAN });
                    continue;
                }
                steps.push(*node);
                if usize::from(node.feature) >= head.features.len() {
                    return Err(wrong("a node asks for a feature that it does not have"));
                }
                if at + 1 >= *length || usize::from(node.second) <= at || usize::from(node.second) >= *length {
                    return Err(wrong("a node's children are not behind it in its tree"));
                }
                let below = depths.get(at).map_or(0, |depth| depth + 1);
                for child in [at + 1, usize::from(node.second)] {
                    if let Some(depth) = depths.get_mut(child) {
                        *depth = below.max(*depth);
                    }
                }
            }
            if *length == 0 {
                return Err(wrong("it has an empty tree"));
            }
            let end = root + length;
            trees.push(Tree { root, end, depth: depths.into_iter().max().unwrap_or(0) });
            root = end;
        }
        Ok(Self { head, nodes, steps, trees })
    }

    /// The model as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        for node in &self.nodes {
            bytes.extend(node.feature.to_le_bytes());
            bytes.extend(node.second.to_le_bytes());
            bytes.extend(node.value.to_le_bytes());
        }
        bytes
    }

    /// What the model is and how it came about.
    pub fn head(&self) -> &ModelHead {
        &self.head
    }

    /// Whether it has no trees, and so no opinion.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// Whether a row with these features is what the model was fitted to.
    pub fn fits(&self, features: &[&str]) -> bool {
        self.head.features.iter().map(String::as_str).eq(features.iter().copied())
    }

    /// The sum over all trees: above 0 more likely than not, as log odds. A feature that the row lacks counts as 0.
    pub fn score(&self, row: &[f32]) -> f32 {
        let [score, ..] = self.score_together([row; LANES]);
        score
    }

    /// The [`Model::score`] of each row.
    pub fn scores<'r>(&self, rows: impl IntoIterator<Item = &'r [f32]>) -> Vec<f32> {
        let mut rows = rows.into_iter();
        let mut scores = Vec::new();
        loop {
            let mut count = 0;
            let lanes: [&[f32]; LANES] = std::array::from_fn(|_| {
                let row = rows.next();
                count += usize::from(row.is_some());
                row.unwrap_or_default()
            });
            scores.extend(self.score_together(lanes).into_iter().take(count));
            if count < LANES {
                return scores;
            }
        }
    }

    fn score_together(&self, rows: [&[f32]; LANES]) -> [f32; LANES] {
        const MISSING: Node = Node { feature: 0, second: 0, value: 0.0 };
        let mut sums = [0.0; LANES];
        for tree in &self.trees {
            let steps = self.steps.get(tree.root..tree.end).unwrap_or_default();
            let nodes = self.nodes.get(tree.root..tree.end).unwrap_or_default();
            let mut places = [0_usize; LANES];
            for _ in 0..tree.depth {
                for (place, row) in places.iter_mut().zip(rows) {
                    let step = steps.get(*place).copied().unwrap_or(MISSING);
                    let value = row.get(usize::from(step.feature)).copied().unwrap_or(0.0);
                    *place = if value <= step.value { *place + 1 } else { usize::from(step.second) };
                }
            }
            for (sum, place) in sums.iter_mut().zip(places) {
                *sum += nodes.get(place).unwrap_or(&MISSING).value;
            }
        }
        sums
    }
}

/// Log odds as a probability, 0 to 1.
pub fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    fn features() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    fn tree() -> Vec<TreeNode> {
        vec![
            TreeNode::Split { feature: 1, second: 2, threshold: 0.5 },
            TreeNode::Leaf(-1.0),
            TreeNode::Split { feature: 0, second: 4, threshold: 3.0 },
            TreeNode::Leaf(0.25),
            TreeNode::Leaf(2.0),
        ]
    }

    #[test]
    fn a_model_is_the_sum_of_its_trees() {
        let model = Model::new("m", "", &features(), &[tree(), vec![TreeNode::Leaf(0.5)]]).unwrap();
        assert_eq!(model.score(&[9.0, 0.5]), -0.5);
        assert_eq!(model.score(&[3.0, 0.6]), 0.75);
        assert_eq!(model.score(&[3.1, 0.6]), 2.5);
        let rows: Vec<[f32; 2]> = (0..19_u8).map(|at| [f32::from(at), f32::from(at % 2)]).collect();
        let alone: Vec<f32> = rows.iter().map(|row| model.score(row)).collect();
        assert_eq!(model.scores(rows.iter().map(<[f32; 2]>::as_slice)), alone);
        assert_eq!(alone[..5], [-0.5, 0.75, -0.5, 0.75, -0.5]);
        assert!(model.fits(&["a", "b"]));
        assert!(!model.fits(&["b", "a"]));
    }

    #[test]
    fn a_file_gives_the_model_back() {
        let model = Model::new("m", "by hand", &features(), &[tree()]).unwrap();
        let read = Model::parse("m", &model.to_bytes()).unwrap();
        assert_eq!(read.head(), model.head());
        assert_eq!(read.score(&[3.1, 0.6]), 2.0);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let bytes = Model::new("m", "", &features(), &[tree()]).unwrap().to_bytes();
        assert!(matches!(Model::parse("m", b"{}\n"), Err(ModelError::Head { .. })));
        assert!(matches!(Model::parse("m", &bytes[..bytes.len() - 1]), Err(ModelError::Trees { .. })));
        assert!(matches!(Model::parse("m", &bytes[..bytes.len() - 8]), Err(ModelError::Trees { .. })));
        let backwards =
            vec![TreeNode::Split { feature: 0, second: 0, threshold: 0.0 }, TreeNode::Leaf(0.0), TreeNode::Leaf(0.0)];
        assert!(matches!(Model::new("m", "", &features(), &[backwards]), Err(ModelError::Trees { .. })));
        let unknown =
            vec![TreeNode::Split { feature: 7, second: 2, threshold: 0.0 }, TreeNode::Leaf(0.0), TreeNode::Leaf(0.0)];
        assert!(matches!(Model::new("m", "", &features(), &[unknown]), Err(ModelError::Trees { .. })));
    }
}
