//! How the program reaches an API: the model that describes it, its URL, the token and the customers.
//!
//! A flag counts before an environment variable, and that before a profile of the config file. The token is never an argument: other users of
//! the machine see those.

use std::path::PathBuf;

use clap::ValueHint;
use placewise_model::exit::Failure;
use placewise_model::{Setting, shell_option};
use placewise_reporting::{AnyApi, ApiClient, BucketState, ClientBuilder, Customers, Json, RateLimiter};

use crate::api::{self, Api};
use crate::completions;
use crate::config::{self, Chosen};
use crate::explain::explain;
use crate::limiter;
use crate::settings::{Profile, Secret, Sharing, Source, TokenFrom, read_customers};
use crate::terminal::{self, printable};

/// What chooses the API.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct ApiArguments {
    /// Model of another API: a `model.json` of the generator
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    model: Option<PathBuf>,
    /// Profile of the config file [env: PLACEWISE_PROFILE] [default: default]
    #[arg(long, value_name = "NAME", add = completions::profiles(), help_heading = "Connection")]
    profile: Option<String>,
    /// Config file with profiles [env: PLACEWISE_CONFIG] [default: placewise/config.toml in the system's folder of settings]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    config: Option<PathBuf>,
}

impl ApiArguments {
    /// The profile that they choose.
    pub(crate) fn profile(&self) -> Result<Chosen, Failure> {
        config::choose(self.config.as_deref(), self.profile.as_deref())
    }

    /// The file of the model; none for the program's own.
    pub(crate) fn model(&self) -> Result<Option<PathBuf>, Failure> {
        api::model_file(self.model.as_deref(), self.config.as_deref(), self.profile.as_deref())
    }

    /// The API.
    pub(crate) fn api(&self) -> Result<Api, Failure> {
        Api::read(self.model()?.as_deref())
    }

    /// A command with the choice repeated.
    pub(crate) fn repeated(&self, command: &str) -> String {
        let flags = [
            ("model", self.model.as_ref().map(|path| path.display().to_string())),
            ("profile", self.profile.clone()),
            ("config", self.config.as_ref().map(|path| path.display().to_string())),
        ];
        flags.into_iter().fold(command.to_owned(), |command, (name, value)| match value {
            Some(value) => format!("{command} {}", shell_option(name, &printable(&value))),
            None => command,
        })
    }
}

#[derive(clap::Args, Clone, Default)]
pub(crate) struct ConnectionArguments {
    /// Base URL of the API [env: PLACEWISE_URL]
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    url: Option<String>,
    /// File that holds the token; without it, the token is PLACEWISE_TOKEN of the environment
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    token_file: Option<PathBuf>,
    /// Customers: `1,2`, `all`, `slug:north-mall` or `region=north` [env: PLACEWISE_CUSTOMERS]
    #[arg(long, value_name = "CUSTOMERS", help_heading = "Connection")]
    customers: Option<String>,
    /// Name of your product, as agreed with the vendor [env: PLACEWISE_PRODUCT]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    product: Option<String>,
    /// File through which runs share the rate limit, or `off` [env: PLACEWISE_RATE_LIMITER] [default: in the system's folder of caches]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Connection")]
    rate_limiter: Option<String>,
    #[command(flatten)]
    api: ApiArguments,
    /// Override an assumption. The value is JSON or plain text
    #[arg(long, value_name = "ID=VALUE", add = completions::assumptions(), help_heading = "Connection")]
    assume: Vec<String>,
}

impl ConnectionArguments {
    fn settings(&self) -> Profile {
        Profile {
            url: self.url.clone(),
            token: self.token_file.clone().map(TokenFrom::File),
            customers: self.customers.clone(),
            product: self.product.clone(),
            zone: None,
            model: self.api.model.clone(),
            rate_limiter: self.rate_limiter.as_deref().map(Sharing::read),
        }
    }
}

/// A connection that is set up, but not checked.
pub(crate) struct Connection {
    pub api: Api,
    pub profile: Profile,
    assume: Vec<(String, Json)>,
    /// The settings by their source, first the one that counts first.
    layers: [(Source, Profile); 3],
    pub chosen: Chosen,
}

impl Connection {
    /// The connection of the arguments, the environment and the config file.
    pub(crate) fn of(arguments: &ConnectionArguments) -> Result<Self, Failure> {
        let chosen = arguments.api.profile()?;
        let environment = Profile::of_environment(|name| std::env::var(name).ok());
        let layers =
            [(Source::Flag, arguments.settings()), (Source::Environment, environment), (Source::Profile, chosen.profile.clone())];
        let profile = layers.iter().fold(Profile::default(), |profile, (_, layer)| profile.or(layer.clone()));
        let assume = arguments.assume.iter().map(|assume| assumption(assume)).collect::<Result<_, _>>()?;
        Ok(Self { api: Api::read(profile.model.as_deref())?, profile, assume, layers, chosen })
    }

