//! The handlers as what they are: plain async fns.

use api::{Notes, attachments, connect, export, notes, session, store::Draft};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use omnifn::{IntoResponse, prelude::*};

fn draft(title: &str, tags: &[&str]) -> Json<Draft> {
    Json(Draft { title: title.to_owned(), text: String::new(), tags: tags.iter().map(ToString::to_string).collect() })
}

async fn kept() -> State<Notes> {
    let state = State(connect().await.expect("memory is there"));
    for (title, tags) in [("milk", &["shop"][..]), ("paint", &["shop", "home"]), ("sleep", &["home"])] {
        notes::create(state.clone(), draft(title, tags)).await.map(drop).expect("a note");
    }
    state
}

#[tokio::test]
async fn a_note_is_kept_changed_and_removed() {
    let state = State(connect().await.expect("memory is there"));
    let created = notes::create(state.clone(), draft("  milk ", &["shop"])).await.expect("a note").into_response();
    assert_eq!(
        (created.status(), &created.headers()[header::LOCATION]),
        (StatusCode::CREATED, &"/notes/1".parse().unwrap())
    );

    let Json(read) = notes::read(Path(1), state.clone()).await.expect("it is there");
    assert_eq!((read.id, read.title.as_str(), read.tags.len()), (1, "milk", 1));

    let Json(changed) = notes::update(Path(1), state.clone(), draft("oat milk", &[])).await.expect("it is there");
    assert_eq!((changed.title.as_str(), changed.tags.len()), ("oat milk", 0));

    assert_eq!(notes::delete(Path(1), state.clone()).await.expect("it is there"), StatusCode::NO_CONTENT);
    for status in [
        notes::read(Path(1), state.clone()).await.map(drop),
        notes::update(Path(1), state.clone(), draft("x", &[])).await.map(drop),
        notes::delete(Path(1), state).await.map(drop),
    ] {
        let error = status.expect_err("it is gone");
        assert_eq!((error.status_code(), error.to_string().as_str()), (StatusCode::NOT_FOUND, "there is no note 1"));
    }
}

#[tokio::test]
async fn an_invalid_note_names_its_field() {
    let state = State(connect().await.expect("memory is there"));
    for (wrong, words) in [
        (draft("  ", &[]), "`title` must not be empty"),
        (draft(&"x".repeat(201), &[]), "`title` has 201 characters"),
        (draft("milk", &["shop", " "]), "`tags[1]` must not be empty"),
    ] {
        let error = notes::create(state.clone(), wrong).await.map(drop).expect_err("it is wrong");
        assert_eq!(error.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(error.to_string().starts_with(words), "{error}");
    }
    assert_eq!(notes::create(state, draft(&"ü".repeat(200), &[])).await.map(drop).ok(), Some(()));
}

#[tokio::test]
async fn a_list_has_tags_and_pages() {
    let state = kept().await;
    let list = async |tag: &[&str], after, limit| {
        let tag = tag.iter().map(ToString::to_string).collect();
        notes::list(Query(notes::Wanted { tag, after, limit }), state.clone()).await
    };
    for (tags, after, limit, found, next) in [
        (&[][..], 0, None, &[1, 2, 3][..], None),
        (&["shop"], 0, None, &[1, 2], None),
        (&["shop", "home"], 0, None, &[2], None),
        (&["nowhere"], 0, None, &[], None),
        (&[], 0, Some(2), &[1, 2], Some(2)),
        (&[], 2, Some(2), &[3], None),
        (&[], u64::MAX, Some(2), &[], None),
    ] {
        let Json(page) = list(tags, after, limit).await.expect("a page");
        assert_eq!((page.notes.iter().map(|note| note.id).collect::<Vec<_>>(), page.next), (found.to_vec(), next));
    }
    for limit in [0, 101] {
        let error = list(&[], 0, Some(limit)).await.expect_err("it is out of range");
        assert_eq!(error.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn an_attachment_is_kept_byte_for_byte() {
    let state = kept().await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "image/png".parse().unwrap())]);
    let attached = attachments::attach(Path(2), headers.clone(), state.clone(), every_byte.clone().into()).await;
    assert_eq!(attached.expect("the note is there"), StatusCode::NO_CONTENT);
    let response = attachments::download(Path(2), state.clone()).await.expect("it is there").into_response();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
    assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"note-2\"");
    assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), every_byte);

    assert!(attachments::attach(Path(9), headers, state.clone(), Bytes::new()).await.is_err());
    assert!(attachments::download(Path(1), state).await.is_err());
}

#[tokio::test]
async fn an_export_has_every_note() {
    let state = State(connect().await.expect("memory is there"));
    for i in 1..=250 {
        notes::create(state.clone(), draft(&format!("note {i}"), &[])).await.map(drop).expect("a note");
    }
    let body = export::export(state).await.into_response().into_body();
    let text = String::from_utf8(body.collect().await.expect("a body").to_bytes().into()).expect("text");
    let ids = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["id"].as_u64());
    assert!(ids.eq((1..=250).map(Some)), "{text}");
}

#[tokio::test]
async fn a_login_is_remembered() {
    let login = |name: &str| session::login(Json(session::Login { name: name.to_owned() }));
    let response = login("ada").await.expect("a name").into_response();
    let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["session=ada; Path=/; HttpOnly; SameSite=Lax", "theme=dark; Path=/; Max-Age=31536000"]);
    assert!(login("a; Domain=evil.example").await.is_err());

    let headers = HeaderMap::from_iter([(header::COOKIE, "theme=dark; session=ada".parse().unwrap())]);
    assert_eq!(session::whoami(headers).await.expect("logged in"), "ada");
    let error = session::whoami(HeaderMap::new()).await.expect_err("nobody");
    assert_eq!(error.status_code(), StatusCode::UNAUTHORIZED);
}
