//! The account form: what is wrong with it, field by field.

use crate::contract::{
    AddressTrouble, Code, CommandView, Fault, FieldView, FormFault, PresetView, ProtocolView,
};
use domain::AccountConfig;
use proto::{AddressFault, ConfigFault, Field, Preset, Protocols, SlashCommand};

/// Everything that is wrong with a form. Empty: it can be saved.
#[must_use]
pub fn check(config: &AccountConfig, protocols: Protocols) -> Vec<FormFault> {
    let mut faults: Vec<_> = proto::Endpoint::faults(config).into_iter().map(form_fault).collect();
    if proto::find(protocols, &config.protocol).is_none() {
        faults.push(FormFault::Protocol { value: config.protocol.clone() });
    }
    faults
}

/// A config that can be saved, with what people paste around an address taken off.
///
/// # Errors
/// The first fault of the form.
pub(crate) fn usable(mut config: AccountConfig, protocols: Protocols) -> Result<AccountConfig, Fault> {
    config.url = config.url.trim().to_owned();
    config.name = config.name.trim().to_owned();
    config.origin = config.origin.trim().to_owned();
    match proto::find(protocols, &config.protocol) {
        None => Err(ConfigFault::Protocol(config.protocol.clone())),
        Some(protocol) => protocol.endpoint(&config).map(|_| ()),
    }
    .map_err(|fault| Fault { code: Code::Invalid, text: fault.to_string() })?;
    Ok(config)
}

/// The protocols that an account can speak.
pub(crate) fn views(protocols: Protocols) -> Vec<ProtocolView> {
    let view = |protocol: &&dyn proto::Protocol| {
        let descriptor = protocol.descriptor();
        ProtocolView {
            id: descriptor.id.to_owned(),
            name: descriptor.name.to_owned(),
            log_in: descriptor.log_in,
            fields: descriptor.fields.iter().map(field).collect(),
            presets: descriptor.presets.iter().map(preset).collect(),
            commands: descriptor.commands.iter().map(command).collect(),
        }
    };
    protocols.iter().map(view).collect()
}

fn field(field: &Field) -> FieldView {
    FieldView {
        id: field.id.to_owned(),
        name: field.name.to_owned(),
        required: field.required,
        choices: field.choices.iter().map(|choice| (*choice).to_owned()).collect(),
    }
}

fn preset(preset: &Preset) -> PresetView {
    let owned = |(id, value): &(&str, &str)| ((*id).to_owned(), (*value).to_owned());
    PresetView {
        name: preset.name.to_owned(),
        url: preset.url.to_owned(),
        fields: preset.fields.iter().map(owned).collect(),
    }
}

fn command(command: &SlashCommand) -> CommandView {
    CommandView {
        name: command.name.to_owned(),
        arguments: command.arguments.to_owned(),
        help: command.help.to_owned(),
    }
}

/// The name that an account goes by: the user's, else the host and port of its address.
pub(crate) fn label(config: &AccountConfig) -> String {
    if !config.name.is_empty() {
        return config.name.clone();
    }
    let Ok(url) = proto::read_address(&config.url) else { return config.url.clone() };
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn form_fault(fault: ConfigFault) -> FormFault {
    match fault {
        ConfigFault::Address(fault) => address_fault(&fault),
        ConfigFault::Subprotocol(value) => FormFault::Subprotocol { value },
        ConfigFault::Header(value) => FormFault::Header { value },
        ConfigFault::SecretHeader(value) => FormFault::SecretHeader { value },
        ConfigFault::LogInUser(value) => FormFault::LogInUser { value },
        ConfigFault::LogInName(value) => FormFault::LogInName { value },
        ConfigFault::ProxyHost(value) => FormFault::ProxyHost { value },
        ConfigFault::ProxyPort(port) => FormFault::ProxyPort { value: port.to_string() },
        ConfigFault::ProxyUser(value) => FormFault::ProxyUser { value },
        ConfigFault::Fallback { url, .. } => FormFault::Fallback { value: url },
        ConfigFault::Origin(value) => FormFault::Origin { value },
        ConfigFault::Field { id, value } => FormFault::Field { id: id.to_owned(), value },
        ConfigFault::Protocol(value) => FormFault::Protocol { value },
    }
}

fn address_fault(fault: &AddressFault) -> FormFault {
    let text = fault.to_string();
    let (trouble, suggestion) = match fault {
        AddressFault::Empty => (AddressTrouble::Empty, None),
        AddressFault::NoScheme => (AddressTrouble::NoScheme, None),
        AddressFault::WrongScheme { suggestion, .. } => (AddressTrouble::WrongScheme, suggestion.clone()),
        AddressFault::NoHost => (AddressTrouble::NoHost, None),
        AddressFault::BadPort => (AddressTrouble::BadPort, None),
        AddressFault::BadHost => (AddressTrouble::BadHost, None),
        AddressFault::Credentials => (AddressTrouble::Credentials, None),
        AddressFault::Fragment => (AddressTrouble::Fragment, None),
        AddressFault::TooLong => (AddressTrouble::TooLong, None),
        AddressFault::Other(_) => (AddressTrouble::Other, None),
    };
    FormFault::Address { fault: trouble, suggestion, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Header;

    fn config(url: &str) -> AccountConfig {
        AccountConfig { protocol: "plain".into(), url: url.into(), ..AccountConfig::default() }
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let header = |name: &str| Header { name: name.into(), value: "x".into() };
        let config = AccountConfig {
            protocol: "smoke signals".into(),
            subprotocols: vec!["a b".into()],
            headers: vec![header("Host"), header("Cookie")],
            origin: "https://a\r\nX: y".into(),
            ..config("http://h/")
        };
        let faults = check(&config, proto::ALL);
        assert_eq!(faults.len(), 6, "{faults:?}");
        assert!(faults.contains(&FormFault::SecretHeader { value: "Cookie".into() }));
        let Some(FormFault::Address { suggestion, .. }) = faults.first() else { panic!("{faults:?}") };
        assert_eq!(suggestion.as_deref(), Some("ws://h/"));
        assert!(usable(config, proto::ALL).is_err());
    }

    #[test]
    fn an_account_goes_by_its_name_else_by_its_host() {
        assert_eq!(label(&config("ws://localhost:8080/ws")), "localhost:8080");
        assert_eq!(label(&config("wss://chat.example.org/ws")), "chat.example.org");
        assert_eq!(label(&AccountConfig { name: "Work".into(), ..config("ws://h") }), "Work");
    }

    #[test]
    fn blanks_around_an_address_are_taken_off() {
        assert_eq!(usable(config("  ws://h/ws \n"), proto::ALL).unwrap().url, "ws://h/ws");
    }
}
