//! The templates of `cargo omnifn new` compile, and their own tests pass. Here they are modules of one crate; `new.rs` makes the crates.

macro_rules! templates {
    ($($name:ident: $path:literal),*) => {
        $(#[path = $path] #[allow(dead_code, unreachable_pub, missing_docs, reason = "it is written as a program")] mod $name;)*

        #[test]
        fn every_template_is_here() {
            let all = cargo_omnifn::template::Template::ALL.iter().map(clap::ValueEnum::to_possible_value);
            let all: Vec<_> = all.flatten().map(|template| template.get_name().to_owned()).collect();
            assert_eq!(all, [$(stringify!($name)),*]);
        }
    };
}

templates! {
    http: "../templates/http/main.rs",
    queue: "../templates/queue/main.rs",
    image: "../templates/image/main.rs",
    iot: "../templates/iot/main.rs",
    chatbot: "../templates/chatbot/main.rs"
}
