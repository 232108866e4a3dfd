//! A file for each note, byte for byte.

use omnifn::{http::header, prelude::*};

use crate::{Notes, notes::missing, store::Attachment};

/// Keeps a note's file, whatever it is: 204.
#[function(put = "/notes/{id}/attachment", visibility = "public", memory = 512)]
pub async fn attach(
    Path(id): Path<u64>,
    headers: HeaderMap,
    State(notes): State<Notes>,
    bytes: Bytes,
) -> Result<StatusCode> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or("application/octet-stream").to_owned();
    match notes.attach(id, Attachment { media_type, bytes }).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(missing(id)),
    }
}

/// A note's file, to be saved.
#[function(get = "/notes/{id}/attachment", visibility = "public")]
pub async fn download(Path(id): Path<u64>, State(notes): State<Notes>) -> Result<impl IntoResponse> {
    let Some(Attachment { media_type, bytes }) = notes.attachment(id).await? else {
        return Err(Error::status(404, format!("note {id} has no attachment")));
    };
    let disposition = format!("attachment; filename=\"note-{id}\"");
    // A file from outside is never run by a browser, whatever it says of itself.
    let nosniff = (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition), nosniff], bytes))
}
