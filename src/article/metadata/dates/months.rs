//! Names of months and weekdays in the languages of the C library's locales, beside those that the vocabulary has.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use pure_rust_locales::{Locale, locale_match};

/// Languages whose names are known, one locale each.
pub(super) const LOCALES: [Locale; 57] = [
    Locale::af_ZA,
    Locale::am_ET,
    Locale::az_AZ,
    Locale::be_BY,
    Locale::bg_BG,
    Locale::bn_BD,
    Locale::bs_BA,
    Locale::ca_ES,
    Locale::cy_GB,
    Locale::el_GR,
    Locale::et_EE,
    Locale::eu_ES,
    Locale::fa_IR,
    Locale::fo_FO,
    Locale::fy_NL,
    Locale::ga_IE,
    Locale::gl_ES,
    Locale::gu_IN,
    Locale::he_IL,
    Locale::hi_IN,
    Locale::hr_HR,
    Locale::hy_AM,
    Locale::id_ID,
    Locale::is_IS,
    Locale::ka_GE,
    Locale::kk_KZ,
    Locale::km_KH,
    Locale::kn_IN,
    Locale::ky_KG,
    Locale::lb_LU,
    Locale::lt_LT,
    Locale::lv_LV,
    Locale::mk_MK,
    Locale::ml_IN,
    Locale::mr_IN,
    Locale::ms_MY,
    Locale::mt_MT,
    Locale::my_MM,
    Locale::ne_NP,
    Locale::nn_NO,
    Locale::oc_FR,
    Locale::pa_IN,
    Locale::si_LK,
    Locale::sk_SK,
    Locale::sl_SI,
    Locale::sq_AL,
    Locale::sr_RS,
    Locale::sw_KE,
    Locale::ta_IN,
    Locale::te_IN,
    Locale::tg_TJ,
    Locale::th_TH,
    Locale::tl_PH,
    Locale::uk_UA,
    Locale::ur_PK,
    Locale::uz_UZ,
    Locale::zu_ZA,
];

/// Further languages, whose names count only where those above have none that is the same.
const LESSER: [Locale; 34] = [
    Locale::as_IN,
    Locale::ast_ES,
    Locale::br_FR,
    Locale::ce_RU,
    Locale::dv_MV,
    Locale::fil_PH,
    Locale::fur_IT,
    Locale::gd_GB,
    Locale::ha_NG,
    Locale::ht_HT,
    Locale::ig_NG,
    Locale::kl_GL,
    Locale::kok_IN,
    Locale::ku_TR,
    Locale::lo_LA,
    Locale::mg_MG,
    Locale::mi_NZ,
    Locale::mn_MN,
    Locale::om_ET,
    Locale::or_IN,
    Locale::os_RU,
    Locale::ps_AF,
    Locale::rw_RW,
    Locale::sc_IT,
    Locale::sd_IN,
    Locale::so_SO,
    Locale::tk_TM,
    Locale::to_TO,
    Locale::tt_RU,
    Locale::ug_CN,
    Locale::wo_SN,
    Locale::xh_ZA,
    Locale::yi_US,
    Locale::yo_NG,
];

/// Languages whose months the vocabulary has, for their weekdays.
const MAJOR: [Locale; 19] = [
    Locale::ar_EG,
    Locale::cs_CZ,
    Locale::da_DK,
    Locale::de_DE,
    Locale::en_US,
    Locale::es_ES,
    Locale::fi_FI,
    Locale::fr_FR,
    Locale::hu_HU,
    Locale::it_IT,
    Locale::nb_NO,
    Locale::nl_NL,
    Locale::pl_PL,
    Locale::pt_PT,
    Locale::ro_RO,
    Locale::ru_RU,
    Locale::sv_SE,
    Locale::tr_TR,
    Locale::vi_VN,
];

