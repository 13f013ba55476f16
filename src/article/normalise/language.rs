//! The language of a text, from its letters and words and from what the page says.

mod words;

use whatlang::Lang;

use crate::article::Language;

/// Enough text to tell a language; more costs time and tells nothing new.
const SAMPLE_CHARS: usize = 400;

/// A text shorter than this does not outweigh what the page says.
const SHORT_CHARS: usize = 120;

/// The language of a body. `claimed` is what the page or its carrier says, as written there; where the text is in that
/// language, script and region are the claim's.
pub(crate) fn detect(body: &str, claimed: Option<&str>) -> Option<Language> {
    let full = claimed.and_then(full_tag);
    let claimed = claimed.and_then(shortest_tag);
    let as_claimed = |confidence: f64| full.clone().map(|tag| Language { tag, confidence });
    let sample: String = body.chars().take(SAMPLE_CHARS).collect();
    if let Some(tag) = words::language(&sample) {
        let confidence = 0.9;
        let own = as_claimed(confidence).filter(|_| claimed.as_deref() == Some(tag));
        return own.or_else(|| Some(Language { tag: tag.to_owned(), confidence }));
    }
    let Some(info) = whatlang::detect(&sample) else {
        return as_claimed(0.5);
    };
    let detected = tag_of(info.lang());
    let Some(claimed) = claimed else {
        return Some(Language { tag: detected.to_owned(), confidence: info.confidence() });
    };
    if claimed == detected {
        return as_claimed(info.confidence().max(0.9));
    }
    let short = sample.chars().count() < SHORT_CHARS;
    if short || !info.is_reliable() || is_neighbour(&claimed, detected) {
        return as_claimed(0.5);
    }
    Some(Language { tag: detected.to_owned(), confidence: info.confidence() })
}

/// A claim in its shortest language, with its script and region where it has them: `zh-Hant-TW`, `pt-BR`.
fn full_tag(claim: &str) -> Option<String> {
    let mut tag = shortest_tag(claim)?;
    let first = claim.trim().split([',', ';', ' ', '.']).next().unwrap_or_default();
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut rest = first.split(['-', '_']).skip(1).peekable();
    if let Some(script) = rest.next_if(|part| part.len() == 4 && letters(part)) {
        let (head, tail) = script.split_at_checked(1)?;
        tag.push_str(&format!("-{}{}", head.to_ascii_uppercase(), tail.to_ascii_lowercase()));
    }
    // "es-419" is the Spanish of Latin America: regions beyond countries have numbers.
    let is_region = |part: &&str| match part.len() {
        2 => letters(part),
        3 => part.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    if let Some(region) = rest.next_if(is_region) {
        tag.push_str(&format!("-{}", region.to_ascii_uppercase()));
    }
    Some(tag)
}

/// The primary language subtag of a BCP-47 tag or a locale (`fr-FR`, `fr_FR.UTF-8`), in lower case.
pub(crate) fn shortest_tag(tag: &str) -> Option<String> {
    let primary = tag.trim().split(['-', '_', '.', ',', ';', ' ']).next()?.to_ascii_lowercase();
    let tag = match primary.as_str() {
        "" | "und" | "mul" | "zxx" => return None,
        "nb" | "nn" => "no",
        "iw" => "he",
        "in" => "id",
        "nor" => "no",
        "fre" => "fr",
        "ger" => "de",
        "zho" | "chi" => "zh",
        "fas" | "per" => "fa",
        // Web archives write ISO 639-3.
        other => Lang::from_code(other).map_or(other, |language| tag_of(language)),
    };
    let valid = (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase());
    valid.then(|| tag.to_owned())
}

/// Languages that the detector confuses, or does not know and takes for a relative.
fn is_neighbour(claimed: &str, detected: &str) -> bool {
    const FAMILIES: [&[&str]; 9] = [
        &["no", "da", "sv"],
        &["hr", "sr", "bs", "sl", "me", "sh"],
        &["cs", "sk"],
        &["es", "pt", "gl", "ca", "ast", "oc", "it"],
        &["id", "ms", "jv", "su"],
        &["ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tt"],
        &["ar", "fa", "ur", "ps", "ckb", "ug"],
        &["hi", "mr", "ne", "sa"],
        &["tr", "az", "tk", "uz"],
    ];
    FAMILIES.iter().any(|family| family.contains(&claimed) && family.contains(&detected))
        // The detector has no entry for these.
        || ["is", "eu", "sq", "mt", "ga", "cy", "lb", "fy", "gsw", "fo", "bs", "sw", "so", "ha", "mn", "lo", "bo", "tl"].contains(&claimed)
}

/// ISO 639-1 where it exists.
fn tag_of(language: Lang) -> &'static str {
    match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "no",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::{detect, shortest_tag};

    const FRENCH: &str = "Le gouvernement a annoncé mardi une série de mesures pour soutenir les entreprises touchées par la hausse des prix de l'énergie, selon un communiqué.";

    #[test]
    fn the_text_decides_against_a_wrong_claim() {
        assert_eq!(detect(FRENCH, Some("en-US")).unwrap().tag, "fr");
        assert_eq!(detect(FRENCH, None).unwrap().tag, "fr");
    }

    #[test]
    fn a_claim_decides_short_texts_and_close_relatives() {
        assert_eq!(detect("Oslo.", Some("nb-NO")).unwrap().tag, "no-NO");
        let danish = "Regeringen fremlagde tirsdag en række forslag, der skal hjælpe virksomhederne gennem de høje priser på energi, oplyser ministeriet i en meddelelse.";
        assert_eq!(detect(danish, Some("nn")).unwrap().tag, "no");
    }

    #[test]
    fn script_and_region_are_kept_where_the_text_is_in_the_claimed_language() {
        assert_eq!(detect(FRENCH, Some("fr_CA.UTF-8")).unwrap().tag, "fr-CA");
        assert_eq!(detect("政府", Some("zh-hant-tw")).unwrap().tag, "zh-Hant-TW");
        assert_eq!(detect("Lima.", Some("es-419")).unwrap().tag, "es-419");
        assert_eq!(detect("Lima.", Some("es-4190")).unwrap().tag, "es");
        assert_eq!(detect(FRENCH, Some("en-US")).unwrap().tag, "fr");
    }

    #[test]
    fn tags_take_their_shortest_form() {
        assert_eq!(shortest_tag("fr_FR.UTF-8").as_deref(), Some("fr"));
        assert_eq!(shortest_tag("pt-BR").as_deref(), Some("pt"));
        assert_eq!(shortest_tag("nb"), Some("no".to_owned()));
        assert_eq!(shortest_tag("hrv,eng").as_deref(), Some("hr"));
        assert_eq!(shortest_tag(""), None);
        assert_eq!(shortest_tag("x-default"), None);
    }
}
