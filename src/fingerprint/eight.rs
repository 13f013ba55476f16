//! Eight bytes of text at a time, in one number: the first is its lowest byte. A flag is the highest bit of a byte.

/// The flags of all bytes.
pub(super) const FLAGS: u64 = each(0x80);

/// The same byte eight times.
pub(super) const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Eight bytes of ASCII's letters in lower case; digits and the space stay as they are, others are not to be used.
pub(super) const fn lower(bytes: u64) -> u64 {
    bytes | each(0x20)
}

/// Flags the bytes that are letters of ASCII.
pub(super) const fn letters(bytes: u64) -> u64 {
    between(lower(bytes), b'a', b'z')
}

/// Flags the bytes that are digits of ASCII.
pub(super) const fn digits(bytes: u64) -> u64 {
    between(bytes, b'0', b'9')
}

/// Flags some bytes if any is this one; those before the first are never flagged.
pub(super) const fn any(bytes: u64, byte: u8) -> u64 {
    let zero = bytes ^ each(byte);
    zero.wrapping_sub(each(1)) & !zero & FLAGS
}

/// All bits of the bytes that have a flag.
pub(super) const fn masks(flags: u64) -> u64 {
    (flags >> 7).wrapping_mul(0xff)
}

/// Flags the bytes in a range of ASCII: without its highest bit a byte has room for a sum, and that bit then says which number is
/// the larger.
const fn between(bytes: u64, first: u8, last: u8) -> u64 {
    let low = bytes & !FLAGS;
    (low + each(0x80 - first)) & !(low + each(0x7f - last)) & !bytes & FLAGS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_what_each_byte_is() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut bytes = [b'~'; 8];
                bytes[place] = byte;
                let number = u64::from_le_bytes(bytes);
                let flag = |is_so: bool| u64::from(is_so) << (8 * place + 7);
                assert_eq!(letters(number), flag(byte.is_ascii_alphabetic()), "{byte} at {place}");
                assert_eq!(digits(number), flag(byte.is_ascii_digit()), "{byte} at {place}");
                assert_eq!(any(number, b'\'') != 0, byte == b'\'', "{byte} at {place}");
                let kept = lower(number) & masks(letters(number));
                let letter = if byte.is_ascii_alphabetic() { byte.to_ascii_lowercase() } else { 0 };
                assert_eq!(kept, u64::from(letter) << (8 * place), "{byte} at {place}");
            }
        }
    }
}
