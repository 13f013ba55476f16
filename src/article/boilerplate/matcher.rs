//! One automaton over the phrases of all packs, and what its hits say about a block.

use std::collections::HashMap;

use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

use super::RuleError;
use super::folded::{Folded, fold, fold_within};
use super::openings::Openings;
use super::pack::{ByLanguage, Pack};
use crate::article::BlockKind;

/// How a phrase takes part in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Label,
    /// A label that a name may follow ("share on …").
    OpenLabel,
    Beside,
    Start,
    Phrase,
    Cue,
    Action,
    Object,
}

#[derive(Debug, Clone, Copy)]
struct Use {
    pack: usize,
    role: Role,
    language: usize,
}

#[derive(Debug)]
struct PackRules {
    kind: BlockKind,
    evidence: bool,
    start_chars: usize,
    phrase_chars: usize,
    score_chars: usize,
    /// Which of cue, action and object a block needs: those for which the pack has phrases at all.
    needed: u8,
}

/// The kind of a block, and the rule that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) kind: BlockKind,
    /// `label`, `start`, `phrase` or `score`.
    pub(crate) rule: &'static str,
    /// Whether it is no proof alone: it holds beside another block of the same kind, or where something else speaks for it too.
    pub(crate) beside_only: bool,
}

impl Verdict {
    /// The stable name of the rule, as it is reported.
    pub(crate) fn rule_name(self) -> String {
        format!("phrase:{}:{}", self.kind.label(), self.rule)
    }
}

/// Recognises furniture by its words.
#[derive(Debug)]
pub(crate) struct PhraseMatcher {
    automaton: AhoCorasick,
    /// The few phrases without which nothing but the beginning of a block can tell: for each pattern whether it is one of them, and
    /// how they begin.
    decisive: Vec<bool>,
    decisive_openings: Openings,
    /// How all begin.
    openings: Openings,
    /// For each pattern of the automaton, where it is used.
    uses: Vec<Vec<Use>>,
    packs: Vec<PackRules>,
    languages: usize,
    any_language: usize,
    /// Nothing can be said of a block of more characters.
    longest: usize,
}

/// A name that follows an open label ("share on Facebook") is at most this long, in bytes of folded text.
const OPEN_LABEL_NAME: usize = 24;

/// Longest block, in characters, that can be a row of labels.
const LABEL_ROW_CHARS: usize = 240;

/// A block that begins with more digits and signs is read whole.
const MOST_PLACES: usize = 8;

impl PhraseMatcher {
    pub(super) fn new(packs: &[(BlockKind, Pack)]) -> Result<Self, RuleError> {
        let mut builder = Builder::default();
        let any_language = builder.language("any");
        let packs: Vec<PackRules> =
            packs.iter().enumerate().map(|(index, (kind, pack))| builder.add(index, *kind, pack)).collect();
        let failed = |error: aho_corasick::BuildError| RuleError::Automaton { detail: error.to_string() };
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .start_kind(StartKind::Anchored)
            .build(&builder.patterns)
            .map_err(failed)?;
        let decides = |used: &Use| {
            let needed = packs.get(used.pack).map_or(0, |pack| pack.needed);
            // A score needs phrases of each of some roles: to know of the first is enough.
            let first = needed & needed.wrapping_neg();
            used.role == Role::Phrase || role_bit(used.role) & first != 0
        };
        let decisive: Vec<bool> = builder.uses.iter().map(|uses| uses.iter().any(decides)).collect();
        let decisive_patterns = builder.patterns.iter().zip(&decisive).filter(|(_, decides)| **decides);
        let decisive_openings = Openings::of(decisive_patterns.map(|(pattern, _)| pattern.as_str()));
        let openings = Openings::of(builder.patterns.iter().map(String::as_str));
        let (uses, languages) = (builder.uses, builder.languages.len());
        let longest = packs.iter().flat_map(|pack| [pack.start_chars, pack.phrase_chars, pack.score_chars]).max();
        let longest = longest.unwrap_or(0).max(LABEL_ROW_CHARS);
        Ok(Self { automaton, decisive, decisive_openings, openings, uses, packs, languages, any_language, longest })
    }