/// Names that these locales lack: other cases and spellings.
const FURTHER: [(&str, i8); 36] = [
    ("ژانویه", 1),
    ("فوریه", 2),
    ("مارس", 3),
    ("آوریل", 4),
    ("مه", 5),
    ("ژوئن", 6),
    ("ژوئیه", 7),
    ("اوت", 8),
    ("سپتامبر", 9),
    ("اکتبر", 10),
    ("نوامبر", 11),
    ("دسامبر", 12),
    ("sausio", 1),
    ("vasario", 2),
    ("kovo", 3),
    ("balandžio", 4),
    ("gegužės", 5),
    ("birželio", 6),
    ("liepos", 7),
    ("rugpjūčio", 8),
    ("rugsėjo", 9),
    ("spalio", 10),
    ("lapkričio", 11),
    ("gruodžio", 12),
    ("ינואר", 1),
    ("פברואר", 2),
    ("siječnja", 1),
    ("veljače", 2),
    ("ožujka", 3),
    ("svibnja", 5),
    ("lipnja", 6),
    ("srpnja", 7),
    ("kolovoza", 8),
    ("rujna", 9),
    ("studenoga", 11),
    ("prosinca", 12),
];

/// Each name that means one month in all these languages.
static MONTHS: LazyLock<HashMap<String, i8>> = LazyLock::new(|| {
    let mut months = names(&LOCALES, &FURTHER);
    for (name, number) in names(&LESSER, &[]) {
        months.entry(name).or_insert(number);
    }
    months.into_iter().filter_map(|(name, number)| Some((name, number?))).collect()
});

/// Each name with its month, or without one where it means several.
fn names(locales: &[Locale], further: &[(&str, i8)]) -> HashMap<String, Option<i8>> {
    let mut months: HashMap<String, Option<i8>> = HashMap::new();
    let mut add = |name: &str, number: i8| {
        let name = name.trim_matches(|character: char| !character.is_alphabetic()).to_lowercase();
        // Numbers with a unit are read as numbers.
        if name.chars().count() < 3 || name.chars().any(|character| character.is_ascii_digit() || character == ' ') {
            return;
        }
        let known = months.entry(name).or_insert(Some(number));
        if *known != Some(number) {
            *known = None;
        }
    };
    for locale in locales.iter().copied() {
        let full: &[&str] = locale_match!(locale => LC_TIME::MON);
        let short: &[&str] = locale_match!(locale => LC_TIME::ABMON);
        let standing: Option<&[&str]> = locale_match!(locale => LC_TIME::ALT_MON);
        for names in [full, short, standing.unwrap_or_default()] {
            for (name, number) in names.iter().zip(1_i8..=12) {
                add(name, number);
            }
        }
    }
    for (name, number) in further {
        add(name, *number);
    }
    months
}

/// The names of the days of the week, which stand in dates and say nothing more.
static WEEKDAYS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut weekdays = HashSet::new();
    for locale in LOCALES.into_iter().chain(LESSER).chain(MAJOR) {
        let full: &[&str] = locale_match!(locale => LC_TIME::DAY);
        let short: &[&str] = locale_match!(locale => LC_TIME::ABDAY);
        // "segunda-feira" is two words in a date.
        let words = full.iter().chain(short).flat_map(|name| name.split(|character: char| " -.,".contains(character)));
        weekdays.extend(words.filter(|word| word.chars().count() >= 2).map(str::to_lowercase));
    }
    weekdays
});

/// The number of a month, 1 to 12.
pub(super) fn number(word: &str) -> Option<i8> {
    MONTHS.get(&word.to_lowercase()).copied()
}

/// Whether a word is the name of a day of the week.
pub(super) fn is_weekday(word: &str) -> bool {
    WEEKDAYS.contains(&word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn names_of_many_languages_are_known() {
        for (name, month) in [
            ("märts", 3),
            ("ožujka", 3),
            ("मार्च", 3),
            ("มีนาคม", 3),
            ("მარტი", 3),
            ("gegužės", 5),
            ("Machi", 3),
            ("ژانویه", 1),
            ("Màrt", 3),
            ("Maris", 3),
            ("ມີນາ", 3),
            ("Марти", 0),
            ("marzec", 0),
        ] {
            assert_eq!(number(name).unwrap_or(0), month, "{name}");
        }
    }
}
