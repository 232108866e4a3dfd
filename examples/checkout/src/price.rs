//! The price of a cart, as a step of a workflow: a state machine catches the errors by their names.

use omnifn::prelude::*;
use serde::{Deserialize, Serialize};

/// The input.
#[derive(Debug, Deserialize, Serialize)]
pub struct Cart {
    /// What is bought.
    pub items: Vec<Item>,
}

/// A kind of thing in a cart.
#[derive(Debug, Deserialize, Serialize)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// How many are wanted.
    pub count: u32,
    /// What one of them costs, in cents.
    pub cents: u64,
}

/// The result.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Price {
    /// The sum in cents.
    pub cents: u64,
}

/// Why a cart has no price. The names of the variants are the names of the errors.
#[derive(Debug, thiserror::Error, FunctionError)]
pub enum PriceError {
    /// The workflow goes another way.
    #[error("the cart is empty")]
    #[fault(status = 422)]
    EmptyCart,
    /// The workflow ends.
    #[error("nobody can pay for {0}")]
    #[fault(status = 422)]
    TooExpensive(String),
}

/// Returns the price of a cart.
///
/// # Errors
/// See [`PriceError`].
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
