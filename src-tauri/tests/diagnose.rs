//! The program itself, on a computer with no display: what `whinchat diagnose` prints, in both languages, and what it
//! leaves behind, which is nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use testkit::server::{Authority, Kind, Server, scripts};

const SECRET: &str = "correct horse battery staple";

/// What dconf keeps in a home wherever the desktop's settings are read.
const OF_DCONF: [&str; 3] = [".cache", ".cache/dconf", ".cache/dconf/user"];

/// Everything in a folder, the folders too.
fn list(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), all);
        }
        all.push(entry.path());
    }
}

/// A run of the program, with nothing of this computer's in its environment that could show.
struct Run {
    command: Command,
    home: tempfile::TempDir,
}

impl Run {
    fn new(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_whinchat"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let proxy = name.to_ascii_lowercase().ends_with("_proxy");
            let shows = ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "LC_ALL", "LC_MESSAGES"];
            if proxy || shows.contains(&name.as_str()) || name.starts_with("WHINCHAT_") {
                command.env_remove(&name);
            }
        }
        command.arg("diagnose").args(arguments).stdin(Stdio::null());
        command.env("LANG", "C").env("HOME", home.path()).env("WHINCHAT_HOME", home.path());
        Self { command, home }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs to the end. Nothing may be left behind.
    async fn end(mut self) -> Told {
        let output = tokio::task::spawn_blocking(move || {
            let output = self.command.output().unwrap();
            let mut left = Vec::new();
            list(self.home.path(), &mut left);
            let left: Vec<_> = left.iter().map(|path| path.strip_prefix(self.home.path()).unwrap()).collect();
            assert!(left.iter().all(|path| OF_DCONF.map(Path::new).contains(path)), "{left:?}");
            output
        });
        Told::read(&output.await.unwrap())
    }
}

