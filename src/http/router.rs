//! The list of what we serve, each route with its limits, and what every request passes through.

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::routing::post;
use serde_json::Value;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::error;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::api;
use crate::http::extract::body::BodyLimit;
use crate::http::gate::Gate;
use crate::http::metrics::Metrics;
use crate::http::middleware;
use crate::http::middleware::Room;
use crate::http::middleware::Surroundings;
use crate::http::openapi;
use crate::http::openapi::OpenApiDocument;
use crate::http::operations;
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::http::protocol;
use crate::http::site::Site;
use crate::http::state::HttpOptions;
use crate::http::state::HttpState;
use crate::service::app::App;

/// Documents in memory at a time: with 20 MB each, and as much again for base64, some 2.5 GB at worst.
const DOCUMENTS_AT_A_TIME: usize = 64;

/// Batches at a time: each holds up to five documents, in the forms above.
const BATCHES_AT_A_TIME: usize = 8;

/// Everything that we serve, over `app`.
pub fn router(app: App, options: &HttpOptions) -> Router {
    let site = Site::new(&app.settings().public_url, options.demo);
    let metrics = Metrics::new();
    let limits = Limits::new(options);
    let (described, document) = described(&limits).split_for_parts();
    let document = OpenApiDocument(Arc::new(finished(&document, &site)));
    let state = HttpState::new(app, site.clone(), metrics.clone(), document);
    let routes = described
        .merge(undescribed(&limits))
        .fallback(|| async { Problem::new(ProblemType::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::new(ProblemType::MethodNotAllowed) });
    surrounded(routes, options, &site, metrics).with_state(state)
}

/// What routes are limited by, shared by all routes of a class.
struct Limits {
    /// For documents and lists of companies: as much as the operator allows, and so many at a time.
    large: BodyLimit,
    room: Room,
    /// For lists of documents: each of them as `large`, and so many lists at a time.
    batches: Room,
    /// For callers without a key and for pages by address, for others by caller.
    gate: Gate,
}

impl Limits {
    fn new(options: &HttpOptions) -> Self {
        Self {
            large: BodyLimit {
                max_bytes: options.max_body_bytes,
                // Before the request as a whole is given up, so that a slow sender is told so.
                arrives_within: options.request_timeout / 10 * 9,
            },
            room: Room::for_requests(DOCUMENTS_AT_A_TIME),
            batches: Room::for_requests(BATCHES_AT_A_TIME),
            gate: Gate::new(options),
        }
    }
}

/// The routes that `/openapi.json` describes.
fn described(limits: &Limits) -> OpenApiRouter<HttpState> {
    let large = OpenApiRouter::new()
        .routes(routes!(api::verify::verify))
        .routes(routes!(api::verify_certificate::verify_certificate))
        .routes(routes!(api::check_recognition::check_recognition))
        .routes(routes!(api::import::import))
        .routes(routes!(api::proposals::propose, api::proposals::proposals))
        .routes(routes!(api::rehearse::rehearse))
        .layer(Extension(limits.large))
        .layer(from_fn_with_state(limits.room.clone(), middleware::admit));
    // What goes on after its answer began holds its place itself.
    let batches = OpenApiRouter::new()
        .routes(routes!(api::verify_batch::verify_batch))
        .layer(Extension(limits.large))
        .layer(Extension(limits.batches.clone()));
    let small = OpenApiRouter::new()
        .routes(routes!(api::find_companies::find_companies))
        .routes(routes!(
            api::confirm::confirm,
            api::record_facts::record_facts
        ))
        .routes(routes!(api::match_facts::match_facts))
        .routes(routes!(api::accesses::accesses))
        .routes(routes!(api::audit::audit))
        .routes(routes!(api::receipt::receipt))
        .routes(routes!(api::replay::replay))
        .routes(routes!(api::record_registration::record_registration))
        .routes(routes!(api::issue::issue))
        .routes(routes!(api::credential::credential))
        .routes(routes!(api::credential::credential_file))
        .routes(routes!(api::change_status::change_status))
        .routes(routes!(api::rehearse::rehearse_proposal))
        .routes(routes!(api::pick_up_code::replace_pick_up_code))
        .routes(routes!(api::holder::credentials))
        .routes(routes!(api::holder::end_session))
        .routes(routes!(api::proposals::approve))
        .routes(routes!(api::proposals::withdraw))
        .routes(routes!(api::recognition::recognition))
        .routes(routes!(api::recognition::versions))
        .routes(routes!(api::recognition::reload_trust))
        .layer(Extension(BodyLimit::SMALL));
    let by_key_or_address = large.merge(batches).merge(small).layer(from_fn_with_state(
        limits.gate.clone(),
        middleware::limit_callers,
    ));
    let timestamps = OpenApiRouter::new()
        .routes(routes!(protocol::timestamp::timestamp))
        .layer(Extension(protocol::timestamp::LIMIT))
        .layer(from_fn_with_state(
            limits.gate.clone(),
            middleware::limit_everybody,
        ));
    let signing_in = OpenApiRouter::new()
        .routes(routes!(api::holder::challenge))
        .routes(routes!(api::holder::open_session))
        .layer(Extension(BodyLimit::SMALL))
        .layer(from_fn_with_state(
            limits.gate.clone(),
            middleware::limit_everybody,
        ));
    let from_anywhere = OpenApiRouter::new()
        .routes(routes!(protocol::status_list::status_list))
        .routes(routes!(protocol::issuer_keys::issuer_metadata))
        .routes(routes!(protocol::issuer_keys::keys))
        .layer(from_fn(middleware::allow_any_origin));
    let cheap = OpenApiRouter::new()
        .routes(routes!(api::reasons::reasons))
        .routes(routes!(protocol::credential_type::credential_type))
        .routes(routes!(operations::livez))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::version))
        .routes(routes!(operations::metrics));
    OpenApiRouter::with_openapi(openapi::base())
        .merge(by_key_or_address)
        .merge(timestamps)
        .merge(signing_in)
        .merge(from_anywhere)
        .merge(cheap)
}

