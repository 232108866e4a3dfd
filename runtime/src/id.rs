/// Generates an invocation id for a platform that sends none: 32 random hexadecimal digits.
pub(crate) fn generate() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
