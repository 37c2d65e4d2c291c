//! A handshake that was answered with something other than 101: what the status, the headers and the body say.

use crate::text::{clean, first_line};
use crate::timing::wall;
use crate::wire::Returned;
use domain::{Reason, Refusal, Timestamp};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::http::HeaderMap;
use tokio_tungstenite::tungstenite::http::header::{
    CONTENT_LENGTH, HeaderName, LOCATION, PROXY_AUTHENTICATE, RETRY_AFTER, TRANSFER_ENCODING,
    WWW_AUTHENTICATE,
};

/// How much of a body is read: the first line is near the top, after a style sheet at worst.
const BODY: usize = 8 * 1024;

/// How long the rest of a body is waited for.
const BODY_WAIT: Duration = Duration::from_secs(1);

/// How much of the body's first line is shown.
const LINE: usize = 200;

/// How much of a challenge is shown.
const CHALLENGE: usize = 200;

/// How much of a `Location` is shown.
const LOCATION_SHOWN: usize = 500;

/// The longest `Retry-After` that is obeyed. Nobody waits a day for a chat.
const LONGEST_RETRY: u32 = 3600;

/// What the answer means. Reads the rest of its body from where it came.
pub(super) async fn read(response: Response, returned: Option<Returned>) -> Reason {
    let (head, body) = response.into_parts();
    let mut body = body.unwrap_or_default();
    let want = content_length(&head.headers).unwrap_or(BODY).min(BODY);
    if let Some(Returned { pipe, rest, .. }) = returned {
        body.extend(rest);
        let mut rest = pipe.take(want.saturating_sub(body.len()) as u64);
        // What came until then is in `body` also when the time is over.
        let _ = timeout(BODY_WAIT, rest.read_to_end(&mut body)).await;
    }
    // Behind its length is no part of it, whatever the server has sent there.
    body.truncate(want);
    if head.headers.get(TRANSFER_ENCODING).is_some_and(|coding| coding == "chunked") {
        body = unchunk(&body);
    }
    let refusal = classify(head.status.as_u16(), &head.headers, wall());
    Reason::Status { status: head.status.as_u16(), refusal, text: first_line(&body, LINE) }
}

fn classify(status: u16, headers: &HeaderMap, now: Timestamp) -> Refusal {
    match status {
        401 => Refusal::Unauthorized { challenge: text(headers, WWW_AUTHENTICATE, CHALLENGE) },
        407 => Refusal::Unauthorized { challenge: text(headers, PROXY_AUTHENTICATE, CHALLENGE) },
        403 => Refusal::Forbidden,
        404 | 410 => Refusal::NotFound,
        429 | 503 => Refusal::TooMany {
            retry_after_s: text(headers, RETRY_AFTER, 64).and_then(|value| read_retry_after(&value, now)),
        },
        300..=399 => Refusal::Redirect { location: text(headers, LOCATION, LOCATION_SHOWN) },
        _ => Refusal::Other,
    }
}

fn text(headers: &HeaderMap, name: HeaderName, max: usize) -> Option<String> {
    headers.get(name).map(|value| clean(&String::from_utf8_lossy(value.as_bytes()), max))
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// RFC 9112 §7.1, as far as the body came.
fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let Some(end) = body.windows(2).position(|pair| pair == b"\r\n") {
        let (size, rest) = body.split_at(end);
        let size = String::from_utf8_lossy(size);
        let size = size.split(';').next().unwrap_or_default().trim();
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else { break };
        let rest = rest.get(2..).unwrap_or_default();
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        plain.extend_from_slice(chunk);
        body = after.get(2..).unwrap_or_default();
    }
    plain
}

/// `Retry-After` (RFC 9110 §10.2.3) in seconds from `now`: a number of them, or a date.
fn read_retry_after(value: &str, now: Timestamp) -> Option<u32> {
    let seconds = match value.trim().parse::<u64>() {
        Ok(seconds) => u32::try_from(seconds).unwrap_or(u32::MAX),
        Err(_) => {
            let wait = read_date(value.trim())?.saturating_sub(now.0.div_euclid(1000)).max(0);
            u32::try_from(wait).unwrap_or(u32::MAX)
        }
    };
    Some(seconds.min(LONGEST_RETRY))
}

/// The date of RFC 9110 §5.6.7 that senders must use (`Sun, 06 Nov 1994 08:49:37 GMT`), in seconds since 1970.
fn read_date(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc2822).ok().map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(784_111_777_000);

    #[test]
    fn retry_after_is_seconds_or_a_date_and_at_most_an_hour() {
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("999999999999", Some(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 07:00:00 GMT", Some(0)),
            ("Mon, 07 Nov 1994 08:49:37 GMT", Some(3600)),
            ("soon", None),
            ("-5", None),
            ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ] {
            assert_eq!(read_retry_after(value, NOW), seconds, "{value}");
        }
    }

    #[test]
    fn dates_are_days_of_the_gregorian_calendar() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
        ] {
            assert_eq!(read_date(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn a_chunked_body_is_put_together() {
        assert_eq!(unchunk(b"4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"), b"Wikipedia");
        assert_eq!(unchunk(b"ff\r\ncut"), b"cut");
        assert_eq!(unchunk(b"nonsense"), b"");
    }
}