/// Pages and what they need.
fn undescribed(limits: &Limits) -> Router<HttpState> {
    let check = Router::new()
        .route("/check", post(pages::check::check))
        .route("/accept", post(pages::accept::accept))
        .layer(Extension(limits.large))
        .layer(from_fn_with_state(limits.room.clone(), middleware::admit));
    let pick_up = Router::new()
        .route("/pickup", post(pages::pick_up::pick_up))
        .route("/pickup/challenge", post(pages::pick_up::challenge))
        .route("/pickup/file", post(pages::pick_up::file))
        .route("/pickup/end", post(pages::pick_up::end))
        .layer(Extension(BodyLimit::SMALL));
    let about_companies = Router::new()
        .route("/company", get(pages::company::company))
        .route("/v/{id}", get(pages::credential::credential))
        .merge(check)
        .merge(pick_up)
        .layer(from_fn_with_state(
            limits.gate.clone(),
            middleware::limit_everybody,
        ));
    let cheap = Router::new()
        .route("/", get(pages::home::home))
        .route("/accept", get(pages::accept::ask))
        .route("/pickup", get(pages::pick_up::ask))
        .route("/docs", get(pages::docs::docs))
        .route("/problems/{name}", get(pages::problem::problem_type))
        .route("/static/{name}", get(pages::static_files::static_file))
        .route("/openapi.json", get(openapi::openapi_json))
        .layer(CompressionLayer::new());
    about_companies.merge(cheap)
}

/// What every request passes through, outermost first.
fn surrounded(
    routes: Router<HttpState>,
    options: &HttpOptions,
    site: &Site,
    metrics: Metrics,
) -> Router<HttpState> {
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(
                Surroundings::new(options, site, metrics),
                middleware::surround,
            ))
            .layer(CatchPanicLayer::custom(middleware::panic_to_problem))
            // Bodies are bounded by `extract::body`, which knows the route's limit.
            .layer(DefaultBodyLimit::disable()),
    )
}

/// The description of the interface; empty if it could not be made, since nothing else depends on it.
fn finished(document: &utoipa::openapi::OpenApi, site: &Site) -> Value {
    openapi::finish(document, &site.public_url).unwrap_or_else(|error| {
        error!(%error, "the interface is served without its description");
        Value::Null
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::clock::FixedClock;
    use crate::clock::Timestamp;
    use crate::crypto::random::SeededRandom;

    fn limits() -> Limits {
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        Limits::new(&HttpOptions::new(
            clock,
            Arc::new(SeededRandom::new([7; 32])),
        ))
    }

    fn document() -> Value {
        let (_, document) = described(&limits()).split_for_parts();
        openapi::finish(&document, "https://city.example").unwrap()
    }

    /// Every operation by method and path.
    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().iter();
                methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
            })
            .collect()
    }

    #[test]
    fn the_routes_do_not_contradict_each_other() {
        let (described, _) = described(&limits()).split_for_parts();
        let _: Router<HttpState> = described.merge(undescribed(&limits()));
    }

    #[test]
    fn every_operation_is_described_in_full() {
        let document = document();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut ids = BTreeSet::new();
        for (name, operation) in operations(&document) {
            for member in ["operationId", "summary", "description", "tags", "responses"] {
                assert!(operation.get(member).is_some(), "{name} has no {member}");
            }
            assert!(
                ids.insert(operation["operationId"].to_string()),
                "{name}: id used twice"
            );
            let success = operation["responses"]
                .as_object()
                .unwrap()
                .keys()
                .any(|status| status.starts_with('2'));
            assert!(success, "{name} never succeeds");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters {
                assert!(parameter["description"].is_string(), "{name}: {parameter}");
            }
        }
        assert_eq!(ids.len(), 42);
    }

    #[test]
    fn what_is_not_meant_for_everybody_names_its_scope() {
        let document = document();
        let public = [
            "get /v1/reasons",
            "post /v1/certificates/verify",
            "post /v1/recognition/check",
            "post /v1/verify",
            "get /v1/companies/{uscc}",
        ];
        for (name, operation) in operations(&document) {
            let open = [
                "get /v1/reasons",
                "post /v1/companies/{uscc}/challenge",
                "post /v1/holder/sessions",
            ];
            if !name.contains(" /v1/") || open.contains(&name.as_str()) {
                assert_eq!(operation.get("security"), None, "{name}");
                continue;
            }
            let alternatives = operation["security"].as_array().unwrap();
            let without_key = alternatives
                .iter()
                .any(|one| one.as_object().unwrap().is_empty());
            assert_eq!(without_key, public.contains(&name.as_str()), "{name}");
            let scoped = alternatives.iter().any(|one| {
                !one["apiKey"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .is_empty()
            });
            let for_holders = alternatives
                .iter()
                .any(|one| !one["holderSession"].is_null());
            assert!(scoped || for_holders, "{name}");
            for status in ["401", "403"] {
                assert!(
                    operation["responses"].get(status).is_some(),
                    "{name} {status}"
                );
            }
        }
    }

    #[test]
    fn every_reference_of_the_description_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"#/").skip(1) {
            let pointer = format!("/{}", reference.split('"').next().unwrap());
            assert!(document.pointer(&pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn a_slow_sender_is_told_so_before_the_request_is_given_up() {
        let limits = limits();
        assert!(limits.large.arrives_within < Duration::from_secs(30));
    }
}
