//! `THIRD-PARTY.txt`: the work of others that is compiled into the program, with licences and notices, as the
//! packages carry it. Written from what cargo and npm say is in the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{cargo, cmd};
use crate::workspace;

/// Where `tauri.conf.json` takes it from.
const FILE: &str = "target/packaging/THIRD-PARTY.txt";

/// Names of files that hold a licence or a notice begin so.
const NOTICES: &[&str] = &["license", "licence", "copying", "notice", "unlicense", "copyright"];

/// The window's packages whose code is in its build; the rest only builds or tests it.
const WINDOW: &[&str] = &["svelte", "@tauri-apps/api"];

struct Part {
    title: String,
    license: String,
    home: String,
    folder: PathBuf,
}

/// Writes the file.
///
/// # Errors
/// cargo or npm do not say, or the file cannot be written.
pub(crate) fn write() -> Result<()> {
    let mut parts = crates()?;
    parts.extend(window()?);
    let file = workspace::root().join(FILE);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, render(&parts)).with_context(|| format!("{}", file.display()))
}

/// Many parts share one text to the letter; it is written once, below all that it belongs to.
fn render(parts: &[Part]) -> String {
    let mut text =
        String::from("Whinchat contains the work of others. Each part, its licence and its home:\n\n");
    let mut notices: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for part in parts {
        writeln!(text, "{} - {} - {}", part.title, part.license, part.home).ok();
        for notice in read_notices(&part.folder) {
            notices.entry(notice).or_default().insert(&part.title);
        }
    }
    for (notice, titles) in notices {
        let titles: Vec<&str> = titles.into_iter().collect();
        write!(text, "\n{}\n{}\n\n{notice}\n", "-".repeat(80), titles.join(", ")).ok();
    }
    text
}

fn read_notices(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            path.is_file() && NOTICES.iter().any(|begin| name.starts_with(begin))
        })
        .collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .map(|notice| {
            notice.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
        })
        .collect()
}

/// The crates that are linked into the app on this system: its dependencies, and theirs, without those that only
/// build or test.
fn crates() -> Result<Vec<Part>> {
    let host = host()?;
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host])
        .output()?;
    let metadata: Value = serde_json::from_slice(&output).context("cargo metadata")?;
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let word =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(&metadata, "packages").into_iter().map(|package| (word(&package, "id"), package)).collect();
    let resolve = metadata.get("resolve").context("cargo metadata: resolve")?;
    let nodes: BTreeMap<String, Value> =
        list(resolve, "nodes").into_iter().map(|node| (word(&node, "id"), node)).collect();
    let mut waiting = vec![word(resolve, "root")];
    let mut linked = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let Some(node) = nodes.get(&id) else { continue };
        if !linked.insert(id) {
            continue;
        }
        for dependency in list(node, "deps") {
            if list(&dependency, "dep_kinds").iter().any(|kind| kind.get("kind").is_some_and(Value::is_null))
            {
                waiting.push(word(&dependency, "pkg"));
            }
        }
    }
    Ok(linked
        .iter()
        .filter_map(|id| packages.get(id))
        .filter(|package| package.get("source").is_some_and(|source| !source.is_null()))
        .map(|package| Part {
            title: format!("{} {}", word(package, "name"), word(package, "version")),
            license: word(package, "license"),
            home: word(package, "repository"),
            folder: Path::new(&word(package, "manifest_path"))
                .parent()
                .map(Path::to_path_buf)
                .unwrap_or_default(),
        })
        .collect())
}

fn host() -> Result<String> {
    let output = cmd(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV").output()?;
    let text = String::from_utf8_lossy(&output).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc -vV names no host")
}

fn window() -> Result<Vec<Part>> {
    WINDOW
        .iter()
        .map(|name| {
            let folder = workspace::ui().join("node_modules").join(name);
            let manifest = folder.join("package.json");
            let text = fs::read(&manifest).with_context(|| format!("{}", manifest.display()))?;
            let package: Value =
                serde_json::from_slice(&text).with_context(|| format!("{}", manifest.display()))?;
            let word = |pointer: &str| package.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            Ok(Part {
                title: format!("{name} {}", word("/version")),
                license: word("/license").to_owned(),
                home: word("/repository/url").to_owned(),
                folder,
            })
        })
        .collect()
}
