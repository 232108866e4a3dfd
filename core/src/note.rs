//! The macro that writes a note into the binary.

use omnifn_spec::note::Panic;

use crate::Function;

/// Returns the name of this function, for the program's note.
pub const fn name_of<F: Function>(_: &F) -> &'static str {
    F::SPEC.name
}

/// Returns a name that cargo gives, which is empty where something else builds the program.
pub const fn known(name: Option<&'static str>) -> &'static str {
    match name {
        Some(name) => name,
        None => "",
    }
}

/// Returns what a panic does.
pub const fn panic(aborts: bool) -> Panic {
    if aborts { Panic::Abort } else { Panic::Unwind }
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
