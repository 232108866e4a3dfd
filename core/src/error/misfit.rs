use std::fmt;

/// What serde says of JSON that does not fit, without the values that it may quote: they are the sender's, and this ends in a log.
#[derive(Debug)]
pub(crate) struct Misfit(String);

impl Misfit {
    pub(crate) fn of(error: &serde_json::Error) -> Self {
        Misfit(words(error))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misfit {}

fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // Of the content, only its form is told: that is no one's secret. So are the names of our own fields.
    let is_ours = ["missing field", "duplicate field"].iter().any(|words| text.starts_with(words));
    if !error.is_data() || is_ours {
        return text;
    }
    // `invalid type: integer `7`, expected a string at line 1 column 9`
    let (said, expected) = match text.rsplit_once(", expected ") {
        Some((said, expected)) => (said, format!(", expected {expected}")),
        None => ("", text.rsplit_once(" at line ").map(|(_, place)| format!(" at line {place}")).unwrap_or_default()),
    };
    let said = said.split(['`', '"']).next().unwrap_or_default().trim_end();
    let known = ["invalid ", "unknown "].iter().any(|words| said.starts_with(words));
    format!("{}{expected}", if known { said } else { "a value that does not fit" })
}
