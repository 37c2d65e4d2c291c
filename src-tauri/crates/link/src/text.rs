//! Words of a server, made fit to be shown. The server is hostile: every byte is treated so.

/// Takes out what could forge a display: control characters, and those that turn the direction of text
/// (Unicode TR 36 §2.10). Runs of blanks become one. At most `max` characters.
pub(crate) fn clean(text: &str, max: usize) -> String {
    let mut plain = String::new();
    let mut length = 0;
    for char in text.chars() {
        let char = if char.is_whitespace() { ' ' } else { char };
        if forges(char) || (char == ' ' && (plain.is_empty() || plain.ends_with(' '))) {
            continue;
        }
        if length == max {
            break;
        }
        plain.push(char);
        length += 1;
    }
    plain.truncate(plain.trim_end().len());
    plain
}

fn forges(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The first readable line of a page, without its tags, scripts and styles. At most `max` characters.
pub(crate) fn first_line(page: &[u8], max: usize) -> String {
    let page = String::from_utf8_lossy(page);
    strip_tags(&page).lines().map(|line| clean(line, max)).find(|line| !line.is_empty()).unwrap_or_default()
}

/// A tag ends a line, so that a title and a heading do not run together.
fn strip_tags(page: &str) -> String {
    let mut plain = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        if !after.starts_with(|char: char| char.is_ascii_alphabetic() || char == '/' || char == '!') {
            plain.push('<');
            rest = after;
            continue;
        }
        plain.push('\n');
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let tag = tag.to_ascii_lowercase();
        rest = match ["script", "style"].iter().find(|name| tag.starts_with(**name)) {
            Some(name) => skip_past(after, &format!("</{name}")),
            None => after,
        };
    }
    plain.push_str(rest);
    plain
}

/// What follows `end`, which is pure ASCII, in any case; nothing when it does not come.
fn skip_past<'a>(text: &'a str, end: &str) -> &'a str {
    text.to_ascii_lowercase().find(end).and_then(|at| text.get(at..)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_page_is_its_title() {
        let page =
            b"<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body><center>nginx</center></body>";
        assert_eq!(first_line(page, 200), "403 Forbidden");
        assert_eq!(first_line(b"<style>p{}</style><p>no\x07 way</p>", 200), "no way");
        assert_eq!(first_line(br#"{"error":"a < b"}"#, 200), r#"{"error":"a < b"}"#);
        assert_eq!(first_line("<script>\u{130}".as_bytes(), 200), "");
        assert_eq!(first_line(&[0xff; 999], 200).chars().count(), 200);
    }

    #[test]
    fn text_cannot_forge_the_display() {
        assert_eq!(clean("  a\u{202e}b\u{0}\n\nc\u{200b}\u{61c} ", 99), "ab c");
        assert_eq!(clean("你好你好", 3), "你好你");
    }
}
