//! What the account form says, as a session needs it, and what is wrong with it.

use super::sasl::Login;
use crate::{ConfigFault, Field, Opening, Secret};
use domain::{AccountConfig, LogIn};

/// What the form asks.
pub(super) static FIELDS: [Field; 6] = [
    field("nick", "Nickname", true),
    field("username", "Username", false),
    field("realname", "Real name", false),
    field("channels", "Channels to join first", false),
    Field { id: "login", name: "Password is for", required: false, choices: &["sasl", "pass"] },
    field("network", "Network of the bouncer", false),
];

/// The nickname that stands for a fresh anonymous one at Twitch.
pub(super) const ANONYMOUS: &str = "justinfan";

/// The longest value of a field, in bytes: a line holds no longer one.
const MAX_FIELD: usize = 400;

const fn field(id: &'static str, name: &'static str, required: bool) -> Field {
    Field { id, name, required, choices: &[] }
}

/// What a session starts from.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The nickname that the user wants.
    pub(super) nick: String,
    /// The user name of `USER`.
    pub(super) username: String,
    /// The real name of `USER`.
    pub(super) realname: String,
    /// Joined at the very first log-in.
    pub(super) channels: Vec<String>,
    /// How we say who we are.
    pub(super) entrance: Entrance,
    /// Which network of a bouncer this is, by the bouncer's own name for it; empty: none is chosen.
    pub(super) network: String,
    /// Twitch has rules of its own.
    pub(super) twitch: bool,
    /// The line is not encrypted.
    pub(super) bare: bool,
}

/// How we say who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entrance {
    /// Not at all.
    Open,
    /// By SASL.
    Sasl(Login),
    /// By the server's own password (`PASS`).
    Pass(Secret),
}

impl Settings {
    /// Reads a configuration that [`check`] found good; of any other it makes what it can.
    pub(super) fn read(opening: &Opening<'_>) -> Self {
        let Opening { config, secret, seed, .. } = opening;
        let twitch = is_twitch(&config.url);
        let mut nick = value(config, "nick").to_owned();
        if nick.is_empty() || (twitch && nick.eq_ignore_ascii_case(ANONYMOUS)) {
            nick = format!("{}{:05}", if twitch { ANONYMOUS } else { "guest" }, seed % 100_000);
        }
        if twitch {
            nick = nick.to_ascii_lowercase();
        }
        let or_nick =
            |id| Some(value(config, id)).filter(|text| !text.is_empty()).unwrap_or(&nick).to_owned();
        Self {
            username: or_nick("username"),
            realname: or_nick("realname"),
            channels: channels(config).map(str::to_owned).collect(),
            entrance: entrance(config, *secret, &nick, twitch),
            network: value(config, "network").to_owned(),
            nick,
            twitch,
            bare: config.url.trim().to_ascii_lowercase().starts_with("ws:"),
        }
    }
}

/// What is wrong with the fields.
///
/// # Errors
/// The first one.
pub(super) fn check(config: &AccountConfig) -> Result<(), ConfigFault> {
    let fault = |id: &'static str, value: &str| ConfigFault::Field { id, value: value.to_owned() };
    let nick = value(config, "nick");
    if nick.is_empty() || !is_nick(nick) {
        return Err(fault("nick", nick));
    }
    let username = value(config, "username");
    if !fits(username) || username.contains([' ', '@', '!', ':']) {
        return Err(fault("username", username));
    }
    let realname = value(config, "realname");
    if !fits(realname) {
        return Err(fault("realname", realname));
    }
    let network = value(config, "network");
    if !fits(network) || network.contains(' ') || network.starts_with(':') {
        return Err(fault("network", network));
    }
    if let Some(bad) = channels(config).find(|name| !is_room(name)) {
        return Err(fault("channels", bad));
    }
    let login = value(config, "login");
    if !["", "sasl", "pass"].contains(&login) {
        return Err(fault("login", login));
    }
    match &config.log_in {
        LogIn::Protocol { user } if !fits(user) => Err(ConfigFault::LogInUser(user.clone())),
        LogIn::Protocol { .. }
        | LogIn::None
        | LogIn::Basic { .. }
        | LogIn::Bearer
        | LogIn::Cookie
        | LogIn::Query { .. }
        | LogIn::Header { .. } => Ok(()),
    }
}

/// Whether a nickname can be sent: what servers take differs, so only what would break the line, or would be another
/// target, is refused.
pub(super) fn is_nick(name: &str) -> bool {
    fits(name)
        && !name.is_empty()
        && !name.contains([' ', ',', '*', '?', '!', '@', '.'])
        && !name.starts_with([':', '#', '&', '$', '+', '%', '~'])
}

/// Whether the name of a room can be sent.
fn is_room(name: &str) -> bool {
    fits(name) && !name.contains([' ', ',', '\u{7}']) && !name.starts_with(':')
}

fn fits(text: &str) -> bool {
    text.len() <= MAX_FIELD && !text.chars().any(char::is_control)
}

fn value<'a>(config: &'a AccountConfig, id: &str) -> &'a str {
    config.fields.get(id).map(|text| text.trim()).unwrap_or_default()
}

