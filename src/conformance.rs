//! The behaviour that every provider must have, as a suite that runs over any [`Adapter`](omnifn_core::Adapter) with its [`Inverse`].
//!
//! The author of a provider runs it in the tests of their own crate. omnifn runs the same cases over its own providers.
//!
//! ```
//! # use bytes::Bytes;
//! # use http::{Request, Response};
//! # use omnifn_core::{Adapter, Call, Decoded, Error, Functions, Inverse, Invocation, Payload, Reply, direct};
//! use omnifn::{conformance::Conformance, event::Class};
//!
//! # /// A provider whose wire form is plain HTTP, without events.
//! # #[derive(Default)]
//! # struct Plain(Functions);
//! #
//! # impl Adapter for Plain {
//! #     type Origin = ();
//! #     fn provider(&self) -> &'static str { "plain" }
//! #     fn serve(&mut self, functions: Functions) { self.0 = functions }
//! #     fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
//! #         let request = direct::receive(request);
//! #         let target = self.0.target(&request, false);
//! #         ((), Decoded::Call(Call { request, target, invocation: Invocation::default() }))
//! #     }
//! #     fn encode(&self, _: (), reply: Reply) -> Response<Payload> { reply.into_http() }
//! # }
//! #
//! # impl Inverse for Plain {
//! #     fn shapes() -> &'static [&'static str] { direct::SHAPES }
//! #     fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error> { direct::write(shape, request) }
//! #     fn read(&self, _: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error> { direct::read(reply) }
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let events = [Class::Queue, Class::Topic, Class::Stream, Class::Storage, Class::Schedule, Class::Event, Class::Changes];
//! let suite = events.into_iter().fold(Conformance::new(|_| Plain::default()), |suite, class| {
//!     suite.without(class, "a plain server delivers no events")
//! });
//! // The provider does not read `traceparent`, so one case fails in each shape.
//! let report = suite.report().await;
//! assert_eq!(report.failures().len(), 2, "{report}");
//! # });
//! ```
//!
//! # What is checked
//!
//! | part | what |
//! |---|---|
//! | [`requests`](Conformance::requests) | methods, paths, queries, N headers in and N out, cookies, bodies byte for byte, 404, 405, `HEAD`, limits, failures and panics, streams, layers, the context |
//! | [`invocations`](Conformance::invocations) | any JSON in and out, the names of the platforms' own events as data, failures |
//! | [`events`](Conformance::events) | the outcomes of one event and of batches, undecodable records, the raw event, the typed context |
//! | [`poison`](Conformance::poison) | a message of each shape damaged in every place, and the messages of all other providers: no event is acknowledged unless a function has received it |
//! | [`shapes`](Conformance::shapes) | the names of the shapes; an unknown one is an error |
//!
//! A class of functions that the provider does not have is declared with its reason ([`without`](Conformance::without)), and so is a case that
//! its wire form cannot satisfy ([`except`](Conformance::except)). A declaration that is not needed is a failure, too.
//!
//! The functions need a tokio runtime with a timer, as `#[tokio::test]` provides.

mod events;
mod http;
mod invocations;
mod report;
mod setup;

use omnifn_core::{Inverse, event::Class};

pub use events::{Carried, Failures, Kept};
pub use report::{CaseReport, Exception, Report, ShapeReport};
pub use setup::Conformance;

impl<A: Inverse> Conformance<A> {
    /// Runs all parts.
    ///
    /// # Panics
    /// A case fails, or a declaration is not needed. The message lists all of them.
    pub async fn run(&self) {
        self.report().await.assert();
    }

    /// Runs all parts, and returns how each case went.
    pub async fn report(&self) -> Report {
        let mut all = self.shapes();
        for part in [self.requests().await, self.invocations().await, self.events().await, self.poison().await] {
            all.add(part);
        }
        all.require_all(&self.exceptions);
        all
    }

