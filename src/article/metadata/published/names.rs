//! Names of `<meta>` elements that hold dates, and words that say what a date is of.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Names that mean the day of publication and nothing else.
pub(super) const SURE: [&str; 25] = [
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "og:article:published",
    "article.published",
    "article:publicationdate",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.published",
    "pubdate",
    "pub_date",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_at",
    "publication_date",
    "publication-date",
    "cxenseparse:recs:publishtime",
    "citation_publication_date",
    "citation_online_date",
    "originalpublicationdate",
];

/// Names that other programs fill with the day of a change, or of the visit.
pub(super) const UNSURE: [&str; 9] = [
    "date",
    "dc.date",
    "dc:date",
    "dcterms.date",
    "dcterms.created",
    "dcterms:created",
    "dc.date.created",
    "datecreated",
    "created",
];

/// Names that mean the time of a change.
pub(super) const CHANGED: [&str; 10] = [
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "article:modified",
    "revised",
];

/// Words that make a date that of a change.
const CHANGES: [&str; 34] = [
    "updated",
    "update",
    "modified",
    "edited",
    "revised",
    "aktualisiert",
    "geändert",
    "bearbeitet",
    "stand:",
    "mis à jour",
    "modifié",
    "maj ",
    "actualizado",
    "actualización",
    "atualizado",
    "atualizada",
    "aggiornato",
    "aggiornamento",
    "bijgewerkt",
    "gewijzigd",
    "aktualizacja",
    "zaktualizowano",
    "обновлено",
    "изменено",
    "оновлено",
    "güncelleme",
    "güncellendi",
    "uppdaterad",
    "oppdatert",
    "opdateret",
    "päivitetty",
    "frissítve",
    "更新",
    "수정",
];

/// Words of a sentence that says when its article was published.
const PUBLISHES: [&str; 16] = [
    "posted",
    "published",
    "gepostet",
    "veröffentlicht",
    "erschienen",
    "artikel wurde am",
    "publié",
    "mis en ligne",
    "publicado",
    "publicada",
    "pubblicato",
    "geplaatst",
    "opublikowano",
    "опубликован",
    "publicerad",
    "publisert",
];

static OF_CHANGE: LazyLock<Words> = LazyLock::new(|| Words::of(&CHANGES));
static OF_PUBLICATION: LazyLock<Words> = LazyLock::new(|| Words::of(&PUBLISHES));

/// Words that are looked for together.
struct Words(Option<AhoCorasick>);

impl Words {
    fn of(words: &[&str]) -> Self {
        // Fails on more words than can be numbered; a test looks for each.
        Self(AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok())
    }

    fn first(&self, lower: &str) -> Option<usize> {
        Some(self.0.as_ref()?.find(lower)?.start())
    }
}

/// Where a text in lower case first says that its date is that of a change.
pub(super) fn change(lower: &str) -> Option<usize> {
    OF_CHANGE.first(lower)
}

/// Whether a line says that its date is that of a change.
pub(super) fn is_of_change(line: &str) -> bool {
    change(&line.to_lowercase()).is_some()
}

/// Whether a line says that its date is that of the publication.
pub(super) fn is_of_publication(line: &str) -> bool {
    OF_PUBLICATION.first(&line.to_lowercase()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_and_the_first_of_several() {
        assert!(CHANGES.iter().all(|word| change(word) == Some(0)));
        assert!(PUBLISHES.iter().all(|word| is_of_publication(word)));
        assert_eq!(change("posted 5 march, edited 6 march, updated 7 march"), Some(16));
        assert!(!is_of_change("5 march") && !is_of_publication("5 march"));
    }
}