    /// Reads a block once; the answers are asked of the reading.
    pub(crate) fn read(&self, block: &str) -> Reading<'_> {
        self.read_folded(fold(block))
    }

    fn read_folded(&self, folded: Folded) -> Reading<'_> {
        let places = folded.starts().filter(|at| self.openings.may_begin(folded.as_str(), *at));
        let mut hits: Vec<Hit> = places.flat_map(|at| self.hits_at(&folded, at)).collect();
        hits.sort_by_key(|hit| (hit.end, hit.start));
        let chars = folded.as_str().chars().count();
        Reading { matcher: self, folded, hits, chars }
    }

    /// What a block is, if its words tell: what [`Reading::verdict`] says, without reading the many blocks in which it cannot say
    /// anything.
    pub(crate) fn verdict(&self, block: &str) -> Option<Verdict> {
        // Of a block that is too long so much is read as shows that it is: a character takes at most four bytes.
        let folded = fold_within(block, 4 * (self.longest + 1));
        (self.begins(&folded) || self.decides(&folded)).then(|| self.read_folded(folded).verdict()).flatten()
    }

    /// Whether a phrase stands where a row of labels or a start would: before any other letter.
    fn begins(&self, folded: &Folded) -> bool {
        let text = folded.as_str();
        let first_letter = text.find(char::is_alphabetic).unwrap_or(text.len());
        let mut places = (0..=first_letter).filter(|at| folded.is_boundary(*at));
        let begins = |at| self.openings.may_begin(text, at) && self.hits_at(folded, at).next().is_some();
        places.by_ref().take(MOST_PLACES).any(begins) || places.next().is_some()
    }

    /// The phrases that stand at a place, the shortest first.
    fn hits_at(&self, folded: &Folded, at: usize) -> impl Iterator<Item = Hit> {
        let mut state = OverlappingState::start();
        let hits = std::iter::from_fn(move || {
            let input = Input::new(folded.as_str()).range(at..).anchored(Anchored::Yes);
            self.automaton.find_overlapping(input, &mut state);
            state.get_match()
        });
        // What ends where a longer phrase does is found at its own place.
        let hits = hits.filter(move |hit| hit.start() == at && folded.holds(hit.range()));
        hits.map(|hit| Hit { start: hit.start(), end: hit.end(), pattern: hit.pattern().as_usize() })
    }

    fn decides(&self, folded: &Folded) -> bool {
        let mut places = folded.starts().filter(|at| self.decisive_openings.may_begin(folded.as_str(), *at));
        places.any(|at| self.hits_at(folded, at).any(|hit| self.decisive.get(hit.pattern) == Some(&true)))
    }
}

#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    pattern: usize,
}

/// A block with the phrases found in it.
#[derive(Debug)]
pub(crate) struct Reading<'m> {
    matcher: &'m PhraseMatcher,
    folded: Folded,
    hits: Vec<Hit>,
    chars: usize,
}

