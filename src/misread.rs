//! Bytes of UTF-8 that were read as Windows-1252: which byte stands behind a character.

/// The characters that Windows-1252 has at 0x80 to 0x9F; where it has none, the control of that number.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The byte that a character was read from.
pub(crate) fn byte_of(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0..=0x7f | 0xa0..=0xff) => u8::try_from(code).ok(),
        code @ 0x80..=0x9f => u8::try_from(code).ok(),
        _ => HIGH.iter().position(|known| *known == character).and_then(|at| u8::try_from(0x80 + at).ok()),
    }
}
