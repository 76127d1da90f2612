//! `GET /.well-known/…`: the keys with which the city signs, each for one purpose.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

use crate::crypto::key_purpose::KeyPurpose;
use crate::encoding::base64;
use crate::service::app::App;
use crate::service::app::CertifiedKey;

/// Keys change when an operator changes them; five minutes is soon enough for who relies on certificates
/// anyway.
const CACHE_CONTROL: &str = "public, max-age=300";

/// Publish the key of credentials
///
/// Issuer metadata of SD-JWT VC. It holds the key of credentials alone: the city's other keys verify no
/// credential.
#[utoipa::path(
    get,
    path = "/.well-known/jwt-vc-issuer",
    tag = "public",
    operation_id = "issuerMetadata",
    responses((status = 200, description = "Issuer and keys.", body = ref("#/components/schemas/IssuerMetadata"))),
)]
pub(in crate::http) async fn issuer_metadata(State(app): State<App>) -> Response {
    let keys = [published(KeyPurpose::Credential, &app.keys().credential)];
    let metadata =
        json!({ "issuer": app.settings().public_url, "jwks": { "keys": present(keys) } });
    cached(&metadata)
}

/// Publish all keys
///
/// The keys of receipts, credentials and status lists with their certificates. `purpose` and `typ` say what
/// a key signs; it verifies nothing else.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "public",
    operation_id = "keys",
    responses((status = 200, description = "The keys.", body = ref("#/components/schemas/Jwks"))),
)]
pub(in crate::http) async fn keys(State(app): State<App>) -> Response {
    let keys = app.keys();
    let published = [
        published(KeyPurpose::Credential, &keys.credential),
        published(KeyPurpose::Receipt, &keys.receipt),
        published(KeyPurpose::StatusList, &keys.status_list),
    ];
    cached(&json!({ "keys": present(published) }))
}

/// A key as a JWK (RFC 7517 §4) with its certificates; none if its kind has no such form.
fn published(purpose: KeyPurpose, certified: &CertifiedKey) -> Option<Value> {
    let mut jwk = certified.key.public_key().to_jwk()?;
    let members = jwk.as_object_mut()?;
    let certificates: Vec<String> = certified
        .certificates
        .iter()
        .map(|certificate| base64::encode(certificate.der()))
        .collect();
    members.insert(
        "kid".to_owned(),
        certified.key.public_key().jwk_thumbprint()?.into(),
    );
    members.insert("use".to_owned(), "sig".into());
    members.insert("alg".to_owned(), "ES256".into());
    members.insert("purpose".to_owned(), purpose.name().into());
    members.insert("typ".to_owned(), purpose.typ().into());
    members.insert("x5c".to_owned(), certificates.into());
    Some(jwk)
}

fn present<const N: usize>(keys: [Option<Value>; N]) -> Vec<Value> {
    keys.into_iter().flatten().collect()
}

fn cached(value: &Value) -> Response {
    ([(header::CACHE_CONTROL, CACHE_CONTROL)], Json(value)).into_response()
}
