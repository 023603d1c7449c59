//! The customers of a query, sent as one request header.

use std::collections::HashSet;

use reqwest::header::{HeaderName, HeaderValue};

use crate::facts::api::{ApiSpec, CustomerGrammar, Header};
use crate::{error::configuration::ConfigurationError, overrides::Overrides};

/// The customers of a query.
///
/// ```
/// use harbour_api::Customers;
///
/// let one = Customers::id(1000941);
/// assert_eq!(one, 1000941.into());
/// let several = Customers::ids([1000941, 1000942]);
/// let club = Customers::loyalty_club("north-mall");
/// let region = Customers::filter("region", "north").and("kind", "mall");
/// let all = Customers::all();
/// ```
#[must_use = "customers do nothing until they are passed to a client"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customers(Choice);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    Ids(Vec<i64>),
    All,
    Filter(Vec<(String, String)>),
    LoyaltyClub(String),
}

impl Customers {
    /// One customer.
    pub fn id(id: i64) -> Self {
        Self(Choice::Ids(vec![id]))
    }

    /// Several customers; one named twice counts once. The API limits their number in one request. Building a client fails for more;
    /// [`history`](crate::ApiClient::history) takes any number, and [`customer_batches`](crate::ApiClient::customer_batches) splits them.
    pub fn ids(ids: impl IntoIterator<Item = i64>) -> Self {
        let mut seen = HashSet::new();
        Self(Choice::Ids(ids.into_iter().filter(|id| seen.insert(*id)).collect()))
    }

    /// All customers that the token can access.
    pub fn all() -> Self {
        Self(Choice::All)
    }

    /// The customers that match a filter. [`CustomerFilter::and`] adds more filters.
    pub fn filter(name: impl Into<String>, value: impl Into<String>) -> CustomerFilter {
        CustomerFilter(vec![(name.into(), value.into())])
    }

    /// The customer of the loyalty club with this slug.
    pub fn loyalty_club(slug: impl Into<String>) -> Self {
        Self(Choice::LoyaltyClub(slug.into()))
    }

    /// The ids, if there are several.
    pub(crate) fn several(&self) -> Option<&[i64]> {
        Some(self.listed()).filter(|ids| ids.len() > 1)
    }

    /// The ids; none if the customers are chosen in another way.
    pub(crate) fn listed(&self) -> &[i64] {
        match &self.0 {
            Choice::Ids(ids) => ids,
            _ => &[],
        }
    }

    /// The same customers in batches of as many ids as one request may name. There is one batch of customers who are not listed by id. See
    /// [`customer_batches`](crate::ApiClient::customer_batches).
    pub fn batches(&self, spec: &ApiSpec) -> Vec<Self> {
        let Choice::Ids(ids) = &self.0 else { return vec![self.clone()] };
        let most = usize::try_from(spec.customers.fewer_than.saturating_sub(1)).unwrap_or(usize::MAX).max(1);
        if ids.is_empty() { vec![self.clone()] } else { ids.chunks(most).map(|ids| Self::ids(ids.iter().copied())).collect() }
    }

    /// The request header.
    pub(crate) fn header(&self, overrides: &Overrides) -> Result<(HeaderName, HeaderValue), ConfigurationError> {
        let spec = overrides.spec;
        let grammar = &spec.customers;
        let (header, text) = match &self.0 {
            Choice::Ids(ids) => (&spec.headers.customer, ids_text(ids, overrides)?),
            Choice::All => (&spec.headers.customer, grammar.all.to_owned()),
            Choice::Filter(filters) => (&spec.headers.customer, filter_text(filters, grammar)?),
            Choice::LoyaltyClub(slug) => (&spec.headers.loyalty_club_slug, slug.clone()),
        };
        if text.is_empty() || text.trim() != text {
            return Err(refused("the slug of the loyalty club is empty, or starts or ends with white space"));
        }
        Ok((header_name(header)?, header_value("customers", &text)?))
    }

