//! Whom a query is about. In come ids, filters or a club's slug; out goes one request header, or an error before anything is sent.

use reqwest::header::{HeaderName, HeaderValue};

use crate::{ApiSpec, CustomerGrammar, Error, Header, settings::Settings};

/// The customers that queries are about.
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

    /// Several customers. How many a header may hold is limited; building the client fails for more.
    pub fn ids(ids: impl IntoIterator<Item = i64>) -> Self {
        Self(Choice::Ids(ids.into_iter().collect()))
    }

    /// All customers that the token may see.
    pub fn all() -> Self {
        Self(Choice::All)
    }

    /// The customers that a filter lets through; more filters that must hold as well are added by [`CustomerFilter::and`].
    pub fn filter(name: impl Into<String>, value: impl Into<String>) -> CustomerFilter {
        CustomerFilter(vec![(name.into(), value.into())])
    }

    /// The customer of the loyalty club with that slug.
    pub fn loyalty_club(slug: impl Into<String>) -> Self {
        Self(Choice::LoyaltyClub(slug.into()))
    }

    /// The header that says it.
    pub(crate) fn header(&self, settings: &Settings) -> Result<(HeaderName, HeaderValue), Error> {
        let spec = settings.spec;
        let grammar = &spec.customers;
        let (header, text) = match &self.0 {
            Choice::Ids(ids) => (&spec.headers.customer, ids_text(ids, settings)?),
            Choice::All => (&spec.headers.customer, grammar.all.to_owned()),
            Choice::Filter(filters) => (&spec.headers.customer, filter_text(filters, grammar)?),
            Choice::LoyaltyClub(slug) => (&spec.headers.loyalty_club_slug, slug.clone()),
        };
        if text.is_empty() || text.trim() != text {
            return Err(refused("the loyalty club's slug is empty, or begins or ends with white space"));
        }
        Ok((header_name(header)?, header_value("customers", &text)?))
    }

    /// The assumption that the header rests on.
    pub(crate) fn rests_on(&self, spec: &ApiSpec) -> Option<&'static str> {
        matches!(&self.0, Choice::Ids(ids) if ids.len() > 1).then_some(spec.customers.several_prefixed.assumption)?
    }
}

/// Filters that choose customers, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerFilter(Vec<(String, String)>);

impl CustomerFilter {
    /// Only customers that this filter lets through as well.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }
}

impl From<CustomerFilter> for Customers {
    fn from(filter: CustomerFilter) -> Self {
        Self(Choice::Filter(filter.0))
    }
}

fn refused(problem: impl Into<String>) -> Error {
    Error::configuration("customers", problem)
}

fn ids_text(ids: &[i64], settings: &Settings) -> Result<String, Error> {
    let grammar = &settings.spec.customers;
    if ids.is_empty() {
        return Err(refused("no id was given; for all customers that the token may see use `Customers::all()`"));
    }
    if ids.len() >= usize::try_from(grammar.fewer_than).unwrap_or(usize::MAX) {
        let problem = "ids are too many for a header, which must hold fewer than";
        let (count, most) = (ids.len(), grammar.fewer_than);
        return Err(refused(format!(
            "{count} {problem} {most}; use `Customers::filter` or `Customers::all()`, or several clients"
        )));
    }
    if let Some(id) = ids.iter().find(|id| **id <= 0) {
        return Err(refused(format!("{id} is no id of a customer; ids are whole numbers from one")));
    }
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let prefix = if ids.len() == 1 || settings.get(grammar.several_prefixed) { grammar.id_prefix } else { "" };
    Ok(format!("{prefix}{}", ids.join(grammar.id_separator)))
}

fn filter_text(filters: &[(String, String)], grammar: &CustomerGrammar) -> Result<String, Error> {
    let mut pairs = Vec::new();
    for (name, value) in filters {
        if name.trim().is_empty() || value.trim().is_empty() {
            return Err(refused("a filter needs a name and a value"));
        }
        // A header's value is trimmed on its way.
        if let Some(part) = [name, value].into_iter().find(|part| part.trim() != **part) {
            return Err(refused(format!("`{part}` begins or ends with white space")));
        }
        // Either sign inside a part would make another filter of it.
        if let Some(part) = [name, value].into_iter().find(|part| part.contains(grammar.filter_separator) || part.contains('=')) {
            return Err(refused(format!(
                "`{part}` holds `{}` or `=`, which would change the filter's meaning",
                grammar.filter_separator
            )));
        }
        let pair = format!("{name}={value}");
        if pair.starts_with(grammar.id_prefix) || pair == grammar.all {
            return Err(refused(format!("`{pair}` is no filter; use `Customers::id`, `Customers::ids` or `Customers::all`")));
        }
        pairs.push(pair);
    }
    Ok(pairs.join(grammar.filter_separator))
}

/// A header name of the API's description.
pub(crate) fn header_name(header: &Header) -> Result<HeaderName, Error> {
    HeaderName::from_bytes(header.name.as_bytes())
        .map_err(|_| Error::configuration("headers", format!("`{}` is no header name", header.name)))
}

/// A header value that is no secret. How a server reads other characters than ASCII in a header is not known, so none are sent.
pub(crate) fn header_value(what: &'static str, text: &str) -> Result<HeaderValue, Error> {
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
    value
        .ok_or_else(|| Error::configuration(what, format!("{text:?} cannot stand in a header, which holds printable ASCII only")))
}
