//! Create, read, list, update, delete.

use omnifn::{http::header, prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    Notes,
    store::{Draft, Note},
};

/// Keeps a new note: 201 with its place.
#[function(post = "/notes", visibility = "public")]
pub async fn create(State(notes): State<Notes>, Json(draft): Json<Draft>) -> Result<impl IntoResponse> {
    let note = notes.create(valid(draft)?).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/notes/{}", note.id))], Json(note)))
}

/// The note of this number.
#[function(get = "/notes/{id}", visibility = "public")]
pub async fn read(Path(id): Path<u64>, State(notes): State<Notes>) -> Result<Json<Note>> {
    Ok(Json(notes.read(id).await?.ok_or_else(|| missing(id))?))
}

/// Which notes are asked for: `?tag=home&tag=garden&limit=10&after=7`.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    /// Those with all of these tags.
    #[serde(default)]
    pub tag: Vec<String>,
    /// Those after this one.
    #[serde(default)]
    pub after: u64,
    /// At most so many: 100 at most, 20 where nothing is said.
    pub limit: Option<usize>,
}

/// Some notes, and where the next ones are.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The notes, by number.
    pub notes: Vec<Note>,
    /// What to give as `after` for the next page; `None` on the last one.
    pub next: Option<u64>,
}

/// Some of the notes, by number.
#[function(get = "/notes", visibility = "public")]
pub async fn list(Query(wanted): Query<Wanted>, State(notes): State<Notes>) -> Result<Json<Page>> {
    let limit = wanted.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Error::status(422, format!("`limit` is from 1 to 100, and {limit} came")));
    }
    let mut found = notes.list(&wanted.tag, wanted.after, limit + 1).await?;
    let next = (found.len() > limit).then(|| found[limit - 1].id);
    found.truncate(limit);
    Ok(Json(Page { notes: found, next }))
}

/// Changes a note.
#[function(put = "/notes/{id}", visibility = "public")]
pub async fn update(Path(id): Path<u64>, State(notes): State<Notes>, Json(draft): Json<Draft>) -> Result<Json<Note>> {
    Ok(Json(notes.update(id, valid(draft)?).await?.ok_or_else(|| missing(id))?))
}

/// Removes a note: 204.
#[function(delete = "/notes/{id}", visibility = "public")]
pub async fn delete(Path(id): Path<u64>, State(notes): State<Notes>) -> Result<StatusCode> {
    if notes.delete(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(missing(id)) }
}

/// The 404 of a note.
pub(crate) fn missing(id: u64) -> Error {
    Error::status(404, format!("there is no note {id}"))
}

/// The draft, if it can be a note; else a 422 that says which field cannot.
fn valid(mut draft: Draft) -> Result<Draft> {
    draft.title = draft.title.trim().to_owned();
    let length = draft.title.chars().count();
    match length {
        0 => Err(Error::status(422, "`title` is empty: a note has one")),
        201.. => Err(Error::status(422, format!("`title` has {length} characters: it may have 200"))),
        _ => match draft.tags.iter().position(|tag| tag.trim().is_empty()) {
            Some(at) => Err(Error::status(422, format!("`tags[{at}]` is empty"))),
            None => Ok(draft),
        },
    }
}
