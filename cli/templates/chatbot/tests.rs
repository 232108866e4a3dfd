use std::time::SystemTime;

use omnifn::{http::Request, testing::Testing};

use super::*;

/// A command signed with a secret, in every form in which each provider sends it: the status, and the text.
async fn asked(secret: &str, text: &str) -> Vec<(u16, String)> {
    let app = || omnifn::app!(roll).state(Webhook::slack("the secret"));
    let request = || {
        let request = Request::post("/slack/commands").header("host", "bot.example.com");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let body = Bytes::from(format!("command=%2Froll&text={text}&user_name=ada"));
        let signed = Webhook::slack(secret).sign(&body, SystemTime::now());
        let mut request = request.body(body).expect("a request");
        request.headers_mut().extend(signed);
        request
    };
    let answers = Testing::new(app).request_everywhere(request).await.into_iter();
    let answers = answers.map(|answered| answered.response.expect("an answer"));
    answers.map(|response| (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())).collect()
}

#[tokio::test]
async fn dice_are_rolled() {
    for (status, text) in asked("the secret", "2d6").await {
        assert_eq!(status, 200, "{text}");
        assert!(text.contains("ada rolls 2d6: "), "{text}");
    }
    for (_, text) in asked("the secret", "dice").await {
        assert!(text.contains("write `/roll 2d6`"), "{text}");
    }
}

#[tokio::test]
async fn nobody_else_is_answered() {
    for (status, text) in asked("another secret", "2d6").await {
        assert_eq!(status, 401, "{text}");
    }
}

#[test]
fn each_die_has_its_sides() {
    let command = Command { text: "20d2".to_owned(), user_name: "ada".to_owned() };
    for luck in 0..100 {
        let answer = answer(&command, luck);
        let rolls = answer.text.split(": ").nth(1).and_then(|rolls| rolls.split(" = ").next()).expect("rolls");
        assert!(rolls.split(" + ").all(|roll| roll == "1" || roll == "2"), "{}", answer.text);
    }
}
