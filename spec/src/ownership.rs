use std::fmt;

/// The storage of the texts and lists of a declaration: [`Static`] in a program, [`Owned`] in a tool that reads the declarations of programs.
pub trait Ownership: Copy + Ord + fmt::Debug + 'static {
    /// The type of a text.
    type Text: AsRef<str> + Clone + Ord + fmt::Debug + fmt::Display + 'static;
    /// The type of a list.
    type List<T: Clone + Eq + fmt::Debug + 'static>: AsRef<[T]> + Clone + Default + Eq + fmt::Debug + 'static;
}

/// The texts and lists of a declaration are constants, which the compiler knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Static;

/// The texts and lists of a declaration are owned by it, because they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned;

impl Ownership for Static {
    type Text = &'static str;
    type List<T: Clone + Eq + fmt::Debug + 'static> = &'static [T];
}

impl Ownership for Owned {
    type Text = String;
    type List<T: Clone + Eq + fmt::Debug + 'static> = Vec<T>;
}
