//! Lines that no article has: a floor under what may leak into a text, not a census.

use regex::Regex;

const KINDS: [(&str, &str, usize); 4] = [
    (
        "consent",
        r"(?i)\b(?:accept|reject|manage|allow)(?: all)? cookies?\b|\b(?:we|our partners|this (?:web)?site)\b[^.]{0,80}\buses?\b[^.]{0,20}\bcookies\b|\bcookie (?:policy|settings|preferences|consent)\b|tout (?:accepter|refuser)|param[eè]tr(?:er|ez) (?:vos|mes) (?:choix|cookies)|(?:utilis\w+|d[ée]p[oô]s\w*)[^.]{0,40}\bcookies\b|politique de confidentialit|alle (?:cookies )?(?:akzeptieren|ablehnen)|(?:verwenden|nutzen)[^.]{0,40}\bcookies\b|datenschutzeinstellungen|aceptar (?:todas|cookies)|rechazar (?:todas|cookies)|(?:utilizamos|usamos|utiliza)[^.]{0,40}\bcookies\b|aceitar (?:todos|cookies)|accetta (?:tutti|i cookie)|(?:utilizziamo|utilizza)[^.]{0,40}\bcookie\b|(?:u[zż]ywa\w*|wykorzystuje\w*)[^.]{0,40}(?:plik[óo]w )?cookies?|gebruik\w*[^.]{0,40}\bcookies\b|alle cookies (?:accepteren|weigeren)|använder[^.]{0,30}(?:cookies|kakor)|использ\w+[^.]{0,40}(?:cookie|куки)|çerez(?:ler)? kullan|クッキー(?:を使用|の使用)|使用\s*cookie",
        usize::MAX,
    ),
    (
        "share",
        r"(?i)^(?:share(?: this| on| via| article| story|:|$)|tweet$|teilen$|(?:auf|per) (?:facebook|twitter|whatsapp|mail)[^.]{0,20}(?:teilen)?$|partager(?: sur| cet article| l'article|:|$)|compart(?:ir|e|ilhar|ilhe)(?: en| no| em| na|:|$)|condividi(?: su|:|$)|udost[eę]pnij|поделиться|delen$|dela$|シェアする?$|分享(?:到|至|$)|copy link$|link kopieren$|copier le lien$)",
        80,
    ),
    (
        "related",
        r"(?i)^(?:read (?:more|also|next)\b|related(?: articles?| stories| topics| content)?:?$|more (?:from|on|stories|in)\b|recommended(?: for you| stories)?:?$|you may also like|(?:à )?lire (?:aussi|également)|sur le même sujet|lesen sie auch|mehr zum thema|lea (?:también|además)|te puede interesar|leia (?:também|mais)|leggi anche|czytaj (?:też|także|również)|читайте также|lees ook|läs också|les også|関連記事|相关(?:阅读|新闻)|관련기사)",
        80,
    ),
    (
        "navigation",
        r"(?i)^(?:skip to (?:main )?content|menu|home(?:page)?|log ?in|sign ?(?:in|up)|subscribe(?: now)?|newsletters?|search|back to top|advertisement|advertising|anzeige|werbung|publicité|publicidad|pubblicità|reklama|реклама|zum inhalt springen|aller au contenu|startseite|accueil|inicio)$",
        80,
    ),
];

/// Names of the kinds, in the order of [`Furniture::leaks`].
pub fn kinds() -> [&'static str; 4] {
    KINDS.map(|(name, _, _)| name)
}

/// Recognises the lines.
pub struct Furniture {
    kinds: Vec<(Regex, usize)>,
}

impl Furniture {
    pub fn new() -> Result<Self, regex::Error> {
        let kinds =
            KINDS.iter().map(|(_, pattern, longest)| Ok((Regex::new(pattern)?, *longest))).collect::<Result<_, _>>()?;
        Ok(Self { kinds })
    }

    /// For each kind whether the text has such a line that the known text has not.
    pub fn leaks(&self, gold: &str, text: &str) -> [bool; 4] {
        let gold = fold(gold).to_lowercase();
        let mut found = [false; 4];
        for line in text.lines().map(fold).filter(|line| !line.is_empty()) {
            for ((pattern, longest), found) in self.kinds.iter().zip(&mut found) {
                if line.chars().count() <= *longest && pattern.is_match(&line) && !gold.contains(&line.to_lowercase()) {
                    *found = true;
                }
            }
        }
        found
    }

    /// Whether the known text has a line about consent that the text has not.
    pub fn consent_lost(&self, gold: &str, text: &str) -> bool {
        let text = fold(text).to_lowercase();
        let Some((consent, _)) = self.kinds.first() else { return false };
        text.chars().count() > 200
            && gold.lines().map(fold).any(|line| consent.is_match(&line) && !text.contains(&line.to_lowercase()))
    }
}

/// White space folded.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
