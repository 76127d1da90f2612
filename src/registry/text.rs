//! Short texts that people read: names, addresses, numbers on certificates.
//!
//! One spelling is stored (NFKC, single spaces), and characters that change how the rest of a line
//! looks are refused: a name that a screen shows in another order than it is compared is a forgery
//! tool.

use serde::Deserialize;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// A text of 1 to `MAX` characters in NFKC (Unicode Standard Annex 15), without leading, trailing or
/// repeated spaces, control characters, bidirectional controls or invisible characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing that can be seen is left.
    #[error("is empty")]
    Empty,
    /// A control, bidirectional or invisible character; `position` counts characters from 1.
    #[error("character {position} is U+{:04X}, which cannot be shown", u32::from(*.character))]
    ForbiddenCharacter {
        /// Where, counted in characters of the input, from 1.
        position: usize,
        /// Which.
        character: char,
    },
    /// Longer than the field allows, after normalisation.
    #[error("is longer than {max} characters")]
    TooLong {
        /// The most characters that the field takes.
        max: usize,
    },
}

impl<const MAX: usize> Text<MAX> {
    /// Normalises and checks what somebody typed or sent.
    ///
    /// # Errors
    /// [`TextError`], each variant a reason.
    pub fn parse(input: &str) -> Result<Self, TextError> {
        // Nothing in the field's own writing system grows shorter by more than this in NFKC.
        const MAX_SHRINKING: usize = 4;
        if input
            .chars()
            .nth(MAX.saturating_mul(MAX_SHRINKING))
            .is_some()
        {
            return Err(TextError::TooLong { max: MAX });
        }
        for (index, character) in input.chars().enumerate() {
            if is_forbidden(character) {
                let position = index.saturating_add(1);
                return Err(TextError::ForbiddenCharacter {
                    position,
                    character,
                });
            }
        }
        let folded: String = input.nfkc().collect();
        let text = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        if fold_for_comparison(&text).is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().nth(MAX).is_some() {
            return Err(TextError::TooLong { max: MAX });
        }
        Ok(Self(text))
    }

    /// The text as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> std::ops::Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> std::fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = TextError;

    fn try_from(input: String) -> Result<Self, TextError> {
        Self::parse(&input)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

/// Characters that a reader cannot see or that reorder what he sees. Variation selectors stay: Chinese
/// names use them.
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFF}' | '\u{E0000}'..='\u{E007F}')
}

/// A text as it is compared: NFKC, lower case, without spaces, every kind of bracket and of middle dot
/// alike, without variation selectors. Two spellings that fold alike are one name.
#[must_use]
pub fn fold_for_comparison(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|character| !character.is_whitespace() && !is_variation_selector(*character))
        .map(|character| match character {
            '〔' | '【' | '〈' | '《' | '「' | '『' | '[' | '{' | '<' => '(',
            '〕' | '】' | '〉' | '》' | '」' | '』' | ']' | '}' | '>' => ')',
            '•' | '‧' | '・' | '⋅' | '∙' | '●' => '·',
            other => other,
        })
        .collect()
}

fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stored(input: &str) -> Result<String, TextError> {
        Text::<10>::parse(input).map(String::from)
    }

    #[test]
    fn one_spelling_is_stored() {
        assert_eq!(stored("  东莞（ＡＢ）　厂 ").unwrap(), "东莞(AB) 厂");
        assert_eq!(stored("a\u{00A0}\u{3000} b").unwrap(), "a b");
    }

    #[test]
    fn what_cannot_be_seen_is_refused_by_position() {
        for hidden in [
            '\u{0}',
            '\n',
            '\u{202E}',
            '\u{2066}',
            '\u{200B}',
            '\u{FEFF}',
            '\u{FFFD}',
            '\u{E0041}',
        ] {
            assert_eq!(
                stored(&format!("ab{hidden}c")),
                Err(TextError::ForbiddenCharacter {
                    position: 3,
                    character: hidden
                }),
                "{hidden:?}"
            );
        }
        let message = stored("\u{202E}").unwrap_err().to_string();
        assert_eq!(message, "character 1 is U+202E, which cannot be shown");
    }

    #[test]
    fn length_is_bounded_in_characters_after_normalising() {
        assert_eq!(stored("東莞東莞東莞東莞東莞").unwrap().chars().count(), 10);
        assert_eq!(
            stored("東莞東莞東莞東莞東莞東"),
            Err(TextError::TooLong { max: 10 })
        );
        assert_eq!(
            stored("\u{FDFA}"),
            Err(TextError::TooLong { max: 10 }),
            "expands to 18 characters"
        );
        assert_eq!(
            stored(&" ".repeat(1000)),
            Err(TextError::TooLong { max: 10 })
        );
        assert_eq!(stored(" \u{3000} "), Err(TextError::Empty));
        assert_eq!(stored(""), Err(TextError::Empty));
        assert_eq!(stored("\u{FE00}"), Err(TextError::Empty));
    }

    #[test]
    fn comparison_ignores_how_brackets_spaces_and_dots_are_written() {
        let one = fold_for_comparison("东莞市（示例） 科技【一】 有限公司");
        assert_eq!(one, fold_for_comparison("东莞市(示例)科技〔一〕有限公司"));
        assert_eq!(
            fold_for_comparison("阿•示例"),
            fold_for_comparison("阿·示例")
        );
        assert_ne!(one, fold_for_comparison("东莞市(示例)科技(二)有限公司"));
    }

    proptest! {
        #[test]
        fn a_stored_text_is_stored_the_same_again(input in "\\PC{0,40}") {
            if let Ok(text) = Text::<40>::parse(&input) {
                prop_assert_eq!(Text::<40>::parse(text.as_str()), Ok(text));
            }
        }
    }
}
