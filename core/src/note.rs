//! Notes in a binary that describe it without running it: one for each function, with its [`Spec`](crate::Spec) as JSON, and one for the
//! program. The compiler generates them, so that they cost nothing at run time.
//!
//! A note has the form of an ELF note (owner `OMNIFN`; type 1 is a function, 2 is the program), also in the sections of other formats,
//! because it includes its length.
//! <https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html#note_section>

pub(crate) mod json;
mod writer;

use crate::{Function, Spec};

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
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The program's functions, in order.
    pub functions: &'static [&'static Spec],
    /// The package, where cargo builds it.
    pub package: Option<&'static str>,
    /// The package's version.
    pub version: Option<&'static str>,
    /// The version of omnifn.
    pub omnifn: &'static str,
    /// The providers that the program is built for.
    pub providers: &'static [&'static str],
    /// Whether the program serves HTTP/2.
    pub http2: bool,
    /// Whether a panic aborts the program.
    pub aborts: bool,
    /// Whether debug assertions are on.
    pub debug: bool,
}

impl<const N: usize> Note<N> {
    /// Creates the note of a function.
    pub const fn function(spec: &Spec) -> Self {
        let mut content = [0; N];
        let length = json::write_spec(spec, &mut content);
        Note::new(1, length, content)
    }

    /// Creates the note of a program.
    pub const fn program(program: &Program) -> Self {
        let mut content = [0; N];
        let length = json::write_program(program, &mut content);
        Note::new(2, length, content)
    }

    const fn new(kind: u32, length: usize, content: [u8; N]) -> Self {
        Note { owner_length: 7, length: length as u32, kind, owner: *b"OMNIFN\0\0", content }
    }
}

/// The declaration of this function.
pub const fn spec<F: Function>(_: &F) -> &'static Spec {
    F::SPEC
}

/// The `N` of a function's note.
pub const fn function_length(spec: &Spec) -> usize {
    json::spec_length(spec).next_multiple_of(4)
}

/// The `N` of a program's note.
pub const fn program_length(program: &Program) -> usize {
    json::program_length(program).next_multiple_of(4)
}

/// Puts a note into the binary: `note!(function, SPEC)`, `note!(program, PROGRAM)`. It does nothing for formats without such sections.
#[doc(hidden)]
#[macro_export]
macro_rules! __note {
    (function, $spec:expr) => {
        $crate::__note!(function, function_length, &$crate::Spec, $spec);
    };
    (program, $program:expr) => {
        $crate::__note!(program, program_length, &$crate::private::Program, $program);
    };
    ($kind:ident, $length:ident, $type:ty, $value:expr) => {
        #[cfg(any(unix, windows))]
        const _: () = {
            const VALUE: $type = $value;
            #[used]
            #[cfg_attr(
                all(unix, not(any(target_vendor = "apple", target_family = "wasm", target_os = "aix"))),
                unsafe(link_section = ".note.omnifn")
            )]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__omnifn"))]
            #[cfg_attr(windows, unsafe(link_section = ".omnifn"))]
            static NOTE: $crate::private::Note<{ $crate::private::$length(VALUE) }> =
                $crate::private::Note::$kind(VALUE);
        };
    };
}

#[cfg(test)]
mod tests;
