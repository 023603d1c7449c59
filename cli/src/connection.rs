//! How the program reaches an API: the model that describes it, its URL, the token and the customers.
//!
//! A flag counts before an environment variable, and that before a profile. An empty variable counts as unset. The token is never an argument:
//! other users of the machine see those.

use std::path::{Path, PathBuf};

use placewise_model::exit::Failure;
use placewise_model::{Model, Setting};
use placewise_reporting::{AnyApi, ApiClient, ClientBuilder, Customers, Json, MODEL, Registry, Token};

use crate::explain::explain;
use crate::terminal::printable;

#[derive(clap::Args, Clone, Default)]
pub(crate) struct ConnectionArguments {
    /// Base URL of the API [env: PLACEWISE_URL]
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    url: Option<String>,
    /// File that holds the token; without it, the token is PLACEWISE_TOKEN of the environment
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    token_file: Option<PathBuf>,
    /// Customers: `1,2`, `all`, `slug:north-mall` or `region=north` [env: PLACEWISE_CUSTOMERS]
    #[arg(long, value_name = "CUSTOMERS", help_heading = "Connection")]
    customers: Option<String>,
    /// Name of your product, as agreed with the vendor [env: PLACEWISE_PRODUCT]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    product: Option<String>,
    /// Model of another API: a `model.json` of the generator
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    model: Option<PathBuf>,
    /// Override an assumption. The value is JSON or plain text
    #[arg(long, value_name = "ID=VALUE", help_heading = "Connection")]
    assume: Vec<String>,
}

/// The settings of a connection, each of which may be missing.
#[derive(Clone, Default)]
pub(crate) struct Profile {
    pub url: Option<String>,
    pub token: Option<TokenFrom>,
    pub customers: Option<String>,
    pub product: Option<String>,
    pub zone: Option<String>,
}

/// Where the token is.
#[derive(Clone)]
pub(crate) enum TokenFrom {
    File(PathBuf),
    Environment(Token),
}

impl Profile {
    /// These settings, and those of another profile where they are missing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            url: self.url.or(other.url),
            token: self.token.or(other.token),
            customers: self.customers.or(other.customers),
            product: self.product.or(other.product),
            zone: self.zone.or(other.zone),
        }
    }

    fn of_flags(arguments: &ConnectionArguments) -> Self {
        Self {
            url: arguments.url.clone(),
            token: arguments.token_file.clone().map(TokenFrom::File),
            customers: arguments.customers.clone(),
            product: arguments.product.clone(),
            zone: None,
        }
    }

    fn of_environment(read: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| read(name).filter(|text| !text.trim().is_empty());
        Self {
            url: read("PLACEWISE_URL"),
            token: read("PLACEWISE_TOKEN").map(|text| TokenFrom::Environment(Token::new(text))),
            customers: read("PLACEWISE_CUSTOMERS"),
            product: read("PLACEWISE_PRODUCT"),
            zone: None,
        }
    }
}

/// An API as its model describes it.
#[derive(Debug)]
pub(crate) struct Api {
    pub registry: &'static Registry,
    pub model: Model,
}

impl Api {
    /// The API of a model, or the program's own.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Self::of(MODEL).map_err(Failure::CannotRun) };
        let shown = printable(&path.display().to_string());
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::CannotRun(format!("cannot read `{shown}`: {error}")))?;
        Self::of(&text).map_err(|problem| Failure::CannotRun(format!("`{shown}` is no model: {problem}")))
    }

    fn of(text: &str) -> Result<Self, String> {
        let model = serde_json::from_str(text).map_err(|error| printable(&error.to_string()))?;
        Ok(Self { registry: Registry::from_model(text).map_err(|error| explain(&error))?, model })
    }
}

/// A connection that is set up, but not checked.
pub(crate) struct Connection {
    pub api: Api,
    pub profile: Profile,
    assume: Vec<(String, Json)>,
}

