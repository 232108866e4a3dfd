//! Creates, reads, lists, updates, and deletes notes.

use omnifn::{http::header, prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    Notes,
    store::{Draft, Note},
};

/// Creates a note, and answers with 201 and its `Location`.
#[function(post = "/notes", visibility = "public")]
pub async fn create(State(notes): State<Notes>, Json(draft): Json<Draft>) -> Result<impl IntoResponse> {
    let note = notes.create(valid(draft)?).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/notes/{}", note.id))], Json(note)))
}

/// Returns the note with this number.
#[function(get = "/notes/{id}", visibility = "public")]
pub async fn read(Path(id): Path<u64>, State(notes): State<Notes>) -> Result<Json<Note>> {
    Ok(Json(notes.read(id).await?.ok_or_else(|| missing(id))?))
}

/// The query of the list, such as `?tag=home&tag=garden&limit=10&after=7`.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    /// The tags that the notes must have.
    #[serde(default)]
    pub tag: Vec<String>,
    /// The number after which the page starts.
    #[serde(default)]
    pub after: u64,
    /// The size of the page: 1 to 100, by default 20.
    pub limit: Option<usize>,
}

/// A page of notes, and the start of the next page.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The notes, ordered by number.
    pub notes: Vec<Note>,
    /// The value of `after` for the next page; `None` on the last page.
    pub next: Option<u64>,
}

/// Lists notes page by page, ordered by number.
#[function(get = "/notes", visibility = "public")]
pub async fn list(Query(wanted): Query<Wanted>, State(notes): State<Notes>) -> Result<Json<Page>> {
    let limit = wanted.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Error::status(422, format!("invalid `limit` {limit}: expected 1 to 100")));
    }
    let mut found = notes.list(&wanted.tag, wanted.after, limit + 1).await?;
    let next = (found.len() > limit).then(|| found[limit - 1].id);
    found.truncate(limit);
    Ok(Json(Page { notes: found, next }))
}

/// Updates a note.
#[function(put = "/notes/{id}", visibility = "public")]
pub async fn update(Path(id): Path<u64>, State(notes): State<Notes>, Json(draft): Json<Draft>) -> Result<Json<Note>> {
    Ok(Json(notes.update(id, valid(draft)?).await?.ok_or_else(|| missing(id))?))
}

/// Deletes a note, and answers with 204.
#[function(delete = "/notes/{id}", visibility = "public")]
pub async fn delete(Path(id): Path<u64>, State(notes): State<Notes>) -> Result<StatusCode> {
    if notes.delete(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(missing(id)) }
}

/// Returns the 404 error for a missing note.
pub(crate) fn missing(id: u64) -> Error {
    Error::status(404, format!("there is no note {id}"))
}

/// Validates a draft. The error is a 422 that names the invalid field.
fn valid(mut draft: Draft) -> Result<Draft> {
    draft.title = draft.title.trim().to_owned();
    let length = draft.title.chars().count();
    match length {
        0 => Err(Error::status(422, "`title` must not be empty")),
        201.. => Err(Error::status(422, format!("`title` has {length} characters: expected at most 200"))),
        _ => match draft.tags.iter().position(|tag| tag.trim().is_empty()) {
            Some(at) => Err(Error::status(422, format!("`tags[{at}]` must not be empty"))),
            None => Ok(draft),
        },
    }
}
