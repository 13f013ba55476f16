//! Gradient boosting of regression trees for log odds: histograms of up to 255 bins, leaf-wise growth.
//!
//! After Friedman, "Greedy function approximation: a gradient boosting machine" (2001), with the second-order gains of
//! Chen and Guestrin, "XGBoost" (2016), and the leaf-wise histograms of Ke et al., "LightGBM" (2017). Two runs over the
//! same data give the same trees.

use copydesk::article::model::TreeNode;
use rayon::prelude::*;

/// How trees are grown.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    pub trees: usize,
    pub leaves: usize,
    pub rate: f64,
    /// Added to each leaf's sum of second derivatives.
    pub ridge: f64,
    /// Least sum of second derivatives in a leaf.
    pub least: f64,
    /// Share of the rows that each tree sees.
    pub rows: f64,
    /// Share of the features that each tree sees.
    pub features: f64,
    pub seed: u64,
}

impl Default for Growth {
    fn default() -> Self {
        Self { trees: 200, leaves: 24, rate: 0.08, ridge: 4.0, least: 1.0, rows: 0.6, features: 0.4, seed: 1 }
    }
}

/// Rows with what each is, and how much it counts.
#[derive(Debug, Default, Clone)]
pub struct Examples {
    pub rows: Vec<Vec<f32>>,
    pub labels: Vec<bool>,
    pub weights: Vec<f32>,
}

impl Examples {
    pub fn push(&mut self, row: Vec<f32>, label: bool, weight: f32) {
        self.rows.push(row);
        self.labels.push(label);
        self.weights.push(weight);
    }
}

/// xorshift64*, so that a run can be repeated anywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One feature of all rows, as bins; a bin holds the values up to its bound.
struct Column {
    bins: Vec<u8>,
    bounds: Vec<f32>,
}

impl Column {
    fn of(rows: &[Vec<f32>], feature: usize) -> Self {
        let mut values: Vec<f32> = rows.iter().map(|row| row[feature]).collect();
        values.sort_by(f32::total_cmp);
        let mut distinct = values.clone();
        distinct.dedup();
        let bounds: Vec<f32> = if distinct.len() <= 255 {
            distinct.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect()
        } else {
            let mut bounds: Vec<f32> = (1..255)
                .map(|part| values[part * values.len() / 255])
                .filter(|bound| *bound < values[values.len() - 1])
                .collect();
            bounds.dedup();
            bounds
        };
        let bins = rows.iter().map(|row| bounds.partition_point(|bound| *bound < row[feature]) as u8).collect();
        Self { bins, bounds }
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    gradient: f64,
    curvature: f64,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    bin: usize,
}

/// Sums by bin, for one feature after the other.
type Histogram = Vec<[Sum; 256]>;

struct Leaf {
    rows: Vec<u32>,
    sum: Sum,
    histogram: Histogram,
    best: Option<Split>,
    place: usize,
}

/// A tree while it grows; children anywhere.
enum Grown {
    Split { feature: usize, threshold: f32, children: [usize; 2] },
    Leaf(f64),
}

/// The mean of several runs that differ in their seed: what one run owes to chance is not in it.
pub fn fit_several(examples: &Examples, growth: Growth, runs: u64) -> Vec<Vec<TreeNode>> {
    let mut trees: Vec<Vec<TreeNode>> =
        (0..runs).flat_map(|run| fit(examples, Growth { seed: growth.seed + 100 * run, ..growth })).collect();
    for node in trees.iter_mut().flatten() {
        if let TreeNode::Leaf(value) = node {
            *value /= runs as f32;
        }
    }
    trees
}

/// Fits trees to the examples.
pub fn fit(examples: &Examples, growth: Growth) -> Vec<Vec<TreeNode>> {
    let width = examples.rows.first().map_or(0, Vec::len);
    let columns: Vec<Column> = (0..width).into_par_iter().map(|feature| Column::of(&examples.rows, feature)).collect();
    let mut random = Random(growth.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut scores = vec![0.0_f64; examples.rows.len()];
    let mut trees = Vec::new();
    for _ in 0..growth.trees {
        let sums: Vec<Sum> = scores
            .iter()
            .zip(&examples.labels)
            .zip(&examples.weights)
            .map(|((score, label), weight)| {
                let probability = 1.0 / (1.0 + (-score).exp());
                let weight = f64::from(*weight);
                Sum {
                    gradient: weight * (probability - f64::from(u8::from(*label))),
                    curvature: weight * probability * (1.0 - probability),
                }
            })
            .collect();
        let rows: Vec<u32> = (0..examples.rows.len() as u32).filter(|_| random.next() < growth.rows).collect();
        let features: Vec<usize> = (0..width).filter(|_| random.next() < growth.features).collect();
        let tree = grow(&columns, &sums, rows, &features, growth);
        let nodes = flatten(&tree);
        scores.par_iter_mut().zip(&examples.rows).for_each(|(score, row)| *score += f64::from(walk(&nodes, row)));
        trees.push(nodes);
    }
    trees
}

fn walk(nodes: &[TreeNode], row: &[f32]) -> f32 {
    let mut at = 0;
    loop {
        match nodes[at] {
            TreeNode::Leaf(value) => return value,
            TreeNode::Split { feature, second, threshold } => {
                at = if row[usize::from(feature)] <= threshold { at + 1 } else { usize::from(second) };
            }
        }
    }
}

fn grow(columns: &[Column], sums: &[Sum], rows: Vec<u32>, features: &[usize], growth: Growth) -> Vec<Grown> {
    let grower = Grower { columns, sums, features, growth };
    let mut tree = vec![Grown::Leaf(0.0)];
    let histogram = grower.histogram(&rows);
    let mut leaves = vec![grower.leaf(rows, histogram, 0)];
    while leaves.len() < growth.leaves {
        let best = leaves
            .iter()
            .enumerate()
            .filter_map(|(at, leaf)| Some((at, leaf.best?)))
            .max_by(|left, right| left.1.gain.total_cmp(&right.1.gain));
        let Some((at, split)) = best else { break };
        let parent = leaves.swap_remove(at);
        let column = &columns[split.feature];
        let (left, right): (Vec<u32>, Vec<u32>) =
            parent.rows.iter().partition(|row| usize::from(column.bins[**row as usize]) <= split.bin);
        let places = [tree.len(), tree.len() + 1];
        tree.push(Grown::Leaf(0.0));
        tree.push(Grown::Leaf(0.0));
        tree[parent.place] =
            Grown::Split { feature: split.feature, threshold: column.bounds[split.bin], children: places };
        // What the smaller child lacks of its parent is the larger one's.
        let left_is_small = left.len() <= right.len();
        let small = grower.histogram(if left_is_small { &left } else { &right });
        let large = difference(parent.histogram, &small);
        let (left_histogram, right_histogram) = if left_is_small { (small, large) } else { (large, small) };
        leaves.push(grower.leaf(left, left_histogram, places[0]));
        leaves.push(grower.leaf(right, right_histogram, places[1]));
    }
    for leaf in leaves {
        tree[leaf.place] = Grown::Leaf(-growth.rate * leaf.sum.gradient / (leaf.sum.curvature + growth.ridge));
    }
    tree
}

fn difference(mut whole: Histogram, part: &Histogram) -> Histogram {
    for (whole, part) in whole.iter_mut().flatten().zip(part.iter().flatten()) {
        whole.gradient -= part.gradient;
        whole.curvature -= part.curvature;
    }
    whole
}

struct Grower<'e> {
    columns: &'e [Column],
    sums: &'e [Sum],
    features: &'e [usize],
    growth: Growth,
}

impl Grower<'_> {
    fn histogram(&self, rows: &[u32]) -> Histogram {
        let own: Vec<Sum> = rows.iter().map(|row| self.sums[*row as usize]).collect();
        self.features
            .par_iter()
            .map(|feature| {
                let bins = &self.columns[*feature].bins;
                let mut histogram = [Sum::default(); 256];
                for (row, own) in rows.iter().zip(&own) {
                    let bin = &mut histogram[usize::from(bins[*row as usize])];
                    bin.gradient += own.gradient;
                    bin.curvature += own.curvature;
                }
                histogram
            })
            .collect()
    }

