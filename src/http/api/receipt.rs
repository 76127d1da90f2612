//! `GET /v1/receipts/{id}`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::evidence::receipt::ReceiptClaims;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::path::PathReceiptId;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::opaque_id::ReceiptId;
use crate::service::app::App;

/// The media type that the receipt's `typ` stands for (RFC 7515 §4.1.9).
const RECEIPT_JWT: &str = "application/verification-receipt+jwt";

/// A receipt as far as it is kept, and what it says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ReceiptView {
    /// Its number, `jti` of its claims.
    #[schema(value_type = String)]
    id: ReceiptId,
    /// The compact JWS, byte for byte as it was given; null once operator and matter code, which it held, were erased.
    #[schema(required)]
    receipt: Option<String>,
    /// Its payload, for reading; what counts is `receipt`, whose signature proves it.
    #[schema(schema_with = claims_schema)]
    claims: ReceiptClaims,
}

fn claims_schema() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("ReceiptClaims")
}

/// Get a receipt again
///
/// The receipt that an answer of verify, confirm or match carried, byte for byte, to the caller that got it and
/// to the scope `audit`. Another caller's receipt is answered as one that never was. Who asked stands in the
/// audit trail. With `Accept: application/verification-receipt+jwt` the answer is the receipt itself. Once operator and
/// matter code were erased here, only what it said otherwise is left, without a signature: the caller's own copy counts.
#[utoipa::path(
    get,
    path = "/v1/receipts/{id}",
    tag = "verify",
    operation_id = "receipt",
    params(("id" = String, Path, description = "The receipt's number: `jti` of its claims.")),
    security(("apiKey" = ["audit"]), ("apiKey" = ["confirm"]), ("apiKey" = ["verify"])),
    responses(
        (status = 200, description = "The receipt.", content(
            (ReceiptView = "application/json"),
            (String = "application/verification-receipt+jwt"),
        )),
        (status = 404, description = "No such receipt of this caller, or none any more.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 410, description = "Its signed form was erased.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn receipt(
    Authorised { caller, .. }: Authorised<scope::ReadReceipts>,
    State(app): State<App>,
    PathReceiptId(id): PathReceiptId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app.receipt(&caller, &id).await?;
    let wanted = headers.get(header::ACCEPT);
    let wanted = wanted.and_then(|accept| accept.to_str().ok());
    let signed = found.stored.form.signed().map(str::to_owned);
    let mut response = if wanted.is_some_and(|accept| accept.contains(RECEIPT_JWT)) {
        let signed = signed.ok_or_else(|| Problem::new(ProblemType::ReceiptErased))?;
        ([(header::CONTENT_TYPE, RECEIPT_JWT)], signed).into_response()
    } else {
        Json(ReceiptView {
            id,
            receipt: signed,
            claims: found.claims,
        })
        .into_response()
    };
    let vary = HeaderValue::from_static("Accept");
    response.headers_mut().insert(header::VARY, vary);
    Ok(response)
}
