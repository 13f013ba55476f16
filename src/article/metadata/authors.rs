//! Names of people and organisations in bylines and metadata.

mod persons;
mod roles;
mod words;

use super::title::{Site, same};
use crate::article::about::{Author, AuthorKind};
use crate::article::boilerplate::Vocabulary;
use crate::article::normalise;
use persons::goes_on;
pub(super) use persons::{in_order, is_short_for};
pub(super) use roles::names_another_role;
use roles::{is_credential, is_place, is_suffix, without_other_roles};
use words::{
    AGENCIES, FURTHER_OPENINGS, JOBS, JOINED, JOINTS, MONTHS, NOBODY, NOISE, OPENINGS, ORGANISATIONS, PREPOSITIONS,
    SPEAKS, Words,
};

/// Names that a byline may hold; each is compared with those before it.
const NAMES: usize = 200;

/// Words in the longest name.
const NAME_WORDS: usize = 6;

/// Titles of reporters that follow a name.
const REPORTERS: [&str; 3] = ["기자", "記者", "记者"];

/// The names of authors in a byline, in its order: not of who reviewed, edited or illustrated the article.
pub(crate) fn split(byline: &str) -> Vec<String> {
    let byline = normalise::line(byline);
    if byline.contains("://") || byline.contains("www.") {
        return Vec::new();
    }
    let text = without_opening(without_other_roles(after_invitation(&byline)));
    let mut words: Vec<&str> = text.split(' ').collect();
    // What a name begins or ends with joins no two.
    let between = 1..words.len().saturating_sub(1);
    for word in words.get_mut(between).unwrap_or_default().iter_mut().filter(|word| JOINTS.contains(word)) {
        *word = ";";
    }
    let mut names: Vec<String> = Vec::new();
    for part in words.join(" ").split([';', ',', '|', '/', '·', '•', '、', '،', '，']) {
        if names.len() >= NAMES {
            break;
        }
        if let Some(last) = names.last_mut() {
            // "By Jane Doe, in News, Business" goes on about something else.
            if part.split_whitespace().next().is_some_and(|word| JOINED.contains(word)) {
                break;
            }
            if is_suffix(part.trim()) {
                *last = format!("{last} {}", part.trim());
                continue;
            }
            // "Jane Doe, Ph.D.", "Jane Doe, London"
            if is_credential(part, last) || is_place(part, last) {
                continue;
            }
        }
        let Some(name) = name_in(part) else { continue };
        if !names.iter().any(|known| same(known, &name)) {
            names.push(name);
        }
    }
    names
}

/// Whether a line introduces names on the next: "Commentary by", "Written by:", but not "Reviewed by".
pub(crate) fn is_label(line: &str) -> bool {
    let words: Vec<&str> = line.trim_end_matches([' ', ':', '：']).split(' ').collect();
    let leads = words.last().is_some_and(|word| PREPOSITIONS.contains(&word.to_lowercase()) && words.len() <= 3);
    is_opening(line) || (leads && words.len() > 1 && !names_another_role(line))
}

/// Whether a line is what opens a byline and nothing else: "By", "Written by:".
pub(crate) fn is_opening(line: &str) -> bool {
    let word = line.trim_end_matches([' ', ':', '：']).to_lowercase();
    OPENINGS.contains(&word) || FURTHER_OPENINGS.contains(&word)
}

/// Whether a text ends with the title of a reporter.
pub(crate) fn ends_with_reporter(text: &str) -> bool {
    REPORTERS.iter().any(|title| text.ends_with(title))
}

/// Whether a text names what somebody does: "Senior Correspondent".
pub(crate) fn names_a_job(text: &str) -> bool {
    text.split_whitespace().any(|word| JOBS.contains(&bare_word(word)))
}

/// Whether a word stands between a name and a date: "am", "le", "on".
pub(super) fn leads_to_date(word: &str) -> bool {
    JOINED.contains(word) || matches!(word, "le" | "den" | "op" | "em" | "the" | "dne" | "-")
}

/// What follows "All posts by" and "Zeige alle Beiträge von".
fn after_invitation(byline: &str) -> &str {
    let first = byline.split_whitespace().next().map(bare_word).unwrap_or_default();
    let invites = NOISE.contains(&first)
        || ["alles", "zeige", "todos", "tous", "tutti", "beitrag", "gastbeitrag", "blog"].contains(&first.as_str());
    let joint = [" von ", " by ", " par ", " por ", " of ", " di "].iter().find_map(|joint| byline.split_once(joint));
    joint.filter(|_| invites).map_or(byline, |(_, names)| names)
}

