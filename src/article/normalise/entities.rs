//! Character references that survived an earlier conversion to text.

/// Those that scraped text is full of. A reference needs its semicolon: prose has ampersands of its own.
const NAMED: [(&str, char); 58] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("sbquo", '‚'),
    ("bdquo", '„'),
    ("bull", '•'),
    ("middot", '·'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("euro", '€'),
    ("pound", '£'),
    ("sect", '§'),
    ("deg", '°'),
    ("zwnj", '\u{200c}'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("auml", 'ä'),
    ("aacute", 'á'),
    ("atilde", 'ã'),
    ("aring", 'å'),
    ("ccedil", 'ç'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("iacute", 'í'),
    ("ocirc", 'ô'),
    ("ouml", 'ö'),
    ("oacute", 'ó'),
    ("otilde", 'õ'),
    ("oslash", 'ø'),
    ("ugrave", 'ù'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("uacute", 'ú'),
    ("ntilde", 'ñ'),
    ("szlig", 'ß'),
    ("aelig", 'æ'),
    ("oelig", 'œ'),
    ("Eacute", 'É'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
];

/// Longest reference, from after the ampersand to the semicolon.
const LONGEST: usize = 10;

/// The text with its references replaced. One that decodes to an ampersand is taken together with what follows,
/// so that text escaped twice comes out whole, in time linear in its length.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, mut after)) = rest.split_once('&') {
        decoded.push_str(before);
        let mut character = '&';
        while character == '&' {
            match reference(after) {
                Some((found, remaining)) => {
                    character = found;
                    after = remaining;
                }
                None => break,
            }
        }
        decoded.push(character);
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

/// The character that a reference stands for, and what follows it.
fn reference(after_ampersand: &str) -> Option<(char, &str)> {
    let end = after_ampersand.bytes().take(LONGEST + 1).position(|byte| byte == b';')?;
    let name = after_ampersand.get(..end)?;
    let remaining = after_ampersand.get(end + 1..)?;
    if let Some((_, character)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some((*character, remaining));
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    let character = char::from_u32(code)?;
    // Letters, digits and the marks of a reference could complete another one.
    let safe = !character.is_ascii_alphanumeric() && !matches!(character, ';' | '#');
    safe.then_some((character, remaining))
}
