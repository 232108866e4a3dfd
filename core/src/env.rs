//! The environment of a program: variables, and files that variables name.

mod config;
mod secret;

use std::{collections::BTreeMap, fmt, io, sync::Arc};

use serde::de::DeserializeOwned;

pub use config::Config;
pub use secret::Secret;

use crate::{Error, ErrorKind};

/// The environment of a program, for the fn that makes its state.
///
/// The value of a variable may be in a file: if `DATABASE_URL_FILE` is set and `DATABASE_URL` is not, its value is the contents of that file,
/// without the line break at its end. Platforms mount secrets in this way.
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
    /// Creates an environment from a fn that reads a variable, and a fn that reads a file.
    pub fn new(
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        file: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static,
    ) -> Self {
        Env { variable: Arc::new(variable), file: Arc::new(file) }
    }

    /// Creates an environment with these variables and no files, for tests.
    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables: BTreeMap<String, String> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Env::new(move |name| variables.get(name).cloned(), |_| Err(io::ErrorKind::NotFound.into()))
    }

    /// Returns the value of a variable, or of the file that its `_FILE` variable names; `None` if neither is set, or the value is empty.
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

    /// Returns the value of a required variable.
    ///
    /// # Errors
    /// The variable is not set. The error names it.
    pub fn require(&self, name: &str) -> Result<String, Error> {
        self.get(name)?.ok_or_else(|| unset(name))
    }

    /// Returns a required secret, from a variable or a file.
    ///
    /// # Errors
    /// The variable is not set. The error names it.
    pub fn secret(&self, name: &str) -> Result<Secret, Error> {
        self.require(name).map(Secret::from)
    }

    /// Reads the variables into a struct: see [`Config`].
    ///
    /// # Errors
    /// A variable is missing, or does not fit its field. The error names the variable, and never its value.
    pub fn config<T: DeserializeOwned>(&self) -> Result<T, Error> {
        config::read(self)
    }
}

fn unset(name: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the variable `{name}` is not set (nor is `{name}_FILE`)"))
}

/// Shows no variables, because they may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

/// An argument of the fn that makes an app's state: [`Env`], or [`Config`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid argument of a function that creates the state",
    label = "expected `Env` or `Config<T>`",
    note = "such a function takes up to two arguments, `Env` and `Config<T>`: `async fn connect(env: Env) -> Result<Db>`"
)]
pub trait FromEnv: Sized {
    /// Reads the argument from the environment.
    ///
    /// # Errors
    /// The errors are those of [`Env::config`].
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