fn channels(config: &AccountConfig) -> impl Iterator<Item = &str> {
    let names = value(config, "channels").split([',', ' ', '\t', '\n']);
    names.map(str::trim).filter(|name| !name.is_empty())
}

fn is_twitch(address: &str) -> bool {
    let host =
        url::Url::parse(address.trim()).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    host.is_some_and(|host| host == "irc-ws.chat.twitch.tv")
}

fn entrance(config: &AccountConfig, secret: Option<&Secret>, nick: &str, twitch: bool) -> Entrance {
    let certificate = !config.trust.certificate.trim().is_empty();
    let (LogIn::Protocol { user }, Some(secret)) = (&config.log_in, secret) else {
        let login = Login { account: String::new(), password: None, certificate };
        return if certificate { Entrance::Sasl(login) } else { Entrance::Open };
    };
    let user = user.trim();
    if twitch {
        let token = secret.0.trim();
        let prefix = if token.starts_with("oauth:") { "" } else { "oauth:" };
        return Entrance::Pass(Secret(format!("{prefix}{token}")));
    }
    if value(config, "login") == "pass" {
        let password = if user.is_empty() { secret.0.clone() } else { format!("{user}:{}", secret.0) };
        return Entrance::Pass(Secret(password));
    }
    let account = if user.is_empty() { nick } else { user }.to_owned();
    Entrance::Sasl(Login { account, password: Some(secret.clone()), certificate })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(fields: &[(&str, &str)]) -> AccountConfig {
        let fields = fields.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
        AccountConfig { url: "wss://irc.example/".into(), fields, ..AccountConfig::default() }
    }

    fn read(config: &AccountConfig, secret: Option<&str>) -> Settings {
        let secret = secret.map(|text| Secret(text.to_owned()));
        Settings::read(&Opening {
            config,
            secret: secret.as_ref(),
            resume: None,
            entrusted: None,
            seed: 1_234_567,
        })
    }

    #[test]
    fn the_first_bad_field_is_named() {
        assert_eq!(
            check(&config(&[("nick", "ann"), ("channels", "#a, #b\t&c"), ("realname", "Ann B")])),
            Ok(())
        );
        for (id, bad) in [
            ("nick", ""),
            ("nick", "a b"),
            ("nick", "#a"),
            ("nick", "a\nQUIT"),
            ("username", "a@b"),
            ("realname", "a\rb"),
            ("channels", ":x"),
            ("network", "a b"),
            ("login", "other"),
        ] {
            let mut fields = vec![("nick", "ann")];
            fields.push((id, bad));
            let Err(ConfigFault::Field { id: named, .. }) = check(&config(&fields)) else {
                panic!("{id} {bad:?}")
            };
            assert_eq!(named, id);
        }
        let user = LogIn::Protocol { user: "a\0b".into() };
        assert!(check(&AccountConfig { log_in: user, ..config(&[("nick", "ann")]) }).is_err());
    }

    #[test]
    fn what_is_left_out_is_the_nickname() {
        let settings = read(&config(&[("nick", " ann "), ("channels", "#a,,#b")]), None);
        assert_eq!((settings.nick.as_str(), settings.username.as_str()), ("ann", "ann"));
        assert_eq!((settings.channels.len(), settings.entrance), (2, Entrance::Open));
        assert_eq!(read(&AccountConfig::default(), None).nick, "guest34567");
    }

    #[test]
    fn twitch_makes_an_anonymous_nickname_of_its_own_and_takes_a_token_as_it_is_typed() {
        let twitch = AccountConfig {
            url: "wss://irc-ws.chat.twitch.tv:443".into(),
            log_in: LogIn::Protocol { user: String::new() },
            ..config(&[("nick", "justinfan")])
        };
        let settings = read(&twitch, Some("abc"));
        assert_eq!(settings.nick, "justinfan34567");
        assert_eq!(settings.entrance, Entrance::Pass(Secret("oauth:abc".into())));
        assert_eq!(read(&twitch, Some("oauth:abc")).entrance, settings.entrance);
        assert!(settings.twitch && !read(&config(&[]), None).twitch);
    }

    #[test]
    fn a_password_is_for_the_account_or_for_the_server_as_was_chosen() {
        let log_in = |user: &str| LogIn::Protocol { user: user.to_owned() };
        let sasl = AccountConfig { log_in: log_in(""), ..config(&[("nick", "ann")]) };
        let Entrance::Sasl(login) = read(&sasl, Some("x")).entrance else { panic!("by SASL") };
        assert_eq!(login.account, "ann");
        let pass =
            AccountConfig { log_in: log_in("ann/libera"), ..config(&[("nick", "ann"), ("login", "pass")]) };
        assert_eq!(read(&pass, Some("x")).entrance, Entrance::Pass(Secret("ann/libera:x".into())));
        assert_eq!(read(&pass, None).entrance, Entrance::Open);
        let mut certified = config(&[("nick", "ann")]);
        certified.trust.certificate = "me.pem".into();
        assert!(matches!(read(&certified, None).entrance, Entrance::Sasl(Login { certificate: true, .. })));
    }
}
