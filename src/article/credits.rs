//! Who took a picture, as the ends of captions say it.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::characters;

/// What opens a credit.
const OPENINGS: [&str; 22] = [
    "Photo:",
    "Photo by",
    "Photograph:",
    "Picture:",
    "Image:",
    "Image credit:",
    "Credit:",
    "Courtesy of",
    "Foto:",
    "Bild:",
    "Bildquelle:",
    "Quelle:",
    "© ",
    "©",
    "Crédit photo",
    "Photo :",
    "Crédit :",
    "Fotografía:",
    "Fot.",
    "Фото:",
    "写真:",
    "Kuva:",
];

/// Agencies and archives whose name alone at the end of a caption is a credit.
const AGENCIES: [&str; 24] = [
    "AP",
    "AFP",
    "ANP",
    "ANSA",
    "AAP",
    "APA",
    "Alamy",
    "BELGA",
    "Belga",
    "EFE",
    "EPA",
    "Getty",
    "Getty Images",
    "IMAGO",
    "Imago",
    "NTB",
    "PAP",
    "Reuters",
    "REUTERS",
    "Ritzau Scanpix",
    "Shutterstock",
    "TT",
    "dpa",
    "iStock",
];

/// Bytes at the end of a text in which a credit opens.
const TAIL: usize = 100;

/// All openings at once: every block of a page is asked.
static MATCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(OPENINGS).ok());

/// Where the credit of a caption begins.
pub(crate) fn opening(caption: &str) -> Option<usize> {
    OPENINGS.iter().filter_map(|opening| caption.rfind(opening)).min()
}

/// Whether a text ends as captions do: with a credit, or the name of an agency. A sentence ends with its stop instead.
pub(crate) fn ends_text(text: &str) -> bool {
    let tail = characters::tail(text.trim_end_matches([' ', ')', ']', '/', '|']), TAIL);
    let is_agency = |agency: &&str| {
        tail.strip_suffix(*agency).is_some_and(|before| !before.ends_with(|last: char| last.is_alphanumeric()))
    };
    MATCHER.as_ref().is_some_and(|matcher| matcher.is_match(tail)) || AGENCIES.iter().any(is_agency)
}

#[cfg(test)]
mod tests {
    use super::ends_text;

    #[test]
    fn captions_end_with_who_took_the_picture() {
        for caption in [
            "The harbour of Merrow at dawn. (AP)",
            "The harbour of Merrow at dawn. Credit: Jane Doe",
            "Der Hafen von Merrow. © dpa | Erika Muster",
            "The harbour of Merrow (Picture: Getty Images)",
            "Jane Doe | Moment | Getty Images",
        ] {
            assert!(ends_text(caption), "{caption}");
        }
        for sentence in [
            "Ferries came back on Monday, the mayor told Reuters.",
            "The photo: that is what they remember of the day on which the harbour of Merrow opened again, after years in which \
             nothing but rain had come in.",
            "They drew a MAP",
            "",
        ] {
            assert!(!ends_text(sentence), "{sentence}");
        }
    }
}
