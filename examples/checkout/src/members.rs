//! The pre-sign-up trigger of a Cognito user pool, with the type of `aws_lambda_events`.

use aws_lambda_events::event::cognito::CognitoEventUserPoolsPreSignup;
use omnifn::prelude::*;

/// The reason why a user cannot sign up. Cognito shows the text to the user.
#[derive(Debug, thiserror::Error, FunctionError)]
#[error("membership is by invitation")]
pub struct NotInvited;

/// Confirms a sign-up at once if the user belongs to the company.
///
/// Cognito expects the event as the reply, with the response filled in.
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
