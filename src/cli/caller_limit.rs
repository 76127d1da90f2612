//! `yinxin caller limit`: what a caller is held to beside its scopes.

use crate::cli::caller::caller_id;
use crate::cli::caller::usage_error;
use crate::cli::caller_arguments::CallerLimit;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::caller_terms::Networks;
use crate::registry::caller_terms::Purposes;
use crate::service::app::App;

/// Takes back a list: what a purpose and a network are never called.
const ANY: &str = "any";
/// Takes back a number.
const AS_KIND: &str = "default";

/// Changes what was given and shows what holds then.
///
/// # Errors
/// [`Exit::Usage`] for callers, purposes and networks that there are not.
pub(in crate::cli) async fn run(
    app: &App,
    limit: &CallerLimit,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let id = caller_id(&limit.id)?;
    let before = app.terms(&id).await.or_exit(Exit::Usage)?;
    let terms = changed(before.clone(), limit)?;
    if terms != before {
        app.set_terms(&id, &terms).await.or_exit(Exit::Usage)?;
    }
    show(&terms, terminal)
}

fn changed(mut terms: CallerTerms, limit: &CallerLimit) -> Result<CallerTerms, CliError> {
    if !limit.purpose.is_empty() {
        terms.purposes = Purposes::parse(listed(&limit.purpose)?).or_exit(Exit::Usage)?;
    }
    if !limit.from.is_empty() {
        terms.networks = Networks::parse(listed(&limit.from)?).or_exit(Exit::Usage)?;
    }
    if let Some(text) = &limit.per_minute {
        terms.requests_per_minute = number(text)?;
    }
    if let Some(text) = &limit.per_day {
        terms.requests_per_day = number(text)?;
    }
    Ok(terms)
}

/// What was listed; nothing for `any`, which stands alone.
fn listed(texts: &[String]) -> Result<Vec<&str>, CliError> {
    match texts {
        [only] if only == ANY => Ok(Vec::new()),
        _ if texts.iter().any(|text| text == ANY) => {
            Err(usage_error(format_args!("`{ANY}` stands alone")))
        }
        _ => Ok(texts.iter().map(String::as_str).collect()),
    }
}

fn number(text: &str) -> Result<Option<u32>, CliError> {
    if text == AS_KIND {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| {
        usage_error(format_args!(
            "`{text}` is neither a number from 1 nor `{AS_KIND}`"
        ))
    })
}

fn show(terms: &CallerTerms, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let purposes = terms.purposes.ids().map(|ids| ids.join(", "));
    let networks = terms.networks.texts().map(|texts| texts.join(", "));
    let count = |number: Option<u32>| {
        number.map_or_else(|| AS_KIND.to_owned(), |number| number.to_string())
    };
    let any = || ANY.to_owned();
    terminal.line(format_args!(
        "purposes             {}",
        purposes.unwrap_or_else(any)
    ))?;
    terminal.line(format_args!(
        "networks             {}",
        networks.unwrap_or_else(any)
    ))?;
    terminal.line(format_args!(
        "requests per minute  {}",
        count(terms.requests_per_minute)
    ))?;
    terminal.line(format_args!(
        "requests per day     {}",
        count(terms.requests_per_day)
    ))
}
