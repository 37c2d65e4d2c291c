//! An address without what may be secret in it: what is told of a try is passed on.
//!
//! The window's `redact.ts` follows the same rules for its reports; `ui/test/golden/addresses.json` keeps the two alike.

/// What stands in the place of what was taken out.
const REDACTED: &str = "…";

/// A part of a path this long may be a token.
const TOKEN: usize = 16;

/// A run of letters and digits this long is no word that a person wrote.
const RUN: usize = 25;

/// What a part of a path is called after which a secret often stands.
const BEFORE_SECRET: &[&str] = &[
    "auth",
    "bearer",
    "code",
    "cookie",
    "credential",
    "hook",
    "invitation",
    "invite",
    "join",
    "jwt",
    "key",
    "login",
    "magic",
    "otp",
    "pass",
    "passwd",
    "password",
    "pin",
    "pwd",
    "secret",
    "sess",
    "session",
    "sid",
    "sig",
    "signature",
    "ticket",
    "token",
    "webhook",
];

/// The same, where whatever follows is one.
const BEFORE_SURE: &[&str] = &[
    "accesskey",
    "accesstoken",
    "apikey",
    "apitoken",
    "authkey",
    "authtoken",
    "jwt",
    "key",
    "pass",
    "password",
    "secret",
    "ticket",
    "token",
];

/// What is no secret after one that is doubted.
const NO_SECRET: &[&str] = &[
    "ws",
    "wss",
    "websocket",
    "websockets",
    "socket",
    "sockets",
    "api",
    "chat",
    "stream",
    "events",
    "login",
];

/// The address without a log-in before its host, what may be a token in its path, the values in its query, and its fragment.
pub(super) fn unsaid(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '\\', '?', '#']) => (format!("{scheme}://"), rest),
        Some(_) | None => (String::new(), url),
    };
    let (rest, fragment) = halves(rest, '#');
    let (place, query) = halves(rest, '?');
    let (host, path) = place.split_at(place.find(['/', '\\']).unwrap_or(place.len()));
    let host =
        host.rsplit_once('@').map_or_else(|| host.to_owned(), |(_, host)| format!("{REDACTED}@{host}"));
    let query = query.map(|query| query.split('&').map(valueless).collect::<Vec<_>>().join("&"));
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = fragment.map(|_| format!("#{REDACTED}")).unwrap_or_default();
    format!("{scheme}{host}{}{query}{fragment}", tokenless(path))
}

fn halves(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// A path without the parts that may be secret.
fn tokenless(path: &str) -> String {
    let (mut told, mut before, mut hooked) = (String::new(), "", false);
    for piece in path.split_inclusive(['/', '\\']) {
        let part = piece.trim_end_matches(['/', '\\']);
        let slash = piece.get(part.len()..).unwrap_or_default();
        if part.is_empty() {
            told.push_str(slash);
            continue;
        }
        let mut pieces = part.split(';');
        let word = pieces.next().unwrap_or_default();
        let doubted = (hooked || names(BEFORE_SECRET, last_word(before))) && !is_common(word);
        let sure = names(BEFORE_SURE, &before.replace(['-', '_', '.'], ""));
        told.push_str(if doubted || sure || may_be_token(word) { REDACTED } else { word });
        pieces.for_each(|parameter| told.extend([";", &valueless(parameter)]));
        told.push_str(slash);
        hooked |= names(&["hook", "webhook"], last_word(word));
        before = word;
    }
    told
}

fn last_word(part: &str) -> &str {
    part.rsplit(['-', '_', '.']).next().unwrap_or_default()
}

/// Whether a word is one of these, in either case and number.
fn names(these: &[&str], word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    these.iter().any(|one| word == *one || word.strip_suffix('s') == Some(*one))
}

fn is_common(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let version = word.strip_prefix('v').filter(|number| !number.is_empty());
    word.is_empty()
        || NO_SECRET.contains(&word.as_str())
        || version.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Long, and not what a person would name something, whatever stands between its letters.
fn may_be_token(word: &str) -> bool {
    let is_letter = |char: &char| char.is_ascii_alphanumeric() || "_.~+=%!$&'()*,:@-".contains(*char);
    let word: String = word.chars().filter(is_letter).collect();
    let is_run = |part: &str| part.len() >= RUN;
    word.len() >= TOKEN
        && (word.contains(|char: char| char.is_ascii_digit())
            || (word.contains(|char: char| char.is_ascii_lowercase())
                && word.contains(|char: char| char.is_ascii_uppercase()))
            || word.chars().all(|char| ('a'..='f').contains(&char))
            || word.chars().all(|char| char.is_ascii_uppercase())
            || word.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').any(is_run))
}

/// A parameter with its name alone. What ends with the only equals sign may be a token in base64.
fn valueless(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) if !value.trim_start_matches('=').is_empty() => format!("{name}={REDACTED}"),
        Some(_) | None => REDACTED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of an address and what is told of it, which the window's tests read too.
    const GOLDEN: &str = include_str!("../../../ui/test/golden/addresses.json");

    #[test]
    fn the_same_is_taken_out_of_an_address_as_in_the_windows_report() {
        let pairs: Vec<(String, String)> = serde_json::from_str(GOLDEN).unwrap();
        assert!(pairs.len() > 20);
        for (url, told) in pairs {
            assert_eq!(unsaid(&url), told, "{url}");
            assert!(!told.contains("hunter2"), "{url}");
        }
    }
}
