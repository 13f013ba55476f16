//! Boosted regression trees: the one kind of model that copydesk fits.
//!
//! A model file is one line of JSON (what it is for, the names of its features, how it came about) and then, for each
//! node, its feature (`u16`, 65535 for a leaf), the place of its second child (`u16`, from the root of its tree) and its
//! threshold or value (`f32`), all little-endian. A tree's root comes first, a node's first child right after it.
//! Answers are sums of `f32` in a fixed order: the same on every platform.
//!
//! Scoring does not walk the trees: all tests of a feature are passed over in the order of their thresholds, and each that
//! fails strikes out the leaves that can no longer be reached (QuickScorer: Lucchese et al., SIGIR 2015; several rows
//! together as in its successor of 2016).

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A node that has a value instead of children.
const LEAF: u16 = u16::MAX;

/// Bytes of a node in a file.
const NODE_BYTES: usize = 8;

/// Rows that are scored together.
const LANES: usize = 8;

/// Leaves that a tree may have: a bit of [`Test::keep`] each.
const LEAVES: usize = u32::BITS as usize;

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

/// A node's question, and what follows where the answer is no.
#[derive(Debug, Clone, Copy)]
struct Test {
    /// As [`key`] has it.
    threshold: i32,
    tree: u16,
    /// A bit for each leaf of the tree, from the first: those that are below the node's first child.
    drop: u32,
}

/// The tests that ask for one feature, by rising threshold.
#[derive(Debug, Clone)]
struct Feature {
    at: usize,
    tests: Vec<Test>,
}

/// A sum of regression trees over named features.
#[derive(Debug, Clone, Default)]
pub struct Model {
    head: ModelHead,
    nodes: Vec<Node>,
    features: Vec<Feature>,
    /// For each tree its leaves, from the first.
    leaves: Vec<[f32; LEAVES]>,
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

    /// Checks that the nodes are trees over the features, and sorts their tests by feature and threshold.
    fn checked(head: ModelHead, nodes: Vec<Node>) -> Result<Self, ModelError> {
        let wrong = |detail| ModelError::Trees { name: head.name.clone(), detail };
        if head.trees.iter().sum::<usize>() != nodes.len() {
            return Err(wrong("it has more or fewer nodes than its description says"));
        }
        let mut features: Vec<Feature> = (0..head.features.len()).map(|at| Feature { at, tests: Vec::new() }).collect();
        let mut leaves = Vec::with_capacity(head.trees.len());
        let mut rest = nodes.as_slice();
        for (number, length) in head.trees.iter().enumerate() {
            let number = u16::try_from(number).map_err(|_| wrong("it has too many trees"))?;
            let (tree, others) = rest.split_at_checked(*length).unwrap_or_default();
            rest = others;
            let mut values = [0.0; LEAVES];
            let (mut reached, mut is_whole) = (0_usize, false);
            // Splits whose second child is yet to come: that child's place, and how many leaves were before the first child.
            let mut open: Vec<(&Node, usize)> = Vec::new();
            for (at, node) in tree.iter().enumerate() {
                if is_whole {
                    return Err(wrong("a tree has nodes behind its last leaf"));
                }
                if node.feature != LEAF {
                    if !node.value.is_finite() {
                        return Err(wrong("a threshold is not a finite number"));
                    }
                    open.push((node, reached));
                    continue;
                }
                *values.get_mut(reached).ok_or_else(|| wrong("a tree has more than 32 leaves"))? = node.value;
                reached += 1;
                let Some((split, before)) = open.pop() else {
                    is_whole = true;
                    continue;
                };
                if usize::from(split.second) != at + 1 {
                    return Err(wrong("a node's second child is not behind all that is below the first"));
                }
                let feature = features
                    .get_mut(usize::from(split.feature))
                    .ok_or_else(|| wrong("a node asks for a feature that it does not have"))?;
                let drop = (before..reached).fold(0, |drop, leaf| drop | (1 << leaf));
                feature.tests.push(Test { threshold: key(split.value), tree: number, drop });
            }
            if !is_whole {
                return Err(wrong("a tree ends before its last leaf"));
            }
            leaves.push(values);
        }
        features.retain(|feature| !feature.tests.is_empty());
        for feature in &mut features {
            feature.tests.sort_by_key(|test| test.threshold);
        }
        Ok(Self { head, nodes, features, leaves })
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
        self.leaves.is_empty()
    }

