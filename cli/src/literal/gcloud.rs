//! gcloud: a list ends a value at a comma, unless the list names another sign. ([`gcloud topic
//! escaping`](https://cloud.google.com/sdk/gcloud/reference/topic/escaping).) Cloud Run itself replaces nothing in a variable.

/// Returns pairs as a list, with a sign between them that is in none of them.
pub(crate) fn list(pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    // A value that ends as a sign of several characters begins would end too early.
    let is_free = |sign: &String| pairs.join(sign).split(sign.as_str()).eq(pairs.iter().map(String::as_str));
    let signs = [";", "|", "#", "~"].map(str::to_owned).into_iter();
    // One of these is free: no value has as many different numbers as there are.
    let mut all = signs.chain((0_u32..).map(|number| format!(":{number}:")));
    let sign = all.find(is_free).unwrap_or_default();
    format!("^{sign}^{}", pairs.join(&sign))
}

/// Returns one pair as the value of a flag that takes a list.
pub(crate) fn pair(name: &str, value: &str) -> String {
    match value.contains(',') {
        true => list(&[(name.to_owned(), value.to_owned())]),
        false => format!("{name}={value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn the_sign_between_variables_stands_in_none_of_them() {
        let pairs =
            |values: &[&str]| values.iter().map(|value| ("A".to_owned(), (*value).to_owned())).collect::<Vec<_>>();
        assert_eq!(list(&pairs(&["1,2", "3"])), "^;^A=1,2;A=3");
        assert_eq!(list(&pairs(&["a;b", "c"])), "^|^A=a;b|A=c");
        assert_eq!(list(&pairs(&["; | # ~", ":0:"])), "^:1:^A=; | # ~:1:A=:0:");
        assert_eq!(list(&pairs(&["; | # ~:0", "x"])), "^:1:^A=; | # ~:0:1:A=x");
    }
}
