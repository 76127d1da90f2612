//! The reference of every setting, made from what the sections say of their fields.

use std::fmt::Write;

use crate::config::SECTIONS;
use crate::config::field::Default;
use crate::config::field::Field;

/// Where lines of text are broken, in characters.
const LINE_WIDTH: usize = 96;

/// A complete file: every setting with what it is for, its unit and its default. It is valid as it
/// stands, apart from the examples of what must be set.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# yinxin.toml: every setting. What is absent takes the default shown; what is marked required\n\
         # has none. Relative paths are taken from the folder of this file. Secrets stand in files of\n\
         # their own, which only the service may read (mode 0600).\n",
    );
    for section in SECTIONS {
        text.push_str("\n\n");
        comment(&mut text, section.doc);
        line(&mut text, &format!("[{}]", section.name));
        for field in section.fields {
            text.push('\n');
            describe(&mut text, field);
        }
    }
    text
}

fn describe(text: &mut String, field: &Field) {
    comment(text, field.doc);
    let Field { key, unit, .. } = field;
    match field.default {
        Default::Absent { means, example } => {
            comment(text, &format!("Unit: {unit}. Default: absent, {means}."));
            line(text, &format!("#{key} = {example}"));
        }
        Default::Required { example } => {
            comment(text, &format!("Unit: {unit}. Required."));
            line(text, &format!("{key} = {example}"));
        }
        Default::Value(value) => {
            comment(text, &format!("Unit: {unit}. Default: {value}."));
            line(text, &format!("{key} = {value}"));
        }
    }
}

fn comment(text: &mut String, words: &str) {
    let mut width = 0;
    for word in words.split_whitespace() {
        let length = word.chars().count().saturating_add(1);
        if width > 0 && width + length > LINE_WIDTH {
            text.push('\n');
            width = 0;
        }
        if width == 0 {
            text.push('#');
        }
        text.push(' ');
        text.push_str(word);
        width += length;
    }
    text.push('\n');
}

fn line(text: &mut String, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_documentation_is_broken_into_comment_lines() {
        let mut text = String::new();
        comment(&mut text, &"word ".repeat(60));
        assert!(text.lines().count() > 1);
        assert!(
            text.lines()
                .all(|line| line.starts_with("# word") && line.len() <= LINE_WIDTH + 1)
        );
    }

    #[test]
    fn the_three_kinds_of_default_are_told_apart() {
        let text = reference();
        assert!(text.contains("Required.\npublic_url = "));
        assert!(text.contains("\n#roots_dir = "));
        assert!(text.contains("\nlisten = \"127.0.0.1:8440\"\n"));
    }
}
