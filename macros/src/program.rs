use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Path, Token,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::{
    cors::{self, Cors},
    errors::Errors,
};

/// `$crate; hello, notes::list; state = connect`.
struct Program {
    omnifn: Path,
    functions: Vec<Path>,
    /// The expressions behind `state =`, `layer =` and the others, in order.
    options: Vec<(Ident, TokenStream)>,
    /// The origins whose pages may call, behind the key `cors`.
    cors: Option<(Ident, Option<Cors>)>,
}

/// Emits an expression of type `App`.
pub(crate) fn app(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = (|input: ParseStream<'_>| parse(input, &mut errors)).parse2(input);
    let program = match parsed {
        Ok(program) => program,
        Err(error) => {
            errors.add(error);
            let errors = errors.into_tokens();
            return quote!({ #errors });
        }
    };
    let Program { omnifn, functions: paths, options, cors } = &program;
    let (functions, imports) = imported(omnifn, paths);
    let distinct = functions.iter().zip(paths).enumerate().map(|(i, (path, written))| {
        let before = &functions[..i];
        let span = path.span();
        let name = written.to_token_stream().to_string().replace(' ', "");
        let undeclared = format!("`{name}` is a fn without `#[function]`: write `#[function]`, or `#[function(get = \"/path\")]`, above it");
        let declared = quote_spanned! {span=>
            const _: () = ::core::assert!(<#path as #omnifn::__private::Function>::IS_DECLARED, #undeclared);
        };
        let two_names = format!("`{name}` has the same name as an earlier function: rename it with `#[function(…, name = \"…\")]`");
        let two_routes = format!("`{name}` has the same method and path as an earlier function: change one of the routes");
        let before_spanned: Vec<_> = before.iter().map(|path| quote_spanned!(span=> <#path as #omnifn::__private::Function>::SPEC)).collect();
        let distinct = (i > 0).then(|| quote_spanned! {span=>
            const _: () = ::core::assert!(
                #omnifn::__private::name_is_distinct(<#path as #omnifn::__private::Function>::SPEC, &[#(#before_spanned),*]),
                #two_names
            );
            const _: () = ::core::assert!(
                #omnifn::__private::routes_are_distinct(<#path as #omnifn::__private::Function>::SPEC, &[#(#before_spanned),*]),
                #two_routes
            );
        });
        quote!(#declared #distinct)
    });
    let added = functions.iter().map(|path| quote_spanned!(path.span()=> .function(#path {})));
    let options = options.iter().map(|(key, value)| match key.to_string().as_str() {
        // Only the compiler knows whether the state has parts.
        "state" => {
            quote_spanned!(value.span()=> .with((&mut &mut &mut #omnifn::__private::state_function(#value)).omnifn_state()))
        }
        "part" => quote_spanned!(value.span()=> .part(#value)),
        "stop" => quote_spanned!(value.span()=> .on_stop(#value)),
        "restore" => quote_spanned!(value.span()=> .on_restore(#value)),
        _ => quote_spanned!(value.span()=> .layer(#value)),
    });
    let cors = cors.iter().flat_map(|(_, cors)| cors).map(|cors| cors.tokens(omnifn));
    let errors = errors.into_tokens();
    quote! {
        {
            #errors
            #imports
            #(#distinct)*
            #[allow(unused_imports)]
            use #omnifn::__private::{StateFallback as _, StateWithParts as _, StateWithoutParts as _};
            #omnifn::App::new() #(#added)* #(#options)* #(.cors(#cors))*
        }
    }
}

/// Emits the program's note in the binary. Mistakes in the program are reported by [`app`].
pub(crate) fn note(input: TokenStream) -> TokenStream {
    let parsed = (|input: ParseStream<'_>| parse(input, &mut Errors::default())).parse2(input);
    let Ok(Program { omnifn, functions, cors, .. }) = parsed else { return TokenStream::new() };
    // The stand-ins keep a path that is not a function from being an error here, too: only `app!` reports it.
    let (functions, imports) = imported(&omnifn, &functions);
    let cors = match cors.and_then(|(_, cors)| cors) {
        Some(cors) => {
            let cors = cors.tokens(&omnifn);
            quote!(::core::option::Option::Some(#cors))
        }
        None => quote!(::core::option::Option::None),
    };
    let names = functions.iter().map(|path| quote_spanned!(path.span()=> #omnifn::__private::name_of(&#path {})));
    quote! {
        {
            #imports
            #omnifn::__private::note!(program, &#omnifn::__private::Program {
                functions: &[#(#names),*],
                package: #omnifn::__private::known(::core::option_env!("CARGO_PKG_NAME")),
                version: #omnifn::__private::known(::core::option_env!("CARGO_PKG_VERSION")),
                omnifn: #omnifn::__private::VERSION,
                providers: #omnifn::__private::PROVIDERS,
                http2: #omnifn::__private::HTTP2,
                panic: #omnifn::__private::panic(::core::cfg!(panic = "abort")),
                debug: ::core::cfg!(debug_assertions),
                cors: #cors,
            });
        }
    }
}

/// Returns a unique name for each function, and the items that declare these names.
///
/// `#[function]` puts a struct with the same name beside the fn. Importing that name imports both, and takes precedence over a glob import.
/// If the struct is missing, the name therefore resolves to a stand-in from the glob import, which `IS_DECLARED` identifies.
fn imported(omnifn: &Path, paths: &[Path]) -> (Vec<Path>, TokenStream) {
    let (mut names, mut stand_ins, mut imports) = (Vec::new(), Vec::new(), Vec::new());
    for (i, path) in paths.iter().enumerate() {
        if path.get_ident().is_some_and(is_crate) {
            names.push(path.clone());
            continue;
        }
        let name = Ident::new(&format!("__omnifn_function_{i}"), path.span());
        imports.push(quote_spanned! {path.span()=>
            #[allow(unused_imports, deprecated, non_camel_case_types)]
            use #path as #name;
        });
        names.push(name.clone().into());
        stand_ins.push(name);
    }
    let items = quote! {
        mod __omnifn_undeclared {
            #omnifn::__private::undeclared!(#(#stand_ins)*);
        }
        #[allow(unused_imports)]
        use __omnifn_undeclared::*;
        #(#imports)*
    };
    (names, items)
}

/// Whether a crate of this name can be used here. rustc considers an import of a macro-generated item with the name of a crate ambiguous,
/// although any other use of the item is not.
fn is_crate(name: &Ident) -> bool {
    let name = name.to_string();
    let given = |argument: String| {
        let declared = argument.split_once('=').map_or(&*argument, |(declared, _)| declared);
        declared.rsplit(':').next() == Some(&*name)
    };
    ["std", "core", "alloc"].contains(&&*name) || std::env::args().any(given)
}

fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Program> {
    let omnifn = input.call(Path::parse_mod_style)?;
    input.parse::<Token![;]>()?;
    let mut program = Program { omnifn, functions: Vec::new(), options: Vec::new(), cors: None };
    while !input.is_empty() && !input.peek(Token![;]) {
        let path = input.call(Path::parse_mod_style)?;
        if input.peek(Token![=]) {
            return Err(syn::Error::new(
                path.span(),
                "options follow a semicolon: write `hello, settle; state = connect`",
            ));
        }
        let written = path.to_token_stream().to_string();
        let again = program.functions.iter().any(|other| other.to_token_stream().to_string() == written);
        if again {
            errors.report(
                path.span(),
                format!("duplicate option `{}`", path.to_token_stream().to_string().replace(' ', "")),
            );
        } else {
            program.functions.push(path);
        }
        if !input.is_empty() && !input.peek(Token![;]) {
            input.parse::<Token![,]>()?;
        }
    }
    if program.functions.is_empty() {
        return Err(syn::Error::new(Span::call_site(), "expected at least one function: write `omnifn::main!(hello)`"));
    }
    if input.parse::<Option<Token![;]>>()?.is_some() {
        while !input.is_empty() {
            option(input, &mut program, errors)?;
        }
    }
    Ok(program)
}

fn option(input: ParseStream<'_>, program: &mut Program, errors: &mut Errors) -> syn::Result<()> {
    let key: Ident = input.parse()?;
    if key == "cors" {
        let cors = cors::parse(&key, input, errors)?;
        if program.cors.is_some() {
            errors.report(key.span(), "duplicate option `cors`: declare all origins in one");
        }
        program.cors = Some((key, cors));
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        return Ok(());
    }
    input.parse::<Token![=]>()?;
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    match key.to_string().as_str() {
        _ if value.is_empty() => errors.report(key.span(), format!("`{key}` needs a value: write `{key} = …`")),
        "state" | "part" | "stop" | "restore" | "layer" => program.options.push((key, value)),
        other => {
            let there = "`state = connect`, `part = …`, `stop = …`, `restore = …`, `layer = …`, and `cors = …`";
            errors.report(key.span(), format!("unknown option `{other}`: expected {there}"))
        }
    }
    Ok(())
}
