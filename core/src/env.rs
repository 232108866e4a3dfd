//! What a program is told from outside: variables, and files that variables name.

mod config;
mod secret;

use std::{collections::BTreeMap, fmt, io, sync::Arc};

use serde::de::DeserializeOwned;

pub use config::Config;
pub use secret::Secret;

use crate::{Error, ErrorKind};

/// The environment of a program, as it is handed to the fn that makes its state.
///
/// A variable may stand in a file: where `DATABASE_URL` is not set and `DATABASE_URL_FILE` is, its value is what that file holds, without
/// the line break at its end. That is how platforms mount secrets.
///
/// ```
/// use omnifn_core::Env;
///
/// let env = Env::of([("DATABASE_URL", "postgres://db")]);
/// assert_eq!(env.require("DATABASE_URL")?, "postgres://db");
/// assert_eq!(env.get("GREETING")?, None);
/// assert_eq!(env.require("GREETING").unwrap_err().to_string(), "the variable `GREETING` is not set (nor is `GREETING_FILE`)");
/// # Ok::<(), omnifn_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Env {
    variable: Arc<Variable>,
    file: Arc<File>,
}

type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;
type File = dyn Fn(&str) -> io::Result<String> + Send + Sync;

impl Env {
    /// An environment by two ways to ask: for a variable, and for what a file holds.
    pub fn new(
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        file: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static,
    ) -> Self {
        Env { variable: Arc::new(variable), file: Arc::new(file) }
    }

    /// These variables alone, and no files: for tests.
    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Env::new(move |name| variables.get(name).cloned(), |_| Err(io::ErrorKind::NotFound.into()))
    }

    /// The value of a variable, or of the file that it names; `None` where neither is set, or is empty.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(value) = (self.variable)(name).filter(|value| !value.is_empty()) {
            return Ok(Some(value));
        }
        let by_file = format!("{name}_FILE");
        let Some(path) = (self.variable)(&by_file).filter(|path| !path.is_empty()) else { return Ok(None) };
        let mut text = (self.file)(&path).map_err(|error| {
            let words = format!("the file {path:?}, which `{by_file}` names, cannot be read");
            Error::new(ErrorKind::Config, words).with_source(error)
        })?;
        let length = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(length);
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// The value of a variable that has to be set.
    ///
    /// # Errors
    /// It is not, and the error says which.
    pub fn require(&self, name: &str) -> Result<String, Error> {
        self.get(name)?.ok_or_else(|| unset(name))
    }

    /// A secret that has to be set, by a variable or by a file.
    ///
    /// # Errors
    /// It is not, and the error says which.
    pub fn secret(&self, name: &str) -> Result<Secret, Error> {
        self.require(name).map(Secret::from)
    }

    /// The variables as a struct: see [`Config`].
    ///
    /// # Errors
    /// A variable is missing, or is not what its field takes: the error names it, and never its value.
    pub fn config<T: DeserializeOwned>(&self) -> Result<T, Error> {
        config::read(self)
    }
}

fn unset(name: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the variable `{name}` is not set (nor is `{name}_FILE`)"))
}

/// Nothing of it is shown.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

/// An argument of the fn that makes an app's state: [`Env`], or [`Config`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no argument of a fn that makes a state",
    label = "neither `Env` nor `Config<T>`",
    note = "such a fn takes up to two of `Env` and `Config<T>`: `async fn connect(env: Env) -> Result<Db>`"
)]
pub trait FromEnv: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// As those of [`Env::config`].
    fn from_env(env: &Env) -> Result<Self, Error>;
}

impl FromEnv for Env {
    fn from_env(env: &Env) -> Result<Self, Error> {
        Ok(env.clone())
    }
}

impl<T: DeserializeOwned> FromEnv for Config<T> {
    fn from_env(env: &Env) -> Result<Self, Error> {
        env.config().map(Config)
    }
}

impl FromEnv for () {
    fn from_env(_: &Env) -> Result<Self, Error> {
        Ok(())
    }
}

impl<A: FromEnv> FromEnv for (A,) {
    fn from_env(env: &Env) -> Result<Self, Error> {
        Ok((A::from_env(env)?,))
    }
}

impl<A: FromEnv, B: FromEnv> FromEnv for (A, B) {
    fn from_env(env: &Env) -> Result<Self, Error> {
        Ok((A::from_env(env)?, B::from_env(env)?))
    }
}