/// A byline without what opens it, as long as something is left.
pub(super) fn without_opening(byline: &str) -> &str {
    let mut text = byline.trim();
    for _ in 0..2 {
        let rest = after(text, &[&OPENINGS, &FURTHER_OPENINGS]);
        // "de" and "di" begin names too.
        let Some(rest) = rest.filter(|rest| !rest.is_empty()) else { break };
        text = rest;
    }
    text
}

/// What follows the opening of a byline in one of the further languages, if a line opens like one and names follow.
pub(super) fn after_opening(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = after(line, &[&FURTHER_OPENINGS])?;
    let labelled = line.get(..line.len() - rest.len()).is_some_and(|opening| opening.contains([':', '：', '/', '／']));
    let fits = labelled || rest.split_whitespace().count() <= NAME_WORDS - 2;
    (fits && !rest.is_empty()).then_some(rest)
}

/// Separators within the longest opening, and behind it.
const SEPARATED: usize = 4;

/// What follows the longest opening that a text has, and its separator.
fn after<'t>(text: &'t str, openings: &[&Words]) -> Option<&'t str> {
    const SEPARATORS: [char; 6] = [' ', ':', '：', '/', '／', '\u{a0}'];
    let ends = text.match_indices(SEPARATORS).map(|(at, _)| at).take(SEPARATED);
    let opened = ends.filter_map(|end| {
        let (head, rest) = text.split_at_checked(end)?;
        let opening = head.to_lowercase();
        openings.iter().any(|words| words.contains(&opening)).then(|| rest.trim_start_matches(SEPARATORS))
    });
    opened.last()
}

/// The name within one part of a byline: without jobs, brackets, addresses and what else follows it.
fn name_in(part: &str) -> Option<String> {
    let outside = before_brackets(part);
    if is_opening(outside) {
        return None;
    }
    let mut words: Vec<&str> = Vec::new();
    for word in outside.split_whitespace() {
        if word.starts_with('@') {
            break;
        }
        let bare = bare_word(word);
        // "am 20." and "in the News" begin no name.
        if words.is_empty() && JOINED.contains(word) {
            return None;
        }
        if words.len() >= 2 && (JOBS.contains(&bare) || REPORTERS.contains(&bare.as_str())) {
            // "Jane - Product designer"
            let dash = words.iter().position(|word| matches!(*word, "-" | "–" | "—"));
            words.truncate(dash.unwrap_or(words.len()));
            break;
        }
        let joins = JOINED.contains(word) || (words.len() >= 2 && matches!(bare.as_str(), "in" | "on" | "at" | "for"));
        if !words.is_empty() && joins {
            break;
        }
        if words.len() >= 2 && (MONTHS.contains(&bare) || bare == "the") {
            break;
        }
        if NOISE.contains(&bare) {
            // "Catch more fish" is no name with something after it.
            if words.len() < 2 {
                return None;
            }
            break;
        }
        if SPEAKS.contains(&bare) {
            return None;
        }
        words.push(word);
    }
    // "Representative to the Committee"
    if words.last().is_some_and(|word| matches!(*word, "of" | "to" | "with" | "des" | "du")) {
        return None;
    }
    let joined = words.join(" ");
    let name = joined.trim_matches(['-', '–', '—', ':', '"', '\'', '“', '”', '*', '_', ' ', '\u{b7}']);
    let name = REPORTERS.iter().find_map(|job| name.strip_suffix(job)).unwrap_or(name).trim();
    // The point of "Jr." and "R. R." belongs to the name.
    let initial = name.rsplit([' ', '.']).find(|word| !word.is_empty()).is_some_and(|word| word.chars().count() <= 3);
    let name = if initial { name } else { name.trim_end_matches('.') };
    let is_job = name.split_whitespace().any(|word| JOBS.contains(&bare_word(word)));
    (is_name(name) && (!is_job || is_nobody(name))).then(|| name.to_owned())
}

/// A part of a byline up to what stands in brackets; "Jane (Roe) Doe" goes on behind them.
fn before_brackets(part: &str) -> &str {
    let Some((before, rest)) = part.split_once(['(', '[', '（', '<', '【']) else { return part };
    let goes_on = rest.split_once(')').is_some_and(|(_, name)| name.trim().starts_with(char::is_uppercase));
    if goes_on && before.split_whitespace().count() == 1 { part } else { before }
}

