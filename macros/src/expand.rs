use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, ReturnType, Type, spanned::Spanned};

use crate::{
    args::{self, Args},
    check::{self, Model},
    errors::Errors,
    item::{Input, Item},
    trigger::{Class, INVOKE},
    types,
};

/// Emits the user's fn unchanged, and beside it a struct of the same name that implements `Function`.
pub(crate) fn function(tokens: TokenStream, user: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::parse(tokens, &mut errors);
    let item: Item = match syn::parse2(user.clone()) {
        Ok(item) => item,
        Err(error) => {
            let words = format!("`#[function]` must be on a function: {error}");
            errors.report(error.span(), words);
            let errors = errors.into_tokens();
            return quote!(#errors #user);
        }
    };
    let model = check::check(&args, &item, &mut errors);
    let (mount, note) = match errors.is_empty() {
        true => (mount(&args, &item, &model), note(&args, &item)),
        false => (uncalled(&args), TokenStream::new()),
    };
    // A method in an `impl` cannot have a struct beside it.
    let is_method = item.inputs.iter().any(|input| matches!(input, Input::Receiver(_)));
    let beside = if is_method { TokenStream::new() } else { beside(&args, &item, mount) };
    let errors = errors.into_tokens();
    quote!(#user #errors #beside #note)
}

/// Emits the struct and its implementation of `Function`.
fn beside(args: &Args, item: &Item, mount: TokenStream) -> TokenStream {
    let (vis, ident) = (&item.vis, &item.ident);
    let omnifn = private(args, Span::call_site());
    let (name, _) = args::name_of(ident, args.name.as_ref());
    let trigger = args.triggers.tokens(&args.options, &omnifn).unwrap_or_else(|| {
        let routes = routes(args);
        quote!(#omnifn::Trigger::Http(#omnifn::HttpTrigger { routes: &[#(#routes),*] }))
    });
    let (options, deploy) = (args.options.options(&omnifn), args.options.deploy(&omnifn));
    let (grants, secrets) = (args.grants.grants(&omnifn), args.grants.secrets());
    let cfgs = cfgs(item);
    let doc = format!(" The function `{name}`, as `omnifn::main!` and `App::function` take it.");
    quote! {
        #(#cfgs)*
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
        #vis struct #ident {}

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl #omnifn::Function for #ident {
            const SPEC: &'static #omnifn::Spec = &#omnifn::Spec {
                name: #name,
                trigger: #trigger,
                options: #options,
                deploy: #deploy,
                grants: #grants,
                secrets: #secrets,
                location: #omnifn::Location { module: ::core::module_path!(), file: ::core::file!(), line: ::core::line!() },
            };
            fn mount(self) -> #omnifn::Mount {
                #mount
            }
        }
    }
}

/// Emits the note in the binary, which the compiler generates from the same `SPEC` that the program runs with.
fn note(args: &Args, item: &Item) -> TokenStream {
    let (omnifn, ident) = (private(args, Span::call_site()), &item.ident);
    let cfgs = cfgs(item);
    quote! {
        #(#cfgs)*
        #omnifn::note!(function, <#ident as #omnifn::Function>::SPEC);
    }
}

/// Returns the `cfg` attributes of the fn, which also apply to everything beside it.
fn cfgs(item: &Item) -> Vec<&Attribute> {
    item.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}