impl<'m> Reading<'m> {
    /// What the block is, if its words tell.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        if self.hits.is_empty() {
            return None;
        }
        self.labels().or_else(|| self.start()).or_else(|| self.phrase()).or_else(|| self.score())
    }

    /// Whether some phrase of the kind occurs, in whatever role.
    pub(crate) fn mentions(&self, kind: BlockKind) -> bool {
        self.uses().any(|(_, used)| self.pack(used).is_some_and(|pack| pack.kind == kind))
    }

    fn uses(&self) -> impl Iterator<Item = (&Hit, Use)> {
        self.hits
            .iter()
            .flat_map(|hit| self.matcher.uses.get(hit.pattern).into_iter().flatten().map(move |used| (hit, *used)))
    }

    fn pack(&self, used: Use) -> Option<&'m PackRules> {
        self.matcher.packs.get(used.pack)
    }

    /// A block that labels cover from end to end; numbers and separators between them do not matter.
    fn labels(&self) -> Option<Verdict> {
        if self.chars > LABEL_ROW_CHARS {
            return None;
        }
        let mut labels: Vec<(&Hit, Use)> =
            self.uses().filter(|(_, used)| matches!(used.role, Role::Label | Role::OpenLabel | Role::Beside)).collect();
        // The longest label wins at each place; between equals the earlier pack.
        labels.sort_by_key(|(hit, used)| (hit.start, usize::MAX - hit.end, used.pack));
        let mut covered = 0;
        let mut best: Option<(usize, Use)> = None;
        let mut open = false;
        let mut strong = false;
        for (hit, used) in labels {
            if hit.start < covered {
                continue;
            }
            if !self.is_gap(covered, hit.start, open) {
                return None;
            }
            covered = hit.end;
            open = used.role == Role::OpenLabel;
            strong |= used.role != Role::Beside;
            let length = hit.end - hit.start;
            if best.is_none_or(|(longest, _)| length > longest) {
                best = Some((length, used));
            }
        }
        let (_, used) = best?;
        if !self.is_gap(covered, self.folded.as_str().len(), open) {
            return None;
        }
        Some(Verdict { kind: self.pack(used)?.kind, rule: "label", beside_only: !strong })
    }

    /// Whether the text between two labels is nothing: separators, digits, or the name after an open label.
    fn is_gap(&self, from: usize, to: usize, open: bool) -> bool {
        let Some(gap) = self.folded.as_str().get(from..to) else { return false };
        if open && gap.len() <= OPEN_LABEL_NAME {
            return !gap.contains(['.', '!', '?', ';']);
        }
        !gap.chars().any(char::is_alphabetic)
    }

    fn start(&self) -> Option<Verdict> {
        let text = self.folded.as_str();
        let first_letter = text.find(char::is_alphanumeric)?;
        self.uses().find_map(|(hit, used)| {
            let pack = self.pack(used)?;
            (used.role == Role::Start && hit.start == first_letter && self.chars <= pack.start_chars)
                .then_some(Verdict { kind: pack.kind, rule: "start", beside_only: false })
        })
    }

    fn phrase(&self) -> Option<Verdict> {
        self.uses().find_map(|(_, used)| {
            let pack = self.pack(used)?;
            (used.role == Role::Phrase && self.chars <= pack.phrase_chars).then_some(Verdict {
                kind: pack.kind,
                rule: "phrase",
                beside_only: false,
            })
        })
    }

    /// A cue, an action and an object of one language, each a hit of its own.
    fn score(&self) -> Option<Verdict> {
        let languages = self.matcher.languages;
        let mut seen = vec![0_u8; self.matcher.packs.len() * languages];
        for (_, used) in self.uses() {
            let bit = role_bit(used.role);
            if let Some(slot) = seen.get_mut(used.pack * languages + used.language) {
                *slot |= bit;
            }
        }
        self.matcher.packs.iter().zip(seen.chunks(languages)).find_map(|(pack, seen)| {
            if pack.needed == 0 || self.chars > pack.score_chars {
                return None;
            }
            let shared = seen.get(self.matcher.any_language).copied().unwrap_or(0);
            seen.iter()
                .any(|bits| *bits & !shared != 0 && (bits | shared) & pack.needed == pack.needed)
                .then_some(Verdict { kind: pack.kind, rule: "score", beside_only: pack.evidence })
        })
    }
}

fn role_bit(role: Role) -> u8 {
    match role {
        Role::Cue => 1,
        Role::Action => 2,
        Role::Object => 4,
        _ => 0,
    }
}

#[derive(Default)]
struct Builder {
    patterns: Vec<String>,
    by_pattern: HashMap<String, usize>,
    uses: Vec<Vec<Use>>,
    languages: Vec<String>,
}

impl Builder {
    fn language(&mut self, tag: &str) -> usize {
        if let Some(known) = self.languages.iter().position(|language| language == tag) {
            return known;
        }
        self.languages.push(tag.to_owned());
        self.languages.len() - 1
    }

    fn add(&mut self, pack: usize, kind: BlockKind, rules: &Pack) -> PackRules {
        let mut needed = 0;
        for (phrases, role) in [
            (&rules.labels, Role::Label),
            (&rules.beside, Role::Beside),
            (&rules.starts, Role::Start),
            (&rules.phrases, Role::Phrase),
            (&rules.cues, Role::Cue),
            (&rules.actions, Role::Action),
            (&rules.objects, Role::Object),
        ] {
            if self.add_role(pack, phrases, role) {
                needed |= role_bit(role);
            }
        }
        PackRules {
            kind,
            evidence: rules.evidence,
            start_chars: rules.start_chars,
            phrase_chars: rules.phrase_chars,
            score_chars: rules.score_chars,
            needed,
        }
    }

    fn add_role(&mut self, pack: usize, phrases: &ByLanguage, role: Role) -> bool {
        let mut any = false;
        for (tag, list) in phrases {
            let language = self.language(tag);
            for phrase in list {
                let (phrase, role) = match phrase.strip_suffix('*') {
                    Some(open) if role == Role::Label => (open, Role::OpenLabel),
                    _ => (phrase.as_str(), role),
                };
                let pattern = fold(phrase).as_str().to_owned();
                if pattern.is_empty() {
                    continue;
                }
                any = true;
                let next = self.patterns.len();
                let index = *self.by_pattern.entry(pattern.clone()).or_insert(next);
                if index == next {
                    self.patterns.push(pattern);
                    self.uses.push(Vec::new());
                }
                if let Some(uses) = self.uses.get_mut(index) {
                    uses.push(Use { pack, role, language });
                }
            }
        }
        any
    }
}