    /// Whether a row with these features is what the model was fitted to.
    pub fn fits(&self, features: &[&str]) -> bool {
        self.head.features.iter().map(String::as_str).eq(features.iter().copied())
    }

    /// The sum over all trees: above 0 more likely than not, as log odds. A feature that the row lacks counts as 0.
    pub fn score(&self, row: &[f32]) -> f32 {
        let [score] = self.score_together([row], &mut Vec::new());
        score
    }

    /// The [`Model::score`] of each row.
    pub fn scores<'r>(&self, rows: impl IntoIterator<Item = &'r [f32]>) -> Vec<f32> {
        let mut rows = rows.into_iter();
        let (mut scores, mut reachable) = (Vec::new(), Vec::new());
        loop {
            let mut count = 0;
            let lanes: [&[f32]; LANES] = std::array::from_fn(|_| {
                let row = rows.next();
                count += usize::from(row.is_some());
                row.unwrap_or_default()
            });
            scores.extend(self.score_together(lanes, &mut reachable).into_iter().take(count));
            if count < LANES {
                return scores;
            }
        }
    }

    /// `reachable` is room for the leaves of each tree that are not struck out.
    fn score_together<const ROWS: usize>(&self, rows: [&[f32]; ROWS], reachable: &mut Vec<[u32; ROWS]>) -> [f32; ROWS] {
        reachable.clear();
        reachable.resize(self.leaves.len(), [u32::MAX; ROWS]);
        for feature in &self.features {
            let values = rows.map(|row| key(row.get(feature.at).copied().unwrap_or(0.0)));
            strike(reachable, &feature.tests, &values);
        }
        let mut sums = [0.0; ROWS];
        for (values, reachable) in self.leaves.iter().zip(reachable) {
            for (sum, leaves) in sums.iter_mut().zip(reachable) {
                *sum += values.get(leaves.trailing_zeros() as usize).copied().unwrap_or(0.0);
            }
        }
        sums
    }
}

/// Strikes out the leaves that these values of a feature make unreachable.
///
/// A function of its own, with values that stay in memory: so compilers see that all rows can be compared at once.
#[inline(never)]
fn strike<const ROWS: usize>(reachable: &mut [[u32; ROWS]], tests: &[Test], values: &[i32; ROWS]) {
    let highest = values.iter().copied().fold(i32::MIN, i32::max);
    for test in tests.iter().take_while(|test| test.threshold < highest) {
        let Some(leaves) = reachable.get_mut(usize::from(test.tree)) else { continue };
        let mut left = [0; ROWS];
        for ((left, leaves), value) in left.iter_mut().zip(&*leaves).zip(values) {
            let fails = -i32::from(*value > test.threshold);
            *left = leaves & !(fails.cast_unsigned() & test.drop);
        }
        *leaves = left;
    }
}

/// A whole number that is in order as the numbers are: of two, compared at once on every platform. What is no number is above
/// all, and fails every test.
fn key(value: f32) -> i32 {
    if value.is_nan() {
        return i32::MAX;
    }
    // Both zeros are one.
    let bits = (value + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 31) & i32::MAX)
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
    fn keys_are_in_order_as_numbers_are() {
        let rising =
            [f32::NEG_INFINITY, -2.5, -1.0, -f32::MIN_POSITIVE, 0.0, f32::MIN_POSITIVE, 1.0, 2.5, f32::INFINITY];
        assert!(rising.map(key).is_sorted_by(|one, next| one < next));
        assert_eq!(key(-0.0), key(0.0));
        assert!(key(f32::NAN) > key(f32::INFINITY));
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
        let long = vec![
            TreeNode::Split { feature: 0, second: 3, threshold: 0.0 },
            TreeNode::Leaf(0.0),
            TreeNode::Leaf(0.0),
            TreeNode::Leaf(0.0),
        ];
        assert!(matches!(Model::new("m", "", &features(), &[long]), Err(ModelError::Trees { .. })));
        let ended = vec![TreeNode::Split { feature: 0, second: 2, threshold: 0.0 }, TreeNode::Leaf(0.0)];
        assert!(matches!(Model::new("m", "", &features(), &[ended]), Err(ModelError::Trees { .. })));
        let unknown =
            vec![TreeNode::Split { feature: 7, second: 2, threshold: 0.0 }, TreeNode::Leaf(0.0), TreeNode::Leaf(0.0)];
        assert!(matches!(Model::new("m", "", &features(), &[unknown]), Err(ModelError::Trees { .. })));
    }
}