/// What a run said.
#[derive(Debug)]
struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Told {
    fn read(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Without what differs from run to run: the port, how long things took, what the system says, fingerprints.
    fn lasting(&self, port: u16) -> String {
        let port = format!(":{port}");
        let line = |line: &str| {
            let line = line.replace(&port, ":PORT");
            let label = line.chars().take_while(|letter| *letter != ' ').collect::<String>();
            let mut words: Vec<&str> = line.split(' ').collect();
            if let [.., number, "ms" | "毫秒" | "s" | "秒"] = words.as_mut_slice()
                && number.parse::<f64>().is_ok()
                && line.contains("  ")
            {
                *number = "N";
            }
            match label.as_str() {
                "Detail" | "详情" => format!("{label} …"),
                "Fingerprint" | "指纹" => format!("{label} …"),
                _ => words.join(" "),
            }
        };
        self.out.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Runs in both languages, and compares what is lasting. `{}` in the expectation stands for the address.
async fn tells(arguments: &[&str], url: &str, port: u16, code: i32, english: &str, chinese: &str) {
    for (language, expected) in [("en", english), ("zh-CN", chinese)] {
        let mut all = arguments.to_vec();
        all.extend(["--lang", language, url]);
        let told = Run::new(&all).end().await;
        assert_eq!(told.lasting(port), expected.trim_start(), "{told:?}");
        assert_eq!((told.code, told.err.as_str()), (Some(code), ""), "{told:?}");
    }
}

#[tokio::test]
async fn a_wrong_host() {
    tells(
        &[],
        "ws://nobody.invalid/chat",
        1,
        1,
        r"
ws://nobody.invalid/chat

Address (DNS)       failed

Detail …

not connected: no address was found for nobody.invalid
Whinchat would try again by itself in about a second.",
        r"
ws://nobody.invalid/chat

查找地址（DNS）     失败

详情 …

未连接：查不到 nobody.invalid 的地址
Whinchat 会在约一秒后自动重试。",
    )
    .await;
}

#[tokio::test]
async fn a_wrong_port() {
    let mut server = Server::start(scripts::listen).await.unwrap();
    server.stop().await;
    tells(
        &[],
        &server.url(),
        server.port(),
        1,
        r"
ws://127.0.0.1:PORT/

Address (DNS)       N ms
Connection (TCP)    failed


not connected: connection refused by 127.0.0.1:PORT
Whinchat would try again by itself in about a second.",
        r"
ws://127.0.0.1:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     失败


未连接：127.0.0.1:PORT 拒绝了连接
Whinchat 会在约一秒后自动重试。",
    )
    .await;
}

#[tokio::test]
async fn a_log_in_is_wanted() {
    let server = Server::start(|mut peer| async move {
        peer.refuse("401 Unauthorized", "WWW-Authenticate: Basic realm=chat\r\n", "Who are you?\n").await
    });
    let server = server.await.unwrap();
    tells(
        &[],
        &server.url(),
        server.port(),
        1,
        r"
ws://127.0.0.1:PORT/

Address (DNS)       N ms
Connection (TCP)    N ms
WebSocket           failed

Answered by         127.0.0.1:PORT
Detail …

not connected: the server wants a valid log-in (HTTP 401)
Whinchat would not try again by itself; it would wait for you.",
        r"
ws://127.0.0.1:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     N 毫秒
打开 WebSocket      失败

应答方              127.0.0.1:PORT
详情 …

未连接：服务器要求有效的登录信息（HTTP 401）
Whinchat 不会自动重试，而会等你处理。",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_asks_for_a_pause() {
    let server = Server::start(|mut peer| async move {
        peer.refuse("503 Service Unavailable", "Retry-After: 90\r\n", "").await
    });
    let server = server.await.unwrap();
    tells(
        &[],
        &server.url(),
        server.port(),
        1,
        r"
ws://127.0.0.1:PORT/

Address (DNS)       N ms
Connection (TCP)    N ms
WebSocket           failed

Answered by         127.0.0.1:PORT

not connected: the server asks to come back in 1 min 30 s (HTTP 503)
Whinchat would try again by itself, but not before 1 min 30 s have passed, since the server asks for that.",
        r"
ws://127.0.0.1:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     N 毫秒
打开 WebSocket      失败

应答方              127.0.0.1:PORT

未连接：服务器要求 1 分 30 秒后再来（HTTP 503）
Whinchat 会自动重试，但按服务器的要求，至少等待 1 分 30 秒。",
    )
    .await;
}

#[tokio::test]
async fn a_certificate_that_has_expired() {
    let authority = Authority::new().unwrap();
    let identity = authority.identity(Kind::Expired).unwrap();
    let server = Server::start_tls(&identity, scripts::listen).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let authorities = folder.path().join("authorities.pem");
    std::fs::write(&authorities, authority.pem()).unwrap();
    tells(
        &["--authorities", authorities.to_str().unwrap()],
        &server.url(),
        server.port(),
        1,
        r"
wss://localhost:PORT/

Address (DNS)       N ms
Connection (TCP)    N ms
Encryption (TLS)    failed

Answered by         127.0.0.1:PORT
Certificate         rcgen self signed cert
Issued by           The authority of a test
For                 localhost, 127.0.0.1
Valid               2020-01-01 00:00 UTC to 2021-01-01 00:00 UTC
Fingerprint …

not connected: the server’s certificate has expired
Whinchat would not try again by itself; it would wait for you.",
        r"
wss://localhost:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     N 毫秒
加密（TLS）         失败

应答方              127.0.0.1:PORT
证书                rcgen self signed cert
签发者              The authority of a test
适用于              localhost, 127.0.0.1
有效期              2020-01-01 00:00 UTC 至 2021-01-01 00:00 UTC
指纹 …

未连接：服务器的证书已过期
Whinchat 不会自动重试，而会等你处理。",
    )
    .await;
}

#[tokio::test]
async fn something_that_is_no_websocket() {
    let server = Server::start(|mut peer| async move {
        peer.raw("220 mail.example.org ESMTP\r\n").await?;
        peer.silence().await
    });
    let server = server.await.unwrap();
    tells(
        &[],
        &server.url(),
        server.port(),
        1,
        r"
ws://127.0.0.1:PORT/

Address (DNS)       N ms
Connection (TCP)    N ms
WebSocket           failed

Answered by         127.0.0.1:PORT
Detail …

not connected: what answered does not speak WebSocket
Whinchat would try again by itself in about a second.",
        r"
ws://127.0.0.1:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     N 毫秒
打开 WebSocket      失败

应答方              127.0.0.1:PORT
详情 …

未连接：对方不使用 WebSocket
Whinchat 会在约一秒后自动重试。",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_goes_silent() {
    let server = Server::start(scripts::die_after_accept).await.unwrap();
    tells(
        &["--no-compression"],
        &server.url(),
        server.port(),
        1,
        r"
ws://127.0.0.1:PORT/

Address (DNS)       N ms
Connection (TCP)    N ms
WebSocket           N ms
Log-in              N ms

Answered by         127.0.0.1:PORT
Encryption          not encrypted
Subprotocol         none
Extensions          none

connected for 5 s, then: the server has been silent for 5 s
Whinchat would try again by itself in about a second.",
        r"
ws://127.0.0.1:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     N 毫秒
打开 WebSocket      N 毫秒
登录                N 毫秒

应答方              127.0.0.1:PORT
加密                未加密
子协议              无
扩展                无

连接了 5 秒，随后：服务器已有 5 秒没有动静
Whinchat 会在约一秒后自动重试。",
    )
    .await;
}

#[tokio::test]
async fn a_server_that_takes_us_in() {
    let server = Server::start(|mut peer| async move {
        peer.accept_with("Sec-WebSocket-Protocol: chat.v2\r\n").await?;
        while peer.message().await?.is_some() {}
        Ok(())
    });
    let server = server.await.unwrap();
    tells(
        &["--subprotocol", "chat.v2", "--subprotocol", "chat"],
        &server.url(),
        server.port(),
        0,
        r"
ws://127.0.0.1:PORT/

Address (DNS)       N ms
Connection (TCP)    N ms
WebSocket           N ms
Log-in              N ms

Answered by         127.0.0.1:PORT
Encryption          not encrypted
Subprotocol         chat.v2
Extensions          none
Round trip          N ms

connected
Whinchat would stay connected.",
        r"
ws://127.0.0.1:PORT/

查找地址（DNS）     N 毫秒
建立连接（TCP）     N 毫秒
打开 WebSocket      N 毫秒
登录                N 毫秒

应答方              127.0.0.1:PORT
加密                未加密
子协议              chat.v2
扩展                无
往返时间            N 毫秒

已连接
Whinchat 会保持连接。",
    )
    .await;
    let log = server.until(|log| log.closes().len() == 2).await;
    assert_eq!(log.closes(), [Some(1001), Some(1001)], "it says goodbye");
}

#[tokio::test]
async fn a_program_is_told_the_same_as_one_json_value() {
    let server = Server::start(scripts::listen).await.unwrap();
    let told = Run::new(&["--json", &server.url()]).end().await;
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(json["attempt"]["outcome"]["kind"], "online", "{told:?}");
    assert_eq!(json["attempt"]["steps"][0]["phase"], "dns");
    assert_eq!(json["attempt"]["peer"]["address"], format!("127.0.0.1:{}", server.port()));
    assert!(json["roundTripUs"].is_u64());
    assert_eq!(json["outcome"], "connected");
    assert_eq!(told.code, Some(0));
}

#[tokio::test]
async fn a_secret_goes_to_the_server_and_to_nobody_else() {
    let server = Server::start(|mut peer| async move { peer.refuse("401 Unauthorized", "", "").await });
    let server = server.await.unwrap();
    let told =
        Run::new(&["--basic", "alice", "--json", &server.url()]).with("WHINCHAT_SECRET", SECRET).end().await;
    // RFC 7617: base64 of "alice:correct horse battery staple".
    let sent = "Basic YWxpY2U6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==";
    server.until(|log| log.requests().iter().any(|head| head.contains(sent))).await;
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(!told.out.contains(SECRET) && !told.err.contains(SECRET), "{told:?}");
}

#[tokio::test]
async fn a_secret_that_is_not_given_is_named() {
    let told = Run::new(&["--bearer", "ws://127.0.0.1:1/"]).end().await;
    assert!(told.out.contains("not connected: the password or token is needed"), "{told:?}");
    assert_eq!(told.code, Some(1));
}

#[tokio::test]
async fn what_cannot_be_used_ends_with_two_and_says_so() {
    let cases: [(&[&str], &str); 6] = [
        (&[], "Type the address of a server."),
        (&["chat.example.org"], "An address begins with ws:// or wss://."),
        (
            &["https://chat.example.org/"],
            "This is not a WebSocket address; those begin with ws:// or wss://. → wss://chat.example.org/",
        ),
        (&["--header", "Authorization: Bearer x", "ws://h/"], "“Authorization” would carry a log-in"),
        (&["--protocol", "smoke signals", "ws://h/"], "There is no protocol “smoke signals”."),
        (&["--proxy", "http://me:secret@p:1", "ws://h/"], "Take the password out of the proxy’s address"),
    ];
    for (arguments, says) in cases {
        let told = Run::new(arguments).end().await;
        assert!(told.err.starts_with(says), "{told:?}");
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
    }
    let told = Run::new(&["--frobnicate"]).with("LANG", "zh_CN.UTF-8").end().await;
    assert_eq!(told.err, "没有 --frobnicate 这个选项。\n用法见 whinchat diagnose --help。\n");
}

#[tokio::test]
async fn the_help_is_in_the_language_of_the_environment() {
    let told = Run::new(&["--help"]).end().await;
    assert!(told.out.starts_with("whinchat diagnose [OPTIONS] URL\n"), "{told:?}");
    let told = Run::new(&["--help"]).with("LC_MESSAGES", "zh_CN").end().await;
    assert!(told.out.starts_with("whinchat diagnose [选项] 地址\n"), "{told:?}");
    assert_eq!(told.code, Some(0));
}

/// The settings of a GNOME desktop, in a file in the place of dconf (GIO's keyfile backend).
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_desktops_proxy_is_used_but_where_it_or_the_environment_excepts() {
    const NAME: &str = "whinchat-test.invalid";
    let server = Server::start(scripts::listen).await.unwrap();
    let (port, address) = (server.port(), std::net::SocketAddr::from(([127, 0, 0, 1], server.port())));
    let names = [NAME, "excepted.invalid"].map(|name| (format!("{name}:{port}"), address));
    let proxy = testkit::proxy::Proxy::start(names).await.unwrap();
    let settings = tempfile::tempdir().unwrap();
    let folder = settings.path().join("glib-2.0/settings");
    std::fs::create_dir_all(&folder).unwrap();
    let keep = |kind: &str| {
        let text = format!(
            "[system/proxy]\nmode='manual'\nignore-hosts=['excepted.invalid']\n\n\
             [system/proxy/{kind}]\nhost='127.0.0.1'\nport={}\n",
            proxy.port()
        );
        std::fs::write(folder.join("keyfile"), text).unwrap();
    };
    let run = |scheme: &str, name: &str| {
        Run::new(&["--proxy", "system", &format!("{scheme}://{name}:{port}/")])
            .with("XDG_CONFIG_HOME", settings.path().to_str().unwrap())
            .with("XDG_CURRENT_DESKTOP", "GNOME")
            .with("GSETTINGS_BACKEND", "keyfile")
    };
    for (kind, shown) in [("https", "http"), ("socks", "socks5")] {
        keep(kind);
        let before = proxy.asked().len();
        let told = run("ws", NAME).end().await;
        assert_eq!(told.code, Some(0), "{told:?}");
        assert!(told.out.contains(&format!("{shown}://127.0.0.1:{}", proxy.port())), "{told:?}");
        assert_eq!(proxy.asked().len(), before + 1);
        for direct in [run("ws", "excepted.invalid"), run("ws", NAME).with("NO_PROXY", NAME)] {
            let told = direct.end().await;
            assert_eq!(told.code, Some(1), "nobody else knows the name: {told:?}");
        }
        assert_eq!(proxy.asked().len(), before + 1, "{kind}");
    }
    // The environment comes first.
    keep("https");
    let told = run("ws", NAME).with("HTTPS_PROXY", "http://127.0.0.1:1").end().await;
    assert!(told.out.contains("http://127.0.0.1:1"), "{told:?}");
    assert_eq!(told.code, Some(1), "{told:?}");
}
