//! Reads `tauri.conf.json` and prepares what `generate_context!` embeds.

fn main() {
    tauri_build::build();
}
