//! A text with a seal, so that a text that was spoilt on its way is known as such.

/// Puts a seal behind a text that has no line end.
#[must_use]
pub fn seal(text: &str) -> String {
    format!("{text} ~{:08x}", sum(text))
}

/// The text, where the seal fits it.
#[must_use]
pub fn unseal(sealed: &str) -> Option<&str> {
    let (text, seal) = sealed.rsplit_once(" ~")?;
    (seal.len() == 8 && u32::from_str_radix(seal, 16).ok()? == sum(text)).then_some(text)
}

/// FNV-1a, 32 bits: a changed byte always changes it.
fn sum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_loses_its_seal() {
        let sealed = seal("one ~two");
        assert_eq!(unseal(&sealed), Some("one ~two"));
        assert_eq!(unseal(&sealed.replace("two", "tvo")), None);
        assert_eq!(unseal("one"), None);
    }
}
