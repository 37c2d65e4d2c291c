//! What is unread, outside of the window's page: in the window's title, and as a mark on the icon in the tray.

use engine::contract::Count;
use tauri::image::Image;

/// What the icon in the tray has on it. Its size says the same as its colour; the tool tip says it in words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing.
    #[default]
    None,
    /// A small disc: something is unread.
    Unread,
    /// A large one: something names the user.
    Mention,
}

/// Red, green, blue, alpha.
type Pixel = [u8; 4];

/// The window's accent, and one of its neutrals: seen on light panels and on dark ones.
const ACCENT: Pixel = [0xe8, 0x6a, 0x17, 0xff];
const NEUTRAL: Pixel = [0x9a, 0x8f, 0x83, 0xff];
const CLEAR: Pixel = [0; 4];

impl Mark {
    /// The mark for what is unread.
    pub(crate) fn of(count: Count) -> Self {
        match count {
            Count { mentions: 1.., .. } => Self::Mention,
            Count { unread: 1.., .. } => Self::Unread,
            Count { .. } => Self::None,
        }
    }

    /// The picture with the mark in its lower right corner, and a clear line around that.
    pub(crate) fn on(self, picture: &Image<'_>) -> Image<'static> {
        let (width, height) = (picture.width(), picture.height());
        let side = f64::from(width.min(height));
        let (colour, radius) = match self {
            Self::None => (CLEAR, 0.0),
            Self::Unread => (NEUTRAL, side * 0.19),
            Self::Mention => (ACCENT, side * 0.29),
        };
        let (left, top) = (f64::from(width) - radius, f64::from(height) - radius);
        let mut pixels = Vec::with_capacity(picture.rgba().len());
        let (shown, _) = picture.rgba().as_chunks::<4>();
        for (at, pixel) in (0u32..).zip(shown) {
            let (x, y) = (f64::from(at % width.max(1)) + 0.5, f64::from(at / width.max(1)) + 0.5);
            let away = (x - left).hypot(y - top);
            pixels.extend(match away {
                away if away <= radius => colour,
                away if radius > 0.0 && away <= radius + side / 16.0 => CLEAR,
                _ => *pixel,
            });
        }
        Image::new_owned(pixels, width, height)
    }
}

/// The window's title: how much is unread stands first, since what is behind is cut off.
pub(crate) fn title(count: Count) -> String {
    match count {
        Count { mentions: 0, unread: 0 } => "Whinchat".to_owned(),
        Count { mentions: 0, unread } => format!("({unread}) Whinchat"),
        Count { mentions, unread } if mentions == unread => format!("(@{mentions}) Whinchat"),
        Count { mentions, unread } => format!("(@{mentions} · {unread}) Whinchat"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_counts_what_is_unread_and_what_names_the_user() {
        let title = |mentions, unread| title(Count { unread, mentions });
        assert_eq!(title(0, 0), "Whinchat");
        assert_eq!(title(0, 7), "(7) Whinchat");
        assert_eq!(title(2, 2), "(@2) Whinchat");
        assert_eq!(title(2, 9), "(@2 · 9) Whinchat");
    }

    #[test]
    fn a_mark_covers_its_corner_and_nothing_else_and_a_mention_covers_more() {
        let side = 32;
        let plain = Image::new_owned([7, 7, 7, 255].repeat(side * side), 32, 32);
        let marked = |mark: Mark| {
            let picture = mark.on(&plain);
            assert_eq!((picture.width(), picture.height(), picture.rgba().len()), (32, 32, 4 * side * side));
            picture.rgba().as_chunks::<4>().0.to_vec()
        };
        assert_eq!(marked(Mark::None), plain.rgba().as_chunks::<4>().0);
        let painted =
            |mark: Mark, colour: Pixel| marked(mark).iter().filter(|pixel| **pixel == colour).count();
        let (small, large) = (painted(Mark::Unread, NEUTRAL), painted(Mark::Mention, ACCENT));
        assert!(60 < small && 2 * small < large, "{small} {large}");
        for mark in [Mark::Unread, Mark::Mention] {
            let pixels = marked(mark);
            assert_eq!(pixels[0], [7, 7, 7, 255], "the other corners are as they were");
            assert!(pixels.contains(&CLEAR), "a line of nothing sets it off");
        }
    }

    #[test]
    fn what_names_the_user_weighs_more() {
        assert_eq!(Mark::of(Count { unread: 0, mentions: 0 }), Mark::None);
        assert_eq!(Mark::of(Count { unread: 4, mentions: 0 }), Mark::Unread);
        assert_eq!(Mark::of(Count { unread: 4, mentions: 1 }), Mark::Mention);
    }
}
