//! The price of a cart, as a step of a workflow: a state machine catches the errors by their names.

use omnifn::prelude::*;
use serde::{Deserialize, Serialize};

/// The cart, which is the input of the function.
#[derive(Debug, Deserialize, Serialize)]
pub struct Cart {
    /// The items of the cart.
    pub items: Vec<Item>,
}

/// An item of a cart.
#[derive(Debug, Deserialize, Serialize)]
pub struct Item {
    /// The name of the item.
    pub name: String,
    /// The quantity.
    pub count: u32,
    /// The price of one piece, in cents.
    pub cents: u64,
}

/// The price, which is the result of the function.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Price {
    /// The total, in cents.
    pub cents: u64,
}

/// The reason why a cart has no price. The names of the variants are the names of the errors that a workflow catches.
#[derive(Debug, thiserror::Error, FunctionError)]
pub enum PriceError {
    /// The cart has no items. The workflow catches this error.
    #[error("the cart is empty")]
    #[fault(status = 422)]
    EmptyCart,
    /// The item is unknown. The workflow fails with this error.
    #[error("unknown item {0}")]
    #[fault(status = 422)]
    TooExpensive(String),
}

/// Returns the price of a cart.
///
/// # Errors
/// The cart is empty, or contains an unknown item.
#[function(invoke, memory = 128, timeout = 10)]
pub async fn price(Json(cart): Json<Cart>) -> Result<Json<Price>, PriceError> {
    if cart.items.is_empty() {
        return Err(PriceError::EmptyCart);
    }
    let mut cents = 0_u64;
    for Item { name, count, cents: each } in cart.items {
        let sum = each.checked_mul(count.into()).and_then(|all| cents.checked_add(all));
        cents = sum.ok_or(PriceError::TooExpensive(name))?;
    }
    Ok(Json(Price { cents }))
}
