//! An HTTP API.

use omnifn::prelude::*;
use serde::{Deserialize, Serialize};

/// Greets.
#[function(get = "/hello/{name}", visibility = "public")]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!")
}

#[derive(Deserialize)]
struct Numbers {
    numbers: Vec<i64>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Sum {
    sum: i64,
}

/// Adds numbers up.
#[function(post = "/sum", visibility = "public")]
async fn sum(Json(Numbers { numbers }): Json<Numbers>) -> Result<Json<Sum>> {
    let sum = numbers.iter().try_fold(0_i64, |sum, number| sum.checked_add(*number));
    let sum = sum.ok_or_else(|| Error::status(422, "the sum is too large"))?;
    Ok(Json(Sum { sum }))
}

omnifn::main!(hello, sum);

#[cfg(test)]
mod tests;
