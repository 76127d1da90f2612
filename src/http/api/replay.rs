//! `POST /v1/receipts/{id}/replay`

use axum::Json;
use axum::extract::State;

use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::path::PathReceiptId;
use crate::http::problem::Problem;
use crate::service::app::App;
use crate::service::replay::answer::Replay;

/// Replay a receipt
///
/// Decides recognition again: with the recognition table and what the trust stores said of then, which has to give
/// the receipt's own verdict (else `consistent` is false), and with those of now. `differences` says by reason and
/// row what is not the same: a CA recognised until a date, recognised since, distrusted, gone, a certificate that a
/// revocation list at hand names. Documents are not kept: `recomputed` names what was decided or computed again,
/// `takenOver` what was not, mathematics above all. A `verdict` that is null can only be had by verifying the
/// document again. For the caller that got the receipt, and for the scope `audit`.
#[utoipa::path(
    post,
    path = "/v1/receipts/{id}/replay",
    tag = "verify",
    operation_id = "replayReceipt",
    params(("id" = String, Path, description = "The receipt's number: `jti` of its claims.")),
    security(("apiKey" = ["audit"]), ("apiKey" = ["confirm"]), ("apiKey" = ["verify"])),
    responses(
        (status = 200, description = "What was found.", body = ref("#/components/schemas/Replay")),
        (status = 404, description = "No such receipt of this caller.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "The receipt is about a company: there is nothing to replay.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn replay(
    Authorised { caller, .. }: Authorised<scope::ReadReceipts>,
    State(app): State<App>,
    PathReceiptId(id): PathReceiptId,
) -> Result<Json<Replay>, Problem> {
    Ok(Json(app.replay(&caller, &id).await?))
}
