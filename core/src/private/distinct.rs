//! The checks of `omnifn::main!` at compile time: each function has its attribute, and no two functions have the same name or take the
//! same requests.

use crate::{Methods, Spec, Trigger};

/// Whether `spec` has a name that none of `before` has.
pub const fn name_is_distinct(spec: &Spec, before: &[&Spec]) -> bool {
    let mut i = 0;
    while i < before.len() {
        if equal(spec.name.as_bytes(), before[i].name.as_bytes()) {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether `spec` takes no request that one of `before` takes by the same route.
pub const fn routes_are_distinct(spec: &Spec, before: &[&Spec]) -> bool {
    let mine = spec.routes();
    let mut i = 0;
    while i < before.len() {
        if has_path_of(before[i], spec) || has_path_of(spec, before[i]) {
            return false;
        }
        let others = before[i].routes();
        let mut m = 0;
        while m < mine.len() {
            let mut o = 0;
            while o < others.len() {
                let one_place = match (mine[m].path, others[o].path) {
                    (None, None) => true,
                    (Some(a), Some(b)) => same_shape(a.as_bytes(), b.as_bytes()),
                    _ => false,
                };
                if one_place && mine[m].methods.collide(others[o].methods) {
                    return false;
                }
                o += 1;
            }
            m += 1;
        }
        i += 1;
    }
    true
}

/// Whether an HTTP function takes the requests by which a server invokes a function, which are posted to the function's name.
pub(crate) const fn has_path_of(http: &Spec, invoked: &Spec) -> bool {
    let routes = http.routes();
    let mut i = 0;
    while i < routes.len() && matches!(invoked.trigger, Trigger::Invoke) {
        if let Some(path) = routes[i].path
            && let Some((b'/', name)) = path.as_bytes().split_first()
            && equal(name, invoked.name.as_bytes())
            && routes[i].methods.collide(Methods::POST)
        {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether two patterns are equal but for the names of their parameters.
const fn same_shape(a: &[u8], b: &[u8]) -> bool {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] != b[j] {
            return false;
        }
        if a[i] == b'{' {
            let (wild_a, wild_b) = (i + 1 < a.len() && a[i + 1] == b'*', j + 1 < b.len() && b[j + 1] == b'*');
            if wild_a != wild_b {
                return false;
            }
            while i < a.len() && a[i] != b'}' {
                i += 1;
            }
            while j < b.len() && b[j] != b'}' {
                j += 1;
            }
        } else {
            i += 1;
            j += 1;
        }
    }
    i >= a.len() && j >= b.len()
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Declares a stand-in for each name, for fns without `#[function]`. Its [`Function::IS_DECLARED`](crate::Function::IS_DECLARED) is false.
#[doc(hidden)]
#[macro_export]
macro_rules! __undeclared {
    ($($name:ident)*) => {$(
        #[allow(dead_code, non_camel_case_types, missing_debug_implementations)]
        pub(super) struct $name {}

        impl $crate::Function for $name {
            const SPEC: &'static $crate::Spec = &$crate::Spec {
                name: ::core::stringify!($name),
                trigger: $crate::Trigger::Http($crate::HttpTrigger { routes: &[] }),
                options: $crate::Options::NONE,
                deploy: $crate::Deploy::NONE,
                grants: &[],
                secrets: &[],
                location: $crate::Location { module: "", file: "", line: 0 },
            };
            const IS_DECLARED: bool = false;

            fn mount(self) -> $crate::Mount {
                $crate::private::stub()
            }
        }
    )*};
}