    /// Where a setting comes from; none if it is not set.
    pub(crate) fn source<T>(&self, setting: impl Fn(&Profile) -> &Option<T>) -> Option<Source> {
        self.layers.iter().find(|(_, layer)| setting(layer).is_some()).map(|(source, _)| *source)
    }

    /// The client, with the limiter that runs share. The error lists everything that is missing.
    pub(crate) fn client(&self) -> Result<ApiClient<AnyApi>, Failure> {
        let limiter = |secret: &Secret| match self.limiter_file(secret).map(|file| limiter::open(&file)) {
            None => RateLimiter::new(),
            Some(Ok(limiter)) => limiter,
            Some(Err(problem)) => {
                terminal::warning(&format!("the rate limit is not shared with other runs: {problem}, or set --rate-limiter off"));
                RateLimiter::new()
            }
        };
        self.client_with(limiter)
    }

    /// The file through which runs with this token share the rate limit.
    fn limiter_file(&self, secret: &Secret) -> Option<PathBuf> {
        limiter::file(self.profile.rate_limiter.as_ref(), self.profile.url.as_deref().unwrap_or_default(), secret)
    }

    /// The same, if the token is set and can be read.
    pub(crate) fn shared_file(&self) -> Option<PathBuf> {
        self.limiter_file(&self.profile.token.as_ref()?.read().ok()?)
    }

    /// The bucket as earlier runs left it; none if the connection is incomplete or nothing is known.
    pub(crate) fn bucket(&self) -> Option<BucketState> {
        let file = self.shared_file().filter(|file| file.exists())?;
        let limiter = limiter::open(&file).ok()?;
        self.client_with(|_| limiter).ok()?.bucket()
    }

    /// A client with a transport of its own, and a limiter of its own.
    pub(crate) fn client_through(&self, transport: impl placewise_reporting::Transport) -> Result<ApiClient<AnyApi>, Failure> {
        let builder = self.ready(|_| RateLimiter::new())?.transport(transport);
        builder.build().map_err(|error| Failure::CannotRun(explain(&error)))
    }

    fn client_with(&self, limiter: impl FnOnce(&Secret) -> RateLimiter) -> Result<ApiClient<AnyApi>, Failure> {
        self.ready(limiter)?.build().map_err(|error| Failure::CannotRun(explain(&error)))
    }

    fn ready(&self, limiter: impl FnOnce(&Secret) -> RateLimiter) -> Result<ClientBuilder<ApiClient<AnyApi>>, Failure> {
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
            return Err(Failure::CannotRun(format!(
                "not set by a flag, the environment or a profile:\n  {}",
                missing.join("\n  ")
            )));
        }
        let secret = token.as_ref().map_or_else(|| Ok(Secret::new("")), TokenFrom::read)?;
        Ok(self.builder()?.base_url(url.clone().unwrap_or_default()).rate_limiter(limiter(&secret)).token(secret.token))
    }

    /// The overrides of assumptions.
    pub(crate) fn assumed(&self) -> &[(String, Json)] {
        &self.assume
    }

    /// A client for `plan`: what is missing is made up, and the transport sends nothing.
    pub(crate) fn planner(&self, transport: impl placewise_reporting::Transport) -> Result<ApiClient<AnyApi>, Failure> {
        let builder = self.builder()?.base_url("http://localhost").token("plan").transport(transport);
        builder.build().map_err(|error| Failure::CannotRun(explain(&error)))
    }

    /// The customers; all if none are named.
    pub(crate) fn customers(&self) -> Result<Customers, Failure> {
        self.profile.customers.as_deref().map_or_else(|| Ok(Customers::all()), read_customers)
    }

    /// The customers in as many batches as their ids need. The client has the first.
    pub(crate) fn batches(&self) -> Result<Vec<Customers>, Failure> {
        Ok(self.customers()?.batches(self.api.registry.spec()))
    }

    fn builder(&self) -> Result<ClientBuilder<ApiClient<AnyApi>>, Failure> {
        let first = self.batches()?.into_iter().next().unwrap_or(Customers::all());
        let mut builder = ApiClient::<AnyApi>::builder_for(self.api.registry.spec())
            .customers(first)
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

    /// Whether an assumption is overridden.
    pub(crate) fn overrides(&self, id: Option<&str>) -> bool {
        self.overridden(id).is_some()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_at_once() {
        let connection = Connection {
            api: Api::read(None).expect("the own model"),
            profile: Profile::default(),
            assume: Vec::new(),
            layers: [Source::Flag, Source::Environment, Source::Profile].map(|source| (source, Profile::default())),
            chosen: Chosen::default(),
        };
        let Err(Failure::CannotRun(message)) = connection.client() else { panic!("a client") };
        for flag in ["--url", "--token-file", "--customers", "--product"] {
            assert!(message.contains(flag), "{message}");
        }
    }
}