    /// The owner of the bucket that pays: one customer, or the organization for several, all or a filter of them.
    pub(crate) fn bucket_owner(&self) -> String {
        match &self.0 {
            Choice::Ids(ids) if ids.len() == 1 => format!("customer {}", ids[0]),
            Choice::LoyaltyClub(slug) => format!("loyalty club {slug}"),
            Choice::Ids(_) | Choice::All | Choice::Filter(_) => "organization".to_owned(),
        }
    }

    /// The assumption behind the header.
    pub(crate) fn assumption(&self, spec: &ApiSpec) -> Option<&'static str> {
        matches!(&self.0, Choice::Ids(ids) if ids.len() > 1).then_some(spec.customers.several_prefixed.assumption)?
    }
}

/// Filters of customers, all of which must match.
#[must_use = "customers do nothing until they are passed to a client"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerFilter(Vec<(String, String)>);

impl CustomerFilter {
    /// Adds a filter.
    pub fn and(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }
}

/// One customer.
impl From<i64> for Customers {
    fn from(id: i64) -> Self {
        Self::id(id)
    }
}

impl From<CustomerFilter> for Customers {
    fn from(filter: CustomerFilter) -> Self {
        Self(Choice::Filter(filter.0))
    }
}

fn refused(problem: impl Into<String>) -> ConfigurationError {
    ConfigurationError::new("customers", problem)
}

fn ids_text(ids: &[i64], overrides: &Overrides) -> Result<String, ConfigurationError> {
    let grammar = &overrides.spec.customers;
    if ids.is_empty() {
        return Err(refused("no id; use `Customers::all()` for all customers that the token can access"));
    }
    if ids.len() >= usize::try_from(grammar.fewer_than).unwrap_or(usize::MAX) {
        let (count, most) = (ids.len(), grammar.fewer_than);
        let advice =
            "use `customer_batches`, `Customers::filter` or `Customers::all()`; for a timeseries, `history` takes any number";
        return Err(refused(format!("{count} ids are too many for the header, which takes fewer than {most}; {advice}")));
    }
    if let Some(id) = ids.iter().find(|id| **id <= 0) {
        return Err(refused(format!("`{id}` is not a customer id; ids are whole numbers from 1")));
    }
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let prefix = if ids.len() == 1 || overrides.get(grammar.several_prefixed) { grammar.id_prefix } else { "" };
    Ok(format!("{prefix}{}", ids.join(grammar.id_separator)))
}

fn filter_text(filters: &[(String, String)], grammar: &CustomerGrammar) -> Result<String, ConfigurationError> {
    let mut pairs = Vec::new();
    for (name, value) in filters {
        if name.trim().is_empty() || value.trim().is_empty() {
            return Err(refused("a filter needs a name and a value"));
        }
        // HTTP trims header values.
        if let Some(part) = [name, value].into_iter().find(|part| part.trim() != **part) {
            return Err(refused(format!("`{part}` starts or ends with white space")));
        }
        // Either character would change the filter.
        if let Some(part) = [name, value].into_iter().find(|part| part.contains(grammar.filter_separator) || part.contains('=')) {
            return Err(refused(format!(
                "`{part}` contains `{}` or `=`, which would change the meaning of the filter",
                grammar.filter_separator
            )));
        }
        let pair = format!("{name}={value}");
        if pair.starts_with(grammar.id_prefix) || pair == grammar.all {
            return Err(refused(format!("`{pair}` is not a filter; use `Customers::id`, `Customers::ids` or `Customers::all`")));
        }
        pairs.push(pair);
    }
    Ok(pairs.join(grammar.filter_separator))
}

/// The name of a header in the spec.
pub(crate) fn header_name(header: &Header) -> Result<HeaderName, ConfigurationError> {
    HeaderName::from_bytes(header.name.as_bytes())
        .map_err(|_| ConfigurationError::new("headers", format!("`{}` is not a header name", header.name)))
}

/// A header value that is not secret. It must be ASCII, because how the server reads other characters is unknown.
pub(crate) fn header_value(what: &'static str, text: &str) -> Result<HeaderValue, ConfigurationError> {
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
    value.ok_or_else(|| ConfigurationError::new(what, format!("{text:?} is not a header value; use printable ASCII only")))
}
