use std::fmt;

use omnifn_core::{App, Context, Inverse, event::Class};

use super::report::{CaseReport, Exception, ShapeReport};

/// The suite for one provider, in one way to set it up.
pub struct Conformance<A> {
    pub(super) new: Box<dyn Fn(&str) -> A + Send + Sync>,
    pub(super) own_context: OwnContext,
    pub(super) absent: Vec<(Class, &'static str)>,
    pub(super) exceptions: Vec<Exception>,
    alone: Vec<&'static str>,
}

impl<A: Inverse> fmt::Debug for Conformance<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (absent, exceptions) = (&self.absent, &self.exceptions);
        f.debug_struct("Conformance").field("absent", absent).field("exceptions", exceptions).finish_non_exhaustive()
    }
}

/// Whether an invocation has the provider's typed context. It is a state of the suite's apps.
#[derive(Clone, Copy, Default)]
pub(super) struct OwnContext(Option<fn(&Context) -> bool>);

impl OwnContext {
    /// Returns whether the context is there; `true` for a provider that declares none.
    pub(super) fn is_in(self, context: &Context) -> bool {
        self.0.is_none_or(|is_in| is_in(context))
    }
}

impl<A: Inverse> Conformance<A> {
    /// Creates the suite. `new` creates the adapter as it is set up where messages have the given shape. As the suite's app serves events
    /// beside HTTP requests, the setup must declare that it may (`OMNIFN_PRIVATE`, for example).
    pub fn new(new: impl Fn(&str) -> A + Send + Sync + 'static) -> Self {
        omnifn_runtime::log::capture();
        Conformance {
            new: Box::new(new),
            own_context: OwnContext::default(),
            absent: Vec::new(),
            exceptions: Vec::new(),
            alone: Vec::new(),
        }
    }

    /// Declares the type of the provider's own context
    /// ([`Invocation::provider`](omnifn_core::Invocation), [`Context::provider_context`]), which every invocation must have then.
    pub fn context<T: Send + Sync + 'static>(mut self) -> Self {
        self.own_context = OwnContext(Some(|context| context.provider_context::<T>().is_some()));
        self
    }

    /// Declares a class of functions that the provider does not have, and why: a trigger, [`Class::Http`], or [`Class::Invoke`].
    ///
    /// ```
    /// use omnifn::{aws::Aws, conformance::Conformance, event::Class};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let suite = Conformance::new(|_| Aws::new(&|_: &str| None)).without(Class::Event, "for this example");
    /// assert!(suite.shapes().failures()[0].starts_with("there are shapes of the class `event`, which is declared absent"));
    /// # });
    /// ```
    pub fn without(mut self, class: Class, reason: &'static str) -> Self {
        self.absent.push((class, reason));
        self
    }

    /// Declares cases that the provider's wire form cannot satisfy in some of its shapes. Each must fail, and in the declared way.
    pub fn except(mut self, exception: Exception) -> Self {
        self.exceptions.push(exception);
        self
    }

    /// Declares shapes whose messages do not say which function they are for. The app has no other function then.
    pub fn alone(mut self, shapes: &[&'static str]) -> Self {
        self.alone.extend(shapes);
        self
    }

    pub(super) fn shape(&self, class: Class, shape: &'static str, cases: Vec<CaseReport>) -> ShapeReport {
        ShapeReport { provider: (self.new)(shape).provider(), class, shape, cases }
    }

    pub(super) fn case(&self, shape: &str, name: String, result: Result<(), String>) -> CaseReport {
        let exception = self.exceptions.iter().find(|exception| exception.is_about(shape, &name)).copied();
        CaseReport { name, result, exception, error: None }
    }

    /// Makes an app the one that is tested in this shape.
    pub(super) fn app(&self, app: App, shape: &str, function: &str) -> App {
        if self.alone.contains(&shape) { app.only(function) } else { app }
    }
}