impl Connection {
    /// The connection of the arguments and the environment.
    pub(crate) fn of(arguments: &ConnectionArguments) -> Result<Self, Failure> {
        let profile = Profile::of_flags(arguments).or(Profile::of_environment(|name| std::env::var(name).ok()));
        let assume = arguments.assume.iter().map(|assume| assumption(assume)).collect::<Result<_, _>>()?;
        Ok(Self { api: Api::read(arguments.model.as_deref())?, profile, assume })
    }

    /// The client. The error lists everything that is missing.
    pub(crate) fn client(&self) -> Result<ApiClient<AnyApi>, Failure> {
        let Profile { url, token, customers, product, .. } = &self.profile;
        let required = self.api.registry.spec().headers.product_name_required;
        let missing: Vec<&str> = [
            (url.is_none(), "the URL of the API: --url or PLACEWISE_URL"),
            (token.is_none(), "the token: --token-file or PLACEWISE_TOKEN"),
            (customers.is_none(), "the customers: --customers or PLACEWISE_CUSTOMERS, for example `1`, `1,2` or `all`"),
            (product.is_none() && required, "the name of your product: --product or PLACEWISE_PRODUCT"),
        ]
        .into_iter()
        .filter_map(|(missing, what)| missing.then_some(what))
        .collect();
        if !missing.is_empty() {
            return Err(Failure::CannotRun(format!("not set:\n  {}", missing.join("\n  "))));
        }
        let token = match token {
            Some(TokenFrom::File(path)) => read_token(path)?,
            Some(TokenFrom::Environment(token)) => token.clone(),
            None => Token::new(""),
        };
        let builder = self.builder()?.base_url(url.clone().unwrap_or_default()).token(token);
        builder.build().map_err(|error| Failure::CannotRun(explain(&error)))
    }

    /// A client for `plan`: what is missing is made up, and the transport sends nothing.
    pub(crate) fn planner(&self, transport: impl placewise_reporting::Transport) -> Result<ApiClient<AnyApi>, Failure> {
        let builder = self.builder()?.base_url("http://localhost").token("plan").transport(transport);
        builder.build().map_err(|error| Failure::CannotRun(explain(&error)))
    }

    fn builder(&self) -> Result<ClientBuilder<ApiClient<AnyApi>>, Failure> {
        let customers = self.profile.customers.as_deref().map_or_else(|| Ok(Customers::all()), read_customers)?;
        let mut builder = ApiClient::<AnyApi>::builder_for(self.api.registry.spec())
            .customers(customers)
            .user_agent(concat!("placewise/", env!("CARGO_PKG_VERSION")));
        builder = builder.product_name(self.profile.product.as_deref().unwrap_or("placewise"));
        for (id, value) in &self.assume {
            builder = builder.assume(id.as_str(), value.clone());
        }
        Ok(builder)
    }

    /// The text of a setting, with its override.
    pub(crate) fn text<'a>(&'a self, setting: &'a Setting<String>) -> &'a str {
        self.overridden(setting.assumption.as_deref()).and_then(Json::as_str).unwrap_or(&setting.value)
    }

    /// A cost, with its override.
    pub(crate) fn tokens(&self, setting: &Setting<u32>) -> u32 {
        let over = self.overridden(setting.assumption.as_deref()).and_then(Json::as_u64);
        over.and_then(|tokens| u32::try_from(tokens).ok()).unwrap_or(setting.value)
    }

    fn overridden(&self, id: Option<&str>) -> Option<&Json> {
        self.assume.iter().rev().find(|(of, _)| Some(of.as_str()) == id).map(|(_, value)| value)
    }

    /// What the answers depend on besides the query: URL and customers.
    pub(crate) fn scope(&self) -> String {
        let text = |setting: &Option<String>| setting.as_deref().unwrap_or_default().trim().to_owned();
        format!("{} {}", text(&self.profile.url).trim_end_matches('/'), text(&self.profile.customers))
    }
}