/// Returns each path with its methods.
fn routes(args: &Args) -> Vec<TokenStream> {
    let omnifn = private(args, Span::call_site());
    if args.routes.is_empty() {
        return vec![quote!(#omnifn::Route { methods: #omnifn::Methods::ANY, path: ::core::option::Option::None })];
    }
    let mut paths: Vec<(&syn::LitStr, Vec<Ident>)> = Vec::new();
    for route in &args.routes {
        let method = Ident::new(&route.method.to_string().to_uppercase(), Span::call_site());
        match paths.iter_mut().find(|(path, _)| path.value() == route.path.value()) {
            Some((_, methods)) => methods.push(method),
            None => paths.push((&route.path, vec![method])),
        }
    }
    let route = |(path, methods): (&syn::LitStr, Vec<Ident>)| {
        let (first, more) = (&methods[0], &methods[1..]);
        quote! {
            #omnifn::Route {
                methods: #omnifn::Methods::#first #(.and(#omnifn::Methods::#more))*,
                path: ::core::option::Option::Some(#path),
            }
        }
    };
    paths.into_iter().map(route).collect()
}

fn mount(args: &Args, item: &Item, model: &Model<'_>) -> TokenStream {
    match model {
        Model::Handler(inputs) => handler(args, item, inputs),
        Model::Events(INVOKE, inputs) => invoke(args, item, inputs),
        Model::Events(class, inputs) => events(args, item, *class, inputs),
        Model::Service(inputs) => service(args, item, inputs),
    }
}

/// Emits the arguments, the call, and the response. Each has the span of the user's type, so that errors point at it.
fn handler(args: &Args, item: &Item, inputs: &[&Type]) -> TokenStream {
    let ident = &item.ident;
    // The names are hygienic, so that none of them hides the fn, whatever its name is.
    let own = |name: &str, at: Span| Ident::new(name, Span::mixed_site().located_at(at));
    let [request, head, body] = ["request", "head", "body"].map(|name| own(name, Span::call_site()));
    let names: Vec<_> = inputs.iter().enumerate().map(|(i, ty)| own(&format!("arg{i}"), ty.span())).collect();
    let arguments = inputs.iter().zip(&names).enumerate().map(|(i, (ty, name))| {
        let omnifn = private(args, ty.span());
        if i + 1 < inputs.len() {
            quote_spanned!(ty.span()=> let #name: #ty = #omnifn::head(&mut #head).await?;)
        } else {
            quote_spanned!(ty.span()=> let #name: #ty = #omnifn::body(#head, #body).await?;)
        }
    });
    let parts = match inputs.len() {
        0 => quote!(let _ = #request;),
        1 => quote!(let (#head, #body) = #request.into_parts();),
        _ => quote!(let (mut #head, #body) = #request.into_parts();),
    };
    let answer = match &item.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => ident.span(),
    };
    let reply = {
        let omnifn = private(args, answer);
        quote_spanned! {answer=>
            ::core::result::Result::Ok(
                (&mut &mut &mut &mut &mut #omnifn::ReturnValue::new(#ident(#(#names),*).await)).omnifn_response()
            )
        }
    };
    let handler = {
        let omnifn = private(args, ident.span());
        quote_spanned!(ident.span()=> #omnifn::Mount::handler(|#request| #omnifn::send(async move { #parts #(#arguments)* #reply })))
    };
    let (omnifn, needs) = (private(args, Span::call_site()), needs(args, inputs));
    quote! {
        #[allow(unused_imports)]
        use #omnifn::{TakesOther as _, TakesState as _, ResponseFromFunctionError as _, ResponseFromError as _, ResponseFallback as _, ResponseFromValue as _, ResponseFromText as _};
        #handler #needs
    }
}

/// Emits the arguments from the event, the call, and the outcome. A function with a `Batch` takes all records of a delivery.
fn events(args: &Args, item: &Item, class: Class, inputs: &[&Type]) -> TokenStream {
    let ident = &item.ident;
    let is_batch = inputs.iter().any(|ty| types::batched(ty).is_some());
    let own = |name: &str, at: Span| Ident::new(name, Span::mixed_site().located_at(at));
    let event = own(if is_batch { "records" } else { "event" }, Span::call_site());
    let [context, incoming] = ["context", "incoming"].map(|name| own(name, Span::call_site()));
    let names: Vec<_> = inputs.iter().enumerate().map(|(i, ty)| own(&format!("arg{i}"), ty.span())).collect();
    let arguments = inputs.iter().zip(&names).map(|(ty, name)| {
        let omnifn = private(args, ty.span());
        let class = Ident::new(class.variant, ty.span());
        quote_spanned!(ty.span()=> let #name: #ty = #omnifn::argument::<#omnifn::class::#class, _>(&mut #incoming)?;)
    });
    let answer = match &item.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => ident.span(),
    };
    let done = {
        let omnifn = private(args, answer);
        let given = quote_spanned!(answer=> #omnifn::ReturnValue::new(#ident(#(#names),*).await));
        match is_batch {
            true => quote_spanned!(answer=> #incoming.outcomes((&mut &mut &mut &mut &mut #given).omnifn_outcomes())),
            false => quote_spanned!(answer=> (&mut &mut &mut #given).omnifn_done()),
        }
    };
    let omnifn = private(args, Span::call_site());
    let incoming = match (inputs.is_empty(), is_batch) {
        (true, _) => quote!(let _ = (#event, #context);),
        (false, true) => quote!(let mut #incoming = #omnifn::Incoming::batch(#event, #context);),
        (false, false) => quote!(let mut #incoming = #omnifn::Incoming::new(#event, #context);),
    };
    let handler = {
        let omnifn = private(args, ident.span());
        let mount = Ident::new(if is_batch { "batches" } else { "events" }, ident.span());
        quote_spanned!(ident.span()=> #omnifn::Mount::#mount(|#event, #context| #omnifn::deliver(async move {
            #incoming #(#arguments)* #done
        })))
    };
    let choices = match is_batch {
        true => quote! {
            OutcomesFromFunctionErrors as _, OutcomesFromRecordErrors as _, OutcomesFromBatchError as _, OutcomesFromErrors as _, OutcomesFallback as _
        },
        false => quote!(DoneFromFunctionError as _, DoneFromError as _, DoneFallback as _),
    };
    let needs = needs(args, inputs);
    quote! {
        #[allow(unused_imports)]
        use #omnifn::{TakesOther as _, TakesState as _, #choices};
        #handler #needs
    }
}

/// Emits the arguments from the payload, the call, and the result.
fn invoke(args: &Args, item: &Item, inputs: &[&Type]) -> TokenStream {
    let ident = &item.ident;
    let own = |name: &str, at: Span| Ident::new(name, Span::mixed_site().located_at(at));
    let [payload, context, invoked] = ["payload", "context", "invoked"].map(|name| own(name, Span::call_site()));
    let names: Vec<_> = inputs.iter().enumerate().map(|(i, ty)| own(&format!("arg{i}"), ty.span())).collect();
    let arguments = inputs.iter().zip(&names).map(|(ty, name)| {
        let omnifn = private(args, ty.span());
        quote_spanned!(ty.span()=> let #name: #ty = #omnifn::from_payload(&mut #invoked)?;)
    });
    let answer = match &item.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => ident.span(),
    };
    let result = {
        let omnifn = private(args, answer);
        quote_spanned!(answer=> (&mut &mut &mut #omnifn::ReturnValue::new(#ident(#(#names),*).await)).omnifn_result())
    };
    let invoked = match inputs.is_empty() {
        true => quote!(let _ = (#payload, #context);),
        false => {
            let omnifn = private(args, Span::call_site());
            quote!(let mut #invoked = #omnifn::Invoked::new(#payload, #context);)
        }
    };
    let handler = {
        let omnifn = private(args, ident.span());
        quote_spanned!(ident.span()=> #omnifn::Mount::invoke(|#payload, #context| #omnifn::invoke(async move {
            #invoked #(#arguments)* #result
        })))
    };
    let (omnifn, needs) = (private(args, Span::call_site()), needs(args, inputs));
    quote! {
        #[allow(unused_imports)]
        use #omnifn::{
            TakesOther as _, TakesState as _, ResultFromFunctionError as _, ResultFromError as _, ResultFallback as _,
        };
        #handler #needs
    }
}

/// Emits the arguments from the state and the environment, the call, and the service.
fn service(args: &Args, item: &Item, inputs: &[&Type]) -> TokenStream {
    let ident = &item.ident;
    let own = |name: &str, at: Span| Ident::new(name, Span::mixed_site().located_at(at));
    let startup = own(if inputs.is_empty() { "_startup" } else { "startup" }, Span::call_site());
    let names: Vec<_> = inputs.iter().enumerate().map(|(i, ty)| own(&format!("arg{i}"), ty.span())).collect();
    let arguments = inputs.iter().zip(&names).map(|(ty, name)| {
        let omnifn = private(args, ty.span());
        quote_spanned!(ty.span()=> let #name: #ty = #omnifn::startup(&#startup)?;)
    });
    let answer = match &item.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => ident.span(),
    };
    let awaited = if item.is_async { quote_spanned!(answer=> .await) } else { TokenStream::new() };
    let made = {
        let omnifn = private(args, answer);
        quote_spanned!(answer=> (&mut &mut #omnifn::ReturnValue::new(#ident(#(#names),*) #awaited)).omnifn_service())
    };
    let (omnifn, needs) = (private(args, Span::call_site()), needs(args, inputs));
    quote! {
        #[allow(unused_imports)]
        use #omnifn::{TakesOther as _, TakesState as _, ServiceFromResult as _, ServiceFromValue as _};
        #omnifn::Mount::made(|#startup| async move { #(#arguments)* #made }) #needs
    }
}

/// Emits the states that the arguments take, so that a missing one is reported when the program starts.
fn needs(args: &Args, inputs: &[&Type]) -> TokenStream {
    let of_argument = inputs.iter().filter(|ty| !types::takes_no_state(ty)).map(|ty| {
        let omnifn = private(args, ty.span());
        quote_spanned! {ty.span()=>
            .needs((&&#omnifn::Argument::<#ty>::new()).omnifn_state())
        }
    });
    quote!(#(#of_argument)*)
}

/// Emits the mount of a function that has errors, so that the compiler reports no others than these.
fn uncalled(args: &Args) -> TokenStream {
    let omnifn = private(args, Span::call_site());
    quote!(#omnifn::uncalled())
}

/// Returns the path of the names for generated code. Errors in it are reported at `span`.
fn private(args: &Args, span: Span) -> TokenStream {
    let omnifn = args.omnifn.to_token_stream();
    let omnifn: TokenStream = omnifn
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect();
    quote_spanned!(span=> #omnifn::__private)
}
