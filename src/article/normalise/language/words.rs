//! Languages that the detector does not know, by their most frequent words.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A language and words of which its texts are full.
const LANGUAGES: [(&str, &[&str]); 11] = [
    (
        "sq",
        &[
            "dhe", "në", "të", "për", "një", "me", "nga", "që", "është", "si", "më", "ka", "së", "janë", "kjo", "ky",
            "por", "duke", "pas", "edhe", "i", "e",
        ],
    ),
    (
        "is",
        &[
            "og", "að", "í", "á", "er", "sem", "um", "til", "við", "ekki", "það", "var", "eru", "með", "fyrir", "hann",
            "af", "því", "en", "þetta", "hafa", "frá",
        ],
    ),
    (
        "eu",
        &[
            "eta", "da", "bat", "ez", "du", "dira", "dute", "izan", "ere", "baina", "egin", "zuen", "beste", "hori",
            "den", "dela", "dituzte", "ditu",
        ],
    ),
    (
        "gl",
        &[
            "unha", "polo", "pola", "máis", "tamén", "dunha", "nunha", "coa", "aos", "ás", "ao", "dos", "das", "da",
            "do", "non", "foi", "que", "para", "nos",
        ],
    ),
    (
        "ga",
        &[
            "agus", "an", "na", "ar", "is", "go", "ag", "bhí", "atá", "le", "sé", "tá", "ní", "sin", "don", "leis",
            "faoi", "chun",
        ],
    ),
    (
        "lb",
        &[
            "den", "déi", "vun", "dat", "ass", "fir", "net", "mat", "op", "och", "hunn", "huet", "sinn", "eng", "awer",
            "gouf", "um", "an", "de", "zu",
        ],
    ),
    (
        "mt",
        &[
            "li", "ta", "il", "fil", "ma", "mill", "huwa", "għal", "kien", "biex", "dan", "hija", "minn", "ġew", "u",
            "bil", "tal",
        ],
    ),
    (
        "sw",
        &[
            "na", "ya", "wa", "kwa", "katika", "ni", "za", "la", "hiyo", "kuwa", "hii", "huo", "cha", "yake",
            "alisema", "hata", "kama", "pia",
        ],
    ),
    ("so", &["iyo", "oo", "in", "ka", "ku", "ee", "waa", "uu", "ay", "ayaa", "waxaa", "soo", "lagu", "la", "ah", "si"]),
    (
        "fo",
        &[
            "og", "at", "í", "á", "er", "sum", "um", "til", "við", "ikki", "tað", "var", "eru", "fyri", "hann", "av",
            "hevur", "frá", "teir",
        ],
    ),
    (
        "pap",
        &[
            "di", "e", "a", "na", "ta", "cu", "pa", "den", "un", "no", "tabata", "esaki", "nan", "mester", "ku", "aki",
            "tambe",
        ],
    ),
];

/// Words of a sample that are counted, at most.
const WORDS: usize = 400;

/// The share of a text that such words make up in its language; in no other do they come near it.
const SHARE: f64 = 0.22;

/// A text with fewer words tells nothing.
const FEWEST: usize = 20;

/// For each word the languages that it is frequent in.
static KNOWN: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut known: HashMap<&str, Vec<usize>> = HashMap::new();
    for (language, (_, words)) in LANGUAGES.iter().enumerate() {
        words.iter().for_each(|word| known.entry(word).or_default().push(language));
    }
    known
});

/// The language of a text, where its words are those of one that the detector does not know.
pub(super) fn language(sample: &str) -> Option<&'static str> {
    let mut count = 0;
    // How many words each language has in the text.
    let mut found = [0_usize; LANGUAGES.len()];
    let mut seen: HashSet<&str> = HashSet::new();
    let mut lower = String::new();
    let words = sample.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    for word in words.take(WORDS) {
        count += 1;
        lower.clear();
        lower.extend(word.chars().flat_map(char::to_lowercase));
        let Some((word, languages)) = KNOWN.get_key_value(lower.as_str()) else { continue };
        seen.insert(word);
        for language in languages {
            if let Some(found) = found.get_mut(*language) {
                *found += 1;
            }
        }
    }
    if count < FEWEST {
        return None;
    }
    let ((tag, known), found) = LANGUAGES.iter().zip(found).max_by_key(|(_, found)| *found)?;
    // A few different words: a list of one word is no text.
    let different = known.iter().filter(|known| seen.contains(*known)).count();
    (found as f64 / count as f64 >= SHARE && different >= 6).then_some(*tag)
}

#[cfg(test)]
mod tests {
    use super::language;

    #[test]
    fn languages_are_known_by_their_words() {
        let albanian = "Qeveria ka njoftuar të martën një sërë masash për të mbështetur ndërmarrjet që janë prekur nga rritja e çmimeve të energjisë, dhe kjo është më e rëndësishme se sa dukej në fillim të vitit.";
        assert_eq!(language(albanian), Some("sq"));
        let icelandic = "Ríkisstjórnin kynnti á þriðjudag aðgerðir til að styðja fyrirtæki sem hafa orðið fyrir barðinu á hækkun orkuverðs og sagði að það væri ekki við öðru að búast, en þetta er í fyrsta sinn sem það er gert.";
        assert_eq!(language(icelandic), Some("is"));
    }

    #[test]
    fn their_neighbours_are_not() {
        for text in [
            "Regjeringen la tirsdag fram en rekke tiltak som skal hjelpe bedrifter gjennom de høye prisene på energi, og sa at det ikke er aktuelt å endre dem før neste år, selv om mange av dem er dyre.",
            "Il governo ha annunciato martedì una serie di misure per sostenere le imprese colpite dall'aumento dei prezzi dell'energia, e non è escluso che ne arrivino di nuove entro la fine di questo mese.",
            "O governo anunciou na terça-feira uma série de medidas para apoiar as empresas afetadas pela subida dos preços da energia, e não está excluído que outras sejam tomadas até ao fim do mês.",
            "The government announced on Tuesday a series of measures to support companies that are hit by the rise in energy prices, and it is not out of the question that more will follow by the end of the month.",
        ] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
