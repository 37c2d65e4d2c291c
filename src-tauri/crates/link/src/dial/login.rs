//! How the opening handshake says who we are.

use super::proxy::basic;
use crate::narrow::words;
use domain::{LogIn, Reason};
use proto::{Endpoint, Secret};
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use url::Url;

/// The address that is asked for: with the secret in its query where the log-in wants that. Never shown, never logged.
pub(super) fn address(endpoint: &Endpoint, secret: Option<&Secret>) -> Url {
    let mut url = endpoint.url.clone();
    let (LogIn::Query { name }, Some(secret)) = (&endpoint.log_in, secret) else { return url };
    // What the user typed beside it stays as it is.
    let others: Vec<(String, String)> = endpoint
        .url
        .query_pairs()
        .filter(|(other, _)| other != name)
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    let same = others.len() == endpoint.url.query_pairs().count();
    let mut query = url.query_pairs_mut();
    if !same {
        query.clear().extend_pairs(others);
    }
    query.append_pair(name, &secret.0);
    drop(query);
    url
}

/// The header that carries the log-in.
pub(super) fn header(
    endpoint: &Endpoint,
    secret: Option<&Secret>,
) -> Result<Option<(HeaderName, HeaderValue)>, Reason> {
    let Some(Secret(secret)) = secret else { return Ok(None) };
    Ok(Some(match &endpoint.log_in {
        LogIn::None | LogIn::Query { .. } | LogIn::Protocol { .. } => return Ok(None),
        LogIn::Basic { user } => (AUTHORIZATION, basic(user, secret)?),
        LogIn::Bearer => (AUTHORIZATION, value(&format!("Bearer {secret}"))?),
        LogIn::Cookie => (COOKIE, value(secret)?),
        LogIn::Header { name } => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|error| Reason::BadAddress { text: words(&error) })?;
            (name, value(secret)?)
        }
    }))
}

/// A value that nobody prints.
fn value(secret: &str) -> Result<HeaderValue, Reason> {
    let bad =
        |_| Reason::BadAddress { text: "the log-in holds characters that no header can carry".to_owned() };
    let mut value = HeaderValue::from_str(secret).map_err(bad)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::AccountConfig;

    fn endpoint(log_in: LogIn) -> Endpoint {
        let config = AccountConfig {
            url: "ws://h/chat?room=a%20b&token=old".into(),
            log_in,
            ..AccountConfig::default()
        };
        Endpoint::read(&config, &[]).unwrap()
    }

    fn secret() -> Secret {
        Secret("s3 cr&t".into())
    }

    #[test]
    fn each_log_in_is_said_in_its_own_place() {
        for (log_in, name, expected) in [
            (LogIn::Basic { user: "alice".into() }, "authorization", "Basic YWxpY2U6czMgY3ImdA=="),
            (LogIn::Bearer, "authorization", "Bearer s3 cr&t"),
            (LogIn::Cookie, "cookie", "s3 cr&t"),
            (LogIn::Header { name: "X-Api-Key".into() }, "x-api-key", "s3 cr&t"),
        ] {
            let endpoint = endpoint(log_in);
            let (found, value) = header(&endpoint, Some(&secret())).unwrap().unwrap();
            assert_eq!((found.as_str(), value.to_str().unwrap()), (name, expected));
            assert!(value.is_sensitive() && !format!("{value:?}").contains("cr&t"));
            assert_eq!(address(&endpoint, Some(&secret())), endpoint.url);
        }
        let query = endpoint(LogIn::Query { name: "token".into() });
        assert_eq!(header(&query, Some(&secret())).unwrap(), None);
        assert_eq!(address(&query, Some(&secret())).query(), Some("room=a+b&token=s3+cr%26t"));
        let other = endpoint(LogIn::Query { name: "key".into() });
        assert_eq!(address(&other, Some(&secret())).query(), Some("room=a%20b&token=old&key=s3+cr%26t"));
    }

    #[test]
    fn a_secret_that_no_header_can_carry_is_refused_and_not_repeated() {
        let error = header(&endpoint(LogIn::Bearer), Some(&Secret("a\r\nX: hunter2".into()))).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
        // Base64 carries anything.
        let basic = endpoint(LogIn::Basic { user: "me".into() });
        assert!(header(&basic, Some(&Secret("密码\r\n".into()))).unwrap().is_some());
    }
}
