#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The options of a function that only a deployment needs. Each applies to the clouds that have such an option.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Deploy {
    /// The memory of an instance, in MiB.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub memory: Option<u32>,
    /// The time that an invocation may take, in seconds.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub timeout: Option<u32>,
    /// The largest number of instances.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub instances: Option<u32>,
    /// The clients that may send HTTP requests.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub visibility: Option<Visibility>,
    /// The key that callers must send, if the platform itself can require one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub auth: Option<Auth>,
}

impl Deploy {
    /// The default: no option is set.
    pub const NONE: Deploy = Deploy { memory: None, timeout: None, instances: None, visibility: None, auth: None };

    /// Returns these options, and those of `other` where this one has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Deploy {
            memory: self.memory.or(other.memory),
            timeout: self.timeout.or(other.timeout),
            instances: self.instances.or(other.instances),
            visibility: self.visibility.or(other.visibility),
            auth: self.auth.or(other.auth),
        }
    }
}

/// The clients that may send HTTP requests to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum Visibility {
    /// Every client.
    Public,
    /// Callers with an identity of the cloud's own.
    Private,
}

impl Visibility {
    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Private => "private",
        }
    }
}

/// The key that callers of an HTTP function must send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum Auth {
    /// Callers need no key.
    Anonymous,
    /// The function's key, or the app's.
    Function,
    /// The app's master key.
    Admin,
}

impl Auth {
    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Auth::Anonymous => "anonymous",
            Auth::Function => "function",
            Auth::Admin => "admin",
        }
    }
}
