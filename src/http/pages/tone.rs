//! How a finding looks. Always beside words: colour alone tells nothing to many readers.

/// The look of a finding; the order is from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::http) enum Tone {
    /// Green, a tick.
    Good,
    /// Neither: paper and ink.
    Plain,
    /// Amber, a triangle.
    Caution,
    /// Red, a cross.
    Bad,
}

impl Tone {
    /// The class of the style sheet.
    pub(in crate::http) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Caution => "caution",
            Self::Bad => "bad",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::static_files::PAGE_CSS;

    #[test]
    fn the_style_sheet_knows_every_tone() {
        for tone in [Tone::Good, Tone::Plain, Tone::Caution, Tone::Bad] {
            assert!(
                PAGE_CSS.contains(&format!("\n.{} {{", tone.class())),
                "{tone:?}"
            );
        }
    }
}
