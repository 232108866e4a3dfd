//! Uploads and downloads a file that belongs to a note.

use omnifn::{http::header, prelude::*};

use crate::{Notes, notes::missing, store::Attachment};

/// Stores the file of a note, of any media type, and answers with 204.
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

/// Returns the file of a note as a download.
#[function(get = "/notes/{id}/attachment", visibility = "public")]
pub async fn download(Path(id): Path<u64>, State(notes): State<Notes>) -> Result<impl IntoResponse> {
    let Some(Attachment { media_type, bytes }) = notes.attachment(id).await? else {
        return Err(Error::status(404, format!("note {id} has no attachment")));
    };
    let disposition = format!("attachment; filename=\"note-{id}\"");
    // A browser must never run an uploaded file, whatever its media type is.
    let nosniff = (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition), nosniff], bytes))
}
