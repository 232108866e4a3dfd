//! Const fns that write a [`Spec`] and a [`Program`] as JSON into a buffer. They return the length of the whole document, even if the
//! buffer is too short.

use super::{Program, VERSION, writer::Json};
use crate::{Cors, Deploy, Grant, Methods, Options, Route, Spec, Trigger};

/// Returns the length of a function's JSON.
pub(crate) const fn spec_length(spec: &Spec) -> usize {
    write_spec(spec, &mut [])
}

/// Returns the length of a program's JSON.
pub(crate) const fn program_length(program: &Program) -> usize {
    write_program(program, &mut [])
}

/// Returns what `write` writes, as a text.
pub(crate) fn text(length: usize, write: impl FnOnce(&mut [u8]) -> usize) -> String {
    let mut buffer = vec![0; length];
    write(&mut buffer);
    // The document consists of UTF-8 texts only.
    String::from_utf8_lossy(&buffer).into_owned()
}

/// Writes a function.
pub(crate) const fn write_spec(spec: &Spec, buffer: &mut [u8]) -> usize {
    let mut json = Json::new(buffer);
    json.open(b'{');
    json.number("v", Some(VERSION));
    json.string("name", Some(spec.name));
    trigger(&mut json, &spec.trigger);
    options(&mut json, &spec.options);
    deploy(&mut json, &spec.deploy);
    json.key("grants");
    json.open(b'[');
    let mut i = 0;
    while i < spec.grants.len() {
        let Grant { verb, kind, name } = spec.grants[i];
        json.next();
        json.open(b'{');
        json.string("verb", Some(verb.name()));
        json.string("kind", Some(kind.name()));
        json.string("name", Some(name));
        json.close(b'}');
        i += 1;
    }
    json.close(b']');
    json.strings("secrets", spec.secrets);
    json.string("module", Some(spec.location.module));
    json.string("file", Some(spec.location.file));
    json.number("line", Some(spec.location.line));
    json.close(b'}');
    json.length
}

/// Writes a program.
pub(crate) const fn write_program(program: &Program, buffer: &mut [u8]) -> usize {
    let mut json = Json::new(buffer);
    json.open(b'{');
    json.number("v", Some(VERSION));
    json.strings("program", program.functions);
    json.string("crate", Some(program.package));
    json.string("version", Some(program.version));
    json.string("omnifn", Some(program.omnifn));
    json.strings("providers", program.providers);
    json.string("panic", Some(program.panic.name()));
    json.boolean("http2", program.http2);
    json.boolean("debug", program.debug);
    if let Some(declared) = &program.cors {
        cors(&mut json, declared);
    }
    json.close(b'}');
    json.length
}

const fn trigger(json: &mut Json<'_>, trigger: &Trigger) {
    json.key("trigger");
    json.open(b'{');
    match *trigger {
        Trigger::Http(http) => {
            json.string("kind", Some("http"));
            json.key("routes");
            json.open(b'[');
            let mut i = 0;
            while i < http.routes.len() {
                json.next();
                route(json, &http.routes[i]);
                i += 1;
            }
            json.close(b']');
        }
        Trigger::Queue(name) => json.source("queue", name),
        Trigger::Topic(name) => json.source("topic", name),
        Trigger::Stream(name) => json.source("stream", name),
        Trigger::Schedule(cron) => json.source("schedule", cron),
        Trigger::Event(name) => json.source("event", name),
        Trigger::Changes(name) => json.source("changes", name),
        Trigger::Invoke => json.string("kind", Some("invoke")),
        Trigger::Storage(storage) => {
            json.source("storage", storage.bucket);
            json.key("on");
            json.open(b'[');
            let mut i = 0;
            while i < storage.on.len() {
                json.next();
                json.text(storage.on[i].name());
                i += 1;
            }
            json.close(b']');
            json.string("prefix", storage.prefix);
            json.string("suffix", storage.suffix);
        }
    }
    json.close(b'}');
}

const fn route(json: &mut Json<'_>, route: &Route) {
    json.open(b'{');
    methods(json, route.methods);
    json.string("path", route.path);
    json.close(b'}');
}

const fn methods(json: &mut Json<'_>, methods: Methods) {
    json.key("methods");
    json.open(b'[');
    if methods.is_any() {
        json.text("ANY");
    } else {
        let mut i = 0;
        while i < Methods::NAMES.len() {
            let (set, name) = Methods::NAMES[i];
            if methods.overlap(set) {
                json.next();
                json.text(name);
            }
            i += 1;
        }
    }
    json.close(b']');
}

const fn cors(json: &mut Json<'_>, cors: &Cors) {
    json.key("cors");
    json.open(b'{');
    json.strings("origins", cors.origins);
    if let Some(allowed) = cors.methods {
        methods(json, allowed);
    }
    if let Some(headers) = cors.headers {
        json.strings("headers", headers);
    }
    json.strings("exposed", cors.exposed);
    json.boolean("credentials", cors.credentials);
    json.number("max_age", cors.max_age);
    json.close(b'}');
}

const fn options(json: &mut Json<'_>, options: &Options) {
    json.key("options");
    json.open(b'{');
    json.number("batch_size", options.batch_size);
    json.number("batch_window", options.batch_window);
    json.number("concurrency", options.concurrency);
    json.number("attempts", options.attempts);
    json.string("dead_letter", options.dead_letter);
    json.string("connection", options.connection);
    json.string("subscription", options.subscription);
    json.string("consumer_group", options.consumer_group);
    json.string("database", options.database);
    json.string("start", options.start);
    json.string("time_zone", options.time_zone);
    json.string("service", options.service);
    json.string("source", options.source);
    json.close(b'}');
}

const fn deploy(json: &mut Json<'_>, deploy: &Deploy) {
    json.key("deploy");
    json.open(b'{');
    json.number("memory", deploy.memory);
    json.number("timeout", deploy.timeout);
    json.number("instances", deploy.instances);
    if let Some(visibility) = deploy.visibility {
        json.string("visibility", Some(visibility.name()));
    }
    if let Some(auth) = deploy.auth {
        json.string("auth", Some(auth.name()));
    }
    json.close(b'}');
}