fn bare_word(word: &str) -> String {
    word.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase()
}

/// Whether a text can be the name of an author: few words, no address, no sentence.
pub(crate) fn is_name(name: &str) -> bool {
    let words = name.split_whitespace().count();
    let letters = name.chars().filter(|character| character.is_alphabetic()).count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    letters >= 2
        && (1..=NAME_WORDS).contains(&words)
        && name.chars().count() <= 60
        && digits <= 3
        // A number of its own is part of a date.
        && !name.split_whitespace().any(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
        && name.starts_with(char::is_alphanumeric)
        && !name.contains("://")
        && !name.contains("www.")
        && !name.contains(['@', '{', '}', '<', '>', '=', '?', '!', '\\', ':', '…'])
}

/// Whether a name stands for nobody in particular: "Staff", "Redaktion", "admin".
pub(crate) fn is_nobody(name: &str) -> bool {
    name.split_whitespace().all(|word| NOBODY.contains(&bare_word(word)))
}

/// Whether a name is an organisation's: the site's own, an agency's, or one with a word that people are not called.
pub(crate) fn is_organisation(name: &str, site: Site<'_>, publisher: Option<&str>, vocabulary: &Vocabulary) -> bool {
    let own = is_own(name, site, publisher);
    let bare: Vec<String> = name.split_whitespace().map(bare_word).filter(|word| !word.is_empty()).collect();
    let squashed: String = bare.concat();
    // "JF", "TPN": signs of newsrooms, now and then of people.
    let sign =
        bare.len() == 1 && name.chars().count() <= 4 && name.chars().all(|character| character.is_ascii_uppercase());
    let labels: Vec<&str> = site.host.unwrap_or_default().split('.').filter(|label| label.len() >= 3).collect();
    let hosted = site.host.is_some_and(|host| name.to_lowercase().contains(host.trim_start_matches("www.")))
        || labels.iter().any(|label| {
            squashed == label.replace('-', "")
                || bare.first().is_some_and(|word| word == label && bare.len() > 1 && label.len() <= 4)
        });
    let domain = name.split_whitespace().any(|word| {
        word.rsplit_once('.').is_some_and(|(head, tail)| {
            head.len() >= 3
                && matches!(
                    tail,
                    "com"
                        | "de"
                        | "org"
                        | "net"
                        | "fr"
                        | "es"
                        | "it"
                        | "at"
                        | "ch"
                        | "uk"
                        | "is"
                        | "be"
                        | "nl"
                        | "pl"
                        | "info"
                        | "tv"
                )
        })
    });
    let registered = name.contains("e.V") || name.contains("e. V");
    own || sign
        || hosted
        || domain
        || registered
        || is_long_agency(name)
        || vocabulary.is_agency(name)
        || vocabulary.is_agency(name.strip_prefix("The ").unwrap_or(name))
        || bare.iter().any(|word| ORGANISATIONS.contains(word))
}

/// Whether a name is the site's own or its publisher's.
fn is_own(name: &str, site: Site<'_>, publisher: Option<&str>) -> bool {
    let plain = |text: &str| -> String {
        let words = text.split_whitespace().map(bare_word);
        words
            .filter(|word| !matches!(word.as_str(), "the" | "die" | "der" | "das" | "le" | "la" | "el" | "il"))
            .collect::<String>()
    };
    let name = plain(name);
    let label = site
        .host
        .and_then(psl::domain_str)
        .and_then(|domain| domain.split('.').next())
        .map(|label| label.replace('-', ""));
    !name.is_empty()
        && ([site.name, publisher].into_iter().flatten().any(|known| plain(known) == name)
            || label.is_some_and(|label| label == name))
}

/// The authors among what a source names: people, else organisations. Nobody in particular is nobody.
pub(super) fn known(named: &[Author], site: Site<'_>, publisher: Option<&str>, vocabulary: &Vocabulary) -> Vec<Author> {
    let mut authors: Vec<Author> = Vec::new();
    for one in named {
        // A name with a comma may be an organisation's, or a list.
        let is_own = |name: &str| is_own(name, site, publisher);
        let whole = one.kind == AuthorKind::Organisation || is_own(&one.name);
        let mut names = if whole { vec![one.name.clone()] } else { split(&one.name) };
        // "example.org, Berlin, Germany" is one address, not three people.
        if names.len() > 1
            && names
                .first()
                .is_some_and(|first| first.contains('.') && is_organisation(first, site, publisher, vocabulary))
        {
            names.truncate(1);
        }
        for name in names {
            let mut parts = name.split(" - ");
            let name = if !whole && parts.clone().any(is_own) {
                parts.find(|part| !is_own(part)).unwrap_or(&name)
            } else {
                &name
            };
            let name = name.trim_matches([' ', ',']).to_owned();
            if is_nobody(&name)
                || name.is_empty()
                || authors.len() >= super::AUTHORS
                || authors.iter().any(|known| same(&known.name, &name))
            {
                continue;
            }
            let name = if whole {
                name.as_str()
            } else {
                without_agency(&name, &|tail| is_own(tail) || vocabulary.is_agency(tail) || is_long_agency(tail))
            }
            .to_owned();
            if authors.iter().any(|known| same(&known.name, &name)) {
                continue;
            }
            let organisation =
                one.kind == AuthorKind::Organisation || is_organisation(&name, site, publisher, vocabulary);
            let kind = if organisation { AuthorKind::Organisation } else { AuthorKind::Person };
            authors.push(Author { name, kind, url: one.url.clone() });
        }
    }
    if authors.iter().any(|author| author.kind == AuthorKind::Person) {
        authors.retain(|author| author.kind == AuthorKind::Person);
    }
    let named = authors.clone();
    authors.retain(|one| !named.iter().any(|other| goes_on(&one.name, &other.name)));
    authors
}

/// The authors among the names in a text, of whose site nothing is known.
pub(crate) fn of_names(names: Vec<String>, vocabulary: &Vocabulary) -> Vec<Author> {
    let named: Vec<Author> =
        names.into_iter().map(|name| Author { name, kind: AuthorKind::Person, url: None }).collect();
    known(&named, Site::default(), None, vocabulary)
}

fn is_long_agency(name: &str) -> bool {
    let name = name.to_lowercase();
    AGENCIES.contains(name.strip_prefix("the ").unwrap_or(&name))
}

/// A person's name without the agency that follows it ("Jane Doe Associated Press").
fn without_agency<'n>(name: &'n str, is_agency: &dyn Fn(&str) -> bool) -> &'n str {
    let cuts = name.match_indices(' ').map(|(at, _)| at).skip(1);
    cuts.filter_map(|at| {
        let tail = name.get(at..)?.trim_start();
        let tail = tail.strip_prefix("The ").unwrap_or(tail);
        // Short signs of agencies are names of people too.
        (tail.len() > 2 && is_agency(tail)).then(|| name.get(..at).unwrap_or(name))
    })
    .next()
    .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::{is_name, known, split};
    use crate::article::about::{Author, AuthorKind};
    use crate::article::boilerplate::Rules;
    use crate::article::metadata::title::Site;

    #[test]
    fn a_byline_gives_its_names_in_order_once() {
        assert_eq!(split("By Jane Doe and John Roe, Ana Pérez"), ["Jane Doe", "John Roe", "Ana Pérez"]);
        assert_eq!(split("Von Jan Müller und Eva Schmidt"), ["Jan Müller", "Eva Schmidt"]);
        assert_eq!(split("Jane Doe; Jane Doe"), ["Jane Doe"]);
    }

    #[test]
    fn bylines_open_and_join_in_many_languages() {
        for (byline, names) in [
            ("Par Marie Dupont et Luc Petit", vec!["Marie Dupont", "Luc Petit"]),
            ("Por María García y José López", vec!["María García", "José López"]),
            ("Di Anna Rossi e Luca Bianchi", vec!["Anna Rossi", "Luca Bianchi"]),
            ("Door Jan Jansen en Piet Peters", vec!["Jan Jansen", "Piet Peters"]),
            ("Av Kari Nordmann og Ola Hansen", vec!["Kari Nordmann", "Ola Hansen"]),
            ("Автор: Иван Петров и Анна Смирнова", vec!["Иван Петров", "Анна Смирнова"]),
            ("文/李明", vec!["李明"]),
            ("홍길동 기자", vec!["홍길동"]),
            ("Szerző: Kovács Anna és Nagy Péter", vec!["Kovács Anna", "Nagy Péter"]),
            ("Yazan: Ayşe Yılmaz ve Ali Demir", vec!["Ayşe Yılmaz", "Ali Demir"]),
            ("Przez Anna Nowak", vec!["Anna Nowak"]),
            ("Napsal Jan Novák", vec!["Jan Novák"]),
            ("بقلم محمد علي", vec!["محمد علي"]),
            ("מאת דנה כהן", vec!["דנה כהן"]),
            ("نویسنده: علی رضایی", vec!["علی رضایی"]),
            ("تحریر: احمد خان", vec!["احمد خان"]),
            ("Tác giả: Nguyễn Văn An", vec!["Nguyễn Văn An"]),
            ("Oleh Budi Santoso", vec!["Budi Santoso"]),
            ("โดย สมชาย ใจดี", vec!["สมชาย ใจดี"]),
            ("Γράφει η Μαρία Παπαδοπούλου", vec!["Μαρία Παπαδοπούλου"]),
            ("Scris de Ion Popescu", vec!["Ion Popescu"]),
            ("Napísala Jana Kováčová", vec!["Jana Kováčová"]),
            ("Napisao Ivan Horvat", vec!["Ivan Horvat"]),
            ("Teksti: Matti Virtanen", vec!["Matti Virtanen"]),
            ("Parengė Jonas Kazlauskas", vec!["Jonas Kazlauskas"]),
            ("Autors: Jānis Bērziņš", vec!["Jānis Bērziņš"]),
            ("ავტორი: ნინო ბერიძე", vec!["ნინო ბერიძე"]),
            ("Հեղինակ: Արամ Սարգսյան", vec!["Արամ Սարգսյան"]),
            ("लेखक: राम शर्मा", vec!["राम शर्मा"]),
            ("লেখক: রহিম উদ্দিন", vec!["রহিম উদ্দিন"]),
            ("執筆：山田太郎", vec!["山田太郎"]),
            ("글 홍길동", vec!["홍길동"]),
        ] {
            assert_eq!(split(byline), names, "{byline}");
        }
    }

    #[test]
    fn jobs_brackets_handles_and_addresses_do_not_stay() {
        assert_eq!(split("Autorin: Uta Muster, Projektleiterin in Tunis"), ["Uta Muster"]);
        assert_eq!(split("Julia Sample, Politics Reporter"), ["Julia Sample"]);
        assert_eq!(split("Elena Muster (em), Max Probe (mp)"), ["Elena Muster", "Max Probe"]);
        assert_eq!(split("Jane Doe @janedoe"), ["Jane Doe"]);
        assert_eq!(split("Jane Doe jane@example.org"), Vec::<String>::new());
        assert_eq!(split("Jane Doe View all posts"), ["Jane Doe"]);
        assert_eq!(split("View my complete profile"), Vec::<String>::new());
        assert_eq!(split("Jane Doe says"), Vec::<String>::new());
    }

    #[test]
    fn addresses_and_sentences_are_no_names() {
        assert!(!is_name("https://www.facebook.com/example"));
        assert!(!is_name("jane@example.org"));
        assert!(!is_name("Dec 24"));
        assert!(!is_name("This is the page where all of our stories are"));
        assert!(is_name("Jean-Luc de la Tour"));
        assert!(is_name("山田太郎"));
    }

    #[test]
    fn people_come_before_organisations_and_nobody_is_left_out() {
        let rules = Rules::compiled_in().unwrap();
        let site = Site { name: Some("The Example"), host: Some("www.example.org"), section: None };
        let authors = |names: &[&str]| -> Vec<(String, AuthorKind)> {
            let named: Vec<Author> = names
                .iter()
                .map(|name| Author { name: (*name).to_owned(), kind: AuthorKind::Person, url: None })
                .collect();
            known(&named, site, None, &rules.vocabulary).into_iter().map(|one| (one.name, one.kind)).collect()
        };
        assert_eq!(authors(&["Jane Doe", "Reuters", "Staff"]), [("Jane Doe".to_owned(), AuthorKind::Person)]);
        assert_eq!(authors(&["The Example"]), [("The Example".to_owned(), AuthorKind::Organisation)]);
        assert_eq!(authors(&["Jane Doe The Associated Press"]), [("Jane Doe".to_owned(), AuthorKind::Person)]);
        assert_eq!(authors(&["admin"]), []);
    }
}
