//! Who may become a member: a trigger of a Cognito user pool, with the type that `aws_lambda_events` has for it.

use aws_lambda_events::event::cognito::CognitoEventUserPoolsPreSignup;
use omnifn::prelude::*;

/// Why somebody cannot become a member. Cognito shows the text to the user.
#[derive(Debug, thiserror::Error, FunctionError)]
#[error("membership is by invitation")]
pub struct NotInvited;

/// Confirms a sign-up at once if it comes from the company.
///
/// Cognito expects its event back, with the response filled in.
///
/// # Errors
/// The user has no e-mail address.
#[function(invoke)]
pub async fn sign_up(
    Json(mut event): Json<CognitoEventUserPoolsPreSignup>,
) -> Result<Json<CognitoEventUserPoolsPreSignup>, NotInvited> {
    let email = event.request.user_attributes.get("email").ok_or(NotInvited)?;
    event.response.auto_confirm_user = email.ends_with("@example.com");
    Ok(Json(event))
}