    fn leaf(&self, rows: Vec<u32>, histogram: Histogram, place: usize) -> Leaf {
        let mut sum = Sum::default();
        for row in &rows {
            let own = self.sums[*row as usize];
            sum.gradient += own.gradient;
            sum.curvature += own.curvature;
        }
        let mut best: Option<Split> = None;
        for (feature, bins) in self.features.iter().zip(&histogram) {
            if let Some(split) = self.best_split(*feature, bins, sum)
                && best.is_none_or(|best| split.gain > best.gain)
            {
                best = Some(split);
            }
        }
        Leaf { rows, sum, histogram, best, place }
    }

    fn best_split(&self, feature: usize, bins: &[Sum; 256], all: Sum) -> Option<Split> {
        let worth = |sum: Sum| sum.gradient * sum.gradient / (sum.curvature + self.growth.ridge);
        let mut left = Sum::default();
        let mut best: Option<Split> = None;
        for (bin, own) in bins.iter().enumerate().take(self.columns[feature].bounds.len()) {
            left.gradient += own.gradient;
            left.curvature += own.curvature;
            let right = Sum { gradient: all.gradient - left.gradient, curvature: all.curvature - left.curvature };
            if left.curvature < self.growth.least || right.curvature < self.growth.least {
                continue;
            }
            let gain = worth(left) + worth(right) - worth(all);
            if gain > 1e-6 && best.is_none_or(|best| gain > best.gain) {
                best = Some(Split { gain, feature, bin });
            }
        }
        best
    }
}

/// The tree with each first child right behind its parent.
fn flatten(tree: &[Grown]) -> Vec<TreeNode> {
    fn put(tree: &[Grown], at: usize, nodes: &mut Vec<TreeNode>) {
        match &tree[at] {
            Grown::Leaf(value) => nodes.push(TreeNode::Leaf(*value as f32)),
            Grown::Split { feature, threshold, children } => {
                let own = nodes.len();
                nodes.push(TreeNode::Leaf(0.0));
                put(tree, children[0], nodes);
                let second = nodes.len() as u16;
                nodes[own] = TreeNode::Split { feature: *feature as u16, second, threshold: *threshold };
                put(tree, children[1], nodes);
            }
        }
    }
    let mut nodes = Vec::new();
    put(tree, 0, &mut nodes);
    nodes
}
