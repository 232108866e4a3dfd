//! The functions as each cloud invokes them.

use checkout::{members, price};
use omnifn::testing::Testing;
use serde_json::{Value, json};

fn app() -> omnifn::App {
    omnifn::app!(price::price, members::sign_up)
}

#[tokio::test]
async fn a_price_on_each_cloud() {
    let cart = json!({"items": [{"name": "tea", "count": 2, "cents": 350}, {"name": "cup", "count": 1, "cents": 900}]});
    for invoked in Testing::new(app).invoke_everywhere("price", &cart).await {
        assert_eq!(invoked.result.expect("a price"), json!({"cents": 1600}), "{}, {}", invoked.provider, invoked.shape);
    }
}

/// A state machine catches these names: `"ErrorEquals": ["EmptyCart"]`.
#[tokio::test]
async fn errors_by_name() {
    let lambda = Testing::new(|| app().only("price")).lambda().expect("a port");
    let dear = json!({"items": [{"name": "moon", "count": 2, "cents": u64::MAX}]});
    let unfit = json!({"items": [{"name": "tea", "count": -1, "cents": 350}]});
    for (cart, name, message) in [
        (json!({"items": []}), "EmptyCart", "the cart is empty"),
        (dear, "TooExpensive", "unknown item moon"),
        (unfit, "Runtime.DecodeError", "the payload cannot be read at `items[0].count`"),
    ] {
        let error = lambda.invoke(cart.to_string()).await.expect_err("a failure");
        assert_eq!(error.error_type, name);
        assert!(error.error_message.starts_with(message), "{error}");
    }
}

#[tokio::test]
async fn a_sign_up() {
    let event = |attributes: Value| {
        json!({
            "version": "1", "triggerSource": "PreSignUp_SignUp", "region": "eu-central-1", "userPoolId": "eu-central-1_x",
            "userName": "ada", "callerContext": {"awsSdkVersion": "1", "clientId": "2"},
            "request": {"userAttributes": attributes, "validationData": {}},
            "response": {"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false},
        })
    };
    let testing = Testing::new(app);
    for (email, confirmed) in [("ada@example.com", true), ("ada@example.org", false)] {
        let result = testing.invoke("sign_up", &event(json!({"email": email}))).await.expect("the event");
        assert_eq!((&result["userName"], &result["response"]["autoConfirmUser"]), (&json!("ada"), &json!(confirmed)));
    }
    let error = testing.invoke("sign_up", &event(json!({}))).await.expect_err("a failure");
    assert_eq!((error.name(), error.to_string().as_str()), ("NotInvited", "membership is by invitation"));
}
