//! Notes in a binary that describe it without running it: one for each function, with its [`Spec`] as JSON, and one for the [`Program`].
//! The compiler generates them, so that they cost nothing at run time.
//!
//! The const fns of this module write what [`Versioned`] reads; the tests compare the two for every trigger and every option.
//!
//! A note has the form of an ELF note (owner `OMNIFN`; type 1 is a function, 2 is the program), also in the sections of other formats,
//! because it includes its length.
//! <https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html#note_section>

pub(crate) mod json;
mod writer;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::{Cors, Ownership, Spec, Static};

/// The version of the notes' form.
pub const VERSION: u32 = 1;

/// The owner of the notes, as it is in their frame.
pub const OWNER: &[u8; 7] = b"OMNIFN\0";

/// The type of a function's note.
pub const FUNCTION: u32 = 1;

/// The type of the program's note.
pub const PROGRAM: u32 = 2;

/// A note, ready to be put into its section. `N` is the length of its content, padded to a multiple of four.
#[repr(C, align(4))]
#[derive(Debug)]
pub struct Note<const N: usize> {
    owner_length: u32,
    length: u32,
    kind: u32,
    owner: [u8; 8],
    content: [u8; N],
}

/// The description of a program by `main!`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "O::Text: Serialize, O::List<O::Text>: Serialize",
        deserialize = "O::Text: Deserialize<'de>, O::List<O::Text>: Deserialize<'de>"
    ))
)]
pub struct Program<O: Ownership = Static> {
    /// The names of the program's functions, in order.
    #[cfg_attr(feature = "serde", serde(rename = "program"))]
    pub functions: O::List<O::Text>,
    /// The package, where cargo builds it; otherwise an empty text.
    #[cfg_attr(feature = "serde", serde(rename = "crate"))]
    pub package: O::Text,
    /// The package's version; an empty text where there is no package.
    pub version: O::Text,
    /// The version of omnifn.
    pub omnifn: O::Text,
    /// The providers that the program is built for, as their cargo features are called.
    pub providers: O::List<O::Text>,
    /// The effect of a panic.
    pub panic: Panic,
    /// Whether the program serves HTTP/2.
    #[cfg_attr(feature = "serde", serde(default))]
    pub http2: bool,
    /// Whether debug assertions are on.
    pub debug: bool,
    /// The origins whose pages may call the program's HTTP functions, if it declares any.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub cors: Option<Cors<O>>,
}

/// The effect of a panic in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum Panic {
    /// A panic ends one invocation.
    Unwind,
    /// A panic ends the program.
    Abort,
}

impl Panic {
    /// Returns the name that cargo has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Panic::Unwind => "unwind",
            Panic::Abort => "abort",
        }
    }
}

/// The JSON of a note: a declaration, with the version of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Versioned<T> {
    /// The version, which is [`VERSION`] unless another omnifn wrote the note.
    pub v: u32,
    /// The declaration.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub declared: T,
}

impl<T> std::ops::Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.declared
    }
}

impl<T> std::ops::DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.declared
    }
}

impl<const N: usize> Note<N> {
    /// Creates the note of a function.
    pub const fn function(spec: &Spec) -> Self {
        let mut content = [0; N];
        let length = json::write_spec(spec, &mut content);
        Note::new(FUNCTION, length, content)
    }

    /// Creates the note of a program.
    pub const fn program(program: &Program) -> Self {
        let mut content = [0; N];
        let length = json::write_program(program, &mut content);
        Note::new(PROGRAM, length, content)
    }

    const fn new(kind: u32, length: usize, content: [u8; N]) -> Self {
        Note { owner_length: OWNER.len() as u32, length: length as u32, kind, owner: *b"OMNIFN\0\0", content }
    }
}

/// The `N` of a function's note.
pub const fn function_length(spec: &Spec) -> usize {
    json::spec_length(spec).next_multiple_of(4)
}

/// The `N` of a program's note.
pub const fn program_length(program: &Program) -> usize {
    json::program_length(program).next_multiple_of(4)
}

#[cfg(all(test, feature = "serde"))]
mod tests;
