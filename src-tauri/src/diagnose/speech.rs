//! What is said about the arguments, in each language.

use super::ask::{Fault, Misuse};
use super::show::clean;
use engine::contract::{AddressTrouble, FormFault};
use words::Tongue;

/// How to ask.
pub(super) fn help(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => include_str!("help.en.txt"),
        Tongue::Chinese => include_str!("help.zh-CN.txt"),
    }
}

/// Where to read how to ask.
pub(super) fn hint(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => "whinchat diagnose --help says what can be asked.",
        Tongue::Chinese => "用法见 whinchat diagnose --help。",
    }
}

/// What is wrong with the arguments.
pub(super) fn misuse(misuse: &Misuse) -> String {
    let (english, chinese) = match &misuse.fault {
        Fault::Unknown(option) => {
            (format!("There is no option {option}."), format!("没有 {option} 这个选项。"))
        }
        Fault::NoValue(option) => {
            (format!("The option {option} needs a value."), format!("选项 {option} 需要一个值。"))
        }
        Fault::BadValue(option, value) => (
            format!("The option {option} cannot be “{value}”."),
            format!("选项 {option} 不能是“{value}”。"),
        ),
        Fault::PasswordInProxy => (
            "Take the password out of the proxy’s address: other programs can read arguments. It is asked for, or taken from WHINCHAT_PROXY_SECRET.".to_owned(),
            "请去掉代理地址里的密码：其他程序能读到参数。程序会询问密码，或从 WHINCHAT_PROXY_SECRET 读取。".to_owned(),
        ),
        Fault::TwoLogIns => {
            ("There can be one way of logging in only.".to_owned(), "只能有一种登录方式。".to_owned())
        }
        Fault::NoAddress => return words::say(misuse.tongue, "address.empty", &[]),
        Fault::TwoAddresses => {
            ("There can be one address only.".to_owned(), "只能有一个地址。".to_owned())
        }
    };
    clean(match misuse.tongue {
        Tongue::English => &english,
        Tongue::Chinese => &chinese,
    })
}

/// What is wrong with what the form of an account would hold.
pub(super) fn form_fault(tongue: Tongue, fault: &FormFault) -> String {
    let (name, value) = match fault {
        FormFault::Address { fault, suggestion, text } => {
            let sentence = words::say(tongue, address_name(*fault), &[("text", text)]);
            let meant = suggestion.as_deref().map(|url| format!(" → {url}")).unwrap_or_default();
            return clean(&format!("{sentence}{meant}"));
        }
        FormFault::Field { id, value } => {
            return clean(&words::say(tongue, "fault.field", &[("id", id), ("value", value)]));
        }
        FormFault::Subprotocol { value } => ("fault.subprotocol", value),
        FormFault::Header { value } => ("fault.header", value),
        FormFault::SecretHeader { value } => ("fault.secretHeader", value),
        FormFault::LogInUser { value } => ("fault.logInUser", value),
        FormFault::LogInName { value } => ("fault.logInName", value),
        FormFault::ProxyHost { value } => ("fault.proxyHost", value),
        FormFault::ProxyPort { value } => ("fault.proxyPort", value),
        FormFault::ProxyUser { value } => ("fault.proxyUser", value),
        FormFault::Fallback { value } => ("fault.fallback", value),
        FormFault::Origin { value } => ("fault.origin", value),
        FormFault::Protocol { value } => ("fault.protocol", value),
    };
    clean(&words::say(tongue, name, &[("value", value)]))
}

fn address_name(trouble: AddressTrouble) -> &'static str {
    match trouble {
        AddressTrouble::Empty => "address.empty",
        AddressTrouble::NoScheme => "address.noScheme",
        AddressTrouble::WrongScheme => "address.wrongScheme",
        AddressTrouble::NoHost => "address.noHost",
        AddressTrouble::BadPort => "address.badPort",
        AddressTrouble::BadHost => "address.badHost",
        AddressTrouble::Credentials => "address.credentials",
        AddressTrouble::Fragment => "address.fragment",
        AddressTrouble::TooLong => "address.tooLong",
        AddressTrouble::Other => "address.other",
    }
}
