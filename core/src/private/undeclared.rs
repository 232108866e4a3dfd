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
                $crate::private::uncalled()
            }
        }
    )*};
}
