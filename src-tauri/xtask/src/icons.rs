//! `cargo xtask icons`: the sizes that systems want, rendered from the drawings in `icons/`.
//!
//! `whinchat.svg` is the bird, `whinchat-small.svg` the same with fewer and bolder shapes for few pixels.

use std::fs;

use anyhow::{Context, Result};

use crate::shell::cmd;
use crate::system::{self, Purpose};
use crate::workspace;

/// Up to this many pixels the small drawing is the clearer one.
const SMALL: u32 = 32;

const PNGS: &[(&str, u32)] = &[
    ("16x16.png", 16),
    ("24x24.png", 24),
    ("32x32.png", 32),
    ("48x48.png", 48),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("256x256.png", 256),
    ("512x512.png", 512),
];

/// Sizes in the `.ico`; its directory has one byte for each side, 0 meaning 256.
const ICO: &[u32] = &[16, 24, 32, 48, 64, 128, 256];

/// Types and sizes in the `.icns`, each a PNG.
const ICNS: &[(&[u8; 4], u32)] = &[
    (b"icp4", 16),
    (b"icp5", 32),
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// Renders every size.
///
/// # Errors
/// `rsvg-convert` is missing or fails, or a file cannot be written.
pub(crate) fn render() -> Result<()> {
    system::ensure(&[Purpose::Icons])?;
    let folder = workspace::root().join("icons");
    let write =
        |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).with_context(|| name.to_owned());
    for (name, size) in PNGS {
        write(name, &png(*size)?)?;
    }
    write("whinchat.ico", &ico()?)?;
    write("whinchat.icns", &icns()?)
}

fn png(size: u32) -> Result<Vec<u8>> {
    let drawing = if size <= SMALL { "icons/whinchat-small.svg" } else { "icons/whinchat.svg" };
    let size = size.to_string();
    cmd("rsvg-convert").args(["--width", &size, "--height", &size, drawing]).output()
}

fn ico() -> Result<Vec<u8>> {
    const HEADER: usize = 6;
    const ENTRY: usize = 16;
    let images: Vec<(u32, Vec<u8>)> =
        ICO.iter().map(|size| Ok((*size, png(*size)?))).collect::<Result<_>>()?;
    let mut directory = Vec::new();
    directory.extend([0, 0, 1, 0]);
    directory.extend(u16::try_from(images.len())?.to_le_bytes());
    let mut offset = HEADER + ENTRY * images.len();
    for (size, bytes) in &images {
        let side = u8::try_from(*size).unwrap_or(0);
        // Width, height, colours of a palette, reserved; then one plane of 32 bits.
        directory.extend([side, side, 0, 0, 1, 0, 32, 0]);
        directory.extend(u32::try_from(bytes.len())?.to_le_bytes());
        directory.extend(u32::try_from(offset)?.to_le_bytes());
        offset += bytes.len();
    }
    Ok(images.into_iter().fold(directory, |mut file, (_, bytes)| {
        file.extend(bytes);
        file
    }))
}

fn icns() -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    let mut body = Vec::new();
    for (kind, size) in ICNS {
        let bytes = png(*size)?;
        body.extend(*kind);
        body.extend(u32::try_from(HEADER + bytes.len())?.to_be_bytes());
        body.extend(bytes);
    }
    let mut file = b"icns".to_vec();
    file.extend(u32::try_from(HEADER + body.len())?.to_be_bytes());
    file.extend(body);
    Ok(file)
}