/// An override: `id=value`.
fn assumption(text: &str) -> Result<(String, Json), Failure> {
    let Some((id, value)) = text.split_once('=') else {
        let text = printable(text);
        return Err(Failure::CannotRun(format!("`--assume {text}` has no `=`; write for example `--assume cursor-key=after`")));
    };
    Ok((id.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Json::from(value))))
}

fn read_token(path: &Path) -> Result<Token, Failure> {
    let shown = printable(&path.display().to_string());
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Failure::CannotRun(format!("cannot read the token file `{shown}`: {error}")))?;
    match text.trim() {
        "" => Err(Failure::CannotRun(format!("the token file `{shown}` is empty"))),
        token => Ok(Token::new(token)),
    }
}

/// `1,2`, `all`, `slug:north-mall`, or `region=north` with more filters after commas.
fn read_customers(text: &str) -> Result<Customers, Failure> {
    let text = text.trim();
    let wrong = |problem: &str| {
        let text = printable(text);
        let forms = "write `1`, `1,2`, `all`, `slug:north-mall` or `region=north`";
        Failure::CannotRun(format!("--customers: `{text}` {problem}; {forms}"))
    };
    if text == "all" {
        return Ok(Customers::all());
    }
    if let Some(slug) = text.strip_prefix("slug:") {
        return Ok(Customers::loyalty_club(slug));
    }
    let parts = || text.split(',').map(str::trim);
    if !text.contains('=') {
        let ids: Result<Vec<i64>, _> = parts().map(str::parse).collect();
        return ids.map(Customers::ids).map_err(|_| wrong("is no list of customer ids"));
    }
    let mut pairs = parts().map(|part| part.split_once('=').ok_or_else(|| wrong("has a part without `=`")));
    let Some(first) = pairs.next() else { return Err(wrong("is empty")) };
    let (name, value) = first?;
    let mut filter = Customers::filter(name, value);
    for pair in pairs {
        let (name, value) = pair?;
        filter = filter.and(name, value);
    }
    Ok(filter.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_counts_before_the_environment_and_that_before_a_profile() {
        let named = |name: &str| Profile { url: Some(name.into()), ..Profile::default() };
        let environment = Profile::of_environment(|name| match name {
            "PLACEWISE_URL" => Some("environment".into()),
            "PLACEWISE_TOKEN" => Some("  ".into()),
            "PLACEWISE_PRODUCT" => Some("mine".into()),
            _ => None,
        });
        assert!(environment.token.is_none(), "an empty variable is unset");
        let profile = Profile { customers: Some("all".into()), zone: Some("Europe/Oslo".into()), ..named("profile") };
        let merged = environment.clone().or(profile.clone());
        assert_eq!((merged.url.as_deref(), merged.product.as_deref()), (Some("environment"), Some("mine")));
        assert_eq!((merged.customers.as_deref(), merged.zone.as_deref()), (Some("all"), Some("Europe/Oslo")));
        assert_eq!(named("flag").or(environment).or(profile).url.as_deref(), Some("flag"));
    }

    #[test]
    fn customers_are_read_in_every_form() {
        for (text, expected) in [
            ("7", Customers::id(7)),
            (" 1, 2 ", Customers::ids([1, 2])),
            ("all", Customers::all()),
            ("slug:north-mall", Customers::loyalty_club("north-mall")),
            ("region=north", Customers::filter("region", "north").into()),
            ("region=north, kind=mall", Customers::filter("region", "north").and("kind", "mall").into()),
        ] {
            assert_eq!(read_customers(text).ok(), Some(expected), "{text}");
        }
        for wrong in ["", "1,", "north", "region=north,mall", "1;2"] {
            assert!(read_customers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_is_named_at_once() {
        let connection =
            Connection { api: Api::read(None).expect("the own model"), profile: Profile::default(), assume: Vec::new() };
        let Err(Failure::CannotRun(message)) = connection.client() else { panic!("a client") };
        for flag in ["--url", "--token-file", "--customers", "--product"] {
            assert!(message.contains(flag), "{message}");
        }
    }
}
