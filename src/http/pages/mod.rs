//! The pages for people: look up a company, check a credential.
//!
//! A company that signs in at [`pick_up`] gets its session in the page itself, not in a cookie.
//!
//! Everything works without JavaScript. Nothing is inline, nothing comes from elsewhere, nothing is
//! remembered of a visitor: there are no cookies, and so no form that somebody else could submit in a
//! visitor's name.

pub(in crate::http) mod accept;
pub(in crate::http) mod check;
pub(in crate::http) mod company;
pub(in crate::http) mod credential;
pub(in crate::http) mod docs;
pub(in crate::http) mod facts;
pub(in crate::http) mod home;
pub(in crate::http) mod moment;
pub(in crate::http) mod page;
pub(in crate::http) mod pick_up;
pub(in crate::http) mod problem;
pub(in crate::http) mod recognition;
pub(in crate::http) mod rehearsal;
pub(in crate::http) mod static_files;
pub(in crate::http) mod tone;
pub(in crate::http) mod verdict;

use crate::http::language::LANGUAGES;
use crate::http::pages::page::Page;

/// Every page in every language with sample content, by a name for its snapshot; a page that does not
/// render comes with what went wrong.
#[must_use]
pub fn render_all_samples() -> Vec<(String, askama::Result<String>)> {
    let of_every_page = [
        accept::samples,
        company::samples,
        credential::samples,
        docs::samples,
        home::samples,
        pick_up::samples,
        problem::samples,
        recognition::samples,
        rehearsal::samples,
        verdict::samples::samples,
    ];
    let mut rendered = Vec::new();
    for language in LANGUAGES {
        let page = Page::sample(language);
        for samples in of_every_page {
            for (name, html) in samples(&page) {
                rendered.push((format!("{name}.{}", language.code()), html));
            }
        }
    }
    rendered
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_page_renders_in_both_languages_with_one_heading_and_a_title() {
        let samples = render_all_samples();
        let names: BTreeSet<_> = samples.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), samples.len(), "a name is used twice");
        for (name, html) in &samples {
            let html = html
                .as_ref()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let language = if name.ends_with(".zh") { "zh-CN" } else { "en" };
            assert!(
                html.starts_with(&format!("<!doctype html>\n<html lang=\"{language}\">")),
                "{name}"
            );
            assert_eq!(html.matches("<h1").count(), 1, "{name}");
            assert!(
                html.contains("<title>") && !html.contains("<title> ·"),
                "{name}"
            );
        }
    }

    #[test]
    fn no_page_needs_what_the_content_security_policy_forbids() {
        for (name, html) in render_all_samples() {
            let html = html.unwrap();
            for forbidden in [
                " style=",
                "<style",
                " onclick=",
                " onload=",
                "javascript:",
                "http://",
                "<img",
            ] {
                assert!(!html.contains(forbidden), "{name} holds {forbidden}");
            }
            assert_eq!(
                html.matches("<script").count(),
                html.matches("<script src=\"/static/").count(),
                "{name}"
            );
        }
    }
}
