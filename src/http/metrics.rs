//! Counts and durations, in the text form of Prometheus.
//!
//! Labels come from closed sets alone: route templates, methods, statuses, indications, problem names.
//! Nothing an outsider chooses becomes a label, or one request after another would fill the memory.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Method;
use axum::http::StatusCode;
use metrics::Key;
use metrics::KeyName;
use metrics::Label;
use metrics::Level;
use metrics::Metadata;
use metrics::Recorder;
use metrics::Unit;
use metrics_exporter_prometheus::BuildError;
use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_exporter_prometheus::PrometheusRecorder;
use tracing::error;

use crate::http::problem::table::ProblemType;
use crate::service::fetch_evidence::EvidenceCount;

const REQUESTS: &str = "http_requests_total";
const DURATION: &str = "http_request_duration_seconds";
const VERIFICATIONS: &str = "verifications_total";
const PROBLEMS: &str = "problems_total";
const EVIDENCE: &str = "evidence_fetches_total";

/// Upper bounds of the duration histogram, in seconds: fine around the milliseconds that an answer should
/// take, coarse up to the request timeout.
const DURATION_BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

const METADATA: Metadata<'static> = Metadata::new("yinxin", Level::INFO, Some(module_path!()));

/// The metrics of one service; cheap to clone. Not global, so that two services in one process (tests)
/// do not count for each other.
#[derive(Debug, Clone)]
pub(in crate::http) struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    recorder: PrometheusRecorder,
    requests: AtomicU64,
}

/// After how many requests recorded durations are folded into their buckets; until then each takes eight
/// bytes. Asking for the metrics folds them as well.
const FOLD_EVERY: u64 = 4096;

impl Metrics {
    /// Metrics that have counted nothing yet.
    #[must_use]
    pub(in crate::http) fn new() -> Self {
        let recorder = recorder().unwrap_or_else(|error| {
            error!(%error, "durations are reported as quantiles: the buckets were refused");
            PrometheusBuilder::new().build_recorder()
        });
        recorder.describe_counter(
            REQUESTS.into(),
            None,
            "Requests by route, method and status".into(),
        );
        recorder.describe_histogram(
            DURATION.into(),
            Some(Unit::Seconds),
            "Time to the answer's first byte".into(),
        );
        recorder.describe_counter(
            VERIFICATIONS.into(),
            None,
            "Verifications by indication".into(),
        );
        recorder.describe_counter(PROBLEMS.into(), None, "Problems by type".into());
        recorder.describe_counter(
            EVIDENCE.into(),
            None,
            "Attempts to fetch evidence of revocation by kind and outcome".into(),
        );
        Self(Arc::new(Inner {
            recorder,
            requests: AtomicU64::new(0),
        }))
    }

    /// Counts an answered request. `route` is a route template, never a path.
    pub(in crate::http) fn request(
        &self,
        route: &str,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let method = method_label(method);
        let labels = vec![
            Label::new("route", route.to_owned()),
            Label::from_static_parts("method", method),
            Label::new("status", status.as_str().to_owned()),
        ];
        self.count(REQUESTS, labels);
        let labels = vec![
            Label::new("route", route.to_owned()),
            Label::from_static_parts("method", method),
        ];
        let key = Key::from_parts(KeyName::from_const_str(DURATION), labels);
        self.0
            .recorder
            .register_histogram(&key, &METADATA)
            .record(took.as_secs_f64());
        if self.0.requests.fetch_add(1, Ordering::Relaxed) % FOLD_EVERY == FOLD_EVERY - 1 {
            self.0.recorder.handle().run_upkeep();
        }
    }

    /// Counts a verification by its indication.
    pub(in crate::http) fn verification(&self, indication: &'static str) {
        self.count(
            VERIFICATIONS,
            vec![Label::from_static_parts("indication", indication)],
        );
    }

