//! Finds functions that cannot be in one program, because they have the same name or take the same requests.
//!
//! All of it is `const`, because `omnifn::main!` checks it when a program is compiled.

use crate::{Methods, Spec, Trigger, route::same_shape};

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
                    (Some(a), Some(b)) => same_shape(a, b),
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
pub const fn has_path_of(http: &Spec, invoked: &Spec) -> bool {
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
