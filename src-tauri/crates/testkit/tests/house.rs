//! The house rules that no compiler checks: who may import whom, how long a file may be, what may not be written.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most lines of a file. Beyond it, a file is two.
const MAX_LINES: usize = 600;

/// What each crate may import, of ours and of what does I/O or waits. Anything that is neither is not checked here.
const MAY: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("words", &["domain"]),
    ("proto", &["domain"]),
    ("store", &["domain", "rusqlite"]),
    (
        "link",
        &["domain", "proto", "tokio", "tokio-tungstenite", "tokio-rustls", "tokio-util", "socket2", "rand"],
    ),
    ("engine", &["domain", "proto", "store", "link", "tokio", "rand"]),
    ("lounge", &["tokio", "tokio-tungstenite", "tokio-util"]),
    (
        "whinchat",
        &["domain", "engine", "lounge", "words", "tauri", "tokio", "tokio-util", "directories", "rand"],
    ),
    ("xtask", &[]),
    (
        "torture",
        &["domain", "engine", "proto", "store", "testkit", "tokio", "tokio-tungstenite", "tokio-util"],
    ),
    (
        "testkit",
        &[
            "domain",
            "proto",
            "store",
            "tokio",
            "tokio-tungstenite",
            "tokio-rustls",
            "rand",
            "socket2",
            "tokio-util",
        ],
    ),
];

/// What does I/O, waits, or rolls dice.
const GUARDED: [&str; 10] = [
    "tokio",
    "tokio-tungstenite",
    "tokio-rustls",
    "tokio-util",
    "rusqlite",
    "tauri",
    "directories",
    "socket2",
    "rand",
    "reqwest",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap()
}

fn tracked(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let generated = ["target", "node_modules", "dist", "gen", ".git"].contains(&name.as_str());
            if path.is_dir() && !generated {
                folders.push(path);
            } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty());
    files
}

fn normal_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = |package: &Value| {
        let normal = |dependency: &&Value| dependency["kind"].is_null();
        let name = |dependency: &Value| dependency["name"].as_str().unwrap().to_owned();
        let dependencies =
            package["dependencies"].as_array().unwrap().iter().filter(normal).map(name).collect();
        (package["name"].as_str().unwrap().to_owned(), dependencies)
    };
    packages.iter().map(package).collect()
}

#[test]
fn crates_import_only_what_they_may() {
    let dependencies = normal_dependencies();
    let ours: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    let ruled: BTreeSet<&str> = MAY.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, ruled, "every crate has a rule");
    for (name, may) in MAY {
        for dependency in &dependencies[name] {
            let guarded = ours.contains(dependency.as_str()) || GUARDED.contains(&dependency.as_str());
            assert!(!guarded || may.contains(&dependency.as_str()), "{name} may not import {dependency}");
        }
    }
}

#[test]
fn adapters_have_no_socket_task_clock_or_chance() {
    let banned =
        ["std::net", "Instant::now", "SystemTime", "std::thread", "std::fs", "std::env", "tracing::"];
    for (path, text) in tracked(&[".rs"]) {
        let protocols = path.starts_with(root().join("src-tauri/crates/proto/src"));
        let is_adapter = protocols || path.ends_with("testkit/src/archive/adapter.rs");
        // What only tests it is no adapter, and has to begin at some time.
        let beside = path.ends_with("transcript.rs") || path.ends_with("tests.rs");
        if !is_adapter || beside {
            continue;
        }
        for word in banned {
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn only_the_app_names_tauri() {
    for (path, text) in tracked(&[".rs"]) {
        let app = path.starts_with(root().join("src-tauri/src")) || path.ends_with("src-tauri/build.rs");
        let checker = path.ends_with("house.rs") || path.starts_with(root().join("src-tauri/xtask"));
        assert!(app || checker || !text.contains("tauri::"), "{} names tauri", path.display());
    }
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in tracked(&[".rs", ".ts", ".svelte", ".css", ".sql", ".sh", ".java", ".js", ".py"]) {
        let lines = text.lines().count();
        let generated = path.ends_with("generated.ts");
        assert!(generated || lines <= MAX_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_markup_crosses_into_the_window() {
    let banned = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "{@html",
        "DOMParser",
        "srcdoc",
        "eval(",
    ];
    for (path, text) in tracked(&[".ts", ".svelte"]) {
        if !path.starts_with(root().join("ui/src")) {
            continue;
        }
        for word in banned {
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn the_content_security_policy_has_no_unsafe_and_no_remote() {
    let config: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("tauri.conf.json")).unwrap()).unwrap();
    let security = &config["app"]["security"];
    let policy = security["csp"].as_object().unwrap();
    assert_eq!(policy["default-src"], "'self'");
    for (directive, sources) in policy {
        let sources = sources.as_str().unwrap();
        assert!(!sources.contains("unsafe"), "{directive} {sources}");
        for source in sources.split(' ') {
            let local = ["'self'", "'none'", "data:", "ipc:", "http://ipc.localhost"].contains(&source);
            assert!(local, "{directive} lets in {source}");
        }
    }
    assert!(!policy["script-src"].as_str().unwrap().contains("data:"));
    assert!(security.get("dangerousDisableAssetCspModification").is_none());
    for capability in security["capabilities"].as_array().unwrap() {
        assert!(capability.get("remote").is_none());
        for permission in capability["permissions"].as_array().unwrap() {
            assert!(permission.as_str().unwrap().starts_with("core:event:allow-"), "{permission}");
        }
    }
}

#[test]
fn every_crate_obeys_the_lints() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for (path, text) in tracked(&["Cargo.toml"]) {
        // The fuzz targets are a workspace of their own, and begin with what libFuzzer makes of a macro.
        if path.starts_with(root().join("src-tauri/fuzz")) {
            continue;
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{} has no lints", path.display());
    }
    for (path, text) in tracked(&[".rs"]) {
        let allows =
            ["allow(clippy::unwrap_used", "allow(clippy::expect_used", "allow(clippy::indexing_slicing"];
        let product =
            !path.components().any(|part| part.as_os_str() == "tests") && !path.ends_with("house.rs");
        for allow in allows {
            assert!(!product || !text.contains(allow), "{} says {allow}", path.display());
        }
    }
}