    /// Counts a problem by its type.
    pub(in crate::http) fn problem(&self, kind: ProblemType) {
        self.count(
            PROBLEMS,
            vec![Label::from_static_parts("type", kind.entry().name)],
        );
    }

    /// Takes over what the service has counted of fetching evidence.
    pub(in crate::http) fn evidence(&self, counts: &[EvidenceCount]) {
        for count in counts {
            let labels = vec![
                Label::from_static_parts("kind", count.kind.name()),
                Label::from_static_parts("outcome", count.outcome),
            ];
            let key = Key::from_parts(KeyName::from_const_str(EVIDENCE), labels);
            let counter = self.0.recorder.register_counter(&key, &METADATA);
            counter.absolute(count.count);
        }
    }

    /// Everything counted, in the text form of Prometheus, version 0.0.4.
    #[must_use]
    pub(in crate::http) fn render(&self) -> String {
        self.0.recorder.handle().render()
    }

    fn count(&self, name: &'static str, labels: Vec<Label>) {
        let key = Key::from_parts(KeyName::from_const_str(name), labels);
        self.0
            .recorder
            .register_counter(&key, &METADATA)
            .increment(1);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    Ok(PrometheusBuilder::new()
        .set_buckets(&DURATION_BUCKETS)?
        .build_recorder())
}

/// A method's name; those we do not serve share one.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 7] = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    KNOWN
        .iter()
        .find(|(known, _)| known == method)
        .map_or("other", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::evidence::EvidenceKind;

    #[test]
    fn what_was_counted_is_rendered_by_its_labels() {
        let metrics = Metrics::new();
        let took = Duration::from_millis(3);
        metrics.request("/v1/companies/{uscc}", &Method::GET, StatusCode::OK, took);
        metrics.request("/v1/companies/{uscc}", &Method::GET, StatusCode::OK, took);
        metrics.verification("TOTAL-PASSED");
        metrics.problem(ProblemType::NotFound);
        let text = metrics.render();
        for line in [
            r#"http_requests_total{route="/v1/companies/{uscc}",method="GET",status="200"} 2"#,
            r#"http_request_duration_seconds_bucket{route="/v1/companies/{uscc}",method="GET",le="0.005"} 2"#,
            r#"verifications_total{indication="TOTAL-PASSED"} 1"#,
            r#"problems_total{type="not-found"} 1"#,
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
    }

    #[test]
    fn durations_are_folded_without_being_asked_for_and_none_is_lost() {
        let metrics = Metrics::new();
        for _ in 0..FOLD_EVERY + 10 {
            metrics.request(
                "/livez",
                &Method::GET,
                StatusCode::OK,
                Duration::from_millis(1),
            );
        }
        let count = format!(
            r#"http_request_duration_seconds_count{{route="/livez",method="GET"}} {}"#,
            FOLD_EVERY + 10
        );
        assert!(metrics.render().lines().any(|line| line == count));
    }

    #[test]
    fn a_method_that_somebody_made_up_is_no_label() {
        let made_up = Method::from_bytes(b"X-4711").unwrap();
        assert_eq!(method_label(&made_up), "other");
        assert_eq!(method_label(&Method::PUT), "PUT");
    }

    #[test]
    fn what_the_service_counts_is_taken_over_as_it_stands() {
        let metrics = Metrics::new();
        for count in [1, 5] {
            metrics.evidence(&[EvidenceCount {
                kind: EvidenceKind::Crl,
                outcome: "TIMED_OUT",
                count,
            }]);
        }
        let line = r#"evidence_fetches_total{kind="crl",outcome="TIMED_OUT"} 5"#;
        assert!(metrics.render().lines().any(|found| found == line));
    }

    #[test]
    fn two_services_in_one_process_count_apart() {
        let (one, other) = (Metrics::new(), Metrics::new());
        one.verification("INDETERMINATE");
        assert!(!other.render().contains("INDETERMINATE"));
    }
}