    /// Checks the names of the shapes: that there are some in each class which is not declared absent, that they are distinct, and that an
    /// unknown one is an error.
    pub fn shapes(&self) -> Report {
        let mut report = Report::default();
        let adapter = (self.new)("");
        for class in [&[Class::Http, Class::Invoke][..], &Class::EVENTS].concat() {
            let shapes = self.shapes_of(class);
            let absent = self.absent.iter().find(|(absent, _)| *absent == class);
            match (shapes, absent) {
                ([], None) => {
                    report.fail(format!("there is no shape of the class `{class}`: declare with `without` why not"))
                }
                ([_, ..], Some((_, reason))) => {
                    report.fail(format!("there are shapes of the class `{class}`, which is declared absent ({reason})"))
                }
                _ => {}
            }
            for (number, shape) in shapes.iter().enumerate() {
                if shapes[..number].contains(shape) {
                    report.fail(format!("there are two shapes {shape:?} of the class `{class}`"));
                }
            }
        }
        const UNKNOWN: &str = "no such shape";
        let request = ::http::Request::new(bytes::Bytes::from_static(b"{}"));
        if adapter.write(UNKNOWN, request).is_ok() {
            report.fail("`write` does not refuse a shape that does not exist".to_owned());
        }
        if adapter.write_invocation(UNKNOWN, invocations::spec(), bytes::Bytes::from_static(b"{}")).is_ok() {
            report.fail("`write_invocation` does not refuse a shape that does not exist".to_owned());
        }
        for class in Class::EVENTS {
            if adapter.write_events(UNKNOWN, events::spec::<A>(class, UNKNOWN), vec![events::sample(class)]).is_ok() {
                report.fail(format!("`write_events` does not refuse a shape of `{class}` that does not exist"));
            }
        }
        report
    }

    /// Sends HTTP requests in every shape.
    pub async fn requests(&self) -> Report {
        let mut report = Report::default();
        for shape in self.shapes_of(Class::Http) {
            let mut cases = Vec::new();
            for case in http::cases() {
                let result = http::run(self, shape, &case).await;
                cases.push(self.case(shape, case.name, result));
            }
            report.shapes.push(self.shape(Class::Http, shape, cases));
        }
        report
    }

    /// Invokes functions directly in every shape.
    pub async fn invocations(&self) -> Report {
        let mut report = Report::default();
        for shape in self.shapes_of(Class::Invoke) {
            let cases = invocations::run(self, shape).await;
            report.shapes.push(self.shape(Class::Invoke, shape, cases));
        }
        report
    }

    /// Delivers events of each class in every shape.
    pub async fn events(&self) -> Report {
        let mut report = Report::default();
        for class in Class::EVENTS {
            for shape in self.shapes_of(class) {
                let cases = events::run(self, class, shape).await;
                report.shapes.push(self.shape(class, shape, cases));
            }
        }
        report
    }

    /// Delivers malformed messages in every shape.
    pub async fn poison(&self) -> Report {
        let mut report = Report::default();
        for class in Class::EVENTS {
            for (number, shape) in self.shapes_of(class).iter().enumerate() {
                // As much as a platform sends, once for each class.
                let large = if number == 0 { 6 << 20 } else { 6 << 10 };
                let cases = events::poison(self, class, shape, large).await;
                report.shapes.push(self.shape(class, shape, cases));
            }
        }
        report
    }

    /// Returns the fields of an event that each shape carries, and the outcome of a batch in which one event fails.
    ///
    /// # Errors
    /// An event cannot be delivered in a shape.
    pub async fn carried(&self) -> Result<Vec<Carried>, String> {
        let mut all = Vec::new();
        for class in Class::EVENTS {
            for shape in self.shapes_of(class) {
                all.push(events::carried(self, class, shape).await?);
            }
        }
        Ok(all)
    }

    /// Returns the shapes of a class; none if the class is declared absent.
    fn shapes_of(&self, class: Class) -> &'static [&'static str] {
        match class {
            Class::Http => A::shapes(),
            // Without a declaration, a provider invokes functions by requests.
            Class::Invoke if self.absent.iter().any(|(absent, _)| *absent == Class::Invoke) => &[],
            Class::Invoke => A::invoke_shapes(),
            class => A::event_shapes(class),
        }
    }
}
